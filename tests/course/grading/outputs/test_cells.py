"""No cell is a formula, and none is harmed."""

import csv
import io

import pytest
from course.grading.outputs.made_up import HOSTILE

from labkit.course.grading.outputs.cells import csv_bytes, exercise_cell, guarded, key_cell, unguarded

SIGNS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
TEXTS = [
    *HOSTILE.values(),
    *(prefix + sign + "1" for prefix in ("", "'", "''", " ", "' ", " '") for sign in SIGNS),
    "", "'", "''", "'a", "a=1", "3.5", "O'Neill",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_guarding_comes_off_again(text):
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("sign", SIGNS)
def test_no_cell_begins_as_a_formula(sign):
    blank = "" if sign.isspace() else " "
    for text in (sign, f"{sign}1", f"{blank}{sign}1", f"'{sign}1"):
        assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["'tis right", "a=1", "O'Neill", "'", "", "2"])
def test_harmless_text_stays(text):
    assert guarded(text) == unguarded(text) == text


@pytest.mark.parametrize("key", ["ada", "s12", "ada_lovelace", "0012_ada", "_", "Ab99"])
def test_keys_that_no_spreadsheet_changes_stay(key):
    assert key_cell(key) == key


@pytest.mark.parametrize(
    "key", ["0012", "12", "1e5", "1-2", "mar1", "Sept2", "jan-may", "-a_b", "TRUE", "falsch", "abc1"]
)
def test_keys_that_one_might_change_are_made_texts(key):
    assert key_cell(key) == f"'{key}"


def test_exercises_stay_texts():
    assert exercise_cell("1.10") == "Exercise 1.10"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_holds_everything(delimiter):
    wanted = [[guarded(text), "b"] for text in TEXTS if "\ud800" not in text]
    text = csv_bytes(wanted, delimiter).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)) == wanted


def test_csv_without_mark_and_with_half_a_pair():
    assert csv_bytes([["a\ud800"]], mark=False) == b"a?\r\n"
    assert csv_bytes([["ä"]]) == b"\xef\xbb\xbf\xc3\xa4\r\n"
