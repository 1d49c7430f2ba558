"""``grades.json``: everything that is known, for programs; what was graded automatically and what counts."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from labkit.course.grading.outputs.attempts import Returned
from labkit.course.grading.records import Graded, Student

#: Of the form of the file, raised when a reader of the old one would go wrong.
FORM = 1


def grades_json(returned: Sequence[Returned], missing: Sequence[Student], left_aside: Sequence[str]) -> str:
    """The text of ``grades.json``.

    ``records`` holds every notebook, earlier attempts too: ``automatic`` as ``Graded.from_plain`` reads it,
    ``effective`` the same with what was entered by hand, and whether it ``counts``.
    """
    records: list[dict[str, Any]] = []
    for one in returned:
        records.append(_record(one.graded, one.automatic, counts=True))
        records += [_record(earlier, earlier, counts=False) for earlier in one.earlier]
    whole = {
        "form": FORM,
        "records": records,
        "missing": [asdict(student) for student in missing],
        "left_aside": list(left_aside),
    }
    return json.dumps(whole, indent=1) + "\n"  # ASCII, so that half a surrogate pair in an answer is kept as well


def _record(effective: Graded, automatic: Graded, counts: bool) -> dict[str, Any]:
    return {"counts": counts, "effective": effective.as_plain(), "automatic": automatic.as_plain()}
