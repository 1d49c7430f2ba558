"""One returned notebook, from its cells to its marks.

Its cells run in a sealed process, its answers are judged here. Where a cell of the student's ends the run, by an
endless loop or an exit, it is left out and the notebook runs again: one bad cell costs its own exercise alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from labkit.course.grading.assembling import Piece, assemble
from labkit.course.grading.code import Written
from labkit.course.grading.given import Given
from labkit.course.grading.marking import mark, not_answered, not_graded
from labkit.course.grading.matching import Matched, match
from labkit.course.grading.records import Graded, Mark, Submission
from labkit.course.grading.sealed import Limits, Outcome, Probed, Task, run
from labkit.exercises.core import Case

_MOST_RUNS = 6
_LONGEST_ERROR = 300  # letters
_MOST_SENTENCES = 40
_CELL_FAILED = "the cell of your answer stopped with an error: restart the kernel and run the notebook from the top."
_INTERRUPTED = re.compile(r"^KeyboardInterrupt\b", re.MULTILINE)
# No mark depends on these: what is read here can be written in many other ways. They only make a person look.
_SEEMS_SLY = {
    r"labkit\.(?:course|exercises)|VERDICT_MIME|vnd\.labkit": "the inner parts of labkit",
    r"sys\.modules|meta_path|__import__|importlib|builtins": "the import machinery",
    r"_getframe|settrace|setprofile|gc\.get_|inspect\.": "the frames of other functions",
    r"ctypes|os\.fork|subprocess|multiprocessing|socket|os\._exit|signal\.": "other processes or the machine",
    r"get_ipython|__eq__|__array|__class__": "what others rely on",
}


@dataclass(frozen=True)
class Job:
    """What it takes to grade one notebook, in this process or on another machine.

    Attributes:
        submission: what was returned, and could be read.
        lab: what was given.
        limits: of all sealed runs of the notebook together, and of each step.
        seed: of the hidden inputs.
        unsafe: without a sandbox.
    """

    submission: Submission
    lab: Given
    limits: Limits
    seed: int
    unsafe: bool = False


def ungraded(submission: Submission, problem: str, lab: Given | None = None) -> Graded:
    """The record of a notebook that could not be graded as a whole."""
    return Graded(
        submission.student,
        submission.path,
        submission.modified,
        submission.digest,
        lab.stem if lab else "",
        lab.title if lab else "",
        tuple(not_graded(exercise, "", problem) for exercise in lab.exercises) if lab else (),
        submission.repairs,
        problem=problem,
    )


def grade(job: Job) -> Graded:
    """Grade a returned notebook; whatever is in it, a record comes back.

    Raises:
        NoSandboxError: there is no sandbox here, and the job asks for one.
    """
    submission, lab = job.submission, job.lab
    matched = match(submission.cells, lab)
    work = _Work(lab, matched, _cases(lab, matched, job.seed), job.limits, job.unsafe, submission.lost)
    work.run()
    if work.problem:
        return ungraded(submission, work.problem, lab)
    return Graded(
        submission.student,
        submission.path,
        submission.modified,
        submission.digest,
        lab.stem,
        lab.title,
        tuple(work.marks[exercise.id] for exercise in lab.exercises),
        _each_once([*submission.repairs, *matched.repairs]),
        _each_once([*matched.look, *_sly(matched), *work.look]),
        seconds=round(work.seconds, 1),
        sealed=not job.unsafe,
        seed=job.seed,
    )


@dataclass
class _Work:
    """The runs of one notebook."""

    lab: Given
    matched: Matched
    cases: Mapping[str, list[Case]]
    limits: Limits
    unsafe: bool
    lost: str
    marks: dict[str, Mark] = field(default_factory=dict)
    look: list[str] = field(default_factory=list)
    problem: str = ""
    seconds: float = 0.0
    left_out: set[str] = field(default_factory=set)
    extras_left_out: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._exercises = {exercise.id: exercise for exercise in self.lab.exercises}
        given, extras = (cell.text for cell in self.lab.cells), (extra.code for extra in self.matched.extras)
        self._written = Written("\n".join([*given, *self.matched.answers.values(), *extras]))
        for name, exercise in self._exercises.items():
            if name in self.cases:
                continue
            if self.lost and name in self.matched.missing:  # nobody knows what stood there
                self.marks[name] = not_graded(exercise, "", f"its cell is missing, and {self.lost}")
            else:
                self.marks[name] = not_answered(exercise)

    def run(self) -> None:
        """Run until every answer has a mark, or nothing more can be had."""
        why = ""
        for _ in range(_MOST_RUNS):
            asked = {name: cases for name, cases in self.cases.items() if name not in self.marks}
            if not asked:
                return
            states = {name: _state(made) for name, made in self.marks.items()}
            pieces = assemble(self.lab, self.matched, asked, states, self.left_out, self.extras_left_out)
            outcome = self._one_run(pieces)
            if outcome.ended == "start":
                self.problem = f"its sealed process did not start: {outcome.detail}"
                return
            self._take(pieces, outcome)
            if not outcome.ended:
                return
            why = f"the run ended before this exercise: {_kept_short(outcome.detail)}"
            where = _where(pieces[outcome.place]) if outcome.place >= 0 else " before its first cell"
            self.look.append(f"A run was ended{where}: {outcome.detail}.")
            over = outcome.place < 0 or self.seconds >= self.limits.total_seconds
            if over or not self._leave_out(pieces, outcome):
                break
        for name in self.cases.keys() - self.marks.keys():
            self.marks[name] = not_graded(self._exercises[name], self.matched.answers[name], why)

    def _one_run(self, pieces: Sequence[Piece]) -> Outcome:
        left = replace(self.limits, total_seconds=max(self.limits.total_seconds - self.seconds, 1.0))
        task = Task(self.lab.stem, self.lab.framework, [piece.step for piece in pieces])
        outcome = run(task, left, unsafe=self.unsafe, judged=lambda probed: _state(self._mark(probed)))
        self.seconds += outcome.seconds
        return outcome

    def _mark(self, probed: Probed) -> Mark:
        name = probed.exercise
        return mark(self._exercises[name], self.matched.answers[name], probed, self.cases[name], self._written)

    def _take(self, pieces: Sequence[Piece], outcome: Outcome) -> None:
        """The marks of what came back, and what went wrong on the way."""
        failed, cut = dict[str, str](), set[str]()
        for place, error in outcome.cell_errors:
            failed[pieces[place].exercise] = error
            if not pieces[place].exercise and _INTERRUPTED.search(error):
                cut |= {piece.exercise for piece in pieces[place:]}
            self.look.append(f"A cell failed{_where(pieces[place])}: {_in_short(error)}")
        half_imported = False  # what was interrupted in the midst of an import fails from then on
        for name, probed in outcome.probed.items():
            if probed.answers is None and outcome.ended and pieces[outcome.place].exercise == name:
                continue  # the run ended here
            if probed.answers is None:
                self.look.append(f"Exercise {name}: {_in_short(probed.problem)}.")
                half_imported |= probed.interrupted
            made = self._mark(replace(probed, problem=self._in_words(probed)))
            if made.mistake == "raised" and name in failed:
                made = self._of_failed_cell(made, failed[name])
            elif made.points == 0 and (name in cut or (half_imported and made.mistake == "raised")):
                why = f"something above ran longer than {self.limits.cell_seconds:g} s and was interrupted"
                made = not_graded(self._exercises[name], self.matched.answers[name], why)
            self.marks[name] = made

    def _of_failed_cell(self, made: Mark, error: str) -> Mark:
        """The mark of an answer whose cell stopped before it had made what is asked for."""
        if not _INTERRUPTED.search(error):
            return replace(made, message=_CELL_FAILED)
        why = f"its cell ran longer than {self.limits.cell_seconds:g} s and was interrupted"
        return not_graded(self._exercises[made.exercise], self.matched.answers[made.exercise], why)

    def _in_words(self, probed: Probed) -> str:
        """Why no answer came back, as it can be told to a student."""
        if probed.interrupted:
            return f"it ran longer than {self.limits.cell_seconds:g} s with a hidden input and was interrupted"
        return _kept_short(probed.problem)

    def _leave_out(self, pieces: Sequence[Piece], outcome: Outcome) -> bool:
        """Leave out what ended a run; whether another run may get further."""
        piece = pieces[outcome.place]
        if piece.extra >= 0:
            self.extras_left_out.add(piece.extra)
        elif piece.exercise:
            self.left_out.add(piece.exercise)
            if piece.exercise not in self.marks:
                why = f"it ended the run: {_kept_short(outcome.detail)}"
                answer = self.matched.answers[piece.exercise]
                self.marks[piece.exercise] = not_graded(self._exercises[piece.exercise], answer, why)
        else:
            return self._leave_out_all(pieces[: outcome.place])
        return True

    def _leave_out_all(self, before: Sequence[Piece]) -> bool:
        """Leave out what may have made a given cell end the run: all the student's own cells, or else all answers."""
        extras = {piece.extra for piece in before if piece.extra >= 0}
        answers = {piece.exercise for piece in before if piece.exercise} - self.left_out
        if extras:
            self.extras_left_out |= extras
        else:
            self.left_out |= answers
        return bool(extras or answers)


def _state(made: Mark) -> str:
    """What the notebook's ``done`` is told of a mark."""
    match made.state:
        case "needs manual marking":
            return "wrong" if made.mistake else "for a reader"
        case "graded":
            return "right" if made.points else "wrong"
    return ""


def _kept_short(problem: str) -> str:
    """What a student is told of a problem: an error or the number of an exit, behind the colon, may hold an input."""
    return problem.partition(":")[0]


def _in_short(error: str) -> str:
    """The last line of an error."""
    return error.splitlines()[-1][:_LONGEST_ERROR]


def _each_once(sentences: Sequence[str]) -> tuple[str, ...]:
    """Sentences without those that were said already; of very many, the first ones."""
    said = list(dict.fromkeys(sentences))
    if len(said) > _MOST_SENTENCES:
        said[_MOST_SENTENCES:] = [f"And {len(said) - _MOST_SENTENCES} more of this kind."]
    return tuple(said)


def _where(piece: Piece) -> str:
    if piece.exercise:
        return f" in exercise {piece.exercise}"
    first = next((line for line in piece.step.code.splitlines() if line.strip()), "")[:60]
    return f" in {'a cell of the student' if piece.students else 'a given cell'} ({first})"


def _cases(lab: Given, matched: Matched, seed: int) -> dict[str, list[Case]]:
    """Hidden inputs for each exercise that is answered; those of one tell nothing of another's."""
    return {
        exercise.id: exercise.drawn([seed, place])
        for place, exercise in enumerate(lab.exercises)
        if exercise.id in matched.answers
    }


def _sly(matched: Matched) -> list[str]:
    code = "\n".join([*matched.answers.values(), *(extra.code for extra in matched.extras)])
    return [f"The code uses {what}." for pattern, what in _SEEMS_SLY.items() if re.search(pattern, code)]
