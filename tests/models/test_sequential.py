"""Networks with hyper-parameters can be cut like a list."""

import pytest
import torch

from labkit.models import create

IMAGES = {"cifar_cnn": (4, 3, 32, 32), "digits_mlp": (4, 1, 28, 28), "digits_lenet5": (4, 1, 28, 28)}


@pytest.mark.parametrize("name", IMAGES)
def test_a_slice_is_the_network_up_to_there_with_the_same_layers(name):
    torch.manual_seed(0)
    model, images = create(name).eval(), torch.rand(IMAGES[name])
    front, back = model[:-2], model[-2:]
    assert len(front) + len(back) == len(model)
    torch.testing.assert_close(back(front(images)), model(images))
    assert front[0] is model[0]
    assert [n for n, _ in front.named_children()] == [n for n, _ in model.named_children()][:-2]
