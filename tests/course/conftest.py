"""A small lab of its own for the tests: no framework, no data, two exercises."""

import shutil
from pathlib import Path

import pytest

from labkit.course.build import build

TOY = """\
# %% [markdown]
# # A toy lab
#
# Text for everybody.

# %% [markdown]
# <!-- EXERCISE ONLY -->
# Fill the gaps.

# %%
from IPython.display import display


def check(name, answer):
    state = "unanswered" if answer is ... else "right" if answer else "wrong"
    record = {"id": name, "state": state}
    display({"text/plain": f"{name} {state}", "application/vnd.labkit.verdict+json": record}, raw=True)


# %% [markdown]
# ## Doubling

# %%
# Exercise 9.1
def double(number):
    # BEGIN SOLUTION
    return 2 * number
    # END SOLUTION


# %%
check("9.1", double(2) == 4 or double(2) or ...)

# %%
# Exercise 9.2
# BEGIN SOLUTION
answer = 42
# END SOLUTION
# STUB: answer = ...

# %%
check("9.2", answer)

# %%
# SOLUTION ONLY
# NBVAL_CHECK_OUTPUT
print("a worked aside")

# %% [markdown]
# ## The end
#
# Good-bye.
"""

EXERCISES = ("9.1", "9.2")


class Course:
    """A course folder with the toy lab in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.source = root / "solutions" / "lab9_toy.py"
        self.exercise = root / "notebooks" / "lab9_toy.ipynb"
        self.solution = root / "solutions" / "lab9_toy.ipynb"
        if not self.source.exists():
            self.source.parent.mkdir()
            self.write(TOY)

    def write(self, text: str) -> None:
        self.source.write_text(text, encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        text = self.source.read_text(encoding="utf-8")
        assert old in text
        self.write(text.replace(old, new))

    def known(self, stem: str) -> tuple[str, ...]:
        return EXERCISES


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = Course(tmp_path_factory.mktemp("built"))
    build(course.root, known=course.known)
    return course


@pytest.fixture
def built(_built: Course, tmp_path: Path) -> Course:
    """A copy of the course with its notebooks built."""
    return Course(Path(shutil.copytree(_built.root, tmp_path / "course")))
