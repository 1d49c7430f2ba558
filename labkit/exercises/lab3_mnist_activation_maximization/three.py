"""Exercise 3.6: ninety per cent of a three, in fifty steps."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, entries, no_text
from labkit.exercises.comparing import Explains, Slip
from labkit.exercises.core import Case, Exercise, Verdict

_DIGIT, _PROBABILITY, _STEPS, _RATE, _CLASSES = 3, 0.9, 50, 5e-3, 10
_ENOUGH = 0.85
_SEED = 3  # of the noise
_NAMES = ("losses", "before", "after")


def _probe(answer: Any, case: Case) -> Plain:
    found = entries(answer, "a dictionary with 'losses', 'before' and 'after'")
    missing = [name for name in _NAMES if name not in found]
    if missing:
        raise Misfit(f"your dictionary has no entry {missing[0]!r}")
    rows = {name: array(no_text(found[name], "a list of numbers")) for name in _NAMES}
    for name in ("before", "after"):
        if rows[name].shape != (_CLASSES,):
            raise Misfit(f"in {name!r}: got the shape {rows[name].shape} where ten probabilities were wanted, (10,)")
    if rows["losses"].ndim != 1:
        raise Misfit(f"in 'losses': got the shape {rows['losses'].shape} where a list of numbers was wanted")
    return rows


@cache
def _run() -> dict[str, np.ndarray]:
    """What the run of the text comes to, from the network and the noise as they were made."""
    import torch

    from labkit.methods.activation_maximization import Reach, maximize
    from labkit.models import ready

    network = ready("digits_mlp")
    noise = 0.01 * torch.randn(1, 1, 28, 28, generator=torch.Generator().manual_seed(_SEED))
    goal = Reach(_PROBABILITY)
    found = maximize(network, [_DIGIT], objective=goal, steps=_STEPS, start=noise, learning_rate=_RATE)
    with torch.no_grad():
        before, after = (array(network(image)[0].exp()) for image in (noise, found.images))
    return {"losses": array(found.history.loss)[:_STEPS, 0], "before": before, "after": after}


def _near(row: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether these are the same, but for what another machine computes otherwise."""
    return bool(np.allclose(row, wanted, rtol=0.05, atol=0.005))


def _if(holds: Callable[[np.ndarray, np.ndarray, np.ndarray], Any]) -> Explains:
    """What holds for the losses, the distribution before, and that after."""
    return lambda answers, cases: bool(holds(*(answers[0][name] for name in _NAMES)))


def _no_distribution(row: np.ndarray) -> bool:
    return not (np.all((row >= 0) & (row <= 1)) and np.isclose(row.sum(), 1, atol=1e-3))


_SLIPS = (
    Slip(
        "step_count",
        f"wanted the losses of {_STEPS} steps, one for each.",
        _if(lambda losses, before, after: len(losses) != _STEPS),
    ),
    Slip(
        "log_probabilities",
        "'before' or 'after' holds logarithms, which are below 0; wanted probabilities: your function of exercise 3.4 "
        "gives them.",
        _if(lambda losses, before, after: (before < 0).any() or (after < 0).any()),
    ),
    Slip(
        "no_distribution",
        "'before' or 'after' is no distribution: ten probabilities add up to 1.",
        _if(lambda losses, before, after: _no_distribution(before) or _no_distribution(after)),
    ),
    Slip(
        "other_digit",
        "another digit was raised than the 3.",
        _if(lambda losses, before, after: max(before[_DIGIT], after[_DIGIT]) < 0.5 < after.max()),
    ),
    Slip(
        "swapped",
        "the network is surer of the digit before than after: the two stand in each other's place, or the loss was "
        "climbed.",
        _if(lambda losses, before, after: before[_DIGIT] > after[_DIGIT]),
    ),
    Slip(
        "certain_before",
        "'before' is nearly certain of a 3 already: it should be the distribution for the start, noise that is hardly "
        "there. Or an earlier try has trained `perceptron` itself: then load it again.",
        _if(lambda losses, before, after: before[_DIGIT] > 0.5),
    ),
    Slip(
        "not_falling",
        "your losses do not fall: the last should be well below the first.",
        _if(lambda losses, before, after: not losses[-1] < losses[0] / 2),
    ),
    Slip(
        "other_start",
        "'before' is not what `perceptron` says of `noise`, as the notebook makes the two. An earlier try may have "
        "changed one of them: run the cell that loads `perceptron` again, and the one that draws the noise.",
        _if(lambda losses, before, after: not _near(before, _run()["before"])),
    ),
    Slip(
        "other_goal",
        "your first loss does not belong to what 'before' says of the 3 and to ninety per cent, which as a probability "
        "are 0.9.",
        _if(lambda losses, before, after: not _near(losses[0], _run()["losses"][0])),
    ),
    Slip(
        "not_reached",
        "the 3 is on its way, but not at the ninety per cent that were wanted: are steps, learning rate and wanted "
        "probability those of the text?",
        _if(lambda losses, before, after: after[_DIGIT] < _ENOUGH),
    ),
    Slip(
        "other_run",
        "the run begins as it should, and then goes another way than Adam's at the learning rate of the text, 5e-3.",
        _if(lambda losses, before, after: not _near(losses, _run()["losses"])),
    ),
    Slip(
        "other_image",
        "the losses are right, but 'after' is not what the network says of the image that they lead to.",
        _if(lambda losses, before, after: not _near(after, _run()["after"])),
    ),
)


def _well_formed(answer: Plain) -> bool:
    """Whether it is what the probe makes; it may be anything."""
    return (
        isinstance(answer, dict)
        and answer.keys() == set(_NAMES)
        and all(isinstance(row, np.ndarray) and row.ndim == 1 for row in answer.values())
        and all(len(answer[name]) == _CLASSES for name in ("before", "after"))
    )


def _judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    if not all(_well_formed(answer) for answer in answers):
        return Verdict("wrong", "wanted the entries 'losses', 'before' and 'after'.", "other")
    for slip in _SLIPS:
        if slip.explains(answers, cases):
            return Verdict("wrong", slip.message, slip.name)
    return Verdict("right", "What the network was sure of, and what the image looks like, are two questions.")


NINETY_PER_CENT = Exercise(
    "3.6",
    "ninety per cent of a three",
    2,
    (
        "Your class of exercise 3.5 runs, your function of exercise 3.4 looks, once before the run and once after it.",
        "InputOptimizer(model, start, lr) keeps the start as it is, so probabilities(perceptron, noise) is the "
        "distribution before, whenever you ask.",
        'optimizer = InputOptimizer(perceptron, noise, 5e-3); {"losses": optimizer.run(3, 0.9, 50), "before": '
        'probabilities(perceptron, noise), "after": probabilities(perceptron, optimizer.image.detach())}.',
    ),
    lambda rng: [{}],
    _probe,
    _judge,
)
