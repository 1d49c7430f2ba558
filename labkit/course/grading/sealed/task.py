"""What goes into a sealed process and what comes back: plain data alone."""

from dataclasses import dataclass, field

from labkit.exercises.answers import Plain
from labkit.exercises.core import Case


@dataclass(frozen=True)
class Question:
    """What is probed in place of a check cell.

    Attributes:
        exercise: such as "1.3".
        expression: what the given check cell hands over, such as ``"by_hand"``; it is evaluated where the cells ran.
        cases: the inputs, which reach the process only when this question's turn has come.
    """

    exercise: str
    expression: str
    cases: list[Case]


@dataclass(frozen=True)
class Step:
    """A code cell, or, in place of a given check cell, a question.

    Attributes:
        code: the cell; "" where a question is put.
        question: None for a cell.
    """

    code: str
    question: Question | None = None


@dataclass(frozen=True)
class Task:
    """A notebook to run and the questions to put to it.

    Attributes:
        stem: the lab, such as "lab1_txray_text_cnn".
        framework: "torch" or "keras".
        steps: in the given notebook's order.
    """

    stem: str
    framework: str
    steps: list[Step]


@dataclass(frozen=True)
class Limits:
    """What a sealed run may use; beyond any of these it is ended.

    Attributes:
        cell_seconds: one step. A step beyond it is interrupted first, and the run goes on where that helps.
        total_seconds: the whole run, with the kernel's start.
        memory_mb: resident memory of all its processes, and its files in memory, in MB.
        processes: processes and threads together.
        open_files: file descriptors of one process.
        output_mb: all that is printed and displayed, in MB.
        disk_mb: its writable folders, in MB.
        answer_mb: the answers to one question, in MB.
        cores: threads with which NumPy, PyTorch and TensorFlow compute.
    """

    cell_seconds: float = 300
    total_seconds: float = 1800
    memory_mb: int = 6000
    processes: int = 512
    open_files: int = 1024
    output_mb: float = 20
    disk_mb: int = 1000
    answer_mb: float = 50
    cores: int = 1


@dataclass(frozen=True)
class Probed:
    """What came back for a question that was reached.

    Attributes:
        exercise: such as "1.3".
        answers: one a case, as ``labkit.exercises.core.collect`` makes them; ``[{"unanswered": message}]``
            alone if the answer is still the stub; None where there is a problem.
        problem: why nothing that can be judged came back; "" if all is well.
        interrupted: whether that is because it ran longer than a step may.
    """

    exercise: str
    answers: list[Plain] | None
    problem: str = ""
    interrupted: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a run went.

    Attributes:
        probed: exercise -> what came back; exercises that were not reached are missing.
        ended: what ended the run early: "time", "memory", "output", "processes", "disk", "exit" (the kernel was gone),
            "start" (it never came up); "" if all steps were taken.
        detail: the same in words.
        place: index of the last step that was begun; -1 if none was.
        seconds: of the whole run.
        cell_errors: (index of the step, the error in a few lines); the cells after it were run nevertheless.
        sealed: whether it ran in a sandbox.
    """

    probed: dict[str, Probed]
    ended: str
    detail: str
    place: int
    seconds: float
    cell_errors: list[tuple[int, str]] = field(default_factory=list)
    sealed: bool = True
