"""The session of a notebook: how cells are run, what is shown, and what is sent."""

from grading.dishonest_answers import ANSWERS, NO_OFFSET, VERDICT, Dishonest

SESSION = (
    Dishonest(
        "every cell rewritten",
        {"1.1": NO_OFFSET},
        (
            "def rewrite(lines):\n"
            "    return ['print(\"✔ Exercise 1.1: right, 2 points.\")\\n'] if 'check(' in ''.join(lines) else lines\n"
            "get_ipython().input_transformers_cleanup.append(rewrite)",
        ),
        note="runs its checks as cells of the student's session",
    ),
    Dishonest(
        "every tree rewritten",
        {"1.1": NO_OFFSET},
        (
            """
import ast
class Rewrite(ast.NodeTransformer):
    def visit_Call(self, node):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return ast.copy_location(ast.Constant(True), node) if name in ("check", "ask", "examine") else node
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(Rewrite())
""",
        ),
        note="runs its checks as cells of the student's session",
    ),
    Dishonest(
        "events around each cell",
        {"1.1": NO_OFFSET},
        (
            f"""
from IPython.display import display
def after(result):
    result.error_in_exec = result.error_before_exec = None
    display({{{VERDICT!r}: {{"id": "1.1", "state": "right", "points": 2, "of": 2}}, "text/plain": "right"}}, raw=True)
get_ipython().events.register("post_run_cell", after)
""",
        ),
        note="reads verdicts from what cells display",
    ),
    Dishonest(
        "expressions that are answered before they are asked",
        {"1.1": NO_OFFSET},
        (
            f"get_ipython().user_expressions = lambda asked: {{'answers': {{'status': 'ok', "
            f"'data': {{{ANSWERS!r}: '[[\"right\"],[\"right\"]]'}}, 'metadata': {{'points': 2}}}}}}",
        ),
        note="believes what comes back if it is no error",
    ),
    Dishonest(
        "cells that are never run",
        {"1.1": NO_OFFSET},
        (
            "from IPython.core.interactiveshell import ExecutionResult\nshell = get_ipython()\n"
            "shell.run_cell_async = shell.run_cell = lambda *a, **k: ExecutionResult(None)\n"
            "shell.kernel.do_execute = lambda *a, **k: {'status': 'ok', 'user_expressions': {}, 'execution_count': 1}",
        ),
        note="counts cells without an error",
    ),
    Dishonest(
        "how answers are shown",
        {"1.1": NO_OFFSET},
        (
            f"""
formatter = get_ipython().display_formatter
shown = formatter.format
formatter.format = lambda value, *a, **k: ({{{ANSWERS!r}: '[["right"],["right"]]'}}, {{"state": "right"}})
""",
        ),
        note="believes what comes back if it is no error",
    ),
    Dishonest(
        "a reply of one's own",
        {
            "1.1": f"""
kernel = get_ipython().kernel
def decode(ids, word_index):
    data = {{{ANSWERS!r}: '[["right"],["right"]]'}}
    content = {{"status": "ok", "user_expressions": {{"answers": {{"status": "ok", "data": data}}}}}}
    stream = kernel.shell_stream or kernel.shell_socket
    to = kernel._parent_ident["shell"]
    kernel.session.send(stream, "execute_reply", content, kernel.get_parent("shell"), ident=to)
    return ["the"] * len(ids)
"""
        },
        note="takes the first reply, and believes it",
    ),
    Dishonest(
        "a second answer to each question",
        {"1.1": NO_OFFSET},
        (
            f"""
session = get_ipython().kernel.session
send = session.send
def twice(stream, kind, content=None, *more, **others):
    sent = send(stream, kind, content, *more, **others)
    if kind == "execute_reply":
        data = {{"answers": {{"status": "ok", "data": {{{ANSWERS!r}: '[["right"],["right"]]'}}}}}}
        send(stream, kind, dict(content, user_expressions=data), *more, **others)
    return sent
session.send = twice
""",
        ),
        note="takes the last reply",
    ),
)
