"""Networks go into files and come back the same; what is no such file is refused with a reason."""

import json
import os

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from labkit import settings
from labkit.datasets.batching import Batches
from labkit.datasets.reviews import reviews
from labkit.models import TextCNN, checkpoints, create, load, ready, save, untrained_twin
from labkit.training import accuracy

IDS = torch.arange(1, 41).reshape(4, 10)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return TextCNN(50, {1: 4, 3: 2}, embedding_size=8, k_max=2, head="two_layer", hidden=5).eval()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "made" / "on the way.safetensors"


def test_a_round_trip(model, path):
    assert save(model.train(), path, test_accuracy=0.77, by="a test") == path
    back = load(path)
    assert torch.equal(back(IDS), model.eval()(IDS))
    assert not back.training
    assert back.hyper == model.hyper  # widths are numbers again
    assert checkpoints.describe(path)["notes"] == {"test_accuracy": 0.77, "by": "a test"}
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_widths_in_any_order(path):
    """The head knows filters by their place, so their order is part of the network."""
    model = create("text_cnn", vocabulary_size=50, filters={5: 4, 10: 1, 2: 3}, embedding_size=8).eval()
    save(model, path)
    back = load(path)
    assert list(back.filters) == [5, 10, 2]
    assert torch.equal(back(IDS), model(IDS))


def test_half_precision_halves_the_file(model, path, tmp_path):
    save(model, path)
    save(model, tmp_path / "half.safetensors", dtype=torch.float16)
    with safe_open(tmp_path / "half.safetensors", framework="pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float16}  # noqa: SIM118
    back = load(tmp_path / "half.safetensors")
    assert {parameter.dtype for parameter in back.parameters()} == {torch.float32}
    torch.testing.assert_close(back(IDS), model(IDS), atol=1e-2, rtol=0)
    full, half = (sum(t.nbytes for t in _tensors(p)) for p in (path, tmp_path / "half.safetensors"))
    assert full == 2 * half


def _tensors(path):
    with safe_open(path, framework="pt") as file:
        return [file.get_tensor(name) for name in file.keys()]  # noqa: SIM118


def test_no_file_is_overwritten_unasked(model, path):
    save(model, path, version=1)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="was left as it is: pick another name, or say overwrite=True"):
        save(model, path, version=2)
    assert path.read_bytes() == before
    save(model, path, overwrite=True, version=2)
    assert checkpoints.describe(path)["notes"] == {"version": 2}


def test_an_interrupted_write_leaves_the_old_file(model, path, monkeypatch):
    save(model, path, version=1)
    before = path.read_bytes()

    def interrupted(tensors, target, metadata):
        target.write_bytes(before[:100])
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints, "save_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(model, path, overwrite=True, version=2)
    assert path.read_bytes() == before
    monkeypatch.undo()
    save(model, path, overwrite=True, version=2)
    assert checkpoints.describe(path)["notes"] == {"version": 2}


def test_other_networks_are_not_saved(path):
    with pytest.raises(TypeError, match="got a Linear; wanted one of .*text_cnn"):
        save(nn.Linear(2, 2), path)
    assert not path.exists()


class Sly:
    """When it is unpickled without care, it makes a folder."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("content", ["pickle", "text", "cut", "empty"])
def test_what_is_no_safetensors_file_is_refused(model, path, tmp_path, content):
    save(model, path)
    if content == "pickle":
        torch.save({"weights": Sly(tmp_path / "caught")}, path)
    elif content == "cut":
        path.write_bytes(path.read_bytes()[:-10])
    else:
        path.write_text("not a network" if content == "text" else "")
    with pytest.raises(ValueError, match="is no safetensors file .* labkit.models.original_course.load"):
        load(path)
    assert not (tmp_path / "caught").exists()


def test_a_missing_file_is_named(path):
    with pytest.raises(FileNotFoundError, match="no checkpoint at .*on the way"):
        load(path)


def test_tensors_without_a_description_are_refused(tmp_path):
    save_file({"weight": torch.zeros(2)}, tmp_path / "bare.safetensors")
    with pytest.raises(ValueError, match="no description of a network"):
        load(tmp_path / "bare.safetensors")


def test_an_unknown_architecture_is_named(tmp_path):
    description = json.dumps({"architecture": "transformer", "hyper": {}, "notes": {}})
    save_file({"w": torch.zeros(2)}, tmp_path / "other.safetensors", metadata={"labkit": description})
    with pytest.raises(ValueError, match="got architecture 'transformer'; wanted one of .*text_cnn"):
        load(tmp_path / "other.safetensors")


def test_ready_names_what_there_is():
    with pytest.raises(ValueError, match="got 'text_cnn'; .*text_cnn_100_filters, text_cnn_20_filters"):
        ready("text_cnn")


def test_the_untrained_twin_is_where_training_set_out_from():
    trained = ready("text_cnn_20_filters")
    torch.manual_seed(7)
    expected_next = torch.rand(3)
    torch.manual_seed(7)
    twin = untrained_twin("text_cnn_20_filters")
    assert torch.equal(torch.rand(3), expected_next)  # the caller's random numbers go on undisturbed
    assert twin.hyper == trained.hyper
    assert not twin.training
    # Embeddings of rare words hardly move in training: only the very start lies so near.
    cosine = torch.cosine_similarity(twin.embedding.weight[4:], trained.embedding.weight[4:])
    assert cosine.median() > 0.95


@pytest.mark.parametrize(
    ("name", "filters", "at_least"),
    [
        ("text_cnn_20_filters", {1: 10, 2: 7, 3: 3}, 0.77),
        ("text_cnn_100_filters", {1: 70, 2: 20, 3: 10}, 0.78),
    ],
)
def test_the_shipped_networks_are_as_good_as_they_say(name, filters, at_least):
    model = ready(name)
    assert model.filters == filters
    measured = accuracy(model, Batches(reviews("sample").test, 256))
    path = settings.bundled("checkpoints", f"{name}.safetensors")
    assert measured >= at_least
    assert measured == pytest.approx(checkpoints.describe(path)["notes"]["test_accuracy"], abs=0.003)
