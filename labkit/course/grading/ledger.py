"""What was graded already: one file a notebook, so that a run goes on where the last one stopped.

A record is found by the notebook's bytes and by all that a mark depends on beside them. So nothing is graded twice,
whoever returned it under whatever name, and a changed exercise or limit is never answered from an old record.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import labkit
from labkit.course import CourseError
from labkit.course.grading.given import Given
from labkit.course.grading.records import Graded, Submission
from labkit.course.grading.sealed import Limits
from labkit.files import write_atomically

_PACKAGE = Path(labkit.__file__).parent
# Rooms on which no mark depends.
_NO_PART = ("benchmarks", "course", "figures", "cli.py")
_GRADING = _PACKAGE / "course" / "grading"
_BEFORE_AND_AFTER = ("intake", "outputs", "batch.py", "cluster.py", "ledger.py", "workers.py")


class Ledger:
    """The records in a folder.

    Args:
        folder: it is made where it is missing.
        labs: what was given, by stem.
        limits: of the sealed runs.
        unsafe: whether they have no sandbox.
    """

    def __init__(self, folder: Path, labs: Mapping[str, Given], limits: Limits, unsafe: bool) -> None:
        self._folder = folder
        about = json.dumps([code_fingerprint(), asdict(limits), unsafe])
        self._versions = {
            stem: hashlib.sha256(f"{about}{lab.cells}{lab.texts}".encode()).hexdigest()[:12]
            for stem, lab in labs.items()
        }

    def find(self, submission: Submission, stem: str) -> Graded | None:
        """The record of these bytes, in the name of who returned them; None if there is none.

        Raises:
            CourseError: there is one, but it cannot be read.
        """
        path = self._path(submission.digest, stem)
        if not path.exists():
            return None
        try:
            found = Graded.from_plain(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, KeyError) as error:
            raise CourseError(
                f"{path}: got no record of a graded notebook ({type(error).__name__}: {error}); delete the file, and "
                "the notebook is graded again."
            ) from error
        return replace(found, student=submission.student, path=submission.path, modified=submission.modified)

    def keep(self, graded: Graded) -> None:
        """Write a record, whole or not at all."""
        path = self._path(graded.digest, graded.lab)
        write_atomically(path, json.dumps(graded.as_plain(), indent=1, ensure_ascii=False) + "\n")

    def _path(self, digest: str, stem: str) -> Path:
        return self._folder / f"{stem}-{digest[:20]}-{self._versions[stem]}.json"


def code_fingerprint() -> str:
    """Changes with every source file on which a mark depends."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        room, stage = path.relative_to(_PACKAGE).parts[0], ""
        if path.is_relative_to(_GRADING):
            stage = path.relative_to(_GRADING).parts[0]
        elif room in _NO_PART:
            continue
        if stage not in _BEFORE_AND_AFTER:
            digest.update(f"{path.relative_to(_PACKAGE)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:20]
