"""Hidden inputs on the student's own page, for the next attempt: told in whatever a message repeats of an answer."""

from grading.dishonest_answers import Dishonest

# What is told: ``a`` of 1.14 and ``ids`` of 1.1 with a line between all numbers, or, as a single number, their sum.
_TOLD = "def told_of(numbers):\n    return '_'.join(map(str, sorted(numbers)))\n"
_SUM = "def sum_of(numbers):\n    return 1000 + sum(numbers)\n"
_KEPT_IDS = """
seen = []
def decode(ids, word_index):
    seen.append("_".join(map(str, sorted(ids))))
    return ["the"] * len(ids)
"""


def _jaccard(name, lines, note, before=""):
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    return Dishonest(name, {"1.14": f"{before}{_TOLD}{_SUM}def jaccard(a, b):\n{body}"}, note=note)


MESSAGES = (
    _jaccard(
        "an input told as a misfit",
        "raise Misfit(told_of(a))",
        "shows what a check says beside the student's code, whoever makes it say that",
        "from labkit.exercises.answers import Misfit\n",
    ),
    _jaccard(
        "an input in a sentence of the course",
        "raise Misfit(f'got {told_of(a)} where numbers were wanted')",
        "takes a sentence for the check's own by how it begins",
        "from labkit.exercises.answers import Misfit\n",
    ),
    _jaccard(
        "an input as the name of a type",
        "return type(told_of(a), (), {})()",
        "says of which type an answer is",
    ),
    _jaccard(
        "an input as the kind of all things",
        "answers.kind_of = lambda value: told_of(a)\nreturn object()",
        "says of which type an answer is",
        "import labkit.exercises.answers as answers\n",
    ),
    _jaccard(
        "an input as the name of an error",
        "raise type('E_' + told_of(a), (Exception,), {})",
        "says what kind of error an answer stopped with",
    ),
    _jaccard(
        "an input as a line of code",
        "line = f'raise ValueError  # {told_of(a)}'\n"
        "linecache.cache['cell.py'] = (len(line), None, [line], 'cell.py')\n"
        "exec(compile(line, 'cell.py', 'exec'))",
        "quotes the line at which an answer stopped",
        "import linecache\n",
    ),
    _jaccard(
        "an input as the line of every error",
        "core.error_in_words = lambda error: f'ValueError, at `{told_of(a)}`'\nraise ValueError",
        "quotes the line at which an answer stopped",
        "import labkit.exercises.core as core\n",
    ),
    _jaccard(
        "an input as what is not answered",
        "raise Unanswered(told_of(a))",
        "shows why an exercise counts as not answered",
        "from labkit.exercises.answers import Unanswered\n",
    ),
    _jaccard(
        "an input as a remark",
        "answers.remark(told_of(a))\nreturn 0.123",
        "shows what a probe remarks beside the student's code",
        "import labkit.exercises.answers as answers\n",
    ),
    _jaccard("an input as a number", "return sum_of(a)", "says which number it got"),
    _jaccard(
        "an input as a shape",
        "return np.zeros(sum_of(a))",
        "says which shape it got",
        "import numpy as np\n",
    ),
    _jaccard(
        "an input as the number of an exit",
        "os._exit(sum_of(a) % 200 + 20)",
        "says with what a run ended",
        "import os\n",
    ),
    Dishonest(
        "an input as a word",
        {
            "1.1": "def decode(ids, word_index):\n"
            "    return ['_'.join(map(str, sorted(ids))), *('the' for _ in ids[1:])]"
        },
        note="quotes the first word that differs",
    ),
    Dishonest(
        "inputs as an answer in words",
        {"1.1": _KEPT_IDS, "1.6": "answer_1_6 = 'Of all the words that a filter has seen: ' + ' '.join(seen)"},
        note="shows the student what the answer in words has become",
    ),
)
