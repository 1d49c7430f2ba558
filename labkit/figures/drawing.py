"""What every figure of the labs has: a style, a sentence on how to read it, and the same content in words.

The palette is that of Okabe and Ito ("Color universal design", 2008), told apart by readers with any common
form of colour blindness. Colour never carries a meaning alone: labels or panels say it too.
"""

import html
from dataclasses import dataclass

import plotly.graph_objects as go

#: Okabe-Ito, without black and without yellow, which is too pale for lines and small marks.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
GREY = "#888888"
#: For ordered values; its lightness rises all the way, so that it survives a grey print.
SEQUENTIAL = "Cividis"
#: For ordered values behind black text.
PALE = ((0.0, "#FFFFFF"), (1.0, "#56B4E9"))

PLOTLY_MIME = "application/vnd.plotly.v1+json"
#: Of plotly's own tool bar: as wide as the page, and no button that sends data elsewhere.
CONFIG = {"responsive": True, "displaylogo": False, "modeBarButtonsToRemove": ["sendChartToCloud"]}

MARGIN = {"l": 70, "r": 20, "t": 70, "b": 60}


@dataclass(frozen=True)
class Drawing:
    """A plotly figure with its words. A notebook shows it where it is a cell's last value.

    Attributes:
        figure: to change at will, like any plotly figure.
        reading: a sentence on how to read it.
        alternative: what it shows, in words made from its data, for who cannot see it.
    """

    figure: go.Figure
    reading: str
    alternative: str

    def _ipython_display_(self) -> None:
        from IPython.display import display

        bundle = self.figure._repr_mimebundle_()
        if not bundle:  # outside notebooks plotly opens a browser instead
            self.figure.show()
            return
        if PLOTLY_MIME in bundle:
            bundle[PLOTLY_MIME]["config"] = CONFIG
        bundle["text/plain"] = self.alternative
        words = {"alt": self.alternative, "reading": self.reading}
        display(bundle, metadata={"labkit": words}, raw=True)
        caption = (
            f"<p><em>How to read it:</em> {html.escape(self.reading)}</p>"
            f"<details><summary>The figure in words</summary><p>{html.escape(self.alternative)}</p></details>"
        )
        display({"text/html": caption, "text/plain": f"How to read it: {self.reading}"}, raw=True)


def styled(figure: go.Figure, title: str, height: int) -> go.Figure:
    """Give a figure the common style.

    Args:
        figure: changed in place.
        title: the figure's.
        height: pixels; the width follows the page.
    """
    return figure.update_layout(
        template="plotly_white",
        title={"text": title, "x": 0, "xref": "paper"},
        font={"size": 13},
        height=height,
        margin=MARGIN,
        colorway=PALETTE,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1.0, "xanchor": "right"},
        hoverlabel={"align": "left"},
    )


def colour_of(number: int) -> str:
    """The palette's colour for the number-th of several things; it starts anew after the last one."""
    return PALETTE[number % len(PALETTE)]
