"""A small course for the tests of grading: a cut-down lab 1 whose exercises need no framework, and notebooks of it."""

import json
from pathlib import Path

import pytest

from labkit.course.grading.given import given
from labkit.course.grading.records import ReturnedCell, Student, Submission

STEM = "lab1_txray_text_cnn"

SOURCE = '''\
# %% [markdown]
# # Lab 1 · A small part of it

# %%
# SET-UP
from labkit import setup

setup("lab1_txray_text_cnn")

# %%
from labkit import check, done, hint, progress

WORDS = {"the": 1, "movie": 2}

# %% [markdown]
# **Exercise 1.1 (2 points).** Write `decode`.


# %%
# Exercise 1.1
def decode(ids: list[int], word_index: dict[str, int]) -> list[str]:
    # BEGIN SOLUTION
    words = {rank + 3: word for word, rank in word_index.items()}
    words |= {0: "<pad>", 1: "<start>", 2: "<unk>", 3: "<unused>"}
    return [words.get(i, "<unk>") for i in ids]
    # END SOLUTION
    # STUB: return ...


# %%
check("1.1", decode)

# %%
print("the last of the first section", sorted(WORDS))

# %% [markdown]
# **Exercise 1.6 (2 points, in words).** What did you see?

# %%
# Exercise 1.6
# BEGIN SOLUTION
answer_1_6 = f"""
Of {len(WORDS)} words one is rare and the other is frequent, so that the frequent one is credited more often than the
rare one, whatever the filter has learned to look for.
"""
# END SOLUTION
# STUB: answer_1_6 = "YOUR ANSWER HERE"

# %%
check("1.6", answer_1_6)

# %% [markdown]
# **Exercise 1.14 (2 points).** Write `jaccard`.


# %%
# Exercise 1.14
def jaccard(a: set, b: set) -> float:
    # BEGIN SOLUTION
    return len(a & b) / len(a | b) if a | b else 0.0
    # END SOLUTION
    # STUB: return ...


# %%
check("1.14", jaccard)

# %%
if done("1.14"):
    shared = jaccard({1, 2}, {2, 3})
    print(f"a third is shared: {shared:.3f}")

# %% [markdown]
# **Exercise 1.15 (3 points).** Write `weighted_jaccard`.


# %%
# Exercise 1.15
def weighted_jaccard(a: dict, b: dict) -> float:
    # BEGIN SOLUTION
    features_of_both = a.keys() | b.keys()
    smaller = sum(min(a.get(u, 0.0), b.get(u, 0.0)) for u in features_of_both)
    larger = sum(max(a.get(u, 0.0), b.get(u, 0.0)) for u in features_of_both)
    return smaller / larger if larger else 0.0
    # END SOLUTION
    # STUB: return ...


# %%
check("1.15", weighted_jaccard)

# %%
progress("lab1_txray_text_cnn")
'''

#: Exercise -> a right answer, as the solution has it.
RIGHT = {
    "1.1": """\
# Exercise 1.1
def decode(ids, word_index):
    words = {rank + 3: word for word, rank in word_index.items()}
    words |= {0: "<pad>", 1: "<start>", 2: "<unk>", 3: "<unused>"}
    return [words.get(i, "<unk>") for i in ids]""",
    "1.6": """\
# Exercise 1.6
answer_1_6 = "The frequent one of both is credited more often than the rare one, whatever the filter looks for, " \\
    "and with every review there are more of them." """.rstrip(),
    "1.14": """\
# Exercise 1.14
def jaccard(a, b):
    return len(a & b) / len(a | b) if a | b else 0.0""",
    "1.15": """\
# Exercise 1.15
def weighted_jaccard(a, b):
    both = a.keys() | b.keys()
    larger = sum(max(a.get(u, 0), b.get(u, 0)) for u in both)
    return sum(min(a.get(u, 0), b.get(u, 0)) for u in both) / larger if larger else 0.0""",
}

POINTS = {"1.1": 2, "1.6": 2, "1.14": 2, "1.15": 3}


def course_root(folder: Path) -> Path:
    """A course's folder with the small lab in it."""
    source = folder / "solutions" / f"{STEM}.py"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE, encoding="utf-8")
    return folder


def cells_with(lab, answers):
    """The cells of the given notebook's code, with answers in the place of stubs."""
    return [ReturnedCell("code", answers.get(cell.exercise, cell.text)) for cell in lab.cells]


def submission(cells, path="ada.ipynb", digest="0" * 64):
    """What was returned, as intake hands it on; cells may be texts."""
    cells = tuple(cell if isinstance(cell, ReturnedCell) else ReturnedCell("code", cell) for cell in cells)
    return Submission(Student("ada", "Ada"), path, 1.0, digest, cells)


def write_notebook(path: Path, cells) -> Path:
    """A notebook file of these cells."""
    nodes = [
        {"cell_type": cell.kind, "metadata": {}, "source": cell.text}
        | ({"outputs": [], "execution_count": None} if cell.kind == "code" else {})
        for cell in cells
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {"cells": nodes, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """The small course's folder."""
    return course_root(tmp_path_factory.mktemp("small_course"))


@pytest.fixture(scope="session")
def lab(root):
    """What its students were given."""
    return given(root)[STEM]
