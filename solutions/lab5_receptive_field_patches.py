# %% [markdown]
# # Lab 5 · What excites a neuron? Receptive-field patches
#
# A unit deep inside a network never sees the whole image. It sees a small square of it, its *receptive field*. So to
# ask what a unit likes, do not look at whole photographs: cut out the squares that excited it most, and look at
# those. For that one must know, to the pixel, which square a unit sees.
#
# **You will be able to**
# - read photographs from files in batches, and say what it would cost to keep them all in memory;
# - take the output of any layer, and find for each channel the places in all images that excite it most;
# - work out receptive field, stride and place of any layer's units, by hand and by a function, and test it;
# - doubt what you see: by a number, by chance, and by the same pictures from an untrained network.
#
# **Time** about two and a half hours; the machine needs about a minute of it. **You need** Python, NumPy, Keras'
# functional models and the idea of a convolution. No other lab is needed.
#
# **Eleven exercises, 29 points.** Each has a check that answers at once and names the mistake; `hint("5.1")` opens
# hints one by one. Answers in words, at least fifteen of them and with numbers, go to your instructor. Lines that
# look like `accuracy: measured 0.95, within the stated range: 0.93 to 0.97` are facts that this lab stands for; on
# other data or another machine a number may fall elsewhere.

# %%
# SET-UP
from labkit import setup

setup("lab5_receptive_field_patches")

# %%
import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from labkit import check, done, fact, hint, progress, using
from labkit.datasets.photo_batches import batches
from labkit.datasets.photos import photos
from labkit.figures import patches, windows
from labkit.figures.four_views import four_views
from labkit.figures.shares import shares
from labkit.methods.activation_maximization import TotalVariation, Unit, maximize
from labkit.methods.agreement import share_of_most_frequent
from labkit.methods.occlusion import occlusion
from labkit.methods.patches import cut as cut_out
from labkit.methods.receptive_field import gradient_support, receptive_field
from labkit.methods.top_patches import top_patches
from labkit.models import keras_ready, keras_untrained_twin

# %% [markdown]
# ## 1 · Photographs that stay on the disk
#
# Animals and plants, in files: a folder for each class, and a table of tab-separated values that says which file is
# what.

# %%
data = photos()
using(data.source, data.why)
SAMPLE = data.source == "sample"
objects = data.objects if SAMPLE else np.arange(len(data))  # in the full data, each photograph shows another one
index = pd.read_csv(data.folder / "index.tsv", sep="\t")
index.groupby("class", sort=False).head(1)

# %%
# NBVAL_CHECK_OUTPUT
if SAMPLE:
    fact("photographs", len(data.files))
    fact("classes", len(data.classes))

# %% [markdown]
# **Exercise 5.1 (2 points).** The original course had 7,454 photographs of 96 × 96 pixels in three colours. How many
# megabytes (10⁶ bytes) would one `float32` tensor of all of them take? And how many all activations of a layer that
# gives 39 × 39 × 64 numbers for each photograph?

# %%
# Exercise 5.1
# BEGIN SOLUTION
memory = {"images": 7454 * 96 * 96 * 3 * 4 / 1e6, "activations": 7454 * 39 * 39 * 64 * 4 / 1e6}
# END SOLUTION
# STUB: memory = {"images": ..., "activations": ...}

# %%
check("5.1", memory)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* a `float32` has 32 bits, which are 4 bytes. The activations are the larger part, and a copy with its axes
# in another order, as the original course made one, doubles them.

# %% [markdown]
# So the images stay where they are. What travels is a batch: `tf.data` reads its files, decodes them, and has the
# next batch ready while the network works on this one (*prefetch*). The whole pipeline is this:
#
# ```python
# files = tf.data.Dataset.from_tensor_slices((paths, labels))
# stream = files.map(read_and_decode, num_parallel_calls=tf.data.AUTOTUNE).batch(32).prefetch(tf.data.AUTOTUNE)
# ```

# %%
stream = batches(data, size=32)
first, first_labels = next(iter(stream))
print(
    "a batch of images:", first.shape, first.dtype.name, f"from {first.numpy().min():.2f} to {first.numpy().max():.2f}"
)
print(f"it takes {first.numpy().nbytes / 1e6:.1f} MB; all {len(data.files):,} would take", end=" ")
print(f"{first.numpy()[0].nbytes * len(data.files) / 1e6:.0f} MB.")

# %% [markdown]
# ## 2 · A trained network, and what it says on the way
#
# Six convolutions of 3 × 3 without padding, a pooling step in the middle. The network has been trained on the animals
# and plants of the bundled sample; training it is no part of this lab.

# %%
model = keras_ready("photos_keras")
untrained = keras_untrained_twin("photos_keras")  # what it was before it learned
model.summary()

# %%
# NBVAL_CHECK_OUTPUT
if SAMPLE:
    test = data.of("test")
    said = {
        name: network.predict(batches(test), verbose=0)
        for name, network in {"trained": model, "untrained": untrained}.items()
    }
    fact("test accuracy", float((said["trained"].argmax(axis=1) == test.labels).mean()), 0.55, 0.68)
    fact("test accuracy, untrained", float((said["untrained"].argmax(axis=1) == test.labels).mean()), 0.05, 0.27)

# %% [markdown]
# The test images show objects that the network has never seen. There are few kinds of them to learn from, so it is no
# master; but it has learned something, and what it has learned sits in its layers.
#
# We look at `conv2d_5`, the sixth convolution. It gives 39 × 39 × 64 numbers: 64 *channels*, and in each a map of 39
# × 39 *units* that all do the same at another place.
#
# **Exercise 5.2 (2 points).** Write `extractor`: it gives back a Keras model that takes what `model` takes and gives
# what its layer of this name gives. The check tries it on a small network whose layers have other names.


# %%
# Exercise 5.2
def extractor(model: keras.Model, layer_name: str) -> keras.Model:
    # BEGIN SOLUTION
    return keras.Model(model.input, model.get_layer(layer_name).output)
    # END SOLUTION
    # STUB: return ...


# %%
check("5.2", extractor)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* a functional model is a graph from inputs to outputs, and any node of it can be an output. The layers are
# shared with the model, so nothing is copied and nothing is trained anew.

# %%
LAYER = "conv2d_5"
if done("5.2"):
    activations = extractor(model, LAYER)(first).numpy()
    print("images, rows, columns, channels:", activations.shape)
    times = activations.nbytes / first.numpy().nbytes
    print(f"for one batch {activations.nbytes / 1e6:.1f} MB, {times:.1f} times the images")

# %% [markdown]
# ## 3 · The largest activation, and where it is
#
# Neighbouring squares look alike, and a unit that fires at one fires at the next. To see different things, take *one
# place of each image*: the one where the channel's map is largest.
#
# **Exercise 5.3 (3 points).** Write `best_places`: from `activations` (N, H, W, C) the largest value of each image's
# map in each channel, its row, and its column, three arrays (N, C). `np.unravel_index` makes rows and columns of a
# number in a flattened map. The check uses small maps whose rows and columns are not equal in number.


# %%
# Exercise 5.3
def best_places(activations: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # BEGIN SOLUTION
    n, height, width, channels = activations.shape
    flat = activations.reshape(n, height * width, channels)
    rows, columns = np.unravel_index(flat.argmax(axis=1), (height, width))
    return flat.max(axis=1), rows, columns
    # END SOLUTION
    # STUB: return ..., ..., ...  # values, rows, columns


# %%
check("5.3", best_places)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* `argmax` wants one axis, so rows and columns become one of H · W places. `unravel_index` undoes it, with
# the shape of the map and nothing else: place p is in row p // W and column p % W.

# %% [markdown]
# **Exercise 5.4 (3 points).** Write `top_images`: from `values` (N, C) the numbers of the k images with the largest
# value in each channel, **largest first**, (k, C). The original course used `np.argpartition`, which is faster than
# sorting. Read in its documentation in which order it leaves the k.


# %%
# Exercise 5.4
def top_images(values: np.ndarray, k: int) -> np.ndarray:
    # BEGIN SOLUTION
    return np.argsort(-values, axis=0)[:k]
    # END SOLUTION
    # STUB: return ...


# %%
check("5.4", top_images)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* sorting the negative values puts the largest first. `argpartition` promises only that the k are the right
# ones, in any order; after it, those k are still to be sorted.

# %% [markdown]
# With both, a layer's favourites could be found in the activations of all images, if there were room for them. There
# need not be: of each batch only the largest values are kept, and of those only the k best so far. `top_patches` does
# it while the images stream by, for any layer of any Keras model. A pass takes some fifteen seconds here.

# %%
K = 16
found = top_patches(model, LAYER, batches(data), k=K)
found_untrained = top_patches(untrained, LAYER, batches(data), k=K)
print("channels, images:", found.values.shape, " positions:", found.positions.shape)

# %%
if done("5.2", "5.3", "5.4"):
    kept = data.of("validation")
    all_of_it = extractor(model, LAYER).predict(batches(kept), verbose=0)
    values, rows, columns = best_places(all_of_it)
    streamed = top_patches(model, LAYER, batches(kept), k=K)
    print(
        "your three functions find the same:", np.allclose(values[top_images(values, K), range(64)], streamed.values.T)
    )

# %% [markdown]
# ## 4 · What does a unit see?
#
# The map of `conv2d_5` has 39 rows, the image 96. Which pixels feed the unit in row i and column j? Two numbers are
# wanted:
#
# - the **size** of the receptive field: how many pixels wide is the square that the unit depends on?
# - the **stride**: by how many pixels does the square move when you go to the next unit?
#
# Begin at the unit and go back, or begin at the image and go forward. These are the layers on the way:

# %%
on_the_way = [layer for layer in model.layers if hasattr(layer, "strides")][:7]
pd.DataFrame(
    {
        "layer": [layer.name for layer in on_the_way],
        "window": [getattr(layer, "kernel_size", None) or layer.pool_size for layer in on_the_way],
        "moves by": [layer.strides for layer in on_the_way],
        "padding": [layer.padding for layer in on_the_way],
        "output": [layer.output.shape[1:3] for layer in on_the_way],
    }
)

# %% [markdown]
# **Exercise 5.5 (3 points).** With paper and pencil: size and stride of a unit of `conv2d_5`. Drawing one row of
# pixels is enough, for rows and columns are alike.

# %%
# Exercise 5.5
# BEGIN SOLUTION
by_hand = {"size": 20, "stride": 2}
# END SOLUTION
# STUB: by_hand = {"size": ..., "stride": ...}

# %%
check("5.5", by_hand)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* three convolutions add 2 pixels each to the 1 that a pixel is: 7. Pooling adds one step, 8, and from there
# on the steps are two pixels long, so the last three convolutions add 4 each: 20. Only pooling has made the stride
# longer: 2.

# %% [markdown]
# ### The same for any stack of layers
#
# Forwards, two numbers are carried along. A layer with a window of `kernel` pixels, `dilation` apart, sees (kernel −
# 1) · dilation steps further than a single one, and each step is as long as the stride so far:
#
# ```text
# size   ←  size + (kernel − 1) · dilation · stride
# stride ←  stride · stride of this layer
# ```
#
# **Exercise 5.6 (4 points).** Write `receptive_field_of`: from a list of (kernel, stride, dilation), the layer next
# to the image first, the size and the stride behind the last one. Without any layer a unit is a pixel.


# %%
# Exercise 5.6
def receptive_field_of(layers: list[tuple[int, int, int]]) -> tuple[int, int]:
    # BEGIN SOLUTION
    size, stride = 1, 1
    for kernel, step, dilation in layers:
        size += (kernel - 1) * dilation * stride
        stride *= step
    return size, stride
    # END SOLUTION
    # STUB: return ..., ...


# %%
check("5.6", receptive_field_of)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* the order within the loop matters: a layer's own stride counts for the layers behind it, not for itself.

# %% [markdown]
# Real networks have branches, skips, padding, and sides of unequal length. `receptive_field` walks through the graph
# of any Keras or PyTorch model. Here for this network, and for VGG16, which was built to see far with small windows:

# %%
fields = {layer.name: receptive_field(model, layer.name) for layer in on_the_way}
vgg = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
vgg_fields = {f"VGG16, block{i}_pool": receptive_field(vgg, f"block{i}_pool") for i in range(1, 6)}
pd.DataFrame(
    {name: {"size": field.size[0], "stride": field.stride[0]} for name, field in (fields | vgg_fields).items()}
).T

# %%
# NBVAL_CHECK_OUTPUT
field = fields[LAYER]
fact("size of the receptive field of conv2d_5", field.size[0])
fact("its stride", field.stride[0])
fact("size of the receptive field of VGG16's last layer", vgg_fields["VGG16, block5_pool"].size[0])

# %% [markdown]
# One unit in the middle of `conv2d_5`, and the units it is made of, layer by layer. Look where the windows begin to
# grow faster:

# %%
MIDDLE = (19, 19)
photo = data.image(int(np.flatnonzero(data.labels == 0)[0]))
centre = [int(place) for place in field.centre(*MIDDLE)]
seen = {name: each.rectangle(*each.unit_at(*centre)) for name, each in fields.items()}
windows.growing_window(photo, seen, "What one unit of each layer sees")

# %% [markdown]
# ### Is the arithmetic right?
#
# It can be tested. A pixel feeds a unit if the unit's value moves when the pixel does, and that is what the gradient
# says. So take the gradient of one place of `conv2d_5` with respect to the image; here its size, the mean over one
# batch, with the computed square drawn over it. Look at the rim: does it end where the square does? And do all pixels
# in the square count alike?

# %%
to_layer = keras.Model(model.input, model.get_layer(LAYER).output)
with tf.GradientTape() as tape:
    tape.watch(first)
    at_the_place = to_layer(first)[:, MIDDLE[0], MIDDLE[1]]
gradient = tf.reduce_mean(tf.abs(tape.gradient(at_the_place, first)), axis=(0, 3)).numpy()
windows.support(gradient, field.rectangle(*MIDDLE), "How much each pixel moves the middle unit")

# %%
# NBVAL_CHECK_OUTPUT
top, left, bottom, right = field.rectangle(*MIDDLE)
outside = gradient.copy()
outside[top:bottom, left:right] = 0
inner = gradient[top + 5 : bottom - 5, left + 5 : right - 5]
support = gradient_support(model, LAYER, MIDDLE)
fact("the gradient ends where the computed square does", tuple(support) == (top, left, bottom, right))
fact("largest gradient outside the square", float(outside.max()))
fact(
    "share of the gradient in the middle quarter of the square",
    float(inner.sum() / gradient.sum()),
    0.58,
    0.75,
    digits=2,
)

# %% [markdown]
# What the pixels of the middle do reaches the unit on many ways, what a corner does on one. So the receptive field is
# what a unit *can* see; what it mostly looks at, the *effective* receptive field, is smaller.

# %% [markdown]
# ## 5 · The patches
#
# Now the squares can be cut out. One difficulty is left: with *padding* a unit at the border sees beyond the image,
# and the square hangs over the edge. Whoever leaves such squares out, as the original course did, hides what the unit
# looked at; whoever moves them into the image shows something else than the unit saw.
#
# **Exercise 5.7 (3 points).** Write `cut`: the square of `size` by `size` pixels of `image` (H, W, C) whose upper
# left corner is in row `top` and column `left`, which may lie outside. Places outside the image hold `fill`.


# %%
# Exercise 5.7
def cut(image: np.ndarray, top: int, left: int, size: int, fill: float = 0.0) -> np.ndarray:
    # BEGIN SOLUTION
    patch = np.full((size, size, image.shape[2]), fill, dtype=image.dtype)
    first_row, first_column = max(top, 0), max(left, 0)
    seen = image[first_row : max(top + size, 0), first_column : max(left + size, 0)]
    down, across = first_row - top, first_column - left
    patch[down : down + seen.shape[0], across : across + seen.shape[1]] = seen
    return patch
    # END SOLUTION
    # STUB: return ...


# %%
check("5.7", cut)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* Python counts a negative index from the end, so `image[-3:17]` is not what lies above the image but
# nothing at all. So the part inside is cut with indices that are not below zero, and put where it belongs.

# %% [markdown]
# Sixteen patches of each channel, with the value of the activation; move the slider to go through the channels.
# Beside them stand those of the same channel before training. Look for channels whose patches show *one* thing, and
# ask whether it is a colour, an edge, a texture, or a part of an animal or plant:


# %%
def patches_of(best, its_field, source) -> tuple[np.ndarray, np.ndarray]:
    """For each channel its k patches (C, k, h, w, 3), and what of them lies inside the image (C, k, h, w)."""
    cut_outs = [
        [cut_out(source.image(n), its_field.rectangle(*place)) for n, place in zip(numbers, places, strict=True)]
        for numbers, places in zip(best.indices, best.positions, strict=True)
    ]
    patches, inside = zip(*(zip(*channel, strict=True) for channel in cut_outs), strict=True)
    return np.array(patches), np.array(inside)


shown, inside = patches_of(found, field, data)
shown_untrained, inside_untrained = patches_of(found_untrained, field, data)
both = {
    "trained": (shown, inside, found.values),
    "untrained": (shown_untrained, inside_untrained, found_untrained.values),
}
patches.patch_browser(both, f"Sixteen favourites of each channel of {LAYER}")

# %% [markdown]
# Some channels may have nothing to show: their largest activation is 0 for all images. Behind a ReLU such a channel
# is *dead*, and all images are equally good to it. Ties go to the earlier image, so all dead channels have the same
# favourites, the first sixteen photographs, and these mean nothing. What follows looks at the living ones.

# %%
# NBVAL_CHECK_OUTPUT
alive = {"trained": found.values[:, -1] > 0, "untrained": found_untrained.values[:, -1] > 0}
fact("channels alive, trained", int(alive["trained"].sum()), 60, 64)
fact("channels alive, untrained", int(alive["untrained"].sum()), 56, 64)

# %% [markdown]
# **Exercise 5.8 (2 points, in words).** Choose three channels or more that live and say of each, in four words at
# least, what it seems to like.

# %%
# Exercise 5.8
# BEGIN SOLUTION
liked = {
    14: "smooth red surfaces of petals and of berries alike, with an edge at one side",
    1: "violet petals that stand upright side by side, mostly of one flower",
    13: "black and white stripes: the body of a single bee, seen again and again",
    25: "thin dark upright lines on light paper: legs, stems and tails, whatever they belong to",
}
for channel in liked:
    best = found.values[channel]
    how_many = len(set(objects[found.indices[channel]]))
    liked[channel] += f" (objects: {how_many}; activations: {best[0]:.1f} to {best[-1]:.1f})"
# END SOLUTION
# STUB: liked = {...: "YOUR ANSWER HERE", ...: "YOUR ANSWER HERE", ...: "YOUR ANSWER HERE"}

# %%
check("5.8", liked)

# %% [markdown]
# ### At the border
#
# This network has no padding, so none of its patches hangs over. What if it had? Here a twin with the same weights
# whose convolutions pad with zeros ("same"). Its maps reach up to the edge, and so do its patches; what is chequered
# lies outside of the image, where each layer sees zeros.


# %%
def with_padding(network: keras.Model) -> keras.Model:
    """The network up to the layer, with the same weights, its convolutions padded with zeros."""

    def padded(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        return layer.__class__.from_config(config | ({"padding": "same"} if "kernel_size" in config else {}))

    to_the_layer = keras.Model(network.input, network.get_layer(LAYER).output)
    twin = keras.models.clone_model(to_the_layer, clone_function=padded)
    twin.set_weights(to_the_layer.get_weights())
    return twin


some = data.of("test")
padded = with_padding(model)
padded_field = receptive_field(padded, LAYER)
found_padded = top_patches(padded, "", batches(some), k=8)
shown_padded, inside_padded = patches_of(found_padded, padded_field, some)
living = np.flatnonzero(found_padded.values[:, -1] > 0)
outside = 1 - inside_padded[living].mean(axis=(1, 2, 3))
most_outside = living[np.argsort(-outside)[:4]]
patches.patch_rows(
    shown_padded[most_outside],
    inside_padded[most_outside],
    found_padded.values[most_outside],
    [f"channel {c}" for c in most_outside],
    "With padding: the four channels that look outside most",
)

# %%
# NBVAL_CHECK_OUTPUT
hang_over = float((~inside_padded[living]).any(axis=(2, 3)).mean())
fact("rows of the map, with padding", padded.output.shape[1])
fact("share of the patches that hang over the edge, with padding", hang_over, 0.05, 0.2, digits=2)
squares = [padded_field.rectangle(i, j) for i in range(48) for j in range(48)]
units_over = np.mean([min(square) < 0 or max(square) > 96 for square in squares])
fact("share of the units whose square does, with padding", float(units_over), digits=2)

# %% [markdown]
# ## 6 · Is there anything in it? Two numbers
#
# Whoever looks at sixteen patches sees something in common; people are good at that. So two numbers, and for each
# what chance would give, and the untrained network.
#
# **One class?** Do the sixteen patches of a channel come from images of one class?
#
# **Exercise 5.9 (3 points).** Write `agreement`: from `classes` (C, k), whole numbers, the class of each of a
# channel's patches, the share of the class that is most frequent among them, (C,).


# %%
# Exercise 5.9
def agreement(classes: np.ndarray) -> np.ndarray:
    # BEGIN SOLUTION
    return np.array([np.bincount(row).max() / len(row) for row in classes])
    # END SOLUTION
    # STUB: return ...


# %%
check("5.9", agreement)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* `bincount` counts how often each class occurs in a row. By pure chance the share is not one in seven:
# among sixteen draws some class is always ahead.

# %%
kinds = {"trained": found, "untrained": found_untrained}
one_class = {kind: share_of_most_frequent(data.labels[top.indices[alive[kind]]]) for kind, top in kinds.items()}
drawn = np.random.default_rng(0).integers(len(data.labels), size=(10_000, K))
by_chance = share_of_most_frequent(data.labels[drawn])
between = tuple(np.quantile(by_chance, (0.05, 0.95)))
shares(one_class, between, "Do a channel's patches come from one class?", "share of the most frequent class")

# %%
# NBVAL_CHECK_OUTPUT
if SAMPLE:
    for kind, stated in {"trained": (0.6, 0.92), "untrained": (0.42, 0.66)}.items():
        fact(f"share of the most frequent class, {kind}", float(one_class[kind].mean()), *stated, digits=2)
    fact(
        "the same, trained less untrained",
        float(one_class["trained"].mean() - one_class["untrained"].mean()),
        0.03,
        0.42,
    )
    fact("share of the most frequent class, drawn at random", float(by_chance.mean()), 0.25, 0.32, digits=2)
    for kind, stated in {"trained": (3, 7.5), "untrained": (6, 9.5)}.items():
        different = np.mean([len(set(objects[numbers])) for numbers in kinds[kind].indices[alive[kind]]])
        fact(f"different objects among the sixteen, {kind}", float(different), *stated, digits=1)
    different = np.mean([len(set(objects[numbers])) for numbers in drawn])
    fact("different objects among sixteen drawn at random", float(different), 14, 16, digits=1)

# %% [markdown]
# Mind the last numbers. The sample shows each object in several photographs, the rarer kinds in dozens. A channel
# whose sixteen patches all show one hornet has "one class" too, but it has not learned what insects have in common.

# %% [markdown]
# **On the object?** In the sample each photograph has a mask that says where the animal or plant is. Which share of a
# patch lies on it? By chance, for a square of this size anywhere in any photograph, it would be less than the share
# of the image that is object, or more? Look at the shaded band:

# %%
if SAMPLE:
    masks = data.masks_of(range(len(data)))

    def share_on_object(numbers, places) -> float:
        """Which share of these squares, one of each photograph, lies on the object."""
        shares_of_each = []
        for number, place in zip(numbers, places, strict=True):
            top, left, bottom, right = field.rectangle(*place)
            shares_of_each.append(masks[number, top:bottom, left:right].mean())
        return float(np.mean(shares_of_each))

    on_object = {
        kind: np.array([share_on_object(best.indices[c], best.positions[c]) for c in np.flatnonzero(alive[kind])])
        for kind, best in kinds.items()
    }
    rng = np.random.default_rng(0)
    anywhere = [share_on_object(rng.integers(len(data), size=K), rng.integers(39, size=(K, 2))) for _ in range(1000)]
    low, high = np.quantile(anywhere, (0.05, 0.95))
    figure = shares(
        on_object,
        (low, high),
        "How much of a channel's patches lies on the object?",
        "share of the sixteen patches that lies on the object",
    )
figure if SAMPLE else "The full data have no masks."

# %%
# NBVAL_CHECK_OUTPUT
if SAMPLE:
    for kind, stated in {"trained": (0.43, 0.62), "untrained": (0.5, 0.7)}.items():
        fact(f"share of a patch that lies on the object, {kind}", float(on_object[kind].mean()), *stated, digits=2)
    fact("the same, anywhere in any photograph", float(np.mean(anywhere)), 0.3, 0.38, digits=2)
    fact("share of the photographs that is object", float(masks.mean()), 0.22, 0.27, digits=2)

# %% [markdown]
# So chance gives more than the share of the photographs that is object: a square does not hang over the edge, more
# squares cover the middle than the rim, and in the middle stands the object. Compare with the band, and not with this
# share.

# %% [markdown]
# **Exercise 5.10 (2 points, in words).** Trained and untrained: what do the patches say, the two numbers, and what do
# they not say? Use numbers.

# %%
# Exercise 5.10
# BEGIN SOLUTION
objects_seen = {
    kind: np.mean([len(set(objects[n])) for n in best.indices[alive[kind]]]) for kind, best in kinds.items()
}
# The full data have no masks.
on_it = {kind: on_object[kind].mean() if SAMPLE else np.nan for kind in kinds}
on_it_by_chance = np.mean(anywhere) if SAMPLE else np.nan
below, above = (sum(on_object["trained"] < low), sum(on_object["trained"] > high)) if SAMPLE else (np.nan, np.nan)
answer_5_10 = f"""
A trained channel's sixteen patches look more alike than an untrained one's: petals of one colour, stripes, thin dark
legs. The first number agrees: {one_class["trained"].mean():.2f} of them are of one class, against
{one_class["untrained"].mean():.2f} without learning and {by_chance.mean():.2f} by chance. So part of the way needs no
learning: random filters answer to colours and edges too, and these go with the class. And the patches show
{objects_seen["trained"]:.1f} different objects on average, against {objects_seen["untrained"]:.1f}: part of what was
learned are single objects, which the sample repeats, not what a class has in common. The second number: of a trained
channel's patches {on_it["trained"]:.2f} lies on the object, {on_it["untrained"]:.2f} without learning, and
{on_it_by_chance:.2f} of a square anywhere. So it does not rise by learning, but spreads: {above} trained channels
lie above what chance gives and {below} below it; these look at thin lines and outlines, and the rest of such a
square is paper. None of this says what the network does with a channel: for that, switch it off and measure.
"""
# END SOLUTION
# STUB: answer_5_10 = "YOUR ANSWER HERE"

# %%
check("5.10", answer_5_10)

# %% [markdown]
# ## 7 · One unit, seen four ways
#
# Four questions to one channel. *Weights*: what does it do with the 64 channels below it? *Patches*: which squares of
# real photographs excite it? *Optimised input*: which square would excite it most, if any may be drawn? *Occlusion*:
# what in its favourite photograph does it need?
#
# Choose a channel. Ours: of those whose patches are nearly all of one class, the one that shows most different
# objects. Look whether the four tell one story:

# %%
different_objects = np.array([len(set(objects[numbers])) for numbers in found.indices])
of_one_class = share_of_most_frequent(data.labels[found.indices]) >= 0.8
CHANNEL = int(np.where(of_one_class & alive["trained"], different_objects, 0).argmax())
weights = model.get_layer(LAYER).get_weights()[0][..., CHANNEL]  # (3, 3, 64)
# Behind a ReLU a unit that is silent at the start has no gradient, and from noise or grey this one is. So the search
# starts from the best patch, put where the middle unit sees it, on grey.
top, left, bottom, right = field.rectangle(*MIDDLE)
start = np.full((1, 96, 96, 3), 0.5, dtype=np.float32)
start[0, top:bottom, left:right] = shown[CHANNEL, 0]
drawn_for_it = maximize(
    model,
    [Unit(LAYER, CHANNEL, at=MIDDLE)],
    start=start,
    steps=200,
    learning_rate=0.02,
    bounds=(0, 1),
    regularizers=[TotalVariation(300)],
)
favourite = data.image(int(found.indices[CHANNEL, 0]))
heat = occlusion(model, favourite[np.newaxis], CHANNEL, layer=LAYER, window=12, stride=4, baseline="mean")[0]
four_views(
    weights,
    shown[CHANNEL],
    inside[CHANNEL],
    found.values[CHANNEL],
    cut_out(drawn_for_it.images[0], field.rectangle(*MIDDLE))[0],
    favourite,
    heat,
    f"Channel {CHANNEL} of {LAYER}, seen four ways",
)

# %% [markdown]
# And numbers for the same: how much of the occlusion map lies on the patch that the receptive field names, how far
# the drawn square goes beyond the best real one, and how many of the weights are positive.

# %%
# NBVAL_CHECK_OUTPUT
top, left, bottom, right = field.rectangle(*found.positions[CHANNEL, 0])
lost = np.clip(heat, 0, None)
mass_on_patch = float(lost[top:bottom, left:right].sum() / lost.sum())
fact("share of the occlusion map's mass on the best patch", mass_on_patch, 0.4, 0.95, digits=2)
fact("the patch's share of the photograph", (bottom - top) * (right - left) / heat.size)
beyond = float(drawn_for_it.history.activation[-1, 0] / found.values[CHANNEL, 0])
fact("activation of the drawn square, the best patch's being 1", beyond, 1.3, 5, digits=1)
fact("share of the weights that are positive", float((weights > 0).mean()), 0.3, 0.6, digits=2)
most_objects = int(different_objects[CHANNEL])

# %% [markdown]
# **Exercise 5.11 (2 points, in words).** Where do the four views agree, where do they contradict each other, and
# which of them would you show to somebody who asks what the channel does? Use numbers.

# %%
# Exercise 5.11
# BEGIN SOLUTION
answer_5_11 = f"""
Patches and occlusion agree on the place: {mass_on_patch:.0%} of what the activation loses is lost under the best
patch, which is {(bottom - top) * (right - left) / heat.size:.0%} of the photograph; the rest is due to windows that
touch the patch from outside. The drawn square began as the best patch and kept its colours and lines, so
that they agree is no wonder; but it reaches {beyond:.1f} times the activation with a mosaic that no photograph shows.
So the patches tell what the channel meets and not what it would like best. The weights tell least:
{(weights > 0).mean():.0%} are positive, spread over all {weights.shape[-1]} input channels, and one would have to know
what each of these likes. To somebody who asks, show the patches, with the untrained network's beside them and the
number of different objects, {most_objects}, under them.
"""
# END SOLUTION
# STUB: answer_5_11 = "YOUR ANSWER HERE"

# %%
check("5.11", answer_5_11)

# %% [markdown]
# ## 8 · What to take home
#
# - Know to the pixel what a unit sees before you say what it likes: size, stride and offset are three lines of
#   arithmetic, and a gradient checks them.
# - Keep the k best while the data stream by. Nothing needs to be in memory twice, or at all.
# - What hangs over the border belongs into the picture.
# - Sixteen patches always have something in common. Ask how much by chance, and how much without learning.
# - One picture of a unit is an anecdote. Four that agree are evidence.

# %%
progress()

# %% [markdown]
# ---
# *Credits.* The idea of the lab and its exercises 5.1 to 5.5 and 5.8 are those of "What Gets Neurons Excited?", a
# course notebook by Mario Stanke (University of Greifswald). Patches that excite a unit: R. Girshick et al., 2014
# (arXiv 1311.2524); M. Zeiler and R. Fergus, 2014 (arXiv 1311.2901). Receptive fields: A. Araujo, W. Norris and J.
# Sim, Distill, 2019; effective ones: W. Luo et al., 2016 (arXiv 1701.04128). First weights: K. He et al., 2015 (arXiv
# 1502.01852). The photographs of the sample come from the stamp collection of Tux Paint (GPL-2; `data/README.md` has
# the details).
