"""The canvas: what it takes, how it paints, and that it shares no state with a student's own plots."""

import io

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from labkit.figures import canvas
from labkit.figures.canvas import DIVERGING, OUTLINE, SEQUENTIAL, Picture, array, colours_for, pixels, sheet
from labkit.figures.drawing import Drawing


def painted(figure):
    """The pixels of a sheet, without labels: uint8 (H, W, 3)."""
    return np.asarray(figure.axes[0].images[0].get_array())


def plain(colour, side=4):
    return Picture(np.full((side, side, 3), colour, dtype=np.uint8))


def test_tensors_with_a_gradient_and_lists_are_arrays():
    assert array("a", torch.ones(2, 3, requires_grad=True), "N", 3).tolist() == [[1, 1, 1], [1, 1, 1]]
    assert array("a", [1, 2], "N").tolist() == [1, 2]


@pytest.mark.parametrize("shape", [(2, 4), (2, 3, 1), (0, 3)])
def test_another_shape_is_refused_with_what_was_wanted(shape):
    with pytest.raises(ValueError) as caught:
        array("points", np.zeros(shape), "N", 3)
    for part in ("points", str(shape), "(N, 3)"):
        assert part in str(caught.value)


def test_floats_become_pixels_and_other_numbers_are_refused():
    assert pixels("images", np.array([0.0, 0.5, 1.0])).tolist() == [0, 128, 255]
    for wrong in (np.array([0, 255]), np.array([0.0, 255.0]), np.array([-1.0, 1.0])):
        with pytest.raises(ValueError, match=r"images: .*wanted uint8, or floats in \[0, 1\]"):
            pixels("images", wrong)


def test_values_with_a_sign_have_white_for_zero():
    colours = colours_for(np.array([-1.0, 3.0]))
    assert colours.cmap is DIVERGING and (colours.norm.vmin, colours.norm.vmax) == (-3, 3)
    assert canvas.coloured(np.array(0.0), colours).min() > 252
    assert colours_for(np.array([0.0, 3.0])).cmap is SEQUENTIAL
    assert canvas.coloured(np.zeros((2, 2)), colours_for(np.zeros((2, 2)))).shape == (2, 2, 3)


def test_pictures_are_enlarged_by_whole_numbers():
    checks = np.indices((3, 3)).sum(0) % 2 * 255
    picture = Picture(np.repeat(checks[..., None], 3, axis=2).astype(np.uint8))
    shown = painted(sheet([[picture]], "Checks", sides=(20, 60)))
    assert shown.shape == (60, 60, 3)
    assert (shown == picture.pixels.repeat(20, 0).repeat(20, 1)).all()


def test_a_place_may_be_empty_and_a_small_picture_is_as_large_as_the_others():
    shown = painted(sheet([[plain(0, 8), None], [plain(9, 4), plain(7, 8)]], "Sheet"))
    side = (len(shown) - canvas.GAP) // 2
    assert (shown[:side, side:] == 255).all()
    assert (shown[-side:, :side] == 9).all() and (shown[-side:, -side:] == 7).all()


def test_a_line_is_drawn_around_the_object_and_not_over_it():
    mask = np.zeros((8, 8), dtype=bool)
    mask[2:5, 3:6] = True
    shown = painted(sheet([[Picture(plain(100, 8).pixels, outline=mask)]], "Outline", sides=(64, 64)))
    object_ = mask.repeat(8, 0).repeat(8, 1)
    assert (shown[object_] == 100).all()
    lines = (shown == OUTLINE).all(axis=2)
    assert lines[16:40, 20:24].any() and not lines[object_].any()
    assert (shown[0] == 100).all()


@pytest.mark.parametrize("across", [1, 5, 12, 25])
def test_a_sheet_is_no_wider_than_a_page(across):
    assert painted(sheet([[plain(3, 32)] * across], "Wide")).shape[1] <= max(canvas.WIDTH, 32 * across + 6 * across)


def test_a_row_is_as_high_as_its_longest_caption():
    heights = [
        len(painted(sheet([[Picture(plain(0).pixels, caption), plain(0)]] * 2, "T"))) for caption in ("", "a", "a\nb")
    ]
    assert np.diff(heights).tolist() == [2 * canvas.LINE] * 2


@pytest.mark.parametrize("caption", ["gravestones 10.76", "string instruments 9.95", "coins 9.95"])
def test_captions_side_by_side_do_not_run_into_each_other(caption):
    figure = sheet([[Picture(plain(9, 32).pixels, caption)] * 3], "Favourites", sides=(64, 64))
    FigureCanvasAgg(figure).draw()
    first, second, third = (text.get_window_extent() for text in figure.axes[0].texts)
    assert first.x1 + 2 < second.x0 and second.x1 + 2 < third.x0
    assert all(text.get_fontsize() >= 7 for text in figure.axes[0].texts)


def test_frames_are_drawn_on_request_one_around_each_picture():
    cells = [[plain(255), None], [plain(255), plain(255)]]
    bare, framed = (sheet(cells, "T", framed=framed) for framed in (False, True))
    assert (len(bare.axes[0].patches), len(framed.axes[0].patches)) == (0, 3)


def test_labels_outside_the_frame_are_in_the_picture():
    bare = Drawing(sheet([[plain(0)]], "T"), "", "").png()
    labelled = Drawing(sheet([[plain(0)]], "T", rows=["a long label of a row"]), "", "").png()
    assert Image.open(io.BytesIO(labelled)).width > Image.open(io.BytesIO(bare)).width + 50


def test_the_style_holds_in_figures_alone_and_whatever_a_notebook_set():
    @canvas.in_style
    def made() -> Figure:
        return canvas.chart("Title")[0]

    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30}):
        figure = made()
        assert matplotlib.rcParams["font.size"] == 30
    assert figure.axes[0].get_facecolor() == (1, 1, 1, 1)
    assert figure.axes[0].title.get_fontsize() == 12
