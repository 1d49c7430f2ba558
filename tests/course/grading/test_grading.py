"""One notebook from cells to marks: every right answer earns its points, whatever stands beside it."""

from dataclasses import replace

import pytest
from course.grading.sealed_runs import needs_sandbox
from course.grading.small_course import POINTS, RIGHT, cells_with, submission

from labkit.course.grading.grading import Job, grade
from labkit.course.grading.records import Graded, ReturnedCell
from labkit.course.grading.sealed import Limits, Outcome, Probed

LIMITS = Limits(cell_seconds=20, total_seconds=300, memory_mb=1500, output_mb=2)
IMPATIENT = replace(LIMITS, cell_seconds=8)  # yet with time for the imports of the set-up, on a busy machine
SLEEP = "__import__('time').sleep(90)"
SWALLOWING = """\
import time
end = time.time() + 60
while time.time() < end:
    try:
        while time.time() < end:
            pass
    except BaseException:
        pass"""


def graded(lab, answers=RIGHT, *, before=(), behind=(), limits=LIMITS, seed=1) -> Graded:
    """The record of the given notebook with answers; ``behind``: (index of a given cell, a cell's text)."""
    cells = cells_with(lab, answers)
    for index, text in sorted(behind, reverse=True):
        cells.insert(index + 1, ReturnedCell("code", text))
    return grade(Job(submission([*before, *cells]), lab, limits, seed))


def points(record):
    return {mark.exercise: mark.points for mark in record.marks}


def marked(record, exercise):
    return next(mark for mark in record.marks if mark.exercise == exercise)


def in_body(answer, line):
    """An answer whose function begins with one more line."""
    head, body = answer.split(":\n", 1)
    return f"{head}:\n    {line}\n{body}"


@needs_sandbox
def test_right_wrong_and_open_answers(lab):
    answers = {
        "1.1": RIGHT["1.1"].replace("rank + 3", "rank"),
        "1.6": RIGHT["1.6"],
        "1.14": RIGHT["1.14"],
    }
    record = graded(lab, answers)
    assert points(record) == {"1.1": 0, "1.6": None, "1.14": 2, "1.15": 0}
    assert [mark.state for mark in record.marks] == ["graded", "needs manual marking", "graded", "not answered"]
    assert marked(record, "1.1").mistake == "no_offset"
    assert marked(record, "1.6").answer.startswith("The frequent one of both")
    assert (record.state, record.problem, record.look, record.repairs) == ("needs manual marking", "", (), ())
    assert (record.seed, record.sealed, record.points, record.open_points, record.maximum) == (1, True, 2, 2, 9)


@needs_sandbox
def test_a_notebook_as_a_student_may_leave_it_gets_all_its_points(lab):
    decode = RIGHT["1.1"].split("\n", 1)[1].replace("    ", "\t")  # no id, and tabs
    jaccard = "# Exercise 1.14\n%%time\ndef jaccard(a, b):\n    return share(len(a & b), len(a | b))"
    weighted = RIGHT["1.15"].replace("weighted_jaccard", "mine")
    cells = [
        ReturnedCell("code", "from google.colab import drive\ndrive.mount('/content/drive')\n!pip install -q torch"),
        *cells_with(lab, {"1.1": decode, "1.14": jaccard, "1.15": weighted}),
        ReturnedCell("code", "import math"),
        ReturnedCell("code", "def share(a, b):\n    return math.fsum([a]) / b if b else 0.0"),
    ]
    cells = [ReturnedCell("code", cell.text.replace("weighted_jaccard)", "mine)")) for cell in cells]
    words = lab.places["1.6"] + 2
    cells[words:words] = [ReturnedCell("markdown", "The frequent word is credited more often, as I saw in the table.")]
    record = grade(Job(submission(cells), lab, LIMITS, 1))
    assert points(record) == {**POINTS, "1.6": None}
    assert marked(record, "1.6").answer.startswith("The frequent word is credited")
    assert record.look == ()


@needs_sandbox
def test_a_notebook_in_one_cell_gets_all_its_points(lab):
    cells = [ReturnedCell("code", "\n".join(cell.text for cell in cells_with(lab, RIGHT)))]
    record = grade(Job(submission(cells), lab, LIMITS, 1))
    assert points(record) == {**POINTS, "1.6": None}


def test_an_untouched_notebook_is_not_run(lab, monkeypatch):
    monkeypatch.setattr("labkit.course.grading.grading.run", None)
    record = graded(lab, {})
    assert (record.state, record.points, record.seconds) == ("not answered", 0, 0)


@pytest.mark.parametrize(
    ("lost", "state"), [("the file ends in the middle", "could not be graded"), ("", "not answered")]
)
def test_what_was_cut_off_is_no_zero(lab, monkeypatch, lost, state):
    monkeypatch.setattr("labkit.course.grading.grading.run", None)
    whole = submission(cells_with(lab, {}))
    record = grade(Job(replace(whole, cells=whole.cells[: lab.places["1.14"]], lost=lost), lab, LIMITS, 1))
    states = {mark.exercise: mark.state for mark in record.marks}
    assert states == {"1.1": "not answered", "1.6": "not answered", "1.14": state, "1.15": state}
    assert points(record) == {"1.1": 0, "1.6": 0, **dict.fromkeys(("1.14", "1.15"), None if lost else 0)}
    assert marked(record, "1.14").why == ("its cell is missing, and the file ends in the middle" if lost else "")


# What ends a run, in one answer -> why that answer has no mark, and nobody else loses one

ENDS = {
    "a cell that exits": ("1.14", f"{RIGHT['1.14']}\nimport os\nos._exit(3)", "the kernel is gone"),
    "a loop that swallows interrupts": ("1.14", f"{RIGHT['1.14']}\n{SWALLOWING}", "did not stop when it was"),
    "a function that kills the kernel": ("1.14", in_body(RIGHT["1.14"], "__import__('os')._exit(0)"), "kernel is gone"),
    "a function that runs long": ("1.15", in_body(RIGHT["1.15"], SLEEP), "ran longer than 8 s"),
    "a cell that runs long": ("1.14", f"{SLEEP}\n{RIGHT['1.14']}", "its cell ran longer than 8 s"),
    "memory without end": ("1.1", f"{RIGHT['1.1']}\nkept = [bytearray(2**24) for n in range(400)]", "1500 MB"),
    "output without end": ("1.1", f"{RIGHT['1.1']}\nprint('x' * 5_000_000)", "MB were printed"),
}  # fmt: skip


@needs_sandbox
@pytest.mark.parametrize("name", ENDS)
def test_an_answer_that_ends_the_run_costs_itself_alone(lab, name):
    culprit, answer, why = ENDS[name]
    record = graded(lab, {**RIGHT, culprit: answer}, limits=IMPATIENT if " s" in why or "stop" in why else LIMITS)
    assert points(record) == {**POINTS, "1.6": None, culprit: None}
    assert marked(record, culprit).state == "could not be graded"
    assert why in marked(record, culprit).why
    assert marked(record, culprit).answer == answer
    assert record.state == "partly graded"
    assert any(f"exercise {culprit}".casefold() in sentence.casefold() for sentence in record.look), record.look


@needs_sandbox
def test_cells_of_their_own_that_end_the_run_cost_nothing(lab):
    record = graded(lab, before=["import os\nos._exit(1)"], behind=[(4, SWALLOWING)], limits=IMPATIENT)
    assert points(record) == {**POINTS, "1.6": None}
    assert len([sentence for sentence in record.look if "A run was ended in a cell of the student" in sentence]) == 2


@needs_sandbox
def test_what_makes_a_given_cell_end_the_run_is_left_out(lab):
    sly = "import os\nWORDS = type('Sly', (dict,), {'__iter__': lambda self: os._exit(4)})()"
    record = graded(lab, behind=[(1, sly)])
    assert points(record) == {**POINTS, "1.6": None}
    record = graded(lab, {**RIGHT, "1.1": f"{RIGHT['1.1']}\n{sly}"})
    assert points(record) == {**POINTS, "1.6": None}
    assert "A run was ended in a given cell (print(" in " ".join(record.look)


@needs_sandbox
def test_time_for_the_whole_is_shared_by_all_runs(lab):
    loops = [(index, f"{SWALLOWING}\n# {index}") for index in range(4)]
    record = graded(lab, behind=loops, limits=Limits(cell_seconds=2, total_seconds=8))
    assert record.seconds < 20
    assert [mark.points for mark in record.marks].count(None) == 4
    assert all(mark.state == "could not be graded" for mark in record.marks)
    assert "longer than" in record.marks[0].why


# Verdicts


@needs_sandbox
@pytest.mark.parametrize(
    ("answer", "seen"),
    [(RIGHT["1.14"], True), ("# Exercise 1.14\ndef jaccard(a, b):\n    return 1.0", False)],
)
def test_cells_that_depend_on_an_answer_run_only_after_a_right_one(lab, answer, seen):
    spy = f"# Exercise 1.15\nassert done('1.14') == ('shared' in globals()) == {seen}\n{RIGHT['1.15']}"
    record = graded(lab, {"1.14": answer, "1.15": spy})
    assert points(record) == {"1.1": 0, "1.6": 0, "1.14": 2 * seen, "1.15": 3}


@needs_sandbox
def test_a_verdict_is_told_again_in_another_run_and_survives_checks_of_the_students(lab):
    index = lab.places["1.15"] - 1  # behind the cell that depends on 1.14
    record = graded(
        lab,
        {**RIGHT, "1.15": f"# Exercise 1.15\nassert done('1.14') and shared\n{RIGHT['1.15']}"},
        behind=[(index - 1, "check('1.14', jaccard)\nx = 1"), (index, "import os\nos._exit(1)")],
    )
    assert points(record) == {**POINTS, "1.6": None}
    assert [sentence for sentence in record.look if sentence.startswith("A run was ended")]


# Errors

FAILS = {
    "the cell": (f"import nothing_of_this_name\n{RIGHT['1.14']}", "the cell of your answer stopped"),
    "its syntax": ("# Exercise 1.14\ndef jaccard(a, b)\n    return 1", "the cell of your answer stopped"),
    "the function": (
        "# Exercise 1.14\ndef jaccard(a, b):\n    raise ValueError(f'{a} {b}')",
        "your code stopped with ValueError, at `raise ValueError(f'{a} {b}')`.",
    ),
}


@needs_sandbox
@pytest.mark.parametrize("name", FAILS)
def test_an_error_becomes_a_message_without_inputs(lab, name):
    answer, message = FAILS[name]
    record = graded(lab, {**RIGHT, "1.14": answer})
    mark = marked(record, "1.14")
    assert (mark.state, mark.points, mark.mistake) == ("graded", 0, "raised")
    assert mark.message.startswith(message)
    assert points(record) == {**POINTS, "1.6": None, "1.14": 0}


@needs_sandbox
@pytest.mark.parametrize(
    "text",
    [
        'answer_1_6 = f"The network {nothing_of_this_name} finds the frequent word more often."',
        "The frequent word is credited more often, I think.",
        'answer_1_6 = "Too short."',
        'answer_1_6 = "YOUR ANSWER HERE: the frequent word is credited more often than the rare one."',
        "answer_1_6 = 5",
    ],
)
def test_words_that_fail_go_to_a_person_as_they_are_written(lab, text):
    record = graded(lab, {"1.6": f"# Exercise 1.6\n{text}"})
    mark = marked(record, "1.6")
    assert (mark.state, mark.points) == ("needs manual marking", None)
    assert mark.answer in (f"# Exercise 1.6\n{text}", "Too short.")


@needs_sandbox
def test_hidden_inputs_are_those_of_the_seed_and_others_with_another(lab):
    spy = (
        "# Exercise 1.1\nseen = []\ndef decode(ids, word_index):\n    seen.append([*ids, *word_index])\n    return ids"
    )
    words = "# Exercise 1.6\nanswer_1_6 = repr(seen)"
    marks = [marked(graded(lab, {"1.1": spy, "1.6": words}, seed=seed), "1.6") for seed in (1, 1, 2)]
    told = [mark.answer for mark in marks]  # to the person who marks it; the student is shown the code
    assert told[0] == told[1] != told[2]
    assert "bravo" in told[2]
    assert {mark.code for mark in marks} == {words}


@needs_sandbox
def test_thousands_of_failing_cells_are_told_in_a_few_sentences(lab):
    record = graded(lab, behind=[(2, f"1 / 0  # {n}") for n in range(200)])
    assert points(record) == {**POINTS, "1.6": None}
    assert len(record.look) <= 41
    assert record.look[-1].startswith("And ")


# The sealed process itself


def outcomes(monkeypatch, *results):
    queue = list(results)
    monkeypatch.setattr("labkit.course.grading.grading.run", lambda *_, **__: queue.pop(0))


def test_a_process_that_does_not_start_is_no_zero(lab, monkeypatch):
    outcomes(monkeypatch, Outcome({}, "start", "no such file", -1, 1.0))
    record = graded(lab)
    assert (record.state, record.problem) == (
        "could not be graded",
        "its sealed process did not start: no such file",
    )
    assert set(points(record).values()) == {None}


def test_a_run_that_ends_before_its_first_cell_blames_nobody(lab, monkeypatch):
    outcomes(monkeypatch, Outcome({}, "memory", "more than 10 MB of memory were in use", -1, 1.0))
    record = graded(lab)
    assert record.look == ("A run was ended before its first cell: more than 10 MB of memory were in use.",)
    assert {mark.why for mark in record.marks} == {
        "the run ended before this exercise: more than 10 MB of memory were in use"
    }


def test_a_given_cell_that_was_interrupted_makes_no_zero_of_what_depends_on_it(lab, monkeypatch):
    wrong = {name: Probed(name, [{"raised": "NameError"}] * 9) for name in ("1.1", "1.14", "1.15")}
    error = (lab.places["1.1"] + 2, "Traceback\nKeyboardInterrupt: ")
    outcomes(monkeypatch, Outcome(wrong, "", "", 20, 9.0, [error]))
    answers = {name: RIGHT[name] for name in wrong}
    record = graded(lab, answers)
    assert points(record) == {"1.1": 0, "1.6": 0, "1.14": None, "1.15": None}
    assert marked(record, "1.14").why == "something above ran longer than 20 s and was interrupted"


def test_an_interrupted_question_makes_no_zero_of_what_can_no_more_be_imported(lab, monkeypatch):
    probed = {
        "1.1": Probed("1.1", [{"raised": "ImportError: once a process"}] * 9),
        "1.14": Probed("1.14", None, "it was interrupted", interrupted=True),
        "1.15": Probed("1.15", [{"raised": "ImportError: once a process"}] * 9),
    }
    outcomes(monkeypatch, Outcome(probed, "", "", 20, 9.0))
    record = graded(lab, {name: RIGHT[name] for name in probed})
    assert points(record) == {"1.1": 0, "1.6": 0, "1.14": None, "1.15": None}
    assert marked(record, "1.14").why == "it ran longer than 20 s with a hidden input and was interrupted"
    assert marked(record, "1.15").why == "something above ran longer than 20 s and was interrupted"
