"""Where the shipped networks lie, whatever framework made them."""

from pathlib import Path

from labkit.datasets import manifest


def shipped(name: str, suffix: str) -> Path:
    """The path of a shipped network's file, which has been compared with the manifest.

    Args:
        name: such as "digits_mlp".
        suffix: of the files of one framework, such as ".safetensors".

    Raises:
        ValueError: no shipped network of this name and suffix, or its file is not as published.
    """
    files = [row for row in manifest.load().values() if row.name.startswith("checkpoints/")]
    rows = {Path(row.name).stem: row for row in files if row.name.endswith(suffix)}
    if name not in rows:
        raise ValueError(f"got {name!r}; the shipped networks ({suffix}) are {', '.join(rows)}.")
    row = rows[name]
    if (state := manifest.verify(row)) != "ok":
        raise ValueError(f"{row.name} is {state}. {manifest.RESTORE}")
    return row.path
