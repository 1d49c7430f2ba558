# %% [markdown]
# # Lab 2 · What does an image network look at? Filters, favourites, occlusion and t-SNE
#
# A network tells birds from flowers. Does it know a bird when it sees one, or what is behind it? Four ways of looking
# in: at its filters, at the images that each unit likes best, at what the score loses when a part of the image is
# covered, and at a map in which neighbours are images that the network takes for alike.
#
# **You will be able to**
# - show the filters of any convolution and say what can be read off them, and what cannot;
# - take out what a layer gives for any image, and find each unit's favourite images while the data stream by;
# - write occlusion, put the map in its right place, and choose window and baseline by a measure;
# - score an explanation against the truth, against an untrained network and against maps that know nothing.
#
# **Time** about two and a half hours; the machine needs about a minute of it. **You need** Python, PyTorch tensors
# and the idea of a convolution.
#
# **Fourteen exercises, 31 points.** Each has a check that answers at once and names the mistake; `hint("2.1")` opens
# hints one by one. Answers in words, at least fifteen of them, go to your instructor, who looks for numbers in them.
# Lines like `test accuracy: measured 0.704, within the stated range: 0.550 to 0.770` are facts that this lab
# stands for. A range comes from networks trained with several seeds (`data/facts_over_seeds.py`); on other data or
# another machine a number may fall elsewhere.

# %%
# SET-UP
from labkit import setup

setup("lab2_cifar_filters_and_occlusion")

# %%
import copy

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from tqdm import tqdm

from labkit import check, done, fact, hint, progress, using
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
rows = np.unique(data.test.objects, return_index=True)[1] if SAMPLE else np.arange(len(data.test))  # one per object
outlines = data.test.masks[rows] if SAMPLE else None
pictures.examples(data.test.images[rows], data.test.labels[rows], classes, outlines, title="Test images")

# %% [markdown]
# The sample is made for this lab: photographed objects, cut out and put before a made-up background that knows
# nothing of the class. So there is one thing that photographs seldom have: for each image, the true place of the
# object, as a *mask*. With it an explanation can be scored. The splits share no object: whoever names a test image
# right has seen others of its kind, never this one. Above, each image of the sample shows another object: a short row
# is a class of which there are few, and what is said of it rests on these few. (The full CIFAR-10 data have no masks,
# so section 7 uses the sample in any case.)

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
width = max(len(str(layer)) for layer in model)
for number, layer in enumerate(model):
    print(f"{number:2}  {str(layer):{width}}  {shapes[str(number)][1:]}")

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
# For the sample the network is ready-trained, by twelve epochs at most, in about a minute on two CPU cores. Two
# epochs are enough to see it learn; `EPOCHS = 12` gives a network like the ready one. On the full data there is no
# ready one: there you train ten epochs, and the lab goes on with your network.

# %%
EPOCHS = 2 if SAMPLE else 10
seed_everything(1)
mine = create("cifar_cnn", **model.hyper).to(DEVICE)
if not SAMPLE:
    model, untrained = mine, copy.deepcopy(mine).eval()
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
mine.eval()
measures.training_curve(history.loss, history.validation)

# %%
# NBVAL_CHECK_OUTPUT
fact("test accuracy", accuracy(model, batches["test"]), 0.55, 0.77)
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
# one cannot even tell a trained network from an untrained one. How far has training moved them? Below, 1 would be as
# far as they were long.

# %%
# NBVAL_CHECK_OUTPUT
if SAMPLE:
    moved = (model[1].weight - untrained[1].weight).norm() / untrained[1].weight.norm()
    fact("how far the first filters moved, for their size", moved.item(), 0.1, 0.6, digits=2)

# %% [markdown]
# **Exercise 2.2 (1 point).** Write `second_filters`: the weights of the second convolution of the model that it gets,
# detached from the graph, (F, C, h, w), as a tensor; an array of NumPy will do too. That model numbers its layers as
# ours does.


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
if done("2.2"):
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
# 2, behind the first ReLU, of the test image of which the network is surest:


# %%
def as_input(rows) -> Tensor:
    """Test images as the network takes them, (N, 3, 32, 32) in [0, 1]."""
    return torch.from_numpy(data.test.images[rows]).permute(0, 3, 1, 2).float() / 255


surest = int(logits.log_softmax(dim=1).max(dim=1).values.argmax())
maps = extract(model, "2", [as_input([surest]).to(DEVICE)])[0]
pictures.activation_maps(data.test.images[surest], maps, f"Layer 2 on a test image ({classes[true[surest]]})")

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
if done("2.4"):
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
fact("share of units that are dead, trained", 1 - len(alive) / len(top.values), 0.12, 0.6, digits=2)
fact("share of units that are dead, untrained", dead_untrained, 0.08, 0.32, digits=2)

# %% [markdown]
# The favourites of seven units that live, and of the same units before training. Look at two of them, and note what
# you think that each likes: section 6 comes back to it.

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
fact("share of the most frequent class among ten favourites, trained", purity(top), 0.65, 0.9, digits=2)
fact("the same, untrained", purity(top_untrained), 0.42, 0.72, digits=2)
fact("the same, ten images drawn at random", by_chance, 0.25, 0.3, digits=2)
fact("favourites, trained less untrained", purity(top) - purity(top_untrained), 0.08, 0.4, digits=2)

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
image = as_input([surest])
occluded = []
for rows, columns in places[::24]:
    covered = image.clone()
    covered[..., rows, columns] = cover(image, 8, "zero")[..., rows, columns]
    occluded.append(covered[0].permute(1, 2, 0))
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
# `occlusion` is your function for whole batches, any layer and any unit.
#
# ### Where does the map belong?
#
# The original course made a small image of the drops, one number for each window, and stretched it over the
# photograph. But the first drop belongs to the first window, whose middle is half a window away from the corner.
# Stretched, it is drawn at the corner itself, and the map is shifted and blown up. To see by how much, we need
# networks of which we know where they look: 1,024 of them, number *p* reads pixel *p* of a white image and nothing
# else. The window is the original's, 11 pixels at stride 4.


# %%
def stretched(score, images: Tensor, window: int = 11, stride: int = 4) -> Tensor:
    """The drops as a small image, stretched over the large one: how NOT to place them."""
    whole, drops = score(images), []
    for rows, columns in windows((32, 32), window, stride):
        covered = images.clone()
        covered[..., rows, columns] = 0
        drops.append(whole - score(covered))
    side = round(len(drops) ** 0.5)
    grid = torch.stack(drops, dim=1).view(len(images), 1, side, side)
    return nn.functional.interpolate(grid, size=(32, 32), mode="bilinear", align_corners=True)[:, 0]


def from_peak(maps: Tensor) -> Tensor:
    """Pixels from the nearest of each map's largest values to the pixel that its network reads, (1024,)."""
    largest = (maps >= maps.amax(dim=(1, 2), keepdim=True) - 1e-4).flatten(1)
    return torch.cdist(places_of_pixels, places_of_pixels).masked_fill(~largest, torch.inf).amin(dim=1)


down, across = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
places_of_pixels = torch.stack([down.flatten(), across.flatten()], dim=1)
white = torch.ones(32 * 32, 1, 32, 32)
in_place = occlusion(nn.Flatten(), white, torch.arange(32 * 32), window=11, stride=4)
out_of_place = stretched(lambda images: images.flatten(1).diagonal(), white)
read = 3 * 32 + 19  # the pixel in row 3, column 19
occlusion_figures.heat_maps(
    white[[read, read]].expand(-1, 3, -1, -1).permute(0, 2, 3, 1) * 0.8,
    torch.stack([in_place[read], out_of_place[read]]),
    masks=nn.functional.one_hot(torch.tensor([read, read]), 32 * 32).view(2, 32, 32).bool(),
    titles=["in its place", "stretched"],
    title="Two maps of a network that reads one pixel, the outlined one",
)

# %%
# NBVAL_CHECK_OUTPUT
missed, missed_stretched = from_peak(in_place), from_peak(out_of_place)
fact("maps in their place whose largest values leave out the pixel that is read", int((missed > 0).sum()))
fact("stretched maps whose largest values leave it out, of 1,024", int((missed_stretched > 0).sum()))
fact("by how many pixels, in the mean over these", missed_stretched[missed_stretched > 0].mean().item(), digits=1)
fact("by how many pixels, at most", missed_stretched.max().item(), digits=1)

# %% [markdown]
# ### What a unit needs, and what a class needs
#
# Now for the favourites of section 5: what in its favourite image does the *unit* need? Compare with what you noted.

# %%
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
# Seven maps are soon believed. A number over all units that live, for their favourite images: the share of the map's
# positive values that lies on the object, less the share of the image that the object takes (which a map would get
# that marks everything).


# %%
def on_the_object(network: nn.Module, found) -> float:
    """What the units' maps have on the object beyond its area, in the mean over the units that live."""
    rows = found.indices[alive, 0]
    heat = occlusion(network, as_input(rows), alive, layer="14", stride=4, baseline="mean")
    outlines = torch.from_numpy(data.test.masks[rows])
    return (energy_inside(heat, outlines) - chance(outlines)).mean().item()


# %%
# NBVAL_CHECK_OUTPUT
if SAMPLE:
    units_focus = [on_the_object(model, top), on_the_object(untrained, top_untrained)]
    fact("units' maps on the object beyond its area, trained", units_focus[0], 0.0, 0.3, digits=2)
    fact("the same, units of the untrained network", units_focus[1], -0.05, 0.3, digits=2)

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
# A large window gives a coarse map, a small one covers little at a time. And what is put under it matters: a black
# square looks like nothing in these images, the image's mean colour like more paper. You choose here, so this is
# measured on validation images, two of each object. Images of one object are alike; so first comes the mean over an
# object's images, and then the mean over objects.


# %%
truth = cifar10("sample")  # the images with masks, and below the network that was trained on them
judged, judged_untrained = ready("cifar_cnn", DEVICE), untrained_twin("cifar_cnn", DEVICE)
SCORES = {"pointing game": pointing_game, "IoU": iou, "energy inside": energy_inside}
EACH = 2  # images of each object


def some_of_each_object(split) -> tuple[Tensor, Tensor, Tensor]:
    """Images, labels and masks: the first few images of each object, object after object."""
    rows = np.concatenate([np.flatnonzero(split.objects == number)[:EACH] for number in np.unique(split.objects)])
    images = torch.from_numpy(split.images[rows]).permute(0, 3, 1, 2).float() / 255
    return images, torch.from_numpy(split.labels[rows]), torch.from_numpy(split.masks[rows])


def by_object(values: Tensor) -> np.ndarray:
    """For each object the mean over its images."""
    return values.float().view(-1, EACH).mean(dim=1).numpy()


def scores_by_object(heat: Tensor, masks: Tensor) -> pd.DataFrame:
    """A row for each object, a column for each measure."""
    return pd.DataFrame({name: by_object(score(heat, masks)) for name, score in SCORES.items()})


images, labels, masks = some_of_each_object(truth.validation)
area = chance(masks).mean().item()
networks = {"trained": judged, "untrained": judged_untrained}
settings = [(baseline, window) for baseline in ("zero", "mean", "blur") for window in (8, 12, 16)]
by_setting = {}
for baseline, window in tqdm(settings, desc="nine settings", disable=quiet()):
    for name, network in networks.items():
        heat = occlusion(network, images, labels, window=window, stride=window // 2, baseline=baseline)
        by_setting[name, baseline, window] = scores_by_object(heat, masks)
tried = pd.DataFrame({setting: table.mean() for setting, table in by_setting.items()}).T.sort_index()
energy = tried.loc["trained"]["energy inside"].unstack(0)
occlusion_figures.window_scores(energy, "energy inside", "The trained network's maps on validation images")

# %%
energy.round(3)

# %% [markdown]
# A high score need not be learned. Under some covers the *untrained* network's maps have more energy on the object
# than its area, too: a cover that looks like paper changes the image hardly anywhere but there. And a map that marks
# everything, with no network at all, gets the object's area by each of the three measures. What training is worth is
# the *lead* over the better of these two, here in the mean over the three measures:

# %%
for_nothing = tried.loc["untrained"].clip(lower=area)  # the better of the untrained network and everything marked
lead = (tried.loc["trained"] - for_nothing).mean(axis=1).unstack(0)
occlusion_figures.window_scores(lead, "lead", "Lead over what can be had without training, on validation images")

# %%
lead.round(3)

# %% [markdown]
# **Exercise 2.12 (3 points).** Choose window, stride and baseline. `score` is what your criterion gives for this
# choice: a number of one of the two tables, or of a run of your own. `why` is your defence in words: by which
# criterion, what did it score, what did the others, and would you trust the difference?

# %%
# Exercise 2.12
# BEGIN SOLUTION
best_baseline = lead.max().idxmax()
best_window = int(lead[best_baseline].idxmax())
ranked = lead.unstack().sort_values(ascending=False)
spread = by_setting["trained", best_baseline, best_window].mean(axis=1).sem()
bright = energy.max().idxmax(), int(energy[energy.max().idxmax()].idxmax())  # the setting with the highest energy
choice = {
    "window": best_window,
    "stride": best_window // 2,
    "baseline": best_baseline,
    "score": float(lead.loc[best_window, best_baseline]),
    "why": f"""By the lead over what can be had without training: {ranked.iloc[0]:.3f} in the mean of three
measures, the highest of the nine; next come {ranked.iloc[1]:.3f} ({ranked.index[1][0]}, {ranked.index[1][1]} pixels)
and {ranked.iloc[2]:.3f} ({ranked.index[2][0]}, {ranked.index[2][1]} pixels), last {ranked.iloc[-1]:.3f}. The highest
energy, {energy.max().max():.3f}, has {bright[0]} with {bright[1]} pixels, where the untrained network has
{tried.loc[("untrained", *bright), "energy inside"]:.3f}. These are {len(images) // EACH} objects; what the
trained network scores there, in the mean of the three, has a standard error of {spread:.3f}, so the first few are as
good as equal, and the largest of nine numbers flatters itself. The test images say what the choice is worth.""",
}
# END SOLUTION
# STUB: choice = {"window": ..., "stride": ..., "baseline": ..., "score": ..., "why": "YOUR ANSWER HERE"}

# %%
check("2.12", choice)

# %%
if done("2.12") and (choice["baseline"], choice["window"]) in settings:
    of_choice = [table.loc[choice["window"], choice["baseline"]] for table in (energy, lead)]
    if not np.isclose(choice["score"], of_choice, atol=0.002).any():
        print("For your setting the tables have", *(f"{number:.3f}" for number in of_choice), "and not your score.")

# %%
# SOLUTION ONLY
# NBVAL_CHECK_OUTPUT
fact("the largest lead on validation images has", f"{best_baseline}, {best_window} pixels")
fact("energy inside of the untrained network, at most", tried.loc["untrained", "energy inside"].max(), 0.32, 0.46)
fact("the object's area on validation images", area, 0.3, 0.34)

# %% [markdown]
# ### The result
#
# With your choice, on test images, two of each object again. Beside the trained network stand four kinds of maps
# that learned nothing of the classes: those of the untrained network, pixel noise, a map that marks everything, and
# one soft blob in the middle, the same for every image.

# %%
how = {"window": 12, "stride": 6, "baseline": "mean"}
if done("2.12", instead="a window of 12 at stride 6 over the mean colour is used"):
    how = {"window": int(choice["window"]), "stride": int(choice["stride"]), "baseline": choice["baseline"]}
images, labels, masks = some_of_each_object(truth.test)
seed_everything(0)
found = {
    "trained": occlusion(judged, images, labels, **how),
    "untrained": occlusion(judged_untrained, images, labels, **how),
    "pixel noise": torch.rand(masks.shape),
    "everything": torch.ones(masks.shape),
    "the middle": torch.exp(-((down - 15.5) ** 2 + (across - 15.5) ** 2) / (2 * 8**2)).expand(masks.shape),
}
per_object = {kind: scores_by_object(heat, masks) for kind, heat in found.items()}
scores = pd.DataFrame({kind: table.mean() for kind, table in per_object.items()}).T
errors = pd.DataFrame({kind: table.sem() for kind, table in per_object.items()}).T
occlusion_figures.localization(scores, errors)

# %%
pd.concat({"mean over objects": scores, "standard error": errors}, axis=1).round(3)

# %% [markdown]
# How far is the trained network ahead? The maps are compared object by object; below stands the mean difference in
# standard errors. From three on, chance is a poor explanation.


# %%
def in_errors(differences: pd.DataFrame) -> pd.Series:
    """The mean over objects in standard errors, by measure."""
    return differences.mean() / differences.sem()


ahead = pd.DataFrame({kind: in_errors(per_object["trained"] - table) for kind, table in per_object.items()}).T
ahead.drop("trained").round(1)

# %%
# SOLUTION ONLY
# NBVAL_CHECK_OUTPUT
fact("pointing game, trained", scores.loc["trained", "pointing game"], 0.55, 0.85)
fact("IoU, trained", scores.loc["trained", "IoU"], 0.27, 0.48)
fact("energy inside, trained", scores.loc["trained", "energy inside"], 0.38, 0.55)
learned_nothing = ahead.loc[["untrained", "pixel noise", "everything"]]
fact("pointing game, ahead of these three, in errors", learned_nothing["pointing game"].min(), 4, 12, digits=1)
fact("energy inside, ahead of these three, in errors", learned_nothing["energy inside"].min(), 4, 15, digits=1)
fact("IoU, ahead of untrained and noise, in errors", learned_nothing["IoU"].iloc[:2].min(), 2.5, 15, digits=1)
fact("IoU, ahead of everything marked, in errors", ahead.loc["everything", "IoU"], 0, 10, digits=1)
fact("pointing game, ahead of the middle, in errors", ahead.loc["the middle", "pointing game"], -5, 4, digits=1)
fact("IoU, ahead of the middle, in errors", ahead.loc["the middle", "IoU"], -5, 3, digits=1)

# %% [markdown]
# With 12 pixels over the mean colour the trained network is clearly ahead of no training and of noise, and by pointing
# game and energy of marking everything; by IoU, which asks for the object's whole shape, that lead is smaller. (If your
# setting says otherwise, that is worth a sentence in 2.13.) And a blob in the middle, which has seen neither the
# network nor the image, does as well or better: in this sample the object stands in the middle, and whoever knows that
# needs no explanation to find it.
#
# ### Does the map know its own image?
#
# The blob knows where objects *usually* are. A map is worth something if it knows where *this* one is. That can be
# measured: on the same object, score the maps of all the other objects' images, and see how much better its own map
# is. Whatever holds for every image, such as the middle, the corners, or how much is marked, drops out.

# %%
shifts = range(EACH, len(masks), EACH)  # by whole objects, so that each object meets the maps of all the others
own_less_others = {
    kind: per_object[kind] - sum(scores_by_object(heat.roll(shift, dims=0), masks) for shift in shifts) / len(shifts)
    for kind, heat in tqdm(found.items(), desc="own and others' maps", disable=quiet())
}
known = {
    "own less others'": pd.DataFrame({kind: table.mean() for kind, table in own_less_others.items()}).T,
    "standard error": pd.DataFrame({kind: table.sem() for kind, table in own_less_others.items()}).T,
}
pd.concat(known, axis=1).round(3) + 0.0  # so that no zero has a sign

# %%
# SOLUTION ONLY
# NBVAL_CHECK_OUTPUT
knows, knows_untrained = (in_errors(own_less_others[kind]) for kind in ("trained", "untrained"))
fact("own less others' maps, trained, in errors: pointing game", knows["pointing game"], 4, 14, digits=1)
fact("own less others' maps, trained, in errors: IoU", knows["IoU"], 4, 14, digits=1)
fact("own less others' maps, trained, in errors: energy inside", knows["energy inside"], 3, 13, digits=1)
fact("own less others' maps, untrained, in errors: largest", knows_untrained.max(), -1, 7, digits=1)
more = in_errors(own_less_others["trained"] - own_less_others["untrained"])
fact("own less others' maps, trained less untrained, in errors: smallest", more.min(), 1, 8, digits=1)
fact("own less others' maps, the middle: largest", float(own_less_others["the middle"].abs().max().max()), 0, 1e-6)

# %% [markdown]
# With 12 pixels over the mean colour, this is what training is worth: the trained network's maps know their own
# image, by all three measures. The untrained network's maps know at most a little of it, the blob knows nothing.
#
# ### Class by class
#
# A mean over ten classes may hide one in which the network looks elsewhere. So for each class the lead over a map
# that marks everything, as above in the mean over the three measures. Mind how few objects some classes have.

# %%
object_area, object_class = by_object(chance(masks)), np.array(truth.classes)[labels[::EACH]]
leads = pd.DataFrame({kind: per_object[kind].mean(axis=1) - object_area for kind in ("trained", "untrained")})
by_class = leads.groupby(object_class).mean()
occlusion_figures.localization_by_class(
    by_class, "lead over marking everything, mean of three measures", "Who finds its objects?", zero="mark everything"
)

# %% [markdown]
# And why does one find them, and another not? A map of drops can show the object only if the score rests on it.
# That can be tried without any window: cover *exactly* the object, and then exactly all the rest.
#
# ```text
# share = loss(object covered) / (|loss(object covered)| + |loss(rest covered)|)
# ```
#
# is 1 if the score rests on the object alone, and negative if it is better off without. In the table, the lowest lead
# comes first.


# %%
@torch.no_grad()
def scores_of(images: Tensor) -> Tensor:
    """What the trained network gives to each class, (N, 10)."""
    return judged(images.to(DEVICE)).cpu()


def without(covered: Tensor) -> Tensor:
    """The images with exactly these pixels, bool (N, H, W), covered."""
    return torch.where(covered[:, None], cover(images, how["window"], how["baseline"]), images)


whole, no_object, no_rest = scores_of(images), scores_of(without(masks)), scores_of(without(~masks))
named_right = by_object(whole.argmax(dim=1) == labels)
losses = {"loss, object covered": whole - no_object, "loss, rest covered": whole - no_rest}
rests = pd.DataFrame({name: by_object(loss[torch.arange(len(labels)), labels]) for name, loss in losses.items()})
rests["share"] = rests["loss, object covered"] / rests.abs().sum(axis=1)
of_class = rests.assign(**{"named right": named_right, "area": object_area}).groupby(object_class)
explained = by_class.join(of_class.mean()).join(of_class.size().rename("objects")).sort_values("trained")
explained.round(2)

# %% [markdown]
# Is it more than a story about one class? Over all objects: how does the lead go with that share, and how with what
# else might explain it, the object's size and how often the network names it right? A rank correlation of 1 means the
# same order, of 0 none; over so many objects, chance seldom gives more than a quarter, either way.

# %%
goes_with = pd.DataFrame({"share": rests["share"], "area": object_area, "named right": named_right})
goes_with = goes_with.corrwith(leads["trained"], method="spearman")
goes_with.round(2)

# %%
# SOLUTION ONLY
# NBVAL_CHECK_OUTPUT
not_ahead = explained.index[explained["trained"] <= explained["untrained"].clip(lower=0)].tolist()
fact("classes without a lead over both the untrained network and everything marked", ", ".join(not_ahead))
fact("tools: lead", explained.loc["tools", "trained"], -0.15, 0.2, digits=2)
fact("tools: loss of score, object covered", explained.loc["tools", "loss, object covered"], -2, 2, digits=2)
fact("the other classes: the same, mean", explained["loss, object covered"].drop("tools").mean(), 2, 14, digits=1)
called = (no_object.argmax(dim=1) == truth.classes.index("gravestones")).float().mean().item()
fact("share of images called gravestones, object covered", called, 0.5, 1, digits=2)
fact("rank correlation of the lead with the share", goes_with["share"], 0.25, 0.85, digits=2)
fact("rank correlation of the lead with the area", goes_with["area"], -0.55, 0.2, digits=2)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# With 12 pixels over the mean colour the trained network does not win for *tools*: its lead there is about nothing.
# The map is not to blame. Cover a tool exactly, and the score for tools falls hardly at all, or even rises; in the
# mean over the other classes it falls by several units. So nothing *on* a tool speaks for tools, and there is nothing
# for a map of drops to find. Where a tool is named right all the same, it is because the other scores are lower.
# Gravestones are a milder case: empty paper is what the network mostly calls a gravestone, so a covered one is one
# still. And it is a rule, not one class: the more of the score rests on the object, the further ahead is the map.

# %% [markdown]
# The images behind it: one of each of four objects of the lowest and of the highest class.

# %%
lowest, highest = by_class["trained"].idxmin(), by_class["trained"].idxmax()
shown = torch.cat([(labels == truth.classes.index(name)).nonzero()[::EACH][:4, 0] for name in (lowest, highest)])
occlusion_figures.heat_maps(
    images[shown].permute(0, 2, 3, 1),
    found["trained"][shown],
    masks=masks[shown],
    thresholded=threshold(found["trained"][shown]),
    titles=[truth.classes[c] for c in labels[shown]],
    title=f"Lowest and highest lead: {lowest} and {highest}",
)

# %% [markdown]
# And what does stretching cost here? The original's window and cover, one image of each object, the drops in their
# place and stretched:

# %%
few_images, few_labels, few_masks = (several[::EACH] for several in (images, labels, masks))
placed = occlusion(judged, few_images, few_labels, window=11, stride=4)
drawn = stretched(lambda covered: scores_of(covered)[torch.arange(len(covered)), few_labels], few_images)
scored = pd.DataFrame({name: score(placed, few_masks).numpy() for name, score in SCORES.items()})
lost = scored - pd.DataFrame({name: score(drawn, few_masks).numpy() for name, score in SCORES.items()})
pd.DataFrame({"in their place": scored.mean(), "lost by stretching": lost.mean(), "error": lost.sem()}).round(3)

# %%
# SOLUTION ONLY
# NBVAL_CHECK_OUTPUT
fact("lost by stretching, in standard errors at most", in_errors(lost).max(), -1, 4.5, digits=1)

# %% [markdown]
# **Exercise 2.13 (2 points, in words).** Begin with a unit of section 6: is what is kept of its favourite image what
# you had guessed that it likes? Then the classes: does the network look at the objects, by how much more than what
# learned nothing, and for which classes does it not? Why is a blob in the middle so good, and what does it not know?
# And what would a network look at that had learned the background?

# %%
# Exercise 2.13
# BEGIN SOLUTION
liked = [pd.Series(np.array(classes)[true[top.indices[unit]]]).value_counts() for unit in units]
clear = int(np.argmax([counts.iloc[0] for counts in liked]))  # of the seven, the one whose guess is clearest
kept = threshold(unit_maps)[clear]
on_it = ""
if SAMPLE:
    outline = torch.from_numpy(data.test.masks[top.indices[units[clear], 0]])
    on_it = f""", {kept[outline].sum() / kept.sum():.0%} of that on the object, which takes {outline.float().mean():.0%}
of the image. Over all units that live, the object has {units_focus[0]:.2f} of the maps' energy beyond its area, against
{units_focus[1]:.2f} for the units of the untrained network"""
trained_scores, before_learning, blob = (scores.loc[kind] for kind in ("trained", "untrained", "the middle"))
by_name = explained["loss, object covered"]
behind = [
    f"{name} ({explained.loc[name, 'objects']} objects, {explained.loc[name, 'named right']:.0%} of the images named "
    f"right; lead {explained.loc[name, 'trained']:.2f}, loss {by_name[name]:.1f})"
    for name in not_ahead
]
area_of_test = scores.loc["everything", "IoU"]
answer_2_13 = f"""
Of the favourites of unit {units[clear]}, {liked[clear].iloc[0]} of ten are {liked[clear].index[0]}; one would guess
that it knows them. Of its favourite image {kept.float().mean():.0%} are kept{on_it}. The largest drop of the class
score is on the object in {trained_scores["pointing game"]:.0%} of the images, against
{before_learning["pointing game"]:.0%} without learning, {scores.loc["pixel noise", "pointing game"]:.0%} for noise and
{area_of_test:.0%} for everything marked; the energy is {trained_scores["energy inside"]:.2f} against
{before_learning["energy inside"]:.2f} and {area_of_test:.2f}, the IoU {trained_scores["IoU"]:.2f} against
{before_learning["IoU"]:.2f} and, for everything marked, {area_of_test:.2f}. The blob in the middle points right in
{blob["pointing game"]:.0%}: it knows where such objects usually stand, and that is all. On an object, its own map is
better than other images' maps by {own_less_others["trained"]["pointing game"].mean():.2f} (pointing game) for the
trained network, by {own_less_others["untrained"]["pointing game"].mean():.2f} for the untrained one, and by 0 for the
blob. Not ahead both of the untrained network and of everything marked: {", ".join(behind) or "no class"}. The loss is
that of the score when exactly the object is covered; in the mean over the other classes it is
{by_name.drop(not_ahead).mean():.1f}.
Where it is near 0, nothing on the object speaks for the class, and a map of drops has nothing to find. Over all objects
the lead goes with the share of the score that rests on the object (rank correlation {goes_with["share"]:.2f}), less
with being named right ({goes_with["named right"]:.2f}) and with size ({goes_with["area"]:.2f}). A network that had
learned the background would lose when the rest is covered; its map would have less on the object than the area.
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
fact("neighbours of the same class, trained", agreement["trained"].mean(), 0.62, 0.88, digits=2)
fact("neighbours of the same class, untrained", agreement["untrained"].mean(), 0.4, 0.75, digits=2)
more_alike = agreement["trained"].mean() - agreement["untrained"].mean()
fact("neighbours of the same class, trained less untrained", more_alike, 0.03, 0.4, digits=2)
if SAMPLE:
    same_object = neighbour_agreement(points, data.test.objects[some]).mean()
    fact("neighbours that show the same object, trained", same_object, 0.4, 0.7, digits=2)

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
sink, from_classes = next(iter(per_class["mostly taken for"].value_counts().items()))
said = confused[:, classes.index(sink)].sum() / confused.sum()
why_more = (
    f": the map is made of test images, and {same_object:.0%} of the neighbours show the same object" if SAMPLE else ""
)
answer_2_14 = f"""
Easiest are {easy}, {per_class.loc[easy, "right"]:.0%} right, hardest {hard}, {per_class.loc[hard, "right"]:.0%}.
The mistakes go mostly one way: {from_classes} of the ten classes are, where the network errs, most often taken for
{sink}, which it says of {said:.0%} of the images. The most frequent single mistake is {taken} for {taken_for},
{wrong.loc[taken, taken_for]} times in {int(confused[classes.index(taken)].sum())}. In the map
{per_class["neighbours of its class"].mean():.0%} of an image's ten neighbours are of its class, beside
{per_class["right"].mean():.0%} of the images that the network names right{why_more}. For {agree} of the ten classes
matrix and map name the same partner. A reason to look for in the images: does {easy} have one outline, and {sink} so
many forms and colours that whatever fits nowhere else looks like them?
"""
# END SOLUTION
# STUB: answer_2_14 = "YOUR ANSWER HERE"

# %%
check("2.14", answer_2_14)

# %% [markdown]
# ## 9 · What to take home
#
# - Small filters look alike before and after training. What units like, what a score loses and how images cluster
#   differs; but untrained networks have favourites, maps and clusters too, and only what goes beyond them was learned.
# - A map belongs where its windows were. Stretched, its peak stands pixels away from what the network reads.
# - A score means something only beside what gets it for nothing: noise, everything marked, a blob in the middle. Ask
#   whether a map knows *its own* image.
# - Choose an explanation's settings on other images than those you report.

# %%
progress()

# %% [markdown]
# ---
# *Credits.* The idea of the lab and its questions 2.1 to 2.5, 2.13 and 2.14 are those of "Interpretability of a
# Convolutional Neural Network" by Daniel Fojo and Xavier Giro-i-Nieto (UPC School, 2019), after earlier versions by
# Amaia Salvador and Daniel Fojo. Occlusion: M. Zeiler and R. Fergus, 2014 (arXiv 1311.2901). Pointing game: J. Zhang
# et al., 2016 (arXiv 1608.00507); energy: H. Wang et al., 2020 (arXiv 1910.01279); t-SNE: L. van der Maaten and G.
# Hinton, JMLR 9, 2008. CIFAR-10: A. Krizhevsky, 2009. The objects of the sample are photographs from the stamp
# collection of Tux Paint (GPL-2; `data/README.md` has the details).
