"""Photographed objects on made-up backgrounds: images whose true object mask is known.

284 objects, cut out with a soft mask, stand in the bundled sample (``data/README.md`` says from where). An
image shows one of them: mirrored or not, stretched and turned a little, larger or smaller, somewhere, lighter or
darker, on a calm background. Backgrounds know nothing of classes, so what tells the class is the object alone.
"""

import csv
import functools
import io
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from labkit import settings
from labkit.datasets.image_batches import Images

SAMPLE = ("samples", "objects.zip")
LIST = ("samples", "objects.tsv")
SPLITS = ("train", "validation", "test")

#: The longer side of the turned object, as a share of the image's side.
SCALE = (0.75, 1.0)
#: Degrees by which an object is turned at most, either way.
TURN = 6.0
#: How many times longer an object becomes in one direction than in the other, at most.
STRETCH = 1.35
#: The light on an object: factors on each of its colours, so that light may be warm or cold.
LIGHT = (0.9, 1.1)
#: The brightness of a background, of 255: light, as the paper behind a specimen.
PAPER = (190.0, 245.0)
#: How far the colours of a background stray from grey, and those of its patches from their common one, of 255.
TINT, CONTRAST = 8.0, 10.0
#: A background is this many colours squared, blurred into each other.
PATCHES = 3
#: Images are drawn so many times larger and averaged, so that edges are soft and fine structure does not flicker.
FINER = 2


@dataclass(frozen=True)
class CutOut:
    """One object.

    Attributes:
        number: of the object, its row in the list.
        label: the number of its class in ``Objects.classes``.
        group: what it is called together with pictures of the same object, or of others that cannot be told from
            it. All pictures of a group stand in one split; other photographs of the same kind may stand elsewhere.
        split: "train", "validation" or "test".
        picture: RGBA, at most 128 pixels a side, cropped to the object.
    """

    number: int
    label: int
    group: str
    split: str
    picture: Image.Image


@dataclass(frozen=True)
class Objects:
    """The cut-outs and the names of their classes."""

    classes: tuple[str, ...]
    cut_outs: tuple[CutOut, ...]

    def only(self, classes: Sequence[str]) -> "Objects":
        """The objects of these classes alone; labels are places in ``classes``.

        Raises:
            ValueError: there is no such class.
        """
        if unknown := [name for name in classes if name not in self.classes]:
            raise ValueError(f"got the classes {unknown}; wanted some of {', '.join(self.classes)}.")
        labels = {self.classes.index(name): label for label, name in enumerate(classes)}
        kept = (replace(each, label=labels[each.label]) for each in self.cut_outs if each.label in labels)
        return Objects(tuple(classes), tuple(kept))

    def of(self, split: str, label: int) -> list[CutOut]:
        """The cut-outs of one class in one split."""
        return [cut_out for cut_out in self.cut_outs if (cut_out.split, cut_out.label) == (split, label)]


@functools.cache
def objects() -> Objects:
    """Read the bundled cut-outs; once in a process."""
    with settings.bundled(*LIST).open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    classes = tuple(dict.fromkeys(row["class"] for row in rows))
    with zipfile.ZipFile(settings.bundled(*SAMPLE)) as archive:
        pictures = [Image.open(io.BytesIO(archive.read(row["file"]))).convert("RGBA") for row in rows]
    return Objects(
        classes,
        tuple(
            CutOut(int(row["object"]), classes.index(row["class"]), row["group"], row["split"], picture)
            for row, picture in zip(rows, pictures, strict=True)
        ),
    )


def compose(objects: Objects, count_per_class: int, size: int, seed: int, split: str) -> Images:
    """Draw images of the objects of one split, as many of each class.

    Within a class every object is shown equally often, up to one. Equal arguments give equal bytes. No object
    stands in two splits, nor do two that cannot be told apart; other photographs of the same kind may.

    Args:
        objects: the cut-outs, from ``objects()``.
        count_per_class: images of each class.
        size: H = W, the side of the images in pixels.
        seed: of the run; each split draws numbers of its own from it.
        split: "train", "validation" or "test".

    Returns:
        C * count_per_class images in random order, with masks and objects. A mask is True where the object
        covers more than half of a pixel.

    Raises:
        ValueError: an argument is out of range, or a class has no object in the split.
    """
    if split not in SPLITS:
        raise ValueError(f"got split {split!r}; wanted one of {', '.join(SPLITS)}.")
    if count_per_class < 1 or size < 8 or seed < 0:
        raise ValueError(
            f"got count_per_class {count_per_class}, size {size}, seed {seed}; wanted at least 1, 8 and 0."
        )
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    shown: list[CutOut] = []
    for label, name in enumerate(objects.classes):
        choice = objects.of(split, label)
        if not choice:
            raise ValueError(f"got no object of the class {name!r} in the split {split!r}; wanted at least one.")
        shown += _in_turn(choice, count_per_class, rng)
    shown = [shown[i] for i in rng.permutation(len(shown))]
    shrunk = {cut_out.number: _shrunk(cut_out.picture, FINER * size) for cut_out in shown}
    images = np.empty((len(shown), size, size, 3), dtype=np.uint8)
    masks = np.empty((len(shown), size, size), dtype=bool)
    for n, cut_out in enumerate(shown):
        images[n], masks[n] = _draw(shrunk[cut_out.number], size, rng)
    return Images(
        images,
        np.array([cut_out.label for cut_out in shown]),
        masks,
        np.array([cut_out.number for cut_out in shown]),
    )


def _in_turn(choice: Sequence[CutOut], count: int, rng: np.random.Generator) -> list[CutOut]:
    """So many of the cut-outs, each as often as the others, up to one; who comes once more is drawn."""
    order = rng.permutation(len(choice))
    return [choice[order[i % len(choice)]] for i in range(count)]


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    """The picture at most ``side`` large, its colours multiplied by the mask, as blending and turning need them."""
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=None)
    return small.convert("RGBa")


def _draw(picture: Image.Image, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One image (size, size, 3) and its mask (size, size)."""
    placed = _placed(picture, FINER * size, rng).reduce(FINER)
    layer = np.asarray(placed, dtype=np.float32)
    alpha = layer[:, :, 3:] / 255
    colours = np.minimum(layer[:, :, :3] * rng.uniform(*LIGHT, 3), 255 * alpha)
    image = colours + (1 - alpha) * _background(size, rng)
    return np.rint(image).astype(np.uint8), alpha[:, :, 0] > 0.5


def _placed(picture: Image.Image, side: int, rng: np.random.Generator) -> Image.Image:
    """The object, mirrored or not, stretched, turned, scaled and moved to where all of it is seen."""
    turn = math.radians(rng.uniform(-TURN, TURN))
    cos, sin = math.cos(turn), math.sin(turn)
    wider = math.sqrt(STRETCH) ** rng.uniform(-1, 1)
    width = picture.width * wider * cos + picture.height / wider * abs(sin)
    height = picture.height / wider * cos + picture.width * wider * abs(sin)
    scale = side * rng.uniform(*SCALE) / max(width, height)
    x = side / 2 + (side - scale * width) * rng.uniform(-0.5, 0.5)
    y = side / 2 + (side - scale * height) * rng.uniform(-0.5, 0.5)
    # Pillow asks where in the picture each place of the image comes from: move back, turn back, scale back.
    right, down = scale * wider * rng.choice((-1, 1)), scale / wider
    a, b, d, e = cos / right, sin / right, -sin / down, cos / down
    back = (a, b, picture.width / 2 - a * x - b * y, d, e, picture.height / 2 - d * x - e * y)
    return picture.transform((side, side), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR)


def _background(size: int, rng: np.random.Generator) -> np.ndarray:
    """A few light colours around a common one, blurred into each other; float32 (size, size, 3) in [0, 255]."""
    common = rng.uniform(*PAPER) + rng.uniform(-TINT, TINT, 3)
    patches = common + rng.uniform(-CONTRAST, CONTRAST, (PATCHES, PATCHES, 3))
    small = Image.fromarray(np.rint(patches.clip(0, 255)).astype(np.uint8))
    return np.asarray(small.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float32)
