"""HTML pages that are whole in themselves."""

import io
import re
from base64 import b64decode, b64encode
from html.parser import HTMLParser

import nbformat
import numpy as np
import plotly.graph_objects as go
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from labkit.course.page import page
from labkit.figures.animation import animation

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}


class Reader(HTMLParser):
    """Collects what a page loads, its language, title, figures and scripts."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.tags, self.scripts, self.title, self.styles = [], [], [], "", []
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        self._in = tag
        if attrs.get(LOADING.get(tag)):
            self.loads.append(attrs[LOADING[tag]])

    def handle_data(self, data):
        if self._in == "script":
            self.scripts.append(data)
        elif self._in == "style":
            self.styles.append(data)
        elif self._in == "title":
            self.title += data

    def handle_endtag(self, tag):
        self._in = ""


def figure_output(alternative="Bars: 3 & 4."):
    figure = go.Figure(go.Bar(x=[3.0, 4.0], y=["</script>", "b"], orientation="h"))
    return new_output(
        "display_data",
        data={"application/vnd.plotly.v1+json": figure.to_plotly_json(), "text/plain": alternative},
        metadata={"labkit": {"alt": alternative}},
    )


@pytest.fixture(scope="module")
def notebook():
    image = new_output("display_data", data={"image/png": PNG}, metadata={"labkit": {"alt": "A <dot>."}})
    return new_notebook(
        cells=[
            new_markdown_cell("# Title & all\n\n$x^2$ and [a link](https://example.org)"),
            new_code_cell("show(1)", execution_count=1, outputs=[figure_output()]),
            new_code_cell("show(2)", execution_count=2, outputs=[figure_output("Second."), image]),
        ]
    )


@pytest.fixture(scope="module")
def read(notebook):
    return Reader(page(notebook, "Title & all"))


def test_the_page_loads_nothing_from_anywhere(read):
    assert [address for address in read.loads if not address.startswith("data:")] == []
    outside = [
        url for style in read.styles for url in re.findall(r"(?:url\(|@import)\s*['\"]?(https?:[^)'\"]*)", style)
    ]
    assert outside == []


def test_plotly_is_in_the_page_once_and_every_figure_is_drawn(read):
    assert sum(len(script) > 1_000_000 for script in read.scripts) == 1
    drawn = [script for script in read.scripts if "Plotly.newPlot" in script and len(script) < 1_000_000]
    assert ["figure-1" in script for script in drawn] == [True, False]
    assert ["figure-2" in script for script in drawn] == [False, True]
    assert all('"responsive": true' in script for script in drawn)


def test_a_page_without_figures_carries_no_plotly(notebook):
    text = page(new_notebook(cells=notebook.cells[:1]), "Title")
    assert len(text) < 1_000_000


def test_figures_and_images_have_their_text_alternative(read):
    labels = [attrs["aria-label"] for tag, attrs in read.tags if attrs.get("role") == "img"]
    assert labels == ["Bars: 3 & 4.", "Second.", "A <dot>."]


def test_an_image_is_in_the_page_itself(read):
    assert [attrs["src"] for tag, attrs in read.tags if tag == "img"] == [f"data:image/png;base64,{PNG}"]


def test_an_animation_is_in_the_page_whole_and_with_its_words():
    moving = animation(np.random.default_rng(0).uniform(size=(3, 1, 8, 8)), [0, 1, 2], "A 3")
    data = {"image/png": b64encode(moving.png()).decode()}
    output = new_output("display_data", data=data, metadata={"labkit": {"alt": moving.alternative}})
    read = Reader(page(new_notebook(cells=[new_code_cell("animation()", outputs=[output])]), "Title"))
    (source,) = (attrs["src"] for tag, attrs in read.tags if tag == "img")
    assert Image.open(io.BytesIO(b64decode(source.removeprefix("data:image/png;base64,")))).is_animated
    assert [attrs["aria-label"] for _, attrs in read.tags if attrs.get("role") == "img"] == [moving.alternative]


def test_language_and_title_are_set(read):
    assert dict(read.tags)["html"]["lang"] == "en"
    assert read.title.strip() == "Title & all"


def test_making_a_page_leaves_the_notebook_alone(notebook):
    before = nbformat.writes(notebook)
    page(notebook, "Title")
    assert nbformat.writes(notebook) == before
