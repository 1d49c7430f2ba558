"""Tables and pages of the run say what the marks are, and give nothing away; the same again changes nothing."""

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from course.grading.sealed_runs import needs_sandbox
from grading.answers import LIGHT, PAIR
from grading.bank import STUCK, WAITS, Submission, digests, lay_out, marks_of
from grading.conftest import OPTIONS, records_of
from grading.course import EXERCISES, given_notebook
from grading.dishonest_messages import MESSAGES

from labkit.course.grading.batch import grade_folder
from labkit.exercises.registry import find

pytestmark = needs_sandbox

_ROW = re.compile(
    r'<tr><th scope="row"><a href="#exercise-\d+">(?P<exercise>[\d.]+)</a>.*?</th>\s*<td>.*?</td>'
    r'<td class="number">(?P<points>.*?)</td></tr>',
    re.DOTALL,
)


def counting(bank):
    """The records that count and are of the lab."""
    return [record for record in bank.records.values() if record["counts"] and record["automatic"]["lab"]]


def page_of(bank, record):
    return (bank.out / "feedback" / record["effective"]["student"]["key"] / "lab1.html").read_text()


def points_in(mark):
    return "" if mark["points"] is None else f"{mark['points']:g}"


def test_the_table_has_every_mark_and_no_other(bank):
    rows = list(csv.DictReader(io.StringIO((bank.out / "grades.csv").read_text(encoding="utf-8-sig"))))
    marks = [
        (f"Exercise {mark['exercise']}", points_in(mark), mark["state"], record["effective"]["path"])
        for record in counting(bank)
        for mark in record["effective"]["marks"]
    ]
    strays = [record["effective"] for record in bank.records.values() if not record["automatic"]["lab"]]
    marks += [("", "", "could not be graded", stray["path"]) for stray in strays]
    assert sorted((row["exercise"], row["points"], row["state"], row["path"]) for row in rows) == sorted(marks)


def test_what_could_not_be_graded_is_never_a_zero(bank):
    rows = list(csv.DictReader(io.StringIO((bank.out / "grades.csv").read_text(encoding="utf-8-sig"))))
    without = [row["points"] for row in rows if row["state"] in (STUCK, WAITS)]
    assert len(without) > 30
    assert set(without) == {""}


def test_every_page_has_the_marks_of_its_student(bank):
    for record in counting(bank):
        marks = record["effective"]["marks"]
        expected = {
            mark["exercise"]: f"open, of {mark['maximum']}"
            if mark["points"] is None
            else f"{mark['points']:g} of {mark['maximum']}"
            for mark in marks
        }
        page = page_of(bank, record)
        assert {row["exercise"]: row["points"] for row in _ROW.finditer(page)} == expected
        assert page.count("That is not a 0: somebody will look at it.") == sum(mark["state"] == STUCK for mark in marks)


def test_no_page_names_another_student_or_holds_a_secret(bank):
    names = {record["effective"]["student"]["name"] for record in bank.records.values()}
    for record in counting(bank):
        page, own = page_of(bank, record), record["effective"]["student"]["name"]
        assert own in page
        assert [name for name in names - {own, "Nora Neighbour"} if name in page] == []  # whom the spies know of
        assert (bank.canaries.secret in page) == (record == bank.records["the neighbour"])


def hidden_numbers(record):
    """Hidden inputs and expected values of a run: numbers that nobody writes down by chance."""
    for place, name in enumerate(EXERCISES):
        for case in find(name).drawn([record["seed"], place]):
            expected = EXPECTED[name](case) if name in EXPECTED else 0.0
            yield from (number for number in numbers_in([case, expected]) if round(number, 4) != number)


EXPECTED = {
    "1.9": lambda case: case["embedding"] @ case["weight"][:, :, 0].T + case["bias"],
    "1.14": lambda case: len({*case["a"]} & {*case["b"]}) / max(len({*case["a"]} | {*case["b"]}), 1),
}


def numbers_in(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | np.ndarray):
        for part in value:
            yield from numbers_in(part)
    elif isinstance(value, float):
        yield value


def test_no_page_tells_a_hidden_input(bank):
    seen = 0
    for record in counting(bank):
        page = page_of(bank, record)
        for number in hidden_numbers(record["automatic"]):
            seen += 1
            assert f"{abs(number):.6f}"[:-1] not in page
    assert seen > 1000


def told_inputs(record):
    """The inputs of a run as ``dishonest_messages`` tells them, such as "3_4_17" or the sum of these."""
    cases = {name: find(name).drawn([record["seed"], EXERCISES.index(name)]) for name in ("1.1", "1.14")}
    for numbers in (*(case["ids"] for case in cases["1.1"]), *(case["a"] for case in cases["1.14"])):
        if len(numbers) > 3:
            total = 1000 + sum(numbers)
            yield "_".join(map(str, sorted(numbers)))
            yield from (f"Got {total}", f"({total},)", f"ended with {total % 200 + 20}")


@pytest.mark.parametrize("name", [route.name for route in MESSAGES])
def test_no_student_reads_the_own_inputs_whatever_tells_them(bank, name):
    page = page_of(bank, bank.records[name])
    assert "One by one" in page
    assert [told for told in told_inputs(bank.records[name]["automatic"]) if told in page] == []


def test_who_marks_an_answer_in_words_reads_what_it_has_become(bank):
    record = bank.records["inputs as an answer in words"]
    [answer] = [mark["answer"] for mark in record["automatic"]["marks"] if mark["exercise"] == "1.6"]
    assert any(told in answer for told in told_inputs(record["automatic"]))
    assert "&#39; &#39;.join(seen)" in page_of(bank, record)


def test_what_costs_no_points_is_told_nevertheless(bank):
    page = page_of(bank, bank.records["arguments that are changed"])
    assert "One thing more: your function changes what it was handed" in page


def test_an_error_that_holds_the_inputs_is_told_without_them(bank):
    marks = {mark["exercise"]: mark for mark in bank.records["tells its inputs in an error"]["automatic"]["marks"]}
    assert (
        marks["1.9"]["message"] == "your code stopped with ValueError, at `raise ValueError(str(embedding.tolist()))`."
    )
    assert marks["1.14"]["message"] == "your code stopped with KeyError, at `raise KeyError(repr((a, b)) * 20)`."


def test_marks_that_were_entered_before_the_first_run_are_kept(bank):
    sheet = (bank.out / "marking.csv").read_text(encoding="utf-8-sig")
    [row] = [row for row in csv.DictReader(io.StringIO(sheet)) if "absent_anton" in row["student"]]
    assert (row["exercise"], row["points"], row["comment"]) == ("Exercise 1.6", "1.5", bank.canaries.secret)


def test_the_report_says_what_ended_early_and_the_status_that_a_person_is_wanted(bank):
    assert bank.status == 1
    report = (bank.out / "report.html").read_text()
    for words in ("did not stop when it was interrupted", "got an empty file", "Exercise 1.14 is answered 2 times"):
        assert words in report


def test_a_second_run_grades_nothing_and_changes_no_file(bank):
    before, said = digests(bank.out), []
    assert grade_folder(bank.root, bank.folder, bank.out, OPTIONS, said.append) == bank.status
    assert said[0] == f"{len(bank.submissions)} notebooks, 0 to grade."
    assert digests(bank.out) == before


def test_marks_that_were_entered_survive_a_regrade(bank, tmp_path):
    folder, out = tmp_path / "returned", tmp_path / "out"
    returned = [
        Submission("one", LIGHT),
        Submission("other", {**PAIR, "1.14": "import os\nos._exit(0)"}),
    ]
    paths = lay_out(given_notebook(bank.root), returned, folder)
    grade_folder(bank.root, folder, out, OPTIONS, print)
    enter(out / "marking.csv", {"Exercise 1.6": ("1.5", "nearly all of it"), "Exercise 1.14": ("2", "seen by hand")})
    said = []
    grade_folder(bank.root, folder, out, replace(OPTIONS, again=True), said.append)
    assert said[0] == "2 notebooks, 2 to grade."
    records = records_of(out)
    effective = {name: records[path]["effective"]["marks"] for name, path in paths.items()}
    assert points_by_hand(effective["one"]) == {"1.6": (1.5, "nearly all of it")}
    assert points_by_hand(effective["other"]) == {"1.14": (2.0, "seen by hand")}
    assert marks_of(records[paths["one"]])["1.6"] == WAITS
    before = (out / "marking.csv").read_bytes()
    grade_folder(bank.root, folder, out, OPTIONS, print)
    assert (out / "marking.csv").read_bytes() == before


def enter(path, entries):
    """Write points and comments into a marking sheet, exercise by exercise."""
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    for row in rows:
        row["points"], row["comment"] = entries[row["exercise"]]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def points_by_hand(marks):
    return {mark["exercise"]: (mark["points"], mark["comment"]) for mark in marks if mark["by_hand"]}
