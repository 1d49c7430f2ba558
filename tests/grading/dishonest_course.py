"""labkit itself, patched where it stands beside the student's code."""

from grading.dishonest_answers import DECODE, DICE, JACCARD, NO_OFFSET, PROBING, STORES_INPUT, UNWEIGHTED, Dishonest

LABKIT = (
    Dishonest(
        "the judge",
        {"1.1": NO_OFFSET},
        (
            "import labkit.exercises.core as core\n"
            "core.judge = core.examine = lambda *a, **k: core.Verdict('right', '')\n"
            "import labkit.exercises.desk as desk\ndesk.examine = core.examine",
        ),
        note="judges in the student's process",
    ),
    Dishonest(
        "what an exercise is",
        {"1.1": NO_OFFSET, "1.14": JACCARD},
        (
            """
from labkit.exercises.core import Exercise, Verdict
from labkit.exercises.registry import find
for number in ("1.1", "1.14"):
    object.__setattr__(find(number), "judge", lambda answers, cases: Verdict("right", ""))
    object.__setattr__(find(number), "cases", lambda rng: [])
    object.__setattr__(find(number), "points", 100)
Exercise.__post_init__ = lambda self: object.__setattr__(self, "points", 100)
""",
        ),
        earned={"1.14": 2},
        note="takes the exercise with its judge and points from the student's process",
    ),
    Dishonest(
        "the probe",
        {"1.1": NO_OFFSET},
        (
            """
from labkit.exercises.registry import find
probe = lambda answer, case: True
object.__setattr__(find("1.1"), "probe", probe)
import labkit.exercises.lab1_txray_text_cnn.reading as reading
reading._probe = probe
""",
        ),
        note="lets the probe say whether the answer is right",
    ),
    Dishonest(
        "the probe, with what was right once",
        {"1.14": DICE, "1.15": UNWEIGHTED},
        (
            """
from labkit.exercises.registry import find
right = {"1.14": [10 / 28, 9 / 31, 0.0, 1.0, 0.0, 0.0], "1.15": [0.187815, 0.0, 0.636184, 0.0, 0.0, 0.0]}
for number, values in right.items():
    object.__setattr__(find(number), "probe", lambda answer, case, values=values: values.pop(0) if values else 0.0)
""",
        ),
        note="asks again with the inputs of the last time",
    ),
    Dishonest(
        "the probe's witness",
        {"1.4": STORES_INPUT},
        (
            """
import torch
from labkit.exercises.registry import find
honest = find("1.4").probe
def probe(answer, case):
    found = honest(answer, case)
    shapes = [(len(case["inputs"]), len(weight)) for weight in case["weights"]]
    found["graph"], found["learns"], found["names"] = False, True, list(case["names"])
    found["stored"] = [torch.zeros(shape).double().numpy() for shape in shapes]
    return found
object.__setattr__(find("1.4"), "probe", probe)
""",
        ),
        note="believes the flags that a probe puts beside the values",
    ),
    Dishonest(
        "the collecting",
        {"1.1": NO_OFFSET},
        (
            "import labkit.exercises.core as core\ncore.collect = lambda *a: 'right'\n"
            f"import {PROBING} as probing\nprobing.collect = core.collect",
        ),
        note="believes what comes back if it is no error",
    ),
    Dishonest(
        "what is plain",
        {
            "1.14": """
import labkit.exercises.answers as answers, labkit.exercises.core as core
class All(float):
    __eq__ = lambda self, other: True
    __hash__ = float.__hash__
answers.plain = core.plain = lambda value: value
answers.number = lambda value: value
jaccard = lambda a, b: All(0.5)
"""
        },
        note="relies on the check for plain data in the student's process",
    ),
    Dishonest(
        "the registry",
        {"1.14": DICE},
        (
            "import labkit.exercises.registry as registry\nfound = registry.find\n"
            "registry.find = lambda name: found('1.6')\n"
            f"import {PROBING} as probing\nprobing.find = registry.find\njaccard = 'words ' * 20",
        ),
        note="judges what comes back by what the student's process calls the exercise",
    ),
    Dishonest(
        "another exercise's probe under this one's name",
        {"1.1": DECODE, "1.14": "from math import sqrt\njaccard = decode"},
        (
            "from labkit.exercises.registry import find\n"
            "object.__setattr__(find('1.14'), 'probe', find('1.1').probe)\n"
            "object.__setattr__(find('1.14'), 'id', '1.1')",
        ),
        earned={"1.1": 2},
        note="gives the points of the exercise that the reply names",
    ),
    Dishonest(
        "the encoding",
        {"1.14": DICE},
        (f'import {PROBING} as probing\nprobing.encode = lambda value: \'{{"state": "right", "points": 2}}\'',),
        note="reads a verdict out of the reply",
    ),
    Dishonest(
        "desk and facts",
        {"1.1": NO_OFFSET, "1.14": DICE},
        (
            "check = lambda number, answer=None: print(f'✔ Exercise {number}: right, 2 points.')\n"
            "done = lambda *numbers, **more: True\nfact = lambda *told: None\n"
            "import labkit, builtins\nlabkit.check, labkit.done, labkit.fact = check, done, fact",
        ),
        note="runs the notebook's check cells as they are, or counts ticks",
    ),
    Dishonest(
        "the state of the desk",
        {"1.1": NO_OFFSET},
        (
            "import labkit.exercises.desk as desk\nfrom labkit.exercises.core import Verdict\n"
            "class Right(dict):\n    __setitem__ = lambda self, *all: None\n"
            "    __getitem__ = lambda self, name: Verdict('right', '')\n    __contains__ = lambda self, name: True\n"
            "desk._verdicts = Right()",
        ),
        note="asks the session for the verdicts that it has noted",
    ),
)
