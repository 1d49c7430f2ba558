"""A sealed run does what a notebook does, keeps to its limits, and always comes back."""

from importlib.util import find_spec

import pytest
from course.grading.sealed_runs import JACCARD, needs_sandbox, outcome, question, state

from labkit.course.grading.sealed import NoSandboxError, bubblewrap, provisioner, running

pytestmark = needs_sandbox


def test_right_wrong_and_open_answers_are_told_apart():
    right, wrong, stub = question(), question("1.15", "one"), question("1.6", "stub")
    done = outcome(JACCARD, "one = lambda a, b: 1.0\nstub = ...", right, wrong, stub)
    assert (done.ended, done.cell_errors, done.sealed) == ("", [], True)
    assert [state(asked, done) for asked in (right, wrong, stub)] == ["right", "wrong", "unanswered"]


def test_a_cell_that_fails_stops_nothing_and_its_error_is_kept():
    ask, missing = question(), question("1.6", "nowhere")
    done = outcome("1 / 0", "def broken(:", "open('/proc/self/environ').read()[2**40]", JACCARD, ask, missing)
    assert [place for place, _ in done.cell_errors] == [0, 1, 2]
    assert "ZeroDivisionError: division by zero" in done.cell_errors[0][1]
    assert "SyntaxError" in done.cell_errors[1][1]
    assert all(len(text) <= 2000 for _, text in done.cell_errors)
    assert state(ask, done) == "right"
    assert done.probed["1.6"].answers == [{"raised": "NameError: name 'nowhere' is not defined"}]


def test_given_cells_find_labkit_its_data_and_its_desk():
    code = """
    from labkit import check, done, fact, hint, progress, using
    from labkit.settings import bundled, work_folder
    using("sample", "why")
    fact("one", 1)
    check("1.14", lambda a, b: 1.0)
    hint("1.14")
    progress()
    assert not done("1.14")
    assert bundled("samples").is_dir() and bundled("checkpoints").is_dir() and bundled("manifest.json").is_file()
    work_folder().mkdir()
    import matplotlib.figure, pandas
    """
    assert outcome(code).cell_errors == []


def test_an_endless_loop_is_interrupted_and_the_run_goes_on():
    ask = question()
    done = outcome("while True: pass", JACCARD, ask, cell_seconds=5)  # the question has imports to make
    assert done.ended == ""
    assert "KeyboardInterrupt" in done.cell_errors[0][1]
    assert state(ask, done) == "right"


def test_an_answer_that_never_ends_is_that_answers_problem_alone():
    endless, ask = question("1.15", "endless"), question()
    done = outcome("def endless(a, b):\n    while True: pass", JACCARD, endless, ask, cell_seconds=5)
    assert done.probed["1.15"].answers is None
    assert "it ran longer than a check may and was interrupted" in done.probed["1.15"].problem
    assert state(ask, done) == "right"


SWALLOWS = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True: pass
"""
PRINTS = "for _ in range(200): print('x' * 2**20, flush=True)"
WRITES = "import os\nfor _ in range(200): os.write(1, b'x' * 2**20), os.write(2, b'x' * 2**20)"
SHOWS = """
from IPython.display import display
for _ in range(100): display({'image/png': 'A' * 2**17}, raw=True)
"""
HUGE = "from IPython.display import display\ndisplay({'image/png': 'A' * 10 * 2**20}, raw=True)\nwhile True: pass"
GROWS = "rows = []\nwhile True: rows.append(bytearray(2**22))"
CHILDREN_GROW = """
import os, time
for _ in range(3):
    if not os.fork():
        rows = []
        while True: rows.append(bytearray(2**22))
time.sleep(100)
"""
FORKS = "import os, time\nfor _ in range(9): os.fork()\ntime.sleep(100)"
THREADS = "import threading, time\nfor _ in range(500): threading.Thread(target=time.sleep, args=(100,)).start()"
STOPS = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"


@pytest.mark.parametrize(
    ("code", "ended", "limits"),
    [
        (SWALLOWS, "time", {"cell_seconds": 1}),
        (STOPS, "time", {"cell_seconds": 1}),
        ("import time\nwhile True: time.sleep(1)", "time", {"total_seconds": 3}),
        (PRINTS, "output", {"memory_mb": 2000}),
        (WRITES, "output", {}),
        (SHOWS, "output", {}),
        (HUGE, "output", {}),
        (GROWS, "memory", {}),
        (CHILDREN_GROW, "memory", {}),
        (FORKS, "processes", {}),
        (THREADS, "processes", {}),
        ("import os\nos._exit(0)", "exit", {}),
        ("import os\nos.abort()", "exit", {}),
        ("import ctypes\nctypes.string_at(0)", "exit", {}),
    ],
    ids=[
        *("swallows", "stops", "sleeps", "prints", "writes", "shows", "huge"),
        *("grows", "children", "forks", "threads", "exits", "aborts", "crashes"),
    ],
)  # fmt: skip
def test_what_goes_beyond_a_limit_is_ended_and_what_was_answered_before_counts(code, ended, limits):
    before, after = question(), question("1.15", "jaccard")
    done = outcome(JACCARD, before, code, after, **limits)
    assert done.ended == ended, done
    assert done.detail
    assert state(before, done) == "right"
    assert "1.15" not in done.probed


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("with open('large', 'wb') as file:\n    while True: file.write(bytes(2**20))", "OSError"),
        ("for i in range(9):\n    with open(f'/tmp/{i}', 'wb') as file: file.write(bytes(2**22))", "No space left"),
        ("files = [open('/dev/null') for _ in range(300)]", "Too many open files"),
    ],
    ids=["one file", "many files", "open files"],
)
def test_a_disk_or_a_table_of_files_that_is_full_is_an_error_in_the_cell(code, error):
    ask = question()
    done = outcome(code, "files = None", JACCARD, ask)
    assert error in done.cell_errors[0][1]
    assert state(ask, done) == "right"


def test_an_answer_that_is_too_large_is_that_questions_problem():
    ask = question()
    done = outcome("long = 'word ' * 2**20", question("1.6", "long"), JACCARD, ask)
    assert done.probed["1.6"].answers is None
    assert done.probed["1.6"].problem == "the answer is larger than 1 MB"
    assert state(ask, done) == "right"


def test_a_run_that_ends_in_a_question_names_it():
    done = outcome("import os\ndef leave(a, b): os._exit(0)", question("1.14", "leave"))
    assert (done.ended, done.probed["1.14"].answers) == ("exit", None)


def test_torch_runs():
    code = "import torch\ndef top(a, k):\n    values, places = a.topk(k, dim=2)\n    return values, places"
    ask = question("1.3", "top")
    assert state(ask, outcome(code, ask, memory_mb=3000, cell_seconds=60)) == "right"


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
def test_tensorflow_runs():
    code = "import keras\nwords = f'three ones are {float(keras.ops.sum(keras.ops.ones(3)))}'"
    done = outcome(
        code, question("4.2", "words"), framework="keras", memory_mb=3000, cell_seconds=100, total_seconds=100
    )
    assert done.probed["4.2"].answers == ["three ones are 3.0"]


def test_files_are_counted_where_no_sandbox_does_it():
    code = (
        "for i in range(9):\n    with open(str(i), 'wb') as file: file.write(bytes(2**22))\nimport time; time.sleep(60)"
    )
    assert outcome(code, unsafe=True).ended == "disk"


def test_a_kernel_that_does_not_start_says_why(monkeypatch):
    monkeypatch.setattr(provisioner, "_INSIDE", "labkit.nothing")
    done = outcome("pass")
    assert done.ended == "start"
    assert "No module named labkit.nothing" in done.detail


def test_available_says_what_is_missing(monkeypatch, tmp_path):
    refusing = tmp_path / "bwrap"
    refusing.write_text("#!/bin/sh\necho bwrap: no permission >&2; exit 1")
    refusing.chmod(0o755)
    for found, said in ((str(refusing), "cannot be had: bwrap: no permission"), (None, "apt-get install bubblewrap")):
        monkeypatch.setattr(bubblewrap.shutil, "which", lambda name, found=found: found)
        assert said in bubblewrap.available.__wrapped__()


def test_without_a_sandbox_nothing_runs_unless_that_is_asked_for(monkeypatch):
    monkeypatch.setattr(running, "available", lambda: "there is none.")
    with pytest.raises(NoSandboxError, match="there is none"):
        outcome(JACCARD)
    ask = question()
    done = outcome(JACCARD, ask, unsafe=True)
    assert (done.sealed, state(ask, done)) == (False, "right")
