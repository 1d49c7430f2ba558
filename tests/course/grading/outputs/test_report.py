"""The instructor's report and the pages to mark from."""

from dataclasses import replace

import pytest
from course.grading.outputs.html_checks import checked
from course.grading.outputs.made_up import BROKEN, HOSTILE, OPEN, RIGHT, UNANSWERED, WRONG, enter, graded, student

from labkit.course.grading.outputs import write
from labkit.course.grading.outputs.attempts import by_student_and_lab
from labkit.course.grading.outputs.marking_sheet import merge
from labkit.course.grading.outputs.report import needing_an_eye, page
from labkit.course.grading.outputs.sheet_reading import Sheet
from labkit.exercises.registry import find

BOB = student("bob", "Bob")


def merged(*records):
    return merge(by_student_and_lab(records), Sheet({}))


def read(*records, missing=(), left_aside=(), stale=()):
    return checked(page(merged(*records), missing, left_aside, stale)).words()


def test_head_numbers():
    words = read(graded(), graded(BOB, [RIGHT]), graded(student("c", "C"), [BROKEN]), missing=[student("d", "Dora")])
    for part in (
        "3 students, 3 notebooks", "1 wholly graded, of 3 that count", "3 answers wait for a person",
        "1 could not be graded", "1 student returned nothing", "Dora",
    ):  # fmt: skip
        assert part in words


@pytest.mark.parametrize(
    ("changes", "kind", "words", "urgent"),
    [
        ({"look": ("it wrote into labkit.",)}, "look", "it wrote into labkit.", True),
        ({"problem": "Not a notebook."}, "not graded", "Not a notebook.", True),
        ({"student": replace(BOB, doubt="Bob or Bo?")}, "student", "Bob or Bo?", True),
        ({"repairs": ("A cell was doubled.",)}, "mended", "A cell was doubled.", False),
        ({"sealed": False}, "not sealed", "it ran without a sandbox.", False),
        ({"seconds": 200.0}, "slow", "it ran 200 s; half of this lab's notebooks need 30 s.", False),
    ],
)
def test_what_needs_an_eye(changes, kind, words, urgent):
    others = [graded(student(f"s{n}", f"S{n}")) for n in range(3)]
    (eye,) = needing_an_eye(merged(*others, graded(BOB, **changes)))
    assert eye.returned.student.key == "bob"
    assert eye.reasons == ((kind, words),)
    assert eye.urgent == urgent
    assert words in read(*others, graded(BOB, **changes))


def test_nothing_needs_an_eye():
    assert needing_an_eye(merged(graded(seconds=59.0), graded(BOB, seconds=31.0))) == []
    assert "To look at" not in read(graded())


def test_two_students_with_one_file_are_told_of_each_other():
    one, other = graded(digest="1" * 64), graded(BOB, digest="1" * 64)
    eyes = needing_an_eye(merged(one, other, graded(student("c", "C"))))
    assert [(eye.returned.student.name, eye.reasons) for eye in eyes] == [
        ("Ada", (("same file", "byte for byte the notebook of Bob."),)),
        ("Bob", (("same file", "byte for byte the notebook of Ada."),)),
    ]
    assert all(eye.urgent for eye in eyes)
    untouched = [replace(record, marks=(UNANSWERED,)) for record in (one, other)]
    assert needing_an_eye(merged(*untouched)) == []
    assert needing_an_eye(merged(one, replace(one, path="again.ipynb", modified=1.8e9))) == []


def test_attempts_files_and_stale_pages_are_listed():
    words = read(
        graded(path="new.ipynb", modified=1.8e9),
        graded(path="old.ipynb", marks=[BROKEN]),
        graded(BOB, (), path="odd.ipynb", lab="", problem="Its cells are those of no lab."),
        left_aside=["photo10.png", "photo2.png"],
        stale=["feedback/gone/lab1.html"],
    )
    for part in (
        "new.ipynb counts", "old.ipynb 2026-09-21 14:13 UTC could not be graded unknown", "2 attempts",
        "odd.ipynb (Bob): Its cells are those of no lab.", "photo2.png photo10.png", "feedback/gone/lab1.html",
    ):  # fmt: skip
        assert part in words


def test_mistakes_and_exercises():
    words = read(graded(), graded(BOB, [WRONG]))
    assert "1.3 top-k by index 2 the order is lost." in words
    assert "How many notebooks have how many points." in words


def test_every_student_has_a_link_to_the_page(tmp_path):
    write(tmp_path, [graded(), graded(BOB), graded(BOB, lab="lab2_cifar_filters_and_occlusion", marks=[RIGHT])])
    found = checked((tmp_path / "report.html").read_text())
    for link in found.links:
        assert link[0] == "#" or (tmp_path / link).is_file(), link
    assert {link for link in found.links if link.startswith("feedback/")} == {
        "feedback/ada/lab1.html", "feedback/bob/lab1.html", "feedback/bob/lab2.html",
    }  # fmt: skip


def test_answers_side_by_side(tmp_path):
    records = [graded(), graded(BOB, [replace(OPEN, answer="Bob's words.")])]
    write(tmp_path, records)
    enter(tmp_path, {("bob", "1.10"): {"points": "1,5", "comment": "And the bias?"}}, delimiter=";")
    write(tmp_path, records)
    found = checked((tmp_path / "marking" / "lab1.html").read_text())
    words = found.words()
    assert "2 of 3 answers still to mark." in words
    assert " ".join(find("1.10").hints[-1].split()) in words
    assert words.index(OPEN.answer) < words.index("Bob's words.") < words.rindex("1.12 a criterion")
    assert "1.5 of 3, marked" in words
    assert "And the bias?" in words
    for link in found.links:
        assert link[0] == "#" or (tmp_path / "marking" / link).resolve().is_file(), link


@pytest.mark.parametrize("sealed", [True, False])
def test_a_run_without_sandbox_is_said_on_every_page(tmp_path, sealed):
    summary = write(tmp_path, [graded(), graded(BOB, path="old.ipynb", modified=1.0, sealed=sealed), graded(BOB)])
    assert summary.unsealed == (not sealed)
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) == 4
    for path in pages:
        assert ("Graded without a sandbox." in checked(path.read_text()).words()) == (not sealed)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text(tmp_path, text):
    who = student("ada", text)
    record = graded(
        replace(who, doubt=text),
        [replace(WRONG, message=text, title=text), replace(OPEN, answer=text), replace(BROKEN, why=text, answer=text)],
        path=text, repairs=(text,), look=(text,), problem=text, lab_title=text,
    )  # fmt: skip
    stray = graded(who, (), lab="", path=text, problem=text)
    records = [record, replace(record, path="b", modified=1), stray]
    summary = write(tmp_path, records, form="moodle", missing=[student("b", text)], left_aside=[text])
    assert len(summary.left_out) == 1
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) == 3
    for path in pages:
        checked(path.read_text(encoding="utf-8"))
    assert not [line for line in summary.lines() if "\x1b" in line or "\u202e" in line]
