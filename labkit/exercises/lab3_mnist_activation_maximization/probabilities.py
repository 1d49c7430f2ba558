"""Exercise 3.4: the probabilities that a network gives, without touching the network."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Plain, array, call, remark
from labkit.exercises.comparing import Explains, Slip, compare, same
from labkit.exercises.core import Case, Exercise
from labkit.exercises.lab3_mnist_activation_maximization.small_network import (
    NOTHING,
    SIDE,
    Watch,
    happened,
    network_cases,
    small_network,
    watched,
)

if TYPE_CHECKING:
    import torch


def _cases(rng: np.random.Generator) -> list[Case]:
    return [case | {"image": rng.normal(size=(1, 1, SIDE, SIDE)).astype(np.float32)} for case in network_cases(rng)]


def _probe(answer: Any, case: Case) -> Plain:
    import torch

    network = small_network(**case["network"])
    watch = Watch(network)
    found = call(answer, network, torch.from_numpy(case["image"].copy()))
    if getattr(found, "requires_grad", False):
        remark("keeps_graph")
    return {"probabilities": array(found), "network": watch.seen(case)}


def _right(case: Case) -> np.ndarray:
    return _probabilities(lambda logs: logs[0].exp(), case)


def _probabilities(change: Callable[["torch.Tensor"], "torch.Tensor"], case: Case) -> np.ndarray:
    import torch

    network = small_network(case["network"]["seed"])
    with torch.no_grad():
        return array(change(network(torch.from_numpy(case["image"].copy()))))


def _gives(*changes: Callable[["torch.Tensor"], "torch.Tensor"]) -> Explains:
    """Whether this is made of the log-probabilities, (1, C) or a row of them, whatever else there is."""
    return lambda answers, cases: any(
        all(
            same(answer["probabilities"].ravel(), _probabilities(change, case).ravel())
            for answer, case in zip(answers, cases, strict=True)
        )
        for change in changes
    )


PROBABILITIES = Exercise(
    "3.4",
    "the distribution of one image",
    2,
    (
        "The network gives logarithms. What undoes a logarithm? And in which mode should a network be that is asked, "
        "not trained?",
        "Note model.training before you call model.eval(), and put the mode back at the end with model.train(...).",
        "Within torch.no_grad(): model(image)[0].exp(). Before it: was = model.training; model.eval(). After it: "
        "model.train(was).",
    ),
    _cases,
    _probe,
    compare(
        lambda case: {"probabilities": _right(case), "network": NOTHING},
        [
            Slip(
                "training_mode",
                "dropout was active while you asked: the same image would give another answer each time. Switch to "
                "evaluation mode first.",
                happened("dropped"),
            ),
            Slip(
                "mode_not_restored",
                "the network is left in another mode than it came in: whoever trains on would train without dropout, "
                "and whoever asks would get it. Put the mode back.",
                happened("other mode"),
            ),
            Slip(
                "other_freezing",
                "you froze or unfroze parameters for good; to ask a network, torch.no_grad() is enough.",
                happened("other freezing"),
            ),
            Slip(
                "log_probabilities",
                "these are still logarithms, as the network gives them.",
                _gives(lambda logs: logs),
            ),
            Slip(
                "softmax_twice",
                "a softmax of probabilities makes all classes nearly equal: the network has done its softmax already.",
                _gives(lambda logs: logs.exp().softmax(-1)),
            ),
            Slip("sign", "above 1 is no probability: the sign is wrong.", _gives(lambda logs: (-logs).exp())),
            Slip("powers_of_two", "the network's logarithms are natural ones.", _gives(lambda logs: logs.exp2())),
            Slip(
                "keeps_batch",
                "the batch of one is still there; wanted one row of ten numbers.",
                lambda answers, cases: all(answer["probabilities"].ndim == 2 for answer in answers),
            ),
        ],
        "these are not the probabilities of the image.",
        reading=watched("probabilities", _right),
    ),
    remarks={
        "keeps_graph": "the probabilities hang on the graph that they were computed with: use torch.no_grad().",
    },
)
