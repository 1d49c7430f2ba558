"""The dishonest routes as notebooks of the small course."""

from typing import Any

from grading.bank import Notebook, Submission, cell_of, check_of, code_cell
from grading.dishonest import Dishonest


def submission(route: Dishonest) -> Submission:
    """The notebook of a route; its truth holds the points alone, since what gains nothing may end in any state."""

    def change(notebook: Notebook) -> None:
        notebook["metadata"] |= route.metadata
        for exercise in route.answers:
            cell_of(notebook, exercise)["metadata"] |= route.metadata
        for exercise, outputs in route.outputs.items():
            check_of(notebook, exercise)["outputs"] = outputs
        first = next(place for place, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code") + 1
        notebook["cells"][first:first] = [*map(code_cell, route.extra), *map(_text_cell, route.texts)]

    return Submission(route.name, route.answers, route.earned, change)


def _text_cell(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}
