"""Checkpoints of the course that lab 1 comes from (ALPS 2021), read without trusting them.

They hold a dictionary of hyper-parameters with a pickled class and a pickled function of ``__main__``, so
today's ``torch.load`` refuses them, and rightly: a pickle may run any code. Here just these names are
allowed, and they are replaced by harmless markers; all else is refused.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from labkit.models.text_cnn import TextCNN


def _stand_in(name: str) -> type:
    """A class that can do nothing, for what the files call by this name in ``__main__``."""
    return type(name, (), {"__module__": "__main__"})


# What the files may name. Everything else stops the reading.
ALLOWED = (_stand_in("classifier"), _stand_in("two_layer_classifier"), nn.BCEWithLogitsLoss)


def load(path: str | Path) -> TextCNN:
    """Read a checkpoint of the original course into today's network, in eval mode.

    Its two-layer head had no nonlinearity between the layers; it is folded into the one linear layer
    that it is equal to: W = W1 W0, b = W1 b0 + b1.

    Raises:
        FileNotFoundError: no such file.
        ValueError: the file names something outside ``ALLOWED``, or holds no such checkpoint.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}; wanted a file (.pt) of the original course.")
    content = _read(path)
    if not isinstance(content, dict) or {"state_dict", "hyper_params"} - set(content):
        raise ValueError(f"{path} is not of the original course: wanted a dict with 'state_dict' and 'hyper_params'.")
    try:
        return _convert(content["state_dict"], content["hyper_params"])
    except (KeyError, RuntimeError) as error:  # an entry is missing, or a tensor has another shape
        raise ValueError(f"{path} is not as the original course wrote it: {error}") from error


def _read(path: Path) -> Any:
    """The content of a checkpoint that names nothing outside ``ALLOWED``."""
    allowed = ", ".join(f"{kind.__module__}.{kind.__name__}" for kind in ALLOWED)
    with torch.serialization.safe_globals(list(ALLOWED)):
        try:
            foreign = torch.serialization.get_unsafe_globals_in_checkpoint(path)
            content = None if foreign else torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # noqa: BLE001 - torch raises many kinds; all mean "not readable so"
            raise ValueError(
                f"{path} was not read ({type(error).__name__}): it is damaged, not by torch.save, or holds "
                f"more than tensors, plain values and {allowed}."
            ) from None  # torch's own message advises to load without the guard
    if foreign:
        raise ValueError(
            f"{path} was not read: it names {', '.join(sorted(foreign))}, and a pickle may call what it "
            f"names. Only {allowed} are allowed. Ask for the weights as a safetensors file."
        )
    return content


def _convert(old: dict[str, Tensor], params: dict[str, Any]) -> TextCNN:
    filters = params["filter_size_num"]
    model = TextCNN(
        vocabulary_size=old["e.weight"].shape[0],
        filters=filters,
        embedding_size=params["emb_dim"],
        k_max=params["k_max"],
        dropout=params["clf_do_0"] or 0.0,
        tune_embeddings=params["tune_embs"],
        padding_id=params["pad_idx"],
    )
    new = {"embedding.weight": old["e.weight"]}
    for position, width in enumerate(filters):  # the original numbers its convolutions by position
        # (F, 1, w, E), a picture of one channel, to (F, E, w), a sequence of E channels
        new[f"convs.{width}.weight"] = old[f"convs.{position}.weight"].squeeze(1).transpose(1, 2).contiguous()
        new[f"convs.{width}.bias"] = old[f"convs.{position}.bias"]
    weight, bias = old["classifier.clf_0.weight"], old["classifier.clf_0.bias"]
    if "classifier.clf_1.weight" in old:
        bias = old["classifier.clf_1.weight"] @ bias + old["classifier.clf_1.bias"]
        weight = old["classifier.clf_1.weight"] @ weight
    new |= {"head.1.weight": weight, "head.1.bias": bias}
    model.load_state_dict(new)
    return model.eval()
