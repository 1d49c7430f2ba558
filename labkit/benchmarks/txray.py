"""TX-Ray's cost: by hooks, by word scores, and by the plain loop, against the bare forward passes."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from labkit.methods.activations import evaluating, record
from labkit.methods.txray import collect
from labkit.methods.word_scores import collect_from_scores
from labkit.models.text_cnn import TextCNN

VARIANTS = ("forward passes", "hooks", "word scores", "plain loop")

FILTERS = {1: 10, 2: 7, 3: 3}


def prepare(small: bool = False) -> dict[str, Callable[[], object]]:
    """2,000 random texts of 400 words out of 20,000, in batches of 128; small: 20 texts of 12 out of 50."""
    texts, length, vocabulary = (20, 12, 50) if small else (2000, 400, 20_000)
    generator = torch.Generator().manual_seed(0)
    batches = torch.randint(1, vocabulary, (texts, length), generator=generator).split(128)
    torch.manual_seed(0)
    model = TextCNN(vocabulary, FILTERS).eval()
    return {
        "forward passes": lambda: _forward_passes(model, batches),
        "hooks": lambda: collect(model, batches),
        "word scores": lambda: collect_from_scores(model.embedding.weight, model.convs.values(), batches),
        "plain loop": lambda: _plain_loop(model, batches),
    }


@torch.no_grad()
def _forward_passes(model: TextCNN, batches: Sequence[Tensor]) -> None:
    for ids in batches:
        model(ids)


@torch.no_grad()
def _plain_loop(model: TextCNN, batches: Sequence[Tensor]) -> dict[tuple[int, int], dict[tuple, list[float]]]:
    """What one writes first: text by text and filter by filter, with a list of activations per n-gram."""
    found: dict[tuple[int, int], dict[tuple, list[float]]] = defaultdict(lambda: defaultdict(list))
    with evaluating(model):
        for ids in batches:
            with record(model, [f"convs.{width}" for width in model.filters]) as outputs:
                model(ids)
            for width in model.filters:
                values, positions = outputs[f"convs.{width}"].topk(1, dim=2)
                for text in range(len(ids)):
                    for filter in range(values.shape[1]):
                        start = int(positions[text, filter, 0])
                        ngram = tuple(ids[text, start : start + width].tolist())
                        found[width, filter][ngram].append(float(values[text, filter, 0]))
    return found
