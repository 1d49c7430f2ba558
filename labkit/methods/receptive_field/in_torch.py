"""PyTorch's part: a model as a graph of windows.

``torch.fx`` runs the model's Python code once with a stand-in for the image, and writes down what is called. No
tensor is computed, so weights do not matter, and a model on the "meta" device will do.
"""

import inspect
from collections.abc import Sequence
from functools import partial
from typing import Any

from torch import fx, nn

from labkit.methods.activations import evaluating, find_layers
from labkit.methods.receptive_field.axis import Axis
from labkit.methods.receptive_field.graph import Node, unchanged, walk
from labkit.methods.receptive_field.torch_windows import KNOWN, is_one_of, windows_of_function, windows_of_module

#: What is asked of a map and is none itself.
NO_MAPS = {"size", "shape", "dim", "getattr"}


def axes_in_torch(model: nn.Module, layer: str, input_shape: tuple[int, ...] | None) -> tuple[Axis, ...]:
    """What the units of a layer see of the image, along each dimension.

    Args:
        model: any that ``torch.fx`` can trace.
        layer: a name of ``model.named_modules()``; "" is the model's output.
        input_shape: of one input, (C, H, W) or (C, L).

    Raises:
        ValueError: see ``receptive_field``.
    """
    module = find_layers(model, [layer])[layer]
    if input_shape is None or len(input_shape) < 2:
        raise ValueError(
            f"got input_shape={input_shape}; wanted that of one image, (C, H, W), which a PyTorch model does not know: "
            f"receptive_field(model, layer, input_shape=(3, 224, 224)), say."
        )
    tracer = Tracer()
    graph = _traced(model, tracer)
    nodes = [Node("the image", (), unchanged)]
    numbers: dict[fx.Node, int] = {}
    for step in graph.nodes:
        given = tuple(numbers[source] for source in step.all_input_nodes if source in numbers)
        if step.op == "placeholder" and not step.args and not numbers:
            numbers[step] = 0
        elif given and _name_of(step) not in NO_MAPS and step.op != "output":
            name = tracer.paths[step]
            nodes.append(Node(name, given, partial(_windows, model, step, name)))
            numbers[step] = len(nodes) - 1
    output = tracer.outputs.get(id(module)) if layer else _output_of(graph)
    if output not in numbers:
        raise ValueError(
            f"got layer {layer!r}, which does not run, or gives out something else than one map; wanted one that "
            f"model(images) calls and that gives out one tensor."
        )
    return walk(nodes, numbers[output], tuple(input_shape[1:]))


class Tracer(fx.Tracer):
    """Notes also what each module gave out when it ran last, and where each step was taken."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs: dict[int, fx.Node] = {}
        self.paths: dict[fx.Node, str] = {}

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Whether not to look inside: what is known by its settings is known well enough."""
        return is_one_of(m, KNOWN) or super().is_leaf_module(m, module_qualified_name)

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        """Run a module, and note what it gave out."""
        output = super().call_module(m, forward, args, kwargs)
        if isinstance(output, fx.Proxy):
            self.outputs[id(m)] = output.node
        return output

    def create_node(self, kind: str, *args: Any, **kwargs: Any) -> fx.Node:
        """Write down a step, and note the module that takes it."""
        node = super().create_node(kind, *args, **kwargs)
        path = self.scope.module_path
        self.paths[node] = str(node.target) if kind == "call_module" else f"{path}.{node.name}" if path else node.name
        return node


def _traced(model: nn.Module, tracer: Tracer) -> fx.Graph:
    """What the model calls when it is given one image, and nothing that it can do without."""
    inputs = list(inspect.signature(model.forward).parameters.values())
    needed = [one for one in inputs if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    if len(needed) != 1:
        raise ValueError(f"got a {type(model).__name__} of {len(needed)} inputs; wanted a model with a single one.")
    rest = {one.name: one.default for one in inputs if one.default is not one.empty}
    with evaluating(model):
        try:
            return tracer.trace(model, concrete_args=rest or None)
        except (fx.proxy.TraceError, TypeError, RuntimeError) as error:
            raise ValueError(
                f"got a {type(model).__name__} that torch.fx cannot trace, mostly because what it calls depends on the "
                f"images; wanted one that it can. Give the part that it can trace, model.features say, or measure what "
                f"a unit sees with gradient_support. It says: {error}"
            ) from error


def _output_of(graph: fx.Graph) -> Any:
    (last,) = (step for step in graph.nodes if step.op == "output")
    output = last.args[0]
    return output if isinstance(output, fx.Node) else None


def _windows(model: nn.Module, step: fx.Node, name: str, sizes: tuple[int, ...]) -> Sequence[Any]:
    """What a step looks at on a map of that size."""
    module = model.get_submodule(str(step.target)) if step.op == "call_module" else None
    if module is not None:
        windows, kind = windows_of_module(module, sizes), type(module).__name__
    else:
        windows, kind = windows_of_function(_name_of(step), step.args, step.kwargs, sizes), _name_of(step)
    if windows is None:
        raise ValueError(
            f"got layer {name!r} on the way, {kind}, whose receptive field is not known here with these settings; "
            f"wanted convolutions, poolings, padding with a constant, upsampling by whole factors, and layers that "
            f"work on each place alone. Name a layer before it, or measure what a unit sees with gradient_support."
        )
    return windows


def _name_of(step: fx.Node) -> str:
    """Of what is called: a function of PyTorch or Python, or a tensor's method."""
    if isinstance(step.target, str):
        return step.target
    home = (getattr(step.target, "__module__", None) or "torch").partition(".")[0]
    known = home in ("torch", "torchvision", "_operator", "builtins")
    return step.target.__name__ if known else f"{home}.{step.target.__name__}"
