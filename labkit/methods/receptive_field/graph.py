"""The walk from the image to a layer, over a graph that knows no framework."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labkit.methods.receptive_field.arithmetic import Window
from labkit.methods.receptive_field.axis import Axis

#: From the size of a map, such as (rows, columns), to the window along each dimension.
Windows = Callable[[tuple[int, ...]], Sequence[Window]]


@dataclass(frozen=True)
class Node:
    """A layer where it is called.

    Attributes:
        name: the layer's, for error messages.
        inputs: the numbers of the nodes that it is given, all of them earlier ones; none for the image.
        windows: what it looks at; called only on the way to the wanted layer, so that a layer that nobody asks
            for may be unknown.
    """

    name: str
    inputs: tuple[int, ...]
    windows: Windows


def unchanged(sizes: tuple[int, ...]) -> Sequence[Window]:
    """The windows of a layer that works on each place of the map alone."""
    return [Window() for _ in sizes]


def walk(nodes: Sequence[Node], target: int, image: tuple[int, ...]) -> tuple[Axis, ...]:
    """What the units of a node see of the image.

    Args:
        nodes: of the graph; each comes after its inputs.
        target: number of the node.
        image: its size, such as (rows, columns).

    Returns:
        an axis for each dimension.

    Raises:
        ValueError: branches that do not fit, or an unknown layer on the way.
    """
    seen: dict[int, tuple[Axis, ...]] = {}
    for number in sorted(_before(nodes, target)):
        node = nodes[number]
        if node.inputs:
            below = _together(nodes, number, seen)
            windows = node.windows(tuple(axis.units for axis in below))
            seen[number] = tuple(axis.behind(window) for axis, window in zip(below, windows, strict=True))
        else:
            seen[number] = tuple(map(Axis.of_image, image))
        if not all(axis.units > 0 for axis in seen[number]):
            raise ValueError(f"got images of {image}, of which layer {node.name!r} leaves nothing; wanted larger ones.")
    return seen[target]


def _together(nodes: Sequence[Node], number: int, seen: dict[int, tuple[Axis, ...]]) -> tuple[Axis, ...]:
    """The maps that a node is given, as one map."""
    first, *others = nodes[number].inputs
    together = seen[first]
    for other in others:
        for dimension, (one, two) in enumerate(zip(seen[first], seen[other], strict=True)):
            if not one.fits(two):
                along = ("the rows", "the columns")[dimension] if len(together) == 2 else f"dimension {dimension}"
                raise ValueError(_misfit(nodes, number, (first, other), (one, two), along))
        together = tuple(one.united(two) for one, two in zip(together, seen[other], strict=True))
    return together


def _misfit(nodes: Sequence[Node], number: int, branches: tuple[int, int], axes: tuple[Axis, Axis], along: str) -> str:
    """What to say of branches that do not fit."""
    fork = max(_before(nodes, branches[0]) & _before(nodes, branches[1]))
    told = [
        f"by {' > '.join([*_path(nodes, fork, branch), nodes[number].name])} it has {axis.units} units, "
        f"{axis.stride} pixels apart, the first one centred on {float(axis.centre):g}"
        for branch, axis in zip(branches, axes, strict=True)
    ]
    if 1 in (axis.units for axis in axes):
        why = "The one unit is spread over the map, so all units see what it sees. Wanted a layer before it."
    else:
        why = "So a unit there has no one place in the image. Wanted a layer before it, or branches that fit."
    return f"got branches that do not fit in layer {nodes[number].name!r}, along {along}: {told[0]}; {told[1]}. {why}"


def _before(nodes: Sequence[Node], target: int) -> set[int]:
    """A node and all that it depends on."""
    found, waiting = set(), [target]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting.extend(nodes[number].inputs)
    return found


def _path(nodes: Sequence[Node], fork: int, end: int) -> list[str]:
    """The names of the layers on the way from one node to another."""
    if end == fork:
        return [nodes[end].name]
    onwards = next(number for number in nodes[end].inputs if fork in _before(nodes, number))
    return [*_path(nodes, fork, onwards), nodes[end].name]
