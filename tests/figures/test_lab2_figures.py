"""The figures of lab 2: titles, words made of their data, and what is drawn where."""

import io
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from labkit.figures import measures, occlusion, pictures
from labkit.figures.canvas import OUTLINE

CLASSES = ("cats", "dogs", "birds", "ships", "cars", "frogs", "deer", "horses", "planes", "trucks")
KINDS = ("trained", "untrained", "random")


@dataclass
class Filters:
    """As ``methods.filters`` gives them."""

    images: torch.Tensor
    limit: torch.Tensor


@pytest.fixture(scope="module")
def data():
    """20 noisy images with a square on them, two of each class, the squares' masks, and labels."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)
    masks = np.zeros((20, 32, 32), dtype=bool)
    masks[:, 8:16, 8:16] = True
    return images, masks, np.arange(20) % 10


def filters(channels=3, seed=0, alike=False):
    rng = np.random.default_rng(seed)
    shape = (12, 3, 3, 3) if channels == 3 else (12, channels, 3, 3)
    limit = torch.full((12,), 0.25) if alike else torch.linspace(0.1, 0.4, 12)
    return Filters(torch.tensor(rng.uniform(0, 1, shape), dtype=torch.float32), limit)


def table(seed=0):
    scores = np.random.default_rng(seed).uniform(0, 1, (10, 3))
    return pd.DataFrame(scores, index=CLASSES, columns=KINDS)


def scores(shift=0.0):
    rows = [[0.81 - shift, 0.44], [0.35, 0.22], [0.27, 0.2]]
    return pd.DataFrame(rows, index=KINDS, columns=["pointing game", "IoU"])


def windows():
    return pd.DataFrame({"zero": [0.31, 0.42, 0.4], "blur": [0.33, 0.37, 0.35]}, index=[4, 8, 12])


def all_of(data, seed=0):
    """Every figure, by its name, of random data."""
    images, masks, labels = data
    rng = np.random.default_rng(seed)
    maps = rng.normal(size=masks.shape)
    top = np.sort(rng.uniform(0, 9, (2, 10)))[:, ::-1]
    hidden = images[[0] * 3]
    hidden[:, 5 * seed : 5 * seed + 8, 2:10] = 255
    return {
        "examples": pictures.examples(images, labels, CLASSES, rng.uniform(size=masks.shape) > 0.5),
        "filters in colour": pictures.filter_grid(filters(3, seed), "Filters"),
        "filters in grey": pictures.filter_grid(filters(8, seed, alike=True), "Filters"),
        "filters by channel": pictures.filter_grid(filters(8, seed), "Filters", channels=4),
        "activation maps": pictures.activation_maps(images[0], rng.uniform(size=(32, 16, 16)), "Maps"),
        "top images": pictures.top_images(
            images.reshape(2, 10, 32, 32, 3), top, [3, 7], "Top", labels.reshape(2, 10), CLASSES,
            positions=rng.integers(0, 32, (2, 10, 2)),
        ),
        "occluder": occlusion.occluder(images[0], hidden, "Covered"),
        "heat maps": occlusion.heat_maps(images[:8], maps[:8], masks[:8], maps[:8] > 1),
        "localization": occlusion.localization(scores(seed / 100), scores() / 20),
        "localization by class": occlusion.localization_by_class(table(seed), "pointing game"),
        "window scores": occlusion.window_scores(windows() + seed / 100, "energy inside"),
        "training curve": measures.training_curve([2.0, 1.5, 1.2 + seed], [0.3, 0.6, 0.5]),
        "confusion": measures.confusion(rng.integers(0, 90, (10, 10)), CLASSES),
        "projection": measures.projection(rng.normal(size=(200, 2)), np.arange(200) % 10, CLASSES, "t-SNE"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def drawings(data):
    return all_of(data)


def test_every_figure_has_a_title_and_labels_where_there_are_axes(drawings):
    for name, drawing in drawings.items():
        axes = drawing.figure.axes[0]
        assert axes.get_title("left"), name
        is_sheet = axes.images and not axes.get_xlabel() and not axes.get_ylabel()
        assert is_sheet or (axes.get_xlabel() and axes.get_ylabel()), name


def test_every_figure_has_words_and_they_are_sentences(drawings):
    for name, drawing in drawings.items():
        assert len(drawing.reading.split()) > 10 and drawing.reading.endswith("."), name
        assert len(drawing.alternative.split()) > 10 and drawing.alternative.endswith("."), name
        assert re.search(r"\d", drawing.alternative) and "nan" not in drawing.alternative, name
        assert drawing.alternative.startswith(drawing.figure.axes[0].get_title("left")), name


def test_the_words_are_made_of_the_data(data, drawings):
    for name, other in all_of(data, seed=1).items():
        assert drawings[name].alternative != other.alternative, name


def test_every_picture_is_small_and_fits_the_page(drawings):
    for name, drawing in drawings.items():
        png = drawing.png()
        picture = Image.open(io.BytesIO(png))
        assert 1_000 < len(png) < 300_000, name
        assert picture.width <= 1000 and np.asarray(picture.convert("L")).std() > 5, name


def test_nothing_is_left_with_pyplot(drawings):
    from matplotlib import pyplot

    assert drawings and pyplot.get_fignums() == []


@pytest.mark.parametrize("name", ["filters in colour", "filters in grey", "activation maps", "heat maps", "confusion"])
def test_where_colour_is_a_value_a_bar_says_which(drawings, name):
    _, bar = drawings[name].figure.axes
    assert bar.get_ylabel()


def test_examples_count_each_class_and_measure_the_objects(data):
    images, masks, labels = data
    drawing = pictures.examples(images[:15], labels[:15], CLASSES, masks[:15])
    assert "cats 2 of 2" in drawing.alternative and "trucks 1 of 1" in drawing.alternative
    assert "from 6% to 6% of an image, median 6%" in drawing.alternative
    assert [label.get_text() for label in drawing.figure.axes[0].get_yticklabels()] == list(CLASSES)


def test_a_class_without_images_is_an_empty_row(data):
    images, _, _ = data
    drawing = pictures.examples(images[:3], [0, 0, 2], CLASSES[:3])
    assert "dogs 0 of 0" in drawing.alternative
    assert drawing.png()


def test_the_bar_of_filters_in_one_scale_is_in_weights_else_in_shares_with_the_limits_beneath():
    own = pictures.filter_grid(filters(8), "Filters").figure
    alike = pictures.filter_grid(filters(8, alike=True), "Filters").figure
    assert own.axes[1].get_ylim() == (-1, 1) and alike.axes[1].get_ylim() == (-0.25, 0.25)
    assert own.axes[0].texts[11].get_text() == "11: ±0.40" and alike.axes[0].texts[11].get_text() == "11"


def test_filters_tell_their_largest_weight_and_the_share_of_positive_ones():
    images = torch.full((2, 1, 3, 3), 0.75)
    images[1] = 0.0
    drawing = pictures.filter_grid(Filters(images, torch.tensor([0.2, 0.4])), "Two filters")
    for part in ("2 filters of 3 x 3", "0.100 (filter 0)", "0.400 (filter 1)", "50% of the weights"):
        assert part in drawing.alternative
    assert "in colour" in pictures.filter_grid(filters(3), "Filters").alternative


def test_filters_of_nothing_but_zeros_can_be_drawn():
    drawing = pictures.filter_grid(Filters(torch.full((2, 1, 3, 3), 0.5), torch.zeros(2)), "Zeros")
    assert "0.000 (filter 0)" in drawing.alternative and drawing.png()


@pytest.mark.parametrize(("inputs", "channels"), [(3, 2), (8, 9), (8, 0)])
def test_filters_refuse_channels_that_they_do_not_have(inputs, channels):
    with pytest.raises(ValueError, match=f"channels: got {channels}"):
        pictures.filter_grid(filters(inputs), "Filters", channels=channels)


def test_activation_maps_name_the_strongest_unit_and_count_the_silent(data):
    maps = np.zeros((4, 8, 8))
    maps[2, 3, 3], maps[1, 0, 0] = 2.5, 1.0
    drawing = pictures.activation_maps(data[0][0], maps, "Maps")
    assert "unit 2 with 2.50, unit 1 with 1.00" in drawing.alternative
    assert "nowhere above 0: 2." in drawing.alternative
    assert [text.get_text() for text in drawing.figure.axes[0].texts][:2] == ["image", "unit 0"]


def test_top_images_tell_values_and_classes_and_mark_no_place_of_a_silent_unit():
    images = np.zeros((2, 2, 32, 32, 3), dtype=np.uint8)
    values, places = np.array([[3.0, 2.0], [0.0, 0.0]]), np.full((2, 2, 2), 16)
    drawing = pictures.top_images(images, values, [4, 9], "Top", [[0, 0], [1, 0]], CLASSES, positions=places)
    assert "unit 4 from 3.00 to 2.00 (cats 2)" in drawing.alternative
    assert "unit 9 from 0.00 to 0.00 (dogs 1, cats 1)" in drawing.alternative
    sheet = np.asarray(drawing.figure.axes[0].images[0].get_array())
    top, bottom = sheet[: len(sheet) // 2 - 12], sheet[len(sheet) // 2 + 12 :]
    assert [(half == OUTLINE).all(axis=2).any() for half in (top, bottom)] == [True, False]


def test_the_occluder_says_what_it_covers():
    image = np.full((32, 32, 3), 0.5)
    covered = np.stack([image, image])
    covered[0, 4:12, 20:28] = 0
    drawing = occlusion.occluder(image, covered, "Covered")
    assert "2 of 2 occluded copies" in drawing.alternative
    assert "4–11, 20–27; nothing." in drawing.alternative


def test_heat_maps_say_whether_the_peak_is_on_the_object(data):
    images, masks, _ = data
    maps = np.zeros((3, 32, 32))
    maps[0, 10, 10], maps[1, 30, 3], maps[2, 7:9, 10] = 2.0, 0.5, 1.0
    drawing = occlusion.heat_maps(images[:3], maps, masks[:3], maps > 0, ["cat", "dog", "bird"])
    assert "cat: largest drop 2.00 at row 10, column 10, on the object" in drawing.alternative
    assert "dog: largest drop 0.50 at row 30, column 3, beside the object" in drawing.alternative
    assert "bird: largest drop 1.00 at row 7, column 10, partly on the object" in drawing.alternative
    heads = [label.get_text() for label in drawing.figure.axes[0].get_xticklabels()]
    assert heads == ["image", "drop", "kept"]


def test_a_flat_heat_map_is_drawn_white(data):
    drawing = occlusion.heat_maps(data[0][:1], np.zeros((1, 32, 32)))
    assert "largest drop 0.00" in drawing.alternative
    assert (np.asarray(drawing.figure.axes[0].images[0].get_array())[:90, -90:] > 252).all()


def test_localization_tells_every_score(drawings):
    for score in ("0.810", "0.350", "0.270", "0.440", "0.220", "0.200"):
        assert score in drawings["localization"].alternative
    shown = [text.get_text() for text in drawings["localization"].figure.axes[0].texts]
    assert sorted(shown) == ["0.20", "0.22", "0.27", "0.35", "0.44", "0.81"]


def test_localization_by_class_names_the_classes_that_are_not_won():
    scores = pd.DataFrame(
        [[0.8, 0.3, 0.2], [0.4, 0.4, 0.1], [0.2, 0.1, 0.3]], index=["cats", "dogs", "birds"], columns=KINDS
    )
    drawing = occlusion.localization_by_class(scores, "IoU")
    assert "cats: trained 0.80, untrained 0.30, random 0.20" in drawing.alternative
    assert drawing.alternative.endswith("trained is not ahead for birds, dogs.")
    won = occlusion.localization_by_class(scores.loc[["cats"]], "IoU")
    assert won.alternative.endswith("trained is ahead for every class.")


def test_a_measure_that_may_be_negative_has_a_line_at_0_and_is_drawn_whole():
    drawing = occlusion.localization_by_class(table() - 0.5, "energy less area", zero="mark everything")
    axes = drawing.figure.axes[0]
    assert axes.get_xlim()[0] < (table() - 0.5).to_numpy().min() < 0
    assert any(list(line.get_xdata()) == [0, 0] for line in axes.lines)
    assert "left of the line at 0 it were better to mark everything" in drawing.reading


def test_window_scores_name_the_best_choice(drawings):
    assert "Best is zero with a window of 8 pixels, 0.420." in drawings["window scores"].alternative


def test_the_training_curve_marks_the_best_epoch(drawings):
    assert "best 0.600 after epoch 2" in drawings["training curve"].alternative
    assert drawings["training curve"].figure.axes[1].get_title("left") == "best: 0.600 after epoch 2"


def test_confusion_tells_the_share_right_and_the_most_frequent_mistake():
    drawing = measures.confusion(torch.tensor([[8.0, 2.0, 0.0], [0.0, 5.0, 5.0], [0.0, 0.0, 0.0]]), CLASSES[:3])
    assert "20 images, 65.0% on the diagonal" in drawing.alternative
    assert "dogs for birds 5 times, cats for dogs 2 times." in drawing.alternative
    assert [text.get_text() for text in drawing.figure.axes[0].texts] == ["8", "2", "5", "5"]


def test_ten_classes_are_told_apart_by_shape_and_each_is_named_in_place(drawings):
    axes = drawings["projection"].figure.axes[0]
    shapes = {dots.get_paths()[0].vertices.round(3).tobytes() for dots in axes.collections}
    assert len(shapes) == 10
    assert sorted(text.get_text() for text in axes.texts) == sorted(CLASSES)


def test_a_class_in_two_clusters_is_named_at_the_larger_one():
    points = np.concatenate([np.zeros((3, 2)), np.full((2, 2), 80.0), [(0.0, 80.0)]])
    axes = measures.projection(points, [0, 0, 0, 0, 0, 1], CLASSES, "Two clusters").figure.axes[0]
    assert axes.texts[0].get_position() == (0, 0)


@pytest.mark.parametrize(("wide", "high"), [(100, 80), (80, 100), (100, 1)])
def test_a_map_fills_its_panel_in_equal_units(wide, high):
    points = np.random.default_rng(0).uniform(size=(300, 2)) * (wide, high)
    figure = measures.projection(points, np.arange(300) % 10, CLASSES, "Map").figure
    figure.draw_without_rendering()
    box = figure.axes[0].bbox
    spans = [np.ptp(limits) for limits in (figure.axes[0].get_xlim(), figure.axes[0].get_ylim())]
    assert box.width / spans[0] == pytest.approx(box.height / spans[1], rel=0.01)
    assert spans[0] < 1.2 * max(wide, 0.7 * high) and spans[1] < 1.2 * max(high, 0.7 * wide)


@pytest.mark.parametrize("far", [(9, 9), (90, 1), (1, 90)])
def test_names_of_classes_that_lie_on_each_other_do_not_overlap(far):
    points = np.tile([(0, 0), far, (-far[0], -far[1])], (10, 1))
    drawing = measures.projection(points, np.arange(30) % 10, CLASSES, "All mixed")
    drawing.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in drawing.figure.axes[0].texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_projection_names_the_closest_classes():
    drawing = measures.projection([[0, 0], [1, 0], [9, 0]], [0, 2, 1], CLASSES, "Map")
    assert (
        "3 points of 3 classes. Medians closest to each other: cats and birds (1.0), dogs and birds (8.0)"
        in drawing.alternative
    )


def test_colours_have_a_sign_only_where_values_have(data):
    positive = pictures.activation_maps(data[0][0], np.ones((2, 8, 8)), "Maps").figure.axes[1]
    both = pictures.activation_maps(data[0][0], np.array([[[1.0]], [[-2.0]]]), "Maps").figure.axes[1]
    assert positive.get_ylim() == (0, 1) and both.get_ylim() == (-2, 2)


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda i, m, y: pictures.examples(i.transpose(0, 3, 1, 2), y, CLASSES), r"images: .*\(N, H, W, 3\)"),
        (lambda i, m, y: pictures.examples(i, y + 1, CLASSES), "labels: got 1 to 10; wanted 0 to 9"),
        (lambda i, m, y: pictures.examples(i, y, CLASSES, m[:3]), r"masks: .*\(20, 32, 32\)"),
        (lambda i, m, y: pictures.activation_maps(i[0], m[0], "t"), r"maps: .*\(U, h, w\)"),
        (lambda i, m, y: pictures.top_images(i[None], m[:1, 0], [1], "t"), r"values: .*\(1, 20\)"),
        (lambda i, m, y: pictures.top_images(i[None], y[None], [1], "t", y[None]), "labels without classes"),
        (lambda i, m, y: occlusion.occluder(i[0], i[1], "t"), r"occluded: .*\(M, 32, 32, 3\)"),
        (lambda i, m, y: occlusion.heat_maps(i, m[:, ::2]), r"maps: .*\(20, 32, 32\)"),
        (lambda i, m, y: occlusion.localization(scores(), scores().T), "errors: .*rows and columns of scores"),
        (lambda i, m, y: measures.confusion(np.eye(3), CLASSES), r"matrix: .*\(10, 10\)"),
        (lambda i, m, y: measures.projection(np.zeros((20, 3)), y, CLASSES, "t"), r"points: .*\(N, 2\)"),
        (lambda i, m, y: measures.training_curve([1.0], [0.1, 0.2]), r"validation: .*\(1,\)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_what_was_wanted(data, draw, says):
    with pytest.raises(ValueError, match=says):
        draw(*data)
