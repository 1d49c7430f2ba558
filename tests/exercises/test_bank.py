"""Every exercise of every lab against its bank: right answers pass, wrong ones fail and are told why."""

import pytest
from exercises.banks import ALL, BANKS, LABS, marks_of

from labkit.course.grading import telling
from labkit.course.grading.code import Written
from labkit.exercises.core import examine

SEEDS = range(3)


def each(part):
    """(exercise, bank, one entry of that part of the bank) for all exercises of all labs."""
    return [
        pytest.param(exercise, BANKS[lab.stem], entry, id=f"{exercise.id}-{place}", marks=marks_of(lab))
        for lab in LABS
        for exercise in lab.exercises.values()
        for place, entry in enumerate(getattr(BANKS[lab.stem], part)[exercise.id])
    ]


@pytest.mark.parametrize(("exercise", "bank", "answer"), each("RIGHT"))
def test_a_right_answer_passes(exercise, bank, answer):
    state = "for a reader" if exercise.id in bank.FOR_A_READER else "right"
    for seed in SEEDS:
        verdict = examine(exercise, answer, seed)
        assert verdict.state == state, verdict


@pytest.mark.parametrize(("exercise", "bank", "answer_and_mistake"), each("WRONG"))
def test_a_wrong_answer_fails_and_its_mistake_is_named(exercise, bank, answer_and_mistake):
    answer, mistake = answer_and_mistake
    for seed in SEEDS:
        verdict = examine(exercise, answer, seed)
        assert verdict.state == "wrong"
        assert verdict.mistake in mistake.split(), verdict
        assert verdict.message


@pytest.mark.parametrize(("exercise", "bank", "answer_and_remark"), each("REMARKED"))
def test_what_is_seen_from_within_costs_no_points_and_is_told(exercise, bank, answer_and_remark):
    answer, remark = answer_and_remark
    told = {"changes_handed": "your function changes what it was handed", **exercise.remarks}[remark]
    for seed in SEEDS:
        verdict = examine(exercise, answer, seed)
        assert (verdict.state, verdict.mistake) == ("right", "")
        assert f"One thing more: {told}" in verdict.message


MISFITS = [param for param in each("WRONG") if "misfit" in param.values[2][1].split()]


@pytest.mark.parametrize(("exercise", "bank", "answer_and_mistake"), MISFITS)
def test_what_is_said_of_a_misfit_is_said_by_grading_too(exercise, bank, answer_and_mistake):
    verdict = examine(exercise, answer_and_mistake[0])
    if verdict.mistake == "misfit":
        told = telling.of_kind(verdict.message, set(), Written(""))
        assert telling.OTHER_KIND not in told, verdict.message
        assert len(told.replace(telling.NOT_SHOWN, "")) > 25, told
        assert f"where {telling.NOT_SHOWN}" not in told, "what is wanted is no secret"


@pytest.mark.parametrize(("exercise", "bank", "stub"), each("STUBS"))
def test_a_stub_is_unanswered(exercise, bank, stub):
    assert examine(exercise, stub).state == "unanswered"


@pytest.mark.parametrize(("exercise", "bank"), ALL)
def test_the_bank_is_rich_enough(exercise, bank):
    assert bank.RIGHT[exercise.id]
    assert bank.STUBS[exercise.id]
    assert exercise.for_a_reader == (exercise.id in bank.FOR_A_READER)
    assert len(bank.WRONG[exercise.id]) >= 4
    if exercise.id not in bank.FOR_A_READER:
        named = {mistake for _, mistake in bank.WRONG[exercise.id]} - {"other", "raised", "misfit"}
        assert len(named) >= 4


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_a_bank_has_the_exercises_of_its_lab_and_no_others(lab):
    bank = BANKS[lab.stem]
    for part in (bank.RIGHT, bank.WRONG, bank.STUBS, bank.REMARKED):
        assert part.keys() == lab.exercises.keys()
