"""Exercises 1.10 and 1.11: a hook that prunes filters, and what the value that it writes leads to."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Plain, array, call, entries, number
from labkit.exercises.comparing import Explains, Slip, compare, gives
from labkit.exercises.core import Case, Exercise

if TYPE_CHECKING:
    import torch

# 1.10 a hook that prunes


def _prune_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {"output": rng.normal(size=(4, 4, 5)), "channels": channels, "value": value, "training": training}
        for channels, value in (([1, 3], 0.0), ([0], -1e4), ([2, 0, 1], -7.0))
        for training in (False, True)
    ]


def _prune_probe(answer: Any, case: Case) -> Plain:
    import torch

    class Given(torch.nn.Module):
        """A layer whose output is given, so that it can be looked at afterwards."""

        def forward(self, x: "torch.Tensor") -> "torch.Tensor":
            return given

    given = torch.from_numpy(case["output"].copy())
    layer = Given().train(case["training"])
    layer.register_forward_hook(call(answer, list(case["channels"]), case["value"]))
    result = layer(given)
    return {"output": array(result), "given": array(given)}


def _pruned(
    when: tuple[bool, ...] = (False,),
    axis: int = 1,
    value: float | None = None,
    in_place: bool = False,
    others: bool = False,
) -> Callable[[Case], Plain]:
    def run(case: Case) -> Plain:
        output = case["output"].copy()
        active = case["training"] in when
        if active:
            index: list[Any] = [slice(None)] * 3
            index[axis] = np.isin(np.arange(output.shape[axis]), case["channels"], invert=others)
            output[tuple(index)] = case["value"] if value is None else value
        return {"output": output, "given": output if in_place else case["output"]}

    return run


def _whether_in_place(when: tuple[bool, ...], **wrong: Any) -> Explains:
    return gives(*(_pruned(when=when, in_place=in_place, **wrong) for in_place in (False, True)))


def _whenever(**wrong: Any) -> Explains:
    """Such a mistake in what is pruned, whatever is wrong about when."""
    told = [_whether_in_place(when, **wrong) for when in ((False,), (False, True), (True,))]
    return lambda answers, cases: any(explains(answers, cases) for explains in told)


PRUNING_HOOK = Exercise(
    "1.10",
    "a hook that prunes",
    3,
    (
        "The output is (N, F, L); the filters are dimension 1: pruned[:, channels] = value.",
        "Work on output.clone(), and return it: what a hook returns replaces the layer's output.",
        "module.training is True while training. When must nothing be pruned?",
    ),
    _prune_cases,
    _prune_probe,
    compare(
        _pruned(),
        [
            Slip(
                "also_in_training",
                "it prunes while training too; wanted in eval mode only.",
                _whether_in_place(when=(False, True)),
            ),
            Slip(
                "inverted",
                "the test is the wrong way round: it prunes while training and not in eval mode.",
                _whether_in_place(when=(True,)),
            ),
            Slip(
                "in_place",
                "the result is right, but the layer's own output was overwritten: others may still "
                "need it. Work on a copy.",
                gives(_pruned(in_place=True)),
            ),
            Slip(
                "positions",
                "you prune positions in the text (dimension 2); wanted filters (dimension 1).",
                _whenever(axis=2),
            ),
            Slip("texts", "you prune whole texts (dimension 0); wanted filters (dimension 1).", _whenever(axis=0)),
            Slip("others", "you prune all filters but those in channels.", _whenever(others=True)),
            Slip("ignores_value", "it always prunes to 0; wanted the value that was handed in.", _whenever(value=0)),
            Slip("no_return", "nothing is pruned: does your hook return the changed copy?", gives(_pruned(when=()))),
        ],
        "the layer's output after your hook is not as it should be.",
    ),
)

# 1.11 zero or a large negative number

#: What the notebook shows: one filter's activations at four positions.
ACTIVATIONS = (-0.5, -0.2, -0.9, -0.4)
_POOLED = {"pooled_0": 0.0, "pooled_minus": -1e4, "relu_0": 0.0, "relu_minus": 0.0}


def _pooled_with(**changed: float) -> Callable[[Case], Plain]:
    return lambda case: _POOLED | changed


def _pooled_probe(answer: Any, case: Case) -> Plain:
    return {name: number(value) for name, value in entries(answer, "a dictionary with four numbers").items()}


ZERO_OR_NEGATIVE = Exercise(
    "1.11",
    "zero or a large negative number",
    2,
    (
        "All four positions of a pruned filter hold the same number. What is their maximum?",
        "Then comes the ReLU: max(0, x). What is left of -10,000?",
    ),
    lambda rng: [{}],
    _pooled_probe,
    compare(
        _pooled_with(),
        [
            Slip(
                "unpruned",
                "that is the maximum before pruning; all four positions are overwritten.",
                lambda answers, cases: any(np.isclose(a, max(ACTIVATIONS)) for a in answers[0].values()),
            ),
            Slip(
                "no_relu",
                "the ReLU is missing in the last one: it lets nothing below 0 through.",
                gives(_pooled_with(relu_minus=-1e4)),
            ),
            Slip(
                "no_pooling_of_zero",
                "the maximum of four zeros is no large negative number.",
                lambda answers, cases: answers[0]["pooled_0"] < -1,
            ),
            Slip(
                "relu_before_pooling",
                "in pooled_minus the ReLU came too early: pooling sees raw activations.",
                gives(_pooled_with(pooled_minus=0.0)),
            ),
        ],
        "at least one of the four is not what was expected.",
        right="Behind the ReLU both are 0; before it they are far apart.",
    ),
)
