"""What a lab's notebook needs around its lessons: the set-up, the device, and facts that CI compares.

On its own it imports the standard library alone, so that ``setup`` can say which packages are missing.
"""

import os
import platform
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

import labkit
from labkit import settings

SETUP_MIME = "application/vnd.labkit.setup+json"
DATA_MIME = "application/vnd.labkit.data+json"
#: In the line of a fact that does not hold; whoever runs a lab looks for it.
OUTSIDE = "OUTSIDE the stated range"
#: What every lab imports; the dependencies in pyproject.toml, which a mere checkout does not bring along.
CORE = (
    "filelock", "matplotlib", "numpy", "pandas", "pillow", "plotly", "requests", "safetensors", "scikit-learn",
    "threadpoolctl", "tqdm", "urllib3",
)  # fmt: skip
# Where a package is imported by another name than it is installed by.
_MODULES = {"pillow": "PIL", "scikit-learn": "sklearn"}
_PACKAGES = {"torch": ("torch",), "keras": ("keras", "tensorflow")}
_SEED = 0
_in_use: str | None = None  # the source of the data that the lab has loaded, once it says so


class MissingPackageError(ImportError):
    """Packages that a lab needs are not installed; a notebook shows the message without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def setup(lab: str, built_with: str | None = None) -> None:
    """Prepare this session for a lab and say what was found; it can be run again at any time.

    Args:
        lab: the stem, such as "lab1_txray_text_cnn".
        built_with: the version of labkit that the notebook was built for.

    Raises:
        MissingPackageError: the lab's framework or a package that labkit depends on is not installed.
        ValueError: no such lab, or a setting (see ``labkit.settings``) has a wrong value.
    """
    _require(CORE)
    from labkit import exercises  # imports NumPy, which may be missing before this line

    about = exercises.load(lab)
    _require(_PACKAGES[about.framework])
    source = settings.data_source()
    found = device(about.framework)
    seed(about.framework)
    if about.framework == "torch":
        _compute_in_full_float32()
    _explain_missing_names()
    lines = [
        about.title,
        f"Time: about {about.minutes_work} minutes to work through; about {about.seconds_run} s to run on the "
        "sample with two CPU cores.",
        f"Device: {found}. {_versions(about.framework)}.",
        f"Data: {_data(source)}",
        f"What you make is kept in {_shown(settings.work_folder())}.",
    ]
    if built_with not in (None, labkit.__version__):
        lines.append(
            f"ATTENTION: this notebook was built for labkit {built_with}, but {labkit.__version__} is "
            f"installed. Put labkit-{built_with}-py3-none-any.whl beside this notebook, run "
            f"%pip install --no-deps ./labkit-{built_with}-py3-none-any.whl, restart the kernel, and run this "
            "cell again."
        )
    record = {"lab": lab, "data": source, "device": found, "version": labkit.__version__}
    _show("\n".join(lines), SETUP_MIME, record)


def using(source: str, why: str) -> None:
    """Say which data the lab has loaded; from now on ``fact`` judges by these.

    Args:
        source: "sample" or "full", never "auto".
        why: one line for people, such as ``Reviews.why``.
    """
    global _in_use
    _in_use = source
    _show(why, DATA_MIME, {"data": source})


def device(framework: Literal["torch", "keras"] = "torch") -> str:
    """Where the framework will compute: "cuda" or "cpu". Only that framework is imported."""
    if framework == "torch":
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"
    with compiled_code_silent():  # TensorFlow starts with a dozen lines on itself, with times and numbers of processes
        import tensorflow

        found = tensorflow.config.list_physical_devices("GPU")
    return "cuda" if found else "cpu"


def seed(framework: Literal["torch", "keras"] = "torch", value: int = _SEED) -> None:
    """Seed Python, NumPy and the framework."""
    import numpy as np

    random.seed(value)
    np.random.seed(value)
    if framework == "torch":
        import torch

        torch.manual_seed(value)
    else:
        import keras

        keras.utils.set_random_seed(value)


def fact(name: str, value: Any, low: float | None = None, high: float | None = None, digits: int = 3) -> None:
    """Print a result that the lab states, so that CI can hold the lab to it.

    A fact without a range is compared as it stands. A fact with a range is judged on the sample data, for
    which the range was measured; only the judgement is compared, since figures move with seed and device.
    Which data these are is told by ``using``, and until then by the setting ``LABKIT_DATA``.

    Args:
        name: what was measured.
        value: a number, or for an exact fact anything that prints.
        low: the smallest value seen over several seeds, with a margin; for a fact about one shipped network,
            its value with a margin for rounding and draws.
        high: the largest.
        digits: after the point, for numbers with a fraction.

    Example:
        >>> fact("filters", 20)
        filters: 20
    """
    if low is None and high is None:
        print(f"{name}: {_number(value, digits)}")
        return
    bounds = _bounds(low, high, digits)
    if (_in_use or settings.data_source()) != "sample":
        print(f"{name}: measured {_number(value, digits)} (on the sample data: {bounds})")
        return
    within = (low is None or value >= low) and (high is None or value <= high)
    verdict = "within the stated range" if within else OUTSIDE
    advice = "" if within else ". If you changed something above, run the cells again from the top"
    print(f"{name}: measured {_number(value, digits)}, {verdict}: {bounds}{advice}")


def _bounds(low: float | None, high: float | None, digits: int) -> str:
    if low is None:
        return f"at most {_number(high, digits)}"
    if high is None:
        return f"at least {_number(low, digits)}"
    return f"{_number(low, digits)} to {_number(high, digits)}"


def _number(value: Any, digits: int) -> str:
    has_fraction = isinstance(value, Real) and not isinstance(value, Integral)  # NumPy's numbers too
    return f"{value:.{digits}f}" if has_fraction else str(value)


def _data(source: str) -> str:
    explained = {
        "auto": "the full set if cached or soon fetched, else the sample; the loader says which",
        "sample": "the bundled sample, no network needed",
        "full": "the full set, fetched once and cached",
    }
    others = ", ".join(other for other in settings.SOURCES if other != source)
    return f"{source}, {explained[source]} (to change: set LABKIT_DATA in os.environ to {others})."


def _versions(framework: str) -> str:
    names = ("numpy", *_PACKAGES[framework], "plotly")
    return ", ".join(
        [
            f"labkit {labkit.__version__}",
            f"Python {platform.python_version()}",
            *(f"{name} {version_of(name)}" for name in names),
        ]
    )


def version_of(package: str) -> str:
    """The version of a package that is installed here, else "not installed"."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _require(packages: Iterable[str]) -> None:
    missing = [name for name in packages if find_spec(_MODULES.get(name, name)) is None]
    if missing:
        raise MissingPackageError(
            f"This lab needs {' and '.join(missing)}, not installed here. Run\n\n"
            f"    %pip install {' '.join(missing)}\n\n"
            "in a cell of its own, restart the kernel, and run this cell again."
        )


@contextmanager
def compiled_code_silent() -> Iterator[None]:
    """Drop what is written to the process's standard error; Python's errors are raised as ever."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _compute_in_full_float32() -> None:
    import torch

    # TF32 keeps three digits of a product; the facts that a lab states were measured with seven.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def _explain_missing_names() -> None:
    """Beneath a NameError, say what is most often behind it: cells that have not run since the kernel started."""
    from IPython import get_ipython

    def explain(shell: Any, kind: type[NameError], error: NameError, trace: Any, tb_offset: int | None = None) -> None:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        print(
            f"Is {error.name!r} made in a cell above that has not run since the kernel started, or not since you "
            "renamed it? Run all cells above this one."
        )

    if shell := get_ipython():
        shell.set_custom_exc((NameError,), explain)


def _shown(path: Path) -> str:
    """A path that is the same on every machine where it can be."""
    for parent, name in ((Path.cwd(), ""), (Path(tempfile.gettempdir()), None), (Path.home(), "~/")):
        if path.is_relative_to(parent):
            return "a temporary folder" if name is None else f"{name}{path.relative_to(parent)}"
    return str(path)


def _show(text: str, mime: str, record: dict[str, str]) -> None:
    """Display the text, with the record beside it for tools."""
    from IPython import get_ipython  # in every notebook there is; not needed to import labkit

    if get_ipython() is None:
        print(text)
        return
    from IPython.display import display

    display({"text/plain": text, mime: record}, raw=True)
