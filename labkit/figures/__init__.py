"""Drawings of what the methods return: one style, palettes safe for colour-blind readers, and words for each figure."""

from labkit.figures.drawing import Drawing

__all__ = ["Drawing"]
