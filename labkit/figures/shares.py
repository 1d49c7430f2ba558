"""How a share, such as that of the most frequent class, is spread over the channels of a layer, against chance."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from labkit.figures.canvas import DPI, INK, WIDTH, array, chart, in_style
from labkit.figures.drawing import Drawing, colour_of

#: Dots in the same of so many steps from 0 to 1 are piled up.
STEPS = 48
MARKERS = "os^D"
#: Of the chart that a network takes, and of the rest, in pixels.
STRIP, REST = 200, 120
#: How much of a strip the tallest pile may take; lower ones are not stretched beyond so many dots.
PILE, FLAT = 0.72, 9
#: How far the axis reaches beyond 0 and 1.
MARGIN = 0.02
DPI_TO_POINTS = 72 / DPI
#: On white, for lines run through the places of labels.
LABEL: dict[str, Any] = {
    "ha": "center", "va": "top", "fontsize": 9, "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.5},
}  # fmt: skip


@in_style
def shares(values: Mapping[str, Any], chance: float | tuple[float, float], title: str, label: str) -> Drawing:
    """Dots: the share of each channel, one dot a channel, one pile of dots below the other a network.

    Args:
        values: network, such as "trained" or "untrained" -> shares (C,) in [0, 1].
        chance: the share that chance gives, or the lowest and the highest that it usually gives.
        title: the figure's.
        label: what is shared, for the axis, such as "share of the most frequent class".

    Raises:
        ValueError: no network, or values outside [0, 1].
    """
    if not values:
        raise ValueError("values: got no network; wanted at least one name with its shares.")
    found = {name: _checked(f"values[{name!r}]", array(f"values[{name!r}]", given, "C"))
             for name, given in values.items()}  # fmt: skip
    low, high = _checked("chance", np.broadcast_to(chance, 2))
    by_chance = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    piles = [_piled(given) for given in found.values()]
    tallest = max(heights.max() for _, heights in piles) + 1

    figure, (axes,) = chart(title, REST + STRIP * len(found))
    axes.axvspan(low, high, color="#DDDDDD", zorder=0)
    for edge in {low, high}:
        axes.axvline(edge, color=INK, linewidth=1.5, linestyle="--", zorder=1)
    axes.text((low + high) / 2, 0.98, f"chance {by_chance}", transform=axes.get_xaxis_transform(), **LABEL)
    parts = []
    for row, (name, given) in enumerate(found.items()):
        places, heights = piles[row]
        height = PILE / max(tallest, FLAT)
        size = 0.8 * DPI_TO_POINTS * min(STRIP * height, WIDTH / STEPS)
        axes.axhline(row, color="#BBBBBB", linewidth=0.8, zorder=1)
        axes.plot(places, row - (heights + 0.6) * height, MARKERS[row % len(MARKERS)], color=colour_of(row),
                  markersize=size, markeredgecolor="white", markeredgewidth=0.3)  # fmt: skip
        median = float(np.median(given))
        axes.plot([median] * 2, [row, row + 0.08], color=INK, linewidth=2.5)
        axes.text(median, row + 0.1, f"median {median:.2f}", **LABEL)
        parts.append(
            f"{name}: median {median:.3f}, middle half from {np.quantile(given, 0.25):.3f} to "
            f"{np.quantile(given, 0.75):.3f}, lowest {given.min():.3f}, highest {given.max():.3f}; "
            f"{(given > high).sum()} of {len(given)} channels above chance"
        )
    axes.set_yticks(range(len(found)), found)
    axes.set_ylim(len(found) - 0.75, -0.9)
    axes.set_xlim(-MARGIN, 1 + MARGIN)
    axes.set_xlabel(label)
    axes.set_ylabel("network; a dot is a channel")
    return Drawing(
        figure,
        "each dot is one channel, dots of like value are piled up, and the short line beneath them is their median; "
        "only what lies right of chance, which is dashed, tells something.",
        f"{title}. By chance the {label} is {by_chance}. {'. '.join(parts)}.",
    )


def _checked(name: str, values: np.ndarray) -> np.ndarray:
    if not (values.min() >= 0 and values.max() <= 1 + 1e-6):  # so that NaN is refused as well
        raise ValueError(
            f"{name}: got values from {values.min():.3g} to {values.max():.3g}; wanted shares in [0, 1], without NaN. "
            "Leave channels without a value out."
        )
    return values


def _piled(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the dots of some shares stand: along the axis, and how many lie beneath them."""
    steps = np.sort(np.rint(STEPS * values))
    _, firsts, which = np.unique(steps, return_index=True, return_inverse=True)
    return steps / STEPS, np.arange(len(steps)) - firsts[which]
