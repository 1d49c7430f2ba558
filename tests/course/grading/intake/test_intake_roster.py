"""The list of students: read as it was exported, and each notebook put to one line of it or to none."""

import time

import pytest

from labkit.course import CourseError
from labkit.course.grading.intake import roster, students
from labkit.course.grading.intake.people import identify

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (77)
    Points Possible,,,,,40
"Müller, Anna",12345,s0001,amueller,A,
"Müller, Ben",12346,s0002,bmueller,A,
"Østergård, Clara Marie",12347,s0003,costerg,"A and B",
"Weiß, Eva",12348,s0004,eweiss@uni.example,B,
"Núñez, José",12349,s0005,jnunez,B,
"Roth, Anna",12350,s0006,aroth,B,
"O'Brien, Conor",12351,s0007,cobrien,B,
"李, 雷",12352,s0008,lilei,B,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade
Participant 501,Anna Müller,anna.mueller@uni.example,Submitted,
Participant 502,Ben Roth,ben_roth@uni.example,,
"""


@pytest.fixture
def file(tmp_path):
    """A function: text or bytes -> the path of a roster."""

    def write(content, encoding="utf-8"):
        path = tmp_path / "roster.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def known(file, text):
    return [student.name for student in students(file(text))]


# Reading


def test_a_roster_from_canvas(file):
    found = students(file(CANVAS))
    assert [student.name for student in found[:3]] == ["Anna Müller", "Ben Müller", "Clara Marie Østergård"]
    assert len(found) == 8
    assert found[0].row == {
        "Student": "Müller, Anna", "ID": "12345", "SIS User ID": "s0001", "SIS Login ID": "amueller", "Section": "A",
        "Lab 1 (77)": "",
    }  # fmt: skip
    assert [student.key for student in found[:2]] == ["anna-mueller_12345", "ben-mueller_12346"]
    assert found[7].key == "student_12352"
    assert {student.doubt for student in found} == {""}


def test_a_roster_from_moodle(file):
    found = students(file(MOODLE))
    assert [student.name for student in found] == ["Anna Müller", "Ben Roth"]
    assert found[0].row["Identifier"] == "Participant 501"


@pytest.mark.parametrize(
    "header",
    [
        "First name,Last name,ID number,Email address",
        "First name,Surname,ID number,Email address",
        "Vorname,Nachname,Matrikelnummer,E-Mail",
        "Vorname,Name,Matrikelnummer,E-Mail-Adresse",
        "first,last,id,email",
        " FIRST ,Last  Name,Id,EMAIL",
    ],
)
def test_names_in_two_columns(file, header):
    (found,) = roster.read(file(f"{header}\nAnna,Müller,00123,Anna@Uni.example\n"))
    assert found.student.name == "Anna Müller"
    assert "123" in found.numbers.values()
    assert found.emails == {"anna@uni.example"}
    assert ("anna",) in found.logins


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_encodings_and_line_ends(file, delimiter, encoding, end):
    rows = [
        ("name", "id", "email"),
        ('"Müller, Anna; jr | x"', "1", "a@b.example"),
        ("", "", ""),
        ("Ben", "2", "b@b.example"),
    ]
    text = end.join(delimiter.join(row) for row in rows) + end
    found = students(file(text, encoding))
    assert [student.row["email"] for student in found] == ["a@b.example", "b@b.example"]
    assert found[0].row["name"] == "Müller, Anna; jr | x"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name\nAnna Müller\nBen\n", ["Anna Müller", "Ben"]),
        ("name\nMüller, Anna\nRoth, Ben\n", ["Anna Müller", "Ben Roth"]),
        ("sep=;\nname;id\nAnna;1\n", ["Anna"]),
        ("\n\nname,id\n\nAnna,1\n,,\n", ["Anna"]),
        ("name,id\nAnna\n", ["Anna"]),
        ("name,id\nAnna,1,,\n", ["Anna"]),
        ("name,id\nAnna,1\nAnna,1\n", ["Anna"]),
        ("name,id\nAnna,1\nAnna,2\n", ["Anna", "Anna"]),
        ("Student,ID\n,\n   Points Possible,\nAnna,1\n", ["Anna"]),
        ("name,grade,grade\nAnna,1,2\n", ["Anna"]),
        ('name,id\n"Anna\nMüller",1\n', ["Anna Müller"]),
        ('name,id\n"Anna ""Ann"" Müller",1\n', ['Anna "Ann" Müller']),
        ("name,id\nA\0nna,1\n", ["A nna"]),
        ("Student\nMüller, Anna, jr\n", ["Müller, Anna, jr"]),
    ],
)
def test_odd_but_clear(file, text, names):
    assert known(file, text) == names


def test_keys_are_one_for_each_line(file):
    lines = "".join(f"Anna Müller,{number}\nMüller Anna,x{number}\nAnna Mueller,y-{number}\n" for number in range(50))
    keys = [student.key for student in students(file("name,id\n" + lines))]
    assert len(set(keys)) == 150
    twice = students(file("name,section\nAnna Müller,A\nAnna Müller,B\nBen,A\n"))
    assert len({student.key for student in twice}) == len(twice) == 3
    assert twice[0].key != twice[1].key


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", 1, "an empty file"),
        (b"\n\n", 1, "an empty file"),
        ("Anna,1\nBen,2\n", 1, "got the columns 'Anna', '1'"),
        ("id,email\n1,a@b.example\n", 1, "got the columns 'id', 'email'"),
        ("name,id\n", 1, "no students below the first line"),
        ("name,id\nAnna,1\nMüller, Ben,2\n", 3, "got 3 columns; wanted 2"),
        ("name,id\nAnna,1\n,2\n", 3, "a line without a name ('2')"),
        ('name,id\nAnna,1\n"Ben,2\nCara,3\n', 4, "a line that is no CSV"),
        ('name,id\n"Anna" x,1\n', 2, "a line that is no CSV"),
        (b"PK\x03\x04", 1, "an Excel workbook"),
    ],
)
def test_a_malformed_roster_is_an_error_with_its_place(file, content, line, said):
    path = file(content)
    with pytest.raises(CourseError) as error:
        students(path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert said in str(error.value)
    assert "wanted" in str(error.value)


def test_a_roster_that_is_not_there(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(CourseError, match="the roster cannot be read"):
            students(path)


# Matching


def matched(path, text):
    """(name in the roster or None, doubt) of one path."""
    rows = text
    student = identify([path], rows)[path]
    return (student.name if student.row else None), student.doubt


@pytest.mark.parametrize(
    ("path", "name"),
    [
        # numbers
        ("muellerben_12346_678901_lab1.ipynb", "Ben Müller"),
        ("lab1_12347.ipynb", "Clara Marie Østergård"),
        ("lab1_s0005.ipynb", "José Núñez"),
        ("lab1_Anna Müller_12345.ipynb", "Anna Müller"),
        # logins and addresses
        ("lab1_amueller.ipynb", "Anna Müller"),
        ("eweiss@uni.example_lab1.ipynb", "Eva Weiß"),
        ("lab1_eweiss@uni.example.ipynb", "Eva Weiß"),
        ("lab1_eweiss.ipynb", "Eva Weiß"),
        ("Lab 1_jnunez_attempt_2026-11-20-14-30-22_lab1.ipynb", "José Núñez"),
        # names
        ("lab1_anna_müller.ipynb", "Anna Müller"),
        ("lab1_mueller_anna.ipynb", "Anna Müller"),
        ("lab1_Muller Anna.ipynb", "Anna Müller"),
        ("Müller, Anna - Lab 1 final FINAL v2.ipynb", "Anna Müller"),
        ("Mueller, Anna.ipynb", "Anna Müller"),
        ("annamueller.ipynb", "Anna Müller"),
        ("muelleranna.ipynb", "Anna Müller"),
        ("mulleranna_LATE_12345_678901_lab1.ipynb", "Anna Müller"),
        ("AnnaMüller_lab1.ipynb", "Anna Müller"),
        ("ANNA MÜLLER.ipynb", "Anna Müller"),
        ("eva_weiss.ipynb", "Eva Weiß"),
        ("EVA WEISS.ipynb", "Eva Weiß"),
        ("jose nunez.ipynb", "José Núñez"),
        ("Jose\u0301 Nun\u0303ez.ipynb", "José Núñez"),
        ("clara_marie_oestergaard.ipynb", "Clara Marie Østergård"),
        ("Ostergard Clara Marie.ipynb", "Clara Marie Østergård"),
        ("clara_ostergard.ipynb", "Clara Marie Østergård"),
        ("oestergaardclaramarie_9_9999_x.ipynb", "Clara Marie Østergård"),
        ("OBrien Conor.ipynb", "Conor O'Brien"),
        ("o'brien_conor lab2.ipynb", "Conor O'Brien"),
        ("雷 李.ipynb", "雷 李"),
        ("lab1_anna_mueller_new.ipynb", "Anna Müller"),
        # folders
        ("Anna Müller/week 3/lab1.ipynb", "Anna Müller"),
        ("anna_mueller.zip/lab1_test.ipynb", "Anna Müller"),
        ("Section B/Anna Roth_77_assignsubmission_file_/lab1.ipynb", "Anna Roth"),
        ("Anna Müller/lab1_anna.ipynb", "Anna Müller"),
    ],
)
def test_a_notebook_is_put_to_its_line(file, path, name):
    assert matched(path, roster.read(file(CANVAS))) == (name, "")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Participant_502_assignsubmission_file_lab1.ipynb", "Ben Roth"),
        ("Anna Müller_501_assignsubmission_file_/lab1.ipynb", "Anna Müller"),
        ("anna.mueller@uni.example_lab1.ipynb", "Anna Müller"),
        ("lab1_ben_roth@uni.example.ipynb", "Ben Roth"),
        ("lab1_anna.mueller.ipynb", "Anna Müller"),
    ],
)
def test_a_notebook_is_put_to_its_line_of_moodle(file, path, name):
    assert matched(path, roster.read(file(MOODLE))) == (name, "")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("lab1_anna.ipynb", "'anna' fits no line of the roster; it might be Anna Müller or Anna Roth."),
        ("lab1_müller.ipynb", "it might be Anna Müller or Ben Müller."),
        ("lab1_Anne Müller.ipynb", "it might be Anna Müller or Ben Müller."),
        ("lab1_Hannah Mueller.ipynb", "it might be Anna Müller or Ben Müller."),
        ("annamuelle.ipynb", "it might be Anna Müller"),
        ("lab1_anna_mueller_ben_mueller.ipynb", "fits several lines of the roster: Anna Müller or Ben Müller."),
        ("lab1_anna_mueller_roth.ipynb", "fits several lines of the roster: Anna Müller or Anna Roth."),
        ("lab1_zoe.ipynb", "'zoe' fits no line of the roster, nor is it like one."),
        ("lab1_99999.ipynb", "'99999' fits no line of the roster, nor is it like one."),
        ("lab1_12.ipynb", "Neither the file's name nor a folder"),
        ("anna/lab1_embeddings.ipynb", "'anna' fits no line of the roster; it might be Anna Müller or Anna Roth."),
        ("zoe_99_999_lab1_anna_mueller.ipynb", "'zoe' fits no line of the roster"),
        ("zoe_99_999_lab1.zip/muelleranna_12345_678_lab1.ipynb", "'zoe' fits no line of the roster"),
        ("anna/lab1_test.ipynb", "'anna' fits no line of the roster; it might be Anna Müller or Anna Roth."),
        ("lab1.ipynb", "Neither the file's name nor a folder"),
    ],
)
def test_who_is_not_clearly_in_the_roster_is_named_by_the_file_and_doubted(file, path, said):
    name, doubt = matched(path, roster.read(file(CANVAS)))
    assert name is None
    assert said in doubt


@pytest.mark.parametrize(
    ("path", "name", "said"),
    [
        ("rothben_12345_678_lab1.ipynb", "Anna Müller", "By number or address it is Anna Müller, but the name"),
        ("xyz_12346_678901_lab1.ipynb", "Ben Müller", "By number or address it is Ben Müller, but the name"),
        ("lab1_anna_mueller_conor.ipynb", "Anna Müller", "is it Anna Müller, or Conor O'Brien?"),
        ("Ben Müller/lab1_anna_mueller.ipynb", "Anna Müller", "The path also names 'Ben Müller'"),
        (
            "lab1_clara_marie.ipynb",
            "Clara Marie Østergård",
            "The path says 'Clara Marie', the roster 'Clara Marie Øster",
        ),
    ],
)
def test_a_match_that_is_contradicted_is_doubted(file, path, name, said):
    found, doubt = matched(path, roster.read(file(CANVAS)))
    assert found == name
    assert said in doubt


def test_of_two_of_one_name_none_is_taken_unless_a_number_tells(file):
    rows = roster.read(file("name,id,email\nAnna Roth,11111,a@x.example\nAnna Roth,22222,b@x.example\n"))
    name, doubt = matched("lab1_anna_roth.ipynb", rows)
    assert name is None
    assert "fits several lines of the roster: Anna Roth or Anna Roth." in doubt
    paths = ["anna roth 22222.ipynb", "rothanna_11111_345_x.ipynb", "b@x.example_lab1.ipynb", "lab1_anna_roth.ipynb"]
    people = identify(paths, rows)
    assert [people[path].key for path in paths] == [
        "anna-roth_22222",
        "anna-roth_11111",
        "anna-roth_22222",
        "anna-roth",
    ]


def test_a_login_that_is_also_somebodys_name(file):
    rows = roster.read(file("name,login\nAnna Roth,anna\nAnna Kurz,akurz\nBen Lang,benl\n"))
    assert matched("lab1_anna.ipynb", rows)[0] is None
    assert matched("lab1_anna_kurz.ipynb", rows) == ("Anna Kurz", "")
    assert matched("lab1_anna_schmidt.ipynb", rows)[0] is None
    assert matched("lab1_benl.ipynb", rows) == ("Ben Lang", "")


def test_a_key_from_a_file_is_never_one_of_the_roster(file):
    rows = roster.read(file("name\nAnna Roth\nÁnna Roth\n"))
    student = identify(["anna_roth.ipynb"], rows)["anna_roth.ipynb"]
    assert "fits several lines" in student.doubt
    assert "anna-roth" in {row.student.key for row in rows}
    assert student.key == "anna-roth_unlisted"


def test_a_number_of_canvas_is_no_other_number(file):
    rows = roster.read(file("Student,ID,SIS User ID\nAnna Roth,11111,22222\nBen Lang,22222,33333\n"))
    assert matched("langben_22222_345678_lab1.ipynb", rows) == ("Ben Lang", "")
    assert matched("langben_33333_345678_lab1.ipynb", rows) == ("Ben Lang", "")
    assert matched("zoe_33333_345678_lab1.ipynb", rows)[0] is None
    assert matched("lab1_33333.ipynb", rows) == ("Ben Lang", "")


def test_the_same_student_has_one_key_whatever_the_file_is_called(file):
    rows = roster.read(file(CANVAS))
    paths = [
        "muelleranna_LATE_12345_678901_lab1.ipynb", "lab2_mueller_anna.ipynb", "Müller, Anna.ipynb", "amueller.ipynb",
        "Anna Müller/lab1.ipynb", "s0001 lab3.ipynb", "12345.ipynb",
    ]  # fmt: skip
    people = identify(paths, rows)
    assert {student.key for student in people.values()} == {"anna-mueller_12345"}
    assert people[paths[0]].row["SIS Login ID"] == "amueller"


def test_a_large_course_is_quick(file):
    lines = "".join(f'"Name{n}, Anna{n % 30} Maria",{10_000 + n},login{n}\n' for n in range(500))
    rows = roster.read(file("Student,ID,SIS Login ID\n" + lines))
    paths = [f"lab1_anna{n % 30}_name{n}.ipynb" for n in range(480)] + [f"lab1_nobody{n}x.ipynb" for n in range(20)]
    start = time.process_time()
    people = identify(paths, rows)
    assert time.process_time() - start < 20
    assert sum(bool(student.row) for student in people.values()) == 480
