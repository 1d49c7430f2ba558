"""A small network with dropout, and a watch that notes what is done to it."""

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.comparing import Explains
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


class Watch:
    """Notes what happens to a network from here on."""

    def __init__(self, network: "nn.Sequential") -> None:
        self._network = network
        self._before = self._state()
        self._dropped: list[bool] = []
        network[3].register_forward_hook(lambda module, inputs, output: self._dropped.append(module.training))

    def _state(self) -> dict[str, Any]:
        parameters = list(self._network.parameters())
        return {
            "weights": [copy.deepcopy(parameter.detach()) for parameter in parameters],
            "modes": [module.training for module in self._network.modules()],
            "open": [parameter.requires_grad for parameter in parameters],
        }

    def seen(self) -> dict[str, bool]:
        """What happened: of all this, nothing should."""
        now = self._state()
        pairs = zip(now["weights"], self._before["weights"], strict=True)
        return {
            "trained": not all(bool((after == before).all()) for after, before in pairs),
            "dropped": any(self._dropped),
            "other mode": now["modes"] != self._before["modes"],
            "other freezing": now["open"] != self._before["open"],
            "gradients": any(parameter.grad is not None for parameter in self._network.parameters()),
        }


#: What a watch sees if nothing happens.
NOTHING = {"trained": False, "dropped": False, "other mode": False, "other freezing": False, "gradients": False}


def happened(what: str) -> Explains:
    """For a slip: something that a watch saw in at least one case."""
    return lambda answers, cases: any(answer["network"].get(what) is True for answer in answers)
