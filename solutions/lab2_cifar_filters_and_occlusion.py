# %% [markdown]
# # Lab 2 · What does an image network look at? Filters, favourites, occlusion and t-SNE
#
# A network tells birds from trees. Does it know a bird when it sees one, or the sky behind it? Four ways of looking
# in: at its filters, at the images that each unit likes best, at what the score loses when a part of the image is
# covered, and at a map in which neighbours are images that the network takes for alike.
#
# **You will be able to**
# - show the filters of any convolution and say what can be read off them, and what cannot;
# - take out what a layer gives for any image, and find each unit's favourite images while the data stream by;
# - write occlusion, put the map in its right place, and choose window and baseline by a measure;
# - score an explanation against the truth, against an untrained network and against chance.
#
# **Time** about two and a half hours; the machine needs about a minute of it. **You need** Python, PyTorch tensors
# and the idea of a convolution.
#
# **Fourteen exercises, 31 points.** Each has a check that answers at once and names the mistake; `hint("2.1")` opens
# hints one by one. Answers in words, at least fifteen of them and with numbers, go to your instructor. Lines that
# look like `accuracy: measured 0.79, within the stated range: 0.78 to 0.82` are facts that this lab stands for; on
# other data or another machine a number may fall elsewhere.

# %%
# SET-UP
from labkit import setup

setup("lab2_cifar_filters_and_occlusion")

# %%
import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from labkit import answered, check, fact, hint, progress, using
from labkit.datasets.cifar10 import cifar10
from labkit.datasets.image_batches import ImageBatches
from labkit.figures import measures, pictures
from labkit.figures import occlusion as occlusion_figures
from labkit.methods.features import extract, layer_shapes
from labkit.methods.filters import weights_as_images
from labkit.methods.localization import chance, energy_inside, iou, pointing_game, threshold
from labkit.methods.occlusion import cover, occlusion, windows
from labkit.methods.projection import neighbour_agreement, neighbour_mixing, project
from labkit.methods.top_activations import top_activations
from labkit.models import create, ready, untrained_twin
from labkit.notebook import device
from labkit.settings import quiet, work_folder
from labkit.training import accuracy, fit, seed_everything

DEVICE = device()

# %% [markdown]
# ## 1 · Ten classes of small images
#
# Images of 32 × 32 pixels in three colours, in the format of CIFAR-10: whole numbers from 0 to 255, (N, 32, 32, 3).

# %%
data = cifar10()
using(data.source, data.why)
classes = data.classes
SAMPLE = data.source == "sample"

# %%
# NBVAL_CHECK_OUTPUT
if SAMPLE:
    fact("images to train on", len(data.train))
    fact("images to validate with", len(data.validation))
    fact("images to test with", len(data.test))
    objects_of = {name: set(getattr(data, name).objects) for name in ("train", "validation", "test")}
    fact("objects to train on", len(objects_of["train"]))
    fact("objects to test with", len(objects_of["test"]))
    fact("objects both in training and in test", len(objects_of["train"] & objects_of["test"]))

# %%
pictures.examples(data.test.images, data.test.labels, classes, data.test.masks, title="Test images")

# %% [markdown]
# The sample is made for this lab: photographed objects, cut out and put before a made-up background that knows
# nothing of the class. So there is one thing that photographs seldom have: for each image, the true place of the
# object, as a *mask*. With it an explanation can be scored. The splits share no object: whoever names a test image
# right has seen others of its kind, never this one. (The full CIFAR-10 data have no masks, so section 7 uses the
# sample in any case.)

# %% [markdown]
# ## 2 · The network
#
# Two blocks of two convolutions, then a hidden layer of 128 units and one score for each class. The layers are
# numbered, and the numbers are their names:

# %%
model = ready("cifar_cnn", DEVICE)
untrained = untrained_twin("cifar_cnn", DEVICE)  # what it was before it learned
if not SAMPLE:
    model = create("cifar_cnn", **model.hyper).to(DEVICE)  # CIFAR-10 has other classes: train below
batches = {name: ImageBatches(getattr(data, name), 256, device=DEVICE) for name in ("train", "validation", "test")}
example, _ = next(iter(batches["test"]))
shapes = layer_shapes(model, example[:1])
for number, layer in enumerate(model):
    print(f"{number:2}  {str(layer):66}  {shapes[str(number)][1:]}")

# %% [markdown]
# **Exercise 2.1 (1 point).** Layer 1 is the first convolution. How many filters has it, how many weights has one
# filter, and how many numbers does training have to find for the whole layer, biases included?

# %%
# Exercise 2.1
# BEGIN SOLUTION
first_layer = {"filters": 32, "weights of one filter": 3 * 3 * 3, "parameters of the layer": 32 * (3 * 3 * 3 + 1)}
# END SOLUTION
# STUB: first_layer = {"filters": ..., "weights of one filter": ..., "parameters of the layer": ...}

# %%
check("2.1", first_layer)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* a filter is 3 by 3 pixels wide and as deep as its input, three colours: 27 weights. It has one bias. There
# are as many filters as maps in the output.

# %% [markdown]
# ### Train it yourself (optional)
#
# The network is ready-trained, by twelve epochs at most, in about a minute on two CPU cores. Here are two of them;
# `EPOCHS = 12` gives a network like the ready one.

# %%
EPOCHS = 2 if SAMPLE else 10
seed_everything(1)
mine = create("cifar_cnn", **model.hyper).to(DEVICE)
history = fit(
    mine,
    lambda epoch: ImageBatches(data.train, 32, seed=epoch, device=DEVICE),
    nn.CrossEntropyLoss(),
    lambda network: accuracy(network, batches["validation"]),
    epochs=EPOCHS,
    optimizer=torch.optim.AdamW,
    patience=4,
    lr=1e-3,
    weight_decay=0.05,
    path=work_folder() / f"lab2_my_cifar_cnn_{data.source}.safetensors",
)
if not SAMPLE:
    model = mine.eval()
measures.training_curve(history.loss, history.validation)

# %%
# NBVAL_CHECK_OUTPUT
fact("test accuracy", accuracy(model, batches["test"]), 0.60, 0.76)
fact("test accuracy, untrained", accuracy(untrained, batches["test"]), 0.05, 0.20)

# %% [markdown]
# The accuracy is a mean over classes of very different kinds. The *confusion matrix* says who is taken for whom: a
# row for each true class, a column for what the network says.

# %%
logits = extract(model, "", batches["test"])
predicted, true = logits.argmax(dim=1).numpy(), data.test.labels
confused = pd.crosstab(true, predicted).reindex(index=range(10), columns=range(10), fill_value=0).to_numpy()
measures.confusion(confused, classes)

# %% [markdown]
# ## 3 · Filters
#
# The weights of a filter are a small image. Middle grey is a weight of 0, so the sign can be read: bright is
# positive, dark negative. Each filter is scaled by its own largest weight.

# %%
pictures.filter_grid(weights_as_images(model[1]), "First convolution, trained")

# %%
pictures.filter_grid(weights_as_images(untrained[1]), "First convolution, untrained")

# %% [markdown]
# At 3 × 3 pixels there is little to read. Some filters are edges (one side bright, one dark) or a colour against
# another. But the untrained filters, random numbers, look hardly different. By looking at filters as small as these,
# one cannot even tell a trained network from an untrained one. How far has training moved them?

# %%
# NBVAL_CHECK_OUTPUT
if SAMPLE:
    moved = (model[1].weight - untrained[1].weight).norm() / untrained[1].weight.norm()
    fact("how far the first filters moved, for their size", moved.item(), 0.1, 2.0, digits=2)

# %% [markdown]
# **Exercise 2.2 (1 point).** Write `second_filters`: the weights of the second convolution, detached from the graph,
# as a tensor (F, C, h, w). The model numbers its layers as ours does.


# %%
# Exercise 2.2
def second_filters(model: nn.Sequential) -> Tensor:
    # BEGIN SOLUTION
    return model[3].weight.detach()
    # END SOLUTION
    # STUB: return ...


# %%
check("2.2", second_filters)

# %%
if answered(second_filters(model)):
    print("filters, input channels, height, width:", tuple(second_filters(model).shape))
pictures.filter_grid(weights_as_images(model[3]), "Second convolution, eight of its 32 input channels", channels=8)

# %% [markdown]
# **Exercise 2.3 (2 points, in words).** The filters of the first convolution are shown in colour, those of the second
# in grey. Why? What is an input channel of the second, and how many small images does one of its filters consist of?

# %%
# Exercise 2.3
# BEGIN SOLUTION
second = model[3].weight
answer_2_3 = f"""
A filter has one slice of weights per input channel. The first convolution's input has 3 channels, red, green and blue,
so its three slices are shown together as one image in colour. The second one's input are the {second.shape[1]} maps
that the first layer makes; they are answers of filters, not colours, and {second.shape[1]} of them fit into no RGB
image. So each slice is shown by itself in grey: {second.shape[1]} small images a filter, {len(second)} filters, which
makes {second.shape[0] * second.shape[1]} of {second.shape[2]} by {second.shape[3]} weights.
"""
# END SOLUTION
# STUB: answer_2_3 = "YOUR ANSWER HERE"

# %%
check("2.3", answer_2_3)

# %% [markdown]
# ### What the filters make of an image
#
# More telling is a filter at work. Its *activation map* says where in the image it fires. Here are the maps of layer
# 2, behind the first ReLU:

# %%
maps = extract(model, "2", [example[:1]])[0]
pictures.activation_maps(data.test.images[0], maps, f"Layer 2 on a test image ({classes[true[0]]})")

# %% [markdown]
# ## 4 · The network as an extractor of features
#
# The last layer reads 128 numbers, the activations of layer 14, made positive by a ReLU. They are the *features* of
# an image. A `Sequential` can be cut like a list, so the network up to a layer is a slice.
#
# **Exercise 2.4 (2 points).** Write `extractor`: the layers of the model up to **and including** the first `Linear`
# layer. Remember that a slice ends before its last number.


# %%
# Exercise 2.4
def extractor(model: nn.Sequential) -> nn.Sequential:
    # BEGIN SOLUTION
    return model[:15]
    # END SOLUTION
    # STUB: return ...


# %%
check("2.4", extractor)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* the first `Linear` is layer 14, and `model[:15]` holds the layers 0 to 14. The slice shares its layers
# with the model: nothing is copied, and training or pruning one changes both.

# %% [markdown]
# Not every network is a `Sequential`. `extract` does the same by a hook, for any PyTorch model and any layer by name:

# %%
features = extract(model, "14", batches["test"])
print("images, units:", tuple(features.shape))
if answered(extractor(model)):
    with torch.no_grad():
        print(
            "the same as by your slice:",
            torch.allclose(extractor(model.eval())(example).cpu(), features[:256], atol=1e-4),
        )

# %% [markdown]
# ## 5 · Each unit's favourite images
#
# What does unit 23 of layer 14 like? Sort all test images by its activation and look at the first few.
#
# **Exercise 2.5 (2 points).** The list below comes from a real course, and the figure drawn from it crashed. Which
# number is wrong, what are the smallest and the largest number that a unit of this layer can have, and what is a list
# that works? Keep the six that are right.
#
# ```python
# units = [1, 2, 4, 14, 23, 29, 128]
# ```

# %%
# Exercise 2.5
# BEGIN SOLUTION
unit_list = {"wrong": 128, "smallest": 0, "largest": 127, "units": [1, 2, 4, 14, 23, 29, 127]}
# END SOLUTION
# STUB: unit_list = {"wrong": ..., "smallest": ..., "largest": ..., "units": ...}

# %%
check("2.5", unit_list)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* 128 units are counted from 0, so the last one is 127. An index of -1 would not crash, and that is worse:
# it shows unit 127 under another name.

# %% [markdown]
# **Exercise 2.6 (3 points).** Write `top_k`: from `activations` (N, U) the rows of the k largest activations of each
# unit, largest first, as a tensor (U, k). Of equal activations the one in the lower row comes first.


# %%
# Exercise 2.6
def top_k(activations: Tensor, k: int) -> Tensor:
    # BEGIN SOLUTION
    return activations.argsort(dim=0, descending=True, stable=True)[:k].T
    # END SOLUTION
    # STUB: return ...


# %%
check("2.6", top_k)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* sorting along dimension 0 ranks images, unit by unit. `stable=True` keeps equal ones in their order; to
# turn round an ascending sort would turn their order round too.

# %% [markdown]
# To sort, all activations must be there: for a convolution of 32 maps and the 50,000 images of CIFAR-10 that makes
# 6.6 GB. But whoever wants the ten best needs to keep ten.
#
# **Exercise 2.7 (3 points).** Write `top_k_streaming`: `batches` gives tensors (N_i, U), one after the other and
# once; each is overwritten when the next one comes. Return values and indices, (U, k) each, largest first, ties as
# above. Indices count over the whole stream. Keep no more than k of each unit from batch to batch.


# %%
# Exercise 2.7
def top_k_streaming(batches, k: int) -> tuple[Tensor, Tensor]:
    # BEGIN SOLUTION
    values = indices = None
    seen = 0
    for batch in batches:
        numbers = torch.arange(seen, seen + len(batch)).expand(batch.shape[1], -1)
        seen += len(batch)
        values = batch.T if values is None else torch.cat([values, batch.T], dim=1)
        indices = numbers if indices is None else torch.cat([indices, numbers], dim=1)
        order = values.argsort(dim=1, descending=True, stable=True)[:, :k]
        values, indices = values.gather(1, order), indices.gather(1, order)
    return values, indices
    # END SOLUTION
    # STUB: return ..., ...  # values, indices


# %%
check("2.7", top_k_streaming)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* the k best of all are among the k best so far and the new batch. The best so far stand in front of the new
# ones, so the stable sort gives ties to the earlier image. `gather` makes copies, so nothing of the batch is kept.

# %% [markdown]
# `top_activations` does this for any layer of any model, and for convolutions it says where in the map the activation
# was. First a look at who is there at all: a unit that is below zero for every image says nothing behind the ReLU.
# Such units are called *dead*.

# %%
top = top_activations(model, "14", batches["test"], k=10)
top_untrained = top_activations(untrained, "14", batches["test"], k=10)
alive = (top.values[:, 0] > 0).nonzero()[:, 0]
print(f"{len(alive)} of {len(top.values)} units are above zero for some test image; the others are dead.")

# %%
# NBVAL_CHECK_OUTPUT
dead_untrained = (top_untrained.values[:, 0] <= 0).float().mean().item()
fact("share of units that are dead, trained", 1 - len(alive) / len(top.values), 0.2, 0.6, digits=2)
fact("share of units that are dead, untrained", dead_untrained, 0, 0.2, digits=2)

# %% [markdown]
# The favourites of seven units that live, and of the same units before training:

# %%
units = alive[:: len(alive) // 7][:7]


def show_favourites(found, title):
    rows = found.indices[units]
    return pictures.top_images(
        data.test.images[rows], found.values[units], units.tolist(), title, labels=true[rows], classes=classes
    )


show_favourites(top, "Favourites of seven units, trained")

# %%
show_favourites(top_untrained, "Favourites of the same units, untrained")

# %% [markdown]
# Do the images of a row have something in common, and is it the object, a colour, a shape? Mind that the untrained
# units have favourites too. A number for it: of a unit's ten favourites, how many are of the class that is most
# frequent among them?


# %%
def share_of_most_frequent(labels: Tensor) -> float:
    """Mean over rows of the share of the most frequent label in the row."""
    return torch.stack([(labels == c).float().mean(dim=1) for c in range(10)]).max(dim=0).values.mean().item()


def purity(found) -> float:
    """Mean share, over the units that live, of the most frequent class among a unit's favourites."""
    return share_of_most_frequent(torch.from_numpy(true)[found.indices[alive]])


at_random = np.random.default_rng(0).integers(len(true), size=(1000, 10))
by_chance = share_of_most_frequent(torch.from_numpy(true[at_random]))

# %%
# NBVAL_CHECK_OUTPUT
fact("share of the most frequent class among ten favourites, trained", purity(top), 0.5, 0.9, digits=2)
fact("the same, untrained", purity(top_untrained), 0.2, 0.6, digits=2)
fact("the same, ten images drawn at random", by_chance, 0.2, 0.35, digits=2)

# %% [markdown]
# ## 6 · Occlusion: what happens if this part is covered?
#
# An occluder, a small square, is slid over the image. Where the score of the class drops, something was covered that
# the network needs:
#
# ```text
# drop(window) = score(image) − score(image with the window covered)
# map[y, x]    = mean of drop(window) over all windows that cover (y, x)
# ```
#
# **Exercise 2.8 (2 points).** Along one side of the image windows start at pixel 0, at `stride`, at 2 · `stride` and
# so on, until the last pixel is covered; the last window may hang over the edge and is cut off there. Write
# `window_count`: how many are there along a side of `size` pixels?


# %%
# Exercise 2.8
def window_count(size: int, window: int, stride: int) -> int:
    # BEGIN SOLUTION
    return -(-(size - window) // stride) + 1
    # END SOLUTION
    # STUB: return ...


# %%
check("2.8", window_count)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* the first window leaves size − window pixels, and each further one covers stride more of them. What is
# left over needs one more window, so the division is rounded up; −(−a // b) does that without a float.

# %%
places = windows((32, 32), window=8, stride=2)
print(f"{len(places)} windows of 8 x 8 at stride 2 on an image of 32 x 32")
image = example[:1].cpu()
occluded = []
for rows, columns in places[::24]:
    copy = image.clone()
    copy[..., rows, columns] = cover(image, 8, "mean")[..., rows, columns]
    occluded.append(copy[0].permute(1, 2, 0))
occlusion_figures.occluder(image[0].permute(1, 2, 0), torch.stack(occluded), "Some of the occluded copies")

# %% [markdown]
# **Exercise 2.9 (4 points).** Write `occlusion_map` for one image (C, H, W). `score` takes images (N, C, H, W) and
# gives one number each, (N,); `baseline` is the value put under the window. Return the map (H, W): each pixel the
# mean drop of the windows that cover it, windows placed as above. Leave the image as it is.


# %%
# Exercise 2.9
def occlusion_map(score, image: Tensor, window: int, stride: int, baseline: float) -> Tensor:
    # BEGIN SOLUTION
    height, width = image.shape[1:]
    total, covered = torch.zeros(height, width), torch.zeros(height, width)
    whole = score(image[None])[0]
    for top in range(0, height - window + stride, stride):
        for left in range(0, width - window + stride, stride):
            occluded = image.clone()
            occluded[:, top : top + window, left : left + window] = baseline
            total[top : top + window, left : left + window] += whole - score(occluded[None])[0]
            covered[top : top + window, left : left + window] += 1
    return total / covered
    # END SOLUTION
    # STUB: return ...


# %%
check("2.9", occlusion_map)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* the drop is written to where the window was, so the map is in its right place by construction. Slices are
# cut off at the edge by themselves. The copy is fresh for every window; without it the occluder would leave a trail.

# %% [markdown]
# The original course made a small image of the drops, one number for each window, and stretched it over the
# photograph. But the first drop belongs to the first window, whose middle is half a window away from the corner.
# Stretched, it is drawn at the corner itself, and the whole map is shifted and blown up. What that does to the score
# comes in section 7.
#
# `occlusion` is your function for whole batches, any layer and any unit. Here for the favourites of section 5: what
# in its favourite image does the *unit* need?


# %%
def as_input(rows) -> Tensor:
    """Test images as the network takes them, (N, 3, 32, 32) in [0, 1]."""
    return torch.from_numpy(data.test.images[rows]).permute(0, 3, 1, 2).float() / 255


unit_images = as_input(top.indices[units, 0])
unit_maps = occlusion(model, unit_images, units, layer="14", baseline="mean")
occlusion_figures.heat_maps(
    unit_images.permute(0, 2, 3, 1),
    unit_maps,
    thresholded=threshold(unit_maps),
    titles=[f"unit {unit}" for unit in units.tolist()],
    title="What a unit needs of its favourite image",
)

# %% [markdown]
# And for the score of the true class, two images of each class. Left the image, then the drops, then what is left of
# the image where the drop is at least half of its maximum:

# %%
few = np.concatenate([np.flatnonzero(true == c)[:2] for c in range(10)])


class_maps = occlusion(model, as_input(few), true[few], baseline="mean")
occlusion_figures.heat_maps(
    data.test.images[few],
    class_maps,
    masks=data.test.masks[few] if SAMPLE else None,
    thresholded=threshold(class_maps),
    titles=[classes[c] for c in true[few]],
    title="What the class score needs",
)

# %% [markdown]
# ## 7 · Is the map right? Measured, not only looked at
#
# Maps are easily believed. Here the object's true place is known, so three measures say how well a map finds it:
#
# - **Pointing game**: is the map's largest value on the object?
# - **IoU**, intersection over union: the part of the map above half its maximum, against the object's mask.
# - **Energy inside**: which share of the map's positive mass lies on the object?
#
# **Exercise 2.10 (2 points).** Write `energy_inside_mask` for one map (H, W) and one mask, bool (H, W): the sum of
# the positive values on the object over the sum of all positive values. Without any positive value it shall be 0.


# %%
# Exercise 2.10
def energy_inside_mask(heat: Tensor, mask: Tensor) -> float:
    # BEGIN SOLUTION
    positive = heat.clamp(min=0)
    total = positive.sum()
    return (positive[mask].sum() / total).item() if total > 0 else 0.0
    # END SOLUTION
    # STUB: return ...


# %%
check("2.10", energy_inside_mask)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* a negative value says that the score is better off without this place. It speaks against the class, so it
# neither adds to the evidence nor takes away from it.

# %% [markdown]
# **Exercise 2.11 (2 points).** Write `intersection_over_union` of two masks, bool (H, W). Of two empty masks it shall
# be 0.


# %%
# Exercise 2.11
def intersection_over_union(predicted: Tensor, true: Tensor) -> float:
    # BEGIN SOLUTION
    union = (predicted | true).sum()
    return ((predicted & true).sum() / union).item() if union > 0 else 0.0
    # END SOLUTION
    # STUB: return ...


# %%
check("2.11", intersection_over_union)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* the union holds what either marks. So a map that marks everything has the whole image below the line, and
# one that marks a single pixel of the object has hardly anything above it.

# %% [markdown]
# ### Which window, which baseline?
#
# A large window covers whole objects and gives a blurred map. A small one covers too little for the score to drop.
# And what is put under it matters. You choose here, so this is measured on validation images.

# %%
truth = cifar10("sample")  # the images with masks, and below the network that was trained on them
judged, judged_untrained = ready("cifar_cnn", DEVICE), untrained_twin("cifar_cnn", DEVICE)
SCORES = {"pointing game": pointing_game, "IoU": iou, "energy inside": energy_inside}


def first_of_each_class(split, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """So many images of each class, with their labels and masks."""
    rows = np.concatenate([np.flatnonzero(split.labels == c)[:count] for c in range(len(truth.classes))])
    images = torch.from_numpy(split.images[rows]).permute(0, 3, 1, 2).float() / 255
    return images, torch.from_numpy(split.labels[rows]), torch.from_numpy(split.masks[rows])


images, labels, masks = first_of_each_class(truth.validation, 3)
tried = {}
for window in (8, 12, 16):
    for baseline in ("zero", "mean", "blur"):
        for name, network in {"trained": judged, "untrained": judged_untrained}.items():
            heat = occlusion(network, images, labels, window=window, stride=window // 2, baseline=baseline)
            tried[name, baseline, window] = {key: score(heat, masks).mean().item() for key, score in SCORES.items()}
tried = pd.DataFrame(tried).T
energy = tried.loc["trained"]["energy inside"].unstack(0)
lead = (tried.loc["trained"] - tried.loc["untrained"]).mean(axis=1).unstack(0)
occlusion_figures.window_scores(energy, "energy inside the object (validation)")

# %% [markdown]
# Mind what this rewards. Under a cover in the colour of the paper, the image changes only where the object is, so
# *any* network's score moves there, learned or not. What learning adds is the *lead* over the untrained network, here
# the mean over the three measures:

# %%
occlusion_figures.window_scores(
    lead, "lead over the untrained network (validation)", "The choice, seen against no learning"
)

# %% [markdown]
# **Exercise 2.12 (3 points).** Choose window, stride and baseline. `score` is the energy that your choice has in the
# first figure (or in a run of your own), `why` is your defence in words: by which criterion, what did it score, what
# did the others, and would you trust the difference? Thirty images are not many.

# %%
# Exercise 2.12
# BEGIN SOLUTION
best_baseline = lead.max().idxmax()
best_window = int(lead[best_baseline].idxmax())
bright = energy.max().idxmax(), int(energy[energy.max().idxmax()].idxmax())  # the setting with the highest energy
choice = {
    "window": best_window,
    "stride": best_window // 2,
    "baseline": best_baseline,
    "score": float(energy.loc[best_window, best_baseline]),
    "why": f"""By the lead over the untrained network, {lead.loc[best_window, best_baseline]:.3f} in the mean of three
measures, the highest of the nine. The highest energy, {energy.max().max():.3f}, has another setting ({bright[0]},
{bright[1]} pixels), but there the untrained network has {tried.loc[("untrained", *bright), "energy inside"]:.3f} too:
such a cover shows any network's object. Over thirty images the mean of shares like these has a standard error of some
0.03 to 0.09, so neighbours in the figure are as good as equal, and to take the largest of nine flatters it. The test
images below say what the choice is worth.""",
}
# END SOLUTION
# STUB: choice = {"window": ..., "stride": ..., "baseline": ..., "score": ..., "why": "YOUR ANSWER HERE"}

# %%
check("2.12", choice)

# %% [markdown]
# ### The result
#
# With your choice (8, 4 and "zero" until you have made one), on test images. Beside the trained network stand the
# untrained one and *random maps*, made by the same windows from random drops. And one more: the trained network's
# drops stretched over the image, as the original course drew them, with its window of 11 at stride 4.

# %%
made = choice if answered(choice["window"]) else {"window": 8, "stride": 4, "baseline": "zero"}
how = {key: made[key] for key in ("window", "stride", "baseline")}
images, labels, masks = first_of_each_class(truth.test, 15)


def stretched(images: Tensor, labels: Tensor, window: int = 11, stride: int = 4) -> Tensor:
    """The drops as a small image, stretched over the large one: how NOT to place them."""
    places = windows((32, 32), window, stride)
    rows = torch.arange(len(images))
    with torch.no_grad():
        whole = judged(images.to(DEVICE)).cpu()[rows, labels]
        drops = []
        for place in places:
            copy = images.clone()
            copy[..., place[0], place[1]] = 0
            drops.append(whole - judged(copy.to(DEVICE)).cpu()[rows, labels])
    side = round(len(places) ** 0.5)
    grid = torch.stack(drops, dim=1).view(len(images), 1, side, side)
    return nn.functional.interpolate(grid, size=(32, 32), mode="bilinear", align_corners=True)[:, 0]


def random_scores(outputs: Tensor) -> Tensor:
    """A score that knows nothing of the image."""
    return torch.rand(len(outputs))


seed_everything(0)
found = {
    "trained": occlusion(judged, images, labels, **how),
    "untrained": occlusion(judged_untrained, images, labels, **how),
    "random maps": occlusion(nn.Flatten(), images, random_scores, **how),
    "trained, 11 at 4": occlusion(judged, images, labels, window=11, stride=4),
    "the same, stretched": stretched(images, labels),
}
measured = {kind: {name: score(heat, masks) for name, score in SCORES.items()} for kind, heat in found.items()}
scores = pd.DataFrame({k: {m: v.mean().item() for m, v in row.items()} for k, row in measured.items()}).T
errors = pd.DataFrame({k: {m: v.std().item() / len(v) ** 0.5 for m, v in row.items()} for k, row in measured.items()}).T
occlusion_figures.localization(scores, errors)

# %%
area = chance(masks).mean().item()
print(f"The object covers {area:.3f} of an image on average: what pointing blindly would score. Random maps do worse,")
print("for they are largest in the corners, where the fewest windows are averaged.")
scores.round(3)

# %%
# NBVAL_CHECK_OUTPUT
for measure in scores:
    trained, others = scores.loc["trained", measure], scores.loc[["untrained", "random maps"], measure]
    gap = errors.loc[["trained", "untrained", "random maps"], measure].max() * 3
    fact(f"{measure}: the trained network wins by more than three standard errors", bool(trained - others.max() > gap))

# %%
# SOLUTION ONLY
# NBVAL_CHECK_OUTPUT
RANGES = {"pointing game": (0.25, 0.5), "IoU": (0.12, 0.25), "energy inside": (0.25, 0.4)}
for measure, (low, high) in RANGES.items():
    fact(f"{measure}, trained", scores.loc["trained", measure], low, high)
    fact(
        f"{measure}, ahead of the untrained network by",
        scores[measure]["trained"] - scores[measure]["untrained"],
        0.01,
        0.5,
    )

# %% [markdown]
# A mean over ten classes may hide one in which the network looks elsewhere:

# %%
by_class = pd.DataFrame(
    {
        kind: {name: measured[kind]["energy inside"][labels == c].mean().item() for c, name in enumerate(truth.classes)}
        for kind in ("trained", "untrained", "random maps")
    }
)
occlusion_figures.localization_by_class(by_class, "energy inside")

# %% [markdown]
# The images behind it. Those of the class with the lowest and with the highest energy:

# %%
lowest, highest = by_class["trained"].idxmin(), by_class["trained"].idxmax()
shown = torch.cat([(labels == truth.classes.index(name)).nonzero()[:4, 0] for name in (lowest, highest)])
occlusion_figures.heat_maps(
    images[shown].permute(0, 2, 3, 1),
    found["trained"][shown],
    masks=masks[shown],
    thresholded=threshold(found["trained"][shown]),
    titles=[truth.classes[c] for c in labels[shown]],
    title=f"Lowest and highest energy: {lowest} and {highest}",
)

# %% [markdown]
# **Exercise 2.13 (2 points, in words).** Are the masks what you expected? Does the network look at the objects, by
# how much more than without learning, and for which classes does it not? What does stretching the map cost, and what
# would a network look at that had learned the background?

# %%
# Exercise 2.13
# BEGIN SOLUTION
trained_scores, before_learning, by_chance_maps = (scores.loc[kind] for kind in ("trained", "untrained", "random maps"))
placed, drawn_wrong = scores.loc["trained, 11 at 4"], scores.loc["the same, stretched"]
behind = by_class.index[by_class["trained"] <= by_class["untrained"]]
answer_2_13 = f"""
In part. The largest drop is on the object in {trained_scores["pointing game"]:.0%} of the test images, against
{before_learning["pointing game"]:.0%} without learning and {by_chance_maps["pointing game"]:.0%} for random maps, and
the object has {trained_scores["energy inside"]:.0%} of the energy, against {before_learning["energy inside"]:.0%} and
{by_chance_maps["energy inside"]:.0%}. But the objects cover {area:.0%} of an image, which pointing blindly would get:
the lead over that is small. A black square on light paper is itself something that no training image had, so the score
also drops where nothing but paper is covered. By class the energy goes from {by_class["trained"].min():.2f} ({lowest})
to {by_class["trained"].max():.2f} ({highest}); the trained network is not ahead of the untrained one for
{", ".join(behind) or "no class"}. Thin objects and those that the network seldom names right do worst: what is not
recognised has no score to lose. Stretching the map takes the pointing game from {placed["pointing game"]:.2f} to
{drawn_wrong["pointing game"]:.2f}, for it moves the largest drop towards the edge. A network that had learned the
background would have its energy beside the object; here no background tells a class.
"""
# END SOLUTION
# STUB: answer_2_13 = "YOUR ANSWER HERE"

# %%
check("2.13", answer_2_13)

# %% [markdown]
# ## 8 · A map of the images: PCA and t-SNE
#
# The features of an image are a point in a space of 128 dimensions. PCA turns that space so that few directions hold
# most of the differences, and keeps 20; t-SNE lays the points out in a plane so that neighbours stay neighbours. Only
# *who is near whom* can be read from it, not distances between clusters, nor their sizes.

# %%
some = np.random.default_rng(0).permutation(len(true))[:1000]
features_untrained = extract(untrained, "14", batches["test"])
points = project(features[some], components=20, seed=0, progress=not quiet())
points_untrained = project(features_untrained[some], components=20, seed=0, progress=not quiet())
measures.projection(points, true[some], classes, "1,000 test images by their features, trained")

# %%
measures.projection(points_untrained, true[some], classes, "The same images by the untrained network's features")

# %% [markdown]
# A number for what the eye sees: of an image's ten nearest neighbours *in the plane*, how many are of its class? By
# chance it would be one in ten.

# %%
# NBVAL_CHECK_OUTPUT
agreement = {
    "trained": neighbour_agreement(points, true[some]),
    "untrained": neighbour_agreement(points_untrained, true[some]),
}
fact("neighbours of the same class, trained", agreement["trained"].mean(), 0.7, 0.9, digits=2)
fact("neighbours of the same class, untrained", agreement["untrained"].mean(), 0.4, 0.6, digits=2)

# %%
mixing = pd.DataFrame(neighbour_mixing(points, true[some]), index=classes, columns=classes)
per_class = pd.DataFrame(
    {
        "right": np.diag(confused) / confused.sum(axis=1),
        "neighbours of its class": np.diag(mixing),
        "mostly taken for": [classes[c] for c in (confused - np.diag(np.diag(confused))).argmax(axis=1)],
        "mostly mixes with": [classes[c] for c in (mixing.to_numpy() - np.diag(np.diag(mixing))).argmax(axis=1)],
    },
    index=classes,
)
per_class.sort_values("right", ascending=False).round(2)

# %% [markdown]
# **Exercise 2.14 (2 points, in words).** Which classes are easy for the network, which does it confuse, and does the
# map of section 8 mix the same ones? Give numbers from the matrix and from the table, and a reason that one could see
# in the images.

# %%
# Exercise 2.14
# BEGIN SOLUTION
easy, hard = per_class["right"].idxmax(), per_class["right"].idxmin()
wrong = pd.DataFrame(confused - np.diag(np.diag(confused)), index=classes, columns=classes)
taken, taken_for = wrong.stack().idxmax()
agree = int((per_class["mostly taken for"] == per_class["mostly mixes with"]).sum())
answer_2_14 = f"""
Easiest are {easy}, {per_class.loc[easy, "right"]:.0%} right, hardest {hard}, {per_class.loc[hard, "right"]:.0%}. Most
often {taken} are taken for {taken_for}, {wrong.loc[taken, taken_for]} times in
{int(confused[list(classes).index(taken)].sum())}. In the map {per_class["neighbours of its class"].mean():.0%} of an
image's ten neighbours are of its class, more than the {per_class["right"].mean():.0%} that the network names right.
That is no contradiction: the map is made of test images, which show few objects many times over, and the neighbours of
an image are mostly other images of the same object. For {agree} of the ten classes matrix and map name the same
partner. Easy are classes with one outline and one colour (guitars, gravestones); hard ones have many forms, and their
look-alikes share shape or colour, as round fruit and coins do.
"""
# END SOLUTION
# STUB: answer_2_14 = "YOUR ANSWER HERE"

# %%
check("2.14", answer_2_14)

# %% [markdown]
# ## 9 · What to take home
#
# - Small filters tell nearly nothing by themselves. What a unit *likes* tells more, and what the score *loses*
#   tells most.
# - Untrained networks have favourites, maps and clusters too. Only what goes beyond them was learned.
# - A map belongs where its windows were. Stretch it, and it points beside the object.
# - Where the truth is known, score the explanation before you believe it; and choose its settings on other images than
#   those you report.

# %%
progress()

# %% [markdown]
# ---
# *Credits.* The idea of the lab and its questions 2.1 to 2.5, 2.13 and 2.14 are those of "Interpretability of a
# Convolutional Neural Network" by Daniel Fojo and Xavier Giro-i-Nieto (UPC School, 2019), after earlier versions by
# Amaia Salvador and Daniel Fojo. Occlusion: M. Zeiler and R. Fergus, 2014 (arXiv 1311.2901). Pointing game: J. Zhang
# et al., 2016 (arXiv 1608.00507); energy: H. Wang et al., 2020 (arXiv 1910.01279); t-SNE: L. van der Maaten and G.
# Hinton, JMLR 9,
# 2008. CIFAR-10: A. Krizhevsky, 2009. The objects of the sample are photographs from the stamp collection of Tux Paint
# (GPL-2; `data/README.md` has the details).
