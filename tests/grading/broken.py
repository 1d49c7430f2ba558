"""Notebooks that are broken in one place: that place alone earns nothing, and nothing of the rest is lost.

An answer that stops with an error is wrong, 0 points. Where an answer ends the run, takes too long or gives nothing
back, or its cell is lost with the rest of its file, nobody can say what it is worth: it could not be graded, which is
no 0.
"""

import json
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from grading.answers import DECODE, JACCARD, LIGHT, PAIR, PAIR_TRUTH, WEIGHTED
from grading.bank import OPEN, STUCK, Submission, cell_of, insert
from grading.course import EXERCISES

_NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

# Answers that break. All of them are to 1.14, beside a right one to 1.15.


def _breaking(name, jaccard, mark, said=()):
    return Submission(name, {"1.14": jaccard, "1.15": WEIGHTED}, {"1.14": mark, "1.15": 3}, said=said)


_HEAD = "def jaccard(a, b):\n"

ANSWERS = (
    _breaking("a syntax error", "def jaccard(a, b)\n    return len(a & b) / len(a | b", 0, ["SyntaxError"]),
    _breaking("tabs among blanks", "def jaccard(a, b):\n\treturn (\n\t  1)\n        return 2", 0),
    _breaking("an error in the cell", f"{JACCARD}\n1 / 0\njaccard = None", 2, ["ZeroDivisionError"]),
    _breaking("a name that is nowhere", _HEAD + "    return intersection(a, b)", 0),
    _breaking("an endless loop in the cell", "while True:\n    pass", STUCK, ["KeyboardInterrupt"]),
    _breaking("an endless loop in the answer", _HEAD + "    while True:\n        pass", STUCK, ["was interrupted"]),
    _breaking(
        "an endless loop that swallows the interrupt",
        _HEAD + "    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        STUCK,
    ),
    _breaking("an endless wait", "import threading\nthreading.Event().wait()", STUCK, ["KeyboardInterrupt"]),
    _breaking("a recursion without end", _HEAD + "    return jaccard(b, a)", 0),
    _breaking(
        "a recursion that leaves no stack",
        "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n    def __repr__(self): return repr(self)\n"
        + _HEAD
        + "    return repr(A())",
        STUCK,
    ),
    _breaking(
        "growing memory", _HEAD + "    rows = []\n    while True: rows.append(bytearray(2**24))", STUCK, ["memory"]
    ),
    _breaking("more memory than there is", _HEAD + "    return bytearray(10**18)", 0),
    _breaking("sys.exit", _HEAD + "    import sys\n    sys.exit(0)", STUCK),
    _breaking("os._exit", _HEAD + "    import os\n    os._exit(0)", STUCK, ["it ended with 0"]),
    _breaking("200 MB of print", _HEAD + "    for _ in range(200): print('x' * 2**20, flush=True)", STUCK, ["printed"]),
    _breaking(
        "200 MB past Python",
        "import os\nfor _ in range(100): os.write(1, b'x' * 2**20), os.write(2, b'x' * 2**20)",
        STUCK,
        ["printed"],
    ),
    _breaking("a crash in C", _HEAD + "    import ctypes\n    return ctypes.string_at(0)", STUCK),
    _breaking("an abort", "import os\nos.abort()", STUCK),
    _breaking("stopped by a signal", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", STUCK),
    _breaking("killed by itself", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", STUCK),
    _breaking("100 MB as an answer", _HEAD + "    import numpy as np\n    return np.zeros(12_500_000)", 0),
    _breaking("no number", _HEAD + "    return float('nan')", 0),
    _breaking("an infinite number", _HEAD + "    return float('inf')", 0),
    _breaking("a number beyond 64 bits", _HEAD + "    return 10**400", 0),
    _breaking("a text for a number", _HEAD + "    return '0.5'", 0),
    _breaking("a generator", _HEAD + "    yield 0.5", 0),
    _breaking("a coroutine", "async " + _HEAD + "    return 0.5", 0),
    _breaking("a list within itself", _HEAD + "    rows = []\n    rows.append(rows)\n    return rows", 0),
    _breaking("too many arguments wanted", "def jaccard(a, b, c): return 0.5", 0),
    _breaking("a result in place of a function", f"{JACCARD}\njaccard = jaccard({{1}}, {{2}})", 0),
    _breaking("a question to the keyboard", _HEAD + "    return float(input('How many? '))", 0),
    _breaking("a password wanted", "import getpass\ngetpass.getpass()", 0, ["StdinNotImplementedError"]),
    _breaking(
        "arguments that are changed", _HEAD + "    both = len(a & b)\n    a |= b\n    return both / (len(a) or 1)", 2
    ),
    _breaking(
        "a network wanted",
        "from urllib.request import urlopen\nurlopen('http://192.0.2.1/x', timeout=3)",
        0,
        ["URLError"],
    ),
    _breaking(
        "a file that is not there",
        "import pandas\npandas.read_csv('/content/drive/MyDrive/data.csv')",
        0,
        ["FileNotFoundError"],
    ),
    _breaking(
        "a package that is not there",
        "from google.colab import drive\ndrive.mount('/content/drive')",
        0,
        ["only Colab understands"],
    ),
)

HUGE = (
    Submission(
        "10 MB of text as an answer",
        {"1.6": "answer_1_6 = 'more and more words ' * 500_000", "1.15": WEIGHTED},
        {"1.6": STUCK, "1.15": 3},
        said=["larger than"],
    ),
    Submission(
        "100 MB of numbers as an answer",
        {
            "1.9": "import torch\ndef word_scores(embedding, weight, bias):\n    return torch.zeros(5000, 2500)",
            "1.15": WEIGHTED,
        },
        {"1.9": STUCK, "1.15": 3},
        said=["larger than"],
    ),
    Submission(
        "as much code as a book", {**PAIR, "1.1": f"{DECODE}\nx = '''{'word ' * 100_000}'''"}, {"1.1": 2, **PAIR_TRUTH}
    ),
    Submission(
        "a thousand answers to one question",
        PAIR,
        {"1.14": 2, "1.15": 3},
        lambda notebook: [
            insert(notebook, f"# Exercise 1.14\njaccard = {number}", cell_of(notebook, "1.14"))
            for number in range(1000)
        ],
        said=["1001 times"],
    ),
)


# Cells of the student's own that break. The answers around them are right.


def _beside(name, source, said=()):
    def change(notebook):
        insert(notebook, source, cell_of(notebook, "1.15"))

    return Submission(name, PAIR, PAIR_TRUTH, change, said=said)


CELLS = (
    _beside("an endless loop beside the answers", "while True:\n    pass", ["KeyboardInterrupt"]),
    _beside(
        "an endless loop that ignores signals",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        ["did not stop when it was interrupted"],
    ),
    _beside("quit", "quit()"),
    _beside("sys.exit beside the answers", "import sys\nsys.exit('done')", ["SystemExit"]),
    _beside("os._exit beside the answers", "import os\nos._exit(1)", ["it ended with 1"]),
    _beside("growing memory beside the answers", "rows = [bytearray(2**24) for _ in range(10**6)]", ["memory"]),
    _beside(
        "a fork bomb", "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError: pass", ["processes"]
    ),
    _beside(
        "thousands of threads",
        ("import threading, time\nfor _ in range(5000): threading.Thread(target=time.sleep, args=(60,)).start()"),
        ["processes"],
    ),
    _beside(
        "processes of its own",
        (
            "from concurrent.futures import ProcessPoolExecutor\nfrom math import sqrt\n"
            "with ProcessPoolExecutor(2) as pool: print(list(pool.map(sqrt, range(9))))"
        ),
    ),
    _beside(
        "files deleted",
        (
            "import os, shutil, sys\n"
            "for path in (os.getcwd(), os.path.expanduser('~'), '/course', sys.prefix, '/usr', '/tmp'):\n"
            "    shutil.rmtree(path, ignore_errors=True)"
        ),
    ),
    _beside("a full disk", "with open('large', 'wb') as file:\n    while True: file.write(bytes(2**20))", ["OSError"]),
    _beside("another folder and no variables", "import os\nos.chdir('/')\nos.environ.clear()"),
    _beside(
        "more than a kernel displays",
        ("from IPython.display import display\nfor _ in range(300): display({'image/png': 'A' * 2**17}, raw=True)"),
        ["printed or displayed"],
    ),
    _beside(
        "a picture beyond all limits",
        ("from IPython.display import display\ndisplay({'image/png': 'A' * 50 * 2**20}, raw=True)"),
    ),
    _beside("names of Python's taken", "list = [1, 2]\nstr = 'x'\nid = print = None"),
    _beside("syntax of another language", "if (x > 1) { return; }", ["SyntaxError"]),
    _beside("brackets without end", "(" * 100_000),
)


CELLS += (
    # As in Jupyter, where no cell comes to its end after this one.
    replace(
        _beside("no output any more", "import sys\nsys.stdout = sys.stderr = None"), truth={"1.14": 2, "1.15": STUCK}
    ),
)

# Files in which there is nothing to grade, or less than there was.


def _instead(data):
    return lambda notebook: data


def _until(words):
    def write(notebook):
        text = json.dumps(notebook, indent=1)
        return text[: text.index(words)].encode()

    return write


def _without_comma(notebook):
    return json.dumps(notebook, indent=1).replace('"metadata": {},\n', '"metadata": {}\n', 1).encode()


def _conflict(notebook):
    text = json.dumps(notebook, indent=1)
    return text.replace(' "metadata"', '<<<<<<< HEAD\n "metadata"', 1).encode()


def _damaged_zip():
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("lab1.ipynb", "{}")
    return packed.getvalue()[:-30]


def _unreadable(name, write, problem, path="{} lab1.ipynb"):
    return Submission(name, LIGHT, write=write, problem=problem, path=path)


def _of_another(path):
    return _instead((_NOTEBOOKS / path).read_bytes())


_OWN = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"cell_type": "code", "metadata": {}, "source": "print('hello')", "outputs": [], "execution_count": 1}],
}

# What nobody can know is no 0: whether the exercises that were cut off had an answer.
_ALL_LOST = dict.fromkeys(EXERCISES, STUCK)

FILES = (
    _unreadable("an empty file", _instead(b""), "empty file"),
    _unreadable("zeros", _instead(bytes(5000)), "zeros"),
    _unreadable("no JSON", _instead(b"{cells: [print('hello')]}"), "no valid JSON"),
    _unreadable("JSON that is no notebook", _instead(b'{"grade": 13, "points": "all"}'), "wanted a notebook"),
    _unreadable("a notebook without cells", _instead(b'{"cells": [], "nbformat": 4}'), "without cells"),
    _unreadable("JSON of a million brackets", _instead(b"[" * 10**6), "wanted a notebook"),
    _unreadable("a web page", _instead(b"<!DOCTYPE html><html><body>Sign in</body></html>"), "web page"),
    _unreadable("a PDF file", _instead(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "PDF"),
    _unreadable("random bytes", _instead(bytes(range(256)) * 20), "wanted a notebook"),
    _unreadable("a zip file that is damaged", _instead(_damaged_zip()), "damaged zip file", "{}.zip"),
    _unreadable("another lab's notebook", _of_another("lab2_cifar_filters_and_occlusion.ipynb"), "none of these labs"),
    _unreadable("a notebook of their own", _instead(json.dumps(_OWN).encode()), "none of these labs"),
    Submission(
        "cut off after 1.14", PAIR, {"1.14": 2, "1.15": STUCK}, write=_until("# Exercise 1.15"), said=["cut off"]
    ),
    Submission("cut off before the first answer", PAIR, _ALL_LOST, write=_until("# Exercise 1.1\\n"), said=["cut off"]),
    Submission(
        "cut off after a stub", PAIR, _ALL_LOST | {"1.1": OPEN}, write=_until("# Exercise 1.4"), said=["cut off"]
    ),
    Submission("a comma missing", PAIR, PAIR_TRUTH, write=_without_comma, said=["damaged"]),
    Submission("a conflict of versions", PAIR, PAIR_TRUTH, write=_conflict, said=["damaged"]),
)

BROKEN = (*ANSWERS, *HUGE, *CELLS, *FILES)
