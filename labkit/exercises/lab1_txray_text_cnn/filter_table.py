"""A small table of filters, as the checks of 1.7 and 1.12 hand it over."""

import numpy as np
import pandas as pd

from labkit.exercises.core import Case

#: What to say where an answer comes from a table of the notebook.
OWN_TABLE = "the check hands over a small table of its own, with other labels: use the argument `table`."


def labels(rng: np.random.Generator, count: int) -> list[str]:
    """Labels of filters, none of which a network of the lab has."""
    return [f"w{1 + i % 3}-f{i}" for i in rng.permutation(np.arange(200, 300))[:count].tolist()]


def frame(case: Case) -> pd.DataFrame:
    """The table of a case: its columns, with the labels as the index."""
    return pd.DataFrame(case["columns"], index=pd.Index(case["filters"], name="filter"))
