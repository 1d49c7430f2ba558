"""Figures of what a network does with its classes: how it learned, which it confuses, how its features lie.

Arrays may be NumPy's or PyTorch's.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from labkit.figures.canvas import PALE, array, chart, class_numbers, in_style
from labkit.figures.drawing import PALETTE, Drawing, colour_of

#: One shape a class; with the colours, which start anew behind the last one, no two classes look alike.
MARKERS = "os^DvP*X<>phd8"
#: From the middle to both ends.
SIDES = np.array([-1.0, 1.0])
#: How small a map's shorter side is drawn at least, as a share of the longer one.
FLATTEST = 0.7


@in_style
def training_curve(loss: Sequence[float], validation: Sequence[float], title: str = "Training") -> Drawing:
    """Lines: the training loss and the validation accuracy of each epoch.

    Args:
        loss: mean loss of each epoch.
        validation: accuracy after each epoch, in [0, 1].
        title: the figure's.

    Raises:
        ValueError: no epoch, or lists of different lengths.
    """
    losses = array("loss", loss, "epochs")
    accuracies = array("validation", validation, len(losses))
    epochs = np.arange(1, len(losses) + 1)
    best = int(accuracies.argmax())
    figure, axes = chart(title, 360, columns=2)
    for number, (side, values, label) in enumerate(
        zip(axes, (losses, accuracies), ("mean training loss", "validation accuracy"), strict=True)
    ):
        side.plot(epochs, values, marker="o", markersize=4, color=colour_of(number))
        side.set_xlabel("epoch")
        side.set_ylabel(label)
        side.grid(axis="y")
        side.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[1].plot(epochs[best], accuracies[best], "*", markersize=16, color=colour_of(1))
    axes[1].set_title(f"best: {accuracies[best]:.3f} after epoch {epochs[best]}", fontsize=10)
    return Drawing(
        figure,
        "left the loss on the images it learns from, right the accuracy on images it does not see; where the left "
        "still falls and the right no longer rises, it learns by heart.",
        f"{title}, {len(losses)} epochs. The training loss goes from {losses[0]:.3f} to {losses[-1]:.3f}, the "
        f"validation accuracy from {accuracies[0]:.3f} to {accuracies[-1]:.3f}; best {accuracies[best]:.3f} after "
        f"epoch {epochs[best]} (marked by a star).",
    )


@in_style
def confusion(matrix: Any, classes: Sequence[str], title: str = "Which classes are taken for which") -> Drawing:
    """The confusion matrix: shares of each true class in colour, counts in numbers.

    Args:
        matrix: counts (C, C); rows are the true classes, columns the predicted ones.
        classes: names of the classes.
        title: the figure's.

    Raises:
        ValueError: not one row and one column for each class.
    """
    matrix = array("matrix", matrix, len(classes), len(classes)).astype(int)
    shares = matrix / matrix.sum(axis=1, keepdims=True).clip(min=1)
    figure, (axes,) = chart(title, 620)
    image = axes.imshow(shares, cmap=PALE, vmin=0, vmax=1)
    for row, column in np.argwhere(matrix):
        axes.text(column, row, f"{matrix[row, column]:,}", ha="center", va="center", color="black", fontsize=9)
    axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(classes)), classes)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    axes.spines[:].set_visible(False)
    figure.colorbar(image, ax=axes, label="share of the true class", shrink=0.8)

    right = np.diag(shares)
    wrong = np.where(np.eye(len(classes), dtype=bool), -1, matrix)
    worst = [divmod(int(place), len(classes)) for place in np.argsort(-wrong, axis=None, kind="stable")[:3]]
    mistakes = ", ".join(f"{classes[t]} for {classes[p]} {matrix[t, p]:,} times" for t, p in worst if matrix[t, p])
    return Drawing(
        figure,
        "a row is a true class, a column what the network said; the diagonal is right, and a dark cell beside it is a "
        "pair that the network takes for one another. Empty cells are zero.",
        f"{title}. {matrix.sum():,} images, {np.trace(matrix) / max(matrix.sum(), 1):.1%} on the diagonal. Best "
        f"{classes[int(right.argmax())]} with {right.max():.0%} right, worst {classes[int(right.argmin())]} with "
        f"{right.min():.0%}. Most frequent mistakes: {mistakes or 'none'}.",
    )


@in_style
def projection(points: Any, labels: Any, classes: Sequence[str], title: str) -> Drawing:
    """Points in the plane, as t-SNE lays them, with the classes told apart.

    Args:
        points: (N, 2).
        labels: integers (N,), which count the classes from 0.
        classes: their names.
        title: the figure's.

    Raises:
        ValueError: shapes that do not go together, or a label without a name.
    """
    points = array("points", points, "N", 2)
    labels = class_numbers(labels, classes, len(points))
    centre, reach = (points.max(axis=0) + points.min(axis=0)) / 2, 1.05 * np.ptp(points, axis=0) / 2
    reach = reach.clip(min=(reach.max() or 1.0) * FLATTEST)
    figure, (axes,) = chart(title, round(90 + 550 * reach[1] / reach[0]))  # as high as the map needs at its width
    present = np.unique(labels)
    middles = np.array([np.median(points[labels == number], axis=0) for number in present])
    crowds = np.array([_most_crowded(points[labels == number]) for number in present])
    area = min(30, max(14, 30_000 / len(points)))  # of a mark; of thousands each is smaller, so that fewer are hidden
    for number in present:
        hollow = number >= len(PALETTE)
        axes.scatter(
            points[labels == number, 0], points[labels == number, 1], s=area,
            marker=MARKERS[number % len(MARKERS)], label=classes[number],
            facecolor="none" if hollow else colour_of(number), edgecolor=colour_of(number) if hollow else "white",
            linewidth=1.2 if hollow else 0.4,
        )  # fmt: skip
    names = [classes[number] for number in present]
    axes.set_xlabel("first coordinate of the map")
    axes.set_ylabel("second coordinate of the map")
    axes.set(xlim=centre[0] + reach[0] * SIDES, ylim=centre[1] + reach[1] * SIDES, aspect="equal")
    figure.legend(loc="outside right upper", title="class", markerscale=(30 / area) ** 0.5)
    _named(axes, crowds, names)

    told = f"{len(points):,} points of {len(present)} classes."
    if len(present) > 1:
        gaps = np.linalg.norm(middles[:, None] - middles, axis=2)
        near = sorted((gaps[a, b], names[a], names[b]) for a, b in combinations(range(len(names)), 2))[:3]
        told += f" Medians closest to each other: {', '.join(f'{a} and {b} ({gap:.1f})' for gap, a, b in near)}."
    return Drawing(
        figure,
        "each mark is one image, its class's name stands where its marks are densest; neighbours are alike to the "
        "network, while the distance between far groups and the axes themselves mean nothing.",
        f"{title}. {told}",
    )


def _most_crowded(points: np.ndarray) -> np.ndarray:
    """The one of some points (N, 2) that has most of the others near it: within a tenth of their extent."""
    gaps = np.linalg.norm(points[:, None] - points, axis=2)
    return points[(gaps <= 0.1 * np.ptp(points, axis=0).max()).sum(axis=1).argmax()]


def _named(axes: Axes, places: np.ndarray, names: Sequence[str]) -> None:
    """Write names at places; where one stands already, the next goes to the closest free place above or below."""
    low, high = (np.array(limits) for limits in zip(axes.get_xlim(), axes.get_ylim(), strict=True))
    room = (high - low) * (0.22, 0.045)  # what a name takes
    steps = sorted(range(-4 * len(names), 4 * len(names) + 1), key=abs)
    taken: list[np.ndarray] = []
    for name, middle in zip(names, places, strict=True):
        tries = (middle + (0, step * room[1] / 4) for step in steps)
        place = next(place for place in tries if not any((np.abs(place - other) < room).all() for other in taken))
        taken.append(place)
        axes.text(place[0], place[1], name, ha="center", va="center", fontsize=10, weight="bold",
                  path_effects=[withStroke(linewidth=2, foreground="white")])  # fmt: skip
