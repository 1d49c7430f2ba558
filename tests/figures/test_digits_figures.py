"""The figures of labs 3 and 4: what they take, words made of their data, and what is drawn where."""

import io
import re

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from labkit.figures import curves, digits, outputs
from labkit.figures.canvas import DIVERGING
from labkit.figures.drawing import GREY, colour_of
from labkit.figures.ink import calm, grey, inked

TV = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]


def shares(rng, *shape):
    found = rng.uniform(size=(*shape, 10))
    return found / found.sum(axis=-1, keepdims=True)


def all_of(seed=0):
    """Every figure, by its name, of random data."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(4, 10, 28, 28))
    ink = rng.uniform(size=(4, 10, 28, 28))
    logits = rng.normal(size=(4, 10))
    table = pd.DataFrame(rng.integers(0, 11, (4, 2)), index=["MLP", "LeNet-5", "untrained", "real"], columns=["A", "B"])
    rows = dict(zip(("MLP", "LeNet-5"), noise, strict=False))
    falling = np.exp(-np.arange(50) / 4)[:, None] * rng.uniform(1, 2, (50, 10))
    return {
        "examples": digits.examples_of_digits(ink.reshape(40, 28, 28), np.arange(40) % 10),
        "ten digits": digits.ten_digits(rows, {kind: shares(rng) for kind in rows}, "Ten"),
        "ten digits in ink": digits.ten_digits({"MLP": ink[0]}, None, "Ten"),
        "grid": digits.image_grid(noise, list("abcd"), list("0123456789"), [["90%"] * 10] * 4, "Grid"),
        "grid in ink": digits.image_grid(ink[:2, :8], [], TV, None, "Grid"),
        "probabilities": outputs.probabilities(shares(rng), shares(rng), "Before and after"),
        "logit moves": outputs.logit_moves({"softmax": logits[:2], "linear": logits[2:]}, 3, "Moves"),
        "agreement": outputs.agreement(table),
        "loss": curves.loss_curve(falling[:, 0], "Loss"),
        "losses": curves.loss_curve(falling, "Losses", np.clip(1 - falling / 2, 0, 1)),
        "losses by name": curves.loss_curve({"TV": -falling, "none": falling[:, 0]}, "Losses"),
        "over-fitting": curves.over_fitting({"plain": {"train": [0.9, 1.0], "validation": shares(rng)[:2]}}, "Over"),
        "criterion": curves.criterion_by_weight(TV, {"right": rng.uniform(size=8), "calm": np.ones(8)}, 2, "Weight"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def drawings():
    return all_of()


def test_every_figure_has_a_title_and_labels_where_there_are_axes(drawings):
    for name, drawing in drawings.items():
        axes = drawing.figure.axes[0]
        assert axes.get_title("left"), name
        is_sheet = axes.images and not axes.get_xlabel() and not axes.get_ylabel()
        assert is_sheet or (axes.get_xlabel() and axes.get_ylabel()), name


def test_every_figure_has_words_and_they_are_sentences(drawings):
    for name, drawing in drawings.items():
        assert len(drawing.reading.split()) > 10 and drawing.reading.endswith("."), name
        assert len(drawing.alternative.split()) > 7 and drawing.alternative.endswith("."), name
        assert re.search(r"\d", drawing.alternative) and "nan" not in drawing.alternative, name
        assert drawing.alternative.startswith(drawing.figure.axes[0].get_title("left")), name


def test_the_words_are_made_of_the_data(drawings):
    for name, other in all_of(seed=1).items():
        assert drawings[name].alternative != other.alternative, name


def test_every_picture_is_small_and_fits_the_page(drawings):
    for name, drawing in drawings.items():
        png = drawing.png()
        picture = Image.open(io.BytesIO(png))
        assert 1_000 < len(png) < 300_000, name
        assert picture.width <= 1000 and np.asarray(picture.convert("L")).std() > 5, name


# Grey images of either framework


@pytest.mark.parametrize("shape", [(10, 28, 28), (10, 1, 28, 28), (10, 28, 28, 1)])
@pytest.mark.parametrize("kind", [np.asarray, torch.tensor])
def test_images_of_both_frameworks_are_taken(shape, kind):
    values = np.arange(10 * 28 * 28, dtype=np.float32)
    found = grey("images", kind(values.reshape(shape)), 10)
    assert found.shape == (10, 28, 28) and (found.ravel() == values).all()


def test_images_that_remember_gradients_are_taken():
    assert grey("images", torch.zeros(2, 1, 4, 4, requires_grad=True), "N").shape == (2, 4, 4)


@pytest.mark.parametrize("shape", [(10, 784), (9, 1, 28, 28), (10, 3, 28, 28), (10, 28, 28, 3)])
def test_other_images_are_refused(shape):
    with pytest.raises(ValueError, match=r"images: got the shape .*; wanted \(10, H, W\)"):
        grey("images", np.zeros(shape), 10)


def test_nothing_is_white_with_and_without_a_sign():
    zero_and_one = np.tile([0.0, 1.0], (1, 2, 1))
    for values in (zero_and_one, 2 * zero_and_one - 1 + (zero_and_one == 0)):
        pixels = inked(values, (0,)).pixels
        assert pixels[values == 0].min() > 252 and pixels[values == 1].min() < 50


def test_colours_have_a_sign_only_where_a_value_leaves_the_unit_interval():
    assert inked(np.array([[[0.0, 1.0]]]), (0,)).bar[0].cmap is not DIVERGING
    for beyond in (-0.01, 1.01):
        assert inked(np.array([[[0.0, beyond]]]), (0,)).bar[0].cmap is DIVERGING


def test_one_extreme_pixel_does_not_make_the_others_pale():
    values = np.where(np.indices((28, 28)).sum(0) % 2, 0.1, -0.1)
    values[0, 0] = 50
    found = inked(values[None, None], (1,))
    assert found.bar[0].norm.vmax == pytest.approx(0.1)
    assert found.pixels[0, 0, 0, 1].tolist() == [213, 94, 0]


def test_images_of_zeros_alone_or_nearly_so_can_be_drawn():
    sparse = np.zeros((2, 1, 28, 28))
    sparse[0, 0, 3, 3] = -2
    assert inked(sparse, (1,)).limits.tolist() == [2, 1]


def test_noise_is_not_calm_and_a_drawing_is():
    rng = np.random.default_rng(0)
    drawing = np.zeros((28, 28))
    drawing[5:20, 8:20] = 1
    assert abs(calm(rng.normal(size=(10, 28, 28)))) < 0.05
    assert calm(drawing) > 0.8
    assert calm(np.ones((28, 28))) == 1


# Sheets


def test_examples_count_each_digit_and_measure_the_ink():
    images = np.zeros((12, 28, 28), dtype=np.uint8)
    images[10], images[11] = 255, 51
    drawing = digits.examples_of_digits(images, [0] * 10 + [8, 1], per_class=4)
    assert "0 4 of 10, 1 1 of 1, 2 0 of 0" in drawing.alternative
    assert "Most ink has 8 (100% of the paper), least 0 (0%)" in drawing.alternative
    assert digits.examples_of_digits(images / 255, [0] * 10 + [8, 1], 4).alternative == drawing.alternative
    assert drawing.png()


def test_ten_digits_have_a_scale_for_each_row_and_confidences_beneath():
    values = np.sign(np.random.default_rng(0).normal(size=(10, 28, 28)))
    drawing = digits.ten_digits(
        {"MLP": 0.25 * values, "LeNet-5": 3 * values},
        {"LeNet-5": np.full(10, 0.5), "MLP": np.linspace(0, 0.9, 10)},
        "Ten",
    )
    axes, bar = drawing.figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["MLP\n±0.25", "LeNet-5\n±3"]
    assert [label.get_text() for label in axes.get_xticklabels()] == list("0123456789")
    assert [text.get_text() for text in axes.texts][9:11] == ["90.0%", "50.0%"]
    assert bar.get_ylabel() == "share of the limit" and bar.get_ylim() == (-1, 1)
    assert "MLP: values from -0.25 to 0.25" in drawing.alternative and "9 90.0%; LeNet-5" in drawing.alternative


def test_images_of_one_range_can_be_compared_and_the_range_is_told():
    values = np.sign(np.random.default_rng(0).normal(size=(10, 28, 28)))
    rows = {"MLP": 0.25 * values, "LeNet-5": 3 * values}
    images = np.stack([[row[0]] for row in rows.values()])
    own = digits.ten_digits(rows, None, "Ten"), digits.image_grid(images, [], [], None, "Two")
    one = digits.ten_digits(rows, None, "Ten", True), digits.image_grid(images, [], [], None, "Two", True)
    for apart, together in zip(own, one, strict=True):
        assert "has its own range of colours" in apart.reading and "its own" not in together.reading
        assert "all images have one range of colours, ±3" in together.reading
        axes, bar = together.figure.axes
        assert bar.get_ylabel() == "value, to ±3" and bar.get_ylim() == (-3, 3)
        assert not any("±" in text.get_text() for text in (*axes.texts, *axes.get_yticklabels()))
        painted = [np.asarray(drawing.figure.axes[0].images[0].get_array()) for drawing in (apart, together)]
        faint, strong = (picture[: len(picture) // 3] for picture in painted)
        assert faint.std() > 3 * strong.std() > 0  # in one range the faint row is pale


def test_ten_digits_in_the_unit_interval_are_ink_and_need_no_limits():
    drawing = digits.ten_digits({"Keras": np.full((10, 28, 28, 1), 0.5, dtype=np.float32)}, None, "Ten")
    axes, bar = drawing.figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Keras"]
    assert bar.get_ylabel() == "ink" and "confidence" not in drawing.alternative + drawing.reading


def test_a_grid_has_a_limit_beneath_each_image_and_each_in_its_words():
    images = np.ones((2, 3, 28, 28))
    images[1, 2] = -4
    drawing = digits.image_grid(images, ["a", "b"], ["x", "y", "z"], [["90%"] * 3, ["", "80%", "70%"]], "Grid")
    shown = [text.get_text() for text in drawing.figure.axes[0].texts]
    assert shown == ["90%\n±1"] * 3 + ["±1", "80%\n±1", "70%\n±4"]
    assert "b, z: values from -4.00 to -4.00, neighbours alike 1.00, 70%." in drawing.alternative
    unnamed = digits.image_grid(images, [], [], None, "Grid")
    assert "row 2, column 3: values from -4.00" in unnamed.alternative


# Charts


def test_probabilities_name_who_gained_and_who_lost():
    before, after = np.full(10, 0.1), np.full(10, 0.01)
    before[4:6], after[3] = (0.15, 0.05), 0.91
    drawing = outputs.probabilities(before, after, "A 3")
    assert "3 0.100 to 0.910" in drawing.alternative
    assert "Most gained 3 (+0.810), most lost 4 (-0.140)." in drawing.alternative
    heights = [bar.get_height() for bar in drawing.figure.axes[0].patches]
    assert heights == pytest.approx([*before, *after])


def test_logit_moves_tell_pushing_the_one_ahead_down_from_raising():
    start = np.zeros(10)
    start[4] = 5
    pushed, raised = start - 3, start.copy()
    pushed[3], pushed[4], raised[3] = 0.5, -4, 8
    drawing = outputs.logit_moves({"softmax": (start, pushed), "linear": (start, raised)}, 3, "Moves")
    softmax, linear = drawing.alternative.split("linear: ")
    assert "3, which was maximised, from 0.00 to 0.50 (+0.50); 4, which was ahead of all others before" in softmax
    assert "from 5.00 to -4.00 (-9.00); so the lead of 3 over 4 goes from -5.00 to +4.50" in softmax
    assert "The others move by 0 -3.00, 1 -3.00, 2 -3.00, 5 -3.00" in softmax
    assert "3, which was maximised, from 0.00 to 8.00 (+8.00)" in linear and "goes from -5.00 to +3.00" in linear
    left, right = drawing.figure.axes
    assert left.get_xlim() == right.get_xlim()
    assert left.get_xlabel() == "logit, softmax\nlead of 3 over 4: -5.0 before, +4.5 after"
    assert [label.get_text() for label in left.get_yticklabels()][2:5] == ["2", "maximised: 3", "ahead before: 4"]
    tips = {line.get_ydata()[0]: line for line in left.lines if line.get_marker() in ("<", ">")}
    assert [tips[digit].get_marker() for digit in (2, 3, 4)] == ["<", ">", "<"]
    assert [tips[digit].get_color() for digit in (2, 3, 4)] == [GREY, colour_of(1), colour_of(0)]
    assert [text.get_text() for text in left.texts][2:5] == ["-3.0", "+0.5", "-9.0"]


def test_agreement_shows_and_tells_every_count():
    table = pd.DataFrame([[10, 1], [8, 10]], index=["MLP", "LeNet-5"], columns=["MLP", "LeNet-5"])
    drawing = outputs.agreement(table)
    assert [text.get_text() for text in drawing.figure.axes[0].texts] == ["10", "1", "8", "10"]
    assert "MLP: MLP 10, LeNet-5 1; LeNet-5: MLP 8, LeNet-5 10." in drawing.alternative


def test_the_loss_is_on_a_logarithmic_axis_only_if_it_spans_decades():
    assert curves.loss_curve([100.0, 1.0, 0.5], "Loss").figure.axes[0].get_yscale() == "log"
    for plain in ([3.0, 2.0], [100.0, 0.1, -5.0]):
        assert curves.loss_curve(plain, "Loss").figure.axes[0].get_yscale() == "linear"


def test_a_loss_that_reaches_zero_can_be_drawn():
    drawing = curves.loss_curve([4.0, 1e-3, 0.0], "Loss")
    assert drawing.figure.axes[0].get_ylim()[0] > 0 and drawing.png()
    assert "2 steps, loss from 4 to 0." in drawing.alternative


def test_losses_of_several_images_have_their_median_and_the_spread_at_the_end():
    losses = np.array([[4.0, 4.0, 4.0], [1.0, 2.0, 3.6]])
    drawing = curves.loss_curve(losses, "Three", confidence=1 - losses / 4)
    assert "loss median from 4 to 2 (of 3 images from 1 to 3.6)" in drawing.alternative
    assert "confidence median from 0.000 to 0.500 (of 3 images from 0.100 to 0.750)" in drawing.alternative
    thick = max(drawing.figure.axes[0].lines, key=lambda line: line.get_linewidth())
    assert thick.get_ydata().tolist() == [4, 2]


def test_over_fitting_tells_the_gap_and_the_best_epoch_and_lines_differ_in_style():
    drawing = curves.over_fitting({"plain": {"train": [0.8, 1.0], "validation": [0.92, 0.9]}}, "Over")
    assert "training 1.000, validation 0.900, a gap of +0.100" in drawing.alternative
    assert "best validation 0.920 after epoch 1" in drawing.alternative
    assert [line.get_linestyle() for line in drawing.figure.axes[0].lines] == ["--", "-"]


def test_weights_stand_by_their_logarithm_zero_left_of_all_and_the_choice_is_marked():
    drawing = curves.criterion_by_weight([0, *TV], {"right": np.arange(9)}, 4, "Weight")
    axes = drawing.figure.axes[0]
    assert np.allclose(np.diff(axes.get_xticks()), 1)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", *(f"{weight:g}" for weight in TV)]
    (star,) = (line for line in axes.lines if line.get_marker() == "*")
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (2, 6)
    assert "4 6.000" in drawing.alternative and drawing.alternative.endswith("Chosen is 4.")


def test_a_score_has_its_standard_errors_and_what_it_is_held_against():
    scores = {"right": np.arange(8) / 8, "calm": np.ones(8)}
    plain = curves.criterion_by_weight(TV, scores, 4, "Weight")
    drawing = curves.criterion_by_weight(
        TV, scores, 4, "Weight", {"right": np.full(8, 0.25)}, {"calm": (0.5, "real digits")}
    )
    right, calm_axes = drawing.figure.axes
    (bars,) = right.collections
    assert [np.ptp(bar[:, 1]) for bar in bars.get_segments()] == pytest.approx([0.5] * 8)
    assert not calm_axes.collections and [text.get_text() for text in calm_axes.texts] == ["real digits"]
    assert "right: 0.125 0.000 ± 0.250, 0.25 0.125 ± 0.250" in drawing.alternative
    assert "16 1.000 (level line, real digits: 0.500)" in drawing.alternative
    assert "standard error" in drawing.reading and "dotted" in drawing.reading
    assert "standard error" not in plain.reading and "dotted" not in plain.reading and "±" not in plain.alternative


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda z: digits.examples_of_digits(z + 2, np.arange(10)), r"images: .*floats in \[0, 1\]"),
        (lambda z: digits.examples_of_digits(z, np.arange(10) + 1), "labels: got 1 to 10; wanted 0 to 9"),
        (lambda z: digits.ten_digits({}, None, "t"), "rows: got none"),
        (lambda z: digits.ten_digits({"a": z[:9]}, None, "t"), r"rows\['a'\]: .*\(10, H, W\)"),
        (lambda z: digits.ten_digits({"a": z, "b": z[:, ::2]}, None, "t"), "wanted images of one size"),
        (lambda z: digits.ten_digits({"a": z}, {"b": np.ones(10)}, "t"), r"confidences: got \['b'\]"),
        (lambda z: digits.image_grid(z, [], [], None, "t"), r"images: .*\(R, C, H, W\)"),
        (lambda z: digits.image_grid(z[None], ["a", "b"], [], None, "t"), "row_names: got 2; wanted 1"),
        (lambda z: digits.image_grid(z[None], [], [], [["a"]], "t"), r"captions: .*\(1, 10\)"),
        (lambda z: outputs.probabilities(np.full(10, -2.3), np.ones(10), "t"), "before: .*log-probabilities"),
        (lambda z: outputs.logit_moves({"a": (np.ones(10), np.ones(10))}, 10, "t"), "unit 10"),
        (lambda z: outputs.logit_moves({"a": (np.ones(9), np.ones(10))}, 1, "t"), r"'a'\], before.*\(10,\)"),
        (lambda z: outputs.agreement(pd.DataFrame([[11]])), "wanted counts from 0 to 10"),
        (lambda z: curves.loss_curve({}, "t"), "losses: got no curves"),
        (lambda z: curves.loss_curve([1.0, 0.5], "t", [0.1]), "confidence: got the shapes"),
        (lambda z: curves.loss_curve([1.0], "t", [-2.3]), r"wanted shares in \[0, 1\]"),
        (lambda z: curves.over_fitting({}, "t"), "curves: got no network"),
        (lambda z: curves.over_fitting({"a": {"train": [0.1]}}, "t"), "wanted 'train' and 'validation'"),
        (lambda z: curves.over_fitting({"a": {"train": [0.1], "validation": [0.1, 0.2]}}, "t"), r"\(1,\)"),
        (lambda z: curves.criterion_by_weight([2, 1], {"a": [1, 2]}, 1, "t"), "wanted increasing numbers"),
        (lambda z: curves.criterion_by_weight([1, 2], {"a": [1, 2]}, 3, "t"), "chosen: got 3"),
        (lambda z: curves.criterion_by_weight([1, 2], {"a": [1]}, 1, "t"), r"scores\['a'\]: .*\(2,\)"),
        (lambda z: curves.criterion_by_weight([1, 2], {}, 1, "t"), "scores: got none"),
        (lambda z: curves.criterion_by_weight([1, 2], {"a": [1, 2]}, 1, "t", {"b": [1, 2]}), "errors: got .*'b'"),
        (lambda z: curves.criterion_by_weight([1, 2], {"a": [1, 2]}, 1, "t", {"a": [1]}), r"errors\['a'\]: .*\(2,\)"),
        (lambda z: curves.criterion_by_weight([1, 2], {"a": [1, 2]}, 1, "t", {}, {"b": (1, "x")}), "levels: .*'b'"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_wanted(draw, says):
    with pytest.raises(ValueError, match=says):
        draw(np.zeros((10, 28, 28)))
