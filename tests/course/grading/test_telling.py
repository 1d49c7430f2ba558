"""Of a sealed process a student reads nothing but what is known: the course itself, and what stands in the code."""

import ast
from pathlib import Path

import pytest

from labkit import exercises
from labkit.course import CourseError
from labkit.course.grading import forms, telling
from labkit.course.grading.code import Written
from labkit.course.grading.telling import NOT_SHOWN, OTHER_KIND

CODE = Written("class Mine: pass\nanswer = {'mine': 17, 'other': 0.125}\nmore = [.5, 7_454, 2e6, 9.]")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("your function gives back None: is a return missing?", None),
        ("got None where numbers were wanted.", None),
        ("got a text where a dictionary with 'train' and 'test' was wanted.", None),
        ("got a value of type ndarray where a function was wanted: hand over its name alone, without brackets.", None),
        ("got a value of type Mine where numbers were wanted.", None),
        ("got a value of type secret where numbers were wanted.", f"got {NOT_SHOWN} where numbers were wanted."),
        ("got numbers of shape (3, 5) where a single one was wanted.", f"got numbers of shape {NOT_SHOWN} where a "),
        ("your dictionary has no entry 'why'.", None),
        ("your dictionary has no entry 'mine'.", None),
        ("your dictionary has no entry 'secret'.", f"your dictionary has no entry {NOT_SHOWN}."),
        ("your dictionary has no entry a secret.", f"your dictionary has no entry {NOT_SHOWN}."),
        ("got 17 things where two were wanted: the size and the stride, in this order.", None),
        ("got 18 things where two were wanted: the size and the stride, in this order.", f"got {NOT_SHOWN} things"),
        (
            "of a stack without layers: your function gives back None: is a return missing? A return within the loop "
            "is then never reached.",
            None,
        ),
        ("of a stack without layers: secret A return within the loop is then never reached.", f"layers: {NOT_SHOWN} A"),
        ('not answered yet, it seems: "YOUR ANSWER HERE" still stands in your text. Remove it.', None),
        ('not answered yet, it seems: "secret" still stands in your text. Remove it.', f'seems: "{NOT_SHOWN}" still'),
        ("secret.", f"{OTHER_KIND}."),
        ("", f"{OTHER_KIND}."),
        ("got one text where a text was wanted. secret", f"{OTHER_KIND}."),
        ("got one text where " + "a b " * 200 + "was wanted.", f"{OTHER_KIND}."),
    ],
)
def test_of_another_kind(message, told):
    got = telling.of_kind(message, {"hidden"}, CODE)
    assert (told or message) in got
    assert "secret" not in got


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Got 17, which is too large.", None),
        ("Got -0.125, which is too small.", None),
        ("Got 0, which is too small.", None),
        ("Got 0.5, which is too small.", None),
        ("Got 7454, which is too small.", None),
        ("Got 2e+06, which is too small.", None),
        ("Got 9, which is too small.", None),
        ("Got 1.234e+10, which is too large.", f"Got {NOT_SHOWN}, which is too large."),
        ("Got shape (3, 1, 5), wanted (5, 3).", None),
        ("Got shape (17,), wanted (5, 3).", None),
        ("Got shape (17, 3), wanted (5, 3).", f"Got shape {NOT_SHOWN}, wanted (5, 3)."),
        ("Got shape (3, 3, 5, 5), wanted (5, 3).", f"Got shape {NOT_SHOWN}, wanted (5, 3)."),
        ("Got 4 entries, wanted 7.", f"Got {NOT_SHOWN} entries, wanted 7."),
        ("got 4 labels, wanted n = 3.", f"got {NOT_SHOWN} labels, wanted n = 3."),
        ("Got the entries ['a, wanted ['secret'], wanted ['b', 'c'].", "Got other entries, wanted ['b', 'c']."),
        ("Got the entries ['secret', 'se ..., wanted ['b', 'c'].", "Got other entries, wanted ['b', 'c']."),
        ("Got a value of type list, wanted a text.", None),
        ("Got True.", None),
        ("Got 'mine'.", None),
        ("Got 'mine, wanted secret'.", f"Got {NOT_SHOWN}."),
        ("Got \"it's, wanted 'secret'\".", f"Got {NOT_SHOWN}."),
        ("Got 'secret ....", f"Got {NOT_SHOWN}."),
        ("Got 'secret'. One thing more: detach() it.", f"Got {NOT_SHOWN}. One thing more: detach() it."),
        ("Got 'mine'. One thing more: detach() it.", None),
        ("Got 17, which is too large. One thing more: it's no wonder.", None),
        (
            "Got 18, which is too large. One thing more: no.",
            f"Got {NOT_SHOWN}, which is too large. One thing more: no.",
        ),
        (
            "Got the entries ['s'], wanted ['b']. One thing more: no.",
            "Got other entries, wanted ['b']. One thing more: no.",
        ),
        ("'secret' is no filter of the table: 'before'.", f"{NOT_SHOWN} is no filter of the table: 'before'."),
        ("'before' is nearly certain; the network's own 'after' too.", None),
        ("In 'hidden': Got 17, which is too large.", "In a text of the input: Got 17, which is too large."),
    ],
)
def test_of_a_judge(message, told):
    lead = "" if message.startswith("'") else "not what was expected. "
    assert telling.of_judge(lead + message, {"hidden"}, CODE) == lead + (told or message)


def test_every_misfit_has_a_form():
    """A new one that has none cannot be forgotten: grading would not begin."""
    paths = Path(exercises.__file__).parent.rglob("*.py")
    said = [
        node
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Misfit", "Unanswered")
    ]
    assert len(said) > 50
    assert len(forms.forms()) <= len(said)
    for call in said:
        if isinstance(call.args[0], ast.Constant):
            assert telling.of_kind(f"{call.args[0].value}.", set(), Written("")) == f"{call.args[0].value}."


@pytest.mark.parametrize("call", ["Misfit(told)", "Misfit('a' + told)", "Misfit(told())", "answers.Unanswered(told)"])
def test_a_misfit_whose_text_is_made_elsewhere_is_refused(monkeypatch, call):
    monkeypatch.setattr(forms, "_sources", lambda: [(Path("lab.py"), ast.parse(f"\nraise {call}"))])
    with pytest.raises(CourseError, match=r"lab\.py:2: wanted the text of a Misfit in the call itself"):
        forms.forms.__wrapped__()
