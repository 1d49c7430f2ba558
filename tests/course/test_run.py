"""Running labs: the live line, the table, and how failures are told."""

import io
import time

import pytest

from labkit.course import execute
from labkit.course.run import LiveLine, run
from labkit.course.tables import table


def test_a_run_reports_each_lab_and_leaves_page_and_notebook(course, capsys):
    assert run(course.root) == 0
    said = capsys.readouterr().out
    assert "lab9_toy  6 cells done" in said
    row = said.splitlines()[-1].split()
    assert row[:2] == ["lab9_toy", "6"]
    assert row[3:6] == ["2", "of", "2"]
    assert (course.root / "build" / "lab9_toy.html").read_text().startswith("<!DOCTYPE html>")
    assert "a worked aside" in (course.root / "build" / "lab9_toy.ipynb").read_text()


def test_a_failing_cell_is_named_and_the_other_labs_still_run(course, capsys):
    other = course.source.with_name("lab8_first.py")
    other.write_text(course.source.read_text().replace("answer = 42", "answer = 1\nanswer / 0"))
    assert run(course.root) == 1
    said = capsys.readouterr().out
    assert f"lab8_first, cell 4 of 6, {other}:38" in said
    assert "    answer / 0" in said
    assert "ZeroDivisionError: division by zero" in said
    assert [line.split()[0] for line in said.splitlines()[-2:]] == ["lab8_first", "lab9_toy"]
    assert "1 of 2" in said.splitlines()[-2]
    assert "2 of 2" in said.splitlines()[-1]


def test_an_error_deep_in_a_function_is_placed_at_the_line_of_the_cell(course, capsys):
    course.change('print("a worked aside")', "\nimport json\n\njson.loads('{')")
    assert run(course.root) == 1
    line = 1 + course.source.read_text().splitlines().index("json.loads('{')")
    assert f"lab9_toy.py:{line}\n" in capsys.readouterr().out


def test_a_set_up_that_fails_is_shown_as_its_author_wrote_it(course, capsys):
    course.change(
        "# %%\nfrom IPython", '# %%\n# SET-UP\nfrom labkit import setup\n\nsetup("lab9_toy")\n\n# %%\nfrom IPython'
    )
    assert run(course.root) == 1
    said = capsys.readouterr().out
    assert "lab9_toy, cell 1 of 7" in said
    assert "from labkit import setup" in said
    assert "def find_labkit" not in said


def test_a_figure_that_matplotlib_shows_after_an_error_does_not_hide_it(course, capsys):
    course.change(
        "answer = 42",
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nanswer = 1 / 0",
    )
    assert run(course.root) == 1
    assert "ZeroDivisionError: division by zero" in capsys.readouterr().out


def test_a_kernel_that_does_not_start_is_told_and_the_other_labs_still_run(course, capsys, monkeypatch):
    from labkit.course import run as module

    def environment(work, data):
        starts.append(work)
        found = execute.environment(work, data)
        return {**found, "PYTHONHOME": "/nowhere"} if len(starts) == 1 else found

    starts = []
    monkeypatch.setattr(module, "environment", environment)
    course.source.with_name("lab8_first.py").write_text(course.source.read_text())
    assert run(course.root) == 1
    said = capsys.readouterr().out
    assert "lab8_first  failed in the kernel's start" in said
    assert "lab8_first, the kernel's start" in said
    assert "The kernel did not start: Kernel died" in said
    assert "0 of 2" in said.splitlines()[-2]
    assert "2 of 2" in said.splitlines()[-1]


def test_figures_are_what_the_page_is_made_of_whatever_the_user_likes(monkeypatch, tmp_path):
    monkeypatch.setenv("PLOTLY_RENDERER", "browser")
    assert execute.environment(tmp_path, "sample")["PLOTLY_RENDERER"] == "plotly_mimetype"


@pytest.mark.parametrize(("said", "shown"), [("", "auto"), ("using('full', 'w'); using('sample', 'w')", "sample")])
def test_the_table_says_which_data_the_lab_took(course, capsys, said, shown):
    record = '{"text/plain": "", "application/vnd.labkit.setup+json": {"data": "auto"}}'
    course.change('print("a worked aside")', f"display({record}, raw=True)\nfrom labkit import using\n{said}")
    run(course.root, data="auto")
    assert capsys.readouterr().out.splitlines()[-1].split()[6] == shown


def test_a_rejected_solution_fails_the_run(course, capsys):
    course.change("answer = 42", "answer = 0")
    assert run(course.root) == 1
    assert "do not accept 9.2" in capsys.readouterr().out


def test_a_dead_kernel_is_a_failure_of_its_cell(course, capsys):
    course.change("answer = 42", "import os; os._exit(1)")
    assert run(course.root) == 1
    said = capsys.readouterr().out
    assert "cell 4 of 6" in said
    assert "The kernel died" in said


def test_a_cell_over_its_time_is_a_failure(course, capsys, monkeypatch):
    monkeypatch.setattr("labkit.course.execute.SECONDS_PER_CELL", 1)
    course.change("answer = 42", "import time; time.sleep(30)")
    assert run(course.root) == 1
    assert "ran longer than 1 second" in capsys.readouterr().out


def test_the_kernel_is_told_the_data_source_and_uses_this_labkit(course, capsys):
    import labkit

    course.change(
        'print("a worked aside")',
        'import os, labkit\nprint(os.environ["LABKIT_DATA"], os.environ["LABKIT_QUIET"], labkit.__file__)',
    )
    assert run(course.root, data="auto") == 0
    assert f"auto 1 {labkit.__file__}" in (course.root / "build" / "lab9_toy.ipynb").read_text()


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_one_line_is_rewritten():
    stream = Terminal()
    with LiveLine("lab9", 2, stream) as line:
        line.step(1)
        line.step(2)
        line.outcome = "2 cells done"
    shown = stream.getvalue()
    assert "cell 2 of 2, 0 s" in shown
    assert shown.count("\n") == 1
    assert shown.endswith("\r\x1b[2Klab9  2 cells done, 0 s\n")


def test_in_a_file_a_line_is_added_now_and_then_and_none_is_rewritten():
    stream = io.StringIO()
    with LiveLine("lab9", 2, stream, every=0.05) as line:
        line.step(1)
        time.sleep(0.2)
    shown = stream.getvalue()
    assert "\r" not in shown
    assert "lab9  cell 1 of 2, 0 s\n" in shown


def test_a_live_line_ends_with_its_run_even_if_that_breaks():
    stream = io.StringIO()
    with pytest.raises(ZeroDivisionError), LiveLine("lab9", 1, stream, every=0.01):
        1 / 0  # noqa: B018
    assert stream.getvalue().endswith("stopped, 0 s\n")


def test_columns_are_as_wide_as_their_widest_text():
    assert table([("a", "bb"), ("long", "c")]) == "a     bb\n--------\nlong  c"


def test_numbers_stand_to_the_right():
    assert table([("a", "s"), ("b", "9.5"), ("c", "10.0")]) == "a     s\n-------\nb   9.5\nc  10.0"
