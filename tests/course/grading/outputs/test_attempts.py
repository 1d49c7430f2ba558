"""Several notebooks of one student."""

import pytest
from course.grading.outputs.made_up import BROKEN, RIGHT, graded, student

from labkit.course.grading.outputs.attempts import by_student_and_lab

OTHER = "lab2_cifar_filters_and_occlusion"


def paths(returned):
    return [(one.student.key, one.lab[:4], one.graded.path, [e.path for e in one.earlier]) for one in returned]


def test_the_latest_counts_and_all_are_kept():
    records = [graded(path=f"{name}.ipynb", modified=time) for name, time in (("b", 2), ("c", 3), ("a", 1))]
    assert paths(by_student_and_lab(records)) == [("ada", "lab1", "c.ipynb", ["b.ipynb", "a.ipynb"])]


def test_of_one_time_the_last_path_in_natural_order_counts():
    records = [graded(path=f"try{n}.ipynb", digest=str(n)) for n in (9, 10, 2)]
    (one,) = by_student_and_lab(records)
    assert one.graded.path == "try10.ipynb"
    assert one.look == ("2 other notebooks of the very same time: try9.ipynb, try2.ipynb.",)
    (same,) = by_student_and_lab([graded(path="a.ipynb"), graded(path="copy.ipynb")])
    assert same.look == ()


def test_students_and_labs_are_apart_and_in_order():
    records = [
        graded(student("b2", "Student 10")),
        graded(student("b1", "Student 9")),
        graded(student("b1", "Student 9"), lab=OTHER),
        graded(student("b1", "Student 9"), path="x.ipynb", lab="", marks=()),
        graded(student("b1", "Student 9"), path="y.ipynb", lab="", marks=()),
    ]
    assert paths(by_student_and_lab(records)) == [
        ("b1", "lab1", "b1.ipynb", []),
        ("b2", "lab1", "b2.ipynb", []),
        ("b1", "lab2", "b1.ipynb", []),
        ("b1", "", "x.ipynb", []),
        ("b1", "", "y.ipynb", []),
    ]


@pytest.mark.parametrize(
    ("latest", "earlier", "looked_at"),
    [(BROKEN, RIGHT, True), (RIGHT, BROKEN, False), (BROKEN, BROKEN, False), (RIGHT, RIGHT, False)],
)
def test_a_latest_that_could_not_be_graded_is_a_reason_to_look(latest, earlier, looked_at):
    records = [
        graded(marks=[earlier], path="old.ipynb", modified=1),
        graded(marks=[latest], path="new.ipynb", modified=2),
    ]
    (one,) = by_student_and_lab(records)
    assert one.graded.path == "new.ipynb"
    assert bool(one.look) == looked_at
    assert all("old.ipynb" in reason for reason in one.look)


@pytest.mark.parametrize("key", ["", "../x", "a/b", "a b", "é", "a\n"])
def test_a_key_that_is_no_file_name_is_refused(key):
    with pytest.raises(ValueError, match="wanted letters, digits"):
        by_student_and_lab([graded(student(key))])
