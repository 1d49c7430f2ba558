"""The text CNN of lab 1: word embeddings, filters over n-grams, k-max pooling, a small head.

Kim, "Convolutional neural networks for sentence classification", 2014 (arXiv 1408.5882); k-max pooling
from Kalchbrenner et al., 2014 (arXiv 1404.2188), here with a fixed k and values in falling order.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn


def whole_windows(ids: Tensor, width: int, padding_id: int = 0) -> Tensor:
    """Which windows of ``width`` neighbouring ids hold no padding.

    Args:
        ids: word ids, (N, L).
        width: ids in a window, 1 <= width <= L.
        padding_id: the id that stands for "no word".

    Returns:
        bool, (N, L - width + 1); entry [n, i] is about ids[n, i : i + width].
    """
    return (ids != padding_id).unfold(1, width, 1).all(dim=2)


def k_max_pool(activations: Tensor, allowed: Tensor, k: int) -> Tensor:
    """The k largest allowed activations of each filter, in falling order.

    Args:
        activations: (N, F, L).
        allowed: bool, (N, L); the other positions never win.
        k: 1 <= k <= L.

    Returns:
        (N, F, k); -inf where fewer than k positions are allowed.
    """
    masked = activations.masked_fill(~allowed.unsqueeze(1), float("-inf"))
    if k == 1:  # several times faster than topk
        return masked.max(dim=2, keepdim=True).values
    return masked.topk(k, dim=2).values


def _linear_head(features: int, hidden: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(features, 1))


def _two_layer_head(features: int, hidden: int, dropout: float) -> nn.Sequential:
    # Without the ReLU two linear layers are one: see the lab's list of pitfalls.
    return nn.Sequential(
        nn.Dropout(dropout), nn.Linear(features, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, 1)
    )


#: The heads, by the name that stands in the hyper-parameters.
HEADS: dict[str, Callable[[int, int, float], nn.Sequential]] = {
    "linear": _linear_head,
    "two_layer": _two_layer_head,
}


class TextCNN(nn.Module):
    """A k-max-pooling text CNN with one logit per text.

    The convolution of width w is the submodule ``convs.<w>`` and yields raw activations (N, F_w, L - w + 1),
    before padding is masked, before pooling and before the ReLU.

    Args:
        vocabulary_size: number of word ids; ids are in [0, vocabulary_size).
        filters: width -> number of filters of that width.
        embedding_size: E, numbers per word.
        k_max: activations kept per filter and text.
        head: a name in ``HEADS``.
        hidden: units of the hidden layer of the head "two_layer".
        dropout: probability in the head, [0, 1).
        tune_embeddings: False freezes the embeddings as they are given or drawn.
        padding_id: the id of "no word": its embedding is 0 and no window that holds it is pooled.
        embeddings: (vocabulary_size, E), or None to draw them at random.

    Example:
        >>> model = TextCNN(vocabulary_size=50, filters={1: 10, 2: 7, 3: 3})
        >>> model(torch.randint(1, 50, (4, 12))).shape
        torch.Size([4])
    """

    def __init__(
        self,
        vocabulary_size: int,
        filters: Mapping[int, int],
        embedding_size: int = 100,
        k_max: int = 1,
        head: str = "linear",
        hidden: int = 256,
        dropout: float = 0.2,
        tune_embeddings: bool = True,
        padding_id: int = 0,
        embeddings: Tensor | None = None,
    ) -> None:
        super().__init__()
        filters = {int(width): int(count) for width, count in filters.items()}  # JSON makes keys strings
        if not filters or min(filters) < 1 or min(filters.values()) < 1:
            raise ValueError(f"got filters {filters}; wanted width: number, both at least 1, as in {{1: 10, 2: 7}}.")
        if head not in HEADS:
            raise ValueError(f"got head {head!r}; wanted one of {', '.join(sorted(HEADS))}.")
        if k_max < 1:
            raise ValueError(f"got k_max {k_max}; wanted at least 1.")
        if embeddings is not None and embeddings.shape != (vocabulary_size, embedding_size):
            raise ValueError(
                f"got embeddings of shape {tuple(embeddings.shape)}; wanted (vocabulary_size, "
                f"embedding_size), here ({vocabulary_size}, {embedding_size})."
            )
        #: All that rebuilds this architecture, as JSON can hold it.
        self.hyper: dict[str, Any] = {
            "vocabulary_size": vocabulary_size, "filters": filters, "embedding_size": embedding_size,
            "k_max": k_max, "head": head, "hidden": hidden, "dropout": dropout,
            "tune_embeddings": tune_embeddings, "padding_id": padding_id,
        }  # fmt: skip
        self.filters, self.k_max, self.padding_id = filters, k_max, padding_id
        self.embedding = nn.Embedding(vocabulary_size, embedding_size, padding_idx=padding_id)
        if embeddings is not None:
            with torch.no_grad():
                self.embedding.weight.copy_(embeddings)
                self.embedding.weight[padding_id] = 0
        self.embedding.weight.requires_grad_(tune_embeddings)
        self.convs = nn.ModuleDict(
            {str(width): nn.Conv1d(embedding_size, count, width) for width, count in filters.items()}
        )
        self.head = HEADS[head](sum(filters.values()) * k_max, hidden, dropout)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of the positive class.

        Args:
            ids: word ids, int64, (N, L), padded on the right. How far they are padded changes nothing.

        Returns:
            (N,); a sigmoid makes them probabilities.
        """
        ids = self._long_enough(ids)
        # (N, E, L): Conv1d wants channels before positions, in memory too, or each of them makes a copy.
        embedded = self.embedding(ids).transpose(1, 2).contiguous()
        pooled = [
            k_max_pool(self.convs[str(w)](embedded), whole_windows(ids, w, self.padding_id), self.k_max)
            for w in self.filters
        ]
        # ReLU turns the -inf of texts with too few windows into 0, "not found".
        features = torch.relu(torch.cat([p.flatten(1) for p in pooled], dim=1))  # (N, sum F_w * k)
        return self.head(features).squeeze(1)

    def _long_enough(self, ids: Tensor) -> Tensor:
        """Pad texts that the widest filter cannot place k_max times."""
        missing = max(self.filters) + self.k_max - 1 - ids.shape[1]
        return nn.functional.pad(ids, (0, missing), value=self.padding_id) if missing > 0 else ids
