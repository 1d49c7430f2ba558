"""Pickles of arrays, lists and numbers, read without trusting them.

A pickle may call any function of Python when it is read. Here it may rebuild arrays and nothing else.
"""

import pickle
from typing import IO, Any

# What rebuilding an array calls; lists and numbers need no call. NumPy 2 moved the module.
_ALLOWED = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("_codecs", "encode"),  # how the oldest pickles that NumPy wrote hold an array's bytes
}


def load_arrays(file: IO[bytes], encoding: str = "ASCII") -> Any:
    """Read one pickle that holds arrays, lists, dictionaries, texts and numbers.

    Args:
        file: where the pickle starts.
        encoding: of the texts that Python 2 wrote; "latin1" reads arrays that it wrote, too.

    Raises:
        pickle.UnpicklingError: it wants to call what arrays do not need, or is no pickle.
    """
    return _ArraysOnly(file, encoding=encoding).load()


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(
                f"refused to call {module}.{name}, which no array of numbers needs: delete the file and fetch it anew."
            )
        return super().find_class(module, name)
