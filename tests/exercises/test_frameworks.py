"""Each check brings its own framework alone: TensorFlow takes seconds to come, and not everybody has both."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
from exercises import bank_lab{number}
from labkit.exercises import load, stems
from labkit.exercises.core import examine

(stem,) = [stem for stem in stems() if stem.startswith("lab{number}_")]
for exercise in load(stem).exercises.values():
    assert examine(exercise, bank_lab{number}.RIGHT[exercise.id][0]).state in ("right", "for a reader"), exercise.id
print(*sorted({{"torch", "tensorflow", "keras"}} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("number", "needed"), [(3, {"torch"}), (4, {"keras", "tensorflow"}), (5, {"keras", "tensorflow"})]
)
def test_a_lab_is_checked_with_its_own_framework_alone(number, needed):
    paths = [str(ROOT), str(ROOT / "tests")]
    program = f"import sys; sys.path[:0] = {paths}\n{PROGRAM.format(number=number)}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert set(run.stdout.split()) == needed
