"""Look into a PyTorch model while it runs: record what its layers give out, or change it.

PyTorch calls a *forward hook* right after a module has computed its output. A hook that returns nothing
watches; a hook that returns a tensor replaces the output, and all that follows is computed from the
replacement. A forgotten hook stays and acts in every later pass, so the hooks here live in ``with`` blocks:

    >>> model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    >>> with record(model, ["0"]) as outputs:
    ...     _ = model(torch.rand(2, 3))
    >>> outputs["0"].shape
    torch.Size([2, 4])

    >>> with edit(model, {"1": torch.zeros_like}), evaluating(model):
    ...     logits = model(torch.rand(2, 3))  # from the last layer's bias alone

When the block ends, by its last line or by an exception, they are gone. A layer's name is its path in
``model.named_modules()``: "convs.2" is the entry "2" of the submodule ``convs``, and "" the model itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from typing import Any

from torch import Tensor, nn


class Recording(dict[str, Tensor]):
    """The recorded outputs: layer name -> tensor, in the order in which the layers ran."""

    def __init__(self, layers: Iterable[str]) -> None:
        super().__init__()
        self._layers = tuple(layers)

    def __missing__(self, layer: str) -> Tensor:
        if layer in self._layers:
            raise KeyError(f"layer {layer!r} did not run yet in this block: call the model inside it first.")
        raise KeyError(f"layer {layer!r} is not recorded; recorded are {', '.join(map(repr, self._layers))}.")


def find_layers(model: nn.Module, layers: Iterable[str]) -> dict[str, nn.Module]:
    """The submodules of those names.

    Args:
        model: any PyTorch model.
        layers: names as in ``model.named_modules()``. Twice the same name counts once.

    Raises:
        ValueError: a name that the model does not have; the message lists the names that come near.
    """
    # A module that stands in two places has two names, and both are right.
    modules = dict(model.named_modules(remove_duplicate=False))
    found = {}
    for layer in layers:
        if layer not in modules:
            near = get_close_matches(layer, modules, n=5, cutoff=0.4) or list(filter(None, modules))[:10]
            raise ValueError(
                f"got layer {layer!r}, which {type(model).__name__} does not have; wanted a name of "
                f"model.named_modules(), perhaps {' or '.join(map(repr, near))}."
            )
        found[layer] = modules[layer]
    return found


@contextmanager
def watch(model: nn.Module, watchers: Mapping[str, Callable[[Tensor], None]]) -> Iterator[None]:
    """Call a function on the output of a layer whenever it runs.

    Where only a summary is wanted, a maximum say, this needs less memory than ``record``.

    Args:
        model: any PyTorch model; its train or eval mode is left as it is.
        watchers: layer name -> function of the layer's output. It gets the tensor itself, detached: layers
            that follow may write into it, so keep copies, and do not write into it.

    Raises:
        ValueError: an unknown layer.
        TypeError: a layer that gives out something else than one tensor, such as the tuple of ``nn.LSTM``.
    """

    def show(layer: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            watchers[layer](_one_tensor(output, layer).detach())

        return hook

    with ExitStack() as hooks:  # it takes off what was put on, even if putting on the next one fails
        for layer, module in find_layers(model, watchers).items():
            hooks.enter_context(module.register_forward_hook(show(layer)))
        yield


@contextmanager
def record(model: nn.Module, layers: str | Iterable[str]) -> Iterator[Recording]:
    """Record the outputs of some layers in the last forward pass.

    Each recorded tensor is a detached copy, on the model's device: an in-place layer that follows, such as
    ``nn.ReLU(inplace=True)``, does not reach it. It outlives the block. A new forward pass of the model
    forgets the one before, so that a pass that fails never leaves old outputs to be taken for new ones.
    A layer that runs several times in one pass is recorded the last time. Edits of an ``edit`` block
    around this one are seen, those of a block inside it are not.

    Args:
        model: any PyTorch model; its train or eval mode is left as it is.
        layers: names as in ``model.named_modules()``, or a single name.

    Yields:
        layer name -> output, filled as the layers run.

    Raises:
        ValueError: an unknown layer.
        KeyError: an output that is read before its layer ran.
        TypeError: a layer that gives out something else than one tensor.
    """
    layers = [layers] if isinstance(layers, str) else list(layers)
    outputs = Recording(layers)

    def remember(layer: str) -> Callable[[Tensor], None]:
        def keep(output: Tensor) -> None:
            outputs.pop(layer, None)  # so that the keys stand in the order of running
            outputs[layer] = output.clone()

        return keep

    def forget(module: nn.Module, inputs: Any) -> None:
        outputs.clear()

    with watch(model, {layer: remember(layer) for layer in layers}), model.register_forward_pre_hook(forget):
        yield outputs


@contextmanager
def edit(
    model: nn.Module, edits: Mapping[str, Callable[[Tensor], Tensor]], in_training: bool = False
) -> Iterator[None]:
    """Replace the outputs of some layers, for example to prune filters without touching a weight.

    The edits act in eval mode alone: a layer in train mode runs unedited unless ``in_training`` is set.
    So a pruning hook measures a trained model and does not disturb its training. It is the layer's own flag
    that counts, and ``model.eval()`` sets them all.

    Args:
        model: any PyTorch model; its train or eval mode is left as it is.
        edits: layer name -> function from the layer's output to the tensor that takes its place, of the same
            shape. The function gets a copy, so it may write into it. Where two blocks edit one layer, the
            outer one edits first.
        in_training: act in train mode too.

    Raises:
        ValueError: an unknown layer, or a function that changes the shape.
        TypeError: a layer that gives out something else than one tensor, or a function that returns none.

    Example:
        >>> def prune_two(activations):  # (N, F, L)
        ...     activations[:, [0, 3]] = -1e9  # lower than all others, so max pooling never takes them
        ...     return activations
        >>> with edit(model, {"convs.2": prune_two}), evaluating(model):  # doctest: +SKIP
        ...     logits = model(ids)
    """

    def replace(layer: str) -> Callable[..., Tensor | None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> Tensor | None:
            if module.training and not in_training:
                return None  # to PyTorch this means: leave the output as it is
            before = _one_tensor(output, layer)
            after = edits[layer](before.clone())
            if not isinstance(after, Tensor):
                raise TypeError(
                    f"the edit of layer {layer!r} returned {type(after).__name__}; wanted the tensor that "
                    f"takes the output's place. Does the function end with a return?"
                )
            if after.shape != before.shape:
                raise ValueError(
                    f"the edit of layer {layer!r} returned shape {tuple(after.shape)}; wanted the shape of "
                    f"the layer's output, {tuple(before.shape)}."
                )
            return after

        return hook

    with ExitStack() as hooks:
        for layer, module in find_layers(model, edits).items():
            hooks.enter_context(module.register_forward_hook(replace(layer)))
        yield


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put the model into eval mode, and afterwards each submodule back into the mode it had.

    ``model.train(was_training)`` would not do: it sets all submodules alike, so that a part that was
    frozen in eval mode (a batch norm, say) would train from then on. And ``model.training = True`` sets the
    top module alone, so that dropout inside stays off.
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _one_tensor(output: Any, layer: str) -> Tensor:
    if isinstance(output, Tensor):
        return output
    raise TypeError(
        f"layer {layer!r} gave out a {type(output).__name__}; wanted a layer whose output is one tensor. "
        f"Name a layer inside it, or one that takes its output."
    )
