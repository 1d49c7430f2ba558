"""An animation: that it moves, what its frames show, and that it is small and whole in itself."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from labkit.figures import drawing
from labkit.figures.animation import FIRST, LAST, animation

STEPS = np.arange(0, 400, 10)


def growing(signed=True):
    """Ten images that grow out of noise within forty frames, and go on trembling: (40, 10, 1, 28, 28)."""
    rng = np.random.default_rng(0)
    goal = gaussian_filter(rng.normal(size=(10, 28, 28)), (0, 2, 2)) * 5 + rng.normal(size=(10, 28, 28)) * 0.2
    share = (1 - np.exp(-STEPS / 100))[:, None, None, None]
    images = share * goal + rng.normal(size=(40, 10, 28, 28)) * 0.01
    return (images if signed else images.clip(0, 1))[:, :, None].astype(np.float32)


@pytest.fixture(scope="module")
def moving():
    confidence = np.linspace(0.1, 0.9, 40)[:, None].repeat(10, axis=1)
    return animation(growing(), STEPS, "Ten digits", list("0123456789"), confidence)


def frames(found):
    """The animation as a viewer composes it: (frames, uint8 (T, H, W, 3); milliseconds)."""
    picture = Image.open(io.BytesIO(found.png()))
    shown, times = [], []
    for number in range(1, picture.n_frames):  # the first one is the still picture
        picture.seek(number)
        shown.append(np.asarray(picture.convert("RGB")))
        times.append(picture.info["duration"])
    return np.stack(shown), times


def test_it_is_a_png_that_moves_without_end_and_rests_at_both_ends(moving):
    picture = Image.open(io.BytesIO(moving.png()))
    assert picture.format == "PNG" and picture.is_animated and picture.info["loop"] == 0
    shown, times = frames(moving)
    assert len(shown) == 40 and times == [FIRST, *[80] * 38, LAST]
    assert all((now != before).any() for before, now in zip(shown, shown[1:], strict=False))


def test_forty_frames_of_ten_digits_are_small(moving):
    in_ink = animation(growing(signed=False), STEPS, "Ten digits")
    assert all(20_000 < len(found.png()) < 300_000 for found in (moving, in_ink))


def test_each_frame_shows_what_a_figure_of_its_step_would(moving):
    shown, _ = frames(moving)
    still = np.asarray(Image.open(io.BytesIO(moving.png())).convert("RGB")).astype(int)
    assert (shown[-1] == still).all()
    as_figure = np.asarray(Image.open(io.BytesIO(drawing.Drawing(moving.figure, "", "").png())).convert("RGB"))
    assert np.abs(still - as_figure[: len(still), : still.shape[1]]).max() <= 24
    assert (shown[:, 0] == 255).all()


def test_pixels_that_go_back_to_white_after_a_rest_do_so():
    images = np.zeros((5, 1, 28, 28))
    images[1:4, 0, 4:24, 4:24] = 1.0
    shown, _ = frames(animation(images, range(5), "Blink"))
    assert (shown[:, 70:110, 40:90].mean(axis=(1, 2, 3)) < 60).tolist() == [False, True, True, True, False]


def test_the_step_and_the_confidence_stand_in_the_frames(moving):
    axes = moving.figure.axes[0]
    assert axes.get_title("left") == "Ten digits: step 390"
    assert [text.get_text() for text in axes.texts][:2] == ["0: 90%", "1: 90%"]
    shown, _ = frames(moving)
    title = shown[:, :25]
    assert all((now != before).any() for before, now in zip(title, title[1:], strict=False))


def test_all_frames_have_one_scale():
    images = np.stack([np.full((2, 28, 28), -0.1), np.full((2, 28, 28), -3.0)])
    shown, _ = frames(animation(images, [0, 5], "Scale"))
    assert shown[0].reshape(-1, 3).min(axis=0)[0] < 50  # the colour bar
    blue = [((frame[..., 0] < 30) & (frame[..., 2] > 150)).mean() for frame in shown]
    assert blue[0] < 0.05 < 0.4 < blue[1]


def test_the_words_are_made_of_the_data(moving):
    assert moving.reading.endswith(".") and moving.alternative.endswith(".")
    assert "An animation of 10 images in 40 frames, from step 0 to step 390" in moving.alternative
    assert "Confidence at the end: 0: 90%, 1: 90%" in moving.alternative
    first, last = map(float, re.search(r"pixels are from (-?\d\.\d\d) to (\d\.\d\d)", moving.alternative).groups())
    assert abs(first) < 0.1 < 0.6 < last


def test_a_notebook_shows_it_as_it_shows_any_picture(moving, monkeypatch):
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, metadata=None, raw=False: seen.append(bundle))
    moving._ipython_display_()
    assert set(seen[0]) == {"image/png", "text/plain"} and "How to read it" in seen[1]["text/html"]


@pytest.mark.parametrize("shape", [(3, 2, 28, 28), (3, 2, 1, 28, 28), (3, 2, 28, 28, 1)])
def test_images_of_both_frameworks_are_taken(shape):
    values = np.random.default_rng(0).uniform(size=shape)
    assert len(frames(animation(values, [0, 1, 2], "Few"))[0]) == 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"images": np.zeros((3, 28, 28))}, r"images: .*\(T, N, H, W\)"),
        ({"steps": [0, 1]}, r"steps: .*\(3,\)"),
        ({"steps": [0, 2, 2]}, "steps: .*increasing"),
        ({"images": np.zeros((1, 2, 28, 28)), "steps": [0]}, "at least two"),
        ({"names": ["3"]}, "names: got 1; wanted 2"),
        ({"confidence": np.zeros((3, 1))}, r"confidence: .*\(3, 2\)"),
        ({"milliseconds": 5}, "milliseconds: got 5"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_wanted(change, says):
    given = {"images": np.zeros((3, 2, 28, 28)), "steps": [0, 1, 2], "title": "Few"}
    with pytest.raises(ValueError, match=says):
        animation(**given | change)
