"""The figures of TX-Ray: titles, words made of their data, colours, and results with gaps in them."""

import re

import pytest
import torch

from labkit.figures import txray as figures
from labkit.figures.drawing import GREY, PALETTE, Drawing, colour_of
from labkit.methods import txray
from labkit.methods.activations import edit
from labkit.models.text_cnn import TextCNN

VOCABULARY = 40
NAMED = ("unique_features", "activation_statistics", "activation_distribution", "overlap_distribution", "top_words")


def decode(ids):
    return " ".join(f"word{i}" for i in ids)


def collected(seed=0, filters=None, lengths=(9, 12, 7), never=()):
    """What TX-Ray finds in random texts; the filters of width 1 in ``never`` are never credited."""
    torch.manual_seed(seed)
    model = TextCNN(VOCABULARY, filters or {1: 4, 2: 3, 3: 2}, embedding_size=8)
    texts = [torch.randint(1, VOCABULARY, (20, length)) for length in lengths]
    index = torch.tensor(list(never), dtype=torch.long)
    with edit(model, {"convs.1": lambda output: output.index_fill(1, index, float("-inf"))}):
        return txray.collect(model, texts)


def all_of(results):
    """Every figure of these results, by the name of its function."""
    first = next(iter(results.values()))
    return {
        "unique_features": figures.unique_features(results),
        "activation_statistics": figures.activation_statistics(results),
        "activation_distribution": figures.activation_distribution(results),
        "overlap_distribution": figures.overlap_distribution(results),
        "top_words": figures.top_words(results, first.labels[0], decode, n=5),
        "all_filters": figures.all_filters(first, decode, n=4),
        "overlap": figures.overlap(first),
    }


def pruned(shift=0.0):
    at_random = {2: [0.70 + shift, 0.75, 0.72], 5: [0.60, 0.66, 0.64]}
    return figures.pruning(0.79, {"least mass": {2: 0.76 + shift, 5: 0.70}, "spread": {2: 0.71, 5: 0.55}}, at_random)


FIGURES = {
    "trained and untrained": lambda: all_of({"trained": collected(0), "untrained": collected(1)}),
    "one network": lambda: all_of({"trained": collected(0)}),
    "one width": lambda: all_of({"one width": collected(0, {1: 5})}),
    "a filter never credited": lambda: all_of({"whole": collected(0), "gaps": collected(0, never=[0, 2])}),
    "a first filter never credited": lambda: all_of({"gaps": collected(0, never=[0])}),
    "a width never credited": lambda: all_of({"short": collected(0, lengths=(2, 2))}),
    "one filter a width": lambda: all_of({"few": collected(0, {1: 1, 2: 1})}),
    "no filter ever credited": lambda: all_of({"none": collected(0, {1: 2}, never=[0, 1])}),
    "many filters": lambda: all_of({"many": collected(0, {1: 70, 2: 20, 3: 10})}),
    "pruning": lambda: {"pruning": pruned()},
}


@pytest.fixture(scope="module", params=FIGURES)
def drawings(request):
    return FIGURES[request.param]()


def axes(figure, letter):
    return [axis for name, axis in figure.to_dict()["layout"].items() if name.startswith(f"{letter}axis")]


def colours(value):
    """Every colour anywhere in a figure's description, but for those of the template."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "template":
                yield from ([item] if key == "color" and isinstance(item, str) else colours(item))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from colours(item)


def test_every_figure_has_a_title_and_titles_of_its_axes(drawings):
    for name, drawing in drawings.items():
        assert drawing.figure.layout.title.text, name
        for letter in "xy":
            titles = [axis.get("title", {}).get("text") for axis in axes(drawing.figure, letter)]
            assert any(titles), (name, letter)


def test_every_figure_has_words_and_they_are_sentences(drawings):
    for name, drawing in drawings.items():
        assert isinstance(drawing, Drawing)
        assert len(drawing.reading.split()) > 10 and drawing.reading.endswith((".", "?")), name
        assert len(drawing.alternative.split()) > 7 and drawing.alternative.endswith("."), name
        assert re.search(r"\d|no pair of filters|no filter was credited", drawing.alternative), name


def test_no_words_speak_of_missing_values(drawings):
    for name, drawing in drawings.items():
        assert "nan" not in drawing.alternative.split(), drawing.alternative
        assert not re.search(r"\bnan\b", drawing.alternative), name


def test_colours_are_of_the_palette_alone(drawings):
    for name, drawing in drawings.items():
        assert set(colours(drawing.figure.to_dict())) <= {*PALETTE, GREY, "black"}, name


def test_a_figure_can_be_sent_to_a_notebook(drawings):
    for drawing in drawings.values():
        assert drawing.figure.to_json()


def test_the_words_are_made_of_the_data():
    one = all_of({"trained": collected(0), "untrained": collected(1)}) | {"pruning": pruned()}
    other = all_of({"trained": collected(2), "untrained": collected(3)}) | {"pruning": pruned(0.01)}
    for name in one:
        assert one[name].alternative != other[name].alternative, name


@pytest.mark.parametrize("name", NAMED)
def test_every_result_is_named_in_figure_and_words(name):
    drawing = all_of({"trained one": collected(0), "untrained one": collected(1)})[name]
    shown = str(drawing.figure.to_dict())
    for result in ("trained one", "untrained one"):
        assert result in shown
        assert f"{result}" in drawing.alternative


def test_unique_features_shows_each_filters_count():
    found = collected(0, never=[0])
    drawing = figures.unique_features({"trained": found})
    drawn = {x: y for bars in drawing.figure.data for x, y in zip(bars.x, bars.y, strict=True)}
    assert drawn == found.unique_features.to_dict()
    assert drawn["w1-f0"] == 0
    assert "from 0 (w1-f0)" in drawing.alternative


def test_a_filter_that_was_never_credited_is_not_taken_for_a_narrow_one():
    results = {"gaps": collected(0, never=[0])}
    assert "w1-f0" not in figures.activation_distribution(results).alternative
    assert "w1-f0: nothing;" in figures.all_filters(results["gaps"], decode).alternative
    assert "gaps: nothing." in figures.top_words(results, "w1-f0", decode).alternative


def test_without_a_pair_of_filters_the_words_say_so():
    drawing = figures.overlap_distribution({"few": collected(0, {1: 1, 2: 1})})
    assert "few, weighted by activation: no pair of filters to compare" in drawing.alternative


def colours_of_scale(drawing):
    return {colour for _, colour in drawing.figure.data[0].colorscale}


def test_the_favourites_are_read_as_black_on_a_pale_colour():
    drawing = figures.all_filters(collected(0), decode)
    assert drawing.figure.data[0].textfont.color == "black"
    assert colours_of_scale(drawing) <= {"#FFFFFF", *PALETTE}


def test_colour_is_not_the_only_sign_of_a_width():
    drawing = figures.unique_features({"trained": collected(0)})
    assert [bars.name for bars in drawing.figure.data] == ["width 1", "width 2", "width 3"]
    assert all(label.startswith(f"w{bars.name[-1]}") for bars in drawing.figure.data for label in bars.x)


def test_the_panels_of_several_networks_have_equal_axes():
    results = {"trained": collected(0), "untrained": collected(1)}
    for draw in (figures.unique_features, figures.activation_distribution):
        layout = draw(results).figure.layout
        assert layout.yaxis2.matches == "y"


def test_a_legend_names_each_width_once():
    results = {"trained": collected(0), "untrained": collected(1)}
    for draw in (figures.unique_features, figures.activation_statistics):
        shown = [bars.name for bars in draw(results).figure.data if bars.showlegend]
        assert sorted(shown) == ["width 1", "width 2", "width 3"]


def test_top_words_shows_the_best_first():
    found = collected(0)
    for by in ("max", "mean", "count"):
        drawing = figures.top_words({"trained": found}, "w2-f1", decode, n=5, by=by)
        top = found.top("w2-f1", 5, by, decode)
        assert list(drawing.figure.data[0].x) == top[by].tolist()
        assert list(drawing.figure.layout.yaxis.ticktext) == top["feature"].tolist()
        assert top["feature"].iloc[0] in drawing.alternative


def test_top_words_refuses_an_unknown_filter():
    with pytest.raises(ValueError, match="w9-f9"):
        figures.top_words({"trained": collected(0)}, "w9-f9", decode)


def test_all_filters_has_a_row_for_each_of_a_hundred():
    found = collected(0, {1: 70, 2: 20, 3: 10})
    drawing = figures.all_filters(found, decode, n=4)
    assert list(drawing.figure.data[0].y) == found.labels
    assert drawing.figure.data[0].z.shape == (100, 4)
    assert "100 filters" in drawing.alternative and "first 20" in drawing.alternative


@pytest.mark.parametrize(
    "draw", [lambda found, title: figures.all_filters(found, decode, title=title), figures.overlap]
)
def test_words_begin_with_the_title_where_it_tells_networks_apart(draw):
    for title in ("Trained", "Untrained"):
        assert draw(collected(0), title=title).alternative.startswith(f"{title}. ")


def test_random_draws_are_opaque_and_hollow_and_criteria_filled():
    draws, _, *criteria = pruned().figure.data
    assert draws.marker.opacity is None and draws.marker.color == GREY
    assert draws.marker.symbol.endswith("-open")
    assert all(isinstance(line.marker.symbol, int) and line.marker.symbol < 100 for line in criteria)


def test_pruning_tells_every_accuracy_and_marks_each_criterion_in_its_own_way():
    drawing = pruned()
    for number in ("0.790", "0.760", "0.700", "0.710", "0.550", "0.600", "0.660"):
        assert number in drawing.alternative
    lines = [trace for trace in drawing.figure.data if trace.name in ("least mass", "spread")]
    assert len({(line.marker.symbol, line.line.color) for line in lines}) == 2
    assert len({line.marker.symbol for line in lines}) == 2


def test_the_palette_starts_anew():
    assert colour_of(0) == colour_of(len(PALETTE)) == PALETTE[0]
    assert len(set(PALETTE)) == len(PALETTE)
