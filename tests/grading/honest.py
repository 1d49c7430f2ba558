"""Notebooks of students who mean well: each is worth what its answers are worth, whatever became of the file."""

import base64
import json
import random

from grading.answers import (
    DECODE,
    DECODE_BY_SEARCH,
    DICE,
    JACCARD,
    JACCARD_BY_LOOPS,
    JACCARD_IN_NUMPY,
    LIGHT,
    LIGHT_TRUTH,
    NO_BIAS,
    PAIR,
    PAIR_TRUTH,
    RECORD,
    SCORES,
    SCORES_BY_LOOPS,
    SHARE,
    UNWEIGHTED,
    WEIGHTED,
    WEIGHTED_BY_COUNTERS,
    WORDS,
)
from grading.bank import (
    WAITS,
    Submission,
    cell_of,
    cell_with,
    check_of,
    doubled,
    insert,
    remove,
)

#: An answer that uses a function of a given cell.
WITH_NOTHING = {"1.14": "def jaccard(a, b):\n    return len(a & b) / len(a | b) if a | b else nothing()"}

# What was answered.

ANSWERED = (
    Submission(
        "everything right",
        {"1.1": DECODE, "1.4": RECORD, "1.6": WORDS, "1.9": SCORES, "1.14": JACCARD, "1.15": WEIGHTED},
        {"1.1": 2, "1.4": 3, "1.6": WAITS, "1.9": 3, "1.14": 2, "1.15": 3},
    ),
    Submission(
        "everything right, written otherwise",
        {"1.1": DECODE_BY_SEARCH, "1.9": SCORES_BY_LOOPS, "1.14": JACCARD_BY_LOOPS, "1.15": WEIGHTED_BY_COUNTERS},
        {"1.1": 2, "1.9": 3, "1.14": 2, "1.15": 3},
    ),
    Submission("all that needs no framework", LIGHT, LIGHT_TRUTH),
    Submission(
        "some right, some wrong, some not answered",
        {"1.1": DECODE, "1.9": NO_BIAS, "1.14": DICE, "1.15": WEIGHTED_BY_COUNTERS},
        {"1.1": 2, "1.9": 0, "1.14": 0, "1.15": 3},
    ),
    Submission("everything wrong", {"1.14": DICE, "1.15": UNWEIGHTED}, {"1.14": 0, "1.15": 0}),
    Submission("untouched"),
    Submission("words alone", {"1.6": WORDS}, {"1.6": WAITS}),
    Submission("too few words", {"1.6": "answer_1_6 = 'More of them.'"}, {"1.6": WAITS}),
    Submission(
        "a stub with remarks",
        {
            "1.14": "# I do not know how to begin.\ndef jaccard(a: set, b: set) -> float:\n    return ...",
            "1.15": WEIGHTED,
        },
        {"1.15": 3},
    ),
    Submission(
        "half of a stub", {"1.14": "def jaccard(a, b):\n    return None", "1.15": "weighted_jaccard = ..."}, {"1.14": 0}
    ),
    Submission("arrays in a lambda", {"1.14": JACCARD_IN_NUMPY}, {"1.14": 2}),
    Submission(
        "a class that can be called",
        {
            "1.14": "class Jaccard:\n    def __call__(self, a, b):\n        return len(a & b) / (len(a | b) or 1)\n\n"
            "jaccard = Jaccard()"
        },
        {"1.14": 2},
    ),
    Submission(
        "one answer calls another",
        {
            "1.14": "def jaccard(a, b):\n    return weighted_jaccard(dict.fromkeys(a, 1.0), dict.fromkeys(b, 1.0))",
            "1.15": WEIGHTED,
        },
        # As in the notebook, run from the top: at the check of 1.14 there is no such function yet.
        {"1.14": 0, "1.15": 3},
    ),
    Submission(
        "an answer uses what was given",
        WITH_NOTHING,
        {"1.14": 2},
    ),
    Submission(
        "an answer that warns and prints",
        {
            "1.14": "import sys, warnings\ndef jaccard(a, b):\n    warnings.warn('slow')\n    print(a, b, flush=True)\n"
            "    print('Error: Traceback (most recent call last)', file=sys.stderr)\n" + SHARE,
        },
        {"1.14": 2},
    ),
    Submission(
        "an answer that takes its time",
        {"1.14": "import time\ndef jaccard(a, b):\n    time.sleep(0.3)\n" + SHARE},
        {"1.14": 2},
    ),
    Submission(
        "an answer that prints half a megabyte",
        {"1.14": f"{JACCARD}\nprint('x' * 2**19)"},
        {"1.14": 2},
    ),
    Submission(
        "letters from everywhere",
        {
            "1.14": f"# größer als 0: ∩ durch ∪, 你好, 🎈\n{JACCARD}\nÄhnlichkeit = jaccard",
            "1.6": WORDS.replace("again", "wieder – größer"),
        },
        {"1.14": 2, "1.6": WAITS},
    ),
)


# What stands beside the answers.


def _helper(notebook):
    insert(notebook, "def ratio(above, below):\n    return above / below if below else 0.0", cell_of(notebook, "1.14"))


def _experiments(notebook):
    check = check_of(notebook, "1.14")
    for source in (
        "!ls -l",
        "%timeit -n 1 -r 1 jaccard({1}, {2})",
        "%%time\nsum(range(1000))",
        "from IPython.display import HTML, display\ndisplay(HTML('<b>bold</b>'))\njaccard?",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
        "jaccard({1, 2}, {2, 3})",
        "undefined + 1",
        "check('1.14', jaccard)\nhint('1.14')",
        "%pip install numpy",
    ):
        insert(notebook, source, check)


def _own_check(notebook):
    check_of(notebook, "1.14")["source"] = "check('1.14', lambda a, b: 0.5)  # just to see"


def _import_in_a_cell_of_its_own(notebook):
    insert(notebook, "import collections", notebook["cells"][1])


def _import_added_to_a_given_cell(notebook):
    cell_with(notebook, "from labkit import")["source"] += "\nimport collections"


BESIDE = (
    Submission(
        "a helper in a cell of its own",
        {"1.14": "def jaccard(a, b):\n    return ratio(len(a & b), len(a | b))"},
        {"1.14": 2},
        _helper,
    ),
    Submission("experiments in cells between", PAIR, PAIR_TRUTH, _experiments, said=["installs packages"]),
    Submission("a check that was tried out", PAIR, PAIR_TRUTH, _own_check),
    Submission(
        "an import in a cell of its own",
        {"1.15": WEIGHTED_BY_COUNTERS.replace("from collections import Counter", "Counter = collections.Counter")},
        {"1.15": 3},
        _import_in_a_cell_of_its_own,
    ),
    Submission(
        "an import added to a given cell",
        {"1.15": WEIGHTED_BY_COUNTERS.replace("from collections import Counter", "Counter = collections.Counter")},
        {"1.15": 3},
        _import_added_to_a_given_cell,
    ),
    Submission(
        "a magic above the answer",
        {"1.15": WEIGHTED},
        {"1.14": 2, "1.15": 3},
        lambda notebook: cell_of(notebook, "1.14").update(source=f"%%time\n# Exercise 1.14\n{JACCARD}"),
    ),
    Submission(
        "an import above the line",
        {"1.15": WEIGHTED},
        {"1.14": 2, "1.15": 3},
        lambda notebook: cell_of(notebook, "1.14").update(
            source=f"import numpy as np\n# Exercise 1.14\n{JACCARD_IN_NUMPY.replace('import numpy as np', '')}"
        ),
    ),
)


# What became of the cells.


def _answers_in_other_order(notebook):
    first, last = cell_of(notebook, "1.1"), cell_of(notebook, "1.15")
    first["source"], last["source"] = last["source"], first["source"]


def _all_cells_shuffled(notebook):
    random.Random(0).shuffle(notebook["cells"])


def _answer_moved_to_the_end(notebook):
    cell = cell_of(notebook, "1.14")
    remove(notebook, cell)
    notebook["cells"].append(cell)


def _in_a_new_cell(notebook):
    insert(notebook, JACCARD, check_of(notebook, "1.14"))


def _line_deleted(notebook):
    cell_of(notebook, "1.14")["source"] = JACCARD


def _line_retyped(notebook):
    cell_of(notebook, "1.14")["source"] = f"##exercise 1,14  (mine)\n{JACCARD}"


def _twice(first, second):
    def change(notebook):
        cell = cell_of(notebook, "1.14")
        cell["source"] = f"# Exercise 1.14\n{first}"
        doubled(notebook, cell)["source"] = f"# Exercise 1.14\n{second}"

    return change


def _checks_doubled(notebook):
    for exercise in ("1.1", "1.14", "1.15"):
        doubled(notebook, check_of(notebook, exercise))
        doubled(notebook, check_of(notebook, exercise))


def _checks_deleted(notebook):
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["source"].startswith("check(")]


def _turned(kind):
    def change(notebook):
        cell = cell_of(notebook, "1.14")
        del cell["outputs"], cell["execution_count"]
        cell["cell_type"] = kind

    return change


def _given_cells_deleted(notebook):
    for words in ("from labkit import", "def nothing", "first = "):
        remove(notebook, cell_with(notebook, words))


def _given_cell_changed(notebook):
    cell = cell_with(notebook, "def nothing")
    cell["source"] = cell["source"].replace("return 0.0", "return 1.0")


def _all_in_one_cell(notebook):
    cells = [cell_of(notebook, exercise) for exercise in ("1.1", "1.14", "1.15")]
    cells[0]["source"] = "\n\n\n".join(cell["source"] for cell in cells)
    for cell in cells[1:]:
        remove(notebook, cell)


def _answers_alone(notebook):
    notebook["cells"] = [cell_of(notebook, exercise) for exercise in ("1.1", "1.6", "1.14", "1.15")]


def _cells_missing(notebook):
    for exercise in ("1.1", "1.4", "1.9"):
        remove(notebook, cell_of(notebook, exercise))
    for exercise in ("1.4", "1.15"):
        remove(notebook, check_of(notebook, exercise))


CELLS = (
    Submission("answers in each other's cells", LIGHT, LIGHT_TRUTH, _answers_in_other_order),
    Submission("all cells shuffled", LIGHT, LIGHT_TRUTH, _all_cells_shuffled),
    Submission("an answer moved to the end", PAIR, PAIR_TRUTH, _answer_moved_to_the_end),
    Submission("the answer in a new cell", {"1.15": WEIGHTED}, PAIR_TRUTH, _in_a_new_cell, said=["by the name"]),
    Submission("the line of the exercise deleted", PAIR, PAIR_TRUTH, _line_deleted, said=["by the name"]),
    Submission("the line of the exercise retyped", PAIR, PAIR_TRUTH, _line_retyped),
    Submission("wrong, and then right", {}, {"1.14": 2}, _twice(DICE, JACCARD), said=["answered 2 times"]),
    Submission("right, and then wrong", {}, {"1.14": 0}, _twice(JACCARD, DICE), said=["answered 2 times"]),
    Submission("the same answer twice", {}, {"1.14": 2}, _twice(JACCARD, JACCARD)),
    Submission("checks doubled", LIGHT, LIGHT_TRUTH, _checks_doubled),
    Submission("checks deleted", LIGHT, LIGHT_TRUTH, _checks_deleted, said=["missing or changed"]),
    Submission("an answer in a cell of text", PAIR, PAIR_TRUTH, _turned("markdown"), said=["no code cell"]),
    Submission("an answer in a raw cell", PAIR, PAIR_TRUTH, _turned("raw"), said=["no code cell"]),
    Submission(
        "given cells deleted",
        WITH_NOTHING,
        {"1.14": 2},
        _given_cells_deleted,
        said=["missing or changed"],
    ),
    Submission(
        "a given cell changed",
        WITH_NOTHING,
        {"1.14": 2},
        _given_cell_changed,
        said=["was changed"],
    ),
    Submission("all answers in one cell", {"1.1": DECODE, **PAIR}, {"1.1": 2, **PAIR_TRUTH}, _all_in_one_cell),
    Submission("the answers alone", LIGHT, LIGHT_TRUTH, _answers_alone, said=["missing or changed"]),
    Submission("cells missing", PAIR, PAIR_TRUTH, _cells_missing, said=["1.1 is missing"]),
)


# What became of the file.


def _stripped(notebook):
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]


def _ids_equal(notebook):
    for cell in notebook["cells"]:
        cell["id"] = "cell"


def _colab(notebook):
    notebook["nbformat_minor"] = 0
    widgets = {"application/vnd.jupyter.widget-state+json": {"0a": {"model_name": "FloatProgressModel", "state": {}}}}
    notebook["metadata"] |= {"colab": {"provenance": [], "toc_visible": True}, "accelerator": "GPU", "widgets": widgets}
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {"id": f"x{number}", "outputId": "b1", "colab": {"base_uri": "https://localhost:8080/"}}
        del cell["id"]


def _large_output(notebook):
    picture = base64.b64encode(random.Random(0).randbytes(30_000_000)).decode()
    cell_of(notebook, "1.1")["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}
    ]


def _version_3(notebook):
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cells.append(
                {
                    "cell_type": "code",
                    "language": "python",
                    "input": cell["source"].splitlines(keepends=True),
                    "collapsed": False,
                    "metadata": {},
                    "outputs": [],
                    "prompt_number": 7,
                }
            )
        elif cell["source"].startswith("# "):
            cells.append({"cell_type": "heading", "level": 1, "metadata": {}, "source": cell["source"][2:]})
        else:
            cells.append({"cell_type": "markdown", "metadata": {}, "source": cell["source"]})
    notebook.clear()
    notebook.update(nbformat=3, nbformat_minor=0, metadata={"name": ""}, worksheets=[{"cells": cells, "metadata": {}}])


def _encoded(encoding, begin=b""):
    return lambda notebook: begin + json.dumps(notebook, ensure_ascii=False, indent=1).encode(encoding)


def _line_ends(end):
    def write(notebook):
        for cell in notebook["cells"]:
            cell["source"] = cell["source"].replace("\n", end)
        return json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()

    return write


def _lines_without_ends(notebook):
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines()


def _unknown_version(notebook):
    notebook["nbformat"] = 9
    notebook["cells"][2]["cell_type"] = "sql"
    notebook["cells"] += [None, 7, {"cell_type": "code"}]


FILES = (
    Submission("metadata and ids stripped", PAIR, PAIR_TRUTH, _stripped),
    Submission("one id for all cells", PAIR, PAIR_TRUTH, _ids_equal),
    Submission("saved by Colab", PAIR, PAIR_TRUTH, _colab),
    Submission("forty megabytes of output", PAIR, PAIR_TRUTH, _large_output),
    Submission("version 3 of the format", PAIR, PAIR_TRUTH, _version_3),
    Submission("a version that there is not", PAIR, PAIR_TRUTH, _unknown_version),
    Submission("UTF-16", LIGHT, LIGHT_TRUTH, write=_encoded("utf-16"), said=["UTF-16"]),
    Submission("a byte order mark", PAIR, PAIR_TRUTH, write=_encoded("utf-8", b"\xef\xbb\xbf")),
    Submission(
        "the code page of Windows",
        {"1.14": f"# größer\n{JACCARD}"},
        {"1.14": 2},
        write=_encoded("cp1252", b""),
        said=["Windows-1252"],
        change=lambda notebook: cell_with(notebook, "Six questions").update(source="Sechs Fragen, größer"),
    ),
    Submission("line ends of Windows", LIGHT, LIGHT_TRUTH, write=_line_ends("\r\n")),
    Submission("line ends of old", LIGHT, LIGHT_TRUTH, write=_line_ends("\r")),
    Submission("lines without ends", LIGHT, LIGHT_TRUTH, _lines_without_ends, said=["line by line"]),
    Submission("renamed", PAIR, PAIR_TRUTH, path="Copy of {} - Lab 1 final FINAL v2 (3).ipynb"),
    Submission("named like a text", PAIR, PAIR_TRUTH, path="{} lab1.ipynb.txt"),
    Submission("in a folder of the student's", PAIR, PAIR_TRUTH, path="{}/Untitled12.ipynb"),
    Submission("zipped", PAIR, PAIR_TRUTH, path="{}.zip/lab1_txray_text_cnn.ipynb"),
    Submission("a zip file in a zip file", PAIR, PAIR_TRUTH, path="{}.zip/returned.zip/lab 1/lab1.ipynb"),
    Submission("as Canvas names it", PAIR, PAIR_TRUTH, path="canvas/{}_LATE_12345_678901_lab1_txray_text_cnn-2.ipynb"),
)


# Several notebooks of one student, and one notebook of several.

SEVERAL = (
    Submission(
        "the first attempt",
        {"1.14": DICE},
        {"1.14": 0},
        student="the last attempt",
        path="{} lab1 v1.ipynb",
        hours=-2,
        counts=False,
    ),
    Submission(
        "a better attempt",
        PAIR,
        PAIR_TRUTH,
        student="the last attempt",
        path="{} lab1 v2.ipynb",
        hours=-1,
        counts=False,
    ),
    Submission(
        "the last attempt", {"1.14": JACCARD, "1.15": UNWEIGHTED}, {"1.14": 2, "1.15": 0}, path="{} lab1 v3.ipynb"
    ),
    Submission("a file that two students returned", {"1.1": DECODE, "1.14": DICE}, {"1.1": 2, "1.14": 0}),
    Submission("the same file of the other student", {"1.1": DECODE, "1.14": DICE}, {"1.1": 2, "1.14": 0}),
)

HONEST = (*ANSWERED, *BESIDE, *CELLS, *FILES, *SEVERAL)
