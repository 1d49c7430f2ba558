"""1.10 and 1.11: hooks that prune."""

import collections

import numpy as np
import torch


def prune_with_where(channels, value):
    def hook(module, inputs, output):
        chosen = torch.zeros(output.shape[1], dtype=torch.bool)
        chosen[channels] = True
        return output if module.training else torch.where(chosen[None, :, None], value, output)

    return hook


def prune_with_fill(channels, value):
    return lambda module, inputs, output: (
        None if module.training else output.index_fill(1, torch.tensor(channels), value)
    )


def prune_by_loops(channels, value):
    def hook(module, inputs, output):
        output = output.clone()
        for n in range(output.shape[0]):
            for c in channels:
                if not module.training:
                    output[n, c] = torch.full_like(output[n, c], value)
        return output

    return hook


def pruner(change, when="eval", copy=True, give=True):
    """A hook that prunes, with one thing or another wrong."""

    def pruning_hook(channels, value):
        def hook(module, inputs, output):
            if when != "always" and module.training == (when == "eval"):
                return None
            pruned = output.clone() if copy else output
            change(pruned, channels, value)
            return pruned if give else None

        return hook

    return pruning_hook


def set_filters(pruned, channels, value):
    pruned[:, channels] = value


def set_positions(pruned, channels, value):
    pruned[:, :, channels] = value


def set_texts(pruned, channels, value):
    pruned[channels] = value


def set_others(pruned, channels, value):
    pruned[:, [c for c in range(pruned.shape[1]) if c not in channels]] = value


def set_zero(pruned, channels, value):
    pruned[:, channels] = 0


def add_value(pruned, channels, value):
    pruned[:, channels] += value


def set_first(pruned, channels, value):
    pruned[:, channels[0]] = value


RIGHT = {
    "1.10": [prune_with_where, prune_with_fill, prune_by_loops],
    "1.11": [
        collections.OrderedDict(relu_minus=0, relu_0=0, pooled_minus=-10_000, pooled_0=0),
        {"pooled_0": torch.tensor(0), "pooled_minus": np.float32(-1e4), "relu_0": [0.0], "relu_minus": -0.0},
    ],
}

WRONG = {
    "1.10": [
        (pruner(set_filters, when="always"), "also_in_training"),
        (pruner(set_filters, when="training"), "inverted"),
        (pruner(set_filters, when="training", copy=False), "inverted"),
        (pruner(set_filters, copy=False), "in_place"),
        (pruner(set_filters, copy=False, give=False), "in_place"),
        (pruner(set_positions), "positions"),
        (pruner(set_texts), "texts"),
        (pruner(set_texts, when="always"), "texts"),
        (pruner(set_texts, when="always", copy=False), "texts"),
        (pruner(set_positions, when="always"), "positions"),
        (pruner(set_zero, when="training"), "ignores_value"),
        (pruner(set_others), "others"),
        (pruner(set_zero), "ignores_value"),
        (pruner(set_zero, copy=False), "ignores_value"),
        (pruner(set_filters, give=False), "no_return"),
        (pruner(add_value), "other"),
        (pruner(set_first), "other"),
        (lambda channels, value: None, "misfit"),
        (lambda channels, value: lambda module, inputs: None, "raised"),
    ],
    "1.11": [
        ({"pooled_0": -0.2, "pooled_minus": -1e4, "relu_0": 0, "relu_minus": 0}, "unpruned"),
        ({"pooled_0": 0, "pooled_minus": -1e4, "relu_0": 0, "relu_minus": -1e4}, "no_relu"),
        ({"pooled_0": -1e4, "pooled_minus": -1e4, "relu_0": 0, "relu_minus": 0}, "no_pooling_of_zero"),
        ({"pooled_0": 0, "pooled_minus": 0, "relu_0": 0, "relu_minus": 0}, "relu_before_pooling"),
        ({"pooled_0": 0, "pooled_minus": 1e4, "relu_0": 0, "relu_minus": 0}, "other"),
        ({"pooled_0": 0, "pooled_minus": -1e4}, "other"),
        ({"pooled_0": "0", "pooled_minus": "-10000", "relu_0": "0", "relu_minus": "0"}, "misfit"),
        ([0, -1e4, 0, 0], "misfit"),
    ],
}

STUBS = {"1.11": [..., dict.fromkeys(("pooled_0", "pooled_minus", "relu_0", "relu_minus"), ...)]}
