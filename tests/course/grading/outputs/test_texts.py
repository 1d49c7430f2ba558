"""Words and numbers as they are printed."""

import pytest

from labkit.course.grading.outputs.texts import counted, cut, headed, moment, natural, points, short, spoken, visible


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0, "0"),
        (2.0, "2"),
        (1.5, "1.5"),
        (0.25, "0.25"),
        (10, "10"),
        (100.0, "100"),
        (1 / 3, "0.33"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_points(value, printed):
    assert points(value) == printed


def test_natural_order():
    names = ["lab10", "Lab2", "lab2", "lab1", "b", "A", "9" * 5000, "lab007", ""]
    assert sorted(names, key=natural) == ["", "9" * 5000, "A", "b", "lab1", "Lab2", "lab2", "lab007", "lab10"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\r\nb\rc\td\u2028e", "a\nb\nc\td\ne"),
        ("\x00\x1b[2J\x7f", "␀␛[2J\ufffd"),
        ("a\u202eb\u2069", "a⟨U+202E⟩b⟨U+2069⟩"),
        ("\ud800", "\ufffd"),
        ("שלום\u200f é 漢 🙂", "שלום\u200f é 漢 🙂"),
    ],
)
def test_nothing_acts_unseen(text, seen):
    assert visible(text) == seen
    assert visible(seen) == seen


def test_short_things():
    assert [short(lab) for lab in ("lab12_x_y", "lab3", "labx", "")] == ["lab12", "lab3", "no-lab", "no-lab"]
    assert [spoken(lab) for lab in ("lab12_x_y", "")] == ["Lab 12", "No lab"]
    assert [headed("lab3_x", title) for title in ("Pictures", "Lab 3 · Pictures", "Lab 3: Pictures", "Lab 31")] == [
        "Lab 3: Pictures",
        "Lab 3: Pictures",
        "Lab 3: Pictures",
        "Lab 3: Lab 31",
    ]
    assert [counted(1, "answer"), counted(2, "answer"), counted(0, "entry", "entries")] == [
        "1 answer",
        "2 answers",
        "0 entries",
    ]
    assert cut("abc", 3) == "abc"
    assert cut("a" * 2000, 3) == "aaa … (2,000 characters in all)"
    assert moment(0) == "1970-01-01 00:00 UTC"
