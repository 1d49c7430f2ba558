"""Which of the notebooks in a folder are graded where one lab alone is asked for."""

import json
import shutil
from pathlib import Path

from labkit.course.grading.batch import Options, grade_folder

ROOT = Path(__file__).parents[3]
NOTEBOOKS = ("lab1_txray_text_cnn", "lab5_receptive_field_patches")


def test_notebooks_of_other_labs_are_left_out_and_not_taken_for_the_one_that_is_asked_for(tmp_path):
    returned, out, said = tmp_path / "returned", tmp_path / "marks", []
    for stem in NOTEBOOKS:  # as they were handed out, so that nothing of them needs to run
        (returned / "Casey Cedar").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "notebooks" / f"{stem}.ipynb", returned / "Casey Cedar")
    options = Options(labs=["lab1"], jobs=1, unsafe=True)
    assert grade_folder(ROOT, returned, out, options, said.append) == 0
    assert said[0] == "1 notebook, 1 to grade. Of other labs and left out: 1."
    records = json.loads((out / "grades.json").read_text())["records"]
    assert [record["effective"]["lab"] for record in records] == ["lab1_txray_text_cnn"]
