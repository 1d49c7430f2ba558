"""Whose notebook is it, going by nothing but what files and folders are called."""

import re
import time

import pytest

from labkit.course.grading.intake import words
from labkit.course.grading.intake.names import signs
from labkit.course.grading.intake.people import identify
from labkit.exercises import stems


def names(*paths):
    return [identify(paths)[path].name for path in paths]


def keys(*paths):
    return [identify(paths)[path].key for path in paths]


def doubts(*paths):
    return [identify(paths)[path].doubt for path in paths]


# One part of a path


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("lab1_mueller_anna.ipynb", "Mueller Anna"),
        ("lab1_txray_text_cnn_mueller_anna.ipynb", "Mueller Anna"),
        ("lab1-txray-text-cnn-anna.ipynb", "anna"),
        ("lab1_txray_cnn_anna.ipynb", "anna"),
        ("lab 1 TXray Text CNN - Anna Müller.ipynb", "Anna Müller"),
        ("txray_text_cnn_anna.ipynb", "anna"),
        ("Müller, Anna - Lab 1 final FINAL v2.ipynb", "Anna Müller"),
        ("Müller,Anna.ipynb", "Anna Müller"),
        ("anna.mueller@uni.example_lab1.ipynb", "Anna Mueller"),
        ("lab1_anna.mueller@uni.example.ipynb", "Anna Mueller"),
        ("lab1 (anna).ipynb", "anna"),
        ("Copy of Copy of lab1_txray_text_cnn_anna (3).ipynb", "anna"),
        ("Kopie von lab1_anna - Kopie (2).ipynb", "anna"),
        ("anna - Copy.ipynb", "anna"),
        ("anna-Copy1.ipynb", "anna"),
        ("AnnaMueller_Lab1.ipynb", "Anna Mueller"),
        ("lab1AnnaMueller.ipynb", "Anna Mueller"),
        ("McDonald.ipynb", "McDonald"),
        ("lab1_anna_2026-11-28.ipynb", "anna"),
        ("20261128_anna_lab1.ipynb", "anna"),
        ("20261128_143022_anna_lab1.ipynb", "anna"),
        ("anna 28.11.2026 14h30.ipynb", "anna"),
        ("anna_lab1_v2.1.ipynb", "anna"),
        ("anna_solution_submission.ipynb", "anna"),
        ("Anna Müller Übung 3.ipynb", "Anna Müller"),
        ("Abgabe_Anna_Müller.ipynb", "Anna Müller"),
        ("anna week 3 homework 4.ipynb", "anna"),
        ("Lab 1_amueller_attempt_2026-11-20-14-30-22_lab1.ipynb", "amueller"),
        ("Anna-Lena Müller-Lüdenscheid lab1.ipynb", "Anna-Lena Müller-Lüdenscheid"),
        ("O'Brien, Conor - lab2.ipynb", "Conor O'Brien"),
        ("lab5_receptive_field_patches_anna_field.ipynb", "Anna Field"),
        ("lab5_Field_Anna.ipynb", "Field Anna"),
        ("lab1_Anna von Berg.ipynb", "Anna von Berg"),
        ("lab1_My Thế.ipynb", "My Thế"),
        ("alex1.ipynb", "alex1"),
        ("lab1_12345678.ipynb", "12345678"),
        ("lab1_李雷.ipynb", "李雷"),
        ("lab1_Анна Иванова.ipynb", "Анна Иванова"),
        ("lab1_अनिता.ipynb", "अनिता"),
        ("lab1_A. Müller.ipynb", "A Müller"),
        ("anna.ipynb.txt", "anna"),
        ("anna_mueller.zip", "Anna Mueller"),
        ("ANNA MÜLLER LAB1.IPYNB", "ANNA MÜLLER"),
        ("Anna's lab1.ipynb", "Anna"),
    ],
)
def test_what_remains_is_the_name(part, name):
    assert signs(part).name == name


@pytest.mark.parametrize(
    "part",
    [
        *(f"{stem}.ipynb" for stem in stems()),
        *(f"Copy of {stem.upper()} (1).ipynb" for stem in stems()),
        "lab1.ipynb", "Lab 1.ipynb", "LAB_1_solution.ipynb", "lab1 (2).ipynb", "lab1-Copy1.ipynb", "week 3", "Week3",
        "Assignment 2", "submissions.zip", "submissions", "Untitled.ipynb", "Untitled12.ipynb", "final.ipynb",
        "final FINAL v2.ipynb", "2026-11-28", "lab1 28.11.26", "1.ipynb", "a.ipynb", "....ipynb", "___.ipynb",
        "exercise 1.3.ipynb", "notebook (1) (2).ipynb", "Section A", "group 12", "Downloads",
        "\u200b.ipynb", "LAB 3 MNIST.ipynb", "lab1 - Copy (3).ipynb", "Übung 1", "\U0001f600.ipynb",
        "my lab1.ipynb", "lab1_my_solution.ipynb", "lab1 done.ipynb", "test.ipynb", "lab1_student.ipynb",
    ],
)  # fmt: skip
def test_where_nothing_remains_there_is_no_name(part):
    assert not signs(part)


@pytest.mark.parametrize(
    ("part", "name", "number", "system"),
    [
        ("muelleranna_LATE_12345_678901_lab1_txray_text_cnn-2.ipynb", "muelleranna", "12345", "canvas"),
        ("muelleranna_12345_678901_lab1_ben_roth.ipynb", "muelleranna", "12345", "canvas"),
        ("müller-lüdanna_1_234_x.zip", "müller-lüdanna", "1", "canvas"),
        ("Anna Müller_123456_assignsubmission_file_lab1.ipynb", "Anna Müller", "123456", "moodle"),
        ("Anna Müller_123456_assignsubmission_file_", "Anna Müller", "123456", "moodle"),
        ("Anna Müller_123456_assignsubmission_file", "Anna Müller", "123456", "moodle"),
        ("Participant_123456_assignsubmission_file_lab1.ipynb", "Participant 123456", "123456", "moodle"),
        ("muelleranna_1_2345_Ben Roth_9_assignsubmission_file_.ipynb", "muelleranna", "1", "canvas"),
        ("Anna_1_assignsubmission_file_Ben_2_assignsubmission_file_x.ipynb", "Anna", "1", "moodle"),
        ("mueller_2026_11_28_lab1.ipynb", "mueller", "", ""),
        ("mueller_20261128_143022_lab1.ipynb", "mueller", "", ""),
        ("lab1_12345_67890_anna.ipynb", "anna", "12345", ""),
        ("s1234567_anna.ipynb", "S1234567 Anna", "", ""),
        ("anna_7654321.ipynb", "anna", "7654321", ""),
        ("student_042_lab1.ipynb", "Student 042", "042", ""),
        ("Student 7 lab1.ipynb", "Student 7", "", ""),
        ("lab1_042.ipynb", "042", "042", ""),
        ("anna 2026.ipynb", "anna", "", ""),
        ("anna 12.ipynb", "anna", "", ""),
    ],
)
def test_what_collecting_systems_write(part, name, number, system):
    found = signs(part)
    assert (found.name, found.number, found.system) == (name, number, system)


def test_emails_are_kept():
    assert signs("anna.mueller@uni.example_lab1.ipynb").email == "anna.mueller@uni.example"


# Which part


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("anna/lab1.ipynb", "anna"),
        ("Anna Müller/week 3/lab1.ipynb", "Anna Müller"),
        ("anna_mueller.zip/lab1.ipynb", "Anna Mueller"),
        ("anna_mueller.zip/lab 1/Copy of lab1_txray_text_cnn (2).ipynb", "Anna Mueller"),
        ("submissions.zip/anna/lab1.ipynb", "anna"),
        ("week 3/lab1_anna.ipynb", "anna"),
        ("Anna Müller_123_assignsubmission_file_/lab1_asdf.ipynb", "Anna Müller"),
        ("muelleranna_1_2345_lab1.zip/lab1_ben.ipynb", "muelleranna"),
        ("muelleranna_1_2345_lab1.zip/rothben_2_3456_lab1.ipynb", "muelleranna"),
        ("ben/anna_mueller/lab1.ipynb", "Anna Mueller"),
    ],
)
def test_the_part_that_tells(path, name):
    assert names(path) == [name]
    assert doubts(path) == [""]


def test_a_file_that_names_nobody_is_a_student_of_its_own():
    paths = ["lab1.ipynb", "lab1 (1).ipynb", "week 3/lab1.ipynb", "a.zip/lab1.ipynb"]
    assert len(set(keys(*paths))) == 4
    assert names(*paths) == ["lab1.ipynb", "lab1 (1).ipynb", "lab1.ipynb", "lab1.ipynb"]
    assert all("Neither the file's name nor a folder" in doubt for doubt in doubts(*paths))


def test_where_file_and_folder_differ_the_file_counts_and_it_is_said():
    assert names("ben/lab1_anna.ipynb") == ["anna"]
    assert doubts("ben/lab1_anna.ipynb") == ["The file's name says 'anna', but its folder 'ben'."]
    assert doubts("anna/lab1_anna_mueller.ipynb") == doubts("Anna Roth/lab1_anna.ipynb") == [""]


def test_what_files_of_several_students_are_called_is_no_name():
    paths = ["anna/lab1_embeddings.ipynb", "ben/lab1_embeddings.ipynb", "cara/lab1_embeddings.ipynb"]
    assert names(*paths) == ["anna", "ben", "cara"]
    assert doubts(*paths) == [""] * 3


def test_a_folder_of_several_students_names_none_of_them():
    paths = ["INFO/lab1_anna.ipynb", "INFO/lab1_ben.ipynb", "INFO/lab1.ipynb", "INFO/cara/lab1.ipynb"]
    assert names(*paths) == ["anna", "ben", "lab1.ipynb", "cara"]
    assert [doubt[:20] for doubt in doubts(*paths)] == ["The file's name says"] * 2 + ["Neither the file's n", ""]
    more = [*paths, "INFO/lab1_dora.ipynb"]
    assert [bool(doubt) for doubt in doubts(*more)] == [False, False, True, False, False]


# One key for one student


def test_one_student_over_several_files_has_one_key_and_one_name():
    paths = [
        "Mueller Anna.ipynb", "lab1_mueller_anna.ipynb", "lab2_anna_mueller.ipynb", "anna_mueller.zip/lab3.ipynb",
        "anna.mueller@uni.example_lab4.ipynb", "Mueller, Anna - Lab 5 final.ipynb", "ANNA MUELLER/lab1.ipynb",
    ]  # fmt: skip
    assert set(keys(*paths)) == {"anna-mueller"}
    assert len(set(names(*paths))) == 1
    assert doubts(*paths) == [""] * 7


def test_composed_and_decomposed_letters_are_one():
    assert len(set(keys("Anna M\u00fcller.ipynb", "lab2_Anna Mu\u0308ller.ipynb"))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Müller", "Anne Müller"),
        ("Anna Müller", "Anna Mueller"),
        ("Anna Müller", "Anna Muller"),
        ("José Díaz", "Jose Diaz"),
        ("李雷", "韓梅梅"),
        ("Анна", "Иван"),
        ("O'Brien Conor", "Brien Conor"),
        ("Anna", "Anna Müller"),
        ("con", "student"),
        ("a" * 200, "a" * 201),
    ],
)
def test_two_names_have_two_keys(one, other):
    first, second = keys(f"{one}.ipynb", f"{other}.ipynb")
    assert first != second
    assert keys(f"{one}.ipynb") == [first]  # whoever else is there


def test_names_that_are_nearly_the_same_are_told():
    paths = [
        "Anna Müller.ipynb",
        "lab1_mueller_anna.ipynb",
        "muelleranna_12345_6789_lab1.ipynb",
        "anna.ipynb",
        "Ben.ipynb",
    ]
    told = doubts(*paths)
    assert told[0] == "This may be the same student as 'Mueller Anna' or 'anna' or 'muelleranna' (12345)."
    assert [bool(doubt) for doubt in told] == [True] * 4 + [False]
    assert doubts("Anna Müller.ipynb", "Anne Müller.ipynb") == ["", ""]
    assert doubts("vera.ipynb", "vera last.ipynb")[1] == "This may be the same student as 'vera'."


def test_numbered_students_are_not_one():
    assert len(set(keys("student_1_lab1.ipynb", "student_2_lab1.ipynb", "Student 042.ipynb", "043.ipynb"))) == 4


def test_canvas_knows_two_of_one_name_apart():
    paths = [f"muelleranna_{number}_6789_lab1.ipynb" for number in (1, 2, 1)]
    assert keys(*paths) == ["muelleranna_1", "muelleranna_2", "muelleranna_1"]
    assert doubts(*paths)[0] == "This may be the same student as 'muelleranna' (2)."


def test_moodle_knows_two_of_one_name_apart_within_an_assignment():
    form = "{}/Anna Roth_{}_assignsubmission_file_lab.ipynb"
    same = [form.format("lab1", 11), form.format("lab2", 22)]
    assert keys(*same) == ["anna-roth"] * 2
    assert doubts(*same) == ["", ""]
    two = [form.format("lab1", 11), form.format("lab1", 22)]
    assert keys(*two) == ["anna-roth_11", "anna-roth_22"]
    assert set(doubts(*two)) == {"There are several of this name: 11, 22."}


def test_an_address_and_a_number_of_one_name_are_one():
    paths = [
        "anna.roth@a.example_lab1.ipynb",
        "Anna Roth_123_assignsubmission_file_lab1.ipynb",
        "Anna Roth 1234567.ipynb",
    ]
    assert keys(*paths) == ["anna-roth"] * 3


def test_two_addresses_or_numbers_of_one_name_are_two():
    assert len(set(keys("anna@a.example_lab1.ipynb", "anna@b.example_lab1.ipynb"))) == 2
    assert len(set(keys("anna_1234567.ipynb", "anna_7654321.ipynb"))) == 2


# Names are hostile


@pytest.mark.parametrize(
    "name",
    [
        "CON", "nul", "COM1", "lpt9", "aux", "..", "a.", "a ", "-rf", "=cmd|' /C calc'!A0", "<script>alert(1)</script>",
        "a\u202egnp", "x" * 250, "\x00", "\x1b[31mred", "a\nb", "é" * 200, "\u0301" * 50, "'\"`$(rm)", "%2e%2e%2f",
        "\U0001f600", "\ufeff", "_", "ﬁnal", "İstanbul", "ǅ", "١٢٣٤٥٦", "½",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{}.ipynb", "{}/lab1.ipynb", "{}_1_2345_lab1.ipynb", "{}_1_assignsubmission_file_"])
def test_names_and_keys_are_safe(form, name):
    path = form.format(name)
    student = identify([path])[path]
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,139}", student.key)
    assert student.key.split("_")[0] not in {"con", "nul", "aux", "com1", "lpt9"} or "_" in student.key
    assert student.name.strip()
    assert len(student.name) <= words.NAME_LENGTH
    assert student.name.isprintable()
    assert not set('/\\<>|"=') & set(student.name) or student.key.startswith("unnamed")


def test_a_long_list_is_quick():
    paths = [f"week {number % 5}/Student {number:04}x Name{number}y_lab1.ipynb" for number in range(1000)]
    start = time.process_time()
    assert len(set(keys(*paths[:50]))) == 50
    assert len(identify(paths)) == 1000
    assert time.process_time() - start < 10


@pytest.mark.parametrize("text", ["lab1_" * 5000, "1" * 20_000, "a_" * 10_000, "(1)" * 5000, "a@" * 5000, "é." * 5000])
def test_no_name_takes_long(text):
    start = time.process_time()
    signs(text)
    assert time.process_time() - start < 2
