"""What a notebook gets to show of a figure, whichever library drew it."""

import base64

import plotly.graph_objects as go
import pytest
from matplotlib.figure import Figure

from labkit.figures import Drawing
from labkit.figures.drawing import PLOTLY_MIME

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def bars_of_matplotlib():
    figure = Figure(figsize=(2, 1))
    figure.subplots().bar([0, 1], [3, 4])
    return figure


@pytest.fixture
def displayed(monkeypatch):
    """What was displayed: (bundle, metadata), in order."""
    seen = []
    monkeypatch.setattr(
        "IPython.display.display", lambda bundle, metadata=None, raw=False: seen.append((bundle, metadata, raw))
    )
    return seen


@pytest.mark.parametrize(
    ("figure", "mime"),
    [(bars_of_matplotlib, "image/png"), (lambda: go.Figure(go.Bar(y=[3, 4])), PLOTLY_MIME)],
)
def test_a_notebook_shows_the_figure_with_its_words_and_then_the_caption(displayed, monkeypatch, figure, mime):
    monkeypatch.setattr("plotly.io.renderers.default", "plotly_mimetype")
    Drawing(figure(), "higher is <more>.", "Bars: 3 & 4.")._ipython_display_()
    (shown, metadata, raw), (caption, _, _) = displayed
    assert raw and set(shown) == {mime, "text/plain"}
    assert shown["text/plain"] == "Bars: 3 & 4."
    assert metadata == {"labkit": {"alt": "Bars: 3 & 4.", "reading": "higher is <more>."}}
    assert "higher is &lt;more&gt;." in caption["text/html"] and "Bars: 3 &amp; 4." in caption["text/html"]


def test_an_image_travels_as_text(displayed):
    Drawing(bars_of_matplotlib(), "reading", "alternative")._ipython_display_()
    assert base64.b64decode(displayed[0][0]["image/png"]).startswith(PNG_SIGNATURE)


def test_equal_figures_have_equal_bytes_that_name_no_software():
    first, second = (Drawing(bars_of_matplotlib(), "reading", "alternative").png() for _ in range(2))
    assert first == second
    assert b"Software" not in first
