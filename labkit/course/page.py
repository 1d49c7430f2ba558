"""A run notebook as one HTML page that is whole in itself: it loads nothing from anywhere.

nbconvert makes the page; its scripts from other hosts are left out, and plotly's own script, which its
figures share, is written into the page's head. Formulas stay as they are typed, since what would set them
is a script from elsewhere.
"""

import html
from typing import Any

import plotly.io
from nbconvert import HTMLExporter
from nbformat import NotebookNode, from_dict
from plotly.offline import get_plotlyjs

from labkit.figures.drawing import CONFIG, PLOTLY_MIME

# Put into the page after nbconvert is done: it parses the page it makes, and plotly's script is 4 MB.
_PLOTLY_PLACE = "<!-- plotly.js -->"
_TEMPLATE = f"""
{{%- extends 'lab/index.html.j2' -%}}
{{%- block html_head_js -%}}{_PLOTLY_PLACE}{{%- endblock -%}}
{{%- block html_head_js_mathjax -%}}{{%- endblock -%}}
{{%- block html_head_js_mermaidjs -%}}{{%- endblock -%}}
{{%- block jupyter_widgets -%}}{{%- endblock -%}}
{{%- block html_head_css -%}}
<style>
main {{ max-width: 72rem; margin: 0 auto; }}
figure {{ margin: 0; }}
</style>
{{%- endblock -%}}
"""


def page(node: NotebookNode, title: str, language: str = "en") -> str:
    """The HTML page of a notebook.

    Args:
        node: a notebook that was run; it is left as it is.
        title: of the page.
        language: of its text, as in the attribute ``lang``.
    """
    node = from_dict(node)
    node.metadata.title = title
    figures = 0
    for cell in node.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            words = output.get("metadata", {}).get("labkit", {})
            if PLOTLY_MIME in data:
                figures += 1
                output.data = {"text/html": _figure(_drawn(data[PLOTLY_MIME], f"figure-{figures}"), words)}
            elif "image/png" in data and words:
                source = f"data:image/png;base64,{data['image/png']}"
                output.data = {"text/html": _figure(f'<img src="{source}" alt="" />', words)}
    exporter = HTMLExporter(raw_template=_TEMPLATE, embed_images=True, language_code=language)
    text, _ = exporter.from_notebook_node(node)
    script = f"<script>{get_plotlyjs()}</script>" if figures else ""
    return text.replace(_PLOTLY_PLACE, script, 1)


def _drawn(figure: dict[str, Any], name: str) -> str:
    """The elements that draw a plotly figure, once plotly's script is there."""
    return plotly.io.to_html(
        dict(figure),
        config=CONFIG,
        include_plotlyjs=False,
        full_html=False,
        div_id=name,
        default_width="100%",
        validate=False,
    )


def _figure(drawing: str, words: dict[str, str]) -> str:
    """A drawing with its text alternative; the sentence on how to read it is an output of its own."""
    alternative = html.escape(words.get("alt", "A figure without a description."))
    return f'<figure role="img" aria-label="{alternative}">{drawing}</figure>'
