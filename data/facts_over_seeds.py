"""Run a lab with networks of several seeds, and print what each of its ranged facts comes to.

    python data/facts_over_seeds.py lab1_txray_text_cnn 5 train_text_cnn.py

For each seed the data folder is copied beside links to the rest of the course, the training scripts write their
checkpoints into the copy, and the lab's solution runs on them. So a fact over seeds is measured by the very cells
that state it, and the course's own files stay as they are. The ranges of ``fact(...)`` in the labs come from here.

With ``--keep FOLDER`` the copies stay there, in FOLDER/seed0 and so on, and next time nothing is trained that has been
trained before. Whoever changes a training script or a network deletes them.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

COURSE = Path(__file__).resolve().parents[1]
_RANGED = re.compile(r"^(?P<name>.+): measured (?P<value>\S+), (?P<verdict>.+)$", re.MULTILINE)


def facts_of(lab: str, seed: int, scripts: list[str], kept: Path | None = None) -> dict[str, tuple[float, str]]:
    """The ranged facts of a lab whose networks were trained with this seed: name -> value and verdict.

    Args:
        lab: its name.
        seed: of the networks.
        scripts: that train them.
        kept: the folder for the copies; None keeps nothing.
    """
    with tempfile.TemporaryDirectory() as passing:
        root = kept.resolve() / f"seed{seed}" if kept else Path(passing)
        root.mkdir(parents=True, exist_ok=True)
        for entry in COURSE.iterdir():
            if entry.name not in ("data", "build") and not entry.name.startswith("."):
                (root / entry.name).unlink(missing_ok=True)
                (root / entry.name).symlink_to(entry)
        if not (root / "data").exists():
            shutil.copytree(COURSE / "data", root / "data")
        here = {**os.environ, "PYTHONPATH": str(root), "LABKIT_DATA": "sample", "LABKIT_QUIET": "1"}
        for script in scripts:
            trained = root / "data" / f"{script}.trained"
            if not trained.exists():
                subprocess.run([sys.executable, f"data/{script}", "--seed", str(seed)], cwd=root, env=here, check=True)
                trained.touch()
        # Status 1 is expected: exact facts are about the shipped networks.
        subprocess.run([sys.executable, "-m", "labkit", "run", lab], cwd=root, env=here, check=False)
        node = nbformat.read(root / "build" / f"{lab}.ipynb", as_version=4)
    said = "".join(output.get("text", "") for cell in node.cells for output in cell.get("outputs", []))
    return {
        found["name"]: (float(found["value"].replace(",", "")), found["verdict"]) for found in _RANGED.finditer(said)
    }


def main() -> None:
    """Print one line for each fact: its values by seed, and the range that the lab states."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lab", help="the lab's name, such as lab1_txray_text_cnn")
    parser.add_argument("seeds", type=int, help="how many, from 0")
    parser.add_argument("scripts", nargs="+", help="the training scripts in data/ whose networks the lab uses")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the trained networks there")
    options = parser.parse_args()
    by_seed = [facts_of(options.lab, seed, options.scripts, options.keep) for seed in range(options.seeds)]
    for name, (_, verdict) in by_seed[0].items():
        values = "  ".join(f"{facts[name][0]:g}" if name in facts else "missing" for facts in by_seed)
        print(f"{name}: {values}  ({verdict.partition(': ')[2]})")


if __name__ == "__main__":
    main()
