"""Activation maximization in PyTorch: what the search finds, and that it leaves no trace in the model."""

import copy
import math
import weakref

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
        ours = adam(ours, gradient, adam.sizes(number))
    torch.testing.assert_close(ours.images, theirs.detach(), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("target", "by_hand"),
    [
        (Unit("0", 2), lambda outputs: outputs["0"][0, 2].mean()),
        (Unit("0", 2, at=(3, 5)), lambda outputs: outputs["0"][0, 2, 3, 5]),
        (Unit("1", 2), lambda outputs: outputs["1"][0, 2].mean()),  # the ReLU that follows works in place
        (Unit("6", 1), lambda outputs: outputs["6"][0, 1]),
        ({Unit("0", 0): 0.5, Unit("0", 3): 0.5}, lambda outputs: outputs["0"][0, [0, 3]].mean()),
        ({Unit("6", 0): 0.7, 1: -0.3}, lambda outputs: 0.7 * outputs["6"][0, 0] - 0.3 * outputs["7"][0, 1]),
    ],
)
def test_the_activation_is_the_units_own_before_an_in_place_layer_writes_over_it(target, by_hand):
    model = make_model().eval()
    found = maximize(model, [target], steps=20, start=SHAPE, learning_rate=0.05)
    with torch.no_grad():
        seen = {str(last): model[: last + 1](found.images) for last in (0, 1, 6, 7)}
    np.testing.assert_allclose(found.history.activation[-1], by_hand(seen).numpy(), atol=1e-5)
    assert found.history.activation[-1] > found.history.activation[0]
    assert found.history.confidence is None


def test_targets_in_different_layers_go_together():
    model = make_model().eval()
    targets = [Unit("0", 1), 2]
    together = maximize(model, targets, steps=10, start=SHAPE)
    for row, target in enumerate(targets):
        alone = maximize(model, [target], steps=10, start=SHAPE)
        torch.testing.assert_close(alone.images[0], together.images[row], atol=1e-4, rtol=0)


@pytest.mark.parametrize("weights", [{0: 0.5, 1: 0.5}, {0: 1, 1: 1}, {0: 3, 1: 1}])
def test_the_confidence_in_two_outputs_is_their_mean_whatever_the_weights_add_up_to(trained, weights):
    found = maximize(trained, [weights], steps=5, start=SHAPE)
    logs = outputs(trained, found.images)[0, :2]
    expected = np.exp(np.average(logs, weights=list(weights.values())))
    np.testing.assert_allclose(found.history.confidence[-1], expected, atol=1e-5)
    activation = logs @ np.array(list(weights.values()))
    np.testing.assert_allclose(found.history.activation[-1], activation, atol=1e-5)


def test_two_outputs_share_as_their_weights_say(trained):
    weights = [{0: 0.5, 1: 0.5}, {0: 0.9, 1: 0.1}]
    found = maximize(trained, weights, linear_output=True, steps=100, start=SHAPE, bounds=(0, 1))
    even, uneven = outputs(trained, found.images, linear_output=True)
    assert uneven[0] > even[0]
    assert uneven[1] < even[1]


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
    images = torch.tensor([[[[0.0, 3.0, 3.0], [1.0, -1.0, 5.0]]]])
    down, across = (1 + 4 + 2) / 3, (3 + 0 + 2 + 6) / 4
    torch.testing.assert_close(TotalVariation(2.0)(images), torch.tensor([2.0 * (down + across)]))
    torch.testing.assert_close(LpNorm(2.0, p=3)(images), torch.tensor([2.0 * (27 + 27 + 1 + 1 + 125) / 6]))
    torch.testing.assert_close(TotalVariation(2.0)(images[:, :, :1]), torch.tensor([2.0 * 3 / 2]))  # a single row


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
    oblong = torch.zeros(1, 1, 9, 13)
    oblong[..., 4, 9] = 1  # three to the right of the middle
    assert Rotation(90)(oblong, Always(math.pi / 2))[..., 1, 6].item() == pytest.approx(1, abs=1e-4)  # three above it
    dot = torch.zeros(1, 1, 21, 21)
    dot[..., 10, 10] = 1
    blurred = Blur(1.0)(dot, Always(0))
    assert (blurred[..., 10, 10] / blurred[..., 10, 12]).item() == pytest.approx(math.exp(2), rel=1e-4)
    ones = torch.ones(1, 1, 9, 9)
    torch.testing.assert_close(Blur(2.0)(ones, Always(0)), ones)


class Noting:
    """A source of random numbers that notes what it was asked for."""

    def __init__(self):
        self.asked = []

    def uniform(self, low, high):
        self.asked.append((low, high))
        return low

    integer = uniform


@pytest.mark.parametrize(
    ("modifier", "asked"),
    [(Jitter(3), [(-3, 3)] * 2), (Rotation(90), [(-math.pi / 2, math.pi / 2)]), (Blur(1.0), [])],
)
def test_modifiers_ask_for_as_much_as_they_were_told_either_way(modifier, asked):
    noting = Noting()
    modifier(torch.rand(1, 1, 8, 8), noting)
    assert noting.asked == asked


def test_own_functions_are_modifiers_which_the_model_sees_and_regularisers_which_see_the_images_themselves(trained):
    found = maximize(
        trained, [0], steps=3, start=torch.full((1, *SHAPE), 0.5), images_every=1,
        regularizers=[lambda images: images.flatten(1).sum(1)], modifiers=[lambda images, random: images * 0],
    )  # fmt: skip
    assert np.ptp(found.history.activation[:-1]) == 0
    inks = found.history.images.sum(axis=(2, 3, 4))
    assert np.ptp(inks) > 0.1
    np.testing.assert_allclose(found.history.loss + found.history.activation, inks, atol=1e-4)


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


def test_no_step_holds_on_to_the_images_of_those_before(trained):
    seen = []

    def note(images, random):
        assert all(earlier() is None for earlier in seen[:-1])
        seen.append(weakref.ref(images))
        return images

    maximize(trained, [0], steps=10, start=SHAPE, modifiers=[note])
    assert len(seen) == 10


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
@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_the_model_comes_back_as_it_was(linear, mode):
    model = mixed_up()
    before = state(model)
    with mode():
        maximize(model, [0, Unit("0", 1)], steps=5, start=SHAPE, linear_output=linear)
    assert_same(before, state(model))


def test_a_model_in_training_is_run_as_for_evaluation():
    model = make_model()
    model(torch.rand(4, *SHAPE) * 5)  # so that the batch norm has other means than a batch of these images
    expected = maximize(model.eval(), range(3), steps=10, start=SHAPE)
    before = state(model.train())
    found = maximize(model, range(3), steps=10, start=SHAPE)
    torch.testing.assert_close(found.images, expected.images, atol=0, rtol=0)
    assert_same(before, state(model))  # the running means too


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


class Tempered(nn.LogSoftmax):
    """A softmax that has another one inside."""

    def __init__(self):
        super().__init__(dim=1)
        self.inside = nn.LogSoftmax(dim=1)

    def forward(self, logits):
        return self.inside(logits / 2)


def test_of_a_softmax_within_a_softmax_the_inner_one_is_left_out():
    model = nn.Sequential(make_model(last=False), Tempered()).eval()
    images = torch.rand(2, *SHAPE)
    with torch.no_grad():
        np.testing.assert_allclose(outputs(model, images, linear_output=True), model[0](images) / 2, atol=1e-6)


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


def test_logits_are_known_as_such_even_if_the_start_makes_them_all_zero():
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 3, bias=False))
    found = maximize(model, range(3), objective=Reach(0.8), steps=300, start=torch.zeros(1, *SHAPE), learning_rate=0.02)
    np.testing.assert_allclose(found.history.confidence[0], 1 / 3, atol=1e-5)
    np.testing.assert_allclose(found.history.confidence[-1], 0.8, atol=0.02)


def test_logits_that_are_all_negative_are_not_taken_for_logarithms():
    model = make_model(last=False).eval()
    model[6].bias.data -= 50
    found = maximize(model, [1], steps=2, start=SHAPE)
    logits = torch.tensor(outputs(model, found.images))
    assert (logits < 0).all()
    np.testing.assert_allclose(found.history.confidence[-1], logits.softmax(dim=1)[:, 1], atol=1e-5)


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(64, 1)), 0),  # of a single output it would always be 1
        (nn.Conv2d(1, 3, 3), 0),  # maps
        (nn.Sequential(nn.Flatten(), nn.Linear(64, 3)), {0: 1, 1: -1}),
    ],
)
def test_there_is_no_confidence_but_in_outputs_of_a_classifier_with_positive_weights(model, target):
    assert maximize(model, [target], steps=2, start=SHAPE).history.confidence is None


def test_a_channel_and_one_of_its_places_add_up():
    model = nn.Conv2d(1, 3, 3)
    found = maximize(model, [{Unit("", 1): 2.0, Unit("", 1, at=(0, 4)): 3.0}], steps=2, start=SHAPE)
    maps = outputs(model, found.images)[0, 1]
    np.testing.assert_allclose(found.history.activation[-1], 2 * maps.mean() + 3 * maps[0, 4], atol=1e-5)


def test_sigmoids_have_no_confidence_and_are_not_for_reach():
    model = nn.Sequential(make_model(last=False), nn.Sigmoid()).eval()
    assert maximize(model, range(3), steps=2, start=SHAPE).history.confidence is None
    with pytest.raises(ValueError, match="as behind a sigmoid"):
        maximize(model, range(3), objective=Reach(0.9), steps=2, start=SHAPE)


def test_reach_sets_out_from_a_probability_of_zero_only_by_the_logits():
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2), nn.Softmax(dim=1))
    model[1].weight.data, model[1].bias.data = torch.tensor([[-3.0], [3.0]]).expand(2, 64), torch.zeros(2)
    start = torch.ones(1, *SHAPE)
    stuck, moved = (
        maximize(model, [0], objective=Reach(0.9), steps=30, start=start, linear_output=linear).images
        for linear in (False, True)
    )
    assert torch.equal(stuck, start)
    assert (moved < start).all()


# Errors


@pytest.mark.parametrize(
    ("error", "words", "options"),
    [
        (ValueError, "'conv9'.*does not have", {"targets": [Unit("conv9", 0)]}),
        (ValueError, "unit 3 of the output; wanted one from 0 to 2", {"targets": [3]}),
        (ValueError, "unit 4 of layer '0'", {"targets": [Unit("0", 4)]}),
        (ValueError, "unit -1 of layer '0'", {"targets": [Unit("0", -1)]}),
        (ValueError, r"place in a map of shape \(8, 8\)", {"targets": [Unit("0", 0, at=(8, 0))]}),
        (ValueError, "no targets", {"targets": []}),
        (ValueError, "target without units", {"targets": [{}]}),
        (ValueError, "weight nan", {"targets": [{0: float("nan")}]}),
        (ValueError, "weight 0.0", {"targets": [{0: 0}]}),
        (TypeError, "one target per image", {"targets": 3}),
        (TypeError, "2.5 as a target", {"targets": [2.5]}),
        (ValueError, "no start", {"start": None}),
        (ValueError, r"start of shape \(2, 1, 8, 8\) for 3 targets", {"start": torch.rand(2, 1, 8, 8)}),
        (ValueError, r"got inputs of shape \(3, 2, 8, 8\)", {"start": (2, 8, 8)}),
        (ValueError, r"start of shape \(3,\).*a shape, for noise, is a tuple", {"start": list(SHAPE)}),
        (ValueError, "Reach.*Raise", {"targets": [Unit("0", 0)], "objective": Reach(0.9)}),
        (ValueError, "steps=-1", {"steps": -1}),
        (ValueError, "steps=2.5", {"steps": 2.5}),
        (ValueError, r"bounds=\(1, 0\)", {"bounds": (1, 0)}),
        (ValueError, r"bounds=\(0, 0.5, 1\)", {"bounds": (0, 0.5, 1)}),
        (ValueError, "images_every=0", {"images_every": 0}),
        (ValueError, "images_every=1.5", {"images_every": 1.5}),
        (ValueError, r"penalty of shape \(\).*\(3,\)", {"regularizers": [lambda images: images.mean()]}),
        (
            ValueError,
            r"shape \(1, 1, 8, 8\) from .*; wanted the shape",
            {"modifiers": [lambda images, random: images[:1]]},
        ),
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
    with pytest.raises(ValueError, match=r"shape \(16, 4\) from layer '1' for 1 images"):
        maximize(nn.Sequential(nn.Unflatten(3, (2, 4)), nn.Flatten(0, 3)), [Unit("1", 0)], start=SHAPE)
    with pytest.raises(TypeError, match="tuple"):
        maximize(nn.Sequential(nn.Flatten(2), nn.GRU(64, 2)), [Unit("1", 0)], start=SHAPE)
    for make in (
        lambda: TotalVariation(-1), lambda: LpNorm(1, p=0.5), lambda: Reach(0), lambda: Jitter(-1), lambda: Jitter(1.5),
        lambda: Blur(0), lambda: Rotation(200),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="got .*; wanted"):
            make()
    for make in (lambda: Unit("0", 1.0), lambda: Unit("0", 1, at=(1, 2.0)), lambda: Unit("0", 1, at=3)):
        with pytest.raises(TypeError, match="got .*; wanted"):
            make()


class PartUnused(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.unused = make_model(), nn.Linear(2, 2)

    def forward(self, images):
        return self.used(images)


def test_outputs_refuses_what_the_search_refuses():
    with pytest.raises(ValueError, match="'unused', which did not run"):
        maximize(PartUnused(), [Unit("unused", 0)], start=SHAPE)
    with pytest.raises(ValueError, match="'unused', which did not run"):
        outputs(PartUnused(), torch.rand(2, *SHAPE), layer="unused")
    with pytest.raises(TypeError, match="gave out a tuple"):
        outputs(nn.Sequential(nn.Flatten(2), nn.GRU(64, 2)), torch.rand(2, *SHAPE), layer="1")
    with pytest.raises(ValueError, match=r"got inputs of shape \(2, 2, 9, 9\)"):
        outputs(make_model(), torch.rand(2, 2, 9, 9))


def test_an_error_that_has_nothing_to_do_with_the_shape_comes_through_as_it_is(trained):
    class Full(nn.Module):
        def forward(self, images):
            raise torch.cuda.OutOfMemoryError("no memory is left")

    with pytest.raises(torch.cuda.OutOfMemoryError, match="no memory is left"):
        maximize(nn.Sequential(trained, Full()), [0], start=SHAPE)


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
