"""Images being built, as an animation that needs no player, no script and no network.

It is an animated PNG: whatever shows a PNG shows it, a notebook in any editor as much as its page, and what cannot
animate shows the last step. (W3C, "Portable Network Graphics Specification", third edition, 2025.)
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.transforms import BboxBase
from PIL import Image
from PIL.PngImagePlugin import Blend

from labkit.figures.canvas import DPI, Picture, array, in_rows, in_style, sheet
from labkit.figures.drawing import Drawing
from labkit.figures.ink import calm, grey, inked

#: Of one row.
COLUMNS = 10
#: How long the first and the last frame stand, in milliseconds.
FIRST, LAST = 800, 2500
#: The colours of all frames, of the images and of the text: few make a small file.
SHADES, GREYS = 41, 15
#: Stands for transparent. Pillow compares frames by colour, so it is one that no figure has.
CLEAR = (255, 0, 255)


@dataclass(frozen=True)
class Animation(Drawing):
    """A drawing that moves; its figure is the last frame.

    Attributes:
        moving: the animated PNG.
    """

    moving: bytes

    def png(self) -> bytes:
        """The animation, as a PNG."""
        return self.moving


@in_style
def animation(
    images: Any,
    steps: Any,
    title: str,
    names: Sequence[str] = (),
    confidence: Any = None,
    milliseconds: int = 80,
) -> Animation:
    """Show how images change over the steps, without end; the first and the last frame stand longer.

    Args:
        images: (T, N, ...), as ``history.images`` has them; all on one scale.
        steps: the number of each step (T,), increasing.
        title: the figure's; the number of the step stands behind it.
        names: N, such as the digits, or none.
        confidence: (T, N), such as ``history.confidence[history.steps]``; written beneath.
        milliseconds: between the frames, from 20 on, which is about as fast as browsers go.

    Raises:
        ValueError: shapes that do not go together, fewer than two steps or some that do not increase, or too short a
            time.
    """
    values = grey("images", images, "T", "N")
    count = values.shape[1]
    numbers = array("steps", steps, len(values))
    if len(numbers) < 2 or (np.diff(numbers) <= 0).any():
        raise ValueError(f"steps: got {numbers.tolist()}; wanted at least two numbers, increasing.")
    if len(names) not in (0, count):
        raise ValueError(f"names: got {len(names)}; wanted {count}, one for each image, or none.")
    if milliseconds < 20:
        raise ValueError(f"milliseconds: got {milliseconds}; wanted at least 20.")
    if confidence is not None:
        confidence = array("confidence", confidence, len(values), count)
    captions = _captions([str(name) for name in names] or [""] * count, len(values), confidence)
    found = inked(values, (0, 1))
    figures = [
        sheet(
            in_rows([Picture(*cell) for cell in zip(painted, row, strict=True)], COLUMNS),
            f"{title}: step {number:,}", sides=(56, 112), framed=True, bar=found.bar,
        )
        for painted, row, number in zip(found.pixels, captions, numbers, strict=True)
    ]  # fmt: skip
    watch, reached = "", ""
    if confidence is not None:
        watch = ", and what is added when the confidence beneath is high already"
        reached = f" Confidence at the end: {', '.join(captions[-1])}."
    grown = [f"{np.abs(frame).max():.2f}" for frame in (values[0], values[-1])]
    alike = [f"{calm(frame):z.2f}" for frame in (values[0], values[-1])]
    return Animation(
        figures[-1],
        f"{found.reading}; the images are shown from step {numbers[0]:,} to step {numbers[-1]:,}, again and again. "
        f"Watch where the first strokes appear{watch}.",
        f"{title}. An animation of {count} image{'s' if count > 1 else ''} in {len(values)} frames, from step "
        f"{numbers[0]:,} to step {numbers[-1]:,}. The largest value goes from {grown[0]} to {grown[1]}, and how alike "
        f"neighbouring pixels are from {alike[0]} to {alike[1]} (0.00 in noise, 1.00 in a calm drawing).{reached}",
        _moving(figures, found.bar[0].cmap, [FIRST] + [milliseconds] * (len(values) - 2) + [LAST]),
    )


def _captions(names: Sequence[str], frames: int, confidence: np.ndarray | None) -> list[list[str]]:
    """What stands beneath the images in each frame: their names, the confidence (T, N), or both."""
    if confidence is None:
        return [list(names)] * frames
    return [
        [f"{name}: {share:.0%}" if name else f"{share:.0%}" for name, share in zip(names, now, strict=True)]
        for now in confidence
    ]


def _moving(figures: Sequence[Figure], colours: Colormap, milliseconds: Sequence[int]) -> bytes:
    """Figures as frames of one PNG, whose still picture is the last of them.

    All have one palette, and each but the first holds only what differs from the one before: its other pixels are
    transparent, and show what stands there already.
    """
    greys = np.linspace((0, 0, 0), (255, 255, 255), GREYS)
    shades = np.concatenate([greys, colours(np.linspace(0, 1, SHADES), bytes=True)[:, :3]]).round().astype(int)
    clear = len(shades)
    box = figures[-1].get_tightbbox().padded(0.1)  # its step has the most digits
    numbers = [_nearest(_pixels(figure, box), shades) for figure in figures]
    changes = [np.where(now == before, clear, now) for before, now in zip(numbers, numbers[1:], strict=False)]
    still, *moving = (Image.fromarray(frame.astype(np.uint8)) for frame in (numbers[-1], numbers[0], *changes))
    for frame in (still, *moving):
        frame.putpalette([*shades.ravel().tolist(), *CLEAR])
    file = io.BytesIO()
    still.save(
        file, "PNG", save_all=True, default_image=True, append_images=moving,
        duration=list(milliseconds), loop=0, blend=Blend.OP_OVER, transparency=clear, optimize=True,
    )  # fmt: skip
    return file.getvalue()


def _pixels(figure: Figure, box: BboxBase) -> np.ndarray:
    """What a figure shows within a box, uint8 (H, W, 3)."""
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches=box, dpi=DPI)
    return np.asarray(Image.open(file).convert("RGB"))


def _nearest(picture: np.ndarray, shades: np.ndarray) -> np.ndarray:
    """The number of the nearest shade (K, 3) for each pixel of a picture (H, W, 3)."""
    packed = picture @ np.array([1 << 16, 1 << 8, 1])
    few, places = np.unique(packed.ravel(), return_inverse=True)
    colours = np.right_shift(few[:, None], [16, 8, 0]) & 255
    nearest = ((colours[:, None] - shades) ** 2).sum(axis=-1).argmin(axis=1)
    return nearest[places].reshape(packed.shape)
