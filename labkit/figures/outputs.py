"""What a network's outputs say of an image: probabilities, logits, and whether another network agrees.

Arrays may be NumPy's, PyTorch's, or sequences.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from labkit.datasets.mnist import CLASSES
from labkit.figures.canvas import PALE, array, chart, in_style
from labkit.figures.drawing import GREY, Drawing, colour_of

WIDTH = 0.4


@in_style
def probabilities(before: Any, after: Any, title: str) -> Drawing:
    """Bars: the probabilities of the ten digits before and after an image was optimised.

    Args:
        before: (10,), in [0, 1].
        after: likewise.
        title: the figure's.

    Raises:
        ValueError: another shape, or other numbers, such as log-probabilities.
    """
    pair = {"before": array("before", before, 10), "after": array("after", after, 10)}
    figure, (axes,) = chart(title, 360)
    places = np.arange(10)
    for number, (name, shares) in enumerate(pair.items()):
        if shares.min() < 0 or shares.max() > 1 + 1e-6:
            raise ValueError(
                f"{name}: got values from {shares.min():.3g} to {shares.max():.3g}; wanted probabilities in [0, 1]. "
                "Of log-probabilities take the exponential."
            )
        bars = axes.bar(
            places + (number - 0.5) * WIDTH, shares, 0.95 * WIDTH, label=name,
            color=colour_of(number), hatch=("///", "")[number], edgecolor="white",
        )  # fmt: skip
        axes.bar_label(bars, [f"{share:.2f}" for share in shares], padding=2, fontsize=7)
    axes.set_xticks(places, CLASSES)
    axes.set_xlabel("digit")
    axes.set_ylabel("probability")
    axes.set_ylim(0, 1.08)
    axes.grid(axis="y")
    figure.legend(loc="outside lower center", ncols=2)
    moves = pair["after"] - pair["before"]
    told = [f"{d} {b:.3f} to {a:.3f}" for d, b, a in zip(CLASSES, pair["before"], pair["after"], strict=True)]
    return Drawing(
        figure,
        "a pair of bars is one digit, hatched before and plain after; what one digit gains the others lose, since the "
        "bars of a kind sum up to 1.",
        f"{title}. Before and after: {', '.join(told)}. Most gained {moves.argmax()} ({moves.max():+.3f}), most lost "
        f"{moves.argmin()} ({moves.min():+.3f}).",
    )


@in_style
def logit_moves(moves: Mapping[str, tuple[Any, Any]], unit: int, title: str) -> Drawing:
    """Lines with tips: what every logit did while one output was maximised, one panel a way to do it.

    Two outputs matter most, and have colours: the one that was maximised, and of the others the one that was ahead
    before. The lead of the first over the second grows by what the first gains and by what the second loses.

    Args:
        moves: way, such as "softmax" and "linear" -> the logits before and after, (10,) each.
        unit: the output that was maximised, from 0 to 9.
        title: the figure's.

    Raises:
        ValueError: no way, another shape, or no such output.
    """
    if not moves or unit not in range(10):
        raise ValueError(f"got {len(moves)} ways and unit {unit}; wanted at least one way, and a unit from 0 to 9.")
    figure, sides = chart(title, 500, columns=len(moves))
    others = np.delete(np.arange(10), unit)
    parts = []
    for column, (axes, (way, (before, after))) in enumerate(zip(sides, moves.items(), strict=True)):
        before = array(f"moves[{way!r}], before", before, 10)
        after = array(f"moves[{way!r}], after", after, 10)
        moved = after - before
        rival = int(others[before[others].argmax()])
        colours = [GREY] * 10
        colours[rival], colours[unit] = colour_of(0), colour_of(1)
        widths = [4 if digit in (unit, rival) else 2 for digit in range(10)]
        axes.hlines(range(10), before, after, color=colours, linewidth=widths)
        axes.scatter(before, range(10), s=30, facecolor="white", edgecolor=colours, zorder=3)
        for digit in range(10):
            up = bool(moved[digit] > 0)
            axes.plot(after[digit], digit, "<>"[up], color=colours[digit], markersize=2 * widths[digit] + 2, zorder=4)
            axes.annotate(
                f"{moved[digit]:+.1f}", (after[digit], digit), (8 if up else -8, 0), textcoords="offset points",
                ha="left" if up else "right", va="center", fontsize=9, color=colours[digit],
            )  # fmt: skip
        axes.axvline(0, color="#DDDDDD", zorder=0)
        axes.margins(x=0.25)  # for the numbers at the tips
        leads = before[unit] - before[rival], after[unit] - after[rival]
        names = list(CLASSES)
        if column == 0:
            names[unit], names[rival] = f"maximised: {unit}", f"ahead before: {rival}"
        axes.set_yticks(range(10), names)
        for digit in (unit, rival):
            axes.get_yticklabels()[digit].set(fontweight="bold", color=colours[digit])
        axes.invert_yaxis()
        axes.set_xlabel(f"logit, {way}\nlead of {unit} over {rival}: {leads[0]:+.1f} before, {leads[1]:+.1f} after")
        axes.set_ylabel("output" if column == 0 else "")
        parts.append(
            f"{way}: {unit}, which was maximised, from {before[unit]:.2f} to {after[unit]:.2f} ({moved[unit]:+.2f}); "
            f"{rival}, which was ahead of all others before, from {before[rival]:.2f} to {after[rival]:.2f} "
            f"({moved[rival]:+.2f}); so the lead of {unit} over {rival} goes from {leads[0]:+.2f} to {leads[1]:+.2f}. "
            f"The others move by {', '.join(f'{d} {moved[d]:+.2f}' for d in others if d != rival)}"
        )
    _share_limits(sides)
    return Drawing(
        figure,
        f"each line is an output, from its ring before to its tip after, with the change at the tip; orange is {unit}, "
        "which was maximised, blue the output that was ahead of all others before, grey the rest; tips to the left "
        "are outputs that were pushed down, and all panels have one range, so lengths can be compared.",
        f"{title}. {'. '.join(parts)}.",
    )


@in_style
def agreement(table: pd.DataFrame, title: str = "Who recognises whose images?", of: int = 10) -> Drawing:
    """Numbers on colours: how many images of each kind each network takes for the digit that is meant.

    Args:
        table: counts from 0 to ``of``; a row for each kind of images, a column for each network that judges.
        title: the figure's.
        of: how many images of each kind there are.

    Raises:
        ValueError: an empty table, or other counts.
    """
    counts = array("table", table, "kinds", "judges")
    if counts.min() < 0 or counts.max() > of:
        raise ValueError(f"table: got {counts.min()} to {counts.max()}; wanted counts from 0 to {of}.")
    figure, (axes,) = chart(title, 130 + 48 * len(table))
    shown = axes.imshow(counts, cmap=PALE, vmin=0, vmax=of, aspect="auto")
    for row, column in np.ndindex(counts.shape):
        axes.text(column, row, f"{counts[row, column]:g}", ha="center", va="center", color="black", fontsize=12)
    axes.set_xticks(range(len(table.columns)), table.columns)
    axes.set_yticks(range(len(table)), table.index)
    axes.set_xlabel("network that judges")
    axes.set_ylabel("images of")
    axes.spines[:].set_visible(False)
    figure.colorbar(shown, ax=axes, label=f"recognised, of {of}")
    parts = [f"{kind}: " + ", ".join(f"{judge} {count:g}" for judge, count in table.loc[kind].items())
             for kind in table.index]  # fmt: skip
    return Drawing(
        figure,
        "a row is a kind of images, a column a network that is asked what they show; a network knows the images made "
        f"for itself, so what tells is the others, and by guessing alone about {of / 10:g} of {of} would be right.",
        f"{title} Recognised of {of} images of each kind, by network: {'; '.join(parts)}.",
    )


def _share_limits(sides: Any) -> None:
    """Give axes side by side the same range of values."""
    low, high = zip(*(axes.get_xlim() for axes in sides), strict=True)
    for axes in sides:
        axes.set_xlim(min(low), max(high))
