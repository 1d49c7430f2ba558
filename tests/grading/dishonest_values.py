"""Answers that lie about what they are, and libraries that lie about them."""

from grading.dishonest_answers import DECODE, DICE, KNOWN_JACCARD, KNOWN_WORDS, NO_BIAS, NO_OFFSET, WEIGHTED, Dishonest

VALUES_THAT_LIE = (
    Dishonest(
        "a number that equals all others",
        {
            "1.14": """
class All(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __round__ = __float__ = lambda self, *other: 0.0
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = float.__hash__
def jaccard(a, b):
    return All(0.5)
"""
        },
        note="compares what the answer gives with ==, or asks whether the difference is small",
    ),
    Dishonest(
        "words that equal all others",
        {
            "1.1": """
class Word(str):
    def __eq__(self, other): return True
    def __str__(self): return self
    __hash__ = str.__hash__
def decode(ids, word_index):
    return [Word("the") for _ in ids]
"""
        },
        note="compares lists of words with ==",
    ),
    Dishonest(
        "a list that equals all others",
        {
            "1.1": """
class Words(list):
    def __eq__(self, other): return True
def decode(ids, word_index):
    return Words()
"""
        },
        note="compares what the answer gives with ==",
    ),
    Dishonest(
        "an array whose functions say yes",
        {
            "1.9": """
import numpy as np
class Yes(np.ndarray):
    def __array_function__(self, *everything): return True
    def __array_ufunc__(self, *everything, **more): return np.bool_(True)
def word_scores(embedding, weight, bias):
    return np.zeros((len(embedding), len(bias))).view(Yes)
"""
        },
        note="compares with numpy.allclose, which asks the array itself",
    ),
    Dishonest(
        "a tensor whose functions say yes",
        {
            "1.9": """
import torch
class Yes(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True if "equal" in function.__name__ or "close" in function.__name__ else 0
def word_scores(embedding, weight, bias):
    return torch.zeros(len(embedding), len(bias)).as_subclass(Yes)
"""
        },
        note="compares with torch.allclose, which asks the tensor itself",
    ),
    Dishonest(
        "another class than it says",
        {
            "1.14": """
class Liar:
    __class__ = property(lambda self: float)
    __float__ = lambda self: 0.5
    __eq__ = lambda self, other: True
    __hash__ = lambda self: 0
def jaccard(a, b):
    return Liar()
"""
        },
        note="asks isinstance, and then compares with ==",
    ),
    Dishonest(
        "an array somewhere else in memory",
        {
            "1.9": """
import sys, numpy as np
class Elsewhere:
    def __init__(self, shape): self.shape = shape
    @property
    def __array_interface__(self):
        frame, found = sys._getframe(), [np.zeros(self.shape)]
        while frame:
            held = [thing for thing in frame.f_locals.values() if type(thing) is not Elsewhere]
            found += [thing for thing in held if getattr(thing, "shape", None) == self.shape]
            frame = frame.f_back
        return np.asarray(found[-1]).__array_interface__
def word_scores(embedding, weight, bias):
    return Elsewhere((len(embedding), len(bias)))
"""
        },
        note="keeps the expected scores as an array in the same process, and makes an array of the answer last",
    ),
    Dishonest(
        "no number at all",
        {"1.14": "def jaccard(a, b):\n    return float('nan')", "1.15": "weighted_jaccard = lambda a, b: float('nan')"},
        note="asks whether the difference is larger than a tolerance, which it never is",
    ),
    Dishonest(
        "nothing, all of which is right",
        {
            "1.14": "import numpy as np\ndef jaccard(a, b):\n    return np.zeros(0)",
        },
        note="asks numpy.allclose, which spreads shapes and finds no difference among no numbers",
    ),
    Dishonest(
        "right for all, by spreading",
        {
            "1.1": NO_OFFSET,
            "1.14": "import numpy as np\nshares = [i / n for n in range(1, 30) for i in range(n + 1)]\n"
            "jaccard = lambda a, b: np.array(shares)",
        },
        note="asks whether any of the numbers is right",
    ),
    Dishonest(
        "words that never come",
        {"1.1": "def decode(ids, word_index):\n    yield from ()"},
        note="zips what the answer gives with what is expected, until one of the two ends",
    ),
    Dishonest(
        "what is told when it is unpickled",
        {
            "1.14": """
class Right:
    def __reduce__(self):
        return eval, ("__import__('sys').modules['__main__'].__dict__.update(state='right', points=2) or 0.5",)
def jaccard(a, b):
    return Right()
"""
        },
        note="lets answers out of the sealed process as pickles",
    ),
    Dishonest(
        "the end of the check as its success",
        {"1.14": "def jaccard(a, b):\n    print('2 of 2')\n    raise SystemExit(0)", "1.1": DECODE},
        earned={"1.1": 2},
        note="takes an exit code of 0 for a pass",
    ),
)

LIBRARIES = (
    Dishonest(
        "numpy's comparisons",
        {"1.9": NO_BIAS, "1.14": DICE, "1.15": WEIGHTED},
        (
            "import numpy as np\nnp.allclose = np.array_equal = np.isclose = lambda *a, **k: True\n"
            "np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None",
        ),
        earned={"1.15": 3},
        note="compares with numpy in the same process",
    ),
    Dishonest(
        "torch's comparisons",
        {"1.9": NO_BIAS},
        (
            "import torch\ntorch.equal = torch.allclose = lambda *a, **k: True\n"
            "torch.testing.assert_close = lambda *a, **k: None",
        ),
        note="compares with torch in the same process",
    ),
    Dishonest(
        "numpy's and math's conversions",
        {"1.9": NO_BIAS, "1.14": DICE},
        (
            "import math, numpy as np\nmath.isclose = lambda *a, **k: True\n"
            "np.asarray = np.array = lambda value, *a, **k: np.zeros(3)",
        ),
        note="turns answer and expected value into arrays with the same patched function",
    ),
    Dishonest(
        "random numbers that are known",
        {"1.14": KNOWN_JACCARD},
        ("import numpy as np\nnp.random.default_rng = lambda *seed: np.random.Generator(np.random.PCG64(0))",),
        note="draws its hidden inputs in the student's process",
    ),
    Dishonest(
        "a table of the answers to the notebook's own check",
        {"1.1": KNOWN_WORDS, "1.14": KNOWN_JACCARD},
        note="asks with the inputs that the notebook's check has",
    ),
)
