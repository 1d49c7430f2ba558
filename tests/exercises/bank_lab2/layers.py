"""2.1, 2.2, 2.4 and 2.5: counting, taking filters and layers out, and the list of units."""

import copy

import numpy as np
import torch
from torch import nn

#: A notebook's own network, which no exercise hands over.
OWN = nn.Sequential(*(nn.Conv2d(3, 3, 3) for _ in range(4)))
NAMES = ("filters", "weights of one filter", "parameters of the layer")


def counts(*numbers):
    return dict(zip(NAMES, numbers, strict=True))


def counted_from_a_layer():
    layer = nn.Conv2d(3, 32, 3, padding=1)
    return counts(layer.out_channels, layer.weight[0].numel(), sum(p.numel() for p in layer.parameters()))


# --- 2.2 -----------------------------------------------------------------------------------------------------


def filters_by_kind(model):
    second = [layer for layer in model if isinstance(layer, nn.Conv2d)][1]
    return second.weight.data.clone()


def filters_from_the_state(model):
    return model.state_dict()["3.weight"].numpy()


def filters_without_gradients(model):
    with torch.no_grad():
        return model.get_submodule("3").weight * 1.0


# --- 2.4 -----------------------------------------------------------------------------------------------------


def extractor_up_to_linear(model):
    layers = []
    for layer in model:
        layers.append(layer)
        if isinstance(layer, nn.Linear):
            return nn.Sequential(*layers)
    raise ValueError("no linear layer")


def extractor_copied(model):
    return copy.deepcopy(model)[: -len(model) + 15].requires_grad_(False)


def extractor_by_hook(model):
    def features(images):
        kept = []
        handle = model[14].register_forward_hook(lambda module, inputs, output: kept.append(output.detach()))
        try:
            model(images)
        finally:
            handle.remove()
        return kept[0]

    return features


def extractor_training(model):
    return model[:15].train()


def extractor_cutting(model):
    """Cuts the network itself down, the notebook's own too when the notebook calls it."""
    del model[15:]
    return model


def extractor_computing(model):
    return model[:15](torch.rand(2, 3, 8, 8))


# --- 2.5 -----------------------------------------------------------------------------------------------------

GOOD = [1, 2, 4, 14, 23, 29]


def units(several, wrong=128, smallest=0, largest=127):
    return {"wrong": wrong, "smallest": smallest, "largest": largest, "units": several}


RIGHT = {
    "2.1": [counts(32, 27, 896), counts(32.0, np.int64(27), torch.tensor([896])), counted_from_a_layer()],
    "2.2": [filters_by_kind, filters_from_the_state, filters_without_gradients],
    "2.4": [extractor_up_to_linear, extractor_copied, extractor_by_hook, lambda model: model[0:-3]],
    "2.5": [
        units(GOOD),
        units([*GOOD, 127]),
        units((*GOOD[:3], 5, *GOOD[3:])),
        units(np.array([*GOOD, 0]), torch.tensor(128), 0.0, [127]),
    ],
}

WRONG = {
    "2.1": [
        (counts(3, 27, 896), "kernel_as_filters"),
        (counts(9, 9, 90), "kernel_as_filters"),
        (counts(96, 9, 864), "pairs_as_filters"),
        (counts(32, 9, 320), "channels_forgotten"),
        (counts(32, 27, 288), "channels_forgotten"),
        (counts(32, 864, 896), "weights_of_all"),
        (counts(32, 896, 896), "weights_of_all"),
        (counts(32, 28, 896), "bias_among_weights"),
        (counts(32, 27, 864), "bias_forgotten"),
        (counts(32, 27, 865), "one_bias"),
        (counts(32, 27, 28), "parameters_of_one"),
        (counts(32, 27, 9248), "other"),
        (counts(64, 27, 896), "other"),
        ({"filters": 32}, "other"),
        (counts("32", "27", "896"), "misfit"),
        ([32, 27, 896], "misfit"),
    ],
    "2.2": [
        (lambda model: model[1].weight.detach(), "first_layer"),
        (lambda model: model[1].weight, "first_layer"),
        (lambda model: model[7].weight.detach(), "later_layer"),
        (lambda model: model[9].weight, "later_layer"),
        (lambda model: model[3].bias.detach(), "bias"),
        (lambda model: model[3].weight[0], "one_filter"),
        (lambda model: model[3].weight.detach()[:, 0], "one_channel"),
        (lambda model: model[3].weight[:, :1], "one_channel"),
        (lambda model: model[3].weight[:, :3].detach(), "one_channel"),
        (lambda model: model[3].weight.detach().permute(0, 2, 3, 1), "other"),
        (lambda model: model[3].weight.detach().abs(), "other"),
        (lambda model: model[3](torch.rand(1, model[3].in_channels, 8, 8)).detach(), "other"),
        (lambda model: model[3], "misfit"),
        (lambda model: model[3].weight.numpy(), "raised"),
        (lambda model: model[2].weight.detach(), "raised"),
        (torch.zeros(4, 5, 3, 3), "misfit"),
        (lambda model: OWN[3].weight.detach(), "own_model"),
        (lambda model: OWN[3].weight, "own_model"),
    ],
    "2.4": [
        (lambda model: model[:14], "one_early"),
        (lambda model: model[:13], "one_early"),
        (lambda model: model[:12], "one_early"),
        (lambda model: model[:16], "one_late"),
        (lambda model: model[:17], "one_late"),
        (lambda model: model, "whole_network"),
        (lambda model: model[:18], "whole_network"),
        (lambda model: model[1:15], "without_first_layer"),
        (extractor_training, "training_mode"),
        (lambda model: model.train()[:14], "training_mode"),
        (lambda model: model[:11], "other"),
        (lambda model: lambda images: model[:15](images)[:, :3], "other"),
        (lambda model: model[14], "misfit"),
        (lambda model: model[14:15], "misfit"),
        (extractor_computing, "misfit"),
        (extractor_cutting, "changes_network"),
        (nn.Sequential(nn.Flatten()), "misfit"),
        (lambda model: list(model)[:15], "misfit"),
        (lambda model: nn.Sequential(model[1], model[14]), "raised"),
    ],
    "2.5": [
        (units(GOOD, wrong=6), "place_in_list"),
        (units(GOOD, wrong=7), "place_in_list"),
        (units([2, *GOOD[1:]], wrong=1), "exists"),
        (units(GOOD, smallest=1, largest=128), "counts_from_one"),
        (units(GOOD, largest=128), "ends_one_late"),
        (units(GOOD, largest=29), "of_the_list"),
        (units([*GOOD, 128]), "kept"),
        (units(GOOD[1:]), "dropped_good"),
        (units([]), "dropped_good"),
        (units([u - 1 for u in [*GOOD, 128]]), "dropped_good"),
        (units([*GOOD, -1]), "negative"),
        (units([*GOOD, 130]), "no_unit"),
        (units([*GOOD, 29]), "twice"),
        (units(GOOD[::-1]), "reordered"),
        (units([*GOOD, 30, 31]), "several_added"),
        (units(GOOD, wrong=127), "other"),
        (units(GOOD, largest=126), "other"),
        (units([[*GOOD]]), "misfit"),
        (units([*map(float, GOOD)]), "misfit"),
        (units("1, 2, 4, 14, 23, 29"), "misfit"),
        (GOOD, "misfit"),
        ({"units": GOOD}, "other"),
        ({"wrong": 128, "smallest": 0, "largest": 127}, "dropped_good"),
    ],
}

REMARKED = {
    "2.2": [
        (lambda model: model[3].weight, "not_detached"),
    ],
}

STUBS = {
    "2.1": [..., counts(..., ..., ...), counts(32, 27, ...)],
    "2.5": [..., units(..., ..., ..., ...), units(...)],
}
