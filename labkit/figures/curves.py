"""Lines over steps, epochs and weights: how images are optimised, how networks learn, how a weight is chosen.

Arrays may be NumPy's, PyTorch's, or sequences.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from labkit.figures.canvas import array, chart, in_style
from labkit.figures.drawing import GREY, Drawing, colour_of
from labkit.figures.measures import MARKERS

#: From this ratio of the largest to the smallest value on, a loss is drawn on a logarithmic axis.
DECADES = 100
#: What is less than this share of the largest value lies below a logarithmic axis.
SHOWN = 1e-6
DASHES = ("-", "--", ":", "-.")


@in_style
def loss_curve(losses: Any, title: str, confidence: Any = None, wanted: float | None = None) -> Drawing:
    """Lines: the loss of optimised images over the steps, and the confidence that they reach.

    Of several images together a thick line is the median and thin ones are the images.

    Args:
        losses: (T,), (T, N) for N images, or a mapping from names to either; row 0 is the start.
        title: the figure's.
        confidence: the same for probabilities, or None.
        wanted: the confidence that was asked for, drawn as a level line.

    Raises:
        ValueError: shapes or names that do not go together, or confidences outside [0, 1].
    """
    drawn = {"loss": _by_name("losses", losses)}
    if confidence is not None:
        drawn["confidence"] = _by_name("confidence", confidence)
        _check_shares("confidence", drawn["confidence"])
        shapes = [{name: values.shape for name, values in curves.items()} for curves in drawn.values()]
        if shapes[0] != shapes[1]:
            raise ValueError(f"confidence: got the shapes {shapes[1]}; wanted those of losses, {shapes[0]}.")
    figure, sides = chart(title, 380, columns=len(drawn))
    for axes, (label, curves) in zip(sides, drawn.items(), strict=True):
        for number, (name, values) in enumerate(curves.items()):
            style: dict[str, Any] = {"color": colour_of(number), "linestyle": DASHES[number % len(DASHES)]}
            if values.shape[1] > 1:
                axes.plot(values, **style, linewidth=0.6, alpha=0.6)
            axes.plot(np.median(values, axis=1), **style, linewidth=2.2, label=name)
        _over(axes, "steps", label)
    logarithmic = _maybe_logarithmic(sides[0], np.concatenate([values.ravel() for values in drawn["loss"].values()]))
    if confidence is not None:
        sides[1].set_ylim(-0.03, 1.03)
        if wanted is not None:
            sides[1].axhline(wanted, color=GREY, linestyle=":")
            sides[1].annotate(
                f"wanted: {wanted:g}", (1, wanted), xycoords=("axes fraction", "data"), ha="right", va="top"
            )
    several = list(drawn["loss"]) != [""]
    if several:
        figure.legend(*sides[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)

    parts = []
    for name, loss in drawn["loss"].items():
        told = f"{name}: " if several else ""
        told += f"{len(loss) - 1:,} steps, loss {_from_to(loss, '.3g')}"
        if confidence is not None:
            told += f", confidence {_from_to(drawn['confidence'][name], '.3f')}"
        parts.append(told)
    many = any(loss.shape[1] > 1 for loss in drawn["loss"].values())
    return Drawing(
        figure,
        ("the thick line is the median of the images, each thin line is one of them; " if many else "")
        + "where the loss no longer falls, more steps change little"
        + (", and the confidence says whether that was enough" if confidence is not None else "")
        + ("; the axis of the loss goes by powers of ten, where 0 is out of sight." if logarithmic else "."),
        f"{title}. {'; '.join(parts)}.",
    )


@in_style
def over_fitting(curves: Mapping[str, Mapping[str, Any]], title: str) -> Drawing:
    """Lines: training and validation accuracy of each epoch, for several networks.

    Args:
        curves: network -> {"train": accuracies (E,), "validation": accuracies (E,)}, in [0, 1].
        title: the figure's.

    Raises:
        ValueError: no network, other names than these two, lists of different lengths, or values outside [0, 1].
    """
    if not curves:
        raise ValueError("curves: got no network; wanted at least one.")
    figure, (axes,) = chart(title, 440)
    parts = []
    for number, (network, pair) in enumerate(curves.items()):
        if set(pair) != {"train", "validation"}:
            raise ValueError(f"curves[{network!r}]: got {list(pair)}; wanted 'train' and 'validation'.")
        train = array(f"curves[{network!r}]['train']", pair["train"], "E")
        validation = array(f"curves[{network!r}]['validation']", pair["validation"], len(train))
        _check_shares(f"curves[{network!r}]", {"train": train, "validation": validation})
        epochs = np.arange(1, len(train) + 1)
        style: dict[str, Any] = {"color": colour_of(number), "marker": MARKERS[number % len(MARKERS)], "markersize": 5}
        axes.plot(epochs, train, linestyle="--", markerfacecolor="white", label=f"{network}, training", **style)
        axes.plot(epochs, validation, linestyle="-", label=f"{network}, validation", **style)
        parts.append(
            f"{network}: after {len(train)} epochs training {train[-1]:.3f}, validation {validation[-1]:.3f}, "
            f"a gap of {train[-1] - validation[-1]:+.3f}; best validation {validation.max():.3f} after epoch "
            f"{epochs[validation.argmax()]}"
        )
    _over(axes, "epoch", "accuracy")
    figure.legend(loc="outside lower center", ncols=2)
    return Drawing(
        figure,
        "dashed lines with empty marks are the images that the network learns from, full ones images that it does not "
        "see; the gap between the two lines of a colour is what it has learned by heart.",
        f"{title}. {'. '.join(parts)}.",
    )


@in_style
def criterion_by_weight(
    weights: Any,
    scores: Mapping[str, Any],
    chosen: float,
    title: str,
    errors: Mapping[str, Any] | None = None,
    levels: Mapping[str, tuple[float, str]] | None = None,
) -> Drawing:
    """Lines: scores for each weight of a regulariser, how sure they are, and the weight that was chosen.

    Args:
        weights: (W,), at least 0, increasing; powers of two are equally far apart, and 0 stands left of all.
        scores: name -> the score of each weight (W,); each has axes and units of its own.
        chosen: one of the weights, marked.
        title: the figure's.
        errors: name of a score -> its standard error at each weight (W,), drawn as a bar of one error up and one down.
        levels: name of a score -> a value that it is held against, drawn as a level line, and what that is.

    Raises:
        ValueError: weights that do not increase, scores or errors of another length, names that no score has, or a
            choice that is none of the weights.
    """
    errors, levels = errors or {}, levels or {}
    weights = array("weights", weights, "W").astype(float)
    if weights[0] < 0 or (np.diff(weights) <= 0).any():
        raise ValueError(f"weights: got {weights.tolist()}; wanted increasing numbers from 0 on.")
    if chosen not in weights:
        raise ValueError(f"chosen: got {chosen}; wanted one of {weights.tolist()}.")
    if not scores:
        raise ValueError("scores: got none; wanted at least one.")
    for argument, named in (("errors", errors), ("levels", levels)):
        if not named.keys() <= scores.keys():
            raise ValueError(f"{argument}: got {list(named)}; wanted names of scores, {list(scores)}.")
    positive = np.log2(weights[weights > 0])
    places = positive if len(positive) == len(weights) else np.insert(positive, 0, positive.min(initial=1) - 1)
    at = int(np.flatnonzero(weights == chosen)[0])
    figure, sides = chart(title, 380, columns=len(scores))
    parts = []
    for number, (axes, (name, given)) in enumerate(zip(sides, scores.items(), strict=True)):
        values = array(f"scores[{name!r}]", given, len(weights))
        axes.axvline(places[at], color="#DDDDDD", linewidth=8, zorder=0)
        axes.plot(places, values, marker="o", markersize=5, color=colour_of(number))
        axes.plot(places[at], values[at], "*", markersize=16, color=colour_of(number))
        told = [f"{value:.3f}" for value in values]
        if name in errors:
            error = array(f"errors[{name!r}]", errors[name], len(weights))
            axes.errorbar(places, values, error, fmt="none", ecolor=colour_of(number), capsize=4)
            told = [f"{value} ± {one:.3f}" for value, one in zip(told, error, strict=True)]
        held = ""
        if name in levels:
            level, what = levels[name]
            axes.axhline(level, color=GREY, linestyle=":")
            axes.annotate(what, (0.01, level), xycoords=("axes fraction", "data"), va="top", fontsize=9)
            held = f" (level line, {what}: {level:.3f})"
        _over(axes, "weight (each step doubles it)", name)
        axes.set_xticks(places, [f"{weight:g}" for weight in weights], rotation=90 if len(scores) > 1 else 0)
        parts.append(
            f"{name}: " + ", ".join(f"{weight:g} {value}" for weight, value in zip(weights, told, strict=True)) + held
        )
    return Drawing(
        figure,
        "a higher weight stands further right, and the star on the grey stripe is the chosen one; a flat line "
        "around it means that its neighbours would have done as well"
        + (
            "; bars are one standard error up and one down, and where they overlap the order may be chance"
            * bool(errors)
        )
        + ("; the dotted line is what a score is held against" * bool(levels))
        + ".",
        f"{title}. {'; '.join(parts)}. Chosen is {chosen:g}.",
    )


def _by_name(argument: str, values: Any) -> dict[str, np.ndarray]:
    """Curves (T, N) by name; a single one has none."""
    named = values if isinstance(values, Mapping) else {"": values}
    if not named:
        raise ValueError(f"{argument}: got no curves; wanted at least one.")
    found = {}
    for name, curve in named.items():
        where = f"{argument}[{name!r}]" if name else argument
        several = np.ndim(curve) == 2
        found[name] = array(where, curve, "T", "N") if several else array(where, curve, "T")[:, None]
    return found


def _check_shares(argument: str, curves: Mapping[str, np.ndarray]) -> None:
    low, high = min(values.min() for values in curves.values()), max(values.max() for values in curves.values())
    if low < 0 or high > 1 + 1e-6:
        raise ValueError(f"{argument}: got values from {low:.3g} to {high:.3g}; wanted shares in [0, 1].")


def _over(axes: Axes, below: str, beside: str) -> None:
    """Label the axes of a curve."""
    axes.set_xlabel(below)
    axes.set_ylabel(beside)
    axes.grid(axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def _maybe_logarithmic(axes: Axes, values: np.ndarray) -> bool:
    """Make an axis logarithmic if positive values span decades."""
    if values.min() < 0 or values.max() < DECADES * values.min():
        return False
    axes.set_yscale("log", nonpositive="mask")
    axes.set_ylim(bottom=max(values.min(), SHOWN * values.max()) / 1.5)
    return True


def _from_to(values: np.ndarray, form: str) -> str:
    """The first and the last of curves (T, N) in words."""
    first, last = np.median(values[[0, -1]], axis=1)
    told = f"{'median ' if values.shape[1] > 1 else ''}from {first:{form}} to {last:{form}}"
    if values.shape[1] > 1:
        told += f" (of {values.shape[1]} images from {values[-1].min():{form}} to {values[-1].max():{form}})"
    return told
