"""The set-up cell: what makes ``import labkit`` work wherever a notebook is opened.

The text below travels in every notebook, so it may use nothing but the standard library.
"""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

from labkit import __version__
from labkit.course import CourseError
from labkit.course.source import SET_UP, Cell, Lab, Line, problem

TITLE = "# @title Set-up: run this cell first"  # Colab shows the title and folds the code away

_REPOSITORY = re.compile(r"(https://github\.com/[\w.-]+/[\w.-]+?)(?:\.git)?/?")

FINDER = '''
class LabkitNotFound(ImportError):
    """Says what to do, without a traceback."""

    def _render_traceback_(self):
        return [str(self)]


def find_labkit():
    """Make `import labkit` work: installed, from a checkout above, or from a wheel beside this notebook."""
    import importlib.util
    import subprocess
    import sys
    from pathlib import Path

    spec = importlib.util.find_spec("labkit")
    if spec and spec.origin:  # a mere folder of that name has no origin
        return
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "labkit" / "__init__.py").is_file() and (folder / "notebooks").is_dir():
            sys.path.insert(0, str(folder))
            return
    uploads = (here, Path("/content"))  # Colab puts them into the second
    wheels = [wheel for folder in uploads for wheel in folder.glob("labkit-*-py3-none-any.whl")]
    source = max(wheels, key=lambda wheel: wheel.stat().st_mtime, default=PUBLISHED)  # the newest
    if not source:
        raise LabkitNotFound(
            "This notebook needs the package labkit, which is not here. Either put the file "
            f"labkit-VERSION-py3-none-any.whl into this notebook's folder ({here}), or open the notebook "
            "within a checkout of the course; then run this cell again."
        )
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-color", "--disable-pip-version-check"]
    # Without an index first: nothing that is here is replaced, and no network is needed.
    for options in (["--no-index"], []):
        result = subprocess.run([*pip, *options, str(source)], capture_output=True, text=True)
        if result.returncode == 0:
            importlib.invalidate_caches()
            return
    said = result.stderr.strip()[-800:]
    raise LabkitNotFound(
        f"labkit could not be installed from {source}. Put a file labkit-VERSION-py3-none-any.whl into this "
        f"notebook's folder ({here}) and run this cell again. pip says:\\n{said}"
    )


find_labkit()
'''.strip()


def published(root: Path) -> tuple[str, str]:
    """Repository address and tag of the course, from ``[tool.labkit.course]``; ("", "") where both are empty.

    Raises:
        CourseError: only one of them is set, or the address is not that of a GitHub repository.
    """
    settings = root / "pyproject.toml"
    table = tomllib.loads(settings.read_text(encoding="utf-8")) if settings.is_file() else {}
    course = table.get("tool", {}).get("labkit", {}).get("course", {})
    repository, tag = str(course.get("repository", "")), str(course.get("tag", ""))
    if not repository and not tag:
        return "", ""
    address = _REPOSITORY.fullmatch(repository)
    if not address or not tag:
        raise CourseError(
            f"{settings}, [tool.labkit.course]: got repository {repository!r} and tag {tag!r}; wanted an address like "
            "https://github.com/OWNER/NAME and a tag, or both empty."
        )
    return address[1], tag


def with_finder(lab: Lab, cell: Cell, address: tuple[str, str]) -> Cell:
    """The set-up cell as both notebooks have it; any other cell unchanged.

    Args:
        lab: the source.
        cell: one of its cells.
        address: repository and tag, see ``published``.

    Raises:
        CourseError: the cell does not call ``setup`` for this lab.
    """
    if cell.kind != "code" or not cell.text.startswith(f"{SET_UP}\n"):
        return cell
    first, *rest = cell.lines
    call = f'setup("{lab.stem}")'
    if call not in cell.text:
        raise problem(lab.path, first.number, f"the set-up cell does not call {call}; add it as the last line.")
    repository, tag = address
    source = f'"labkit @ {repository}/archive/{tag}.zip"' if repository else "None"
    text = f"{TITLE}\n{FINDER}\n".replace("PUBLISHED", source)
    inserted = [Line(first.number, line) for line in text.splitlines()]
    stamped = call.replace(")", f', built_with="{__version__}")')
    calls = [line._replace(text=line.text.replace(call, stamped)) for line in rest]
    return replace(cell, lines=(*inserted, *calls))


def colab_link(stem: str, address: tuple[str, str]) -> str:
    """A Markdown link that opens the exercise notebook in Colab; empty where the course is not published."""
    repository, tag = address
    if not repository:
        return ""
    name = repository.removeprefix("https://github.com/")
    return f"[Open in Colab](https://colab.research.google.com/github/{name}/blob/{tag}/notebooks/{stem}.ipynb)"
