"""Count, batch by batch, what the filters of one layer fired on.

A *credit* says: this filter took this n-gram with this activation. A ledger sums them up per filter and
n-gram, so that what it holds grows with the distinct n-grams and not with the texts that were read.
"""

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def totals(activations: NDArray[np.floating]) -> pd.DataFrame:
    """Each activation as a group of its own, in the columns that ``merge`` sums up.

    Args:
        activations: (M,). They are summed in float64, so that a million of them lose nothing.

    Returns:
        M rows with the columns count, sum, squares (of squares, for the standard deviation), min and max.
    """
    a = activations.astype(np.float64)
    return pd.DataFrame({"count": np.ones(len(a), np.int64), "sum": a, "squares": a**2, "min": a, "max": a})


def merge(credits: pd.DataFrame, keys: Sequence[Hashable]) -> tuple[pd.DataFrame, NDArray[np.int32]]:
    """Sum up the rows whose keys are equal.

    Args:
        credits: the columns of ``totals`` and those of the keys, M rows.
        keys: columns that say what belongs together.

    Returns:
        one row for each distinct key in the order of first appearance; the row that each of the M went to.
    """
    # One number per distinct key, built up key by key: it stays below M times the values of one key, so that
    # wide n-grams of large vocabularies do not overflow.
    group = np.zeros(len(credits), np.int64)
    for key in keys:
        value, values = pd.factorize(credits[key])
        group, _ = pd.factorize(group * len(values) + value)
    first = np.unique(group, return_index=True)[1]  # groups are numbered in the order of first appearance
    merged = {key: credits[key].to_numpy()[first] for key in keys}
    for column in ("count", "sum", "squares"):
        merged[column] = np.bincount(group, credits[column], len(first))
    merged["count"] = merged["count"].astype(np.int64)
    for column, closer in (("min", np.minimum), ("max", np.maximum)):
        merged[column] = credits[column].to_numpy()[first]
        closer.at(merged[column], group, credits[column].to_numpy())
    return pd.DataFrame(merged), group.astype(np.int32)


class Ledger:
    """The credits of one layer, per filter and n-gram.

    Credits wait in a buffer until they are as many as the ledger has rows, and at least 65,536; then they
    are entered in one go. So a credit costs the same to enter however large the ledger has become.

    Args:
        width: ids in an n-gram.
        keep_values: keep every single activation too. It costs 8 bytes per credit (a float32, and an int32
            that says which row it belongs to); without, memory grows with the distinct n-grams alone.
    """

    BUFFER = 65_536

    def __init__(self, width: int, keep_values: bool = True) -> None:
        self.ids = [f"id{i}" for i in range(width)]
        self.keys = ["filter", *self.ids]
        self.keep_values = keep_values
        self._rows: pd.DataFrame | None = None
        self._values: list[NDArray[np.float32]] = []
        self._owners: list[NDArray[np.int32]] = []
        self._waiting: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = []
        self._credits_waiting = 0

    def add(self, filters: NDArray[np.int64], ngrams: NDArray[np.int64], activations: NDArray[np.float32]) -> None:
        """Credit M n-grams.

        Args:
            filters: who fired, (M,).
            ngrams: on what, (M, width).
            activations: how strongly, (M,).
        """
        self._waiting.append((np.column_stack([filters, ngrams]), activations))
        self._credits_waiting += len(filters)
        if self._credits_waiting >= max(self.BUFFER, 0 if self._rows is None else len(self._rows)):
            self._enter()

    def rows(self) -> pd.DataFrame:
        """One row per filter and n-gram: filter, id0 ... id<width - 1>, count, sum, squares, min, max."""
        self._enter()
        if self._rows is None:
            return self._as_rows(np.empty((0, len(self.keys)), np.int64), np.empty(0))
        return self._rows

    def values(self) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Every activation in the order of crediting, and its row in ``rows``: (M,) each.

        Raises:
            ValueError: they were not kept.
        """
        if not self.keep_values:
            raise ValueError("the single activations were not kept; collect again with keep_values=True.")
        self._enter()
        return (
            np.concatenate([np.empty(0, np.float32), *self._values]),
            np.concatenate([np.empty(0, np.int32), *self._owners]),
        )

    def _enter(self) -> None:
        if not self._waiting:
            return
        keys, activations = (np.concatenate(parts) for parts in zip(*self._waiting, strict=True))
        self._waiting, self._credits_waiting = [], 0
        known, new = 0, self._as_rows(keys, activations)
        if self._rows is not None:
            # Known rows go first and are distinct, so that they stay where they are and ``_owners`` stays right.
            known, new = len(self._rows), pd.concat([self._rows, new], ignore_index=True)
        self._rows, owners = merge(new, self.keys)
        if self.keep_values:
            self._values.append(activations)
            self._owners.append(owners[known:].copy())  # a view would keep the known rows' part alive

    def _as_rows(self, keys: NDArray[np.int64], activations: NDArray[np.floating]) -> pd.DataFrame:
        return totals(activations).assign(**dict(zip(self.keys, keys.T, strict=True)))
