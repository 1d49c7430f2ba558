# %% [markdown]
# # Lab 3 · What does a digit look like to a network? Activation maximization in PyTorch
#
# A network that reads digits was trained by changing its weights. Turn it round: leave the weights alone, and change
# the *image* until the network is sure that it sees a three. What comes out is the network's idea of a three, and it
# may not be yours.
#
# **You will be able to**
# - split data without leaks, train two small networks, and see over-fitting in curves;
# - optimise an input in place of the weights, with the network frozen and in eval mode, and leave it as you found it;
# - do this for many targets in one batch, and hold the image back by regularisers;
# - put a number to "looks like a three", and set it against an untrained network.
#
# **Time** about two and a half hours; the machine needs about a minute of it. **You need** Python, PyTorch tensors,
# gradients, and lab 2's idea of a convolution.
#
# **Fourteen exercises, 36 points.** Each has a check that answers at once and names the mistake; `hint("3.1")` opens
# hints one by one. Answers in words, at least fifteen of them and with numbers, go to your instructor. Lines that
# look like `accuracy: measured 0.95, within the stated range: 0.93 to 0.97` are facts that this lab stands for; on
# other data or another machine a number may fall elsewhere.

# %%
# SET-UP
from labkit import setup

setup("lab3_mnist_activation_maximization")

# %%
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from labkit import check, done, fact, hint, progress, using
from labkit.datasets.image_batches import ImageBatches, Images
from labkit.datasets.mnist import mnist
from labkit.figures import curves, outputs
from labkit.figures import digits as digit_figures
from labkit.figures.animation import animation
from labkit.methods.activation_maximization import Blur, Jitter, LpNorm, Reach, Rotation, TotalVariation, maximize
from labkit.methods.activations import evaluating
from labkit.models import create, ready, untrained_twin
from labkit.notebook import device
from labkit.settings import work_folder
from labkit.training import accuracy, fit, seed_everything

DEVICE = device()

# %% [markdown]
# ## 1 · Digits
#
# Handwritten digits of MNIST, 28 × 28 grey pixels: 0 is paper, 255 is ink.

# %%
data = mnist()
using(data.source, data.why)

# %%
# NBVAL_CHECK_OUTPUT
if data.source == "sample":
    fact("digits to train on", len(data.train))
    fact("digits to validate with", len(data.validation))
    fact("digits to test with", len(data.test))

# %%
digit_figures.examples_of_digits(data.test.images, data.test.labels, 10)

# %% [markdown]
# The loader has made three splits that share no image. Whoever makes them by hand easily gets it wrong: the course
# that this lab comes from copied its loader for validation and cut both copies, but both copies were of one data set.
#
# **Exercise 3.1 (2 points).** Write `split`: `count` images drawn at random for validation, all others for training,
# no image in both, each with its own label. The same `seed` gives the same split. Leave what is handed over as it is,
# here and in all exercises.


# %%
# Exercise 3.1
def split(images: Tensor, labels: Tensor, count: int, seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    # BEGIN SOLUTION
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    held_out, kept = order[:count], order[count:]
    return images[kept], labels[kept], images[held_out], labels[held_out]
    # END SOLUTION
    # STUB: return ..., ..., ..., ...  # train images, train labels, validation images, validation labels


# %%
check("3.1", split)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* one permutation, cut once. What stands left of the cut cannot stand right of it, so the two are disjoint
# by construction, and images and labels are indexed by the same numbers.

# %% [markdown]
# ## 2 · A network that sees pixels
#
# A *multilayer perceptron* (MLP) takes the 784 pixels as a plain list; it does not know which of them are neighbours.
#
# **Exercise 3.2 (3 points).** Write `mlp`: a network for images (N, 1, 28, 28) with four dense layers of 256, 128, 64
# and 10 units, ReLU and dropout after each of the first three, and log-probabilities at the end.


# %%
# Exercise 3.2
def mlp(dropout: float) -> nn.Module:
    # BEGIN SOLUTION
    widths = [28 * 28, 256, 128, 64]
    hidden = []
    for before, after in pairwise(widths):
        hidden += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(64, 10), nn.LogSoftmax(dim=1))
    # END SOLUTION
    # STUB: return ...


# %%
check("3.2", mlp)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* without the ReLUs four linear layers are one. Log-probabilities in place of probabilities, because their
# logarithm is what the loss needs, and what the search below aims at.

# %% [markdown]
# **Exercise 3.3 (2 points).** Train yours: three epochs without dropout, `mlp(0.0)`, in batches of 32, with Adam at a
# learning rate of 2e-3. `fit(model, batches_of, loss, score, epochs=3, lr=2e-3)` does it; it asks for a function from
# the number of an epoch to its batches, `ImageBatches(data.train, 32, seed=epoch, device=DEVICE)`, and for a function
# from the model to a score, by which it keeps the best epoch. Then give the share of the training and of the test
# digits that it tells right: `accuracy(model, batches["train"])`. (Some seconds with the sample.)

# %%
batches = {name: ImageBatches(getattr(data, name), 256, device=DEVICE) for name in ("train", "validation", "test")}
seed_everything(1)

# %%
# Exercise 3.3
# BEGIN SOLUTION
mine = mlp(0.0).to(DEVICE)
fit(
    mine,
    lambda epoch: ImageBatches(data.train, 32, seed=epoch, device=DEVICE),
    nn.NLLLoss(),
    lambda model: accuracy(model, batches["validation"]),
    epochs=3,
    lr=2e-3,
)
learned = {"train": accuracy(mine, batches["train"]), "test": accuracy(mine, batches["test"])}
# END SOLUTION
# STUB: learned = {"train": ..., "test": ...}

# %%
check("3.3", learned)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* the score picks among epochs, so it is measured on digits that are neither trained on nor tested with.
# Whoever picks by the test digits has tested on what was picked for them.

# %% [markdown]
# From here on everybody works with the same network, trained beforehand for three epochs too
# (`data/train_digits.py`), and beside it what it was before it learned:

# %%
perceptron = ready("digits_mlp", DEVICE)
perceptron_untrained = untrained_twin("digits_mlp", DEVICE)
print(perceptron)

# %%
# NBVAL_CHECK_OUTPUT
fact("MLP, training accuracy", accuracy(perceptron, batches["train"]), 0.96, 0.985)
fact("MLP, test accuracy", accuracy(perceptron, batches["test"]), 0.92, 0.945)
fact("MLP, test accuracy, untrained", accuracy(perceptron_untrained, batches["test"]), 0.05, 0.17)

# %% [markdown]
# These are numbers of the sample, 3,500 digits seen three times. With all 60,000 digits of MNIST an MLP of this size
# is known to come to about 0.98 (LeCun et al., 1998, have 0.97 for one with two hidden layers of 300 and 100 units).
# That is from the literature, not measured here.

# %% [markdown]
# ### Over-fitting
#
# A network over-fits most where it has least to learn from. So here the MLP gets 500 digits only, for forty epochs,
# without dropout and with it, and 3,000 others that it does not see say what it has understood. (Some ten seconds.)

# %%
few = Images(data.train.images[:500], data.train.labels[:500])
others = Images(data.train.images[500:3500], data.train.labels[500:3500])


def train(network: nn.Module) -> dict[str, list[float]]:
    """Accuracy on the 500 images and on the 3,000 others after each epoch."""
    curve: dict[str, list[float]] = {"train": [], "validation": []}

    def measure(model: nn.Module) -> float:
        for name, images in (("train", few), ("validation", others)):
            curve[name].append(accuracy(model, ImageBatches(images, 500, device=DEVICE)))
        return curve["validation"][-1]

    fit(
        network.to(DEVICE),
        lambda epoch: ImageBatches(few, 32, seed=epoch, device=DEVICE),
        nn.NLLLoss(),
        measure,
        epochs=40,
        patience=40,
        lr=1e-3,
    )
    return curve


trained_for = {}
for dropout in (0.0, 0.5):
    seed_everything(1)
    trained_for[f"dropout {dropout}"] = train(create("digits_mlp", dropout=dropout))

# %% [markdown]
# Look at two things: how soon each network knows its 500 digits by heart, and where the full lines end.

# %%
curves.over_fitting(trained_for, "Forty epochs of an MLP on 500 digits")

# %%
# NBVAL_CHECK_OUTPUT
gaps = {name: np.subtract(curve["train"], curve["validation"]) for name, curve in trained_for.items()}
ends = {name: curve["validation"][-1] for name, curve in trained_for.items()}
fact("gap after 10 epochs, no dropout", gaps["dropout 0.0"][9], 0.125, 0.16)
fact("gap after 10 epochs, dropout 0.5", gaps["dropout 0.5"][9], 0.08, 0.122)
fact("gap after 40 epochs, no dropout", gaps["dropout 0.0"][-1], 0.135, 0.165)
fact("validation gained by dropout after 40 epochs", ends["dropout 0.5"] - ends["dropout 0.0"], 0.0, 0.03)

# %% [markdown]
# Dropout delays the learning by heart; it does not forbid it. After forty epochs both networks know their 500 digits
# perfectly. On the others dropout has gained a little. More data helps far more: the network above, with 3,500
# digits, makes about half the errors.

# %% [markdown]
# ## 3 · The input as the parameter
#
# Now the network stays as it is. What is trained is the image *x*: it begins as faint noise, N(0, 0.01), and gradient
# steps bring the log-probability of the wanted digit to a wanted value:
#
# ```text
# loss(x) = (log p(digit | x) − log 0.9)²
# ```
#
# First, what does the network say of the noise?
#
# **Exercise 3.4 (2 points).** Write `probabilities`: the ten probabilities, as a tensor (10,), that a model with
# log-probabilities at its end gives one image (1, 1, 28, 28). The model must be in eval mode for it, and afterwards
# in the mode in which it came.


# %%
# Exercise 3.4
def probabilities(model: nn.Module, image: Tensor) -> Tensor:
    # BEGIN SOLUTION
    was_training = model.training
    model.eval()
    with torch.no_grad():
        log_probabilities = model(image)[0]
    model.train(was_training)
    return log_probabilities.exp()
    # END SOLUTION
    # STUB: return ...


# %%
check("3.4", probabilities)

# %% [markdown]
# To put one mode back is enough where all parts of a network are in the same one, as they are here, and where nothing
# fails on the way. Where some part was kept in eval mode on purpose, such as a batch norm, `model.train(True)` would
# set it training. `with evaluating(model):`, imported above, remembers the mode of each part and puts it back after
# an error too. You may use it from here on.
#
# **Exercise 3.5 (5 points).** Complete the class. `run` takes Adam steps on the image alone, with the loss above, and
# returns the losses as plain numbers. While it runs the model must be in eval mode and frozen; afterwards its modes,
# its `requires_grad` and its gradients (`.grad`) are as before. Nothing may change the start or the model's weights.


# %%
# Exercise 3.5
class InputOptimizer:
    """Trains an image until a model gives a digit the wanted probability."""

    def __init__(self, model: nn.Module, start: Tensor, lr: float) -> None:
        self.model = model
        self.lr = lr
        # BEGIN SOLUTION
        self.image = start.detach().clone()
        # END SOLUTION
        # STUB: self.image = ...

    def run(self, digit: int, probability: float, steps: int) -> list[float]:
        # BEGIN SOLUTION
        needed = [parameter.requires_grad for parameter in self.model.parameters()]
        self.model.requires_grad_(False)
        wanted = torch.tensor(probability).log()
        image = self.image.requires_grad_(True)
        optimizer = torch.optim.Adam([image], lr=self.lr)
        losses = []
        try:
            with evaluating(self.model):
                for _ in range(steps):
                    optimizer.zero_grad()
                    loss = (self.model(image)[0, digit] - wanted) ** 2
                    loss.backward()
                    optimizer.step()
                    losses.append(loss.item())
        finally:
            for parameter, need in zip(self.model.parameters(), needed, strict=True):
                parameter.requires_grad_(need)
        self.image = image.detach()
        return losses
        # END SOLUTION
        # STUB: return ...


# %%
check("3.5", InputOptimizer)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* the optimiser knows the image and nothing else, so nothing else can move; frozen weights save computing
# their gradients, and keep what a training may have left there. `finally` thaws them after an error too. In train
# mode dropout would draw another network at every step. `.item()` gives the number without the graph; a list of loss
# tensors would keep every graph alive.

# %% [markdown]
# **Exercise 3.6 (2 points).** Fifty steps at a learning rate of 5e-3, from the noise below, to 90 % of digit 3 in the
# network `perceptron`. Give the losses and the probabilities before and after.

# %%
perceptron = ready("digits_mlp", DEVICE)  # afresh, whatever an earlier try of 3.5 has done to it
seed_everything(3)
noise = (0.01 * torch.randn(1, 1, 28, 28)).to(DEVICE)  # drawn on the CPU, so the same on every machine

# %%
# Exercise 3.6
# BEGIN SOLUTION
optimized = InputOptimizer(perceptron, noise, lr=5e-3)
losses = optimized.run(digit=3, probability=0.9, steps=50)
three = {
    "losses": losses,
    "before": probabilities(perceptron, noise),
    "after": probabilities(perceptron, optimized.image),
}
# END SOLUTION
# STUB: three = {"losses": ..., "before": ..., "after": ...}

# %%
check("3.6", three)

# %% [markdown]
# The same with `maximize`, which does this for any model, in PyTorch or in Keras. Its history has the loss and the
# confidence of every step. See where the confidence crosses 90 %, and that it does not stop there: Adam has momentum,
# so it runs past the goal, and takes some hundred steps to come back.

# %%
found = maximize(perceptron, [3], objective=Reach(0.9), steps=50, start=noise, learning_rate=5e-3)
curves.loss_curve(
    found.history.loss[:, 0], "Fifty steps towards a three", confidence=found.history.confidence[:, 0], wanted=0.9
)

# %%
# NBVAL_CHECK_OUTPUT
before, after = found.history.confidence[0, 0], found.history.confidence[-1, 0]
fact("confidence in the three, noise", before, 0.04, 0.15, digits=2)
fact("confidence in the three, after 50 steps", after, 0.88, 0.98, digits=2)
fact("the first step with 90 %", float((found.history.confidence[:, 0] >= 0.9).argmax()), 12, 45, digits=0)

# %% [markdown]
# All ten probabilities, before and after. Before, look for the largest one: is the network sure of anything?

# %%
with torch.no_grad():
    said = {"before": perceptron(noise)[0].exp().cpu(), "after": perceptron(found.images)[0].exp().cpu()}
outputs.probabilities(said["before"], said["after"], "What the MLP says, before and after")

# %% [markdown]
# And the image. Both pictures have one range of colours. Look where it ends, at the bar, as much as at the pattern:
# full ink would be 1.

# %%
pictures = [[noise[0, 0].cpu(), found.images[0, 0].cpu()]]
digit_figures.image_grid(pictures, ["MLP"], ["before", "after"], None, "The image itself", one_range=True)

# %% [markdown]
# **Exercise 3.7 (2 points, in words).** What does the network say of noise, and is it sure? Does the image look like
# a three to you? How large are its pixels compared with those of a digit, and what does that mean?

# %%
# Exercise 3.7
# BEGIN SOLUTION
largest = found.images.abs().max().item()
negative = (found.images < 0).float().mean().item()
before, after = said["before"], said["after"]
answer_3_7 = f"""
Of the noise the network says {before.argmax().item()} with {before.max().item():.2f}, and 3 with
{before[3].item():.2f}. It is not sure, but it has no way to say "no digit": it must share out a whole one among
ten. After fifty steps the 3 has {after[3].item():.2f}. With the colours stretched I do see the bows of a 3, and
patches below zero in its openings, where ink would make it an 8. But the figure flatters: the largest pixel is
{largest:.2f} from zero, where ink is 1, and {negative:.0%} of the pixels are below zero, which no digit has. On
paper one would see next to nothing. A dense unit adds up 784 products, so a little in each pixel, all in the right
direction, is enough. The image says which way to push the pixels, and much less what a 3 looks like.
"""
# END SOLUTION
# STUB: answer_3_7 = "YOUR ANSWER HERE"

# %%
check("3.7", answer_3_7)

# %% [markdown]
# All ten digits, fifty steps each, beside the same from the network that has not learned anything. Fifty steps are
# enough for the one and not for the other; look at the percentages beneath. Each row has its own range of colours: how
# far the pixels are from zero stands beside it.

# %%
from_noise = maximize(perceptron, range(10), objective=Reach(0.9), steps=50, start=noise)
from_noise_untrained = maximize(perceptron_untrained, range(10), objective=Reach(0.9), steps=50, start=noise)
digit_figures.ten_digits(
    {"MLP": from_noise.images, "untrained MLP": from_noise_untrained.images},
    {"MLP": from_noise.history.confidence[-1], "untrained MLP": from_noise_untrained.history.confidence[-1]},
    "The MLP's digits, after fifty steps to 90 %",
)

# %% [markdown]
# ## 4 · A network that sees patterns
#
# *LeNet-5* slides small filters over the image, so it knows what is next to what: 6 filters of 5 × 5, maximum pooling
# by 2, 16 filters of 5 × 5, pooling by 2, then dense layers of 120, 84 and 10 units. No padding.
#
# **Exercise 3.8 (2 points).** How large are the maps (one side's length) behind each of these layers, for an image of
# 28 × 28 pixels, and how many numbers does the first dense layer get?

# %%
# Exercise 3.8
# BEGIN SOLUTION
sides = {"conv1": 24, "pool1": 12, "conv2": 8, "pool2": 4, "inputs of the first linear layer": 16 * 4 * 4}
# END SOLUTION
# STUB: sides = {"conv1": ..., "pool1": ..., "conv2": ..., "pool2": ..., "inputs of the first linear layer": ...}

# %%
check("3.8", sides)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* a filter of 5 fits into 28 at 28 − 5 + 1 = 24 places. The paper's images had 32 × 32 pixels, which gives
# maps of 5 × 5 in the end; ours give 4 × 4.

# %% [markdown]
# **Exercise 3.9 (3 points).** Write `lenet5`, with ReLU after each layer that has weights but the last, and
# log-probabilities at the end.


# %%
# Exercise 3.9
def lenet5() -> nn.Module:
    # BEGIN SOLUTION
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 4 * 4, 120), nn.ReLU(),
        nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10), nn.LogSoftmax(dim=1),
    )  # fmt: skip
    # END SOLUTION
    # STUB: return ...


# %%
check("3.9", lenet5)

# %%
lenet = ready("digits_lenet5", DEVICE)
lenet_untrained = untrained_twin("digits_lenet5", DEVICE)

# %%
# NBVAL_CHECK_OUTPUT
fact("LeNet-5, training accuracy", accuracy(lenet, batches["train"]), 0.95, 0.985)
fact("LeNet-5, test accuracy", accuracy(lenet, batches["test"]), 0.95, 0.97)
fact("LeNet-5, test accuracy, untrained", accuracy(lenet_untrained, batches["test"]), 0.05, 0.17)

# %% [markdown]
# Again these are numbers of the sample. LeNet-5 with all 60,000 digits is known for about 0.99 (LeCun et al., 1998);
# that is from the literature too.
#
# **Exercise 3.10 (2 points).** Now train your own, as in exercise 3.3, and give both accuracies. The full data take
# minutes: with `path=work_folder() / "my_lenet5.safetensors"`, say, `fit` keeps the run in that file after each
# epoch, and a session that was dropped goes on from there.

# %%
seed_everything(1)

# %%
# Exercise 3.10
# BEGIN SOLUTION
mine = lenet5().to(DEVICE)
fit(
    mine,
    lambda epoch: ImageBatches(data.train, 32, seed=epoch, device=DEVICE),
    nn.NLLLoss(),
    lambda model: accuracy(model, batches["validation"]),
    epochs=3,
    lr=2e-3,
)
lenet_learned = {"train": accuracy(mine, batches["train"]), "test": accuracy(mine, batches["test"])}
# END SOLUTION
# STUB: lenet_learned = {"train": ..., "test": ...}

# %%
check("3.10", lenet_learned)

# %%
# NBVAL_CHECK_OUTPUT
if done("3.3", "3.10"):
    fact("your MLP, test accuracy", learned["test"], 0.9, 0.945)
    fact("your LeNet-5, test accuracy", lenet_learned["test"], 0.93, 0.97)

# %% [markdown]
# ## 5 · Many images in one batch
#
# Ten digits by 500 steps are 5,000 passes of one image each. The images do not know of each other, so they can go
# through the network together.
#
# **Exercise 3.11 (4 points).** Write `maximize_batch`: image i of `starts` (T, 1, 28, 28) is to raise the
# log-probability of `digits[i]`, by Adam, as far as `steps` steps go. Return the images. Each must come out as it
# would alone, but one pass a step must do for all of them. The model stays as it is.


# %%
# Exercise 3.11
def maximize_batch(model: nn.Module, starts: Tensor, digits: Tensor, steps: int, lr: float) -> Tensor:
    # BEGIN SOLUTION
    images = starts.detach().clone().requires_grad_(True)
    optimizer = torch.optim.Adam([images], lr=lr)
    rows = torch.arange(len(images))
    with evaluating(model):
        for _ in range(steps):
            loss = -model(images)[rows, digits].sum()
            (images.grad,) = torch.autograd.grad(loss, [images])
            optimizer.step()
    return images.detach()
    # END SOLUTION
    # STUB: return ...


# %%
check("3.11", maximize_batch)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* a sum of losses, each of which depends on one image: the gradient at an image is that of its own loss, and
# Adam scales each pixel by itself. `autograd.grad` asks for the gradient of the images alone, so the network's own
# `.grad` stays as it was, without freezing anything.

# %% [markdown]
# 500 steps towards 90 % with both networks, and with both as they were before they learned:

# %%
networks = {
    "MLP": perceptron,
    "LeNet-5": lenet,
    "untrained MLP": perceptron_untrained,
    "untrained LeNet-5": lenet_untrained,
}
plain = {
    name: maximize(network, range(10), objective=Reach(0.9), steps=500, start=noise)
    for name, network in networks.items()
}

# %% [markdown]
# Compare the first two rows: where in the image does each network ask for ink? Then see whether anything of that is
# in the last two. Each row has its own range of colours, since in one range the MLP's would be blank beside the
# others; so compare patterns by eye, and strength by the numbers beside the rows.

# %%
digit_figures.ten_digits(
    {name: result.images for name, result in plain.items()},
    {name: result.history.confidence[-1] for name, result in plain.items()},
    "Ten digits, 500 steps to 90 %",
)

# %%
# NBVAL_CHECK_OUTPUT
for name, result in plain.items():
    fact(f"{name}: digits that reach 80 % within 500 steps", int((result.history.confidence[-1] > 0.8).sum()))
for name, low, high in (("untrained MLP", 0.2, 0.45), ("untrained LeNet-5", 0.12, 0.25)):
    fact(f"{name}: highest confidence after 500 steps", plain[name].history.confidence[-1].max(), low, high, digits=2)
strongest = {name: result.images.abs().max().item() for name, result in plain.items()}
fact("MLP: the pixel furthest from zero", strongest["MLP"], 0.09, 0.3, digits=2)
fact("LeNet-5: the same, in the MLP's", strongest["LeNet-5"] / strongest["MLP"], 1.8, 11, digits=1)

# %% [markdown]
# The untrained networks do not get there: their outputs hardly depend on the pixels yet, even on pixels far beyond
# ink.

# %% [markdown]
# ## 6 · Holding the image back
#
# The network is satisfied with a faint trace among speckle, since nothing in the loss speaks against it.
# *Regularisers* add a price: **total variation** for pixels that differ from their neighbours, an **Lp norm** for
# pixels far from zero; **bounds** keep each pixel between paper and ink. *Modifiers* move the image a little at each
# step: what must excite the unit wherever it is shifted, however it is turned or blurred, cannot hang on single
# pixels.
#
# **Exercise 3.12 (2 points).** Write `total_variation` of images (N, 1, H, W): for each image the mean absolute
# difference of pixels one above the other, plus that of pixels side by side, (N,).


# %%
# Exercise 3.12
def total_variation(images: Tensor) -> Tensor:
    # BEGIN SOLUTION
    down = (images[..., 1:, :] - images[..., :-1, :]).abs()
    across = (images[..., :, 1:] - images[..., :, :-1]).abs()
    return down.mean(dim=(1, 2, 3)) + across.mean(dim=(1, 2, 3))
    # END SOLUTION
    # STUB: return ...


# %%
check("3.12", total_variation)

# %% [markdown]
# `TotalVariation(w)` puts w times this number into the loss. And what do all these constraints do? Here the
# log-probability is raised for 300 steps as far as it goes, so that the price is weighed against it. Both networks
# are asked.

# %%
settings = {
    "nothing": {},
    "bounds": {"bounds": (0, 1)},
    "bounds, TV": {"bounds": (0, 1), "regularizers": [TotalVariation(20)]},
    "bounds, L2": {"bounds": (0, 1), "regularizers": [LpNorm(20, p=2)]},
    "bounds, blur": {"bounds": (0, 1), "modifiers": [Blur(1.0)]},
    "bounds, jitter": {"bounds": (0, 1), "modifiers": [Jitter(2)]},
    "bounds, rotation": {"bounds": (0, 1), "modifiers": [Rotation(15)]},
    "together": {
        "bounds": (0, 1),
        "regularizers": [TotalVariation(0.5), LpNorm(2, p=2)],
        "modifiers": [Jitter(1), Rotation(15)],
    },
}
held_back = {
    network: {
        name: maximize(networks[network], range(10), steps=300, start=noise, learning_rate=0.02, **how)
        for name, how in settings.items()
    }
    for network in ("MLP", "LeNet-5")
}

# %% [markdown]
# LeNet-5's ten digits under each. With bounds the images are ink on paper, so they can be compared with real digits.
# Look for closed strokes, for ink where no digit has any, and for how dark it gets.

# %%
bounded = {name: result for name, result in held_back["LeNet-5"].items() if name != "nothing"}
digit_figures.ten_digits(
    {name: result.images for name, result in bounded.items()},
    {name: result.history.confidence[-1] for name, result in bounded.items()},
    "LeNet-5's digits under different constraints",
)

# %% [markdown]
# Without bounds the pixels leave the range of ink and paper. Here beside the images of section 5, which were to reach
# 90 % and no more. Both rows have one range of colours, so they can be compared: look which row is the stronger one,
# and for the blue, which no ink on any paper can give.

# %%
unbounded = {"to 90 %": plain["LeNet-5"], "as far as it goes": held_back["LeNet-5"]["nothing"]}
digit_figures.ten_digits(
    {name: result.images for name, result in unbounded.items()},
    {name: result.history.confidence[-1] for name, result in unbounded.items()},
    "LeNet-5's digits without bounds",
    one_range=True,
)

# %%
# NBVAL_CHECK_OUTPUT
for name, low, high in (("to 90 %", 0.07, 0.12), ("as far as it goes", 0.18, 0.27)):
    drawn = unbounded[name].images
    fact(f"{name}: pixels' mean distance from zero", drawn.abs().mean().item(), low, high, digits=2)
    fact(f"{name}: share of pixels below zero", (drawn < 0).float().mean().item(), 0.36, 0.58, digits=2)

# %% [markdown]
# How calm are the images? Their total variation and mean ink, beside those of real digits, and the confidence that is
# left:

# %%
real = torch.from_numpy(data.test.images[:, None]).float() / 255


def probabilities_of(model: nn.Module, images: Tensor) -> np.ndarray:
    """What a model says of images (N, 1, H, W): (N, 10)."""
    with torch.no_grad():
        return model(images.to(DEVICE)).exp().cpu().numpy()


price = pd.DataFrame(
    {
        name: {
            "total variation": float(TotalVariation(1)(result.images).mean()),
            "mean ink": result.images.mean().item(),
            "confidence": float(result.history.confidence[-1].mean()),
        }
        for name, result in held_back["LeNet-5"].items()
    }
).T
price.loc["real digits"] = {
    "total variation": float(TotalVariation(1)(real).mean()),
    "mean ink": real.mean().item(),
    "confidence": float(probabilities_of(lenet, real)[range(len(real)), data.test.labels].mean()),
}
price.round(3)

# %%
# NBVAL_CHECK_OUTPUT
calm, sure = price["total variation"], price["confidence"]
fact(
    "total variation under TV, over that under bounds alone", calm["bounds, TV"] / calm["bounds"], 0.08, 0.15, digits=2
)
fact("confidence under bounds alone", sure["bounds"], 0.99, 1.0)
fact("confidence under TV", sure["bounds, TV"], 0.88, 0.92)
fact("confidence under L2", sure["bounds, L2"], 0.92, 0.965)
fact("confidence under jitter", sure["bounds, jitter"], 0.99, 1.0)

# %% [markdown]
# The ten digits as they come to be, with all that is in "together". Watch which strokes come first.

# %%
made = maximize(lenet, range(10), steps=300, start=noise, learning_rate=0.02, images_every=10, **settings["together"])
animation(made.history.images, made.history.steps, "Ten digits come to be (LeNet-5, together)")

# %% [markdown]
# **Exercise 3.13 (2 points, in words).** What does each of the constraints do to the picture, and what does it cost
# in confidence? Which would you take, and by which criterion?

# %%
# Exercise 3.13
# BEGIN SOLUTION
told = {
    name: f"total variation {row['total variation']:.3f}, ink {row['mean ink']:.2f}, confidence {row['confidence']:.3f}"
    for name, row in price.iterrows()
}
answer_3_13 = f"""
Bounds alone ({told["bounds"]}) cost nothing and make the images ink on paper, but with speckle to the very edges:
real digits have a total variation of {calm["real digits"]:.3f}. TV of 20 is the calmest ({told["bounds, TV"]}), and
it overdoes it: grey plates, and of the strokes a blot or two. L2 ({told["bounds, L2"]}) leaves thin, pale strokes,
since every pixel must earn its ink. Both cost confidence, because they stand in the loss beside it. Blur, jitter
and rotation cost none ({sure["bounds, blur"]:.3f}, {sure["bounds, jitter"]:.3f} and
{sure["bounds, rotation"]:.3f}): they do not ask for less ink, but for strokes that survive being moved, and get
broader ones. None of them clears the corners. Together, with small weights ({told["together"]}), most of the digits
can be read. I would take that. Confidence is no criterion: where nothing held the image back it is
{sure["nothing"]:.3f}, about as high as it gets, and nobody would call those the best digits. By eye I would choose
the same, but the second network of section 7 can be asked in numbers.
"""
# END SOLUTION
# STUB: answer_3_13 = "YOUR ANSWER HERE"

# %%
check("3.13", answer_3_13)

# %% [markdown]
# ## 7 · Does anyone else see a three?
#
# "Looks like a three" is a matter of taste, until a second reader is asked who was trained independently. An image
# made for the MLP goes to LeNet-5 and the other way round: of ten images, how many does the other one recognise? (A
# real digit it recognises in more than nine cases of ten.)

# %%
kinds = {f"{network}, to 90 %": plain[network].images for network in ("MLP", "LeNet-5")}
for name in ("bounds", "bounds, TV", "bounds, rotation", "together"):
    kinds |= {f"{network}, {name}": held_back[network][name].images for network in held_back}
kinds |= {name: plain[name].images for name in ("untrained MLP", "untrained LeNet-5")}
judged = {
    judge: {kind: probabilities_of(networks[judge], images) for kind, images in kinds.items()} for judge in held_back
}
wanted = np.arange(10)
recognised = pd.DataFrame(
    {
        judge: {kind: int((said.argmax(1) == wanted).sum()) for kind, said in rows.items()}
        for judge, rows in judged.items()
    }
)
believed = pd.DataFrame(
    {judge: {kind: said[wanted, wanted].mean() for kind, said in rows.items()} for judge, rows in judged.items()}
)

# %% [markdown]
# The images under all constraints, side by side:

# %%
digit_figures.ten_digits(
    {network: rows["together"].images for network, rows in held_back.items()},
    {network: rows["together"].history.confidence[-1] for network, rows in held_back.items()},
    "Ten digits, all constraints together",
)

# %% [markdown]
# Each network knows its own images, of course. What tells is the column of the other one.

# %%
outputs.agreement(recognised)

# %% [markdown]
# A count hides how narrow it was. The mean probability that each judge gives to the digit that was meant:

# %%
believed.round(2)

# %%
# NBVAL_CHECK_OUTPUT
for name, low, high in (("to 90 %", 0.08, 0.22), ("bounds, TV", 0.2, 0.36), ("together", 0.55, 0.86)):
    fact(f"MLP's images, {name}: mean probability, LeNet-5", believed.loc[f"MLP, {name}", "LeNet-5"], low, high)
for name, low, high in (("to 90 %", 0.5, 0.88), ("bounds, TV", 0.43, 0.74), ("together", 0.8, 1.0)):
    fact(f"LeNet-5's images, {name}: mean probability, MLP", believed.loc[f"LeNet-5, {name}", "MLP"], low, high)

# %%
# NBVAL_CHECK_OUTPUT
for kind, judge, low in (
    ("MLP, together", "LeNet-5", 7),
    ("LeNet-5, to 90 %", "MLP", 7),
    ("LeNet-5, together", "MLP", 9),
):
    fact(f"{kind}: recognised by {judge}", float(recognised.loc[kind, judge]), low, 10, digits=0)
for kind, judge in (("untrained MLP", "LeNet-5"), ("untrained LeNet-5", "MLP")):
    fact(f"{kind}: recognised by {judge}", float(recognised.loc[kind, judge]), 0, 4, digits=0)

# %% [markdown]
# How much of this is chance? With ten images a count moves by several from one training to the next; the
# probabilities are steadier. Their ranges above come from networks of five seeds (`data/facts_over_seeds.py` trains
# them and runs this lab on each). To 90 % and under TV the ranges of the two networks do not overlap: that LeNet-5's
# images are the clearer ones is no matter of the seed.

# %% [markdown]
# **Exercise 3.14 (3 points, in words).** Compare the images of the MLP with those of LeNet-5. Which look more like
# digits, to you and to the other network? What do the untrained rows say? And what does it mean that a network is 90
# % sure of an image that no other reader recognises?

# %%
# Exercise 3.14
# BEGIN SOLUTION
of_mlp, of_lenet = believed.filter(like="MLP,", axis=0)["LeNet-5"], believed.filter(like="LeNet-5,", axis=0)["MLP"]
seen_mlp, seen_lenet = recognised["LeNet-5"], recognised["MLP"]
faint = plain["MLP"].images.abs().max().item()
answer_3_14 = f"""
To 90 % the MLP's images are faint (no pixel is further from zero than {faint:.2f}), grainy, and spread over the
whole square, for a dense layer does not know which pixels are neighbours. LeNet-5 recognises
{seen_mlp["MLP, to 90 %"]} of 10, at a mean probability of {of_mlp["MLP, to 90 %"]:.2f}. LeNet-5's are stronger and
have connected strokes, which filters and pooling ask for; the MLP recognises {seen_lenet["LeNet-5, to 90 %"]}, at
{of_lenet["LeNet-5, to 90 %"]:.2f}. Part of it is strength: under all constraints the MLP's images, now real ink,
come to {seen_mlp["MLP, together"]} of 10 and {of_mlp["MLP, together"]:.2f}, LeNet-5's to
{seen_lenet["LeNet-5, together"]} and
{of_lenet["LeNet-5, together"]:.2f}. To my eye too LeNet-5's can be read, and the MLP's are soft patches. The
untrained networks' images get {seen_mlp["untrained MLP"]} and {seen_lenet["untrained LeNet-5"]} of 10, as guessing
would: the strokes come from training, not from the search or from the architecture alone. So 90 % says how far one
function was pushed, not how likely a digit is; where no other reader agrees, the image shows what is peculiar to
this network. Two networks are few, and they learned from the same digits: what they agree on may be a habit of the
data.
"""
# END SOLUTION
# STUB: answer_3_14 = "YOUR ANSWER HERE"

# %%
check("3.14", answer_3_14)

# %% [markdown]
# ## 8 · What to take home
#
# - The gradient with respect to the input shows what would convince the network, not what the world looks like.
# - A network that is sure need not be right, nor even be looking at anything: it must share out a whole one.
# - Frozen weights, eval mode, an optimiser that knows the image alone: three things that are easily forgotten, and
#   none of them announces itself.
# - Constraints are part of the picture. Whoever shows one, says which.

# %%
progress()

# %% [markdown]
# ---
# *Credits.* The idea of the lab and questions 3.2 to 3.11 and 3.14 are those of "Explainability in Neural Networks
# with activation maximization" by Pablo M. Olmos (Universidad Carlos III de Madrid). Activation maximization: D.
# Erhan et al., 2009; K. Simonyan et al., 2013 (arXiv 1312.6034). LeNet-5 and MNIST: Y. LeCun et al., "Gradient-based
# learning applied to document recognition", 1998.
