"""Top activations against a full sort, with many ties."""

import numpy as np
import pytest
import torch
from torch import nn

from labkit.methods.top_activations import top_activations


class Same(nn.Module):
    """Gives its inputs out, so that activations can be chosen."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Identity()

    def forward(self, x):
        return self.layer(x)


def some_activations(*shape, kinds=4):
    """Of few different values, so that many are equal."""
    return torch.randint(-kinds, 1, shape, generator=torch.Generator().manual_seed(0)).float()


def by_sorting(activations, k):
    """Per unit the k largest as (value, index, position), by Python's own sort."""
    found = []
    for unit in range(activations.shape[1]):
        rows = []
        for n, one in enumerate(activations[:, unit]):
            flat = one.flatten().tolist()
            value = max(flat)
            place = torch.unravel_index(torch.tensor(flat.index(value)), one.shape) if one.dim() else ()
            rows.append((value, n, [int(axis) for axis in place]))
        found.append(sorted(rows, key=lambda row: (-row[0], row[1]))[:k])
    return found


def as_lists(top):
    positions = torch.empty(*top.values.shape, 0) if top.positions is None else top.positions
    return [
        list(zip(*unit, strict=True))
        for unit in zip(top.values.tolist(), top.indices.tolist(), positions.tolist(), strict=True)
    ]


@pytest.mark.parametrize("shape", [(), (7,), (4, 5), (2, 3, 2)])
@pytest.mark.parametrize("size", [1, 6, 23, 100])
@pytest.mark.parametrize("k", [1, 5, 23])
def test_equals_a_full_sort(shape, size, k):
    activations = some_activations(23, 6, *shape)
    top = top_activations(Same(), "layer", activations.split(size), k)
    assert top.values.shape == top.indices.shape == (6, k)
    assert (top.positions is None) == (shape == ())
    if shape:
        assert top.positions.shape == (6, k, len(shape))
    assert as_lists(top) == by_sorting(activations, k)


def test_by_hand():
    maps = torch.zeros(3, 1, 2, 3)
    maps[0, 0, 1, 2] = 5.0
    maps[1, 0, 0, 1] = maps[1, 0, 1, 0] = 7.0  # the first in reading order is taken
    maps[2, 0, 1, 1] = 5.0  # as much as the first image, which comes before it
    top = top_activations(Same(), "", [maps[:2], maps[2:]], k=3)
    assert top.values.tolist() == [[7.0, 5.0, 5.0]]
    assert top.indices.tolist() == [[1, 0, 2]]
    assert top.positions.tolist() == [[[0, 1], [1, 2], [1, 1]]]


def test_positions_point_at_the_values_and_batches_may_be_pairs():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.LazyLinear(4), nn.ReLU(True))
    images = torch.rand(20, 3, 9, 9)
    model(images[:1])
    top = top_activations(model, "0", ((part, torch.zeros(len(part))) for part in images.split(6)), k=4)
    maps = model[0](images).detach()
    rows, columns = top.positions.unbind(2)
    torch.testing.assert_close(maps[top.indices, torch.arange(8)[:, None], rows, columns], top.values)
    flat = top_activations(model, "3", [images], k=20)
    assert (flat.values < 0).any(), "the ReLU that follows works in place"


def test_inputs_may_be_of_different_sizes():
    top = top_activations(Same(), "", [torch.ones(1, 1, 2, 2), torch.eye(5)[None, None] * 3], k=2)
    assert top.positions.tolist() == [[[0, 0], [0, 0]]]
    assert top.indices.tolist() == [[1, 0]]


def test_pruned_units_of_minus_infinity_are_sorted_too():
    top = top_activations(Same(), "", [torch.full((3, 2), float("-inf"))], k=2)
    assert top.indices.tolist() == [[0, 1], [0, 1]]


def test_memory_does_not_grow_with_the_number_of_inputs(monkeypatch):
    seen = []
    argsort = np.argsort

    def noting(values, *arguments, **options):
        seen.append(values.shape)
        return argsort(values, *arguments, **options)

    monkeypatch.setattr(np, "argsort", noting)
    top = top_activations(Same(), "", (torch.rand(10, 4, 6, 6) for _ in range(50)), k=3)
    assert set(seen) == {(4, 10), (4, 13)}  # a batch, and the three best so far
    for part in (top.values, top.indices, top.positions):
        assert part.untyped_storage().nbytes() == part.nbytes, "no more is kept than what is shown"


def test_the_model_is_left_as_it_was():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
    model[2].eval()
    mean = model[1].running_mean.clone()
    top = top_activations(model, "2", torch.rand(30, 3).split(10), k=2)
    assert [module.training for module in model.modules()] == [True, True, True, False]
    assert torch.equal(model[1].running_mean, mean)
    assert not top.values.requires_grad


@pytest.mark.parametrize(
    ("layer", "batches", "k", "words"),
    [
        ("", [torch.rand(3, 2)], 0, "k=0; wanted at least 1"),
        ("", [torch.rand(3, 2)] * 2, 7, "k=7 with 6 inputs"),
        ("", [], 1, "k=1 with 0 inputs"),
        ("", torch.rand(3, 2), 1, "one tensor"),
        ("", [torch.rand(3)], 1, r"\(3,\); wanted a layer with units"),
        ("layers", [torch.rand(3, 2)], 1, "'layers'.*'layer'"),
        ("", [torch.tensor([[1.0, float("nan")]])], 1, "NaN"),
        ("", [torch.tensor([[[1.0, float("nan")]]])], 1, "NaN"),
    ],
)
def test_bad_input_is_refused_in_words(layer, batches, k, words):
    with pytest.raises(ValueError, match=words):
        top_activations(Same(), layer, batches, k)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("shape", [(), (40, 50)])
def test_the_same_on_cuda(shape):
    activations = some_activations(300, 6, *shape).cuda()
    top = top_activations(Same(), "layer", activations.split(70), k=20)
    assert top.values.device.type == "cpu"
    assert as_lists(top) == by_sorting(activations.cpu(), 20)
