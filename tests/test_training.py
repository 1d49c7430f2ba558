"""Training ends the same whether it was left in peace, killed or started twice; and it harms no file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import toy_run
from safetensors.torch import load_file, save_file
from torch import nn
from toy_run import EPOCHS, batches, network, train

from labkit import training
from labkit.training import accuracy, fit


@pytest.fixture
def path(tmp_path):
    return tmp_path / "made" / "run.safetensors"


def same(first, second):
    """Whether two models hold the same numbers, bit for bit."""
    first, second = first.state_dict(), second.state_dict()
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def scores(*values):
    """A validation that gives these scores, one an epoch."""
    values = iter(values)
    return lambda model: next(values)


@pytest.mark.parametrize(
    "device",
    [
        "cpu",
        pytest.param(
            "cuda",
            marks=[
                pytest.mark.cuda,
                pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
            ],
        ),
    ],
)
def test_a_killed_run_ends_like_one_left_in_peace(path, device):
    environment = {**os.environ, "PYTHONPATH": str(Path(training.__file__).parents[1])}
    command = [sys.executable, toy_run.__file__, path, device]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout.readline() == "now\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    asked = []

    def counted(epoch, device):
        asked.append(epoch)
        return batches(epoch, device)

    resumed, history = train(path, device, batches=counted)
    peaceful, expected = train(device=device)
    assert asked == [2, 3]  # the two finished epochs were not trained again
    assert history == expected
    assert same(resumed, peaceful)


@pytest.mark.parametrize(
    ("optimizer", "more"),
    [(torch.optim.SGD, {}), (torch.optim.SGD, {"momentum": 0.9}), (torch.optim.AdamW, {"weight_decay": 0.1})],
    ids=["plain SGD", "SGD with momentum", "AdamW"],
)
def test_every_optimizer_is_taken_up(path, optimizer, more):
    train(path, optimizer=optimizer, epochs=2, **more)
    resumed, history = train(path, optimizer=optimizer, **more)
    peaceful, expected = train(optimizer=optimizer, **more)
    assert history == expected
    assert same(resumed, peaceful)


def test_equal_seeds_give_equal_weights():
    first, second, other = train(seed=1)[0], train(seed=1)[0], train(seed=2)[0]
    assert same(first, second)
    assert not same(first, other)


def test_training_learns():
    before, (model, history) = network(), train(epochs=30, patience=30, lr=0.05)
    assert history.loss[-1] < history.loss[0]
    assert toy_run.score(model) > max(0.9, toy_run.score(before))


def test_the_best_epochs_weights_are_kept():
    _, history = train(validate=scores(0.2, 0.9, 0.4, 0.5))
    best, _ = train(validate=scores(0.2, 0.9), epochs=2)
    assert history.best_epoch == 1
    assert same(train(validate=scores(0.2, 0.9, 0.4, 0.5))[0], best)


@pytest.mark.parametrize(("patience", "epochs"), [(1, 3), (2, 4), (3, 7)])
def test_patience(patience, epochs):
    """Scores that fall from epoch 1 on, and rise once more in epoch 4."""
    _, history = train(validate=scores(0.5, 0.6, 0.5, 0.5, 0.7, 0.1, 0.1), epochs=7, patience=patience)
    assert len(history.validation) == epochs


def test_equal_scores_keep_the_earlier_epoch():
    assert train(validate=scores(0.5, 0.5, 0.5), epochs=3)[1].best_epoch == 0


@pytest.mark.parametrize("stopped_early", [False, True])
def test_a_finished_run_is_returned_without_training(path, stopped_early, monkeypatch, capfd):
    monkeypatch.setenv("LABKIT_QUIET", "0")
    more = {"patience": 1} if stopped_early else {}
    trained, history = train(path, validate=scores(0.5, 0.9, 0.4, 0.3), **more)
    before = path.read_bytes()
    assert "already" not in capfd.readouterr().out

    def none_wanted(*_):
        raise AssertionError("it trained or validated again")

    model = network().eval()
    _, again = train(path, model=model, batches=none_wanted, validate=none_wanted, **more)
    assert again == history
    assert same(model, trained)
    assert model.training
    assert path.read_bytes() == before
    said = capfd.readouterr()
    assert f"already trained, epochs: {len(history.loss)} ({path}; delete this file" in said.out
    assert said.err == ""  # no bar that stands at 0


def test_more_epochs_go_on_where_a_run_ended(path):
    train(path, epochs=2)
    resumed, history = train(path, epochs=EPOCHS)
    assert history == train()[1]
    assert same(resumed, train()[0])


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"seed": 1}, "another seed;"),
        ({"lr": 0.02}, "another hyper;"),
        ({"optimizer": torch.optim.SGD}, "another optimizer;"),
        ({"model": nn.Sequential(nn.Linear(6, 1), nn.Flatten(0))}, "another model;"),
    ],
    ids=["seed", "lr", "optimizer", "model"],
)
def test_a_file_of_another_run_is_left_alone(path, changed, named):
    train(path, epochs=1)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"{named} wanted a new name, or the same settings"):
        train(path, **changed)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["cut", "garbage", "empty", "no run"])
def test_a_file_that_is_no_run_is_left_alone(path, content):
    train(path, epochs=1)
    if content == "no run":
        save_file({"weight": torch.zeros(2)}, path)
    else:
        path.write_bytes({"cut": path.read_bytes()[:-20], "garbage": b"my only copy", "empty": b""}[content])
    before = path.read_bytes()
    with pytest.raises(ValueError, match="wanted a new name.* left as it is"):
        train(path)
    assert path.read_bytes() == before


def test_a_half_file_never_stands_under_the_final_name(path, monkeypatch):
    train(path, epochs=1)
    before = path.read_bytes()
    written = []

    def interrupted(tensors, target, metadata):
        target.write_bytes(before[:50])
        written.append(target)
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "save_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(path)
    assert written[0] != path
    assert path.read_bytes() == before
    monkeypatch.undo()
    assert same(train(path)[0], train()[0])
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_file_holds_tensors_and_no_pickle(path):
    model, _ = train(path, validate=scores(1, 2, 3, 4))
    stored = load_file(path)
    assert torch.equal(stored["best.0.weight"], model[0].weight)


def test_frozen_parameters_stay(path):
    model = network()
    model[0].requires_grad_(False)
    before = model[0].weight.clone()
    train(path, model=model, weight_decay=0.1)
    assert torch.equal(model[0].weight, before)
    assert not torch.equal(model[4].weight, network()[4].weight)


def test_a_model_with_nothing_to_train_is_refused():
    with pytest.raises(ValueError, match="none of whose parameters requires a gradient"):
        train(model=network().requires_grad_(False))


def test_gradients_are_cleared_before_every_batch():
    """One step of SGD on each of two batches, by hand."""
    model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Flatten(0))
    nn.init.constant_(model[0].weight, 1.0)
    pairs = [(torch.tensor([[1.0]]), torch.tensor([0.0])), (torch.tensor([[2.0]]), torch.tensor([0.0]))]
    history = fit(model, lambda epoch: pairs, nn.MSELoss(), lambda m: 0.0, epochs=1, optimizer=torch.optim.SGD, lr=0.1)
    # w = 1 - 0.1 * 2 w = 0.8, then 0.8 - 0.1 * 8 * 0.8 = 0.16
    assert model[0].weight.item() == pytest.approx(0.16)
    assert history.loss == [pytest.approx((1 + 1.6**2) / 2)]


@pytest.mark.parametrize(
    ("logits", "targets", "expected"),
    [
        ([2.0, -1.0, 0.5, -3.0], [1.0, 1.0, 1.0, 0.0], 0.75),
        ([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6], [0.7, 0.3]], [1, 0, 0, 1], 0.5),
    ],
    ids=["one logit", "classes"],
)
def test_accuracy(logits, targets, expected):
    pairs = list(zip(torch.tensor(logits).split(3), torch.tensor(targets).split(3), strict=True))
    assert accuracy(nn.Identity(), pairs) == expected


def test_accuracy_measures_in_eval_mode_and_restores_each_mode():
    model = network()
    model.train()
    model[1].eval()  # a batch norm that was frozen on purpose
    seen = []
    model[3].register_forward_hook(lambda module, inputs, output: seen.append(module.training))
    before = [module.training for module in model.modules()]
    accuracy(model, batches(0))
    assert seen == [False] * len(seen) != []
    assert [module.training for module in model.modules()] == before


def test_accuracy_refuses_what_it_cannot_measure():
    with pytest.raises(ValueError, match=r"got logits of shape \(4, 1\); wanted \(N,\), or \(N, C\)"):
        accuracy(nn.Identity(), [(torch.zeros(4, 1), torch.zeros(4))])
    with pytest.raises(ValueError, match="got no batch"):
        accuracy(nn.Identity(), [])
