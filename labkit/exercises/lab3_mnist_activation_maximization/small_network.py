"""A small network with dropout, and a watch that notes what is done to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array
from labkit.exercises.comparing import Explains, same
from labkit.exercises.core import Case

if TYPE_CHECKING:
    from torch import nn

#: Rows and columns of the images that the small network reads.
SIDE = 6
CLASSES = 10


def small_network(seed: int, training: bool = False, frozen: bool = False) -> "nn.Sequential":
    """A network that gives log-probabilities; the same seed gives the same weights.

    Args:
        seed: of the weights.
        training: whether it is in training mode, and its dropout active.
        frozen: whether its first layer wants no gradients.
    """
    import torch
    from torch import nn

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        first, last = nn.Linear(SIDE**2, 12), nn.Linear(12, CLASSES)
    with torch.no_grad():
        last.weight.mul_(4)  # so that the classes are told apart at all
    first.requires_grad_(not frozen)
    network = nn.Sequential(nn.Flatten(), first, nn.Tanh(), nn.Dropout(0.5), last, nn.LogSoftmax(dim=1))
    return network.train(training)


def network_cases(rng: np.random.Generator) -> list[Case]:
    """A network of which all is as when it is made, and one that is in evaluation mode and frozen in part."""
    states = [{"training": True, "frozen": False}, {"training": False, "frozen": True}]
    return [{"network": {"seed": int(rng.integers(2**31))} | state} for state in states]


@contextmanager
def image_wants_gradients() -> Iterator[None]:
    """While a student's run is on: names the image that wants no gradients, of which PyTorch speaks in riddles.

    Raises:
        Misfit: nothing that the loss was made of wants any.
    """
    try:
        yield
    except RuntimeError as error:
        if "does not require grad" not in str(error):
            raise
        told = "the loss does not know your image: it must want gradients before the steps, .requires_grad_(), and run"
        raise Misfit(f"{told} through the network without torch.no_grad()") from error


class Watch:
    """Looks at a network from here on. Its parameters get gradients, as if a training were under way."""

    def __init__(self, network: "nn.Sequential") -> None:
        for parameter in network.parameters():
            parameter.grad = parameter.detach().clone()  # as good as any, and known to the judge
        self._network = network
        self._dropped: list[bool] = []
        network[3].register_forward_hook(lambda module, inputs, output: self._dropped.append(module.training))

    def seen(self) -> dict[str, Plain]:
        """What the network is like now, and for each of its passes whether dropout was active."""
        parameters = list(self._network.parameters())
        return {
            "weights": [array(parameter) for parameter in parameters],
            "gradients": [array(parameter.grad) for parameter in parameters if parameter.grad is not None],
            "modes": [module.training for module in self._network.modules()],
            "open": [parameter.requires_grad for parameter in parameters],
            "passes": self._dropped,
        }


def watched(answer: dict[str, Plain], case: Case) -> dict[str, Plain]:
    """In place of what a watch saw of the case's network, what happened to it: of all this, nothing should."""
    network, seen = small_network(**case["network"]), answer.get("network")
    if not isinstance(seen, dict) or not isinstance(seen.get("passes"), list):
        return answer
    weights = [array(parameter) for parameter in network.parameters()]
    untouched = {
        "trained": ("weights", weights),
        "dropped": ("passes", [False] * len(seen["passes"])),
        "other mode": ("modes", [module.training for module in network.modules()]),
        "other freezing": ("open", [parameter.requires_grad for parameter in network.parameters()]),
        "gradients": ("gradients", weights),
    }
    happened = {name: not same(seen.get(entry), kept, tolerance=0) for name, (entry, kept) in untouched.items()}
    return answer | {"network": happened}


#: What happens to a network that nobody touches.
NOTHING = {"trained": False, "dropped": False, "other mode": False, "other freezing": False, "gradients": False}


def happened(what: str) -> Explains:
    """For a slip: something that happened in at least one case."""
    return lambda answers, cases: any(answer["network"].get(what) is True for answer in answers)
