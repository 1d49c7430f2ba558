"""The networks of the labs, and the files that hold their weights."""

from labkit.models.checkpoints import create, load, ready, save
from labkit.models.text_cnn import TextCNN

__all__ = ["TextCNN", "create", "load", "ready", "save"]
