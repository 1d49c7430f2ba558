"""INSTRUCTORS.md is true where a test can tell: its options, files, states and pictures are those that there are."""

import re
from pathlib import Path
from typing import get_args

import pytest
from course.grading.outputs.made_up import BROKEN, OPEN, RIGHT, graded, student
from PIL import Image

from labkit.cli import main
from labkit.course.grading import outputs
from labkit.course.grading.records import MarkState, State

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8")
PICTURES = "docs/instructors"
_SMALL = 120_000  # bytes


def section(title):
    """The text below a heading, up to the next one of its kind."""
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)[1]


def table(text, head):
    """The first cells of the table whose first line holds a text."""
    lines = text[text.index(head) :].splitlines()[2:]
    return [line.split("|")[1] for line in lines[: lines.index("")]]


def options(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def test_the_options_of_grading_are_those_of_the_command(capsys):
    with pytest.raises(SystemExit):
        main(["grade", "--help"])
    there = options(capsys.readouterr().out) - {"--help"}
    assert options("\n".join(table(section("Grade"), "| option |"))) == there
    commands = re.findall(r"labkit grade .*", GUIDE)
    assert len(commands) >= 4
    assert all(options(command) <= there for command in commands)


def test_the_limits_are_told_with_the_numbers_that_hold(capsys):
    with pytest.raises(SystemExit):
        main(["grade", "--help"])
    helped = re.findall(r"(--[a-z-]+) N [^:]+; default: (\d+)", " ".join(capsys.readouterr().out.split()))
    told = re.findall(r"`(--[a-z-]+) (\d+)`", "".join(table(section("Grade"), "| option |")))
    assert sorted(told) == sorted(helped)


def test_what_is_said_to_lie_in_the_folder_is_written_and_nothing_else(tmp_path):
    for form in ("canvas", "moodle"):
        came = "Student 01_7_assignsubmission_file/lab1.ipynb"
        one = graded(student("STUDENT", "Student 01", ID="7"), [RIGHT, OPEN, BROKEN], path=came)
        outputs.write(tmp_path, [one], form=form)
    sheet = tmp_path / "marking.csv"
    sheet.write_text(sheet.read_text(encoding="utf-8-sig").replace("answer-", "2,good,answer-"), encoding="utf-8")
    outputs.write(tmp_path, [graded(student("STUDENT", "Student 02"), [RIGHT, OPEN])])
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    told = set(re.findall(r"`([^`]+)`", "".join(table(section("Grade"), "| in DIR |"))))
    folders = {name for name in told if name.endswith("/")}
    assert folders == {"records/", "kept/"}
    assert {name for name in written if not name.startswith(tuple(folders))} == told - folders
    assert any(name.startswith("kept/") for name in written)


def test_the_states_are_those_that_there_are():
    told = re.findall(r"`([^`]+)`", "".join(table(section("Grade"), "| state |")))
    assert sorted(told) == sorted({*get_args(State), *get_args(MarkState)})


def test_every_picture_is_there_small_and_shown_with_words():
    shown = re.findall(rf"!\[([^\]]+)\]\(({PICTURES}/[^)]+)\)", GUIDE)
    assert sorted(path for _, path in shown) == sorted(
        path.relative_to(ROOT).as_posix() for path in (ROOT / PICTURES).iterdir()
    )
    for words, path in shown:
        assert len(words.split()) >= 8, words  # what is to be seen, for who does not see it
        assert (ROOT / path).stat().st_size <= _SMALL
        with Image.open(ROOT / path) as picture:
            assert 1000 <= picture.width <= 1300


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "INSTRUCTORS.md"])
def test_links_within_the_project_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        to = ROOT / (path or page)
        assert to.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", to.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}, target
