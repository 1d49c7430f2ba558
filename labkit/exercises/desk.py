"""The student's desk: check an answer, open a hint, see what is done."""

import html
from typing import Any

from labkit.exercises.core import Lab, Verdict, examine
from labkit.exercises.registry import UsageError, find, load, stems

VERDICT_MIME = "application/vnd.labkit.verdict+json"
_SIGNS = {"right": "✔", "wrong": "✘", "unanswered": "○", "for a reader": "✎"}
_COLOURS = {"right": "#009E73", "wrong": "#D55E00", "unanswered": "#888888", "for a reader": "#0072B2"}

_NOTHING: Any = object()  # no answer at all, which ... and None are not

# What this session has seen; a restarted kernel starts anew, and "Run all" fills it again.
_verdicts: dict[str, Verdict] = {}
_hints_open: dict[str, int] = {}


def check(exercise_id: str, answer: Any = _NOTHING, *more: Any) -> None:
    """Check an answer and say at once what is right or wrong about it.

    Args:
        exercise_id: such as "1.3".
        answer: what the exercise asks for: a function (its name, without brackets), a value or a text.
        more: nothing; an answer of several parts goes in as one.

    Raises:
        UsageError: no such exercise, or not one answer was handed over.
    """
    if answer is _NOTHING or more:
        raise UsageError('check takes two things, an exercise and your answer to it: check("1.1", decode).')
    exercise = find(exercise_id)
    verdict = examine(exercise, answer)
    note(exercise.id, verdict)
    points = {
        "right": f"right, {_points(exercise.points)}.",
        "wrong": "not yet:",
        "for a reader": "answered:",
        "unanswered": "",
    }
    text = (
        f"{_SIGNS[verdict.state]} Exercise {exercise.id}, {exercise.title}: {points[verdict.state]} {verdict.message}"
    )
    if verdict.state in ("wrong", "unanswered") and exercise.hints:
        text += f' Stuck? Run hint("{exercise.id}").'
    text, answered_with, page = " ".join(text.split()), "", ""
    if verdict.state == "for a reader":  # an answer made of code shows its numbers here
        answered_with = _as_read(answer)
        page = f"<blockquote>{html.escape(answered_with)}</blockquote>"
    record = {
        "id": exercise.id,
        "state": verdict.state,
        "mistake": verdict.mistake,
        "points": exercise.points if verdict.state == "right" else 0,
        "of": exercise.points,
    }
    said = f"{text}\n\n{answered_with}" if answered_with else text
    _show(said, _boxed(text, _COLOURS[verdict.state]) + page, **{VERDICT_MIME: record})


def note(exercise_id: str, verdict: Verdict) -> None:
    """Keep a verdict for ``done`` and ``progress``, which go by the last one."""
    _verdicts[exercise_id] = verdict


def hint(exercise_id: str = _NOTHING) -> None:
    """Open the next hint of an exercise; those opened before are shown again.

    Raises:
        UsageError: no such exercise.
    """
    if exercise_id is _NOTHING:
        raise UsageError('hint takes the number of an exercise: hint("1.1").')
    exercise = find(exercise_id)
    hints = exercise.hints
    opened = min(_hints_open.get(exercise.id, 0) + 1, len(hints))
    _hints_open[exercise.id] = opened
    lines = [f"Hint {i} of {len(hints)}: {text}" for i, text in enumerate(hints[:opened], start=1)]
    more = opened < len(hints)
    lines.append(f'Run hint("{exercise.id}") again for the next one.' if more else "That was the last hint.")
    _show("\n".join(lines), "".join(_boxed(line, "#CC79A7") for line in lines))


def progress(lab: str | None = None) -> None:
    """Show which exercises are done, the points so far, and what is open.

    Args:
        lab: a lab's stem; None shows the labs of which this session has checked something, or all.

    Raises:
        UsageError: no such lab.
    """
    begun = {exercise_id.split(".")[0] for exercise_id in _verdicts}
    wanted = [lab] if lab else [s for s in stems() if not begun or s[3 : s.index("_")] in begun]
    for stem in wanted:
        _show_progress(load(stem))


def done(*exercise_ids: str, instead: str = "") -> bool:
    """Whether the last check of these exercises found them right, or fit for a reader. If not, say so in one line.

    What a cell makes of an answer stands under ``if done("1.3"):``. So "Run all" passes it by while the answer is
    open, and a wrong answer, which may change what it is handed, is never let loose on the notebook's own network.

    Args:
        exercise_ids: such as "1.3".
        instead: what happens without the answer, when it is not simply left out, such as "shown with a window of 8".

    Raises:
        UsageError: no such exercise.
    """
    names = [find(exercise_id).id for exercise_id in exercise_ids]
    still = [name for name in names if name not in _verdicts or _verdicts[name].state not in ("right", "for a reader")]
    if still:
        which = f"Exercise {still[0]} is" if len(still) == 1 else f"Exercises {' and '.join(still)} are"
        print(f"{which} not right yet: {instead or 'what depends on it is left out here'}.")  # noqa: T201
    return not still


def _as_read(answer: str | dict[str, Any]) -> str:
    """An answer as a person reads it: a text, or the entries of a dictionary on one line."""
    if isinstance(answer, str):
        return answer.strip()
    return "; ".join(f"{name}: {str(value).strip()}" for name, value in answer.items())


def _show_progress(lab: Lab) -> None:
    states = {e.id: _verdicts[e.id].state if e.id in _verdicts else "unanswered" for e in lab.exercises.values()}
    rows = []
    for e in lab.exercises.values():
        got = {"right": str(e.points), "for a reader": "?"}.get(states[e.id], "0")
        rows.append((_SIGNS[states[e.id]], e.id, e.title, states[e.id], f"{got} / {e.points}"))
    done = sum(e.points for e in lab.exercises.values() if states[e.id] == "right")
    waiting = sum(e.points for e in lab.exercises.values() if states[e.id] == "for a reader")
    still = [exercise_id for exercise_id, state in states.items() if state in ("unanswered", "wrong")]
    summary = f"{lab.title}: {done} of {_points(lab.points)}"
    summary += f", {waiting} more wait for a reader" if waiting else ""
    summary += f". Open: {', '.join(still)}." if still else ". Nothing is open."
    summary += " (The last check of each counts. After a restart of the kernel, run all cells.)"
    width = max(len(row[2]) for row in rows)
    text = "\n".join([summary, *(f"{s} {i:<5} {t:<{width}}  {state:<12} {p}" for s, i, t, state, p in rows)])
    cells = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{html.escape(value)}</td>" for value in row) + "</tr>"
        for row in rows
    )
    names = ("Done", "Exercise", "Title", "State", "Points")
    head = "<tr>" + "".join(f"<th style='text-align:left'>{name}</th>" for name in names) + "</tr>"
    _show(text, f"<p>{html.escape(summary)}</p><table>{head}{cells}</table>")


def _points(number: int) -> str:
    return f"{number} point" if number == 1 else f"{number} points"


def _boxed(text: str, colour: str) -> str:
    return f'<div style="border-left:4px solid {colour};padding:.3em .8em;margin:.2em 0">{html.escape(text)}</div>'


def _show(text: str, page: str, **more: Any) -> None:
    """Text and HTML to a notebook, text alone elsewhere."""
    from IPython import get_ipython  # in every notebook there is; not needed to import labkit

    if get_ipython() is None:
        print(text)  # noqa: T201
        return
    from IPython.display import display

    display({"text/plain": text, "text/html": page, **more}, raw=True)
