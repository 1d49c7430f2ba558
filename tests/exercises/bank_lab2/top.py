"""2.6 and 2.7: the k largest of each unit, with all activations at hand and batch by batch."""

import heapq

import numpy as np
import torch

# --- 2.6 -----------------------------------------------------------------------------------------------------


def top_in_numpy(activations, k):
    return np.argsort(-activations.numpy(), axis=0, kind="stable")[:k].T.astype(np.int32)


def top_by_loops(activations, k):
    return [sorted(range(len(column)), key=lambda row, c=column: -c[row])[:k] for column in activations.T.tolist()]


def top_by_maxima(activations, k):
    left, rows = activations.clone(), []
    for _ in range(k):
        best = torch.tensor([column.tolist().index(column.max().item()) for column in left.T])
        rows.append(best)
        left[best, torch.arange(left.shape[1])] = float("-inf")
    return torch.stack(rows, dim=1)


def top_like_the_course(activations, k):
    return np.argsort(activations.numpy(), axis=0, kind="stable")[::-1][:k].T.copy()


def top_unsorted(activations, k):
    """As argpartition may leave them: the right ones in the order of their rows."""
    return torch.from_numpy(np.sort(top_in_numpy(activations, k), axis=1))


def top_destroying(activations, k):
    activations.neg_()
    return activations.argsort(dim=0, stable=True)[:k].T


def stable(activations, dim=0):
    return activations.sort(dim=dim, descending=True, stable=True).indices


# --- 2.7 -----------------------------------------------------------------------------------------------------


def streamed(first=None, start="seen", k_change=0, last=False):
    """The loop of the solution, in which one thing or another is wrong."""

    def top(batches, k):
        values, indices, seen = None, None, 0
        for number, batch in enumerate(batches):
            begin = {"seen": seen, "zero": 0, "number": number, "equal": number * len(batch)}[start]
            rows = torch.arange(begin, begin + len(batch))[:, None].expand_as(batch)
            if values is None or last:
                values, indices = batch.new_zeros(0, batch.shape[1]), rows[:0]
                if first is not None and not last:
                    values = torch.full((k, batch.shape[1]), first, dtype=batch.dtype)
                    indices = torch.zeros(k, batch.shape[1], dtype=torch.int64)
            values, indices = torch.cat([values, batch]), torch.cat([indices, rows])
            order = values.sort(dim=0, descending=True, stable=True).indices[: k + k_change]
            values, indices = values.gather(0, order), indices.gather(0, order)
            seen += len(batch)
        return values.T, indices.T

    return top


right = streamed()


def streamed_by_heaps(batches, k):
    best, row = None, 0
    for batch in batches:
        best = best or [[] for _ in range(batch.shape[1])]
        for line in batch.tolist():
            for heap, value in zip(best, line, strict=True):
                heapq.heappush(heap, (value, -row))
                if len(heap) > k:
                    heapq.heappop(heap)
            row += 1
    ranked = [sorted(heap, reverse=True) for heap in best]
    return [[v for v, _ in unit] for unit in ranked], [[-r for _, r in unit] for unit in ranked]


def streamed_in_numpy(batches, k):
    values, indices, seen = None, None, 0
    for batch in batches:
        new = batch.numpy()
        rows = np.broadcast_to(np.arange(seen, seen + len(new))[:, None], new.shape)
        values = new.copy() if values is None else np.concatenate([values, new])
        indices = rows if indices is None else np.concatenate([indices, rows])
        order = np.argsort(-values, axis=0, kind="stable")[:k]
        values, indices = np.take_along_axis(values, order, 0), np.take_along_axis(indices, order, 0)
        seen += len(new)
    return values.T, indices.T


def streamed_batch_first(batches, k):
    """Sorts each batch by itself, and merges the two short lists by value and then by row."""
    best, seen = [], 0
    for batch in batches:
        found = [sorted(((-value, seen + row) for row, value in enumerate(column)))[:k] for column in batch.T.tolist()]
        best = [sorted([*old, *new])[:k] for old, new in zip(best or [[]] * len(found), found, strict=True)]
        seen += len(batch)
    return torch.tensor([[-v for v, _ in unit] for unit in best]), torch.tensor([[r for _, r in unit] for unit in best])


def new_before_old(batches, k):
    """Equal values: the later image comes first."""
    values, indices, seen = None, None, 0
    for batch in batches:
        rows = torch.arange(seen, seen + len(batch))[:, None].expand_as(batch)
        values = batch.clone() if values is None else torch.cat([batch, values])
        indices = rows if indices is None else torch.cat([rows, indices])
        order = values.sort(dim=0, descending=True, stable=True).indices[:k]
        values, indices, seen = values.gather(0, order), indices.gather(0, order), seen + len(batch)
    return values.T, indices.T


def kept_then_joined(batches, k):
    every = torch.cat(list(batches))
    order = stable(every)[:k]
    return every.gather(0, order).T, order.T


def copied_then_joined(batches, k):
    return kept_then_joined([batch.clone() for batch in batches], k)


def copied_then_joined_by_unit(batches, k):
    """No tensor is ever large, but together they hold everything."""
    kept = [[column.clone() for column in batch.T] for batch in batches]
    every = [torch.cat(columns) for columns in zip(*kept, strict=True)]
    rows = torch.stack([stable(column)[:k] for column in every])
    return torch.stack([column[order] for column, order in zip(every, rows, strict=True)]), rows


def copied_then_joined_in_numpy(batches, k):
    every = np.concatenate([batch.numpy().copy() for batch in batches])
    rows = np.argsort(-every, axis=0, kind="stable")[:k].T
    return np.take_along_axis(every.T, rows, 1), rows


def listed_then_sorted(batches, k):
    every = [line for batch in batches for line in batch.tolist()]
    best = [sorted((-value, row) for row, value in enumerate(column))[:k] for column in zip(*every, strict=True)]
    return torch.tensor([[-v for v, _ in unit] for unit in best]), torch.tensor([[r for _, r in unit] for unit in best])


def best_of_each_batch_kept(batches, k):
    kept, seen = [], 0
    for batch in batches:
        order = stable(batch)[:k]
        kept.append((batch.gather(0, order), order + seen))
        seen += len(batch)
    values, rows = (torch.cat(parts) for parts in zip(*kept, strict=True))
    order = stable(values)[:k]
    return values.gather(0, order).T, rows.gather(0, order).T


def best_kept_uncopied(batches, k):
    """Begins with the first batch itself, which is gone when the second has come."""
    values = None
    for batch in batches:
        values = batch if values is None else torch.cat([values, batch]).sort(dim=0, descending=True).values[:k]
    return values.T, torch.zeros_like(values, dtype=torch.int64).T


def first_batch_alone(batches, k):
    values, rows = next(iter(batches)).sort(dim=0, descending=True, stable=True)
    return values[:k].T.clone(), rows[:k].T


def counted_first(batches, k):
    sum(len(batch) for batch in batches)
    return right(batches, k)


def topk_of_each_batch(batches, k):
    return torch.cat([batch.topk(k, dim=0).values for batch in batches]).topk(k, dim=0)


def then(change):
    return lambda batches, k: change(*right(batches, k))


RIGHT = {
    "2.6": [top_in_numpy, top_by_loops, top_by_maxima, lambda a, k: stable(a.T, dim=1)[:, :k]],
    "2.7": [right, streamed_by_heaps, streamed_in_numpy, streamed_batch_first, streamed(first=float("-inf"))],
}

WRONG = {
    "2.6": [
        (lambda a, k: stable(a)[:k].flip(0).T, "rising_order"),
        (lambda a, k: a.argsort(dim=0, stable=True)[-k:].T, "rising_order"),
        (lambda a, k: a.argsort(dim=0, stable=True)[:k].T, "smallest"),
        (lambda a, k: a.topk(k, dim=0, largest=False).indices.T, "smallest other"),
        (lambda a, k: stable(a.abs())[:k].T, "by_size"),
        (lambda a, k: stable(a)[:k], "transposed"),
        (lambda a, k: np.argsort(a.numpy(), axis=0, kind="stable")[::-1][:k].copy(), "transposed"),
        (lambda a, k: stable(a, dim=1)[:, :k], "over_units"),
        (lambda a, k: stable(a, dim=1)[:, :k].T, "over_units"),
        (lambda a, k: a.sort(dim=0, descending=True).values[:k].T, "values"),
        (lambda a, k: a.sort(dim=0, descending=True).values[:k], "values"),
        (lambda a, k: stable(a)[1 : k + 1].T, "one_rank_off"),
        (lambda a, k: stable(a)[: k + 1].T, "one_rank_off"),
        (lambda a, k: stable(a)[: k - 1].T, "one_rank_off"),
        (lambda a, k: stable(a)[:k].T.double(), "broken_rows"),
        (top_like_the_course, "ties"),
        (lambda a, k: a.topk(k, dim=0).indices.T, "ties"),
        (top_unsorted, "unsorted"),
        (lambda a, k: a.topk(k, dim=0), "misfit"),
        (lambda a, k: stable(a).T, "other"),
        (lambda a, k: torch.arange(k).expand(a.shape[1], k), "other"),
        (lambda a, k: stable(a)[:k].T - 1, "other"),
        (lambda a, k: a.argsort(dim=2), "raised"),
        (None, "misfit"),
    ],
    "2.7": [
        (kept_then_joined, "kept_batches"),
        (best_kept_uncopied, "kept_batches"),
        (streamed(start="zero"), "no_offset"),
        (streamed(start="equal"), "equal_batches"),
        (streamed(start="number"), "counts_batches"),
        (streamed(last=True), "last_batch"),
        (streamed(last=True, start="zero"), "last_batch"),
        (first_batch_alone, "first_batch"),
        (streamed(first=0.0), "starts_with_zeros"),
        (then(lambda values, indices: (indices, values)), "swapped"),
        (then(lambda values, indices: (values.T, indices.T)), "transposed"),
        (then(lambda values, indices: (values.flip(1), indices.flip(1))), "rising_order"),
        (then(lambda values, indices: (values, indices.double())), "broken_indices"),
        (new_before_old, "ties"),
        (then(lambda values, indices: (values.roll(1, 1), indices.roll(1, 1))), "unsorted"),
        (then(lambda values, indices: (values, indices + 1)), "wrong_indices"),
        (streamed(k_change=1), "other"),
        (then(lambda values, indices: values), "misfit"),
        (counted_first, "misfit"),
        (topk_of_each_batch, "raised"),
        (lambda batches, k: batches[0].topk(k), "raised"),
        (lambda batches, k: None, "misfit"),
    ],
}

REMARKED = {
    "2.6": [
        (top_destroying, "changes_handed"),
    ],
    "2.7": [
        (copied_then_joined, "gathered"),
        (copied_then_joined_by_unit, "gathered"),
        (copied_then_joined_in_numpy, "gathered"),
        (listed_then_sorted, "gathered"),
        (best_of_each_batch_kept, "gathered"),
    ],
}

STUBS = {}
