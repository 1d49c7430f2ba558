"""Occlusion in Keras; its tests stand in ``in_keras_occlusion.py``, and the numbers of PyTorch reach them in a file."""

import numpy as np
import torch
from apart import assert_passes_with_tensorflow
from torch import nn

from labkit.methods.occlusion import cover, occlusion

BASELINES = ("zero", "mean", "blur", "colour")


def in_torch():
    """Weights, images and maps of a small network; arrays in the order of axes that Keras has."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Conv2d(6, 4, 3))
    images, units = torch.rand(3, 3, 13, 16), [2, 0, 3]
    numbers = {"images": images.permute(0, 2, 3, 1), "units": torch.tensor(units)}
    for number, layer in enumerate((model[0], model[3])):
        numbers |= {f"kernel{number}": layer.weight.permute(2, 3, 1, 0), f"bias{number}": layer.bias}
    for name in BASELINES:
        baseline = [0.2, 0.9, 0.4] if name == "colour" else name
        numbers[f"cover {name}"] = cover(images, (5, 4), baseline).permute(0, 2, 3, 1)
        how = {"window": (5, 4), "stride": (3, 2), "baseline": baseline}
        numbers[f"map {name}"] = occlusion(model, images, units, layer="3", **how)
    return {name: values.detach().numpy() for name, values in numbers.items()}


def test_with_tensorflow(tmp_path, monkeypatch):
    np.savez(tmp_path / "in_torch.npz", **in_torch())
    monkeypatch.setenv("NUMBERS_OF_PYTORCH", str(tmp_path / "in_torch.npz"))
    assert_passes_with_tensorflow("methods/in_keras_occlusion.py")
