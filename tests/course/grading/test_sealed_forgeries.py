"""What a student's code does to the probe, the kernel or Python itself can lower its own mark, and never raise it."""

import re

import pytest
from course.grading.sealed_runs import JACCARD, needs_sandbox, outcome, question, state

from labkit.course.grading.sealed.kernel import Kernel

pytestmark = needs_sandbox

WRONG = "def jaccard(a, b):\n    return 0.123\n"

FORGERIES = {
    "equal to everything": """
class All(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __hash__ = None
def jaccard(a, b): return All(0.5)
""",
    "an array that equals everything": """
import numpy as np
class All(np.ndarray):
    def __array_ufunc__(self, *args, **kwargs): return np.bool_(True)
def jaccard(a, b): return np.zeros(1).view(All)
""",
    "the comparison of numpy": WRONG + "import numpy as np\nnp.allclose = np.isclose = lambda *a, **k: True",
    "the judge in labkit": WRONG + """
import labkit.exercises.core as core
core.judge = core.examine = lambda *a, **k: core.Verdict('right', '')
""",
    "the verdict by display": WRONG + """
from IPython.display import display
display({'application/vnd.labkit.verdict+json': {'id': '1.14', 'state': 'right', 'points': 2, 'of': 2}}, raw=True)
print('Exercise 1.14: right, 2 points.')
""",
    "the collecting": WRONG + "import labkit.exercises.core as core\ncore.collect = lambda *a: 'right'",
    "the probing": WRONG + """
import labkit.course.grading.sealed.inside.probing as probing
probing.ask = lambda *a: probing.Answers('{"state": "right"}')
""",
    "the encoding": WRONG + """
import labkit.course.grading.sealed.inside.probing as probing
probing.encode = lambda value: '0.5'
""",
    "a pickle": WRONG + """
import labkit.course.grading.sealed.inside.probing as probing
probing.encode = lambda value: '"\\\\u0080\\\\u0004cos\\\\nsystem"'
""",
    "too many answers": WRONG + """
import labkit.course.grading.sealed.inside.probing as probing
probing.collected = lambda *a: [1.0] * 100
""",
    "the exercise": WRONG + """
import labkit.exercises.registry as registry
find = registry.find
import labkit.course.grading.sealed.inside.probing as probing
probing.find = lambda name: find('1.6')
""",
    "the finder of imports": WRONG + """
import sys, types
fake = types.ModuleType('labkit.course.grading.sealed.inside.probing')
class Answers:
    def _repr_mimebundle_(self, **_): return {'application/vnd.labkit.answers+json': 'true'}
fake.ask = lambda *a: Answers()
sys.modules[fake.__name__] = fake
""",
    "the import": WRONG + "import builtins\nbuiltins.__import__ = lambda *a, **k: 1 / 0",
    "eval": WRONG + "import builtins\nbuiltins.eval = lambda *a, **k: True",
    "the formatter": WRONG + """
shell = get_ipython()
shell.user_expressions = lambda e: {'answers': {'status': 'ok', 'data': {'application/vnd.labkit.answers+json': '[]'}}}
""",
    "an odd reply": WRONG + "get_ipython().user_expressions = lambda e: {'answers': 7, 'state': 'right'}",
    "a trace function": WRONG + """
import sys
def watch(frame, event, argument):
    for name in ('state', 'verdict', 'mark'): frame.f_locals[name] = 'right'
    return watch
sys.settrace(watch)
""",
    "the frames of the probe": """
import sys
def jaccard(a, b):
    frame = sys._getframe()
    while frame:
        for name in ('expected', 'want', 'wanted'):
            if name in frame.f_locals: return frame.f_locals[name]
        frame = frame.f_back
    return 0.123
""",
    "an answer of its own in a reply": WRONG + """
import json
kernel = get_ipython().kernel
def jaccard(a, b):
    answers = {'status': 'ok', 'data': {'application/vnd.labkit.answers+json': '[1.0,1.0,1.0,1.0,1.0,1.0]'}}
    content = {'status': 'ok', 'user_expressions': {'answers': answers}}
    parent = kernel.get_parent('shell')
    to = kernel._parent_ident['shell']
    kernel.session.send(kernel.shell_stream or kernel.shell_socket, 'execute_reply', content, parent, ident=to)
    return 0.123
""",
    "no question at all": WRONG + "get_ipython().kernel.do_execute = None",
    "the exit": WRONG + "import os\nprint('right')\nos._exit(0)",
}  # fmt: skip


@pytest.mark.parametrize("code", FORGERIES.values(), ids=FORGERIES)
def test_a_forgery_gains_nothing(code):
    ask = question()
    done = outcome(code, ask, cell_seconds=1.5)
    assert state(ask, done) in ("", "wrong"), done


def test_a_second_reply_is_noticed():
    code = """
session = get_ipython().kernel.session
send = session.send
def twice(stream, kind, *args, **kwargs):
    if kind == 'execute_reply':
        send(stream, kind, *args, **kwargs)
    return send(stream, kind, *args, **kwargs)
session.send = twice
"""
    done = outcome(JACCARD, code, question())
    assert (done.probed["1.14"].answers, done.probed["1.14"].problem) == (None, "the question was answered twice")


def test_cases_reach_the_process_with_their_question(monkeypatch):
    sent, execute = [], Kernel.execute
    monkeypatch.setattr(Kernel, "execute", lambda self, *given: sent.append(str(given)) or execute(self, *given))
    first, second = question("1.15"), question()
    outcome(JACCARD, first, "pass", second)
    assert ["cases" in request for request in sent] == [False, True, False, True]
    asked = [re.findall(r"\b1\.1[45]\b", sent[place]) for place in (1, 3)]  # a drawn number may begin like that
    assert asked == [["1.15"], ["1.14"]]


def test_one_answer_that_is_wrong_spoils_no_other():
    first, second = question("1.15", "odd"), question()
    done = outcome("odd = lambda a, b: object()", JACCARD, first, second)
    assert state(first, done) == "wrong"
    assert state(second, done) == "right"


def test_a_broken_channel_ends_the_run_and_nothing_else():
    code = "import gc, zmq\nfor thing in gc.get_objects():\n    if isinstance(thing, zmq.Socket): thing.close(0)"
    ask = question()
    done = outcome(JACCARD, code, ask, cell_seconds=2)
    assert done.ended in ("output", "exit", "time")
    assert state(ask, done) == ""


def test_closed_files_end_the_run_and_nothing_else():
    done = outcome("import os\nos.closerange(0, 1000)\nwhile True: pass", question(), cell_seconds=2)
    assert done.ended in ("output", "exit", "time")
    assert "1.14" not in done.probed
