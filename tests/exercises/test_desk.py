"""The student's desk, in a notebook and outside."""

import html

import IPython
import pytest
from exercises import bank_lab1 as bank
from exercises import bank_lab2
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from labkit.exercises import check, desk, done, hint, progress
from labkit.exercises.lab1_txray_text_cnn import LAB
from labkit.exercises.registry import UsageError

RIGHT, (WRONG, MISTAKE) = bank.RIGHT["1.14"][0], bank.WRONG["1.14"][0]


@pytest.fixture(autouse=True)
def new_session(monkeypatch):
    monkeypatch.setattr(desk, "_verdicts", {})
    monkeypatch.setattr(desk, "_hints_open", {})


@pytest.fixture
def shown(monkeypatch):
    """What cells show in a notebook: a function that runs one and gives back its outputs' bundles."""
    shell = InteractiveShell.instance()
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)

    def run(function, *arguments):
        with capture_output() as captured:
            function(*arguments)
        return [output.data for output in captured.outputs]

    yield run
    InteractiveShell.clear_instance()


@pytest.fixture
def shown_error(capsys):
    """What a notebook shows of an error: a function from what pytest caught to the text."""
    shell = InteractiveShell.instance()

    def show(caught):
        capsys.readouterr()
        shell.showtraceback((caught.type, caught.value, caught.tb))
        return capsys.readouterr().out

    yield show
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("answer", "sign", "told"),
    [
        (RIGHT, "✔", "right, 2 points."),
        (WRONG, "✘", "not yet: you divide by the smaller set"),
        (..., "○", "not answered yet."),
    ],
)
def test_outside_a_notebook_a_check_prints_one_line(capsys, answer, sign, told):
    check("1.14", answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{sign} Exercise 1.14, Jaccard: ")
    assert told in printed
    assert printed.count("\n") == 1
    assert ('hint("1.14")' in printed) is (answer is not RIGHT)


def test_in_a_notebook_a_check_shows_text_page_and_record(shown):
    (bundle,) = shown(check, "1.14", WRONG)
    assert bundle["text/plain"].startswith("✘ Exercise 1.14")
    assert html.escape(bundle["text/plain"]) in bundle["text/html"]
    assert bundle[desk.VERDICT_MIME] == {"id": "1.14", "state": "wrong", "mistake": MISTAKE, "points": 0, "of": 2}
    assert desk.VERDICT_MIME == "application/vnd.labkit.verdict+json"


@pytest.mark.parametrize(
    ("number", "answer", "state", "points"),
    [("1.14", RIGHT, "right", 2), ("1.14", ..., "unanswered", 0), ("1.6", bank.LONG, "for a reader", 0)],
)
def test_the_record_holds_points_for_right_answers_alone(shown, number, answer, state, points):
    (bundle,) = shown(check, number, answer)
    record = bundle[desk.VERDICT_MIME]
    assert (record["state"], record["points"]) == (state, points)


def test_an_answer_in_words_is_shown_again_and_escaped(shown):
    text = bank.LONG + " <script>alert(1)</script>"
    (bundle,) = shown(check, "1.6", text)
    assert text in bundle["text/plain"]
    assert "<script>" not in bundle["text/html"]
    assert html.escape(text) in bundle["text/html"]


def test_a_choice_is_shown_again_with_its_entries(shown):
    (bundle,) = shown(check, "2.12", bank_lab2.masks.choice(why=bank_lab2.masks.WHY + " <script>"))
    assert bundle[desk.VERDICT_MIME]["state"] == "for a reader"
    told = "window: 8; stride: 2; baseline: mean; score: 0.61; why: A window of 8"
    assert told in bundle["text/plain"]
    assert told in bundle["text/html"]
    assert "<script>" not in bundle["text/html"]


def test_an_errors_text_is_escaped(shown):
    def fails(a, b):
        raise ValueError("<b>bold</b>")

    (bundle,) = shown(check, "1.14", fails)
    assert "<b>" not in bundle["text/html"]
    assert "<b>bold</b>" in bundle["text/plain"]


def test_hints_open_one_by_one(capsys):
    hints = LAB.exercises["1.1"].hints
    for opened in (1, 2, 3, 3):
        hint("1.1")
        printed = capsys.readouterr().out
        assert [text in printed for text in hints] == [i < opened for i in range(3)]
        assert ("again for the next one" in printed) is (opened < 3)
        assert printed.endswith("That was the last hint.\n") is (opened == 3)


def test_hints_of_one_exercise_open_none_of_another(capsys):
    hint("1.1")
    hint("1.2")
    assert LAB.exercises["1.2"].hints[1] not in capsys.readouterr().out


def test_hints_in_a_notebook(shown):
    (bundle,) = shown(hint, "1.1")
    assert bundle["text/plain"].startswith("Hint 1 of 3: ")
    assert "Hint 1 of 3: " in bundle["text/html"]


def test_progress_counts_points_and_lists_what_is_open(capsys):
    check("1.14", RIGHT)
    check("1.15", lambda a, b: 0.0)
    check("1.6", bank.LONG)
    capsys.readouterr()
    progress()
    summary, *rows = capsys.readouterr().out.splitlines()
    assert summary.startswith(f"{LAB.title}: 2 of {LAB.points} points, 2 more wait for a reader. Open: 1.1, ")
    assert summary.endswith(" (The last check of each counts. After a restart of the kernel, run all cells.)")
    still = summary.split("Open: ")[1].split(". (")[0].split(", ")
    assert still == [number for number in LAB.exercises if number not in ("1.14", "1.6")]
    assert [row.split()[1] for row in rows] == list(LAB.exercises)
    assert rows[13].split()[0] == "✔" and rows[13].endswith("2 / 2")
    assert rows[14].split()[0] == "✘" and rows[14].endswith("0 / 3")
    assert rows[5].split()[0] == "✎" and rows[5].endswith("? / 2")


def test_the_last_check_counts(capsys):
    check("1.14", RIGHT)
    check("1.14", WRONG)
    progress(LAB.stem)
    assert f"0 of {LAB.points} points. Open: 1.1, " in capsys.readouterr().out


def test_progress_with_nothing_open(capsys):
    for number in LAB.exercises:
        check(number, bank.RIGHT[number][0])
    progress()
    told = capsys.readouterr().out
    words = sum(LAB.exercises[number].points for number in ("1.6", "1.8", "1.13", "1.16"))
    assert f"{LAB.points - words} of {LAB.points} points, {words} more wait for a reader. Nothing is open." in told


def test_progress_in_a_notebook_is_a_table(shown):
    (bundle,) = shown(progress, LAB.stem)
    assert bundle["text/html"].count("<tr>") == 1 + len(LAB.exercises)
    assert "Open: 1.1, 1.2" in bundle["text/plain"]
    assert ">Done</th>" in bundle["text/html"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("1.99", "got exercise '1.99'; lab 1 has 1.1, 1.2"),
        ("9.1", "there is no lab 9 here."),
        ("1", "wanted a lab and a number"),
        ("", "wanted a lab and a number"),
        (bank.overlap.jaccard_by_loops, "wanted a lab and a number"),
        (1.10, 'write the number in quotes: hint("1.10")'),
    ],
)
def test_an_unknown_exercise_is_told_in_one_line(shown_error, number, told):
    for call in (lambda: check(number, RIGHT), lambda: hint(number)):
        with pytest.raises(UsageError) as caught:
            call()
        assert told in str(caught.value)
        assert shown_error(caught) == f"UsageError: {caught.value}\n"


def test_a_check_without_an_answer_says_how_it_is_called():
    with pytest.raises(UsageError, match=r'an exercise and your answer to it: check\("1.1", decode\)'):
        check("1.14")


def test_blanks_around_an_id_do_not_matter(capsys):
    check(" 1.14 ", RIGHT)
    hint("1.1 ")
    hint(" 1.1")
    assert "Hint 2 of 3" in capsys.readouterr().out
    progress()
    assert f"2 of {LAB.points} points" in capsys.readouterr().out


def test_an_unknown_lab_is_a_clear_error():
    with pytest.raises(UsageError, match="got lab 'lab9'; wanted one of lab1_txray_text_cnn"):
        progress("lab9")


def test_a_check_takes_one_answer_alone():
    with pytest.raises(UsageError, match=r'an exercise and your answer to it: check\("1.1", decode\)'):
        check("1.14", RIGHT, RIGHT)


def test_a_hint_without_a_number_says_how_it_is_called():
    with pytest.raises(UsageError, match=r'hint\("1.1"\)'):
        hint()


def test_a_cell_waits_until_the_last_check_of_its_answer_was_right(capsys):
    assert not done("1.14")
    assert "Exercise 1.14 is not right yet: what depends on it is left out here." in capsys.readouterr().out
    check("1.14", RIGHT)
    assert done("1.14")
    check("1.14", ...)
    capsys.readouterr()
    assert not done("1.14", "1.6", instead="shown with two filters")
    assert "Exercises 1.14 and 1.6 are not right yet: shown with two filters." in capsys.readouterr().out


def test_an_answer_for_a_reader_is_done():
    check("1.6", "The filters of width three react to whole phrases, as 12 of the 20 rows above show it, not to words.")
    assert done("1.6")


def test_to_wait_for_an_unknown_exercise_is_a_clear_error():
    with pytest.raises(UsageError, match="lab 1 has 1.1"):
        done("1.99")
