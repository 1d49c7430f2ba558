"""A task, step by step, in a sealed kernel; what comes back is never more than plain data."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from labkit.course.grading.sealed.bubblewrap import available
from labkit.course.grading.sealed.inside.plain_json import Malformed, decode, encode
from labkit.course.grading.sealed.inside.probing import ANSWERS_MIME, TOO_LARGE
from labkit.course.grading.sealed.kernel import Ended, Kernel
from labkit.course.grading.sealed.task import Limits, Outcome, Probed, Question, Task

_MB = 2**20
_PROBING = "__import__('labkit.course.grading.sealed.inside.probing', fromlist=['ask'])"
_ASK = _PROBING + ".ask({question!r}, {most})"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_ERROR_LETTERS, _ERROR_LINES = 2000, 12
_INTERRUPTED = "it ran longer than a check may and was interrupted"


class NoSandboxError(RuntimeError):
    """No sandbox can be had here, and a run without one was not asked for; the message says why."""


def run(
    task: Task,
    limits: Limits | None = None,
    *,
    unsafe: bool = False,
    judged: Callable[[Probed], str] = lambda probed: "",
) -> Outcome:
    """Run the cells of a task one by one, and put its questions.

    A cell that fails does not stop the run. Whatever the code does, an outcome comes back and no process is left.

    Args:
        task: what to run.
        limits: what it may use; None is ``Limits()``.
        unsafe: without a sandbox. The code can then read, write and reach whatever this user can.
        judged: called with each answer as it comes back. The state that it gives, such as "right", is all that the
            notebook's ``done`` learns of the verdict, after its question can no more be answered; "" tells nothing.

    Raises:
        NoSandboxError: none can be had, and ``unsafe`` is False.
    """
    if not unsafe and available():
        raise NoSandboxError(available())
    started, record = time.monotonic(), _Record(limits or Limits(), judged)
    kind = detail = ""
    try:
        with Kernel(task.framework, record.limits, unsafe) as kernel:
            record.take_steps(task, kernel)
    except Ended as end:
        kind, detail = end.kind, end.detail
    seconds = time.monotonic() - started
    return Outcome(record.probed, kind, detail, record.place, seconds, record.cell_errors, sealed=not unsafe)


def telling(exercise: str, state: str) -> str:
    """The code that lets a notebook's ``done`` know what was found of an exercise, such as "right"."""
    return f"{_PROBING}.tell({exercise!r}, {state!r})"


@dataclass
class _Record:
    """What is known of a run so far."""

    limits: Limits
    judged: Callable[[Probed], str]
    place: int = -1
    probed: dict[str, Probed] = field(default_factory=dict)
    cell_errors: list[tuple[int, str]] = field(default_factory=list)

    def take_steps(self, task: Task, kernel: Kernel) -> None:
        asked: dict[str, str] = {}  # request -> exercise
        for self.place, step in enumerate(task.steps):
            if step.question is not None:
                exercise = step.question.exercise
                asked[self._ask(kernel, step.question)] = exercise
                self._tell(kernel, exercise, self.judged(self.probed[exercise]))
                continue
            content = kernel.reply(kernel.execute(step.code), self.limits.cell_seconds)
            if content.get("status") != "ok":
                self.cell_errors.append((self.place, _error(content)))
        kernel.settle(self.limits.cell_seconds)
        for exercise in (asked[request] for request in kernel.answered_twice if request in asked):
            self.probed[exercise] = Probed(exercise, None, "the question was answered twice")

    def _ask(self, kernel: Kernel, question: Question) -> str:
        """Put a question; the request's id."""
        most = int(self.limits.answer_mb * _MB)
        put = {"exercise": question.exercise, "expression": question.expression, "cases": encode(question.cases)}
        code = _ASK.format(question=json.dumps(put), most=most)
        request = kernel.execute("", {"answers": code})
        # It stays so if the run ends here.
        self.probed[question.exercise] = Probed(question.exercise, None, "the run ended while this was asked")
        content = kernel.reply(request, self.limits.cell_seconds)
        self.probed[question.exercise] = _probed(question, content, most)
        return request

    def _tell(self, kernel: Kernel, exercise: str, state: str) -> None:
        if state:
            kernel.reply(kernel.execute("", {"told": telling(exercise, state)}), self.limits.cell_seconds)


def _probed(question: Question, content: dict[str, Any], most: int) -> Probed:
    """What a reply holds, if it is of the form that was wanted in each part."""
    told = _entry(_entry(content, "user_expressions"), "answers")
    text = _entry(told, "data").get(ANSWERS_MIME)
    failed = told or content  # an interrupt that comes before or after the evaluation fails the whole request
    if failed.get("ename") == "KeyboardInterrupt":
        return Probed(question.exercise, None, _INTERRUPTED, interrupted=True)
    try:
        if not isinstance(text, str):
            raise Malformed(f"no answer came back: {_error(failed)}")
        if text == TOO_LARGE:
            raise Malformed(f"the answer is larger than {most / _MB:g} MB")
        answers = _decoded(text, most + len(question.cases) + 2)
        stub = isinstance(answers, list) and len(answers) == 1 and _is_stub(answers[0])
        if not isinstance(answers, list) or not (stub or len(answers) == len(question.cases)):
            raise Malformed(f"wanted {len(question.cases)} answers")
    except Malformed as error:
        return Probed(question.exercise, None, str(error))
    return Probed(question.exercise, answers)


def _decoded(text: str, most: int) -> Any:
    try:
        return decode(text, most)
    except Malformed as error:
        raise Malformed(f"no plain data came back: {error}") from error


def _is_stub(answer: Any) -> bool:
    return isinstance(answer, dict) and answer.keys() == {"unanswered"} and isinstance(answer["unanswered"], str)


def _entry(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _error(content: dict[str, Any]) -> str:
    """An error as a student saw it, shortened; it may hold anything."""
    lines = content.get("traceback")
    told = "\n".join(map(str, lines)) if isinstance(lines, list) else ""
    told = _COLOURS.sub("", told[-10 * _ERROR_LETTERS :])
    last = f"{content.get('ename', 'unknown')!s:.80}: {content.get('evalue', '')!s:.500}"
    shown = "\n".join([*told.splitlines()[-_ERROR_LINES:-1], last])[-_ERROR_LETTERS:]
    return shown.encode("utf-8", "replace").decode("utf-8")
