"""A stream of batches that notes how much of what has passed is still held.

Each batch can be had once and is overwritten as soon as the next is asked for. At that moment whoever goes through
the stream needs its list alone; what it holds beyond that grows with the stream.
"""

import tracemalloc
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from labkit.exercises.answers import Misfit

_EVERY = 20  # measuring takes longer than passing by


class Stream:
    """The batches, one after the other.

    Args:
        batches: float64 (N_i, U).
        overwritten_with: what stands in a batch that has passed.
        memory: measures what is held, or None.

    Attributes:
        held: bytes held when a batch is asked for, at every twentieth; empty where nothing measures.
    """

    def __init__(self, batches: Sequence[np.ndarray], overwritten_with: float, memory: "Memory | None" = None) -> None:
        self.held: list[int] = []
        self._memory = memory
        self._passed = 0
        self._overwritten_with = overwritten_with
        self._left = iter(batches)
        self._last: Any = None
        self._over = False

    def __iter__(self) -> Iterator[torch.Tensor]:
        if self._over:
            raise Misfit("you go through the batches a second time; a generator gives each of them once")
        return self

    def __next__(self) -> torch.Tensor:
        if self._last is not None:
            self._last.fill_(self._overwritten_with)
        if self._memory is not None and self._passed % _EVERY == 0:
            self.held.append(self._memory.held())
        try:
            self._last = torch.from_numpy(next(self._left).copy())
        except StopIteration:
            self._over = True
            raise
        self._passed += 1
        return self._last


class Memory(TorchFunctionMode):
    """What is held: the tensors that PyTorch's functions have made, and the memory that Python and NumPy ask for."""

    def __init__(self) -> None:
        super().__init__()
        self._made: list[weakref.ref[torch.Tensor]] = []

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        parts = result if isinstance(result, (tuple, list)) else (result,)
        self._made += [weakref.ref(part) for part in parts if isinstance(part, torch.Tensor)]
        return result

    def held(self) -> int:
        """Bytes; memory that several tensors share counts once."""
        alive = {id(tensor): tensor for tensor in (made() for made in self._made) if tensor is not None}
        self._made = [weakref.ref(tensor) for tensor in alive.values()]
        storages = [tensor.untyped_storage() for tensor in alive.values()]
        return sum({each.data_ptr(): each.nbytes() for each in storages}.values()) + tracemalloc.get_traced_memory()[0]


@contextmanager
def measured() -> Iterator[Memory]:
    """Memory that is watched."""
    began = not tracemalloc.is_tracing()
    if began:
        tracemalloc.start()
    try:
        with Memory() as memory:
            yield memory
    finally:
        if began:
            tracemalloc.stop()
