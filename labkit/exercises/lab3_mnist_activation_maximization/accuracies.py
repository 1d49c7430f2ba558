"""Exercises 3.3 and 3.10: the student's own networks, trained, and what share of the digits they tell right."""

from collections.abc import Callable, Sequence
from typing import Any

from labkit.exercises.answers import Misfit, Plain, entries, number
from labkit.exercises.comparing import Explains, Slip
from labkit.exercises.core import Case, Exercise, Verdict

_NAMES = ("train", "test")
# Ten classes are guessed at 0.1, and no network of these sizes tells all of a thousand unseen digits right.
_CHANCE, _TOO_GOOD = 0.25, 0.998
# By so much chance alone may put the test accuracy above that of training.
_LUCK = 0.02


def _probe(answer: Any, case: Case) -> Plain:
    found = entries(answer, "a dictionary with 'train' and 'test'")
    missing = [name for name in _NAMES if name not in found]
    if missing:
        raise Misfit(f"your dictionary has no entry {missing[0]!r}")
    return {name: number(found[name]) for name in _NAMES}


def _if(holds: Callable[[float, float], bool]) -> Explains:
    """What holds for the two accuracies."""
    return lambda answers, cases: holds(*(answers[0][name] for name in _NAMES))


def _slips(least: float) -> tuple[Slip, ...]:
    return (
        Slip(
            "no_share",
            "an accuracy is a share, from 0 to 1: these are per cent, or counts.",
            _if(lambda train, test: not (0 <= train <= 1 and 0 <= test <= 1)),
        ),
        Slip(
            "untrained",
            "this is hardly better than guessing: has `fit` been called on this very network, and is the loss "
            "nn.NLLLoss()?",
            _if(lambda train, test: max(train, test) < _CHANCE),
        ),
        Slip(
            "same_data",
            "both numbers are the same to the last digit: the same images were measured twice.",
            _if(lambda train, test: train == test),
        ),
        Slip(
            "swapped",
            "the network does better on digits that it has never seen: the two stand in each other's place, or it "
            "was trained on the test images.",
            _if(lambda train, test: test > train + _LUCK),
        ),
        Slip(
            "seen_before",
            "all test digits, or nearly all, are told right, which no network of this size does: were these the "
            "images that it was trained on?",
            _if(lambda train, test: test > _TOO_GOOD),
        ),
        Slip(
            "too_low",
            f"the network learns, but after three epochs {least} of the test digits should be told right: are the "
            f"epochs, the batches and the learning rate those of the text?",
            _if(lambda train, test: test < least),
        ),
    )


def _accuracies(exercise_id: str, title: str, hints: tuple[str, ...], least: float) -> Exercise:
    """An exercise that asks for both accuracies of a trained network; of the test images this share is the least."""
    slips = _slips(least)

    def judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
        """Chance has a part in any training, so what can be told is whether the two numbers are possible."""
        if not all(_well_formed(answer) for answer in answers):
            return Verdict("wrong", "wanted the entries 'train' and 'test'.", "other")
        for slip in slips:
            if slip.explains(answers, cases):
                return Verdict("wrong", slip.message, slip.name)
        return Verdict("right", "The gap between the two is what the network has learned by heart.")

    return Exercise(exercise_id, title, 2, hints, lambda rng: [{}], _probe, judge)


def _well_formed(answer: Plain) -> bool:
    """Whether it is what the probe makes; it may be anything."""
    return (
        isinstance(answer, dict)
        and answer.keys() == set(_NAMES)
        and all(type(share) in (int, float) for share in answer.values())
    )


TRAIN_MLP = _accuracies(
    "3.3",
    "train the MLP",
    (
        "`fit` asks for the batches of an epoch, for a loss, and for a score by which it keeps the best epoch. On "
        "which of the three splits may that score be measured?",
        "A score on the validation images: lambda model: accuracy(model, batches['validation']). The test images are "
        "for the end, once.",
        "fit(mine, lambda epoch: ImageBatches(data.train, 32, seed=epoch, device=DEVICE), nn.NLLLoss(), lambda model: "
        'accuracy(model, batches["validation"]), epochs=3, lr=2e-3); then {"train": accuracy(mine, batches["train"]), '
        '"test": accuracy(mine, batches["test"])}.',
    ),
    least=0.85,
)

TRAIN_LENET5 = _accuracies(
    "3.10",
    "train LeNet-5",
    (
        "What was different in exercise 3.3: the data, the loss, or the network alone?",
        "Nothing but the network: lenet5() in place of mlp(0.0), on the same device, with the same call of `fit`.",
        "mine = lenet5().to(DEVICE); then the two lines of exercise 3.3.",
    ),
    least=0.9,
)
