"""Every exercise of lab 1 against its bank: right answers pass, wrong ones fail and are told why."""

from pathlib import Path

import pytest
from exercises import bank_lab1 as bank

from labkit import exercises
from labkit.exercises.core import examine
from labkit.exercises.lab1_txray_text_cnn import LAB

SEEDS = range(3)
OPEN = ("1.6", "1.8", "1.13", "1.16")
CHECKED = [number for number in LAB.exercises if number not in OPEN]


def each(answers):
    return [
        pytest.param(number, answer, id=f"{number}-{place}")
        for number, several in answers.items()
        for place, answer in enumerate(several)
    ]


@pytest.mark.parametrize(("number", "answer"), each(bank.RIGHT))
def test_a_right_answer_passes(number, answer):
    state = "for a reader" if number in OPEN else "right"
    for seed in SEEDS:
        verdict = examine(LAB.exercises[number], answer, seed)
        assert verdict.state == state, verdict


@pytest.mark.parametrize(("number", "answer_and_mistake"), each(bank.WRONG))
def test_a_wrong_answer_fails_and_its_mistake_is_named(number, answer_and_mistake):
    answer, mistake = answer_and_mistake
    for seed in SEEDS:
        verdict = examine(LAB.exercises[number], answer, seed)
        assert verdict.state == "wrong"
        assert verdict.mistake in mistake.split(), verdict
        assert verdict.message


@pytest.mark.parametrize(("number", "stub"), each(bank.STUBS))
def test_a_stub_is_unanswered(number, stub):
    assert examine(LAB.exercises[number], stub).state == "unanswered"


@pytest.mark.parametrize("number", LAB.exercises)
def test_the_bank_is_rich_enough(number):
    assert bank.RIGHT[number]
    assert len(bank.WRONG[number]) >= 4
    if number in CHECKED:
        named = {mistake for _, mistake in bank.WRONG[number]} - {"other", "raised", "misfit"}
        assert len(named) >= 4


def test_every_lab_has_a_bank():
    folder = Path(__file__).parent
    numbers = [stem[3 : stem.index("_")] for stem in exercises.stems()]
    assert [number for number in numbers if not (folder / f"bank_lab{number}.py").is_file()] == []
