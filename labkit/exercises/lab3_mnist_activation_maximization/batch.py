"""Exercise 3.11: an image for each digit, all in one batch."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Plain, array, call, remark
from labkit.exercises.comparing import Explains, Slip, as_it_was, compare, same
from labkit.exercises.core import Case, Exercise
from labkit.exercises.lab3_mnist_activation_maximization.small_network import (
    CLASSES,
    NOTHING,
    SIDE,
    Watch,
    first_unit,
    happened,
    image_wants_gradients,
    network_cases,
    small_network,
    watched,
)

if TYPE_CHECKING:
    import torch

_OBJECTIVES: dict[str, Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]] = {
    "right": lambda logs, digits: logs[range(len(digits)), digits].sum(),
    "descent": lambda logs, digits: -logs[range(len(digits)), digits].sum(),
    "first digit": lambda logs, digits: logs[:, digits[0]].sum(),
    "all pairs": lambda logs, digits: logs[:, digits].sum(),
    "mean of all pairs": lambda logs, digits: logs[:, digits].mean(),
    "whole output": lambda logs, digits: logs.sum(),
    "mean output": lambda logs, digits: logs.mean(),  # Adam hardly sees the difference to a sum, but it does
    "by place": lambda logs, digits: logs.diagonal().sum(),
    "probability": lambda logs, digits: logs[range(len(digits)), digits].exp().sum(),
}


def _cases(rng: np.random.Generator) -> list[Case]:
    shapes = ({"steps": 6, "rate": 0.05}, {"steps": 4, "rate": 0.02})
    return [
        case
        | shape
        | {
            "starts": rng.normal(0, 0.1, (several, 1, SIDE, SIDE)).astype(np.float32),
            "digits": rng.choice(np.arange(several, CLASSES), several, replace=False),
        }
        for case, shape, several in zip(network_cases(rng), shapes, (4, 3), strict=True)
    ]


def _probe(answer: Any, case: Case) -> Plain:
    import torch

    network = small_network(**case["network"])
    starts, digits = torch.from_numpy(case["starts"].copy()), torch.from_numpy(case["digits"].copy())
    watch = Watch(network)
    with image_wants_gradients():
        found = call(answer, network, starts, digits, case["steps"], case["rate"])
    if starts.requires_grad:
        remark("starts_want_gradients")
    passes = [first_unit(output) for output in watch.passes]
    return {"images": array(found), "starts": array(starts), "passes": passes, "network": watch.seen(case)}


def _reading(answer: dict[str, Plain], case: Case) -> dict[str, Plain]:
    """With what happened to starts and network, and whether the images went through it as a batch."""
    others = {name: value for name, value in answer.items() if name != "passes"}
    kept = as_it_was("starts", "starts", told="starts as they were")(others, case)
    passes = answer.get("passes")
    together = isinstance(passes, list) and _together(passes, case)
    return watched("images", _images())(kept, case) | {"as a batch": together}


def _together(passes: list[Plain], case: Case) -> bool:
    """Whether each step's images are found together in a pass, by what they excite."""
    import torch

    begin = small_network(case["network"]["seed"])[:2]
    through = _run()(case)[:-1]  # what came of the last step went through no more
    excited = [first_unit(begin(torch.from_numpy(images))) for images in through]
    found = [np.sort(several) for several in passes if isinstance(several, np.ndarray) and several.ndim == 1]
    return all(any(same(several, np.sort(each)) for several in found) for each in excited)


def _images(**wrong: Any) -> Callable[[Case], np.ndarray]:
    """The images that such a run ends with."""
    return lambda case: _run(**wrong)(case)[-1]


def _run(
    objective: str = "right", kind: str = "Adam", shared: bool = False, more: int = 0, clip: bool = False
) -> Callable[[Case], list[np.ndarray]]:
    """The images before and after each step of a run in which one thing or another is wrong."""

    def run(case: Case) -> list[np.ndarray]:
        import torch

        network = small_network(case["network"]["seed"]).requires_grad_(False)
        digits = torch.from_numpy(case["digits"])
        images = torch.from_numpy(case["starts"][: 1 if shared else None].copy()).requires_grad_()
        optimizer = getattr(torch.optim, kind)([images], lr=case["rate"])

        def as_many() -> np.ndarray:
            return np.broadcast_to(array(images), case["starts"].shape).copy()

        seen = [as_many()]
        for _ in range(case["steps"] + more):
            optimizer.zero_grad()
            logs = network(images).expand(len(digits), -1)
            (-_OBJECTIVES[objective](logs, digits)).backward()
            optimizer.step()
            if clip:
                images.data.clamp_(0, 1)
            seen.append(as_many())
        return seen

    return run


def _made(*forms: Callable[[Case], np.ndarray]) -> Explains:
    """Whether the images are those of such a run, whatever else there is."""
    return lambda answers, cases: any(
        all(same(answer["images"], form(case)) for answer, case in zip(answers, cases, strict=True)) for form in forms
    )


MAXIMIZE_BATCH = Exercise(
    "3.11",
    "all digits as one batch",
    4,
    (
        "The output for T images is (T, 10). Which single entry of each row is the one that its image should raise?",
        "Of a table (T, 10) with one digit for each row: table[torch.arange(T), digits] has T entries. table[:, "
        "digits] has T x T, and lets each image raise all the digits.",
        "Sum the T log-probabilities: no image appears in another's, so each gets the gradient that it would get "
        "alone. The optimiser goes down, so the loss is minus the sum.",
        "images = starts.clone().requires_grad_(); Adam([images], lr=lr); in each step: zero_grad(), (-model(images)["
        "torch.arange(len(digits)), digits].sum()).backward(), step(). The network is frozen and in evaluation mode "
        "meanwhile, as in exercise 3.5.",
    ),
    _cases,
    _probe,
    compare(
        lambda case: {
            "images": _images()(case),
            "starts as they were": True,
            "as a batch": True,
            "network": NOTHING,
        },
        [
            Slip(
                "trains_network",
                "the network's own weights have moved: give the optimiser the images alone.",
                happened("trained"),
            ),
            Slip(
                "training_mode",
                "dropout was active, so the images were fitted to another network in each step: evaluation mode first.",
                happened("dropped"),
            ),
            Slip(
                "not_frozen",
                "the network's parameters have other gradients than before: they collected those of the run, or were "
                "cleared. Freeze them for the run, and clear the images' alone.",
                happened("gradients"),
            ),
            Slip("left_frozen", "the parameters do not want gradients as they did before.", happened("other freezing")),
            Slip(
                "mode_not_restored",
                "the network is left in another mode than it came in.",
                happened("other mode"),
            ),
            Slip(
                "starts_overwritten",
                "the starts that were handed in are no longer what they were: work on a clone.",
                lambda answers, cases: any(answer["starts as they were"] is False for answer in answers),
            ),
            Slip(
                "one_at_a_time",
                "the images are right, but went through the network one at a time; wanted one pass a step, with all of "
                "them as a batch.",
                lambda answers, cases: (
                    _made(_images())(answers, cases) and any(answer["as a batch"] is False for answer in answers)
                ),
            ),
            Slip(
                "first_digit",
                "all your images raise the first digit; each has its own.",
                _made(_images(objective="first digit")),
            ),
            Slip(
                "all_pairs",
                "each of your images raises all the wanted digits at once: [:, digits] takes every pair of image and "
                "digit; wanted image 0 with digit 0, image 1 with digit 1, and so on.",
                _made(_images(objective="all pairs"), _images(objective="mean of all pairs")),
            ),
            Slip(
                "by_place",
                "your images raise the digits 0, 1, 2, ... in turn; wanted those in `digits`.",
                _made(_images(objective="by place")),
            ),
            Slip(
                "whole_output",
                "each of your images raises all ten outputs at once; wanted its own digit alone.",
                _made(_images(objective="whole output"), _images(objective="mean output")),
            ),
            Slip(
                "descent",
                "your images lower their digits: optimisers go down, so the loss needs a minus.",
                _made(_images(objective="descent")),
            ),
            Slip(
                "probability_without_log",
                "you raise probabilities, whose gradients vanish near 0 and 1; wanted log-probabilities.",
                _made(_images(objective="probability")),
            ),
            Slip(
                "one_image",
                "one image is optimised for all the digits; wanted one for each, from its own start.",
                _made(_images(shared=True)),
            ),
            Slip("not_adam", "another optimiser than Adam was at work.", _made(_images(kind="SGD"))),
            Slip(
                "step_count",
                "these are the images of one step too few or too many.",
                _made(_images(more=-1), _images(more=1)),
            ),
            Slip(
                "clipped",
                "your values are kept in [0, 1], which was not asked for here.",
                _made(_images(clip=True), lambda case: _images()(case).clip(0, 1)),
            ),
        ],
        "these are not the images that each would become by itself.",
        reading=_reading,
    ),
    remarks={
        "starts_want_gradients": "the starts that were handed in want gradients now, which they did not: let a clone "
        "of them want them.",
    },
)
