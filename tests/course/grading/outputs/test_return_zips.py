"""Moodle finds a student by the folder of its download, wherever that stands in a path."""

import pytest

from labkit.course.grading.outputs.return_zips import moodle_folder


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("Ada Abel_1234_assignsubmission_file/lab1.ipynb", "Ada Abel_1234_assignsubmission_file"),
        ("Ada Abel_1234_assignsubmission_file_/lab1.ipynb", "Ada Abel_1234_assignsubmission_file"),
        ("all.zip/Ada Abel_1234_assignsubmission_file/mine.zip/lab1.ipynb", "Ada Abel_1234_assignsubmission_file"),
        ("Ada Abel_1234_assignsubmission_file_lab1.ipynb", "Ada Abel_1234_assignsubmission_file"),
        ("Ada_Abel_1234_assignsubmission_file/lab1.ipynb", "Ada_Abel_1234_assignsubmission_file"),
        ("Ada Abel_1234_assignsubmission_onlinetext/lab1.ipynb", ""),
        ("Ada Abel_assignsubmission_file/lab1.ipynb", ""),
        ("_1234_assignsubmission_file/lab1.ipynb", ""),
        ("Ada Abel_1234_assignsubmission_filed/lab1.ipynb", ""),
        ("Ada Abel/lab1.ipynb", ""),
    ],
)
def test_the_folder_is_found(path, folder):
    assert moodle_folder(path.split("/")) == folder
