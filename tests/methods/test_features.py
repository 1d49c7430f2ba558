"""Features of one layer for many inputs, and the layers there are."""

import pytest
import torch
from torch import nn

from labkit.methods.features import extract, layer_shapes, observe


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Flatten(), nn.Linear(4 * 6 * 6, 5)
    )


@pytest.fixture
def images():
    return torch.rand(7, 3, 8, 8)


class WithMemory(nn.Module):
    def __init__(self):
        super().__init__()
        self.unused = nn.Linear(2, 2)
        self.recurrent = nn.LSTM(3, 4, batch_first=True)
        self.head = nn.Sequential(nn.Linear(4, 2))

    def forward(self, x):
        return self.head(self.recurrent(x)[0])


def test_shapes_come_in_the_order_of_running(model, images):
    shapes = layer_shapes(model, images[:2])
    assert list(shapes.items()) == [
        ("0", (2, 4, 6, 6)),
        ("1", (2, 4, 6, 6)),
        ("2", (2, 4, 6, 6)),
        ("3", (2, 144)),
        ("4", (2, 5)),
        ("", (2, 5)),
    ]


def test_shapes_tell_of_layers_that_run_and_give_one_tensor():
    assert list(layer_shapes(WithMemory(), torch.rand(1, 6, 3))) == ["head.0", "head", ""]


def test_extract_equals_the_layers_one_by_one(model, images):
    found = extract(model, "0", images.split(3))
    torch.testing.assert_close(found, model[0](images).detach())
    assert (found < 0).any(), "the ReLU that follows works in place"
    assert not found.requires_grad


def test_the_model_itself_is_a_layer_too(model, images):
    model.eval()
    torch.testing.assert_close(extract(model, "", [images]), model(images).detach())


def test_batches_may_be_pairs_and_any_iterable(model, images):
    plain = extract(model, "3", [images])
    pairs = ((part, torch.zeros(len(part)), "more") for part in images.split(2))
    torch.testing.assert_close(extract(model, "3", pairs), plain)


def test_the_model_is_left_as_it_was(model, images):
    model.train()
    model[2].eval()
    modes = [module.training for module in model.modules()]
    for call in (lambda: extract(model, "4", [images]), lambda: layer_shapes(model, images)):
        call()
        assert [module.training for module in model.modules()] == modes
        assert all(parameter.grad is None for parameter in model.parameters())
        assert sum(len(module._forward_hooks) for module in model.modules()) == 0
        assert torch.is_grad_enabled()


@pytest.mark.parametrize("call", [lambda m, x: extract(m, "0", [x]), layer_shapes])
def test_and_also_when_the_pass_fails(model, call):
    model.train()
    with pytest.raises(RuntimeError):
        call(model, torch.rand(1, 3, 9, 9))
    assert all(module.training for module in model.modules())
    assert sum(len(module._forward_hooks) for module in model.modules()) == 0
    assert torch.is_grad_enabled()


def test_of_a_layer_that_runs_twice_the_last_run_counts():
    layer = nn.Linear(2, 2)
    twice = nn.Sequential(layer, layer)
    inputs = torch.rand(3, 2)
    torch.testing.assert_close(extract(twice, "0", [inputs]), twice(inputs).detach())


@pytest.mark.parametrize(
    ("layer", "batches", "error", "words"),
    [
        ("nine", [torch.rand(1, 3, 8, 8)], ValueError, "'nine'"),
        ("0", [], ValueError, "no batches"),
        ("0", torch.rand(4, 3, 8, 8), ValueError, r"one tensor.*\[inputs\]"),
        ("0", [[1, 2, 3]], TypeError, "int as its inputs"),
    ],
)
def test_bad_input_is_refused_in_words(model, layer, batches, error, words):
    with pytest.raises(error, match=words):
        extract(model, layer, batches)


def test_layers_that_do_not_run_or_mix_the_inputs_are_refused():
    with pytest.raises(ValueError, match="'unused', which did not run"):
        observe(WithMemory(), "unused", torch.rand(1, 6, 3), torch.clone)
    with pytest.raises(ValueError, match=r"\(6,\) from layer '0' for 2 inputs"):
        observe(nn.Sequential(nn.Flatten(0)), "0", torch.rand(2, 3), torch.clone)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_inputs_go_to_the_model_and_features_come_back(model, images, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    expected = extract(model, "3", images.split(3))
    found = extract(model.cuda(), "3", images.split(3))
    assert found.device.type == "cpu"
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    assert layer_shapes(model, images)["3"] == (7, 144)
