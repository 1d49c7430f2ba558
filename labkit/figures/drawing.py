"""What every figure of the labs has: a style, a sentence on how to read it, and the same content in words.

The palette is that of Okabe and Ito ("Color universal design", 2008), told apart by readers with any common
form of colour blindness. Colour never carries a meaning alone: labels or panels say it too.
"""

import html
import io
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

if TYPE_CHECKING:  # not all labs draw with matplotlib, and it takes a while to import
    from matplotlib.figure import Figure

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
    """A figure of plotly or matplotlib with its words. A notebook shows it where it is a cell's last value.

    Attributes:
        figure: to change at will, like any figure of its library.
        reading: a sentence on how to read it.
        alternative: what it shows, in words made from its data, for who cannot see it.
    """

    figure: "go.Figure | Figure"
    reading: str
    alternative: str

    def png(self) -> bytes:
        """The picture of a matplotlib figure, whole: with what stands outside the figure's own frame."""
        file = io.BytesIO()
        # Without the name of the software, which holds its version, a figure has the same bytes everywhere.
        self.figure.savefig(file, format="png", bbox_inches="tight", pad_inches=0.1, metadata={"Software": None})
        return file.getvalue()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        bundle = self._bundle()
        if not bundle:  # outside notebooks plotly opens a browser instead
            self.figure.show()
            return
        bundle["text/plain"] = self.alternative
        words = {"alt": self.alternative, "reading": self.reading}
        display(bundle, metadata={"labkit": words}, raw=True)
        caption = (
            f"<p><em>How to read it:</em> {html.escape(self.reading)}</p>"
            f"<details><summary>The figure in words</summary><p>{html.escape(self.alternative)}</p></details>"
        )
        display({"text/html": caption, "text/plain": f"How to read it: {self.reading}"}, raw=True)

    def _bundle(self) -> dict[str, Any]:
        """The figure by MIME type, as a notebook wants it."""
        if not isinstance(self.figure, go.Figure):
            return {"image/png": b64encode(self.png()).decode("ascii")}
        bundle = self.figure._repr_mimebundle_()
        if PLOTLY_MIME in bundle:
            bundle[PLOTLY_MIME]["config"] = CONFIG
        return bundle


def styled(figure: go.Figure, title: str, height: int) -> go.Figure:
    """Give a figure of plotly the common style.

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
