"""The patches that excite the channels of a layer most: some channels in rows, or all of them to browse.

Patches are pieces cut out of images, uint8 or floats in [0, 1], channels last. Where a piece reaches over the
image's border, ``inside`` is false, and the place is drawn as a chequered pattern.
"""

import io
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image
from plotly.subplots import make_subplots

from labkit.figures.canvas import Picture, in_style, sheet
from labkit.figures.drawing import Drawing, styled
from labkit.figures.tiles import checked, mean_colour, tiled

#: In pixels of a patch of twenty: beneath each patch room for its value, and a line between patches.
ROOM, LINE = 5, 2
#: Of the browser's patches, with room for title and slider.
HEIGHT = 600
#: Of these the slider's.
BELOW = 100
#: Colours of a PNG with one byte a pixel.
COLOURS = 256

_CHEQUERED = "what is chequered lies outside the image"


@in_style
def patch_rows(patches: Any, inside: Any, values: Any, names: Sequence[str], title: str) -> Drawing:
    """The patches that some channels like best, one channel a row, each with its activation.

    Args:
        patches: (R, k, h, w, 3), best first.
        inside: bool (R, k, h, w), false where a patch reaches over its image's border.
        values: their activations (R, k).
        names: of the R rows, such as "channel 12".
        title: the figure's.

    Raises:
        ValueError: shapes or a number of names that do not go together, or pixels with other values.
    """
    painted, inside, values = checked(patches, inside, values, "R", "k")
    if len(names) != len(painted):
        raise ValueError(f"names: got {len(names)}; wanted {len(painted)}, one for each row of patches.")
    cells = [
        [Picture(patch, f"{value:.2f}") for patch, value in zip(*row, strict=True)]
        for row in zip(painted, values, strict=True)
    ]
    over = np.logical_not(inside.all(axis=(2, 3)))
    parts = []
    for row, name in enumerate(names):
        parts.append(
            f"{name}: from {values[row, 0]:.2f} to {values[row, -1]:.2f}, {mean_colour(painted[row][inside[row]])}, "
            f"{over[row].sum()} over the border"
        )
    return Drawing(
        sheet(cells, title, rows=names, sides=(48, 100)),
        "each row is one channel, its strongest patch first, the activation beneath; look for what the patches of a "
        "row share in colour, direction or texture" + (f"; {_CHEQUERED}." if over.any() else "."),
        f"{title}. For each row the {painted.shape[1]} patches of {painted.shape[2]} x {painted.shape[3]} pixels with "
        f"the highest activations. {'; '.join(parts)}.",
    )


def patch_browser(networks: Mapping[str, tuple[Any, Any, Any]], title: str) -> Drawing:
    """The patches that each channel of a layer likes best; a slider goes through the channels.

    Several networks stand side by side on the same slider. All patches are in the figure itself, so that it
    works without the kernel and without a network.

    Args:
        networks: name, such as "trained" or "untrained" -> patches (C, k, h, w, 3), best first; inside, bool
            (C, k, h, w), false where a patch reaches over its image's border; and values, their activations
            (C, k). All networks have as many channels and patches.
        title: the figure's.

    Raises:
        ValueError: no network, shapes that do not go together, or pixels with other values.
    """
    if not networks:
        raise ValueError("networks: got none; wanted at least one name with patches, inside and values.")
    figure = make_subplots(rows=1, cols=len(networks), subplot_titles=list(networks), horizontal_spacing=0.06)
    sources: list[list[str]] = []
    texts: list[list[list[str]]] = []
    wanted: tuple[str | int, ...] = ("C", "k")
    parts, crossing, size = [], False, ""
    for column, (name, given) in enumerate(networks.items(), start=1):
        if len(given) != 3:
            raise ValueError(f"networks[{name!r}]: got {len(given)} arrays; wanted patches, inside and values.")
        painted, inside, values = checked(*given, *wanted, of=f" of {name!r}")
        wanted = values.shape
        size = size or f"{painted.shape[2]} x {painted.shape[3]} pixels"
        room, line = (max(1, round(painted.shape[2] * share / 20)) for share in (ROOM, LINE))
        pictures, spots = zip(*(tiled(one, (room, line)) for one in painted), strict=True)
        sources.append([_png(picture) for picture in pictures])
        texts.append([[f"{value:.2f}" for value in row] for row in values])
        _add_panel(figure, column, sources[-1][0], pictures[0].shape, spots[0], texts[-1][0])
        over = np.logical_not(inside.all(axis=(2, 3)))
        crossing |= bool(over.any())
        parts.append(f"{name}: {_in_words(values, over)}")
    figure.update_layout(sliders=[_slider(sources, texts)], dragmode=False, modebar={"remove": ["select2d", "lasso2d"]})
    styled(figure, title, HEIGHT)
    figure.update_layout(margin={"b": BELOW})  # on a narrow page the slider makes no room for itself
    return Drawing(
        figure,
        "move the slider from channel to channel; each shows its strongest patches, the best in the upper left, the "
        "activation beneath, and where all are 0.00 the channel stays silent and its patches mean nothing"
        + (f"; {_CHEQUERED}." if crossing else "."),
        f"{title}. For each of {wanted[0]} channels the {wanted[1]} patches with the highest activations, {size} each. "
        f"{' '.join(parts)}",
    )


def _add_panel(
    figure: go.Figure, column: int, source: str, shape: tuple[int, ...], spots: np.ndarray, texts: list[str]
) -> None:
    """A network's patches of the first channel, as two traces: the picture, and the values beneath the patches."""
    place = {"row": 1, "col": column}
    figure.add_trace(go.Image(source=source, zsmooth=False, hoverinfo="skip"), **place)
    values = go.Scatter(
        x=spots[:, 1] - 0.5, y=spots[:, 0], text=texts, mode="text", cliponaxis=False,
        textposition="bottom center", textfont={"size": 11}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    figure.add_trace(values, **place)
    still = {"visible": False, "fixedrange": True, "constrain": "domain"}
    figure.update_xaxes(range=[-0.5, shape[1] - 0.5], **still, **place)
    figure.update_yaxes(range=[shape[0] - 0.5, -0.5], constraintoward="top", **still, **place)


def _png(picture: np.ndarray) -> str:
    """A picture as the address of a PNG that is in the address itself; its colours are rounded to 256."""
    file = io.BytesIO()
    few = Image.fromarray(picture).quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode('ascii')}"


def _slider(sources: Sequence[Sequence[str]], texts: Sequence[Sequence[Sequence[str]]]) -> dict[str, Any]:
    """A slider whose steps put each network's picture and values of one channel into its two traces."""
    steps = []
    for channel in range(len(sources[0])):
        # An image has no such text and a text no source: None leaves these as they are.
        pictures = [part for network in sources for part in (network[channel], None)]
        captions = [part for network in texts for part in (None, network[channel])]
        change = [{"source": pictures, "text": captions}, list(range(len(pictures)))]
        steps.append({"label": str(channel), "method": "restyle", "args": change})
    return {
        "steps": steps,
        "currentvalue": {"prefix": "channel ", "font": {"size": 15}},
        "pad": {"t": 10},
        "ticklen": 4,
    }


def _in_words(values: np.ndarray, over: np.ndarray) -> str:
    """What can be said of a network's channels: values (C, k), and which patches reach over the border."""
    best = values[:, 0]
    strong, weak = int(best.argmax()), int(best.argmin())
    return (
        f"strongest channel {strong} (from {values[strong, 0]:.2f} to {values[strong, -1]:.2f}), weakest {weak} (from "
        f"{values[weak, 0]:.2f} to {values[weak, -1]:.2f}); {(best <= 0).sum()} silent; {over.mean():.0%} of the "
        f"patches reach over the border. The highest activations from channel 0 to channel {len(best) - 1}: "
        f"{', '.join(f'{value:.2f}' for value in best)}."
    )
