"""Activation maximization in PyTorch: what the search finds, and that it leaves no trace in the model."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn

from labkit.methods.activation_maximization import (
    Blur,
    Jitter,
    LpNorm,
    Raise,
    Reach,
    Rotation,
    TotalVariation,
    Unit,
    maximize,
    outputs,
)
from labkit.methods.activation_maximization.adam import Adam, State
from labkit.methods.activation_maximization.in_torch import HostRandom

SHAPE = (1, 8, 8)


def make_model(last=True):
    """A small convolutional classifier with three classes; all modes and gradients are mixed up on purpose."""
    torch.manual_seed(0)
    layers = [
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(64, 3),
    ]  # fmt: skip
    return nn.Sequential(*layers, *([nn.LogSoftmax(dim=1)] if last else []))


@pytest.fixture(scope="module")
def trained():
    """Tells on which third of the image the light is."""
    torch.manual_seed(0)
    labels = torch.arange(300) % 3
    images = torch.rand(300, *SHAPE) * 0.3
    for image, label in zip(images, labels, strict=True):
        image[:, :, 3 * label : 3 * label + 2] += 0.7
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 3), nn.LogSoftmax(dim=1))
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.nll_loss(model(images), labels).backward()
        optimizer.step()
    return model.eval()


# What it finds


def test_a_probability_is_reached_and_not_overshot(trained):
    found = maximize(trained, range(3), objective=Reach(0.9), steps=300, start=SHAPE, learning_rate=0.02)
    history = found.history
    assert found.images.shape == (3, *SHAPE)
    assert history.loss.shape == history.activation.shape == history.confidence.shape == (301, 3)
    assert (history.loss[-1] < history.loss[0]).all()
    np.testing.assert_allclose(history.confidence[-1], 0.9, atol=0.02)
    np.testing.assert_allclose(history.confidence[-1], trained(found.images).exp().diagonal().detach(), atol=1e-5)
    np.testing.assert_allclose(history.loss, (np.log(history.confidence) - math.log(0.9)) ** 2, atol=1e-4)


def test_an_image_lights_up_what_the_class_is_about(trained):
    images = maximize(trained, range(3), steps=100, start=SHAPE, bounds=(0, 1), linear_output=True).images
    for label, image in enumerate(images):
        thirds = [image[0, :, 3 * third : 3 * third + 2].mean() for third in range(3)]
        assert np.argmax([third.item() for third in thirds]) == label


@pytest.mark.parametrize("objective", [Raise(), Reach(0.7)])
def test_a_batch_is_the_same_as_one_by_one(trained, objective):
    options = {"objective": objective, "steps": 40, "start": SHAPE, "seed": 3, "modifiers": [Jitter(1)]}
    together = maximize(trained, range(3), **options)
    for label in range(3):
        alone = maximize(trained, [label], **options)
        torch.testing.assert_close(alone.images[0], together.images[label], atol=1e-4, rtol=0)
        np.testing.assert_allclose(alone.history.loss[:, 0], together.history.loss[:, label], atol=1e-4)


def test_the_steps_are_adams():
    torch.manual_seed(0)
    images = torch.randn(2, *SHAPE)
    ours, adam = State(images, images * 0, images * 0), Adam(0.01, None)
    theirs = images.clone().requires_grad_()
    optimizer = torch.optim.Adam([theirs], 0.01)
    for number in range(1, 30):
        gradient = torch.randn(2, *SHAPE)
        theirs.grad = gradient.clone()
        optimizer.step()
        ours = adam(ours, gradient, number)
    torch.testing.assert_close(ours.images, theirs.detach(), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("target", "by_hand"),
    [
        (Unit("0", 2), lambda maps, logits: maps[0, 2].mean()),
        (Unit("0", 2, at=(3, 5)), lambda maps, logits: maps[0, 2, 3, 5]),
        (Unit("6", 1), lambda maps, logits: logits[0, 1]),
        ({Unit("0", 0): 0.5, Unit("0", 3): 0.5}, lambda maps, logits: maps[0, [0, 3]].mean()),
        ({Unit("6", 0): 0.7, 1: -0.3}, lambda maps, logits: 0.7 * logits[0, 0] - 0.3 * logits.log_softmax(1)[0, 1]),
    ],
)
def test_the_activation_is_the_units_own_before_an_in_place_layer_writes_over_it(target, by_hand):
    model = make_model().eval()
    found = maximize(model, [target], steps=20, start=SHAPE, learning_rate=0.05)
    with torch.no_grad():
        maps = model[0](found.images)
        logits = model[:-1](found.images)
    np.testing.assert_allclose(found.history.activation[-1], by_hand(maps, logits).numpy(), atol=1e-5)
    assert found.history.activation[-1] > found.history.activation[0]
    assert found.history.confidence is None


def test_targets_in_different_layers_go_together():
    model = make_model().eval()
    targets = [Unit("0", 1), 2]
    together = maximize(model, targets, steps=10, start=SHAPE)
    for row, target in enumerate(targets):
        alone = maximize(model, [target], steps=10, start=SHAPE)
        torch.testing.assert_close(alone.images[0], together.images[row], atol=1e-4, rtol=0)


def test_two_outputs_share_as_their_weights_say(trained):
    weights = [{0: 0.5, 1: 0.5}, {0: 0.9, 1: 0.1}]
    found = maximize(trained, weights, linear_output=True, steps=100, start=SHAPE, bounds=(0, 1))
    even, uneven = outputs(trained, found.images, linear_output=True)
    assert uneven[0] > even[0]
    assert uneven[1] < even[1]
    logs = outputs(trained, found.images)
    np.testing.assert_allclose(found.history.confidence[-1][0], np.exp(logs[0, :2].mean()), atol=1e-5)


def test_raising_the_logit_moves_it_further_than_raising_the_probability(trained):
    model = nn.Sequential(*trained[:-1], nn.Softmax(dim=1)).eval()
    start = torch.zeros(1, *SHAPE)
    rises = []
    for linear in (False, True):
        images = maximize(model, range(3), steps=100, start=start, linear_output=linear).images
        logits = outputs(model, images, linear_output=True).diagonal()
        rises.append(logits - outputs(model, start, linear_output=True)[0])
    assert (rises[1] > rises[0]).all()


# Regularisers, bounds, modifiers


def test_a_larger_weight_leaves_less_of_what_is_penalised(trained):
    def after(regularizer):
        return maximize(
            trained, range(3), steps=150, start=SHAPE, linear_output=True, regularizers=[regularizer]
        ).images

    variations = [TotalVariation(1)(after(TotalVariation(weight))).sum() for weight in (0, 5, 50)]
    assert variations[0] > variations[1] > variations[2]
    norms = [LpNorm(1)(after(LpNorm(weight))).sum() for weight in (0, 10, 100)]
    assert norms[0] > norms[1] > norms[2]


def test_penalties_by_hand():
    images = torch.tensor([[[[0.0, 3.0], [1.0, -1.0]]]])
    assert TotalVariation(2.0)(images).tolist() == [2.0 * (3 + 2 + 1 + 4) / 4]
    assert LpNorm(2.0, p=3)(images).tolist() == [2.0 * (27 + 1 + 1) / 4]


def test_bounds_are_kept_at_each_step_and_at_the_start(trained):
    options = {"steps": 30, "bounds": (0, 1), "learning_rate": 0.2, "images_every": 1}
    images = maximize(trained, range(3), start=torch.randn(1, *SHAPE), **options).history.images
    assert images.min() == 0
    assert images.max() == 1


@pytest.mark.parametrize("modifier", [Jitter(2), Rotation(20), Blur(1.0)])
def test_modifiers_keep_shape_and_go_by_the_seed(trained, modifier):
    images = torch.rand(2, 3, 8, 9)
    first, again, other = (modifier(images, HostRandom(seed)) for seed in (0, 0, 5))
    assert first.shape == images.shape
    assert torch.equal(first, again)
    assert torch.equal(first, other) == isinstance(modifier, Blur)
    assert not torch.equal(first, images)
    one, same, another = (
        maximize(trained, [1], steps=5, start=torch.rand(1, *SHAPE, generator=torch.Generator().manual_seed(1)),
                 seed=seed, modifiers=[modifier]).images for seed in (0, 0, 5)
    )  # fmt: skip
    assert torch.equal(one, same)
    assert torch.equal(one, another) == isinstance(modifier, Blur)


class Always:
    """A source of random numbers that knows but one."""

    def __init__(self, number):
        self.number = number

    def uniform(self, low, high):
        return self.number

    integer = uniform


def test_modifiers_by_hand():
    images = torch.rand(2, 3, 8, 8)
    assert torch.equal(Jitter(2)(images, Always(1)), images.roll((1, 1), (2, 3)))
    quarter = Rotation(90)(images, Always(math.pi / 2))
    torch.testing.assert_close(quarter, torch.rot90(images, 1, (2, 3)), atol=1e-5, rtol=0)
    dot = torch.zeros(1, 1, 21, 21)
    dot[..., 10, 10] = 1
    blurred = Blur(1.0)(dot, Always(0))
    assert (blurred[..., 10, 10] / blurred[..., 10, 12]).item() == pytest.approx(math.exp(2), rel=1e-4)
    ones = torch.ones(1, 1, 9, 9)
    torch.testing.assert_close(Blur(2.0)(ones, Always(0)), ones)


def test_own_functions_are_regularisers_and_modifiers_too(trained):
    found = maximize(
        trained, [0], steps=3, start=SHAPE,
        regularizers=[lambda images: images.flatten(1).sum(1) * 0 + 7], modifiers=[lambda images, random: images * 0],
    )  # fmt: skip
    np.testing.assert_allclose(found.history.loss[:-1] + found.history.activation[:-1], 7, atol=1e-5)
    assert np.ptp(found.history.activation[:-1]) == 0


# History


def test_images_are_kept_only_if_asked_for_and_match_the_rows(trained):
    assert maximize(trained, [0], steps=5, start=SHAPE).history.images is None
    found = maximize(trained, [0, 1], steps=7, start=SHAPE, images_every=3)
    assert found.history.steps.tolist() == [0, 3, 6, 7]
    assert found.history.images.shape == (4, 2, *SHAPE)
    np.testing.assert_array_equal(found.history.images[-1], found.images)
    for step, images in zip(found.history.steps, found.history.images, strict=True):
        activation = outputs(trained, images).diagonal()
        np.testing.assert_allclose(found.history.activation[step], activation, atol=1e-5)


def test_the_start_is_noise_by_seed_the_same_for_all_targets(trained):
    found = maximize(trained, range(3), steps=0, start=(1, 8, 8), seed=4)
    assert torch.equal(found.images[0], found.images[2])
    assert 0.005 < found.images[0].std() < 0.02
    assert not torch.equal(found.images, maximize(trained, range(3), steps=0, start=(1, 8, 8), seed=5).images)
    given = torch.rand(1, *SHAPE)
    assert torch.equal(maximize(trained, range(3), steps=0, start=given).images, given.expand(3, -1, -1, -1))


# The model comes back as it was


def state(model):
    return {
        "weights": copy.deepcopy(model.state_dict()),
        "frozen": [parameter.requires_grad for parameter in model.parameters()],
        "gradients": [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        "modes": [module.training for module in model.modules()],
        "modules": list(model.modules()),
        "hooks": [len(module._forward_hooks) for module in model.modules()],
    }


def assert_same(before, after):
    for name in ("frozen", "modes", "modules", "hooks"):
        assert before[name] == after[name]
    torch.testing.assert_close(before["weights"], after["weights"], atol=0, rtol=0)
    for one, other in zip(before["gradients"], after["gradients"], strict=True):
        assert (one is None and other is None) or torch.equal(one, other)


def mixed_up():
    model = make_model().train()
    model(torch.rand(4, *SHAPE)).sum().backward()
    model[1].eval()
    model[0].weight.requires_grad_(False)
    model[6].weight.grad = None
    return model


@pytest.mark.parametrize("linear", [False, True])
def test_the_model_comes_back_as_it_was(linear):
    model = mixed_up()
    before = state(model)
    with torch.no_grad():
        maximize(model, [0, Unit("0", 1)], steps=5, start=SHAPE, linear_output=linear)
    assert_same(before, state(model))


def test_the_model_comes_back_as_it_was_when_a_step_fails():
    model, calls = mixed_up(), []
    before = state(model)

    def fails_at_the_third(images, random):
        calls.append(1)
        if len(calls) == 3:
            raise ZeroDivisionError("on purpose")
        return images

    with pytest.raises(ZeroDivisionError):
        maximize(model, [Unit("0", 1)], steps=5, start=SHAPE, linear_output=True, modifiers=[fails_at_the_third])
    assert_same(before, state(model))


def test_the_start_given_is_not_written_to(trained):
    start = torch.rand(2, *SHAPE)
    kept = start.clone()
    maximize(trained, [0, 1], steps=3, start=start)
    assert torch.equal(start, kept)
    model = nn.Sequential(nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(64, 3))
    maximize(model, [0, 1], steps=3, start=start)
    assert torch.equal(start, kept)


# The softmax at the end


class Wrapped(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.last, self.inner = nn.Softmax(dim=1), inner

    def forward(self, images):
        return self.last(self.inner(images))


@pytest.mark.parametrize("wrap", [Wrapped, lambda m: nn.Sequential(nn.Sequential(m, nn.LogSoftmax(dim=1)))])
def test_the_softmax_is_found_wherever_it_stands(wrap):
    plain = make_model(last=False).eval()
    images = torch.rand(2, *SHAPE)
    with torch.no_grad():
        np.testing.assert_allclose(outputs(wrap(plain), images, linear_output=True), plain(images), atol=1e-6)


@pytest.mark.parametrize("kind", [nn.Identity(), nn.Softmax(dim=1), nn.LogSoftmax(dim=1)])
def test_confidence_is_the_same_from_logits_probabilities_and_their_logarithms(kind):
    model = nn.Sequential(make_model(last=False), kind).eval()
    found = maximize(model, range(3), objective=Reach(0.8), steps=30, start=SHAPE)
    expected = make_model().eval()(found.images).exp().diagonal().detach()
    np.testing.assert_allclose(found.history.confidence[-1], expected, atol=1e-5)


# Errors


@pytest.mark.parametrize(
    ("error", "words", "options"),
    [
        (ValueError, "'conv9'.*does not have", {"targets": [Unit("conv9", 0)]}),
        (ValueError, "unit 3 of the output; wanted one from 0 to 2", {"targets": [3]}),
        (ValueError, "unit 4 of layer '0'", {"targets": [Unit("0", 4)]}),
        (ValueError, r"place in a map of shape \(8, 8\)", {"targets": [Unit("0", 0, at=(8, 0))]}),
        (ValueError, "no targets", {"targets": []}),
        (ValueError, "target without units", {"targets": [{}]}),
        (ValueError, "weight nan", {"targets": [{0: float("nan")}]}),
        (ValueError, "weight 0.0", {"targets": [{0: 0}]}),
        (TypeError, "one target per image", {"targets": 3}),
        (TypeError, "2.5 as a target", {"targets": [2.5]}),
        (ValueError, "no start", {"start": None}),
        (ValueError, r"start of shape \(2, 1, 8, 8\) for 3 targets", {"start": torch.rand(2, 1, 8, 8)}),
        (ValueError, r"cannot take inputs of shape \(3, 2, 8, 8\)", {"start": (2, 8, 8)}),
        (ValueError, "Reach.*Raise", {"targets": [Unit("0", 0)], "objective": Reach(0.9)}),
        (ValueError, "steps=-1", {"steps": -1}),
        (ValueError, r"bounds=\(1, 0\)", {"bounds": (1, 0)}),
        (ValueError, "images_every=0", {"images_every": 0}),
        (ValueError, "learning_rate=0", {"learning_rate": 0}),
        (ValueError, "no number after 0 steps", {"start": torch.full((1, *SHAPE), float("nan"))}),
    ],
)
def test_bad_input_is_refused_in_words(error, words, options):
    arguments = {"targets": range(3), "steps": 2, "start": SHAPE, **options}
    with pytest.raises(error, match=words):
        maximize(make_model(), arguments.pop("targets"), **arguments)


def test_other_refusals(trained):
    with pytest.raises(ValueError, match=r"nn.Softmax or nn.LogSoftmax.*Unit\(layer, index\)"):
        maximize(make_model(last=False), [0], start=SHAPE, linear_output=True)
    with pytest.raises(TypeError, match="type function"):
        maximize(make_model, [0], start=SHAPE)
    with pytest.raises(ValueError, match="Let the model itself begin"):
        maximize(trained[1:], [0], start=(64,), regularizers=[TotalVariation(1)])
    with pytest.raises(TypeError, match="tuple"):
        maximize(nn.Sequential(nn.Flatten(2), nn.GRU(64, 2)), [Unit("1", 0)], start=SHAPE)
    for make in (
        lambda: TotalVariation(-1), lambda: LpNorm(1, p=0.5), lambda: Reach(0), lambda: Jitter(-1), lambda: Blur(0),
        lambda: Rotation(200),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="got .*; wanted"):
            make()


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_same_on_cuda(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    options = {
        "steps": 20, "start": SHAPE, "images_every": 5, "linear_output": True, "bounds": (0, 1),
        "regularizers": [TotalVariation(0.1), LpNorm(0.1)], "modifiers": [Jitter(1), Rotation(5), Blur(0.5)],
    }  # fmt: skip
    targets = [0, Unit("0", 1), {1: 0.5, 2: 0.5}]
    on_cpu = maximize(make_model(), targets, **options)
    on_cuda = maximize(make_model().cuda(), targets, **options)
    assert on_cuda.images.is_cuda
    torch.testing.assert_close(on_cuda.images.cpu(), on_cpu.images, atol=1e-3, rtol=0)
    np.testing.assert_allclose(on_cuda.history.loss, on_cpu.history.loss, atol=1e-3)
