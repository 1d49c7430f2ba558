"""Why a filter over word embeddings is a sum of word scores, and TX-Ray made fast by it.

The activation of filter f with kernel W (E, w) and bias b at position i is linear in the embeddings e:

    a_f[i] = b_f + sum_j W_f[:, j] . e(x[i + j])        j = 0 ... w - 1

The j-th term depends on a single word. So V words times w places can be scored beforehand, in one matrix
product per place, S_j = E W_j^T (V, F), and from then on no embedding and no convolution is needed:

    a_f[i] = b_f + sum_j S_j[x[i + j], f]

A filter of width 1 is therefore nothing but a list of words sorted by score; one of width 2 is two such
lists, one for the first word and one for the second, and it cannot know more about a pair than their sum.

This is exact because what is credited comes before the ReLU and nothing but the convolution stands between
embedding and activation. It holds as long as the weights do not change, so for a tuned model too once it is
trained. Only the order of summation differs from the convolution's: values agree to about 1e-6, and where
two windows of a text are closer than that, the other one may win.
"""

from collections.abc import Iterable
from itertools import islice
from typing import cast

import torch
from torch import Tensor, nn

from labkit.methods.txray import Batch, Credits, ids_of, layer_widths
from labkit.methods.txray_result import TXRay


def word_scores(embedding: Tensor, weight: Tensor) -> Tensor:
    """What each word adds to each filter's activation, at each place of its window.

    Args:
        embedding: (V, E).
        weight: of an ``nn.Conv1d``, (F, E, w). Its bias is added once per window, not per word.

    Returns:
        S, (w, V, F): S[j, v, f] is what word v adds to filter f as the j-th word of a window.

    Raises:
        ValueError: the two have different E.
    """
    if embedding.dim() != 2 or weight.dim() != 3 or embedding.shape[1] != weight.shape[1]:
        raise ValueError(
            f"got embedding {tuple(embedding.shape)} and weight {tuple(weight.shape)}; wanted (V, E) and "
            f"(F, E, w) with the same E."
        )
    return embedding @ weight.permute(2, 1, 0)


@torch.no_grad()
def ranked_words(
    embedding: Tensor, conv: nn.Conv1d, filter: int, place: int = 0, padding_id: int = 0
) -> tuple[Tensor, Tensor]:
    """All words in the order in which a filter likes them at one place of its window.

    For a filter of width 1 the scores are its activations themselves, so the list is all there is to know.

    Args:
        embedding: (V, E).
        conv: the layer of the filter.
        filter: its number in [0, F).
        place: in the window, in [0, w). The bias is part of place 0.
        padding_id: left out of the list.

    Returns:
        word ids and their scores, best first: (V - 1,) each.
    """
    scores = word_scores(embedding, conv.weight)[place, :, filter]
    if place == 0 and conv.bias is not None:
        scores = scores + conv.bias[filter]
    order = scores.argsort(descending=True, stable=True)
    order = order[order != padding_id]
    return order, scores[order]


@torch.no_grad()
def collect_from_scores(
    embedding: Tensor,
    convs: Iterable[nn.Module],
    batches: Iterable[Batch],
    k: int = 1,
    padding_id: int = 0,
    keep_values: bool = True,
    max_batches: int | None = None,
) -> TXRay:
    """The result of ``txray.collect``, many times faster, without running the model.

    Args:
        embedding: (V, E), what the model looks words up in.
        convs: the ``nn.Conv1d`` over it, such as ``model.convs.values()``; no two of the same width.
        batches: ids (N, L) in [0, V), or pairs (ids, labels); any iterable, read once.
        k: windows per filter and text, at least 1.
        padding_id: the id of "no word".
        keep_values: keep every single activation, for ``TXRay.values``.
        max_batches: stop after so many.

    Raises:
        ValueError: as ``txray.collect``.
    """
    layers = nn.ModuleList(convs)
    widths = layer_widths(layers, [name for name, _ in layers.named_children()]).values()
    tables = {
        width: _score_table(embedding, cast(nn.Conv1d, layer), padding_id)
        for width, layer in zip(widths, layers, strict=True)
    }
    credits = Credits(tables, k, keep_values)
    for batch in islice(batches, max_batches):
        ids = ids_of(batch).to(embedding.device)
        credits.texts += len(ids)
        for width, table in tables.items():
            padded = nn.functional.pad(ids, (0, max(0, width - ids.shape[1])), value=padding_id)
            windows = padded.shape[1] - width + 1
            scores = nn.functional.embedding(padded, table).unflatten(2, (width, -1))  # (N, L, w, F)
            activations = scores[:, :windows, 0]
            for place in range(1, width):
                activations = activations + scores[:, place : place + windows, place]
            credits.add(width, padded, activations.transpose(1, 2))
    return credits.result()


def _score_table(embedding: Tensor, conv: nn.Conv1d, padding_id: int) -> Tensor:
    """The scores of a word at all places in one row, (V, w * F), so that one look-up finds them."""
    scores = word_scores(embedding, conv.weight)
    if conv.bias is not None:
        scores[0] += conv.bias
    scores[:, padding_id] = float("-inf")  # so is the sum of every window with padding, and it never wins
    return scores.transpose(0, 1).flatten(1)
