"""Exercise 3.5: the optimiser whose only parameter is the image."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, Unanswered, array, call, remark
from labkit.exercises.comparing import Explains, Slip, as_it_was, compare, same
from labkit.exercises.core import Case, Exercise
from labkit.exercises.lab3_mnist_activation_maximization.small_network import (
    CLASSES,
    NOTHING,
    SIDE,
    Watch,
    happened,
    image_wants_gradients,
    network_cases,
    small_network,
    watched,
)

if TYPE_CHECKING:
    import torch

_LOSSES: dict[str, Callable[["torch.Tensor", int, "torch.Tensor"], "torch.Tensor"]] = {
    "right": lambda logs, digit, wanted: (logs[0, digit] - wanted.log()) ** 2,
    "probability": lambda logs, digit, wanted: (logs[0, digit].exp() - wanted) ** 2,
    "wanted not logged": lambda logs, digit, wanted: (logs[0, digit] - wanted) ** 2,
    "reached not logged": lambda logs, digit, wanted: (logs[0, digit].exp() - wanted.log()) ** 2,
    "all digits": lambda logs, digit, wanted: ((logs - wanted.log()) ** 2).mean(),
    "sum of all digits": lambda logs, digit, wanted: ((logs - wanted.log()) ** 2).sum(),
    "absolute": lambda logs, digit, wanted: (logs[0, digit] - wanted.log()).abs(),
    "plain difference": lambda logs, digit, wanted: logs[0, digit] - wanted.log(),
    "higher and higher": lambda logs, digit, wanted: -logs[0, digit],
}


def _cases(rng: np.random.Generator) -> list[Case]:
    wanted = (
        {"probability": 0.9, "steps": 12, "rate": 0.05},
        {"probability": 0.6, "steps": 9, "rate": 0.02},
    )
    digits = rng.choice(CLASSES, 2, replace=False).tolist()
    return [
        case | several | {"digit": digit, "start": rng.normal(0, 0.1, (1, 1, SIDE, SIDE)).astype(np.float32)}
        for case, several, digit in zip(network_cases(rng), wanted, digits, strict=True)
    ]


def _probe(answer: Any, case: Case) -> Plain:
    import torch

    network, start = small_network(**case["network"]), torch.from_numpy(case["start"].copy())
    watch = Watch(network)
    optimizer = call(answer, network, start, case["rate"])
    if not hasattr(optimizer, "run"):
        raise Misfit("what your class makes has no run(digit, probability, steps)")
    with image_wants_gradients():
        losses = call(optimizer.run, case["digit"], case["probability"], case["steps"])
    image = getattr(optimizer, "image", None)
    if image is ...:
        raise Unanswered
    if image is None:
        raise Misfit("what your class makes keeps no image: put the tensor that is optimised into self.image")
    if not isinstance(losses, (list, tuple, np.ndarray)):
        raise Misfit("run gives back one thing where a list with the loss of each step was wanted")
    if any(getattr(loss, "requires_grad", False) for loss in losses):
        remark("losses_keep_graph")
    if start.requires_grad:
        remark("start_wants_gradients")
    return {"losses": array(list(losses)), "image": array(image), "start": array(start), "network": watch.seen(case)}


def _run(
    loss: str = "right",
    digit: int | None = None,
    clear: bool = True,
    rate: float | None = None,
    kind: str = "Adam",
    anew: bool = False,
) -> Callable[[Case], Plain]:
    """The losses and the image of a run in which one thing or another is wrong."""

    def run(case: Case) -> Plain:
        import torch

        network = small_network(case["network"]["seed"]).requires_grad_(False)
        image = torch.from_numpy(case["start"].copy()).requires_grad_()
        make = partial(getattr(torch.optim, kind), [image], lr=rate or case["rate"])
        optimizer, losses = make(), []
        for _ in range(case["steps"]):
            if anew:
                optimizer = make()
            if clear:
                optimizer.zero_grad()
            wanted = torch.tensor(case["probability"])
            value = _LOSSES[loss](network(image), case["digit"] if digit is None else digit, wanted)
            value.backward()
            optimizer.step()
            losses.append(value.item())
        return {"losses": np.array(losses), "image": array(image)}

    return run


def _right(case: Case) -> Plain:
    return _run()(case) | {"start as it was": True, "network": NOTHING}


def _reading(answer: dict[str, Plain], case: Case) -> dict[str, Plain]:
    seen = as_it_was("start", "start", told="start as it was")(answer, case)
    return watched("image", lambda case: _run()(case)["image"])(seen, case)


def _went(*forms: Callable[[Case], Plain], entries: tuple[str, ...] = ("losses", "image")) -> Explains:
    """Whether losses and image are those of such a run, whatever else there is."""
    return lambda answers, cases: any(
        all(
            same(answer[entry], wanted[entry])
            for answer, wanted in zip(answers, map(form, cases), strict=True)
            for entry in entries
        )
        for form in forms
    )


def _still(case: Case) -> Plain:
    return {"image": case["start"]}


INPUT_OPTIMIZER = Exercise(
    "3.5",
    "the image as the parameter",
    5,
    (
        "What may change in the run, and what may not? Only the first may be handed to the optimiser.",
        "Clone the start, let the clone want gradients, and give it alone to Adam: torch.optim.Adam([self.image], "
        "lr=lr). Around the steps: evaluation mode and a frozen network, and afterwards both as they were.",
        "In each step: zero_grad(); log_probability = model(self.image)[0, digit]; loss = (log_probability - "
        "math.log(probability)) ** 2; backward(); step(); append loss.item().",
        "Before the steps: was = model.training, wanted = [p.requires_grad for p in model.parameters()]; model.eval(); "
        "model.requires_grad_(False). After them: model.train(was), and each p.requires_grad_(...) as it was.",
    ),
    _cases,
    _probe,
    compare(
        _right,
        [
            Slip(
                "trains_network",
                "the network's own weights have moved: it would learn to call noise a digit. Give the optimiser the "
                "image alone.",
                happened("trained"),
            ),
            Slip(
                "training_mode",
                "dropout was active during the run, so the image was fitted to another network in each step: "
                "evaluation mode first.",
                happened("dropped"),
            ),
            Slip(
                "not_frozen",
                "the network's parameters have other gradients than before, which the next training would miss: they "
                "collected those of the run, or were cleared. Freeze them for the run, and clear the image's alone.",
                happened("gradients"),
            ),
            Slip(
                "left_frozen",
                "the parameters do not want gradients as they did before the run: what was frozen stays so, and what "
                "was not must be trainable again.",
                happened("other freezing"),
            ),
            Slip(
                "mode_not_restored",
                "the network is left in another mode than it came in.",
                happened("other mode"),
            ),
            Slip(
                "start_overwritten",
                "the start that was handed in is no longer what it was: a Parameter, too, shares its memory. Work on a "
                "clone.",
                lambda answers, cases: any(answer["start as it was"] is False for answer in answers),
            ),
            Slip(
                "step_count",
                "the number of losses is not the number of steps: wanted one for each.",
                lambda answers, cases: any(
                    len(answer["losses"].ravel()) != case["steps"] for answer, case in zip(answers, cases, strict=True)
                ),
            ),
            Slip(
                "not_a_number",
                "your losses are nan: what the network gives are logarithms already, below 0, and have no logarithm.",
                lambda answers, cases: any(np.isnan(answer["losses"]).any() for answer in answers),
            ),
            Slip(
                "gradients_pile_up",
                "gradients pile up over the steps: clear the image's before each.",
                _went(_run(clear=False)),
            ),
            Slip(
                "probability_without_log",
                "you compare a probability where a logarithm belongs: wanted the squared difference of the two "
                "logarithms.",
                _went(*map(_run, ("probability", "wanted not logged", "reached not logged"))),
            ),
            Slip(
                "all_digits",
                "your loss asks for the probability of all digits at once; wanted that of the one digit.",
                _went(*map(_run, ("all digits", "sum of all digits"))),
            ),
            Slip(
                "other_digit",
                "your run raises the same digit whatever is asked for, or the one next to it: use `digit` as the "
                "index.",
                lambda answers, cases: any(
                    _went(form)(answers, cases)
                    for form in (
                        *(_run(digit=digit) for digit in range(CLASSES)),
                        lambda case: _run(digit=case["digit"] - 1)(case),
                    )
                ),
            ),
            Slip(
                "not_squared",
                "your loss is not squared, so it does not settle where the wanted probability is reached.",
                _went(*map(_run, ("absolute", "plain difference", "higher and higher"))),
            ),
            Slip(
                "rate_ignored", "the learning rate is not the one handed in.", _went(_run(rate=1e-3), _run(rate=5e-3))
            ),
            Slip(
                "not_adam", "another optimiser than Adam was at work.", _went(*(_run(kind=k) for k in ("SGD", "AdamW")))
            ),
            Slip(
                "optimizer_anew",
                "you make the optimiser anew for each step, so Adam forgets what it saw of the gradients, and every "
                "step is its first: make it once, before the steps.",
                _went(_run(anew=True)),
            ),
            Slip(
                "image_elsewhere",
                "the losses are right, but self.image is not the image that the run has made.",
                _went(_run(), entries=("losses",)),
            ),
            Slip(
                "image_still", "the image is still the start: is the step missing?", _went(_still, entries=("image",))
            ),
        ],
        "the run did not go as Adam on this loss goes.",
        reading=_reading,
    ),
    remarks={
        "losses_keep_graph": "your losses are tensors, and each holds on to the whole graph of its step: wanted "
        "numbers, .item().",
        "start_wants_gradients": "the start that was handed in wants gradients now, which it did not: let a clone of "
        "it want them.",
    },
)
