"""A messy folder as an instructor has it: every way of naming at once, and the table that comes out."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from labkit.course import CourseError
from labkit.course.grading.intake import left_aside, students, submissions

NOTEBOOKS = Path(__file__).parents[4] / "notebooks"
LAB1 = (NOTEBOOKS / "lab1_txray_text_cnn.ipynb").read_bytes()
LAB5 = (NOTEBOOKS / "lab5_receptive_field_patches.ipynb").read_bytes()

ROSTER = """\
Student,ID,SIS User ID,SIS Login ID,Section
    Points Possible,,,,
"Müller, Anna",12345,s001,amueller,A
"Roth, Ben",12346,s002,broth,A
"Østergård, Clara",12347,s003,costerg,B
"Weiß, Eva",12348,s004,eweiss,B
"Kurz, Fay",12349,s005,fkurz,B
"Moe, Max",12350,s006,mmoe,B
"Ng, Liv",12351,s007,lng,B
"Absent, Zoe",12352,s008,zabs,B
"""


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


# What is put there -> for each notebook in it: the student without a roster, and the key with one, if it finds one.
FILES = {
    "Anna Müller/week 3/lab1.ipynb": (LAB1, "Anna Müller", "anna-mueller_12345"),
    "Anna Müller_123456_assignsubmission_file_lab1.ipynb": (LAB1, "Anna Müller", "anna-mueller_12345"),
    "Clara Østergård_123457_assignsubmission_file_/lab1 v2.ipynb": (LAB1, "Clara Østergård", "clara-oestergaard_12347"),
    "Copy of lab1_txray_text_cnn.ipynb": (LAB1, "Copy of lab1_txray_text_cnn.ipynb", ""),
    "Fay Kurz - lab_1_solution.IPYNB": (LAB1, "Fay Kurz", "fay-kurz_12349"),
    "LAB 1 MNIST - Liv Ng.ipynb": (LAB1, "Liv Ng", "liv-ng_12351"),
    "Lab 1_mmoe_attempt_2026-11-20-14-30-22_lab1.ipynb": (LAB1, "mmoe", "max-moe_12350"),
    "Müller, Anna - Lab 1 final FINAL v2.ipynb": (LAB1, "Anna Müller", "anna-mueller_12345"),
    "Ng Liv - lab 5.ipynb": (LAB5, "Liv Ng", "liv-ng_12351"),
    "Section A/lab1.ipynb": (LAB1, "lab1.ipynb", ""),
    "Section A/lab1_otto.ipynb": (LAB1, "otto", ""),
    "Untitled7.ipynb": (LAB1, "Untitled7.ipynb", ""),
    "anna.mueller@uni.example_lab1.ipynb": (LAB1, "Anna Mueller", "anna-mueller_12345"),
    "anna/lab1.ipynb": (LAB1, "anna", ""),
    "anna_mueller.zip/lab1.ipynb": (LAB1, "Anna Mueller", "anna-mueller_12345"),
    "ben/lab1_test.ipynb": (LAB1, "ben", ""),
    "dora/lab1_test.ipynb": (LAB1, "dora", ""),
    "kai.zip": (b"PK\x03\x04 broken", "kai", ""),
    "kim lab1.json": (LAB1, "kim", ""),
    "lab1 (1) - rosa.ipynb": (LAB1, "rosa", ""),
    "lab1_Eva Weiß.ipynb.txt": (LAB1, "Eva Weiß", "eva-weiss_12348"),
    "lab1_gus.ipynb": (b"<!DOCTYPE html><html>", "gus", ""),
    "lab1_hal.ipynb": (b"", "hal", ""),
    "lab1_ida.ipynb": (LAB1[: len(LAB1) * 2 // 3], "ida", ""),
    "lab1_jan.ipynb": (LAB1.decode().encode("utf-16"), "jan", ""),
    "lab1_mueller_anna.ipynb": (LAB1, "Anna Mueller", "anna-mueller_12345"),
    "lab1_txray_text_cnn (2).ipynb": (LAB1, "lab1_txray_text_cnn (2).ipynb", ""),
    "lab1_txray_text_cnn_quirin.ipynb": (LAB1, "quirin", ""),
    "lab1_李雷.ipynb": (LAB1, "李雷", ""),
    "muelleranna_LATE_12345_678901_lab1_txray_text_cnn-2.ipynb": (LAB1, "muelleranna", "anna-mueller_12345"),
    "rothben_12346_678902_Copy of lab1_txray_text_cnn.ipynb": (LAB1, "rothben", "ben-roth_12346"),
    "rothben_12346_678999_lab5_receptive_field_patches.ipynb": (LAB5, "rothben", "ben-roth_12346"),
    "submissions.zip/kurzfay_3_2346_LAB1.zip/lab1.ipynb": (LAB1, "kurzfay", "fay-kurz_12349"),
    "submissions.zip/weisseva_1_2345_lab1.ipynb": (LAB1, "weisseva", "eva-weiss_12348"),
}  # fmt: skip
ASIDE = {"ana.pdf": b"%PDF-1.4", "ben.py": b"print()", "notes.docx": b"PK\x03\x04zz", "roster.json": b'{"a": 1}'}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("course") / "returned"
    archives = {
        "anna_mueller.zip": {"lab1.ipynb": LAB1, "__MACOSX/._lab1.ipynb": b"x", ".ipynb_checkpoints/lab1.ipynb": LAB1},
        "submissions.zip": {
            "weisseva_1_2345_lab1.ipynb": LAB1,
            "kurzfay_3_2346_LAB1.zip": zipped({"lab1.ipynb": LAB1}),
        },
    }
    files = {name: row[0] for name, row in FILES.items() if ".zip/" not in name}
    packed = {name: zipped(members) for name, members in archives.items()}
    for name, data in {**files, **ASIDE, **packed}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


@pytest.fixture(scope="module")
def roster(folder):
    path = folder.parent / "roster.csv"
    path.write_text(ROSTER, encoding="utf-8-sig")
    return path


def test_every_notebook_is_there_once_with_its_student(folder):
    assert [(found.path, found.student.name) for found in submissions(folder)] == sorted(
        (path, name) for path, (_, name, _) in FILES.items()
    )


def test_the_roster_finds_who_is_in_it(folder, roster):
    found = {submission.path: submission.student for submission in submissions(folder, roster)}
    assert {path: student.key if student.row else "" for path, student in found.items()} == {
        path: key for path, (_, _, key) in FILES.items()
    }
    assert [path for path, student in found.items() if bool(student.row) == bool(student.doubt)] == []
    assert found["anna/lab1.ipynb"].doubt == "'anna' fits no line of the roster; it might be Anna Müller."


def test_who_returned_nothing_can_be_told(folder, roster):
    returned = {submission.student.key for submission in submissions(folder, roster)}
    assert [student.name for student in students(roster) if student.key not in returned] == ["Zoe Absent"]


def test_all_that_can_be_read_is_read(folder):
    cells = {found.path: len(found.cells) for found in submissions(folder)}
    whole = cells["lab1_mueller_anna.ipynb"]
    assert {path for path, number in cells.items() if number == 0} == {"kai.zip", "lab1_gus.ipynb", "lab1_hal.ipynb"}
    assert 0 < cells["lab1_ida.ipynb"] < whole
    assert cells["lab1_jan.ipynb"] == cells["submissions.zip/kurzfay_3_2346_LAB1.zip/lab1.ipynb"] == whole
    mended = {found.path: found.repairs for found in submissions(folder) if found.repairs}
    assert set(mended) == {"lab1_ida.ipynb", "lab1_jan.ipynb"}


def test_what_is_left_aside_is_listed(folder):
    assert [left.path for left in left_aside(folder)] == sorted(ASIDE)


def test_who_is_who_stays_when_others_come(folder, tmp_path):
    (tmp_path / "lab1_otto.ipynb").write_bytes(LAB1)
    (alone,) = submissions(tmp_path)
    (among,) = (found for found in submissions(folder) if found.student.name == "otto")
    assert alone.student.key == among.student.key == "otto"


def test_the_table_is_the_same_in_every_process(folder, roster):
    code = f"""
from pathlib import Path
from labkit.course.grading.intake import submissions
for where in (None, Path({str(roster)!r})):
    print(*((found.path, found.student) for found in submissions(Path({str(folder)!r}), where)), sep="\\n")
"""
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "12"
    ]
    assert runs[0].count(b"\n") == 2 * len(FILES)
    assert runs[0] == runs[1]


def test_a_malformed_roster_stops_before_anything_is_read(folder, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    with pytest.raises(CourseError, match=r"bad\.csv:1: got the columns 'a', 'b'; wanted"):
        next(submissions(folder, bad))
