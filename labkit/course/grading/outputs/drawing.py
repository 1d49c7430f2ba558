"""How the points of a lab are spread, as a picture that stands in the page itself (SVG) and says itself in words."""

from collections.abc import Sequence

from markupsafe import Markup

from labkit.course.grading.outputs.lab_numbers import Bin
from labkit.course.grading.outputs.texts import counted

_WIDTH, _HEIGHT = 640, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 6, 18, 40


def distribution(bins: Sequence[Bin], name: str) -> Markup:
    """Bars: how many notebooks have so many points; hatched those of which something is still open.

    Args:
        bins: from few points to many.
        name: the same for no two pictures of a page.
    """
    most = max([1, *(one.whole + one.partial for one in bins)])
    height, width = _HEIGHT - _TOP - _BOTTOM, (_WIDTH - _LEFT - _RIGHT) / len(bins)
    parts = [
        Markup(
            '<svg class="distribution" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-words" '
            'xmlns="http://www.w3.org/2000/svg"><desc id="{}-words">{}</desc>'
            '<defs><pattern id="{}-hatched" width="6" height="6" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><path class="hatch-ground" d="M0 0h6v6h-6z"></path>'
            '<path class="hatch" d="M0 0v6"></path></pattern></defs>'
        ).format(_WIDTH, _HEIGHT, name, name, in_words(bins), name)
    ]
    for tick in _ticks(most):
        y = _TOP + height * (1 - tick / most)
        parts.append(
            Markup(
                '<path class="line" d="M{} {:.1f}H{}"></path><text x="{}" y="{:.1f}" text-anchor="end">{}</text>'
            ).format(_LEFT, y, _WIDTH - _RIGHT, _LEFT - 6, y + 4, tick)
        )
    for place, one in enumerate(bins):
        left, bar = _LEFT + place * width + width * 0.12, width * 0.76
        whole, partial = height * one.whole / most, height * one.partial / most
        base = _TOP + height
        parts.append(_bar("whole", left, base - whole, bar, whole, ""))
        parts.append(_bar("partial", left, base - whole - partial, bar, partial, f"{name}-hatched"))
        middle = left + bar / 2
        parts.append(_text(middle, base + 15, _range(one)))
        if one.whole + one.partial:
            parts.append(_text(middle, base - whole - partial - 5, str(one.whole + one.partial)))
    parts.append(_text(_LEFT + (_WIDTH - _LEFT - _RIGHT) / 2, _HEIGHT - 5, "points"))
    return Markup("").join([*parts, Markup("</svg>")])


def in_words(bins: Sequence[Bin]) -> str:
    """The same in a sentence, for who does not see it."""
    said = [
        f"{_range(one)} points: {counted(one.whole + one.partial, 'notebook')}"
        + (f", {one.partial} of them with points still open" if one.partial else "")
        for one in bins
        if one.whole + one.partial
    ]
    return f"How many notebooks have how many points. {'; '.join(said) or 'None yet'}."


def _range(one: Bin) -> str:
    return str(one.low) if one.low == one.high else f"{one.low}–{one.high}"


def _ticks(most: int) -> list[int]:
    """At most five whole numbers from 0 up."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, most) if most / step <= 4)
    return list(range(0, most + 1, step))


def _bar(kind: str, x: float, y: float, width: float, height: float, pattern: str) -> Markup:
    fill = Markup(' fill="url(#{})"').format(pattern) if pattern else Markup("")
    if height == 0:
        return Markup("")
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"{}></rect>').format(
        kind, x, y, width, height, fill
    )


def _text(x: float, y: float, words: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(x, y, words)
