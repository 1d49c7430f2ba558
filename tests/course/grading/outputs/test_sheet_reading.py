"""The marking sheet as spreadsheets save it, and entries that cannot be understood."""

from pathlib import Path

import pytest

from labkit.course import CourseError
from labkit.course.grading.outputs.sheet_reading import COLUMNS, read_sheet

MAXIMA = {"1.1": 2, "1.3": 2, "1.10": 3, "1.12": 4}
PATH = Path("out/marking.csv")
HEADER = "student,exercise,points,comment\n"


def read(text, encoding="utf-8"):
    return read_sheet(text.encode(encoding), PATH, MAXIMA.get)


def told(text):
    """What is said of a sheet that cannot be understood."""
    with pytest.raises(CourseError) as caught:
        read(text)
    assert str(caught.value).endswith("Nothing was written.")
    return str(caught.value)


def entry(text, encoding="utf-8"):
    (found,) = read(text, encoding).entries.values()
    return found


def test_no_sheet_yet():
    assert read_sheet(None, PATH, MAXIMA.get).entries == {}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_dialects(delimiter, encoding, ends):
    cells = [["student", "exercise", "points", "comment"], ["ada", "Exercise 1.10", "2", "schön"]]
    sheet = read(ends.join(delimiter.join(row) for row in cells) + ends, encoding)
    assert sheet.delimiter == delimiter
    assert sheet.entries["ada", "1.10"].points == 2
    assert sheet.entries["ada", "1.10"].comment == "schön"


@pytest.mark.parametrize(
    ("cell", "points"),
    [("", None), ("2", 2), ("0", 0), ("1.5", 1.5), ('"1,5"', 1.5), ("2.0", 2), (" 3 ", 3), (".5", 0.5), ("2.", 2)],
)
def test_points(cell, points):
    assert entry(HEADER + f"ada,Exercise 1.10,{cell},").points == points


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("student;exercise;points;comment\nada;Exercise 1.1;1,5;", ","),
        ("student;exercise;points;comment\nada;Exercise 1.1;1.5;", "."),
        ("student;exercise;points;comment\nada;Exercise 1.1;;", ","),
        (HEADER + "ada,Exercise 1.1,1.5,", "."),
        (HEADER + 'ada,Exercise 1.1,"1,5",', ","),
        (HEADER + "ada,Exercise 1.1,,", "."),
    ],
)
def test_the_decimal_sign_is_found(text, decimal):
    assert read(text).decimal == decimal


@pytest.mark.parametrize(
    "text",
    [
        "comment,points,exercise,student\nwell,2,Exercise 1.10,ada",
        " Student ,EXERCISE,Points,Comment\nada,exercise 1.10,2,well",
        "sep=,\nstudent,exercise,points,comment\nada,Exercise 1.10,2,well",
        HEADER + "\n,,,\n  ,,,\nada,Exercise 1.10,2,well\n,,,\n",
        HEADER + "'ada,Exercise 1.10,2,well,,,,",
        HEADER + "ada,1.10,2,well",
        '"student","exercise","points","comment"\n"ada","Exercise 1.10","2","well"\n',
        "x,student,exercise,points,comment\n,ada,Exercise 1.10,2,well",
    ],
)
def test_what_spreadsheets_and_people_do_to_a_table(text):
    found = entry(text)
    assert (found.student, found.exercise, found.points, found.comment) == ("ada", "1.10", 2, "well")


def test_line_ends_in_cells_and_the_line_of_a_row():
    found = read(HEADER + 'ada,Exercise 1.1,2,"one\ntwo; ""three"""\n\nbob,Exercise 1.1,,').entries
    assert found["ada", "1.1"].comment == 'one\ntwo; "three"'
    assert [found["ada", "1.1"].line, found["bob", "1.1"].line] == [2, 5]


def test_guards_come_off():
    found = entry(HEADER + "'007,Exercise 1.1,2,'=no; 'tis")
    assert (found.student, found.comment) == ("007", "=no; 'tis")
    assert entry(HEADER + "ada,Exercise 1.1,2,'tis").comment == "'tis"


def test_columns_that_a_person_added_are_kept():
    sheet = read("student,second reader,exercise,points,comment,\nada,Bo,Exercise 1.1,2,,unnamed")
    assert sheet.extras == ("second reader", "")
    assert sheet.entries["ada", "1.1"].extras == ("Bo", "unnamed")
    assert sheet.entries["ada", "1.1"].entered
    assert read("student,mine,exercise,points,comment\nada,,Exercise 1.1,,").extras == ("mine",)


@pytest.mark.parametrize(
    ("second", "points", "comment"),
    [("2,well", 2, "well"), (",", 2, "well"), ("2.0,", 2, "well"), (",well", 2, "well")],
)
def test_two_rows_that_agree_are_one(second, points, comment):
    for lines in (["2,well", second], [second, "2,well"]):
        found = entry(HEADER + "".join(f"ada,Exercise 1.1,{line}\n" for line in lines))
        assert (found.points, found.comment) == (points, comment)


@pytest.mark.parametrize(
    "cell", ["abc", "-1", "2.5", "1e0", "nan", "inf", "1/2", "01. Mai", "٢", "1 000", "1.5.2", "−1", "0x1"]
)
def test_malformed_points(cell):
    said = told(HEADER + "bob,Exercise 1.1,1,\n" + f"ada,Exercise 1.1,{cell},")
    assert said.startswith(f"{PATH}:3: got points {cell!r} for ada, exercise 1.1; wanted a number from 0 to 2")
    assert "Correct the cell." in said


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("ada,Exercise 9.9,1,", ":2: got exercise 'Exercise 9.9'; wanted one that there is"),
        ("ada,,1,", ":2: got exercise ''; wanted one that there is"),
        (",Exercise 1.1,1,", ":2: got no student; wanted the key"),
        ("ada,1.1,1,", ":2: got exercise 1.1, which a spreadsheet also makes of 1.10; write"),
        ("ada,Exercise 1.1,1,\nada,Exercise 1.1,2,", ":3: got 2.0 for ada, exercise 1.1, but line 2 says 1.0"),
        ("ada,Exercise 1.1,1,a\nada,Exercise 1.1,1,b", ":3: got 'b' for ada, exercise 1.1, but line 2 says 'a'"),
    ],
)
def test_malformed_rows(lines, wanted):
    assert f"{PATH}{wanted}" in told(HEADER + lines)


def test_every_problem_is_named():
    said = told(HEADER + "ada,Exercise 1.1,x,\nada,Exercise 9.9,1,\nada,Exercise 1.3,-1,").splitlines()
    assert [line.split(" ")[0] for line in said[:-1]] == [f"{PATH}:{n}:" for n in (2, 3, 4)]


@pytest.mark.parametrize("missing", ["student", "exercise", "points", "comment"])
def test_a_missing_column(missing):
    columns = [name for name in COLUMNS if name != missing]
    assert f"{PATH}:1: no column {missing}; got" in told(",".join(columns) + "\n" + "," * len(columns))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "no column student, exercise, points, comment; got an empty file"),
        ("student,points,exercise,points,comment\n", "two columns points"),
        (HEADER + 'ada,Exercise 1.1,2,"cut off', "not CSV"),
    ],
)
def test_no_table(text, wanted):
    assert wanted in told(text)


def test_an_encoding_that_is_none():
    with pytest.raises(CourseError, match="neither UTF-8 nor the code page of Windows"):
        read_sheet(HEADER.encode() + b"ada,Exercise 1.1,2,\x81\x8d\xff\n", PATH, MAXIMA.get)
