"""Pages from templates: everything that is put into one is made visible and escaped, by one gate.

The pages run no script and load nothing: their Content-Security-Policy allows a style of their own, and no more.
"""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from labkit.course.grading.outputs import texts

#: Result of an exercise or state of a notebook -> what a person sees: a sign, which no screen reader reads, the name of
#: its style, and words.
_STATES = {
    "right": ("✓", "right", "right"),
    "in part": ("◐", "part", "right in part"),
    "wrong": ("✗", "wrong", "not right"),
    "not answered": ("○", "none", "not answered"),
    "needs manual marking": ("…", "open", "waits for a reader"),
    "could not be graded": ("!", "broken", "could not be graded"),
    "partly graded": ("!", "broken", "partly graded"),
    "graded": ("✓", "right", "graded"),
}


def render(template: str, **values: Any) -> str:
    """A page.

    Args:
        template: a file of the folder ``templates``.
        values: what it speaks of.
    """
    return _environment().get_template(template).render(values)


@cache
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
        "spoken": texts.spoken,
        "headed": texts.headed,
        "cut": texts.cut,
        "counted": texts.counted,
    }
    environment.globals |= {"STATES": _STATES}
    return environment


def _gate(value: object) -> object:
    """What is printed in a page; autoescape comes after. Markup is made by templates and drawings alone."""
    return texts.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
