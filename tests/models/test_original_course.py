"""Checkpoints of the original course are read without trusting them, and give the logits they always gave."""

import json
import os
import pickle
import subprocess
import sys

import pytest
import torch

from labkit.models import original_course
from labkit.models.text_cnn import TextCNN

VARIANTS = {
    "as taught": {},
    "two layers": {"classifier_head": "two_layer_classifier", "clf_do_1": 0.1},
    "other widths": {"filter_size_num": {"2": 3, "5": 4}, "k_max": 3},
    "falling widths, frozen": {"filter_size_num": {"4": 2, "1": 3}, "clf_do_0": None, "tune_embs": False},
    "a function of one's own": {"classifier_head": "another_classifier"},
}

# What a notebook of the original course did, in a main module of its own: the names that it pickles
# belong to __main__, and there is no such function where the file is read.
WRITE = """
import json, pathlib, sys
import torch

def classifier(conf): ...
def two_layer_classifier(conf): ...
def another_classifier(conf): ...

def write(path, changes):
    params = {
        'emb_dim': 6, 'filter_size_num': {1: 3, 2: 2, 3: 1}, 'embs': 'random',
        'loss_func': torch.nn.BCEWithLogitsLoss, 'classifier_head': 'classifier',
        'clf_do_0': 0.2, 'clf_do_1': None, 'clf_out_dim': 1, 'k_max': 1, 'vocab_size': 40, 'pad_idx': 0,
        'tune_embs': True, 'use_TXRAY_out': False, 'epochs': 20, 'weight_decay': 2e-2, 'lr': 0.0002,
        'batch_size': 512, 'max_train_samples_to_use': None, 'seed': 42,
    } | changes
    filters = params['filter_size_num'] = {int(w): n for w, n in params['filter_size_num'].items()}
    params['classifier_head'] = globals()[params['classifier_head']]
    embedding = torch.nn.Embedding(params['vocab_size'] + 2, params['emb_dim'], padding_idx=0)
    state = {'e.weight': embedding.weight.detach()}
    for i, (width, count) in enumerate(filters.items()):
        state[f'convs.{i}.weight'] = torch.randn(count, 1, width, params['emb_dim'])
        state[f'convs.{i}.bias'] = torch.randn(count)
    sizes = [sum(filters.values()) * params['k_max'], 1]
    if params['classifier_head'] is two_layer_classifier:
        sizes.insert(1, 256)
    for i, (before, after) in enumerate(zip(sizes, sizes[1:])):
        state[f'classifier.clf_{i}.weight'] = torch.randn(after, before)
        state[f'classifier.clf_{i}.bias'] = torch.randn(after)
    torch.save({'state_dict': state, 'hyper_params': params}, path)
    torch.save((filters, params['k_max'], state), path.with_suffix('.plain'))

torch.manual_seed(1)
for name, changes in json.loads(sys.argv[2]).items():
    write(pathlib.Path(sys.argv[1]) / f'{name}.pt', changes)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A checkpoint NAME.pt of each variant, and in NAME.plain its widths, k and tensors as plain values."""
    folder = tmp_path_factory.mktemp("original")
    subprocess.run([sys.executable, "-c", WRITE, folder, json.dumps(VARIANTS)], check=True, timeout=120)
    return folder


def original_logits(path, ids):
    """The forward pass of the original course, for texts without padding."""
    filters, k_max, state = torch.load(path.with_suffix(".plain"), weights_only=True)
    pictures = state["e.weight"][ids].unsqueeze(1)  # (N, 1, L, E)
    pooled = []
    for i in range(len(filters)):
        activations = torch.conv2d(pictures, state[f"convs.{i}.weight"], state[f"convs.{i}.bias"]).squeeze(3)
        pooled.append(torch.relu(activations.topk(k_max, dim=2).values).flatten(1))
    out = torch.cat(pooled, dim=1)
    for i in range(2):
        if f"classifier.clf_{i}.weight" in state:
            out = out @ state[f"classifier.clf_{i}.weight"].T + state[f"classifier.clf_{i}.bias"]
    return out.squeeze(1)


@pytest.mark.parametrize("name", list(VARIANTS)[:4])
def test_the_logits_are_the_original_ones(folder, name):
    path = folder / f"{name}.pt"
    with pytest.raises(pickle.UnpicklingError, match="classifier|BCEWithLogitsLoss"):
        torch.load(path, weights_only=True)
    model = original_course.load(path)
    ids = torch.randint(1, 42, (8, 11), generator=torch.Generator().manual_seed(2))
    assert isinstance(model, TextCNN)
    assert not model.training
    assert model.embedding.num_embeddings == 42  # vocabulary and two more
    assert model.embedding.weight.requires_grad is VARIANTS[name].get("tune_embs", True)
    torch.testing.assert_close(model(ids), original_logits(path, ids), rtol=1e-5, atol=1e-4)


class Call:
    """When it is unpickled without care, a function is called."""

    def __init__(self, function, argument):
        self.call = function, (argument,)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(("call", "name"), [(os.system, r"(posix|nt)\.system"), (eval, "builtins.eval")])
def test_a_file_that_names_anything_else_is_refused_and_nothing_runs(tmp_path, call, name):
    path, marker = tmp_path / "sly.pt", tmp_path / "ran"
    argument = f"echo > {marker}" if call is os.system else f"open({str(marker)!r}, 'w').close()"
    torch.save({"state_dict": {}, "hyper_params": {"classifier_head": Call(call, argument)}}, path)
    with pytest.raises(ValueError, match=rf"it names {name}, and a pickle may call what it names") as caught:
        original_course.load(path)
    assert not marker.exists()
    assert "weights_only" not in str(caught.value)  # no advice to go without the guard
    torch.load(path, weights_only=False)
    assert marker.exists()  # without the guard it would have run


def test_other_functions_of_a_notebook_are_refused(folder):
    with pytest.raises(ValueError, match=r"it names __main__\.another_classifier, and"):
        original_course.load(folder / "a function of one's own.pt")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "was not read"),
        (b"hello", "was not read"),
        ({"weights": 1}, "wanted a dict with 'state_dict' and 'hyper_params'"),
        (
            {"state_dict": {}, "hyper_params": {"emb_dim": 6}},
            "as the original course wrote it: 'filter_size_num'",
        ),
    ],
    ids=["empty", "garbage", "other", "incomplete"],
)
def test_what_is_no_such_checkpoint_is_refused(tmp_path, content, message):
    path = tmp_path / "other.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(ValueError, match=message):
        original_course.load(path)


def test_a_cut_file_is_refused(folder, tmp_path):
    path = tmp_path / "cut.pt"
    path.write_bytes((folder / "as taught.pt").read_bytes()[:-100])
    with pytest.raises(ValueError, match="it is damaged"):
        original_course.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint at .*model.pt"):
        original_course.load(tmp_path / "model.pt")
