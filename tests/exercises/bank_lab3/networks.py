"""3.2, 3.8 and 3.9: the two networks, and the sizes of LeNet-5's maps."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from labkit.models.digits import MLP, LeNet5

FLAT, LOG = (nn.Flatten(),), (nn.LogSoftmax(dim=1),)

# --- 3.2 -----------------------------------------------------------------------------------------------------


def dense(
    widths=(784, 256, 128, 64, 10), between=nn.ReLU, rate=lambda dropout: dropout, ending=LOG,
    front=FLAT, rests=(True, True, True), bias=True, behind=(),
):  # fmt: skip
    """The network of the solution, in which one thing or another is wrong."""

    def mlp(dropout):
        layers = list(front)
        for place, (before, after) in enumerate(zip(widths[:-2], widths[1:-1], strict=True)):
            layers += [nn.Linear(before, after, bias=bias), between()]
            layers += [nn.Dropout(rate(dropout))] if rests[place] else []
        return nn.Sequential(*layers, nn.Linear(*widths[-2:], bias=bias), *(part() for part in behind), *ending)

    return mlp


class Functional(nn.Module):
    """As a module with a forward of its own, its last layer made first."""

    def __init__(self, dropout, always=False):
        super().__init__()
        self.out = nn.Linear(64, 10)
        self.first, self.second, self.third = nn.Linear(784, 256), nn.Linear(256, 128), nn.Linear(128, 64)
        self.rate, self.always = dropout, always

    def forward(self, x):
        x = x.reshape(len(x), -1)
        for layer in (self.first, self.second, self.third):
            x = F.dropout(F.relu(layer(x)), self.rate, training=self.always or self.training)
        return F.log_softmax(self.out(x), dim=-1)


class ByHand(Functional):
    """Dropout as a product with a mask."""

    def forward(self, x):
        x = x.flatten(1)
        for layer in (self.first, self.second, self.third):
            x = layer(x).clamp(min=0)
            if self.training:
                x = x * (torch.rand_like(x) >= self.rate) / (1 - self.rate)
        return torch.log(torch.softmax(self.out(x), dim=1))


class ThirdRateFixed(Functional):
    """Rests far too often behind the third layer."""

    def forward(self, x):
        x = x.flatten(1)
        for layer, rate in ((self.first, self.rate), (self.second, self.rate), (self.third, 0.9)):
            x = F.dropout(F.relu(layer(x)), rate, self.training)
        return F.log_softmax(self.out(x), dim=-1)


class OneReluMissing(Functional):
    def forward(self, x):
        x = F.relu(self.second(F.dropout(self.first(x.flatten(1)), self.rate, self.training)))
        return self.out(F.relu(self.third(F.dropout(x, self.rate, self.training)))).log_softmax(1)


def dense_lazy(dropout):
    lazy = [part for n in (256, 128, 64) for part in (nn.LazyLinear(n), nn.Dropout(dropout), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *lazy, nn.LazyLinear(10), nn.LogSoftmax(1))


class Softmax1(nn.Softmax):
    def __init__(self):
        super().__init__(dim=1)


# --- 3.8 -----------------------------------------------------------------------------------------------------


def sides(*numbers):
    return dict(zip(("conv1", "pool1", "conv2", "pool2", "inputs of the first linear layer"), numbers, strict=True))


def sides_from_a_network():
    network, found, x = LeNet5(), {}, torch.zeros(1, 1, 28, 28)
    for name, layer in network.named_children():
        x = layer(x)
        found[name] = x.shape[-1]
    return {name: found[name] for name in ("conv1", "pool1", "conv2", "pool2")} | {
        "inputs of the first linear layer": network.fc1.weight.shape[1]
    }


# --- 3.9 -----------------------------------------------------------------------------------------------------


def convolutional(
    padding=0, pool=nn.MaxPool2d, between=nn.ReLU, inputs=256, ending=LOG, pools=(True, True),
    maps=16, behind=(), without=None, front=FLAT,
):  # fmt: skip
    """The network of the solution, in which one thing or another is wrong."""

    def lenet5():
        parts = [
            nn.Conv2d(1, 6, 5, padding=padding), between(), *([pool(2)] if pools[0] else []),
            nn.Conv2d(6, maps, 5, padding=padding), between(), *([pool(2)] if pools[1] else []), *front,
            nn.Linear(inputs, 120), between(), nn.Linear(120, 84), between(), nn.Linear(84, 10),
            *(part() for part in behind), *ending,
        ]  # fmt: skip
        nonlinear = [place for place, part in enumerate(parts) if isinstance(part, between)]
        if without is not None:
            del parts[nonlinear[without]]
        return nn.Sequential(*parts)

    return lenet5


class LeNet5Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.ModuleList([nn.Linear(256, 120), nn.Linear(120, 84), nn.Linear(84, 10)])
        self.maps = nn.ModuleList([nn.Conv2d(1, 6, (5, 5)), nn.Conv2d(6, 16, 5)])

    def forward(self, x):
        for convolution in self.maps:
            x = F.relu(F.max_pool2d(convolution(x), 2))
        x = x.view(-1, 256)
        for layer in self.dense[:-1]:
            x = layer(x).relu()
        return self.dense[-1](x).log_softmax(dim=1)


def lenet5_lazy():
    parts = (nn.LazyConv2d(6, 5), nn.MaxPool2d(2), nn.ReLU(), nn.LazyConv2d(16, 5), nn.ReLU(), nn.MaxPool2d(2, 2))
    dense_parts = (nn.LazyLinear(120), nn.ReLU(), nn.LazyLinear(84), nn.ReLU(), nn.LazyLinear(10))
    return nn.Sequential(*parts, nn.Flatten(), *dense_parts, nn.LogSoftmax(-1))


RIGHT = {
    "3.2": [MLP, dense(), Functional, ByHand, dense_lazy],
    "3.8": [
        sides(24, 12, 8, 4, 256),
        sides(24.0, np.int64(12), torch.tensor([8]), 4, 16 * 4 * 4),
        sides_from_a_network(),
    ],
    "3.9": [LeNet5, convolutional(), LeNet5Functional, lenet5_lazy],
}

WRONG = {
    "3.2": [
        (dense(front=()), "no_flatten"),
        (dense(widths=(784, 256, 128, 64, 32, 10), rests=(True,) * 4), "wrong_sizes"),
        (dense(widths=(784, 128, 256, 64, 10)), "wrong_sizes"),
        (dense(bias=False), "wrong_sizes"),
        (lambda dropout: Functional(dropout, always=True), "rests_in_evaluation"),
        (dense(ending=()), "logits"),
        (dense(ending=(nn.Softmax(dim=1),)), "softmax_without_log"),
        (dense(ending=(nn.Softmax(dim=1), nn.LogSoftmax(dim=1))), "softmax_twice"),
        (dense(ending=(nn.LogSoftmax(dim=0),)), "over_batch"),
        (dense(behind=(nn.ReLU,)), "relu_on_output"),
        (dense(between=nn.Identity), "no_nonlinearity"),
        (OneReluMissing, "no_nonlinearity"),
        (dense(between=nn.Identity, ending=()), "no_nonlinearity_and_logits"),
        (dense(between=nn.Tanh), "other_nonlinearity"),
        (dense(between=nn.Sigmoid), "other_nonlinearity"),
        (dense(rests=(False,) * 3), "no_dropout"),
        (dense(rate=lambda dropout: 0.0), "no_dropout"),
        (dense(rests=(True, False, True)), "one_layer_bare"),
        (dense(rests=(False, True, True)), "one_layer_bare"),
        (dense(rests=(True, True, False)), "one_layer_bare"),
        (dense(rate=lambda dropout: 1 - dropout), "share_kept"),
        (dense(rate=lambda dropout: 0.5), "rate_ignored"),
        (dense(rate=lambda dropout: 0.3), "rate_ignored"),
        (ThirdRateFixed, "rate_ignored"),
        (dense(rate=lambda dropout: dropout / 2), "other"),
        (dense(between=nn.ELU), "other"),
        (dense(widths=(28, 256, 128, 64, 10)), "raised"),
        (lambda dropout: dense()(dropout)(torch.rand(1, 1, 28, 28)), "misfit"),
        (lambda dropout: dense(), "misfit"),
        (lambda dropout: Functional, "misfit"),
        (dense()(0.5), "misfit"),
        (lambda: dense()(0.5), "raised"),
    ],
    "3.8": [
        (sides(28, 14, 14, 7, 784), "padding"),
        (sides(28, 14, 10, 5, 400), "paper_image padding"),
        (sides(24, 12, 12, 6, 576), "padding"),
        (sides(23, 11, 6, 3, 144), "kernel_off_by_one"),
        (sides(25, 12, 9, 4, 256), "kernel_off_by_one"),
        (sides(26, 13, 11, 5, 400), "half_the_kernel"),
        (sides(576, 144, 64, 16, 256), "pixels_of_a_map"),
        (sides(24, 12, 8, 4, 16), "channels_forgotten"),
        (sides(24, 12, 8, 4, 96), "maps_of_the_first"),
        (sides(24, 12, 8, 4, 64), "one_side"),
        (sides(24, 12, 8, 4, 120), "other"),
        (sides(24, 24, 20, 20, 6400), "other"),
        ({"conv1": 24, "pool1": 12}, "other"),
        (sides((24, 24), (12, 12), (8, 8), (4, 4), 256), "misfit"),
        (sides("24", "12", "8", "4", "256"), "misfit"),
        ([24, 12, 8, 4, 256], "misfit"),
    ],
    "3.9": [
        (convolutional(padding=2, inputs=784), "padding"),
        (convolutional(padding=1, inputs=400), "padding"),
        (convolutional(pools=(True, False), inputs=1024), "missing_pool"),
        (convolutional(pools=(False, True), inputs=1600), "missing_pool"),
        (convolutional(pools=(False, False), inputs=6400), "missing_pool"),
        (convolutional(maps=12, inputs=192), "wrong_sizes"),
        (convolutional(ending=()), "logits"),
        (convolutional(ending=(nn.Softmax(dim=1),)), "softmax_without_log"),
        (convolutional(behind=(Softmax1,)), "softmax_twice"),
        (convolutional(ending=(nn.LogSoftmax(dim=0),)), "over_batch"),
        (convolutional(ending=(nn.ReLU(), nn.LogSoftmax(dim=1))), "relu_on_output"),
        (convolutional(front=()), "no_flatten"),
        (convolutional(front=(), inputs=4), "no_flatten"),
        (convolutional(between=nn.Identity, ending=()), "missing_relu_and_logits"),
        (convolutional(between=nn.Identity), "missing_relu"),
        (convolutional(without=0), "missing_relu"),
        (convolutional(without=3), "missing_relu"),
        (convolutional(between=nn.Tanh), "other_nonlinearity"),
        (convolutional(between=nn.Sigmoid, pool=nn.AvgPool2d), "other_nonlinearity"),
        (convolutional(pool=nn.AvgPool2d), "average_pool"),
        (convolutional(between=nn.ELU), "other"),
        (convolutional(inputs=400), "raised"),
        (convolutional(padding=2), "raised"),
        (lambda: LeNet5, "misfit"),
        (LeNet5(), "misfit"),
        (lambda: LeNet5()(torch.rand(1, 1, 28, 28)), "misfit"),
    ],
}

REMARKED = {
    "3.2": [
        (lambda dropout: dense(behind=(lambda: nn.Dropout(dropout),))(dropout), "rests_on_output"),
        (lambda dropout: dense(ending=(nn.LogSoftmax(1), nn.Dropout(dropout)))(dropout), "rests_on_output"),
        (lambda dropout: dense(front=(nn.Flatten(), nn.Dropout(dropout)))(dropout), "rests_on_image"),
    ],
}

STUBS = {"3.8": [..., sides(..., ..., ..., ..., ...), sides(24, 12, 8, 4, ...)]}
