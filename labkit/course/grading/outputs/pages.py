"""Pages from templates: everything that is put into one is made visible and escaped, by one gate.

The pages run no script and load nothing: their Content-Security-Policy allows a style of their own, and no more.
"""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from labkit.course.grading.outputs import texts

#: What a person sees of a state: a sign, which no screen reader reads, the name of its style, and words.
_STATES = {
    "right": ("✓", "right"),
    "in part": ("◐", "part"),
    "wrong": ("✗", "wrong"),
    "not answered": ("○", "none"),
    "needs manual marking": ("…", "open"),
    "could not be graded": ("!", "broken"),
    "partly graded": ("◐", "open"),
    "graded": ("✓", "right"),
}


def render(template: str, **values: Any) -> str:
    """A page.

    Args:
        template: a file of the folder ``templates``.
        values: what it speaks of.
    """
    return _environment().get_template(template).render(values)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("labkit.course.grading.outputs"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_gate,
    )
    environment.filters |= {
        "points": texts.points,
        "moment": texts.moment,
        "short": texts.short,
        "cut": texts.cut,
        "counted": texts.counted,
    }
    environment.globals |= {"STATES": _STATES}
    return environment


def _gate(value: object) -> object:
    """What is printed in a page; autoescape comes after. Markup is made by templates and drawings alone."""
    return texts.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
