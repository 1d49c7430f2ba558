"""Exercise notebooks as students get them: alone in a folder, where labkit has never been installed.

It plays Colab: the frameworks are installed, labkit is not, and there is no network.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FRAMEWORKS = ("torch", "torchvision", "tensorflow", "keras", "numpy")
RUNNER = """
import sys
import nbformat
from nbclient import NotebookClient

node = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(node, timeout=600, kernel_name="python3", allow_errors=True).execute()
nbformat.write(node, sys.argv[2])
"""

pytestmark = pytest.mark.slow
each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


class Colab:
    """An environment with everything that this one has, but labkit, and with no way to the network."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder / "env", symlinks=True)
        self.python = folder / "env" / "bin" / "python"
        self.home = folder
        installed = Path(sysconfig.get_path("purelib"))
        self.packages = folder / "env" / installed.relative_to(sys.prefix)
        for path in installed.iterdir():
            if "labkit" not in path.name and not (self.packages / path.name).exists():
                (self.packages / path.name).symlink_to(path)

    def run(self, *arguments: str | Path, folder: Path) -> str:
        nowhere = "http://127.0.0.1:9"
        env = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "PIP_RETRIES": "0",
            "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "ALL_PROXY": nowhere, "NO_PROXY": "",
            **{name: value for name, value in os.environ.items() if name.endswith("_THREADS")},
        }  # fmt: skip
        command = [str(self.python), *map(str, arguments)]
        result = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def execute(self, node: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
        nbformat.write(node, folder / "notebook.ipynb")
        self.run("-c", RUNNER, "notebook.ipynb", "done.ipynb", folder=folder)
        return nbformat.read(folder / "done.ipynb", as_version=4)

    def versions(self, folder: Path) -> dict[str, str]:
        code = "import json, sys; from importlib.metadata import version as v; "
        code += "print(json.dumps({name: v(name) for name in sys.argv[1:]}))"
        return json.loads(self.run("-c", code, *FRAMEWORKS, folder=folder))


@pytest.fixture
def colab(tmp_path: Path) -> Colab:
    (tmp_path / "machine").mkdir()
    return Colab(tmp_path / "machine")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The empty folder where the notebook is opened."""
    (tmp_path / "content").mkdir()
    return tmp_path / "content"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        folder,
        ROOT,
    ]
    subprocess.run([sys.executable, "-m", "pip", *command], check=True)
    return next(folder.glob("labkit-*.whl"))


def errors(node: nbformat.NotebookNode) -> list[str]:
    outputs = [output for cell in node.cells for output in cell.get("outputs", [])]
    return ["\n".join(output.traceback) for output in outputs if output.output_type == "error"]


def verdicts(node: nbformat.NotebookNode) -> dict[str, str]:
    from labkit.course.execute import records
    from labkit.exercises.desk import VERDICT_MIME

    return {record["id"]: record["state"] for record in records(node, VERDICT_MIME)}


def with_second_set_up(node: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with its set-up cell run twice, and a cell that says where labkit came from."""
    place = next(i for i, cell in enumerate(node.cells) if "find_labkit" in cell.source)
    again = nbformat.v4.new_code_cell(node.cells[place].source)
    origin = nbformat.v4.new_code_cell("import labkit\nlabkit.__file__")
    node.cells[place + 1 : place + 1] = [again, origin]
    return node


@each_notebook
def test_alone_with_the_wheel_it_runs_to_the_end_and_replaces_no_framework(colab, content, wheel, notebook):
    shutil.copy(wheel, content)
    before = colab.versions(content)
    done = colab.execute(with_second_set_up(nbformat.read(notebook, as_version=4)), content)
    assert errors(done) == []
    origins = [o.data["text/plain"] for c in done.cells if c.source.endswith("labkit.__file__") for o in c.outputs]
    assert origins == [repr(str(colab.packages / "labkit" / "__init__.py"))]
    assert colab.versions(content) == before
    assert set(verdicts(done).values()) == {"unanswered"}


@each_notebook
def test_alone_without_the_wheel_it_says_what_to_do_in_one_message(colab, content, notebook):
    node = nbformat.read(notebook, as_version=4)
    place = next(i for i, cell in enumerate(node.cells) if "find_labkit" in cell.source)
    node.cells = node.cells[: place + 1]
    # As in a course that is not published, whatever pyproject.toml says.
    node.cells[place].source = re.sub(
        r"default=.*\)  # the newest", "default=None)  # the newest", node.cells[place].source
    )
    assert errors(colab.execute(node, content)) == [
        "This notebook needs the package labkit, which is not here. Either put the file "
        f"labkit-VERSION-py3-none-any.whl into this notebook's folder ({content}), or open the notebook "
        "within a checkout of the course; then run this cell again."
    ]


@each_notebook
def test_in_a_checkout_it_finds_what_it_needs_with_nothing_installed(colab, content, notebook):
    for folder in ("labkit", "data"):
        (content / folder).symlink_to(ROOT / folder)
    (content / "notebooks").mkdir()
    node = nbformat.read(notebook, as_version=4)
    # The set-up and the imports; that all the rest runs is shown with the wheel.
    code = [place for place, cell in enumerate(node.cells) if cell.cell_type == "code"]
    node.cells = node.cells[: code[1] + 1]
    assert errors(colab.execute(node, content / "notebooks")) == []


def test_a_broken_wheel_is_told_with_what_pip_says(colab, content):
    from labkit.course.finder import FINDER

    (content / "labkit-9.9.9-py3-none-any.whl").write_text("half an upload")
    code = nbformat.v4.new_code_cell(FINDER.replace("PUBLISHED", "None"))
    (error,) = errors(colab.execute(nbformat.v4.new_notebook(cells=[code]), content))
    assert error.startswith("labkit could not be installed from ")
    assert "labkit-9.9.9-py3-none-any.whl" in error
    assert "Traceback" not in error
