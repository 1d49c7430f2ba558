"""A small network with dropout, and a watch that notes what is done to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array
from labkit.exercises.comparing import Explains, Reading, same
from labkit.exercises.core import Case

if TYPE_CHECKING:
    import torch
    from torch import nn

#: Rows and columns of the images that the small network reads.
SIDE = 6
CLASSES = 10
_HIDDEN = 12


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
        first, last = nn.Linear(SIDE**2, _HIDDEN), nn.Linear(_HIDDEN, CLASSES)
        kept = 2.0 * (torch.randperm(_HIDDEN) < _HIDDEN / 2)
    with torch.no_grad():
        last.weight.mul_(4)  # so that the classes are told apart at all
    first.requires_grad_(not frozen)

    class Dropping(nn.Dropout):
        """What a dropout does, but to the same units each time, so that the mode can be told by the output."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * kept if self.training else x

    network = nn.Sequential(nn.Flatten(), first, nn.Tanh(), Dropping(), last, nn.LogSoftmax(dim=1))
    return network.train(training)


def network_cases(rng: np.random.Generator) -> list[Case]:
    """A network of which all is as when it is made, and one that is in evaluation mode and frozen in part.

    With each, images and a signal with which the network is used once it comes back.
    """
    states = [{"training": True, "frozen": False}, {"training": False, "frozen": True}]
    return [
        {
            "network": {"seed": int(rng.integers(2**31))} | state,
            "later": rng.normal(size=(3, 1, SIDE, SIDE)).astype(np.float32),
            "signal": rng.normal(size=(3, CLASSES)).astype(np.float32),
        }
        for state in states
    ]


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
        raise Misfit(
            "the loss does not know your image: it must want gradients before the steps, .requires_grad_(), and run "
            "through the network without torch.no_grad()"
        ) from error


class Watch:
    """Looks at a network from here on, and at copies made of it. Its parameters get gradients, as if in a training.

    Attributes:
        passes: of each pass the first layer's output, (N, U).
    """

    def __init__(self, network: "nn.Sequential") -> None:
        for parameter in network.parameters():
            parameter.grad = parameter.detach().clone()  # as good as any, and known to the judge
        self.passes: list[torch.Tensor] = []
        self._network, self._modes = network, list[bool]()
        passes, modes = self.passes, self._modes  # a copy of the network takes functions along as they are

        def note_pass(layer: "nn.Module", inputs: Any, output: "torch.Tensor") -> None:
            passes.append(_bare(output))

        def note_mode(layer: "nn.Module", inputs: Any, output: "torch.Tensor") -> None:
            modes.append(layer.training)

        self._hooks = [network[1].register_forward_hook(note_pass), network[3].register_forward_hook(note_mode)]

    def seen(self, case: Case) -> dict[str, Plain]:
        """What became of the network, told by what it gives and learns now and not by what it says of itself.

        Returns:
            The values and gradients of its parameters; whether it was in training mode, for each pass; and what it
            gives for the case's later images and becomes by the signal.
        """
        for hook in self._hooks:
            hook.remove()
        parameters = list(self._network.parameters())
        return {
            "weights": [array(parameter) for parameter in parameters],
            "gradients": [array(parameter.grad) for parameter in parameters if parameter.grad is not None],
            "modes": self._modes,
            "used": _used(self._network, case),
        }


def _bare(output: "torch.Tensor") -> "torch.Tensor":
    """Out of what ``torch.func`` wraps a tensor in while it transforms a function; there it has no memory to read."""
    import torch

    while torch._C._functorch.is_functorch_wrapped_tensor(output):
        output = torch._C._functorch.get_unwrapped(output)
    return output


def first_unit(hidden: "torch.Tensor") -> np.ndarray:
    """Of the first layer's output the first unit, (N,); ``torch.func.vmap`` leaves (N, 1, U)."""
    return array(hidden.reshape(-1, _HIDDEN)[:, 0])


def _used(network: "nn.Sequential", case: Case) -> dict[str, Plain]:
    """What a network gives for images in the mode that it is in, and its parameters after a step by the signal.

    A frozen one stays what it was: a number that nobody knows beforehand, as the others are.
    """
    import torch

    for parameter in network.parameters():
        parameter.grad = None
    with torch.enable_grad():
        output = network(torch.from_numpy(case["later"].copy()))
        if output.requires_grad:
            output.backward(torch.from_numpy(case["signal"].copy()))
    learned = [array(each) if each.grad is None else array(each + each.grad) for each in network.parameters()]
    return {"output": array(output), "learned": learned}


def watched(entry: str, right: Callable[[Case], Plain]) -> Reading:
    """In place of what a watch saw of the case's network, what happened to it: of all this, nothing should.

    That it was in training mode during a pass explains an entry that is wrong, and is nothing by itself.
    """

    def read(answer: dict[str, Plain], case: Case) -> dict[str, Plain]:
        seen = answer.get("network")
        if not isinstance(seen, dict):
            return answer
        weights = [array(parameter) for parameter in small_network(**case["network"]).parameters()]
        modes = seen.get("modes")
        dropped = isinstance(modes, list) and any(mode is not False for mode in modes)
        return answer | {
            "network": {
                "trained": not same(seen.get("weights"), weights, tolerance=0),
                "dropped": dropped and not same(answer.get(entry), right(case)),
                "gradients": not same(seen.get("gradients"), weights, tolerance=0),
                **_left(seen.get("used"), case),
            }
        }

    return read


def _left(used: Plain, case: Case) -> dict[str, bool]:
    """Whether a network is left in another mode, or with others of its parameters frozen; both if it is another one."""
    was = case["network"]
    for mode in (was["training"], not was["training"]):
        left = _used(small_network(**was | {"training": mode}), case)
        if isinstance(used, dict) and same(used.get("output"), left["output"]):
            other_freezing = not same(used.get("learned"), left["learned"])
            return {"other mode": mode != was["training"], "other freezing": other_freezing}
    return {"other mode": True, "other freezing": True}


#: What happens to a network that nobody touches.
NOTHING = {"trained": False, "dropped": False, "gradients": False, "other mode": False, "other freezing": False}


def happened(what: str) -> Explains:
    """For a slip: something that happened in at least one case."""
    return lambda answers, cases: any(answer["network"].get(what) is True for answer in answers)
