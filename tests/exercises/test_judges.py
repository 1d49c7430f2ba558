"""What the judges of all labs have in common: fair, not to be taken in, not to be broken, and silent on the answer."""

import dataclasses
import functools
import inspect
import math

import numpy as np
import pytest
import torch
from exercises import bank_lab1, bank_lab2
from exercises.banks import ALL
from exercises.impostors import ArrayEqualToAll, EqualToAll, FloatEqualToAll, TextEqualToAll

from labkit.exercises.answers import plain
from labkit.exercises.comparing import Slip, same
from labkit.exercises.core import Verdict, collect, examine, judge
from labkit.exercises.registry import find

FOR_A_READER = [param for param in ALL if param.values[0].id in param.values[1].FOR_A_READER]
HAVE_AN_ANSWER = [param for param in ALL if param not in FOR_A_READER]


def slips_of(exercise):
    """The slips that a judge holds, as its own or as its module's, alone or several."""
    held = inspect.getclosurevars(exercise.judge)
    values = [*held.nonlocals.values(), *held.globals.values()]
    several = [slip for value in values if isinstance(value, (list, tuple)) for slip in value]
    return [slip for slip in (*values, *several) if isinstance(slip, Slip)]


@pytest.mark.parametrize(("exercise", "bank"), ALL)
def test_every_slip_is_reached_by_a_wrong_answer(exercise, bank):
    named = [mistake for _, several in bank.WRONG[exercise.id] for mistake in several.split()]
    reached = {name for mistake in named for name in mistake.split("+")}
    assert {slip.name for slip in slips_of(exercise)} <= reached


@pytest.mark.parametrize(("exercise", "bank"), ALL)
def test_every_remark_is_reached_by_an_answer(exercise, bank):
    assert exercise.remarks.keys() <= {name for _, name in bank.REMARKED[exercise.id]}


@pytest.mark.parametrize(
    ("exercise_id", "answer", "told"),
    [
        ("1.1", ["the", "film"], ["where a function was wanted", "its name alone"]),
        (
            "1.2",
            bank_lab1.training.epoch(report="last", mode="eval"),
            ["weights are right", "last batch", "training mode"],
        ),
        (
            "1.2",
            bank_lab1.training.epoch(clear="never", report="last", mode="eval"),
            ["pile up", "last batch", "training mode"],
        ),
        (
            "1.5",
            lambda m, b, k: bank_lab1.collecting.mean_of_series(m, bank_lab1.collecting.train, k),
            ["argument `batches`", "of its own"],
        ),
        (
            "1.5",
            lambda m, b, k: bank_lab1.collecting.mean_of_series(bank_lab1.collecting.small, b, k),
            ["another network", "use the arguments"],
        ),
        ("1.7", lambda table: ("w1-f3", "w1-f5"), ["table of its own, with other labels: use the argument `table`"]),
        ("1.12", lambda table, n: ["w1-f3"] * n, ["'w1-f3'", "table of its own", "use the argument `table`"]),
        (
            "1.15",
            lambda a, b: bank_lab1.overlap.low(a, b) / bank_lab1.overlap.high(a, b) if a or b else 0.0,
            ["all masses are 0"],
        ),
        ("1.6", "Too short.", ["2 words", "at least 15 words"]),
        ("1.6", "filters " * 40, ["40 words", "hardly any two are different"]),
        ("2.1", bank_lab2.layers.counts(32, 27, 864), ["weights alone", "one more number that is learned"]),
        ("2.4", lambda model: model[14], ["no convolution", "from the first on"]),
        ("2.4", lambda model: model[:15].eval()(torch.rand(1, 3, 8, 8)), ["a part of the model was wanted"]),
        ("2.7", bank_lab2.top.counted_first, ["a second time", "a generator gives each of them once"]),
        ("2.7", bank_lab2.top.topk_of_each_batch, ["your code stopped with", "out of range"]),
        ("2.9", bank_lab2.occlusion.without_batch, ["score wants a batch of images (N, C, H, W)"]),
        ("2.10", lambda heat, mask: heat.relu()[mask].sum().item() / heat.relu().sum().item(), ["wanted 0 there"]),
        ("2.12", bank_lab2.masks.choice(why="It scored 0.61."), ["3 words", "at least 15 words"]),
        ("2.12", {"window": 8}, ["no entry 'stride'"]),
    ],
)
def test_a_message_says_what_to_do(exercise_id, answer, told):
    message = examine(find(exercise_id), answer).message
    assert all(part in message for part in told), message


def test_the_stub_left_in_a_text_is_named():
    exercise = find("1.6")
    assert examine(exercise, "YOUR ANSWER HERE").message == "not answered yet."
    verdict = examine(exercise, f"{bank_lab1.LONG} YOUR ANSWER HERE")
    assert verdict.state == "unanswered"
    assert '"YOUR ANSWER HERE" still stands in your text. Remove it.' in verdict.message


@pytest.mark.parametrize(("exercise", "bank"), FOR_A_READER)
def test_an_answer_for_a_reader_is_shown_what_to_compare_with(exercise, bank):
    assert len(exercise.hints) >= 2
    assert exercise.hints[-1].startswith("Points to compare with: ")
    assert examine(exercise, bank.RIGHT[exercise.id][0]).message.endswith(exercise.hints[-1])


# What a process that nobody can trust may send in the place of anything: of odd types and shapes, and no right answer.
ODD = [
    *(None, False, 3, -77.0, 2**62, -(2**63), math.nan, -math.inf, "", "\0", "x", "²", "-", "9" * 5000),
    *(
        [],
        [[]],
        [None, "x", 1.0, np.zeros(2), {}],
        [None] * 3,
        [np.zeros(3)] * 5,
        ["x"] * 2000,
        functools.reduce(lambda inner, _: [inner], range(18), []),
    ),
    *(
        {},
        {"": 0, "raised": 3},
        {"raised": None},
        {"misfit": [1]},
        {"unanswered": ""},
        {"weight": None},
        {"9" * 5000: "x"},
    ),
    *(np.zeros(()), np.zeros(0), np.zeros((0, 3), int), np.zeros((3, 0)), np.zeros((0, 1, 2, 3)), np.zeros((2, 2, 2))),
    *(np.ones(3, bool), np.full((2, 3), 255, np.uint8), np.full((2, 3), -128, np.int8), np.full((2, 3), -(2**63))),
    *(np.full(4, 2**64 - 1, np.uint64), np.full((2, 3), np.inf, np.float16), np.full((3, 4), np.nan)),
]
# Entries that decide nothing, and name the mistake where the others are wrong.
NAMES_ALONE = {"twin's weights", "drops", "modes", "training"}
_TRIES = 150  # in each exercise; some judges go through dozens of mistakes, each a run of its own
# Far more than any probe makes: these are refused unseen.
HUGE = [
    *(np.zeros(6_000_000), np.zeros((6_000_000, 1), np.int8), np.zeros((1,) * 16), np.zeros((2,) * 16)),
    *(
        [0] * 100_000,
        [[0]] * 50_000,
        {str(i): 0 for i in range(100_000)},
        "x" * 10_000_000,
        {"raised": "x" * 10_000_000},
    ),
]


def like(right):
    """Arrays of the right shape that hold something else."""
    if isinstance(right, np.ndarray):
        yield from (np.full(right.shape, -77.5), np.full(right.shape, np.nan), np.full(right.shape, -(2**63)))
        yield from (right[None], np.ones(right.shape, bool)[None], np.full(right.shape, np.inf, np.float16))


def with_one_odd_part(right, depth=0):
    """The right data with something odd in one place."""
    yield from (*ODD, *like(right))
    parts = right if isinstance(right, dict) else dict(enumerate(right)) if isinstance(right, list) else {}
    for name, part in list(parts.items())[:6] if depth < 2 else ():
        for odd in with_one_odd_part(part, depth + 1):
            changed = parts | {name: odd}
            yield changed if isinstance(right, dict) else list(changed.values())


def as_good(odd, right):
    """Whether what was changed is no mistake; whoever never asks a network leaves no passes behind."""
    if isinstance(odd, dict) and isinstance(right, dict):
        names = (odd.keys() | right.keys()) - NAMES_ALONE
        return all(as_good(odd.get(name), right.get(name)) for name in names)
    none = isinstance(odd, list) and not odd and isinstance(right, list) and all(mode is False for mode in right)
    return none or same(odd, right)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("exercise", "bank"), ALL)
def test_a_judge_survives_whatever_plain_data_it_is_handed(exercise, bank):
    cases = exercise.cases(np.random.default_rng(0))
    right = [collect(exercise, bank.RIGHT[exercise.id][0], case) for case in cases]
    every = list(with_one_odd_part(right[0]))
    for odd in every[:: 1 + len(every) // _TRIES]:
        verdict = judge(exercise, [odd, *right[1:]], cases)
        assert len(verdict.message) < 2000
        if verdict.state != "wrong":
            assert exercise.id in bank.FOR_A_READER or as_good(odd, right[0]), odd


@pytest.mark.parametrize("huge", HUGE, ids=lambda huge: type(huge).__name__)
def test_what_is_far_too_large_is_refused_before_any_judge_sees_it(huge):
    exercise = dataclasses.replace(find("1.1"), judge=lambda answers, cases: pytest.fail("the judge saw it"))
    for odd in (huge, [[huge]], {"images": huge}):
        verdict = judge(exercise, [odd], [{}])
        assert verdict == Verdict("wrong", "what your answer gives is far larger than what was asked for.", "other")


@pytest.mark.parametrize(("exercise", "bank"), HAVE_AN_ANSWER)
def test_no_message_gives_the_answer_away(exercise, bank):
    cases = exercise.cases(np.random.default_rng(0))
    telling = set(leaves([collect(exercise, bank.RIGHT[exercise.id][0], case) for case in cases]))
    for answer, _ in bank.WRONG[exercise.id]:
        # What an answer says itself, and the line it stands in, are no secret.
        message = examine(exercise, answer).message.split("Got ")[0].split(", at `")[0]
        assert not [leaf for leaf in telling if leaf in message], message


def leaves(value):
    """What would give an expected value away: quoted texts, and numbers that no message holds by chance."""
    if isinstance(value, str):
        yield repr(value)
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    elif isinstance(value, (float, np.ndarray)):
        yield from (text for text in (f"{x:.3g}" for x in np.ravel(value)) if "." in text)


@pytest.mark.parametrize(("exercise", "bank"), ALL)
def test_what_was_right_once_is_wrong_for_other_inputs(exercise, bank):
    first, *others = (exercise.cases(np.random.default_rng(seed)) for seed in range(5))
    if first == [{}]:
        pytest.skip("this exercise asks for one answer, not for a function of inputs")
    once = [collect(exercise, bank.RIGHT[exercise.id][0], case) for case in first]
    for cases in others:
        assert judge(exercise, once, cases).state == "wrong"


def with_what_never_changes(wrong, rights):
    """Plain data in which every part that is the same in all the right ones is made so."""
    if all(same(right, rights[0], tolerance=0) for right in rights):
        return rights[0]
    if isinstance(wrong, dict) and all(isinstance(right, dict) for right in rights):
        known = [name for name in rights[0] if all(name in right for right in rights)]
        return wrong | {
            name: with_what_never_changes(wrong.get(name), [right[name] for right in rights]) for name in known
        }
    if isinstance(wrong, list) and all(isinstance(right, list) and len(right) == len(wrong) for right in rights):
        return [with_what_never_changes(*parts) for parts in zip(wrong, zip(*rights, strict=True), strict=True)]
    return wrong


@pytest.mark.parametrize(("exercise", "bank"), ALL)
def test_no_wrong_answer_becomes_right_by_what_is_known_beforehand(exercise, bank):
    """Whoever patches a probe knows what a right answer always gives, and can put it into the place of his own."""
    cases, *others = map(exercise.drawn, range(7))
    if cases == [{}]:
        pytest.skip("this exercise asks for one answer, not for a function of inputs")
    rights = [[collect(exercise, bank.RIGHT[exercise.id][0], case) for case in several] for several in others]
    for answer, mistake in bank.WRONG[exercise.id]:
        answers = [collect(exercise, answer, case) for case in cases]
        forged = [with_what_never_changes(*parts) for parts in zip(answers, zip(*rights, strict=True), strict=True)]
        assert judge(exercise, forged, cases).state == "wrong", (answer, mistake)


@pytest.mark.parametrize(("exercise", "bank"), ALL)
def test_probing_leaves_the_cases_as_they_were(exercise, bank):
    cases, again = (exercise.cases(np.random.default_rng(7)) for _ in range(2))
    answers = [*bank.RIGHT[exercise.id], *(answer for answer, _ in bank.WRONG[exercise.id])]
    for answer in answers:
        for case in cases:
            collect(exercise, answer, case)
    assert same([plain(case) for case in cases], [plain(case) for case in again])


@pytest.mark.parametrize(("exercise", "bank"), ALL)
def test_hints_and_points_are_there(exercise, bank):
    assert find(exercise.id) is exercise
    assert exercise.points > 0
    assert exercise.hints and all(hint.endswith((".", "?")) for hint in exercise.hints)


@pytest.mark.parametrize(("exercise", "bank"), ALL)
@pytest.mark.parametrize(
    "impostor", [EqualToAll(), FloatEqualToAll(1), TextEqualToAll("a"), np.zeros(3).view(ArrayEqualToAll)]
)
def test_no_exercise_is_taken_in_by_an_impostor(exercise, bank, impostor):
    for answer in (impostor, lambda *arguments: impostor, lambda *arguments: (impostor, impostor)):
        assert examine(exercise, answer).state == "wrong"
