"""PyTorch's part: look into a model, and take the gradient with respect to its input."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from labkit.methods.activation_maximization.goal import Measured
from labkit.methods.activations import evaluating, find_layers
from labkit.methods.features import device_of


class InTorch:
    """A PyTorch model, as ``maximize`` needs it."""

    #: The units of a layer are the second axis of its output.
    channels_first = True
    #: A PyTorch model does not know the shape of its inputs.
    input_shape = None

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.device = device_of(model)
        floats = (parameter.dtype for parameter in model.parameters() if parameter.is_floating_point())
        self.dtype = next(floats, torch.get_default_dtype())

    def array(self, array: np.ndarray) -> Tensor:
        """As a tensor on the model's device, in the type of its weights but at least float32."""
        return torch.tensor(array, dtype=torch.promote_types(self.dtype, torch.float32), device=self.device)

    def numpy(self, tensor: Any) -> np.ndarray:
        """As an array of its own, on the CPU."""
        if not isinstance(tensor, Tensor):
            return np.array(tensor)
        # NumPy has no bfloat16.
        return np.array(tensor.detach().cpu().to(torch.promote_types(tensor.dtype, torch.float32)).numpy())

    def result(self, images: Tensor) -> Tensor:
        """The images as the user gets them."""
        return images

    @contextmanager
    def opened(self, layers: Iterable[str], linear_output: bool) -> Iterator[Callable[[Tensor], Mapping[str, Any]]]:
        """Open the model: in eval mode, and with a look at some layers. No way back is remembered but in ``gradient``.

        The parameters need no freezing: the gradient is asked for the images alone, so none is computed for
        the parameters and none is stored.

        Args:
            layers: their names; "" is the model's output.
            linear_output: without the last activation.

        Yields:
            from images (N, ...) to layer -> its output.

        Raises:
            ValueError: an unknown layer; from the function: no last activation.
        """
        seen: dict[str, Any] = {}

        def keep(layer: str, module: nn.Module, inputs: Any, output: Any) -> None:
            # A copy, for a layer that follows may work in place.
            seen[layer] = output.clone() if isinstance(output, Tensor) else output

        def see(images: Tensor) -> Mapping[str, Any]:
            seen[""] = self.model(images.to(self.dtype, copy=True))  # a first layer may work in place, too
            found = {layer: seen[layer] for layer in layers if layer in seen}
            seen.clear()  # what stayed here would keep the memory of this pass from the next one
            return found

        inner = [layer for layer in layers if layer]
        with ExitStack() as stack:
            stack.enter_context(evaluating(self.model))
            stack.enter_context(torch.inference_mode(False))
            stack.enter_context(torch.no_grad())
            for layer, module in find_layers(self.model, inner).items():
                stack.enter_context(module.register_forward_hook(partial(keep, layer)))
            if linear_output:
                stack.enter_context(_without_softmax(self.model))
            yield see

    def gradient(self, measure: Callable[[Tensor], Measured], images: Tensor) -> tuple[Tensor, Measured]:
        """The gradient of the sum of the losses by the images, and what was measured."""
        with torch.enable_grad():
            images = images.detach().requires_grad_()
            measured = measure(images)
            (gradient,) = torch.autograd.grad(measured.loss, images, torch.ones_like(measured.loss))
        # What is remembered must not hold on to the passes that it came from.
        return gradient, Measured(*(None if values is None else values.detach() for values in measured))

    def compiled(self, step: Callable[..., Any], state: Any) -> Callable[..., Any]:
        """PyTorch runs the step as it stands."""
        return step

    def random(self, seed: int) -> "HostRandom":
        """A source of random numbers for the modifiers."""
        return HostRandom(seed)


class HostRandom:
    """Random numbers from NumPy."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.default_rng(seed)

    def uniform(self, low: float, high: float) -> float:
        """A number from low up to high."""
        return float(self._generator.uniform(low, high))

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self._generator.integers(low, high, endpoint=True))


@contextmanager
def _without_softmax(model: nn.Module) -> Iterator[None]:
    """Let the model give out what goes into its last softmax.

    The last softmax is the module whose output is the model's output, the very same tensor, wherever it stands
    and whatever it is called.
    """
    passed: list[tuple[Any, Any]] = []

    def note(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        passed.append((inputs[0], output))

    def replace(module: nn.Module, inputs: Any, output: Any) -> Any:
        # The first that noted it: a softmax may be made of another one inside.
        logits = next((before for before, after in passed if after is output), None)
        passed.clear()
        if logits is None:
            raise ValueError(
                f"got linear_output=True for a {type(model).__name__} that does not end in an nn.Softmax or "
                f"nn.LogSoftmax module; wanted one that does. If its forward calls a function such as log_softmax, "
                f"name the layer before it: Unit(layer, index). If it ends in a linear layer, leave linear_output out."
            )
        return logits

    with ExitStack() as hooks:
        for module in model.modules():
            if isinstance(module, nn.Softmax | nn.LogSoftmax):
                hooks.enter_context(module.register_forward_hook(note))
        hooks.enter_context(model.register_forward_hook(replace))
        yield
