"""Answers are found whatever became of the notebook around them, and quickly."""

import time
from pathlib import Path

import pytest
from course.grading.small_course import POINTS, RIGHT, cells_with

from labkit.course import labs, pair
from labkit.course.grading.given import Given, GivenCell, given
from labkit.course.grading.matching import lab_of, match, too_much
from labkit.course.grading.records import ReturnedCell
from labkit.course.labs import find_root

JACCARD = RIGHT["1.14"]
STUB = "# Exercise 1.14\ndef jaccard(a: set, b: set) -> float:\n    # YOUR CODE HERE\n    return ..."
BODY = JACCARD.split("\n", 1)[1]
HELPER = "def union(a, b):\n    return a | b"
WITH_HELPER = "# Exercise 1.14\ndef jaccard(a, b):\n    return len(a & b) / len(union(a, b)) if a | b else 0.0"


def code(*texts):
    return [ReturnedCell("code", text) for text in texts]


def place(lab, exercise):
    return lab.places[exercise]


def instead(lab, exercise, *cells):
    """The given notebook with cells in the place of an answer's."""
    given = cells_with(lab, {})
    at = place(lab, exercise)
    return [*given[:at], *cells, *given[at + 1 :]]


def after(lab, index, *cells, answers=()):
    """The given notebook with answers, and cells behind the one of that index."""
    given = cells_with(lab, dict(answers))
    return [*given[: index + 1], *cells, *given[index + 1 :]]


def runs(code, name="jaccard"):
    """What an answer gives for two sets: it is the right one, however it is written."""
    names = {}
    exec(code, names)
    return names[name]({1, 2}, {2, 3})


def test_a_notebook_as_it_was_given_has_no_answers(lab):
    found = match(cells_with(lab, {}), lab)
    assert (found.answers, found.extras, found.repairs, found.look) == ({}, [], [], [])


def test_all_answers_in_their_cells(lab):
    found = match(cells_with(lab, RIGHT), lab)
    assert (found.answers, found.extras, found.repairs, found.look) == (RIGHT, [], [], [])


# How students leave one answer -> what is said of it

LEFT_SO = {
    "without its id": (code(BODY), ["was found by the name"]),
    "the id written anew": (code(f"#exercise 1,14\n{BODY}"), []),
    "the id in capitals, with words": (code(f"## EXERCISE 1.14: my answer\n{BODY}"), []),
    "the id below an import": (code(f"import math\n# Exercise 1.14\n{BODY}"), []),
    "another exercise's id": (code(f"# Exercise 1.15\n{BODY}"), ["was found by the name"]),
    "as Markdown": ([ReturnedCell("markdown", JACCARD)], ["was no code cell"]),
    "as Markdown without its id": ([ReturnedCell("markdown", BODY)], ["found by the name", "was no code cell"]),
    "as Markdown with a fence": ([ReturnedCell("markdown", f"```python\n{JACCARD}\n```")], ["was no code cell"]),
    "raw": ([ReturnedCell("raw", JACCARD)], ["was no code cell"]),
    "timed, above the id": (code(f"%%time\n{JACCARD}"), []),
    "timed, below the id": (code(f"# Exercise 1.14\n%%time\n{BODY}"), []),
    "after an installation": (code(f"# Exercise 1.14\n!pip install numpy\n{BODY}"), ["installs packages"]),
    "with its check": (code(f'{JACCARD}\n\ncheck("1.14", jaccard)'), []),
    "twice": (code(JACCARD, JACCARD), []),
    "then the stub again": (code(JACCARD, STUB), []),
    "below the stub in a new cell": (code(STUB, BODY), ["was found by the name"]),
    "with tabs": (code(JACCARD.replace("    ", "\t")), []),
    "then tried under the same id": (code(JACCARD, "# Exercise 1.14\nprint(jaccard({1}, {2}))"), []),
    "in one cell with the stub above": (code(f"{STUB}\n\n{BODY}"), []),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT_SO)
def test_an_answer_is_found(lab, name):
    cells, said = LEFT_SO[name]
    found = match(instead(lab, "1.14", *cells), lab)
    assert set(found.answers) == {"1.14"}, found
    assert runs(found.answers["1.14"].replace("!pip", "#").replace('check("1.14", jaccard)', "")) == 1 / 3
    assert [sentence for sentence in said if sentence not in " ".join(found.repairs)] == []
    assert len([r for r in found.repairs if "given cell" not in r]) == len(said), found.repairs


NOT_ANSWERED = {
    "deleted": [],
    "emptied": code(""),
    "only the id is left": code("# Exercise 1.14"),
    "the stub without its remark": code("# Exercise 1.14\ndef jaccard(a: set, b: set) -> float:\n    return ..."),
    "the stub without its id": code("def jaccard(a: set, b: set) -> float:\n    return ..."),
    "named in a remark": code("# Exercise 1.14\n# still to do, as exercise 1.15"),
    "the stub with a note beside it": [
        *code("# Exercise 1.14\ndef jaccard(a: set, b: set) -> float:\n    return ..."),
        ReturnedCell("markdown", "I do not know what a union is."),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_ANSWERED)
def test_what_is_no_answer_is_none(lab, name):
    found = match(instead(lab, "1.14", *NOT_ANSWERED[name]), lab)
    assert found.answers == {}
    missing = "The cell for exercise 1.14 is missing."
    assert (missing in found.repairs) == (name in ("deleted", "emptied", "only the id is left", "named in a remark"))


def test_two_answers_in_one_cell(lab):
    both = f"{JACCARD}\n\n{RIGHT['1.15']}"
    given = cells_with(lab, {})
    del given[place(lab, "1.15")]
    given[place(lab, "1.14")] = ReturnedCell("code", both)
    found = match(given, lab)
    assert runs(found.answers["1.14"]) == 1 / 3
    assert "def jaccard" not in found.answers["1.15"]
    assert "def weighted_jaccard" in found.answers["1.15"]


@pytest.mark.parametrize("broken", ["1.14", "1.15"])
def test_a_syntax_error_in_one_of_two_answers_in_a_cell_leaves_the_other(lab, broken):
    answers = {**RIGHT, broken: f"# Exercise {broken}\ndef (a, b:\n    return 1"}
    found = match(instead(lab, "1.14", *code(f"{answers['1.14']}\n\n{answers['1.15']}")), lab)
    assert {name: text.strip() for name, text in found.answers.items()} == {n: answers[n] for n in ("1.14", "1.15")}


def test_a_remark_that_names_an_exercise_does_not_cut_an_answer(lab):
    text = "# Exercise 1.14\ndef jaccard(a, b):\n# Exercise 1.15 will weigh these\n    return len(a & b) / len(a | b)"
    found = match(instead(lab, "1.14", *code(text)), lab)
    assert found.answers == {"1.14": text}


def test_everything_in_one_cell(lab):
    found = match(code("\n\n".join(cell.text for cell in cells_with(lab, RIGHT))), lab)
    assert set(found.answers) == set(RIGHT)
    assert runs(found.answers["1.14"]) == 1 / 3
    assert not any("check(" in answer for answer in found.answers.values())


def test_an_answer_in_two_cells_under_one_id(lab):
    found = match(instead(lab, "1.14", *code(f"# Exercise 1.14\n{HELPER}", WITH_HELPER)), lab)
    assert found.answers == {"1.14": WITH_HELPER}
    assert [(extra.after, extra.code) for extra in found.extras] == [
        (place(lab, "1.14") - 1, f"# Exercise 1.14\n{HELPER}")
    ]


@pytest.mark.parametrize("where", ["above", "right below", "below its check", "at the end"])
def test_a_helper_of_its_own_runs_before_it_is_needed(lab, where):
    at = place(lab, "1.14")
    index = {"above": 1, "right below": at, "below its check": at + 1, "at the end": len(lab.cells) - 1}[where]
    found = match(after(lab, index, *code(HELPER), answers={"1.14": WITH_HELPER}), lab)
    assert found.answers == {"1.14": WITH_HELPER}
    (extra,) = found.extras
    assert (extra.code, extra.after <= at) == (HELPER, True)
    moved = "A cell below exercise 1.14 that its answer needs was run before it."
    assert (moved in found.repairs) == (where != "above")


def test_what_a_helper_at_the_end_needs_comes_with_it(lab):
    cells = code("import math as m", HELPER.replace("a | b", "m.prod([1]) and a | b"))
    found = match(after(lab, len(lab.cells) - 1, *cells, answers={"1.14": WITH_HELPER}), lab)
    assert [extra.after for extra in found.extras] == [place(lab, "1.14") - 1] * 2


def test_the_last_of_several_answers_counts_and_somebody_looks(lab):
    earlier = "# Exercise 1.14\ndef jaccard(a, b):\n    return 0"
    found = match(instead(lab, "1.14", *code(earlier, JACCARD)), lab)
    assert found.answers == {"1.14": JACCARD}
    assert found.look == ["Exercise 1.14 is answered 2 times; the last one counts."]
    assert found.extras == []


def test_a_function_of_another_name_is_graded_under_the_name_that_was_checked(lab):
    given = instead(lab, "1.14", *code(JACCARD.replace("jaccard", "similar")))
    given[place(lab, "1.14") + 1] = ReturnedCell("code", 'check("1.14", similar)')
    found = match(given, lab)
    assert runs(found.answers["1.14"]) == 1 / 3
    assert "Exercise 1.14 was checked under the name similar, and graded under it." in found.repairs


def test_an_import_added_to_a_given_cell_is_kept(lab):
    given = cells_with(lab, RIGHT)
    given[1] = ReturnedCell("code", f"import math\n{given[1].text}")
    found = match(given, lab)
    assert [extra.code for extra in found.extras] == [given[1].text]


def test_a_changed_given_cell_is_told_and_not_run(lab):
    given = cells_with(lab, RIGHT)
    given[1] = ReturnedCell("code", given[1].text.replace('"movie": 2', '"film": 2'))
    found = match(given, lab)
    assert found.extras == []
    assert found.look == [
        "A given cell was changed, and the given one was run: from labkit import check, done, hint, progress"
    ]
    assert "One given cell is missing or changed; the given ones were run." in found.repairs


def test_order_types_and_doubles_do_not_matter(lab):
    given = cells_with(lab, RIGHT)
    assert match(given[::-1], lab).answers == RIGHT
    assert match([*given, *given], lab).answers == RIGHT
    assert match([ReturnedCell("raw", cell.text) for cell in given], lab).answers == RIGHT


@pytest.mark.parametrize(
    "text",
    ['check("1.14", jaccard)', 'check("1.14", jaccard)\nprogress()', 'hint("1.14")', "# a remark", "", "   \n"],
)
def test_what_only_asks_the_desk_is_not_run(lab, text):
    assert match(after(lab, 3, *code(text), answers=RIGHT), lab).extras == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("%matplotlib inline", "%matplotlib inline"),
        ("import math\n!pip install -q torch\nx = 1", "import math\npass  # !pip install -q torch\nx = 1"),
        ("if True:\n    %pip install x", "if True:\n    pass  # %pip install x"),
        ("!python -m pip install x", "pass  # !python -m pip install x"),
        (
            "from google.colab import drive\ndrive.mount('/content/drive')\nimport math",
            "pass  # from google.colab import drive\npass  # drive.mount('/content/drive')\nimport math",
        ),
        (
            "try:\n    import google.colab\n    there = True\nexcept ImportError:\n    there = False",
            "try:\n    import google.colab\n    there = True\nexcept ImportError:\n    there = False",
        ),
        ("%%time\nx = 1", "# %%time\nx = 1"),
        ("this is (no code", "this is (no code"),
    ],
)
def test_a_cell_of_their_own_runs_without_what_cannot(lab, text, kept):
    assert [extra.code for extra in match(after(lab, 3, *code(text)), lab).extras] == [kept]


def test_an_answer_in_words_may_stand_in_a_cell_of_text(lab):
    words = ReturnedCell("markdown", "The frequent word is credited more often, as I saw in the table above.")
    for cells in ([lab.cells[place(lab, "1.6")].text], []):
        found = match(instead(lab, "1.6", *code(*cells), words), lab)
        names = {}
        exec(found.answers["1.6"], names)
        assert names["answer_1_6"] == words.text
        assert "Exercise 1.6 was answered in a cell of text, which a person reads." in found.repairs


def test_given_texts_answer_nothing(lab):
    assert lab.texts
    texts = [ReturnedCell("markdown", text) for text in lab.texts]
    changed = [ReturnedCell("markdown", f"{text} (2024)") for text in lab.texts]
    assert match(after(lab, place(lab, "1.6"), *texts, *changed), lab).answers == {}


def test_a_notebook_of_another_version_is_told(lab):
    given = cells_with(lab, RIGHT)
    setup = given[0].text.replace('built_with="', 'built_with="0.0.1b')
    found = match([*code(setup), *given[1:]], lab)
    assert found.answers == RIGHT
    assert any(sentence.startswith("The notebook was made for labkit 0.0.1b") for sentence in found.look)


@pytest.fixture(scope="module")
def course():
    root = find_root(Path(__file__).parent)
    return given(root), {lab.stem: pair.solution_cells(lab, root) for lab in labs.select(root)}


def test_the_solutions_of_all_labs_are_found_whole(course):
    given_labs, solutions = course
    for stem, lab in given_labs.items():
        cells = [ReturnedCell(cell.kind, cell.text) for cell in solutions[stem]]
        assert lab_of(cells, given_labs) == stem
        found = match(cells, lab)
        wanted = {cell.exercise: cell.text for cell in solutions[stem] if cell.exercise}
        assert (found.answers, found.repairs, found.look) == (wanted, [], [])


def test_the_labs_as_they_were_given_hold_no_answers(course):
    for lab in course[0].values():
        cells = [*cells_with(lab, {}), *(ReturnedCell("markdown", text) for text in lab.texts)]
        found = match(cells, lab)
        assert (found.answers, found.extras, found.repairs, found.look) == ({}, [], [], [])


# Which lab

OTHER = Given("lab9_other", "Other", "torch", (GivenCell("# Exercise 9.1\nx = ...", "9.1"), GivenCell("progress()")))


def test_the_lab_is_known_by_what_is_in_it(lab):
    labs = {lab.stem: lab, OTHER.stem: OTHER}
    assert lab_of(cells_with(lab, {}), labs) == lab.stem
    assert lab_of(cells_with(OTHER, {}), labs) == OTHER.stem
    assert lab_of(code("# exercise 1.14\nx = 1"), labs) == lab.stem
    assert lab_of(code("print(1)", "# Exercise 7.1\nx = 1"), labs) == ""
    assert lab_of([], labs) == ""


def test_a_line_that_all_labs_have_tells_nothing(lab):
    assert lab_of(code("progress()", "print('hello')"), {lab.stem: lab, OTHER.stem: OTHER}) == ""


# Made to take long

LONG = {
    "many cells": code(*(f"x{n} = {n}" for n in range(10_000))),
    "many equal cells": code(*["def jaccard(a, b):\n    return 1"] * 10_000),
    "many cells like the given ones": code(*(f"shared_{n} if done print a third is shared" for n in range(9_000))),
    "many answers": code(*(f"# Exercise 1.14\nx{n} = 1" for n in range(10_000))),
    "many answers in a cell": code("\n".join(f"# Exercise 1.{14 + n % 2}\nx{n} = 1" for n in range(4_000))),
    "many cells of text": [ReturnedCell("markdown", f"some words {n} here") for n in range(10_000)],
    "a cell of 5 MB": code("x = 1\n" * 800_000),
    "an answer of 5 MB": code(JACCARD + "\n" + "y = 1\n" * 800_000),
    "a line of 5 MB": code("#" * 2_500_000 + " " * 2_500_000),
    "blanks": code(" \t" * 2_500_000 + "# Exercise 1.14"),
    "brackets": code("(" * 90_000, "[" * 90_000 + "]" * 90_000, "-" * 90_000 + "1"),
    "nested functions": code("\n".join(" " * n + "def f():" for n in range(99)) + "\n" + " " * 99 + "pass"),
    "chained helpers": code(*(f"def h{n}():\n    return h{n + 1}()" for n in range(9_000))),
    "quotes": code("check('" * 100_000),
}


@pytest.mark.parametrize("name", LONG)
def test_no_notebook_takes_long(lab, name):
    cells = cells_with(lab, {"1.15": RIGHT["1.15"].replace("return", "h0()\n    return")}) + LONG[name]
    start = time.process_time()
    assert lab_of(cells, {lab.stem: lab}) == lab.stem
    assert too_much(cells) == ""
    assert "1.15" in match(cells, lab).answers
    assert time.process_time() - start < 4  # on a busy machine; a second or less on a quiet one


def test_what_nobody_wrote_is_not_looked_into(lab):
    assert "written by hand" not in too_much(cells_with(lab, RIGHT))
    assert "got 20 cells with 2,000,000 letters" in too_much(code(*["x" * 100_000] * 20))
    assert too_much([ReturnedCell("markdown", "x" * 21_000_000)])
    assert too_much([ReturnedCell("markdown", "an image " * 100_000)] * 10) == ""
    assert set(POINTS) == set(lab.places)
