"""``feedback-moodle-lab1.zip``: the feedback pages of a lab as Moodle takes them back, all at once.

Moodle ("Upload multiple feedback files in a zip"; ``mod/assign/feedback/file/importziplib.php`` of moodle/moodle, read
in 2026) finds a student by the folder of the download, fullname_number_assignsubmission_file, and takes any file in a
folder of that name as feedback. So each page goes into the folder from which the notebook came.

Canvas has the like, but calls each file by the name that the student's own had, whatever is in it: a page would come
back as a notebook.
"""

import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO

from labkit.course.grading.outputs.attempts import Returned
from labkit.course.grading.outputs.texts import short
from labkit.course.grading.records import Student

# A folder of its own, or where Moodle was told so the beginning of the file's name.
_FROM_MOODLE = re.compile(r"([^_/][^/]*?_\d+_assignsubmission_file)(?:_|$)")


def moodle_zips(pages: Sequence[tuple[Returned, bytes]]) -> tuple[dict[str, bytes], tuple[Student, ...]]:
    """Name -> bytes of each lab's zip file, and the students whose notebooks did not come in a folder of Moodle's.

    Args:
        pages: each with whose it is.
    """
    entries: dict[str, dict[str, bytes]] = {}
    left_out = dict[str, Student]()
    for one, page in pages:
        lab = short(one.lab)
        if folder := moodle_folder(one.graded.path.split("/")):
            entries.setdefault(f"feedback-moodle-{lab}.zip", {})[f"{folder}/{lab}.html"] = page
        else:
            left_out[one.student.key] = one.student
    return {name: _zipped(files) for name, files in entries.items()}, tuple(left_out.values())


def moodle_folder(parts: Sequence[str]) -> str:
    """The folder by which Moodle knows a student among the parts of a path; "" if it is not there."""
    return next((found[1] for part in parts if (found := _FROM_MOODLE.match(part))), "")


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """The same bytes for the same files."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
