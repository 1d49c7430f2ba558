"""The figures of lab 5: words made of their data, padding that is marked, and a slider that has every channel."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from labkit.figures import four_views, patches, shares, tiles, windows

SIDE = 20
NESTED = {
    "conv2d": (47, 47, 50, 50),
    "pool": (44, 44, 52, 52),
    "dropout": (44, 44, 52, 52),
    "conv2d_5": (38, 38, 58, 58),
}


def pieces(*shape, seed=0):
    """Patches with the third reaching over the left border by five columns, where they lie inside, and values."""
    rng = np.random.default_rng(seed)
    found = rng.uniform(size=(*shape, SIDE, SIDE, 3))
    inside = np.ones(found.shape[:-1], dtype=bool)
    inside[..., 2, :, :5] = False
    return found, inside, -np.sort(-rng.uniform(0.1, 9, shape), axis=-1)


def gradient(top=38, left=38, height=20, width=20):
    """Largest in the middle of a rectangle, and nowhere 0 in it."""
    found = np.zeros((96, 96))
    bell = [1 + np.minimum(np.arange(side), np.arange(side)[::-1]) for side in (height, width)]
    found[top : top + height, left : left + width] = np.outer(*bell)
    return found


def page(seed=0, **other):
    rng = np.random.default_rng(seed)
    found, inside, values = pieces(16, seed=seed)
    heat = np.zeros((96, 96))
    heat[30 + seed, 40] = 2.5
    given = {
        "weights": rng.normal(size=(3, 3, 64)), "patches": found, "inside": inside, "values": values,
        "optimised": rng.uniform(size=(96, 96, 3)), "image": rng.uniform(size=(96, 96, 3)), "heat": heat,
    }  # fmt: skip
    return four_views.four_views(**(given | other), title="Channel 7")


def browser(seed=0, channels=64):
    networks = {name: pieces(channels, 16, seed=seed + n) for n, name in enumerate(("trained", "untrained"))}
    return networks, patches.patch_browser(networks, "Every channel")


def painted(seed=0):
    """Every figure of matplotlib, by its name, of random data."""
    rng = np.random.default_rng(seed)
    image = rng.uniform(size=(96, 96, 3))
    boxes = {name: tuple(edge + seed for edge in box) for name, box in NESTED.items()}
    return {
        "rows": patches.patch_rows(*pieces(2, 8, seed=seed), ["channel 3", "channel 40"], "Rows"),
        "growing window": windows.growing_window(image, boxes, "Window"),
        "support": windows.support(gradient(38 - seed), (38 - seed, 38, 58 - seed, 58), "Support"),
        "shares": shares.shares(
            {"trained": rng.uniform(size=64), "untrained": rng.uniform(size=64)}, 0.3, "Shares", "x"
        ),
        "four views": page(seed),
    }


@pytest.fixture(scope="module")
def drawings():
    return painted()


def is_chequered(picture, enlarged):
    """Whether a picture is nothing but the pattern, each pixel of which is so large."""
    return np.array_equal(picture[::enlarged, ::enlarged], tiles.chequered(*picture[::enlarged, ::enlarged].shape[:2]))


def test_every_figure_has_a_title_and_labels_where_there_are_axes(drawings):
    for name, drawing in drawings.items():
        assert drawing.figure.axes[0].get_title("left"), name
    for name in ("growing window", "support", "shares"):
        axes = drawings[name].figure.axes[0]
        assert axes.get_xlabel() and axes.get_ylabel(), name


def test_every_figure_has_words_that_are_made_of_its_data(drawings):
    for name, other in painted(seed=1).items():
        alternative = drawings[name].alternative
        assert alternative != other.alternative, name
        assert alternative.startswith(drawings[name].figure.axes[0].get_title("left")), name
        assert re.search(r"\d", alternative) and "nan" not in alternative, name
        assert len(drawings[name].reading.split()) > 10 and drawings[name].reading.endswith("."), name


def test_every_picture_is_small_and_fits_the_page(drawings):
    for name, drawing in drawings.items():
        png = drawing.png()
        assert 1_000 < len(png) < 300_000, name
        assert Image.open(io.BytesIO(png)).width <= 1000, name


def test_padding_is_chequered_whatever_the_patch_holds_there_and_the_rest_is_the_patch():
    found, inside, values = pieces(2, 3)
    marked, _, _ = tiles.checked(found, inside, values, "R", "k")
    assert np.array_equal(marked[1, 2, :, :5], tiles.chequered(SIDE, SIDE)[:, :5])
    assert np.array_equal(marked[1, 2, :, 5:], np.round(255 * found[1, 2, :, 5:]))
    other, _, _ = tiles.checked(np.where(inside[..., None], found, 1.0), inside, values, "R", "k")
    assert np.array_equal(marked, other)


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (20, 20), (96, 40), (224, 224)])
def test_a_chequered_place_of_any_size_has_two_shades_half_and_half(size):
    pattern = tiles.chequered(*size)
    assert pattern.shape == (*size, 3)
    if size > (1, 1):
        assert len(np.unique(pattern)) == 2
        assert (pattern == pattern.max()).mean() == pytest.approx(0.5, abs=0.06)


def test_only_figures_with_padding_speak_of_it():
    found, inside, values = pieces(1, 4)
    for everywhere in (False, True):
        rows = patches.patch_rows(found, inside | everywhere, values, ["channel 3"], "Rows")
        browse = patches.patch_browser({"trained": (found, inside | everywhere, values)}, "Browser")
        assert ["chequered" in drawing.reading for drawing in (rows, browse)] == [not everywhere] * 2
        assert f"{0 if everywhere else 1} over the border" in rows.alternative


def test_rows_name_their_channels_values_and_colours():
    found, inside, values = pieces(2, 4)
    found[0] = (0.2, 0.4, 0.6)
    values[:] = [[5, 4, 3, 2], [0.5, 0.25, 0, 0]]
    drawing = patches.patch_rows(found, inside, values, ["channel 12", "channel 9"], "Rows")
    assert "channel 12: from 5.00 to 2.00, mean colour red 0.20, green 0.40, blue 0.60" in drawing.alternative
    assert "channel 9: from 0.50 to 0.00" in drawing.alternative
    assert "4 patches of 20 x 20 pixels" in drawing.alternative
    axes = drawing.figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["channel 12", "channel 9"]
    assert [text.get_text() for text in axes.texts] == ["5.00", "4.00", "3.00", "2.00", "0.50", "0.25", "0.00", "0.00"]


def test_rows_that_lie_outside_their_image_altogether_can_be_drawn():
    found, inside, values = pieces(1, 3)
    drawing = patches.patch_rows(found, np.zeros_like(inside), values, ["channel 3"], "Rows")
    assert "3 over the border" in drawing.alternative and drawing.png()


def test_the_slider_has_all_channels_of_both_networks_with_their_values():
    networks, drawing = browser(channels=7)
    (slider,) = drawing.figure.layout.sliders
    assert [step.label for step in slider.steps] == [str(channel) for channel in range(7)]
    assert slider.currentvalue.prefix == "channel "
    for channel, step in enumerate(slider.steps):
        change, traces = step.args
        assert [drawing.figure.data[trace].type for trace in traces] == ["image", "scatter"] * 2
        for n, (_, _, values) in enumerate(networks.values()):
            assert list(change["text"][2 * n + 1]) == [f"{value:.2f}" for value in values[channel]]


def test_the_first_channel_stands_there_before_the_slider_is_moved():
    _, drawing = browser(channels=3)
    change = drawing.figure.layout.sliders[0].steps[0].args[0]
    for n, trace in enumerate(drawing.figure.data):
        assert (trace.source if n % 2 == 0 else list(trace.text)) == change[("source", "text")[n % 2]][n]


def test_the_browser_holds_the_patches_themselves_each_pixel_once_and_padding_marked():
    networks, drawing = browser(channels=3)
    found, inside, _ = networks["untrained"]
    source = drawing.figure.layout.sliders[0].steps[1].args[0]["source"][2]
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))).convert("RGB")).astype(int)
    line = patches.LINE
    assert picture.shape[1] == 4 * SIDE + 3 * line
    best, third = picture[:SIDE, :SIDE], picture[:SIDE, 2 * (SIDE + line) :][:, :SIDE]
    assert np.abs(best - 255 * found[1, 0]).mean() < 15  # noise is all that 256 colours find hard
    assert np.abs(third[:, :5] - tiles.chequered(SIDE, SIDE)[:, :5]).max() < 12
    assert (picture[:, SIDE : SIDE + line] == 255).all()
    assert all(trace.zsmooth is False for trace in drawing.figure.data[::2])


def test_the_browser_needs_no_network_and_is_small():
    _, drawing = browser()
    text = drawing.figure.to_json()
    assert "http" not in text
    assert len(text) < 2_000_000  # noise, which packs worse than any photograph


def test_the_browser_names_the_strongest_the_weakest_and_the_silent_channel():
    found, inside, values = pieces(4, 16)
    values[2], values[1, 0], values[1, -1] = 0, 12.5, 3.25
    drawing = patches.patch_browser({"trained": (found, inside, values)}, "Every channel")
    assert "trained: strongest channel 1 (from 12.50 to 3.25), weakest 2 (from 0.00 to 0.00); 1 silent" in (
        drawing.alternative
    )
    assert f"channel 0 to channel 3: {values[0, 0]:.2f}, 12.50, 0.00, {values[3, 0]:.2f}." in drawing.alternative
    assert "6% of the patches reach over the border" in drawing.alternative


def test_the_panels_of_the_browser_are_named_and_share_one_slider():
    _, drawing = browser(channels=2)
    assert [note.text for note in drawing.figure.layout.annotations] == ["trained", "untrained"]
    assert len(drawing.figure.layout.sliders) == 1


def test_the_growing_window_draws_each_rectangle_once_and_names_all_its_layers():
    drawing = windows.growing_window(np.zeros((96, 96, 3)), NESTED, "Window")
    whole, close = drawing.figure.axes
    assert [box.get_bbox().bounds for box in whole.patches] == [(38, 38, 20, 20)]
    assert [box.get_bbox().bounds for box in close.patches] == [(47, 47, 3, 3), (44, 44, 8, 8), (38, 38, 20, 20)]
    assert [note.get_text() for note in close.texts] == ["conv2d_5: 20 x 20", "pool, dropout: 8 x 8", "conv2d: 3 x 3"]
    assert "pool, dropout: 8 x 8, rows 44 to 51, columns 44 to 51" in drawing.alternative
    assert len({(box.get_edgecolor(), str(box.get_linestyle())) for box in close.patches}) == 3


def test_a_window_over_the_border_is_drawn_whole_with_what_is_outside_chequered():
    drawing = windows.growing_window(np.zeros((30, 40, 3)), {"conv2d": (-6, 34, 8, 46)}, "Window")
    axes = drawing.figure.axes[0]
    assert axes.get_ylim() == (30, -6) and axes.get_xlim() == (0, 46)
    shown = np.asarray(axes.images[0].get_array())
    assert is_chequered(shown[:6], 1) and (shown[6:, :40] == 0).all() and shown[:, 40:].min() > 0
    assert "chequered" in drawing.reading and "rows -6 to 7, columns 34 to 45" in drawing.alternative


@pytest.mark.parametrize(
    ("box", "verdict"),
    [
        ((38, 38, 58, 58), "reach all its sides and none lies outside"),
        ((38, 38, 58, 57), "20 of the pixels lie outside it, so it is wrong"),
        ((37, 38, 58, 58), "None of the pixels lies outside, but they do not reach all its sides"),
    ],
)
def test_support_says_whether_the_arithmetic_is_right(box, verdict):
    alternative = windows.support(gradient(), box, "Support").alternative
    assert verdict in alternative
    assert "Of 96 x 96 pixels 400 move the unit, within rows 38 to 57, columns 38 to 57" in alternative


def test_support_of_a_unit_at_the_border_is_right_though_part_of_its_rectangle_is_outside():
    cut_off = gradient()[45:, :50]
    alternative = windows.support(cut_off, (-7, 38, 13, 58), "Support").alternative
    assert "reach all its sides and none lies outside" in alternative


def test_support_measures_middle_and_rim():
    flat = (gradient() > 0).astype(float)
    told = windows.support(flat, (38, 38, 58, 58), "Support").alternative
    assert "10 x 10 pixels, takes 25% of its area and has 25% of the gradient" in told
    assert "ring of pixels 19% and 19.0%" in told
    pixel = np.zeros((5, 5))
    pixel[2, 2] = 1
    assert "ring of pixels 100% and 100.0%" in windows.support(pixel, (2, 2, 3, 3), "Support").alternative


def test_pixels_that_do_not_count_are_left_white():
    shown = windows.support(gradient(), (38, 38, 58, 58), "Support").figure.axes[0].images[0].get_array()
    assert shown.mask.sum() == 96 * 96 - 400 and not shown.mask[38:58, 38:58].any()


def test_shares_draw_one_dot_a_channel_and_tell_how_many_are_above_chance():
    values = {"trained": [0.25, 0.5, 0.5, 1.0], "untrained": [0.25, 0.25, 0.3, 0.25]}
    drawing = shares.shares(values, (0.2, 0.3), "Shares", "share of one class")
    axes = drawing.figure.axes[0]
    dots = [line for line in axes.lines if line.get_marker() in shares.MARKERS]
    assert [len(line.get_xdata()) for line in dots] == [4, 4]
    assert len({line.get_marker() for line in dots}) == 2
    assert len({(x, y) for x, y in dots[0].get_xydata()}) == 4  # equal shares do not hide each other
    assert "trained: median 0.500" in drawing.alternative and "3 of 4 channels above chance" in drawing.alternative
    assert "0 of 4 channels above chance" in drawing.alternative
    assert {"chance 0.20 to 0.30", "median 0.50", "median 0.25"} <= {text.get_text() for text in axes.texts}


def test_four_views_tell_of_all_four():
    told = page().alternative
    assert "Weights of 3 x 3 for 64 input channels" in told
    assert "16 patches with activations from" in told
    assert "largest drop 2.50 at row 30, column 40" in told
    flat = np.full((3, 3, 4), 0.1)
    flat[..., 2] = -0.9
    told = page(weights=flat).alternative
    assert "from -0.900 to 0.100, 75% positive, largest for the channels 2, 0, 1" in told


def test_four_views_have_a_bar_where_colour_is_a_value_with_nought_in_the_middle():
    bars = [axes for axes in page(heat=np.ones((96, 96))).figure.axes if axes.get_xlabel()]
    assert [bar.get_xlabel() for bar in bars] == ["weight", "drop of the activation where covered"]
    assert all(low == -high for low, high in (bar.get_xlim() for bar in bars))


def test_each_view_is_enlarged_by_whole_pixels():
    for axes in page().figure.axes[:6]:
        for picture in axes.images:
            high, wide = picture.get_array().shape[:2]
            assert tuple(picture.get_extent()) == (0, wide, high, 0) and max(high, wide) <= four_views.SIDE


def test_a_unit_without_weights_or_drops_can_be_drawn():
    drawing = page(weights=np.zeros((1, 1, 3)), heat=np.zeros((96, 96)))
    assert "more than half as large on 0% of the image" in drawing.alternative and drawing.png()


def test_nothing_is_left_with_pyplot(drawings):
    from matplotlib import pyplot

    assert drawings and pyplot.get_fignums() == []


FOUND, INSIDE, VALUES = pieces(2, 4)


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: patches.patch_rows(FOUND[0], INSIDE, VALUES, "ab", "t"), r"patches: .*\(R, k, h, w, 3\)"),
        (lambda: patches.patch_rows(FOUND, INSIDE[:1], VALUES, "ab", "t"), r"inside: .*\(2, 4, 20, 20\)"),
        (lambda: patches.patch_rows(FOUND, INSIDE, VALUES.T, "ab", "t"), r"values: .*\(2, 4\)"),
        (lambda: patches.patch_rows(FOUND, INSIDE, VALUES, "a", "t"), "names: got 1; wanted 2"),
        (lambda: patches.patch_rows(255 * FOUND, INSIDE, VALUES, "ab", "t"), r"patches: .*floats in \[0, 1\]"),
        (lambda: patches.patch_browser({}, "t"), "networks: got none"),
        (lambda: patches.patch_browser({"one": (FOUND, INSIDE)}, "t"), "networks.'one'.: got 2 arrays"),
        (
            lambda: patches.patch_browser({"a": (FOUND, INSIDE, VALUES), "b": pieces(3, 4)}, "t"),
            r"patches of 'b': .*\(2, 4, h, w, 3\)",
        ),
        (lambda: windows.growing_window(np.zeros((9, 9)), NESTED, "t"), r"image: .*\(H, W, 3\)"),
        (lambda: windows.growing_window(np.zeros((9, 9, 3)), {}, "t"), "rectangles: got none"),
        (lambda: windows.growing_window(np.zeros((9, 9, 3)), {"a": (1, 2, 3)}, "t"), r"rectangles.'a'.: .*\(4,\)"),
        (lambda: windows.support(gradient(), (5, 5, 5, 9), "t"), "rectangle: got .*wanted bottom over top"),
        (lambda: windows.support(-gradient(), (5, 5, 7, 9), "t"), "Take absolute values"),
        (lambda: windows.support(0 * gradient(), (5, 5, 7, 9), "t"), "another unit where all are 0"),
        (lambda: shares.shares({}, 0.5, "t", "l"), "values: got no network"),
        (lambda: shares.shares({"a": [0.1, np.nan]}, 0.5, "t", "l"), r"values\['a'\]: .*without NaN"),
        (lambda: shares.shares({"a": [7, 16]}, 0.5, "t", "l"), r"wanted shares in \[0, 1\]"),
        (lambda: shares.shares({"a": [0.1]}, 50, "t", "l"), "chance: got values from 50 to 50"),
        (lambda: page(weights=np.zeros((3, 3))), r"weights: .*\(h, w, D\)"),
        (lambda: page(heat=np.zeros((48, 48))), r"heat: .*\(96, 96\)"),
        (lambda: page(optimised=np.full((8, 8, 3), -2.0)), r"optimised: .*floats in \[0, 1\]"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_wanted(draw, says):
    with pytest.raises(ValueError, match=says):
        draw()
