"""TX-Ray: which words and n-grams does each filter of a text CNN prefer?

Rethmeier, Saxena, Augenstein, "TX-Ray: Quantifying and Explaining Model-Knowledge Transfer in
(Un-)Supervised NLP", 2019 (arXiv 1912.00982).

A filter of width w gives one activation for every window of w neighbouring words. In each text its k largest
activations are looked up, and the n-grams under them are *credited* to the filter with those activations.
Summed up over many texts, the credits say what the filter has learned to look for. What is credited is the
convolution's raw output, before the ReLU and before pooling, so that weak preferences show too.

    >>> found = collect(model, batches, k=1)  # doctest: +SKIP
    >>> found.top("w2-f3")  # doctest: +SKIP
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn

from labkit.methods.activations import evaluating, find_layers, watch
from labkit.methods.credits import Ledger
from labkit.methods.txray_result import TXRay

__all__ = ["TXRay", "collect", "top_windows"]

#: A batch of texts: word ids (N, L), alone or first in a pair with the labels.
Batch = Tensor | Sequence[Tensor]


def top_windows(activations: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest activations of each filter in each text.

    Of equal activations the one at the earlier position comes first. ``torch.max`` promises this on every
    device, ``torch.topk`` does not; hence k rounds of max.

    Args:
        activations: (N, F, P), -inf where a position must not win.
        k: at least 1.

    Returns:
        values in falling order and their positions in [0, P): (N, F, min(k, P)) each.
    """
    values: list[Tensor] = []
    positions: list[Tensor] = []
    for _ in range(min(k, activations.shape[2])):
        if positions:
            activations = activations.scatter(2, positions[-1], float("-inf"))
        value, position = activations.max(dim=2, keepdim=True)
        values.append(value)
        positions.append(position)
    return torch.cat(values, dim=2), torch.cat(positions, dim=2)


@torch.no_grad()
def collect(
    model: nn.Module,
    batches: Iterable[Batch],
    layers: Mapping[str, int] | Iterable[str] | None = None,
    k: int = 1,
    padding_id: int = 0,
    keep_values: bool = True,
    device: torch.device | str | None = None,
    max_batches: int | None = None,
) -> TXRay:
    """Run the texts through the model and credit each filter with its k favourite n-grams per text.

    The model runs in eval mode and gets its modes back. A window that touches padding is never credited, so
    neither the batch size nor how far a batch is padded changes the result; a text with fewer than k whole
    windows credits those it has. So does a filter whose output is -inf (a pruned one) at some windows.

    Memory does not grow with the number of texts, but for the result: each distinct n-gram of each filter
    takes a row, and with ``keep_values`` each credit takes 8 bytes.

    Args:
        model: any model that maps ids (N, L) to anything and holds convolutions over the ids' embeddings.
        batches: ids (N, L), or pairs (ids, labels); any iterable, read once.
        layers: names of ``nn.Conv1d`` layers, without padding, stride or dilation; or any layers as name ->
            width, whose outputs are (N, F, L - width + 1). Unset: every ``nn.Conv1d`` of the model.
            Outputs may be longer where the model itself pads short texts on the right.
        k: windows per filter and text, at least 1; it need not be the model's own k.
        padding_id: the id of "no word".
        keep_values: keep every single activation, for ``TXRay.values``.
        device: where the model is; unset: where its first parameter is.
        max_batches: stop after so many.

    Raises:
        ValueError: unknown or unfitting layers, one that never runs or runs twice in a pass, k below 1, no
            batches, ids of a wrong shape or type, or activations that are NaN.
    """
    widths = layer_widths(model, layers)
    if device is None:
        device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    credits = Credits(widths.values(), k, keep_values)
    with evaluating(model):
        for batch in islice(batches, max_batches):
            ids = ids_of(batch).to(device)
            credits.texts += len(ids)
            ran: set[str] = set()
            watchers = {
                layer: partial(_credit, credits, ids, padding_id, ran, layer, width) for layer, width in widths.items()
            }
            with watch(model, watchers):
                model(ids)
    idle = [layer for layer, width in widths.items() if width not in credits.filters]
    if credits.texts and idle:
        raise ValueError(f"got {', '.join(map(repr, idle))}, which never ran; wanted layers that model(ids) calls.")
    return credits.result()


class Credits:
    """The credits of all widths while the texts are read.

    Args:
        widths: of the filters, each once.
        k: windows per filter and text.
        keep_values: as in ``collect``.
    """

    def __init__(self, widths: Iterable[int], k: int, keep_values: bool) -> None:
        if k < 1:
            raise ValueError(f"got k={k}; wanted at least 1 window per filter and text.")
        self.k = k
        self.texts = 0
        self.ledgers = {width: Ledger(width, keep_values) for width in widths}
        self.filters: dict[int, int] = {}

    def add(self, width: int, ids: Tensor, activations: Tensor) -> None:
        """Credit the winning windows of a batch.

        Args:
            width: w, of these filters.
            ids: (N, P + w - 1).
            activations: (N, F, P), -inf for windows that must not win.
        """
        self.filters[width] = activations.shape[1]
        values, positions = (t.cpu().numpy() for t in top_windows(activations.float(), self.k))
        if np.isnan(values).any():
            raise ValueError(f"got activations of width {width} that are NaN; wanted numbers. Check the weights.")
        # Where fewer than k windows were allowed, the last winners are none.
        text, filter, rank = np.nonzero(values > -np.inf)  # (M,) each
        windows = np.lib.stride_tricks.sliding_window_view(ids.cpu().numpy(), width, axis=1)
        won = windows[text, positions[text, filter, rank]]
        self.ledgers[width].add(filter, won, values[text, filter, rank])

    def result(self) -> TXRay:
        """All that was credited."""
        if not self.texts:
            raise ValueError("got no texts; wanted at least one batch. Was an iterator used up before?")
        for ledger in self.ledgers.values():
            ledger.rows()  # what still waits is entered now, so that the result is whole when it is handed over
        filters = {width: self.filters[width] for width in self.ledgers}  # as listed, not as the layers ran
        return TXRay(self.ledgers, filters, self.k, self.texts)


def ids_of(batch: Batch) -> Tensor:
    """The ids (N, L) of a batch.

    Raises:
        ValueError: not whole numbers, or not of two dimensions.
    """
    ids = torch.as_tensor(batch[0] if isinstance(batch, (tuple, list)) else batch)
    if ids.dim() != 2 or ids.is_floating_point():
        raise ValueError(
            f"got a batch of {ids.dtype}, shape {tuple(ids.shape)}; wanted whole numbers, (N, L), or a pair "
            f"of them and labels. A single batch goes into a list: [ids]."
        )
    return ids


def layer_widths(model: nn.Module, layers: Mapping[str, int] | Iterable[str] | None) -> dict[str, int]:
    """Layer name -> width of its filters, for the layers as ``collect`` takes them.

    Raises:
        ValueError: unknown layers, or such that ``collect`` cannot use.
    """
    if layers is None:
        layers = [name for name, module in model.named_modules() if isinstance(module, nn.Conv1d)]
    modules = find_layers(model, layers)
    widths: dict[str, int] = {}
    for name, module in modules.items():
        if isinstance(module, nn.Conv1d):
            if (module.stride, module.padding, module.dilation) != ((1,), (0,), (1,)):
                raise ValueError(f"got {name!r}, {module}; wanted no stride, no padding and no dilation.")
            widths[name] = module.kernel_size[0]
        elif not isinstance(layers, Mapping):
            raise ValueError(
                f"got {name!r}, a {type(module).__name__}; wanted an nn.Conv1d. For another layer say its "
                f"filters' width: layers={{{name!r}: 2}}."
            )
        if isinstance(layers, Mapping) and widths.setdefault(name, layers[name]) != layers[name]:
            raise ValueError(f"got width {layers[name]} for {name!r}; its filters have width {widths[name]}.")
    if not widths or len(set(widths.values())) < len(widths):
        raise ValueError(f"got layers of widths {widths}; wanted at least one, and no two of the same width.")
    return widths


def _credit(
    credits: Credits, ids: Tensor, padding_id: int, ran: set[str], layer: str, width: int, activations: Tensor
) -> None:
    """Credit the winners among a layer's outputs, once windows with padding are out of the race.

    Args:
        credits: of all layers.
        ids: the batch, (N, L).
        padding_id: the id of "no word".
        ran: the layers that ran in this pass before; the layer is added.
        layer: its name.
        width: of its filters.
        activations: what it gave out.
    """
    if layer in ran:
        raise ValueError(f"got {layer!r}, which runs twice in one pass; wanted a layer that sees each text once.")
    ran.add(layer)
    missing = activations.shape[-1] + width - 1 - ids.shape[1]
    if activations.dim() != 3 or missing < 0:
        raise ValueError(
            f"got outputs of shape {tuple(activations.shape)} from {layer!r}; wanted (N, F, L - width + 1) = "
            f"({len(ids)}, F, {ids.shape[1] - width + 1})."
        )
    if missing:  # the model itself padded short texts
        ids = nn.functional.pad(ids, (0, missing), value=padding_id)
    padding = ids == padding_id
    if padding.any():  # most batches of texts of like length hold none, which spares a copy
        touched = padding.unfold(1, width, 1).any(dim=2)
        activations = activations.masked_fill(touched.unsqueeze(1), float("-inf"))
    credits.add(width, ids, activations)
