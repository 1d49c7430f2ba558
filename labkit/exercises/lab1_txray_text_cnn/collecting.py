"""Exercise 1.5: how many different n-grams a filter is credited with."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, call, number
from labkit.exercises.comparing import Explains, Slip, compare, gives, same
from labkit.exercises.core import Case, Exercise

_IDS, _FILTERS = 16, {1: 4, 2: 3}
# (network, texts, k): each of the others differs from the second in one thing alone.
_CASES = ((0, 0, 1), (0, 0, 3), (1, 0, 3), (2, 0, 3), (0, 1, 3), (0, 2, 3))
_OWN = "the check hands over a small network and few texts of its own: use the arguments, not the notebook's names."


def _cases(rng: np.random.Generator) -> list[Case]:
    seeds = rng.integers(2**31, size=3).tolist()
    texts = [[_padded(rng, count, length) for count, length in ((6, 9), (5, 5))] for _ in range(3)]
    return [{"seed": seeds[network], "ids": texts[several], "k": k} for network, several, k in _CASES]


def _padded(rng: np.random.Generator, count: int, length: int) -> np.ndarray:
    """Texts of different lengths over few words, so that filters meet the same word again."""
    ids = rng.integers(4, _IDS, (count, length))
    ids[:, 0] = 1
    for row, kept in zip(ids, rng.integers(3, length + 1, count), strict=True):
        row[kept:] = 0
    return ids


def _text_cnn(seed: int) -> Any:
    import torch

    from labkit.models import TextCNN

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return TextCNN(_IDS, _FILTERS, embedding_size=8).eval()


class _Noted(list):
    """Batches that note whether anyone looked at them."""

    read = False

    def __iter__(self) -> Any:
        self.read = True
        return super().__iter__()

    def __getitem__(self, place: Any) -> Any:
        self.read = True
        return super().__getitem__(place)


def _probe(answer: Any, case: Case) -> Plain:
    import torch

    # Pairs, as the notebook's own batches are.
    batches = _Noted((torch.from_numpy(ids.copy()), torch.zeros(len(ids))) for ids in case["ids"])
    try:
        return number(call(answer, _text_cnn(case["seed"]), batches, case["k"]))
    except IndexError as error:
        if batches.read:
            raise
        # Ids of the notebook's texts are past the end of the small network's embedding.
        raise Misfit(
            f"your code stopped ({str(error)[:100]}) without a look at the argument `batches`: {_OWN}"
        ) from error


@lru_cache(maxsize=64)
def _ranked(seed: int, texts: tuple[tuple[int, ...], ...]) -> list[dict[tuple[int, int], list[tuple[int, ...]]]]:
    """For each text: (width, filter) -> the text's n-grams, by falling activation."""
    import torch

    model, every = _text_cnn(seed), []
    for text in texts:
        ranked = {}
        for width, count in _FILTERS.items():
            windows = [text[i : i + width] for i in range(len(text) - width + 1)]
            with torch.no_grad():
                maps = model.convs[str(width)](model.embedding(torch.tensor([text])).transpose(1, 2))[0].numpy()
            for f in range(count):
                ranked[width, f] = [windows[i] for i in np.argsort(-maps[f], kind="stable")]
        every.append(ranked)
    return every


def _mean_features(
    distinct: bool = True, over: str = "mean", padding: bool = False, words: int | None = None
) -> Callable[[Case], Plain]:
    """The plain double loop: filters and texts."""

    def count(case: Case) -> Plain:
        texts = _ranked(case["seed"], tuple(tuple(row) for ids in case["ids"] for row in ids.tolist()))
        sizes: dict[int, list[int]] = {width: [] for width in _FILTERS}
        every: set[tuple[int, ...]] = set()
        for width, f in texts[0]:
            found = []
            for ranked in texts:
                allowed = [gram for gram in ranked[width, f] if padding or 0 not in gram]
                found += [gram[:words] for gram in allowed[: case["k"]]]
            sizes[width].append(len(set(found)) if distinct else len(found))
            every.update(found)
        flat = [size for several in sizes.values() for size in several]
        return {
            "mean": float(np.mean(flat)),
            "sum": float(np.sum(flat)),
            "largest": float(np.max(flat)),
            "median": float(np.median(flat)),
            "widths": float(np.mean([np.mean(several) for several in sizes.values()])),
            "union": float(len(every)),
        }[over]

    return count


def _changes_nothing(entry: str) -> Explains:
    """Whether any two answers are the same whose cases differ in this entry alone."""

    def explains(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
        pairs = combinations(zip(answers, cases, strict=True), 2)
        return all(a == b for (a, one), (b, other) in pairs if _different(one, other) == [entry])

    return explains


def _different(one: Case, other: Case) -> list[str]:
    return [name for name in one if not same(one[name], other[name])]


COLLECT = Exercise(
    "1.5",
    "collect and compare",
    2,
    (
        "txray.collect(model, batches, k=k) does the collecting: hand k on by its name.",
        "The result's unique_features holds the number of distinct n-grams of each filter.",
    ),
    _cases,
    _probe,
    compare(
        _mean_features(),
        [
            Slip(
                "not_distinct",
                "you count every activation; wanted how many different n-grams a filter has.",
                gives(_mean_features(distinct=False)),
            ),
            Slip(
                "sum_over_filters",
                "this is the sum over the filters; wanted the mean.",
                gives(_mean_features(over="sum")),
            ),
            Slip(
                "union_of_filters",
                "this is how many n-grams all filters have together; wanted the mean per filter.",
                gives(_mean_features(over="union")),
            ),
            Slip(
                "median",
                "this is the median over the filters; wanted the mean.",
                gives(_mean_features(over="median")),
            ),
            Slip(
                "largest",
                "this is the number of the filter that has most; wanted the mean over the filters.",
                gives(_mean_features(over="largest")),
            ),
            Slip(
                "mean_of_widths",
                "you average the means of the widths, so a filter of a width with few filters counts for more; wanted "
                "the mean over all filters.",
                gives(_mean_features(over="widths")),
            ),
            Slip(
                "first_words",
                "n-grams that begin alike are counted as one: a filter of width 2 sees both words.",
                gives(_mean_features(words=1)),
            ),
            Slip(
                "credits_padding",
                "n-grams with padding in them are counted; padding is no word.",
                gives(_mean_features(padding=True)),
            ),
            Slip(
                "ignores_arguments",
                f"your answer is the same whatever it is handed: {_OWN}",
                lambda answers, cases: len(set(answers)) == 1,
            ),
            Slip(
                "ignores_k",
                "k changes nothing in your answer: hand it on.",
                _changes_nothing("k"),
            ),
            Slip(
                "ignores_model",
                f"another network changes nothing in your answer: {_OWN}",
                _changes_nothing("seed"),
            ),
            Slip(
                "ignores_batches",
                f"other texts change nothing in your answer: {_OWN}",
                _changes_nothing("ids"),
            ),
        ],
        "the mean number of different n-grams per filter is not what was expected.",
    ),
)
