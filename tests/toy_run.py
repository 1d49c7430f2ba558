"""A small training run, for tests that train it here and in a process that is killed.

python toy_run.py RUN.safetensors DEVICE    trains, says "now" in the midst of epoch 2 and waits to be killed
"""

import sys
import time

import torch
from torch import nn

from labkit.training import accuracy, fit

EPOCHS, BATCHES = 4, 6


def network(device="cpu"):
    """Random at every corner: first weights, order of data, dropout; and a batch norm, which keeps count."""
    torch.manual_seed(0)
    layers = nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 1), nn.Flatten(0)
    return nn.Sequential(*layers).to(device)


def batches(epoch, device="cpu"):
    """48 points in 6 dimensions, in an order of this epoch; the class is the sign of the first number."""
    x = torch.randn(48, 6, generator=torch.Generator().manual_seed(7))
    y = (x[:, 0] > 0).float()
    order = torch.randperm(48, generator=torch.Generator().manual_seed(epoch))
    for rows in order.split(48 // BATCHES):
        yield x[rows].to(device), y[rows].to(device)


def train(path=None, device="cpu", model=None, batches=batches, **more):
    """A trained model and its history."""
    model = model or network(device)
    more = {"epochs": EPOCHS, "patience": EPOCHS, "lr": 0.01, "validate": score, **more}
    history = fit(model, lambda epoch: batches(epoch, device), nn.BCEWithLogitsLoss(), path=path, **more)
    return model, history


def score(model):
    """Accuracy on the training data, which is all there is."""
    return accuracy(model, batches(0, next(model.parameters()).device))


def _batches_that_stop(epoch, device):
    for number, batch in enumerate(batches(epoch, device)):
        if (epoch, number) == (2, BATCHES // 2):
            sys.stdout.write("now\n")
            sys.stdout.flush()
            time.sleep(60)
        yield batch


if __name__ == "__main__":
    train(sys.argv[1], sys.argv[2], batches=_batches_that_stop)
