"""The text CNN reads words and nothing else: no padding, no neighbours in the batch."""

import pytest
import torch
from torch import nn

from labkit.models.text_cnn import TextCNN, k_max_pool, whole_windows

WIDTHS = [{1: 10, 2: 7, 3: 3}, {2: 3, 5: 4}, {4: 2}]


@pytest.fixture
def ids():
    return torch.randint(1, 50, (6, 12), generator=torch.Generator().manual_seed(0))


def network(filters=WIDTHS[0], **hyper):
    torch.manual_seed(0)
    return TextCNN(50, filters, embedding_size=8, **hyper).eval()


def padded(ids, pads):
    return nn.functional.pad(ids, (0, pads))


@pytest.mark.parametrize("k_max", [1, 3])
@pytest.mark.parametrize("filters", WIDTHS, ids=str)
@pytest.mark.parametrize("pads", [1, 50])
def test_padding_changes_nothing(ids, filters, k_max, pads):
    model = network(filters, k_max=k_max)
    torch.testing.assert_close(model(padded(ids, pads)), model(ids))


@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("filters", WIDTHS, ids=str)
def test_neighbours_in_the_batch_change_nothing(ids, filters, length):
    """A text that is shorter than some filters says the same alone and beside a long one."""
    model = network(filters, k_max=3)
    short = ids[:1, :length]
    together = model(torch.cat([padded(short, 12 - length), ids]))
    torch.testing.assert_close(together[:1], model(short))
    torch.testing.assert_close(together[1:], model(ids))


def test_logits_are_those_of_a_plain_loop(ids):
    """Text by text and filter by filter: dot products, the k largest, ReLU, a weighted sum."""
    model = network({2: 3, 5: 4}, k_max=2)
    for text, logit in zip(ids, model(ids), strict=True):
        found = []
        for width, conv in model.convs.items():
            windows = model.embedding(text).unfold(0, int(width), 1)  # (L - w + 1, E, w)
            for weight, bias in zip(conv.weight, conv.bias, strict=True):
                values = sorted(((window * weight).sum() + bias for window in windows), reverse=True)
                found += [value.clamp(min=0) for value in values[:2]]
        torch.testing.assert_close(model.head[1](torch.stack(found)).squeeze(), logit)


def test_filters_that_find_no_window_say_nothing():
    """One word and widths from 2 on: only the bias of the head is left."""
    model = network({2: 3, 5: 4}, k_max=3)
    torch.testing.assert_close(model(torch.tensor([[7]])), model.head[1].bias)


def test_gradients_are_finite_where_windows_are_masked():
    model = network({1: 2, 3: 2}, k_max=3).train()
    model(torch.tensor([[7, 0, 0], [7, 8, 9], [0, 0, 0]])).sum().backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    assert all(torch.isfinite(gradient).all() for gradient in gradients.values())
    assert gradients["embedding.weight"][7].abs().sum() > 0
    assert gradients["convs.1.weight"].abs().sum() > 0
    assert gradients["embedding.weight"][0].abs().sum() == 0


def test_whole_windows():
    ids = torch.tensor([[5, 6, 7, 0]])
    assert whole_windows(ids, 1).tolist() == [[True, True, True, False]]
    assert whole_windows(ids, 3).tolist() == [[True, False]]
    assert whole_windows(ids, 2, padding_id=6).tolist() == [[False, False, True]]


@pytest.mark.parametrize("k", [1, 2, 5])
def test_k_max_pool_is_that_of_a_plain_loop(k):
    generator = torch.Generator().manual_seed(1)
    activations = torch.randn(4, 3, 9, generator=generator)
    allowed = torch.rand(4, 9, generator=generator) > 0.5
    allowed[0], allowed[1] = True, False
    pooled = k_max_pool(activations, allowed, k)
    for n in range(4):
        for f in range(3):
            values = sorted(activations[n, f, allowed[n]].tolist(), reverse=True)
            assert pooled[n, f].tolist() == (values + [float("-inf")] * k)[:k]


def test_heads_by_name(ids):
    linear, two_layer = network(), network(head="two_layer", hidden=5)
    assert [type(layer) for layer in linear.head] == [nn.Dropout, nn.Linear]
    assert [type(layer) for layer in two_layer.head] == [
        nn.Dropout,
        nn.Linear,
        nn.ReLU,
        nn.Dropout,
        nn.Linear,
    ]
    assert two_layer.head[1].out_features == 5
    assert linear(ids).shape == two_layer(ids).shape == (6,)


def test_dropout_acts_in_training_alone(ids):
    model = network(dropout=0.5)
    assert torch.equal(model(ids), model(ids))
    model.train()
    assert not torch.equal(model(ids), model(ids))


@pytest.mark.parametrize("tune", [True, False], ids=["tuned", "frozen"])
def test_given_embeddings(ids, tune):
    given = torch.randn(50, 8)
    model = network(embeddings=given, tune_embeddings=tune).train()
    assert torch.equal(model.embedding.weight[1:], given[1:])
    assert not model.embedding.weight[0].any()  # padding stays no word
    model(ids).sum().backward()
    assert (model.embedding.weight.grad is not None) is tune
    given[1:] = 0  # a copy was taken
    assert model.embedding.weight[1:].any()


@pytest.mark.parametrize(
    ("hyper", "message"),
    [
        ({"filters": {}}, r"got filters \{\}; wanted width: number"),
        ({"filters": {0: 3}}, "both at least 1"),
        ({"filters": {2: 0}}, "both at least 1"),
        ({"head": "three_layer"}, "got head 'three_layer'; wanted one of linear, two_layer"),
        ({"k_max": 0}, "got k_max 0"),
        ({"embeddings": torch.zeros(8, 50)}, r"got embeddings of shape \(8, 50\); wanted .* \(50, 8\)"),
    ],
)
def test_bad_settings_are_named(hyper, message):
    with pytest.raises(ValueError, match=message):
        network(**hyper)
