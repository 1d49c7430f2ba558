"""What TX-Ray found: for each filter the n-grams and words it preferred, and how strongly.

A filter's label is "w2-f3": filter 3, counted from 0, among those of width 2. Its *features* are the distinct
n-grams, of its own width, that it was credited with; its *activation mass* is the sum of all its credits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labkit.methods.credits import Ledger, merge

#: Turns the ids of an n-gram into text.
Decoder = Callable[[Sequence[int]], str]

_RANKINGS = ("max", "mean", "count")


@dataclass(frozen=True)
class TXRay:
    """The preferences of a text CNN's filters, as ``txray.collect`` returns them.

    Attributes:
        ledgers: width -> the credits of that width's filters.
        filters: width -> number of filters.
        k: windows credited per filter and text.
        texts: texts that were read.

    Example:
        >>> found = collect(model, batches, k=3)  # doctest: +SKIP
        >>> found.top("w2-f3", n=5, decode=lambda ids: " ".join(words[i] for i in ids))  # doctest: +SKIP
    """

    ledgers: Mapping[int, Ledger]
    filters: Mapping[int, int]
    k: int
    texts: int

    @cached_property
    def labels(self) -> list[str]:
        """The labels of all filters, width after width."""
        return [label for width in self.filters for label in self.labels_of(width)]

    def labels_of(self, width: int) -> list[str]:
        """The labels of the filters of one width, in the order of their numbers."""
        return [f"w{width}-f{f}" for f in range(self.filters[width])]

    def table(self, decode: Decoder | None = None) -> pd.DataFrame:
        """One row per filter and n-gram: filter, width, feature, count, mean, max.

        Filters come in the order of ``labels``, and a filter's features by falling maximum.

        Args:
            decode: turns a feature's ids into text. Without it a feature is the tuple of its ids.
        """
        return _shown(self._features, "feature", decode or tuple)

    def word_table(self, decode: Decoder | None = None) -> pd.DataFrame:
        """One row per filter and word: filter, width, word, count, mean, max.

        Each distinct word of a credited n-gram gets that credit once, with the n-gram's activation: "so, so
        good" counts once for "so". For filters of width 1 this is ``table``.

        Args:
            decode: turns a sequence of ids (here: of one) into text. Without it a word is its id.
        """
        return _shown(self._words, "word", (lambda word: decode([word])) if decode else int)

    def top(self, label: str, n: int = 10, by: str = "max", decode: Decoder | None = None) -> pd.DataFrame:
        """The n features that one filter likes best: rows of ``table``, best first.

        Args:
            label: such as "w2-f3".
            n: rows at most.
            by: "max", "mean" or "count".
            decode: as in ``table``.

        Raises:
            ValueError: an unknown label or ranking.
        """
        width, _ = self._find(label)
        if by not in _RANKINGS:
            raise ValueError(f"got by={by!r}; wanted one of {', '.join(_RANKINGS)}.")
        rows = self._features[width][lambda rows: rows["filter"] == label]
        best = rows.assign(mean=rows["sum"] / rows["count"]).sort_values(by, ascending=False, kind="stable")
        return _shown({width: best.head(n)}, "feature", decode or tuple)

    @property
    def unique_features(self) -> pd.Series:
        """Label -> number of distinct n-grams; 0 for a filter that was never credited."""
        counts = pd.concat([rows["filter"] for rows in self._features.values()]).value_counts()
        return counts.reindex(self.labels, fill_value=0).rename_axis("filter").rename("unique_features")

    def mass(self) -> pd.DataFrame:
        """Label -> sum, min, max, mean, std and count of the filter's credited activations.

        The standard deviation is that of all credits (it divides by their number). A filter that was never
        credited has sum and count 0, and NaN elsewhere.
        """
        rows = pd.concat([rows.drop(columns="feature") for rows in self._features.values()])
        mass = merge(rows, ["filter"])[0].set_index("filter").reindex(self.labels)
        mass[["count", "sum"]] = mass[["count", "sum"]].fillna(0)
        mean = mass["sum"] / mass["count"]
        variance = (mass["squares"] / mass["count"] - mean**2).clip(lower=0)  # rounding may bring it below 0
        mass = mass.assign(mean=mean, std=variance**0.5, count=mass["count"].astype(np.int64))
        return mass[["sum", "min", "max", "mean", "std", "count"]]

    def values(self, label: str, feature: int | Sequence[int] | None = None) -> NDArray[np.float32]:
        """Every activation that a filter was credited with, text after text, falling within a text.

        Args:
            label: such as "w2-f3".
            feature: only those of one n-gram (its ids) or of all n-grams with one word (its id).

        Returns:
            (number of credits,); empty for what was never credited.

        Raises:
            ValueError: an unknown label, an n-gram of another width, or activations that were not kept.
        """
        width, number = self._find(label)
        values, owners = self.ledgers[width].values()
        rows = self.ledgers[width].rows()
        ids = rows[self.ledgers[width].ids].to_numpy()
        wanted = (rows["filter"] == number).to_numpy()
        if isinstance(feature, (int, np.integer)):
            wanted = wanted & (ids == feature).any(axis=1)
        elif feature is not None:
            if len(feature) != width:
                raise ValueError(f"got a feature of {len(feature)} ids for {label}; wanted {width}, or one word's id.")
            wanted = wanted & (ids == np.asarray(feature)).all(axis=1)
        return values[wanted[owners]]

    def overlap(self, weighted: bool = False, words: bool = False) -> pd.DataFrame:
        """How much each pair of filters has in common, from 0 (nothing) to 1 (all).

        Unweighted it is the Jaccard index of the two sets of features, |A and B| / |A or B|. Weighted it is
        Ruzicka's index, sum_u min(a_u, b_u) / sum_u max(a_u, b_u), where a_u is filter a's activation mass on
        feature u. A negative mass counts as 0, as it would after the ReLU.

        Args:
            weighted: weigh features by activation mass.
            words: compare words, over all filters. Otherwise n-grams, and since n-grams of different widths
                are never the same, pairs of different widths are NaN.

        Returns:
            label x label, symmetric; NaN for a filter without a feature (weighted: without mass).
        """
        tables = self._words if words else self._features
        rows = pd.concat(tables.values(), ignore_index=True)
        weights = rows["sum"].clip(lower=0) if weighted else pd.Series(1.0, index=rows.index)
        own = weights.groupby(rows["filter"]).sum().reindex(self.labels, fill_value=0).to_numpy()
        # Only what two filters have in common needs a column, which keeps the matrix small.
        in_two = rows["word" if words else "feature"].duplicated(keep=False)
        columns, distinct = pd.factorize(rows["word" if words else "feature"][in_two])
        matrix = np.zeros((len(self.labels), len(distinct)))
        matrix[pd.Index(self.labels).get_indexer(pd.Index(rows["filter"][in_two])), columns] = weights[in_two]
        common = np.array([np.minimum(row, matrix).sum(axis=1) for row in matrix])
        np.fill_diagonal(common, own)
        either = own[:, None] + own - common
        overlap = np.divide(common, either, out=np.full_like(common, np.nan), where=own[:, None] * own > 0)
        if not words:
            widths = np.repeat(list(self.filters), list(self.filters.values()))
            overlap[widths[:, None] != widths] = np.nan
        return pd.DataFrame(overlap, index=self.labels, columns=self.labels)

    @cached_property
    def _features(self) -> dict[int, pd.DataFrame]:
        """Width -> its rows with labels and tuples of ids, ordered as in ``table``."""
        tables = {}
        for width, ledger in self.ledgers.items():
            rows = ledger.rows().sort_values(["filter", "max"], ascending=[True, False], kind="stable")
            ngrams = pd.Series(list(zip(*(rows[i] for i in ledger.ids), strict=True)), rows.index, dtype=object)
            tables[width] = self._labelled(rows.drop(columns=ledger.ids), width).assign(feature=ngrams)
        return tables

    @cached_property
    def _words(self) -> dict[int, pd.DataFrame]:
        """Width -> the credits of single words, ordered as in ``word_table``."""
        tables = {}
        for width, ledger in self.ledgers.items():
            rows = ledger.rows()
            credits = []
            for place, column in enumerate(ledger.ids):
                again = rows[ledger.ids[:place]].eq(rows[column], axis=0).any(axis=1)
                words = rows[~again].rename(columns={column: "word"})
                credits.append(words.drop(columns=ledger.ids, errors="ignore"))
            words, _ = merge(pd.concat(credits, ignore_index=True), ["filter", "word"])
            words = words.sort_values(["filter", "max", "word"], ascending=[True, False, True])
            tables[width] = self._labelled(words, width)
        return tables

    def _find(self, label: str) -> tuple[int, int]:
        for width in self.filters:
            if label in (labels := self.labels_of(width)):
                return width, labels.index(label)
        raise ValueError(f"got the filter {label!r}; wanted one of {self.labels[0]} ... {self.labels[-1]}.")

    def _labelled(self, rows: pd.DataFrame, width: int) -> pd.DataFrame:
        labels = self.labels_of(width)
        return rows.assign(filter=[labels[number] for number in rows["filter"]])


def _shown(tables: Mapping[int, pd.DataFrame], name: str, show: Callable) -> pd.DataFrame:
    """The rows of all widths in the columns that people read, ids turned into what ``show`` makes of them."""
    rows = pd.concat([table.assign(width=width) for width, table in tables.items()], ignore_index=True)
    features = pd.Series([show(feature) for feature in rows[name]], index=rows.index, dtype=object)
    rows = rows.assign(mean=rows["sum"] / rows["count"], **{name: features})
    return rows[["filter", "width", name, "count", "mean", "max"]]
