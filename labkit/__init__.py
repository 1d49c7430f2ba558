"""labkit: what neural networks have learned, as methods, models, data and exercises of a course.

Importing it loads neither PyTorch nor TensorFlow; the rooms of the house do when they are entered.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# What a notebook calls by the short name, and the room where it lives.
_SHORT_NAMES = {
    "check": "labkit.exercises",
    "hint": "labkit.exercises",
    "progress": "labkit.exercises",
    "done": "labkit.exercises",
    "setup": "labkit.notebook",
    "fact": "labkit.notebook",
    "using": "labkit.notebook",
}

__all__ = ["__version__", "check", "done", "fact", "hint", "progress", "setup", "using"]


def __getattr__(name: str) -> Any:
    if name in _SHORT_NAMES:
        return getattr(import_module(_SHORT_NAMES[name]), name)
    raise AttributeError(f"module 'labkit' has no attribute {name!r}")
