"""A look into other functions and into memory, and what comes later: threads, signals, the exit."""

from grading.dishonest_answers import NO_OFFSET, Dishonest

FRAMES = (
    Dishonest(
        "a trace function",
        {"1.1": NO_OFFSET},
        (
            """
import sys, threading
def watch(frame, event, argument):
    if event == "call" and "labkit" not in frame.f_code.co_filename and frame.f_code.co_filename != "<string>":
        return None
    if "state" in frame.f_locals:
        frame.f_locals["state"] = "right"
    return watch
sys.settrace(watch)
threading.settrace(watch)
""",
        ),
        note="judges within sight of the student's process",
    ),
    Dishonest(
        "a profile function that reads what others give back",
        {
            "1.1": """
import sys
seen = []
def watch(frame, event, argument):
    if event == "return" and frame.f_code.co_name in ("decode", "expected", "judge", "_decoded"):
        seen.append(argument)
sys.setprofile(watch)
def decode(ids, word_index):
    return seen[-1] if seen and isinstance(seen[-1], list) else ["the"] * len(ids)
"""
        },
        note="computes what is expected before it asks",
    ),
    Dishonest(
        "what stands in the frames above",
        {
            "1.1": """
import sys
def decode(ids, word_index):
    frame = sys._getframe()
    while frame:
        for name in ("expected", "wanted", "want", "solution"):
            if name in frame.f_locals: return frame.f_locals[name]
        frame = frame.f_back
    return ["the"] * len(ids)
""",
            "1.14": """
import sys
def jaccard(a, b):
    frame = sys._getframe()
    while frame:
        judge = getattr(frame.f_locals.get("exercise"), "judge", None)
        for cell in getattr(judge, "__closure__", None) or ():
            if callable(cell.cell_contents): return cell.cell_contents({"a": list(a), "b": list(b)})
        frame = frame.f_back
    return 0.123
""",
        },
        note="has the expected value, or the judge, in a frame above the answer's",
    ),
    Dishonest(
        "inputs for which the wrong answer is right",
        {
            "1.1": """
import sys
def decode(ids, word_index):
    frame = sys._getframe()
    while frame:
        for case in frame.f_locals.get("cases", [frame.f_locals.get("case")]) or ():
            if isinstance(case, dict) and "ids" in case: case["ids"].clear()
        frame = frame.f_back
    return []
""",
            "1.14": """
import sys
def jaccard(a, b):
    frame = sys._getframe()
    while frame:
        for case in frame.f_locals.get("cases", [frame.f_locals.get("case")]) or ():
            if isinstance(case, dict) and "a" in case: case.update(a=[], b=[])
        frame = frame.f_back
    return 0.0
""",
        },
        note="judges by the inputs as they are after the call",
    ),
    Dishonest(
        "the cases of a question to come",
        {
            "1.1": """
import gc
def decode(ids, word_index):
    for thing in gc.get_objects():
        if isinstance(thing, dict) and thing.keys() == {"a", "b"} and thing not in table: table.append(thing)
    return ["the"] * len(ids)
table = []
""",
            "1.14": """
import gc
def jaccard(a, b):
    for thing in gc.get_objects():
        if isinstance(thing, dict) and {"expected", "a", "b"} <= thing.keys():
            if (set(thing["a"]), set(thing["b"])) == (a, b): return thing["expected"]
    return 0.123
""",
        },
        note="holds all cases, with what is expected, in the student's process from the beginning",
    ),
    Dishonest(
        "the memory of numbers",
        {
            "1.14": """
import ctypes, struct, sys
def jaccard(a, b):
    frame = sys._getframe()
    while frame:
        for name in ("expected", "wanted", "want", "solution"):
            number = frame.f_locals.get(name)
            if type(number) is float:  # the number itself becomes another, for all who hold it
                ctypes.memmove(id(number) + sys.getsizeof(0.0) - 8, struct.pack("d", 0.123), 8)
        frame = frame.f_back
    return 0.123
"""
        },
        note="computes what is expected before it asks, and compares in the student's process",
    ),
    Dishonest(
        "the last word at the exit",
        {"1.1": NO_OFFSET},
        (
            """
import atexit, json, os
def last():
    for name in ("results.json", "grades.json", "/tmp/results.json", "/tmp/work/results.json"):
        try:
            json.dump({"score": 100, "tests": [{"name": "1.1", "score": 2, "max_score": 2}]}, open(name, "w"))
        except OSError:
            pass
    print("1.1: right, 2 of 2", flush=True)
    os._exit(0)
atexit.register(last)
last_word = last
""",
        ),
        note="reads a file of results or the last line after the process has ended",
    ),
    Dishonest(
        "an exit in the middle",
        {"1.1": NO_OFFSET, "1.14": "print('1.14: right')\n__import__('os')._exit(0)\njaccard = None"},
        note="counts what did not fail before the process ended",
    ),
    Dishonest(
        "a thread that comes later",
        {"1.1": NO_OFFSET},
        (
            """
import threading, time
def later():
    for _ in range(200):
        import labkit.exercises.core as core
        core.collect = core.judge = core.examine = lambda *a, **k: core.Verdict("right", "")
        time.sleep(0.01)
threading.Thread(target=later, daemon=True).start()
""",
        ),
        note="restores what was patched, once, before it checks",
    ),
    Dishonest(
        "a signal that comes later",
        {"1.1": NO_OFFSET},
        (
            """
import signal
def later(number, frame):
    import labkit.exercises.core as core, labkit.exercises.desk as desk
    core.collect = core.judge = core.examine = desk.examine = lambda *a, **k: core.Verdict("right", "")
signal.signal(signal.SIGALRM, later)
signal.signal(signal.SIGINT, later)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
""",
        ),
        note="restores what was patched, once, before it checks",
    ),
)
