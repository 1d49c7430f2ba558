"""What a lab's notebook needs around its lessons: the set-up, the device, and facts that CI compares."""

import os
import platform
import random
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import numpy as np

import labkit
from labkit import settings
from labkit.exercises import load

SETUP_MIME = "application/vnd.labkit.setup+json"
_PACKAGES = {"torch": ("torch",), "keras": ("keras", "tensorflow")}
_SEED = 0


def setup(lab: str, built_with: str | None = None) -> None:
    """Prepare this session for a lab and say what was found; it can be run again at any time.

    Args:
        lab: the stem, such as "lab1_txray_text_cnn".
        built_with: the version of labkit that the notebook was built for.

    Raises:
        ValueError: no such lab, or a setting (see ``labkit.settings``) has a wrong value.
    """
    about = load(lab)
    source = settings.data_source()
    if "PLOTLY_RENDERER" not in os.environ and frontend() == "none":
        # Without a front end plotly would guess; the figures are to be in the notebook and in its page.
        os.environ["PLOTLY_RENDERER"] = "plotly_mimetype"
    found = device(about.framework)
    seed(about.framework)
    lines = [
        about.title,
        f"Time: about {about.minutes_work} minutes to work through, {about.seconds_run} s to run.",
        f"Device: {found}. {_versions(about.framework)}.",
        f"Data: {_data(source)}",
        f"What you make is kept in {_shown(settings.work_folder())}.",
    ]
    if built_with not in (None, labkit.__version__):
        lines.append(
            f"ATTENTION: this notebook was built for labkit {built_with}, but {labkit.__version__} is "
            "installed. Take notebook and labkit of one release, restart the kernel, run this cell again."
        )
    _show("\n".join(lines), {"lab": lab, "data": source, "device": found, "version": labkit.__version__})


def frontend() -> Literal["colab", "vscode", "jupyter", "none"]:
    """What shows the notebook; "none" where it is run without anyone to look at it."""
    if settings.quiet():
        return "none"
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ:
        return "colab"
    if "VSCODE_PID" in os.environ or "VSCODE_CWD" in os.environ:
        return "vscode"
    return "jupyter" if "JPY_SESSION_NAME" in os.environ else "none"  # set by Jupyter's server


def device(framework: Literal["torch", "keras"] = "torch") -> str:
    """Where the framework will compute: "cuda" or "cpu". Only that framework is imported."""
    if framework == "torch":
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"
    import tensorflow

    return "cuda" if tensorflow.config.list_physical_devices("GPU") else "cpu"


def seed(framework: Literal["torch", "keras"] = "torch", value: int = _SEED) -> None:
    """Seed Python, NumPy and the framework."""
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

    Args:
        name: what was measured.
        value: a number, or for an exact fact anything that prints.
        low: the smallest value seen over several seeds, with a margin.
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
    if settings.data_source() != "sample":
        print(f"{name}: measured {_number(value, digits)} (on the sample data: {bounds})")
        return
    within = (low is None or value >= low) and (high is None or value <= high)
    verdict = "within" if within else "OUTSIDE"
    print(f"{name}: measured {_number(value, digits)}, {verdict} the stated range: {bounds}")


def _bounds(low: float | None, high: float | None, digits: int) -> str:
    if low is None:
        return f"at most {_number(high, digits)}"
    if high is None:
        return f"at least {_number(low, digits)}"
    return f"{_number(low, digits)} to {_number(high, digits)}"


def _number(value: Any, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, (float, np.floating)) else str(value)


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
        [f"labkit {labkit.__version__}", f"Python {platform.python_version()}", *map(_version, names)]
    )


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} missing"


def _shown(path: Path) -> str:
    """A path that is the same on every machine where it can be."""
    for parent, name in ((Path.cwd(), ""), (Path(tempfile.gettempdir()), None), (Path.home(), "~/")):
        if path.is_relative_to(parent):
            return "a temporary folder" if name is None else f"{name}{path.relative_to(parent)}"
    return str(path)


def _show(text: str, record: dict[str, str]) -> None:
    """Display the text, with the record beside it for tools."""
    from IPython import get_ipython  # in every notebook there is; not needed to import labkit

    if get_ipython() is None:
        print(text)
        return
    from IPython.display import display

    display({"text/plain": text, SETUP_MIME: record}, raw=True)
