"""Hooks act while their block lasts, and leave no trace."""

import copy

import pytest
import torch
from torch import nn

from labkit.methods.activations import edit, evaluating, record, watch


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(4, 1))


@pytest.fixture
def inputs():
    return torch.rand(5, 3)


def hooks_on(model):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())


class Failing(nn.Module):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def forward(self, x):
        raise self.error


def test_record_gives_each_layers_output_and_outlives_the_block(model, inputs):
    with record(model, ["0", "3"]) as outputs:
        result = model(inputs)
    assert list(outputs) == ["0", "3"]
    assert torch.equal(outputs["3"], result)
    assert not outputs["3"].requires_grad
    assert hooks_on(model) == 0


def test_an_in_place_layer_that_follows_does_not_change_the_record(model, inputs):
    with record(model, "0") as outputs:
        model(inputs)
    assert torch.equal(outputs["0"], model[0](inputs).detach())
    assert (outputs["0"] < 0).any()


@pytest.mark.parametrize("error", [RuntimeError("inside"), KeyboardInterrupt()])
def test_hooks_come_off_when_the_forward_pass_fails(model, inputs, error):
    broken = nn.Sequential(model, Failing(error))
    with (
        pytest.raises(type(error)),
        evaluating(broken),
        record(broken, ["0.0", "0.0", "1"]),
        edit(broken, {"0.1": torch.relu}),
    ):
        broken(inputs)
    assert hooks_on(broken) == 0
    assert broken.training


def test_a_failing_pass_leaves_no_outputs_of_the_pass_before(model, inputs):
    with record(model, ["3"]) as outputs:
        model(inputs)
        with pytest.raises(RuntimeError):
            model(torch.rand(5, 7))
        with pytest.raises(KeyError, match="did not run yet"):
            outputs["3"]


def test_an_unknown_layer_is_refused_with_names_that_come_near():
    model = nn.ModuleDict({"convs": nn.ModuleDict({"1": nn.Identity(), "2": nn.Identity()})})
    with pytest.raises(ValueError, match=r"'conv\.2'.*'convs\.2'"), record(model, ["conv.2"]):
        pass
    with pytest.raises(ValueError, match=r"'0'"), edit(nn.Sequential(nn.ReLU()), {"features": torch.relu}):
        pass
    assert hooks_on(model) == 0


def test_a_layer_that_was_not_asked_for_is_told_from_one_that_did_not_run(model):
    with record(model, ["0"]) as outputs, pytest.raises(KeyError, match="not recorded"):
        outputs["1"]


def test_a_tuple_is_refused_by_name(inputs):
    lstm = nn.Sequential(nn.LSTM(3, 2))
    for block in (record(lstm, ["0"]), edit(lstm, {"0": torch.relu})):
        with pytest.raises(TypeError, match="'0' gave out a tuple"), evaluating(lstm), block:
            lstm(inputs)
    assert hooks_on(lstm) == 0


def test_a_module_in_two_places_answers_to_both_names(inputs):
    shared = nn.Linear(3, 3)
    model = nn.Sequential(shared, nn.ReLU(), shared)
    with record(model, ["0", "2"]) as outputs:
        result = model(inputs)
    assert torch.equal(outputs["0"], outputs["2"])
    assert torch.equal(outputs["2"], result)


def test_watch_sees_every_run_of_a_layer(model, inputs):
    shapes = []
    with watch(model, {"0": lambda output: shapes.append(output.shape)}):
        model(inputs)
        model(inputs[:2])
    assert shapes == [(5, 4), (2, 4)]


def raise_first(output):
    output[:, 0] = 100
    return output


def test_edit_replaces_the_output_and_leaves_the_weights(model, inputs):
    weights = copy.deepcopy(model.state_dict())
    with evaluating(model):
        plain = model(inputs)
        with edit(model, {"0": raise_first}), record(model, ["0"]) as outputs:
            edited = model(inputs)
        again = model(inputs)
    assert (outputs["0"][:, 0] == 100).all()
    assert not torch.equal(edited, plain)
    assert torch.equal(again, plain)
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())


def test_edit_acts_in_eval_mode_unless_told(model, inputs):
    def after_first(**options):
        with edit(model, {"0": raise_first}, **options), record(model, ["0"]) as outputs:
            model(inputs)
        return outputs["0"][:, 0]

    model.train()
    assert not (after_first() == 100).any()
    assert (after_first(in_training=True) == 100).all()
    model.eval()
    assert (after_first() == 100).all()


def test_nested_edits_of_one_layer_act_from_the_outside_in(inputs):
    model = nn.Sequential(nn.Identity()).eval()
    with edit(model, {"0": lambda x: x + 1}), edit(model, {"0": lambda x: x * 10}):
        assert torch.allclose(model(inputs), (inputs + 1) * 10)
    assert torch.equal(model(inputs), inputs)


def test_an_edit_that_writes_does_not_reach_the_layers_input(inputs):
    model, before = nn.Sequential(nn.Identity()).eval(), inputs.clone()
    with edit(model, {"0": raise_first}):
        model(inputs)
    assert torch.equal(inputs, before)


@pytest.mark.parametrize(
    ("function", "error", "words"),
    [
        (lambda output: None, TypeError, "returned NoneType.*return"),
        (lambda output: output[:, 1:], ValueError, r"shape \(5, 3\); wanted.*\(5, 4\)"),
    ],
)
def test_an_edit_that_returns_the_wrong_thing_is_refused(model, inputs, function, error, words):
    with pytest.raises(error, match=words), edit(model, {"0": function}), evaluating(model):
        model(inputs)
    assert hooks_on(model) == 0


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_evaluating_gives_each_submodule_its_own_mode_back(model, error):
    model.train()
    model[2].eval()
    before = [m.training for m in model.modules()]
    try:
        with evaluating(model):
            assert not any(m.training for m in model.modules())
            if error:
                raise error
    except (ValueError, KeyboardInterrupt):
        pass
    assert [m.training for m in model.modules()] == before
