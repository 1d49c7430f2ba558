"""Exercises 1.3 and 1.4: the largest activations and their places, and a hook that records activations."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call, call_unchanged, remark
from labkit.exercises.comparing import Slip, compare, gives, same, whole
from labkit.exercises.core import Case, Exercise

# 1.3 top-k by index


def _top_k_cases(rng: np.random.Generator) -> list[Case]:
    shapes = [(2, 3, 7, 2), (4, 5, 6, 3), (3, 4, 5, 1)]
    return [{"activations": _mostly_negative(rng, shape), "k": k} for *shape, k in shapes]


def _mostly_negative(rng: np.random.Generator, shape: Sequence[int]) -> np.ndarray:
    """Numbers no two of which are of one size, the strongest of them below 0."""
    size = int(np.prod(shape))
    return (rng.permutation(size) - int(0.6 * size) - 0.3).reshape(shape) / 7.0


def _top_k_probe(answer: Any, case: Case) -> Plain:
    import torch

    given = torch.from_numpy(case["activations"].copy())
    pair = call_unchanged(answer, given, case["k"])
    if len(pair) != 2:
        raise Misfit("got one thing where two were wanted: the values and the positions, in this order")
    return {"values": array(pair[0]), "positions": array(pair[1])}


def _top_k(
    axis: int = 2, rank: Callable[[np.ndarray], np.ndarray] = np.negative, order: int = 1, whole: bool = True
) -> Callable[[Case], Plain]:
    """The k first by ``rank``, from low to high; right or wrong."""

    def top(case: Case) -> Plain:
        a, k = case["activations"], case["k"]
        positions = np.argsort(rank(a), axis=axis, kind="stable")
        positions = np.take(positions, range(min(k, a.shape[axis])), axis=axis)
        if order < 0:
            positions = np.flip(positions, axis=axis)
        return {"values": np.take_along_axis(a, positions, axis=axis), "positions": positions, "whole": whole}

    return top


def _by_size(signed: bool) -> Callable[[Case], Plain]:
    """Ranked by absolute value; the values with their signs or without."""

    def top(case: Case) -> Plain:
        found = _top_k(rank=lambda a: -np.abs(a))(case)
        return found if signed else found | {"values": np.abs(found["values"])}

    return top


def _squeezed(case: Case) -> Plain:
    right = _top_k()(case)
    return right | {name: right[name][..., 0] for name in ("values", "positions") if case["k"] == 1}


def _swapped(case: Case) -> Plain:
    right = _top_k()(case)
    return {"values": right["positions"], "positions": right["values"], "whole": False}


def _ranks(case: Case) -> Plain:
    right = _top_k()(case)
    return right | {"positions": np.broadcast_to(np.arange(case["k"]), right["values"].shape).copy()}


TOP_K = Exercise(
    "1.3",
    "top-k by index",
    2,
    (
        "The positions run along the last dimension, dim=2. torch.topk gives values and indices.",
        "activations.gather(2, positions) picks the value at each position.",
    ),
    _top_k_cases,
    _top_k_probe,
    compare(
        _top_k(),
        [
            Slip(
                "over_filters",
                "you compare the filters (dim 1) with each other; wanted the positions (dim 2) of each filter.",
                gives(_top_k(axis=1)),
            ),
            Slip(
                "over_texts",
                "you compare the texts (dim 0) with each other; wanted the positions (dim 2).",
                gives(_top_k(axis=0)),
            ),
            Slip("smallest", "these are the smallest activations, not the largest.", gives(_top_k(rank=np.positive))),
            Slip(
                "by_size",
                "you rank by size without the sign, so a strongly negative activation wins; wanted the largest.",
                gives(_by_size(signed=True), _by_size(signed=False)),
            ),
            Slip("rising_order", "the right k are there, but the largest must come first.", gives(_top_k(order=-1))),
            Slip(
                "broken_positions",
                "the positions are floats; gather and indexing take whole numbers.",
                gives(_top_k(whole=False)),
            ),
            Slip("squeezed", "with k = 1 the last dimension is gone; keep it: (N, F, 1).", gives(_squeezed)),
            Slip("swapped", "values and positions stand in each other's place.", gives(_swapped)),
            Slip(
                "ranks_for_positions",
                "the positions are just 0, 1, ... k-1: ranks, not places in the text.",
                gives(_ranks),
            ),
        ],
        "values or positions are not the top k.",
        reading=whole("positions"),
    ),
)

# 1.4 a hook that records


def _hook_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "weights": [rng.normal(size=(3, 4)), rng.normal(size=(2, 3))],
            "inputs": rng.normal(size=(5, 4)),
            "signal": rng.normal(size=(5, 2)),
            "names": [f"{name}{number}" for number in rng.choice(100, 2, replace=False)],
        }
        for name in ("layer", "convs.")
    ]


def _hook_probe(answer: Any, case: Case) -> Plain:
    import torch

    layers = []
    for weight in case["weights"]:
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False).double()
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight))
        layers.append(layer)
    model = torch.nn.Sequential(*layers)
    store: dict[str, Any] = {}
    for name, layer in zip(case["names"], layers, strict=True):
        layer.register_forward_hook(call(answer, store, name))
    with torch.enable_grad():
        output = model(torch.from_numpy(case["inputs"].copy()))
    learns, signal = output.requires_grad, torch.from_numpy(case["signal"].copy())
    gradients = torch.autograd.grad(output, list(model.parameters()), signal, allow_unused=True) if learns else []
    if any(getattr(value, "requires_grad", False) for value in store.values()):
        remark("keeps_graph")
    return {
        "output": array(output),
        "gradients": [array(gradient) for gradient in gradients if gradient is not None],
        "names": [str(name) for name in store],
        "stored": [array(value) for value in store.values()],
    }


def _hooked(what: str = "output", learns: bool = True) -> Callable[[Case], Plain]:
    def run(case: Case) -> Plain:
        first = case["inputs"] @ case["weights"][0].T
        second = first @ case["weights"][1].T
        kept = {
            "output": [first, second],
            "list": [first[None], second[None]],
            "input": [case["inputs"], first],
            "inputs": [case["inputs"][None], first[None]],
        }[what]
        gradients = [(case["signal"] @ case["weights"][1]).T @ case["inputs"], case["signal"].T @ first]
        learned = {"output": second, "gradients": gradients if learns else []}
        return learned | {"names": case["names"], "stored": kept}

    return run


RECORDING_HOOK = Exercise(
    "1.4",
    "a hook that records",
    3,
    (
        "A closure: your function defines an inner function hook(module, inputs, output) and returns it.",
        "The inner function stores output under the name. Without detach() the whole graph is kept with it.",
        "Return nothing from the inner function: what a forward hook returns replaces the layer's output.",
    ),
    _hook_cases,
    _hook_probe,
    compare(
        _hooked(),
        [
            Slip(
                "stores_input",
                "you store what goes into the layer; wanted what comes out of it.",
                gives(_hooked("input"), _hooked("inputs")),
            ),
            Slip("list", "you store a list with the output in it; wanted the output itself.", gives(_hooked("list"))),
            Slip(
                "cuts_graph",
                "the network's own output lost its graph, so it cannot be trained: return nothing, "
                "and do not detach in place.",
                gives(_hooked(learns=False)),
            ),
            Slip(
                "stores_nothing",
                "the store stays empty: the inner function must put something into it.",
                lambda answers, cases: not any(a["names"] for a in answers),
            ),
            Slip(
                "changes_output",
                "the network's output changed: a forward hook that returns something replaces the "
                "layer's output with it.",
                lambda answers, cases: (
                    not any(same(a["output"], _hooked()(c)["output"]) for a, c in zip(answers, cases, strict=True))
                ),
            ),
            Slip(
                "one_name",
                "both layers were stored under one name, so the second overwrote the first: use the name "
                "that was handed in.",
                lambda answers, cases: all(len(a["names"]) == 1 for a in answers),
            ),
        ],
        "the store is not what it should be.",
    ),
    remarks={"keeps_graph": "what you store still hangs on its graph and keeps all of it in memory: detach() it."},
)
