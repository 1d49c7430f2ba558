# %% [markdown]
# # Lab 4 · Activation maximization in Keras: why softmax spoils it, and what calm images cost
#
# Lab 3's idea in another framework: leave the weights alone and change the image until a unit fires. Here it is done
# the way the package *keras-vis* taught a generation of students, on a Keras of today. It begins with an experiment
# that half fails, and shows why.
#
# **You will be able to**
# - train a small Keras network and read its curves and its confusion matrix;
# - say why an output under softmax is a bad thing to maximize, and put a linear layer in its place without harming the
#   model;
# - choose the weight of a regulariser by a stated, measured criterion;
# - maximize two outputs at once, and hidden filters, and say what the images show and what not.
#
# **Time** about two hours; the machine needs about a minute of it. **You need** Python, NumPy, Keras' functional
# models and the idea of a gradient. Lab 3 is not needed.
#
# **Ten exercises, 25 points.** Each has a check that answers at once and names the mistake; `hint("4.1")` opens hints
# one by one. Answers in words, at least fifteen of them and with numbers, go to your instructor. Lines that look like
# `accuracy: measured 0.95, within the stated range: 0.93 to 0.97` are facts that this lab stands for; on other data
# or another machine a number may fall elsewhere.

# %%
# SET-UP
from labkit import setup

setup("lab4_mnist_activation_maximization_keras")

# %%
import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from labkit import check, done, fact, hint, progress, using
from labkit.datasets.image_batches import channels_last
from labkit.datasets.mnist import mnist
from labkit.figures import curves, measures, outputs
from labkit.figures import digits as digit_figures
from labkit.figures.animation import animation
from labkit.methods.activation_maximization import Reach, TotalVariation, Unit, maximize
from labkit.methods.activation_maximization import outputs as outputs_of
from labkit.models import digits_cnn, keras_ready, keras_untrained_twin

# %% [markdown]
# ## 1 · Digits, and a network that reads them
#
# Handwritten digits of MNIST, 28 × 28 grey pixels in [0, 1]: 0 is paper, 1 is ink. Three splits that share no image.

# %%
data = mnist()
using(data.source, data.why)
SAMPLE = data.source == "sample"
train_x, train_y = channels_last(data.train), data.train.labels
validation_x, validation_y = channels_last(data.validation), data.validation.labels
test_x, test_y = channels_last(data.test), data.test.labels

# %%
# NBVAL_CHECK_OUTPUT
if SAMPLE:
    fact("digits to train on", len(train_x))
    fact("digits to validate with", len(validation_x))
    fact("digits to test with", len(test_x))

# %%
model = keras_ready("digits_keras")
untrained = keras_untrained_twin("digits_keras")  # what it was before it learned

# %% [markdown]
# Three convolutions, with padding that keeps the size, and a pooling by 2 behind each: `l1` and `l2` have 9 filters
# of 5 × 5, `l3` has 16 of 3 × 3. Then two dense layers, `l4` with 25 units and `l5` with 10.
#
# **Exercise 4.1 (2 points).** How many numbers, weights and biases, does training have to find in each layer? Compute
# them by hand; the summary below the check says the same.

# %%
# Exercise 4.1
# BEGIN SOLUTION
parameters = {
    "l1": 9 * (5 * 5 * 1 + 1),
    "l2": 9 * (5 * 5 * 9 + 1),
    "l3": 16 * (3 * 3 * 9 + 1),
    "l4": 25 * (3 * 3 * 16 + 1),
    "l5": 10 * (25 + 1),
}
# END SOLUTION
# STUB: parameters = {"l1": ..., "l2": ..., "l3": ..., "l4": ..., "l5": ...}

# %%
check("4.1", parameters)

# %%
model.summary()

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* a filter is as deep as its input and has one bias. Three poolings by 2 leave 28 → 14 → 7 → 3, so the dense
# layer gets 3 · 3 · 16 numbers.

# %% [markdown]
# ### How it is trained
#
# RMSprop, ten epochs, as in the original course. Here with a fresh network, `reader`, some ten seconds. It begins
# with other weights than the ready-trained one did, and in section 4 it will be the judge of that one's images. Look
# at the gap between the two lines, and whether it grows:

# %%
EPOCHS = 10 if SAMPLE else 3
keras.utils.set_random_seed(100)
reader = digits_cnn(seed=100)
reader.compile(keras.optimizers.RMSprop(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = reader.fit(
    train_x, train_y, batch_size=32, epochs=EPOCHS, validation_data=(validation_x, validation_y), verbose=0
).history
learned = {"train": history["accuracy"], "validation": history["val_accuracy"]}
curves.over_fitting({"reader": learned}, f"Accuracy over {EPOCHS} epochs")

# %% [markdown]
# And the ready-trained network's mistakes, on digits that neither training nor any choice has seen. Look for the
# darkest cell off the diagonal:

# %%
predicted = model.predict(test_x, verbose=0).argmax(axis=1)
confused = pd.crosstab(test_y, predicted).reindex(index=range(10), columns=range(10), fill_value=0).to_numpy()
measures.confusion(confused, data.classes, "Which digits are taken for which")

# %%
# NBVAL_CHECK_OUTPUT
fact("test accuracy", float((predicted == test_y).mean()), 0.94, 0.98)
untrained_predicted = untrained.predict(test_x, verbose=0).argmax(axis=1)
fact("test accuracy, untrained", float((untrained_predicted == test_y).mean()), 0.03, 0.25)

# %% [markdown]
# **Exercise 4.2 (2 points, in words).** What do the curves say about over-fitting? Which digits does the network
# confuse most, and can you see why?

# %%
# Exercise 4.2
# BEGIN SOLUTION
off = confused - np.diag(np.diag(confused))
one, other = np.unravel_index(off.argmax(), off.shape)
recognised = np.diag(confused) / confused.sum(axis=1)
answer_4_2 = f"""
The reader's training accuracy ends at {history["accuracy"][-1]:.3f}, the validation accuracy at
{history["val_accuracy"][-1]:.3f}; its best, {max(history["val_accuracy"]):.3f}, came after epoch
{int(np.argmax(history["val_accuracy"])) + 1}. The gap of
{history["accuracy"][-1] - history["val_accuracy"][-1]:.3f} was learned by heart, which is little for so few digits.
The ready-trained network makes {off.sum()} mistakes in {len(test_y)} digits. Most often a digit {one} was read as
{other}, {off[one, other]} times, against {off[other, one]} the other way round. Worst recognised is the
{recognised.argmin()}, with {recognised.min():.2f}, best the {recognised.argmax()}, with {recognised.max():.2f}.
With so few mistakes the order of the pairs is largely chance. A stroke more or less, or a loop that is closed or
not, makes one digit of the other.
"""
# END SOLUTION
# STUB: answer_4_2 = "YOUR ANSWER HERE"

# %%
check("4.2", answer_4_2)

# %% [markdown]
# ## 2 · Maximizing an output under softmax
#
# The obvious try: begin with faint noise and follow the gradient of an output, a probability, for 200 steps. Pixels
# are kept in [0, 1]. In the second row the same for the *logit* of the output, that is, with a linear last layer.
# Look at the confidence beneath, and then at how much ink there is.

# %%
how = {"steps": 200, "bounds": (0, 1), "learning_rate": 0.05}
under_softmax = maximize(model, range(10), **how)
under_linear = maximize(model, range(10), linear_output=True, **how)
digit_figures.ten_digits(
    {"softmax": under_softmax.images, "linear": under_linear.images},
    {"softmax": under_softmax.history.confidence[-1], "linear": under_linear.history.confidence[-1]},
    "Ten outputs, maximized under softmax and under a linear layer",
)

# %% [markdown]
# Confidence is no measure of the two: one search asks for nothing else, and the other not at all, so that with some
# networks one or two of its ten images end far below 1, since another output has risen along with the wanted one. The
# logits tell: the softmax search comes to rest as soon as the probability is nearly 1, long before the output has
# shown what it would like to see.

# %%
# NBVAL_CHECK_OUTPUT
blank = np.zeros((1, 28, 28, 1), dtype="float32")
blank_logits = outputs_of(model, blank, linear_output=True)[0]


def wanted_gain(images: np.ndarray) -> float:
    """How far the wanted logit rose above that of blank paper, the mean over one image per digit."""
    return float(np.diag(outputs_of(model, images, linear_output=True) - blank_logits).mean())


gain_softmax, gain_linear = wanted_gain(under_softmax.images), wanted_gain(under_linear.images)
fact("least confidence, softmax", under_softmax.history.confidence[-1].min(), 0.99, 1.0, digits=2)
fact("linear: of ten images with a confidence above 0.9", int((under_linear.history.confidence[-1] > 0.9).sum()), 7, 10)
fact("softmax: the wanted logit rose by", gain_softmax, 13, 19, digits=1)
fact("linear: the wanted logit rose by", gain_linear, 36, 55, digits=1)

# %% [markdown]
# ### Why: what moves a probability
#
# Softmax divides by what all outputs have together:
#
# ```text
# p[k] = exp(a[k]) / Σⱼ exp(a[j])
# ```
#
# So p[k] rises when a[k] rises, and *also when the others fall*. By how much? The gradient tells.
#
# **Exercise 4.3 (3 points).** Write `softmax_gradient`: the derivatives of the probability of `unit` with respect to
# each logit, a NumPy array (C,).


# %%
# Exercise 4.3
def softmax_gradient(logits: np.ndarray, unit: int) -> np.ndarray:
    # BEGIN SOLUTION
    p = np.exp(logits - np.max(logits))
    p = p / p.sum()
    return p[unit] * (np.eye(len(p))[unit] - p)
    # END SOLUTION
    # STUB: return ...


# %%
check("4.3", softmax_gradient)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* the quotient rule gives p[k](1 − p[k]) for the unit itself and −p[k]·p[j] for another. The others' entries
# add up to just the unit's own with a minus: as much push goes into lowering them as into raising the unit. And with
# p[k] near 0 or 1 all of it is near zero.

# %% [markdown]
# ### The experiment: real digits as the start
#
# Two things follow, and both can be tested. Where p[k] is nearly 0, the search should not begin at all. And where it
# moves, it should push down the output that is ahead. So set out from 100 real digits that are no 3, and ask for a 3.
#
# Adam divides the gradient by its own size, which hides how small it is, but only down to about 10⁻⁸. Below that
# nothing moves.

# %%
starts, true = test_x[test_y != 3][:100], test_y[test_y != 3][:100]
from_digits = {
    "softmax": maximize(model, [3] * 100, start=starts, **how),
    "linear": maximize(model, [3] * 100, start=starts, linear_output=True, **how),
}
stuck = np.abs(from_digits["softmax"].images - starts).max(axis=(1, 2, 3)) < 0.01
turned = {way: found.history.confidence[-1] > 0.5 for way, found in from_digits.items()}

# %%
# NBVAL_CHECK_OUTPUT
fact("softmax: of 100 digits turned into a 3", int(turned["softmax"].sum()), 60, 95)
fact("linear: of 100 digits turned into a 3", int(turned["linear"].sum()), 98, 100)
fact("softmax: of 100 digits in which no pixel moved by 0.01", int(stuck.sum()), 8, 35)
p_start = from_digits["softmax"].history.confidence[0]
fact(
    "median log10 probability of 3 at the start, stuck", float(np.log10(np.median(p_start[stuck]))), -18, -12, digits=1
)
fact("the same, turned", float(np.log10(np.median(p_start[turned["softmax"]]))), -9, -5, digits=1)

# %% [markdown]
# What did the other logits do? Here for the first digit that both searches turned into a 3. Two lines matter: the
# orange one, which was to rise, and the blue one, which was ahead before, with its ring furthest to the right. Compare
# their two lengths within each panel. The grey ones go along, for all outputs hang on the same hidden units.

# %%
both_turned = turned["softmax"] & turned["linear"]
logits_before = outputs_of(model, starts, linear_output=True)
logits_after = {way: outputs_of(model, found.images, linear_output=True) for way, found in from_digits.items()}
example = int(np.flatnonzero(both_turned)[0])
outputs.logit_moves(
    {way: (logits_before[example], after[example]) for way, after in logits_after.items()},
    3,
    f"What the logits did while a real {true[example]} became a 3",
)

# %% [markdown]
# One digit proves nothing. So over all that both turned: the *lead* is the logit of 3 less that of the digit's true
# class. It grows by what the first gains and by what the second loses. Which share is the second?


# %%
def moved(way: str) -> tuple[float, float]:
    """Mean change of the logit of 3 and of the true class's, over the digits that both searches turned."""
    change = (logits_after[way] - logits_before)[both_turned]
    return float(change[:, 3].mean()), float(change[np.arange(len(change)), true[both_turned]].mean())


own_softmax, rival_softmax = moved("softmax")
own_linear, rival_linear = moved("linear")
share_softmax = -rival_softmax / (own_softmax - rival_softmax)
share_linear = -rival_linear / (own_linear - rival_linear)
pd.DataFrame(
    {
        "the logit of 3": [own_softmax, own_linear],
        "the true class's logit": [rival_softmax, rival_linear],
        "share of its fall in the lead": [share_softmax, share_linear],
    },
    index=["softmax", "linear"],
).round(2)

# %%
# NBVAL_CHECK_OUTPUT
fact("softmax: share of the lead that comes from pushing down the other", share_softmax, 0.37, 0.57, digits=2)
fact("linear: share of the lead that comes from pushing down the other", share_linear, 0.12, 0.38, digits=2)
fact("the share is larger under softmax", bool(share_softmax > share_linear))

# %% [markdown]
# **Exercise 4.4 (2 points, in words).** What goes wrong under softmax? Use the moves of the logits, and the gradient
# of exercise 4.3.

# %%
# Exercise 4.4
# BEGIN SOLUTION
answer_4_4 = f"""
Three things. First, it may not begin. {stuck.sum()} of 100 real digits did not move: their median probability of 3
is {np.median(p_start[stuck]):.0e}, and every entry of the gradient has this factor. The linear search turned
{turned["linear"].sum()} of 100. Second, it stops early. From noise, where p is about 0.1, it does reach probability
1, but there the factor 1 - p is gone: the wanted logit rose by {gain_softmax:.1f}, and by {gain_linear:.1f} under
the linear layer, which is why the images are pale. Third, it does in part what nobody asked for. The entries of the
others add up to as much as the unit's own, and with one rival ahead nearly all of that falls on it:
{share_softmax:.0%} of the lead over the true class came from pushing that one down, against {share_linear:.0%}
under the linear layer. Some of it happens there too, for the classes share hidden units. So the image shows what is
not another digit as much as what is a 3.
"""
# END SOLUTION
# STUB: answer_4_4 = "YOUR ANSWER HERE"

# %%
check("4.4", answer_4_4)

# %% [markdown]
# **Exercise 4.5 (3 points).** Write `linear_twin`: a Keras model that gives the logits of a model whose last layer is
# a `Dense` with softmax. It has the model's weights, and the model stays as it is.


# %%
# Exercise 4.5
def linear_twin(model: keras.Model) -> keras.Model:
    # BEGIN SOLUTION
    last = model.layers[-1]
    logits = keras.layers.Dense(last.units, activation="linear")
    twin = keras.Model(model.input, logits(last.input))
    logits.set_weights(last.get_weights())
    return twin
    # END SOLUTION
    # STUB: return ...


# %%
check("4.5", linear_twin)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* the twin shares all layers but the last, and the new last one gets a copy of the weights. To set
# `model.layers[-1].activation = linear`, as keras-vis did, changes the user's model: it gives no probabilities any
# more, and since the largest logit is the largest probability, every accuracy still comes out right and nobody
# notices.

# %% [markdown]
# ## 3 · The ascent, step by step
#
# **Exercise 4.6 (4 points).** Write `gradient_ascent`: `steps` times add `rate` times the gradient of the model's
# output `unit` to the image, and after each step cut the values to [0, 1]. No Adam: no momentum, no scaling. The
# model runs as for evaluation. It and `start`, a NumPy array (1, 28, 28, 1), stay as they are; return the image.


# %%
# Exercise 4.6
def gradient_ascent(model: keras.Model, unit: int, start, steps: int, rate: float):
    # BEGIN SOLUTION
    image = tf.convert_to_tensor(start)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(image)
            activation = model(image, training=False)[0, unit]
        image = tf.clip_by_value(image + rate * tape.gradient(activation, image), 0.0, 1.0)
    return image
    # END SOLUTION
    # STUB: return ...


# %%
check("4.6", gradient_ascent)

# %% [markdown]
# <!-- SOLUTION ONLY -->
# *Why so:* a tensor that is no variable must be watched, else there is no gradient. Upwards, so plus.
# `training=False` keeps dropout and batch norm, where a model has them, as in use.

# %% [markdown]
# Your two functions at work: fifty plain steps from blank paper towards a 3, on your linear twin.

# %%
if done("4.5", "4.6"):
    ascended = gradient_ascent(linear_twin(model), 3, blank, steps=50, rate=0.05)
    reached = outputs_of(model, ascended, linear_output=True)[0, 3]
    print(f"logit of 3: {blank_logits[3]:.1f} on blank paper, {reached:.1f} after 50 plain steps")

# %% [markdown]
# `maximize` takes Adam's steps, compiles them, and does all ten outputs in one batch. For those who know keras-vis:
#
# | keras-vis | here, from `labkit.methods.activation_maximization` |
# |---|---|
# | `visualize_activation(model, layer_idx, 3)` | `maximize(model, [3])`, or `[Unit("l2", 3)]` for a hidden filter |
# | `filter_indices=[1, 7]`, both at once | `[{1: 1, 7: 1}]`, or other weights between them |
# | `layer.activation = linear`, `apply_modifications(model)` | `linear_output=True`; the model stays as it is |
# | `input_range=(0, 1)` | `bounds=(0, 1)`, kept at each step; keras-vis stretched the finished image to it |
# | `tv_weight` | `regularizers=[TotalVariation(w)]`: absolute differences, where keras-vis squared them |
# | `lp_norm_weight` | `regularizers=[LpNorm(w, p=6)]`: without the root; like `tv_weight` it must be found anew |
# | `input_modifiers=[Jitter()]` | `modifiers=[Jitter(2)]` |

# %% [markdown]
# ## 4 · How calm shall the image be?
#
# *Total variation* is a price for pixels that differ from their neighbours. Weights from 0.125 to 16, as in the
# original course, but for all ten outputs and from three starts each, so that no single image decides. keras-vis had
# another price (squared differences) and other steps, so its numbers mean nothing here: ours are multiplied by 40,
# which makes them 5 to 640, too little at one end and too much at the other. Look along a row for the weight at which
# the speckle goes, and for the one at which the digit goes. A good part of the last column is as good as empty.

# %%
WEIGHTS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]
SCALE = 40
STARTS = 3
wanted = list(range(10)) * STARTS
noise = np.random.default_rng(0).normal(0, 0.01, (STARTS, 28, 28, 1)).repeat(10, axis=0)
by_weight = {
    w: maximize(model, wanted, start=noise, linear_output=True, regularizers=[TotalVariation(SCALE * w)], **how).images
    for w in WEIGHTS
}
digit_figures.image_grid(
    [[by_weight[w][output] for w in WEIGHTS] for output in (0, 3, 8)],
    ["output 0", "output 3", "output 8"],
    [f"TV {w:g}" for w in WEIGHTS],
    None,
    f"The weight of total variation, to be multiplied by {SCALE}",
)

# %% [markdown]
# Paper that stays empty here is a verdict on the *price*, not on the output: what strokes such as those of section 2
# would cost at this weight is more than they would raise the logit by, so the search is better off without them.

# %%
# NBVAL_CHECK_OUTPUT
dearest = by_weight[WEIGHTS[-1]]
cost = float(np.mean(TotalVariation(SCALE * WEIGHTS[-1])(under_linear.images)))
empty_at_most = int((dearest.max(axis=(1, 2, 3)) < 0.25).sum())
gain_at_most = float(
    (outputs_of(model, dearest, linear_output=True) - blank_logits)[np.arange(len(wanted)), wanted].mean()
)
fact(
    "largest weight: what the images of section 2 would cost, in what they raise the logit by",
    cost / gain_linear,
    3.5,
    9.5,
    digits=1,
)
fact("largest weight: of 30 images without a pixel of more than a quarter of ink", empty_at_most, 22, 30)
fact("largest weight: the wanted logit rose all the same by", gain_at_most, 0, 6, digits=1)

# %% [markdown]
# "The best" is a word for a criterion, and the network itself is a poor judge: it was sure of the speckled images of
# section 2 as well. Ours has two parts.
#
# 1. **What does another reader see?** The network that was trained in section 1 knows neither these images nor the
#    network that they were made for. Its mean probability of the wanted digit shall not lie below the best one by
#    more than two standard errors.
# 2. **Is the image as calm as a digit?** Among these weights the one whose total variation is nearest to that of real
#    digits.


# %%
def variation(images: np.ndarray) -> float:
    """Mean total variation of images (N, 28, 28, 1)."""
    return float(np.mean(TotalVariation(1)(images)))


read = {w: reader.predict(images, verbose=0)[np.arange(len(wanted)), wanted] for w, images in by_weight.items()}
table = pd.DataFrame(
    {
        "reader": {w: float(p.mean()) for w, p in read.items()},
        "standard error": {w: float(p.std(ddof=1) / len(p) ** 0.5) for w, p in read.items()},
        "total variation": {w: variation(images) for w, images in by_weight.items()},
    }
)
digit_like = variation(test_x)
top = table.loc[table["reader"].idxmax()]
least = float(top["reader"] - 2 * top["standard error"])
readable = table[table["reader"] >= least]
best = float(np.log(readable["total variation"] / digit_like).abs().idxmin())
print(f"total variation of real digits: {digit_like:.3f}; chosen: {best:g}")
table.round(3)

# %% [markdown]
# The same as curves, with both parts of the criterion: left the weights above the dotted line may be chosen, right the
# one of them nearest to the dotted line is. Look how much the bars of the small weights overlap, and where the curve
# falls by more than they are long:

# %%
curves.criterion_by_weight(
    WEIGHTS,
    {"reader's probability": table["reader"], "total variation": table["total variation"]},
    best,
    "Which weight is best?",
    errors={"reader's probability": table["standard error"]},
    levels={
        "reader's probability": (least, "the best less two standard errors"),
        "total variation": (digit_like, "real digits"),
    },
)

# %%
# NBVAL_CHECK_OUTPUT
at_best, at_most = table.loc[best], table.loc[WEIGHTS[-1]]
fact("the reader's probability at the chosen weight", at_best["reader"], 0.4, 0.9, digits=2)
fact("the reader's probability at the largest weight", at_most["reader"], 0.05, 0.3, digits=2)
in_digits = table["total variation"] / digit_like
fact("total variation at the smallest weight, real digits being 1", in_digits.iloc[0], 2.2, 3.4, digits=2)
fact("total variation at the chosen weight, real digits being 1", in_digits[best], 0.75, 1.5, digits=2)
fact("the chosen weight lies between the ends", WEIGHTS[0] < best < WEIGHTS[-1])

# %% [markdown]
# **Exercise 4.7 (3 points).** Choose a weight. Say by which criterion (ours, or one of your own), what it scores, and
# why you trust it: what speaks against your criterion?

# %%
# Exercise 4.7
# BEGIN SOLUTION
tv_choice = {
    "weight": best,
    "criterion": "as calm as real digits, among those that an independently trained network reads as well as any",
    "score": float(at_best["reader"]),
    "why": f"""
The reader gives {at_best["reader"]:.2f} at this weight, {table["reader"].iloc[0]:.2f} at the smallest and
{at_most["reader"]:.2f} at the largest. With 30 images the standard error is about {at_best["standard error"]:.2f},
so most of the weights cannot be told apart by the reader alone: speckle does not disturb it much, only the price at
the far end does. That is why calm decides among them: {at_best["total variation"]:.3f} here against
{digit_like:.3f} in real digits. Against it speaks that one reader is one network, of the same make and fed with the
same digits, so it may share the model's blind spots; that 30 images are few; and that an image may be calm, read by
both, and still look like no digit to a person.
""",
}
# END SOLUTION
# STUB: tv_choice = {"weight": ..., "criterion": "YOUR ANSWER HERE", "score": ..., "why": "YOUR ANSWER HERE"}

# %%
check("4.7", tv_choice)

# %% [markdown]
# All ten outputs with that weight, beside the untrained network. Its logits hardly move, so the same price would buy
# nothing but blank paper: its weight is made smaller in proportion to what its logits gain without any price. Look
# for strokes in the first row, and for anything at all in the second.

# %%
weight = SCALE * (tv_choice["weight"] if done("4.7", instead=f"shown with the weight {best:g}") else best)
calm = {"linear_output": True, "regularizers": [TotalVariation(weight)], **how}
ten = maximize(model, range(10), images_every=5, **calm)

free_untrained = maximize(untrained, range(10), linear_output=True, **how).history.activation
weaker = float(np.ptp(free_untrained, axis=0).mean()) / gain_linear
calm_untrained = calm | {"regularizers": [TotalVariation(weight * weaker)]}
ten_untrained = maximize(untrained, range(10), **calm_untrained)
digit_figures.ten_digits(
    {"trained": ten.images, "untrained": ten_untrained.images},
    {"trained": ten.history.confidence[-1], "untrained": ten_untrained.history.confidence[-1]},
    "Ten outputs with total variation",
)

# %%
# NBVAL_CHECK_OUTPUT
read_untrained = np.diag(reader.predict(ten_untrained.images, verbose=0)).mean()
fact("gain of the untrained network's logits, in the trained one's", weaker, 0.01, 0.04)
fact("with TV: of ten images with a confidence above 0.9", int((ten.history.confidence[-1] > 0.9).sum()), 8, 10)
fact("the reader's probability for the untrained network's images", read_untrained, 0.02, 0.2, digits=2)

# %% [markdown]
# How they were built. Watch which strokes come first, and how long confidence has been near 100 % while ink still
# comes:

# %%
shown = ten.history.steps
animation(ten.history.images, shown, "Ten outputs", names=data.classes, confidence=ten.history.confidence[shown])

# %% [markdown]
# ## 5 · Two outputs at once
#
# Can one image be a 4 *and* a 9? Pairs of like shape, 1 and 7, 4 and 9, and of unlike shape, 0 and 1, 7 and 8. And a
# number for each: do both probabilities rise above those of blank paper, and how high is the smaller one?
#
# **Exercise 4.8 (2 points).** Write `both`: from the probabilities before and after, (10,) each, and a pair of
# digits: the rise of the first, the rise of the second, and the smaller of their two probabilities afterwards.


# %%
# Exercise 4.8
def both(before: np.ndarray, after: np.ndarray, pair: tuple[int, int]) -> tuple[float, float, float]:
    # BEGIN SOLUTION
    first, second = pair
    return after[first] - before[first], after[second] - before[second], min(after[first], after[second])
    # END SOLUTION
    # STUB: return ..., ..., ...


# %%
check("4.8", both)

# %% [markdown]
# Two ways to ask for both. The price for calm is milder than before, so that there is room for two digits. *Logits*:
# the mean of the two is raised (keras-vis raised their sum). *Probability*: the geometric mean of the two
# probabilities shall reach one half, which it can only if each is one half. Beneath stand both probabilities. Look
# for shapes that serve both digits.

# %%
PAIRS = [(1, 7), (4, 9), (0, 1), (7, 8)]
halves = [{a: 0.5, b: 0.5} for a, b in PAIRS]
pairs = {
    "logits": maximize(model, halves, linear_output=True, regularizers=[TotalVariation(SCALE)], **how).images,
    "probability": maximize(model, halves, objective=Reach(0.5), regularizers=[TotalVariation(1)], **how).images,
}
after = {way: outputs_of(model, images) for way, images in pairs.items()}
names = [f"{a} and {b}" for a, b in PAIRS]
digit_figures.image_grid(
    [list(images) for images in pairs.values()],
    list(pairs),
    names,
    [[f"{p[a]:.2f} and {p[b]:.2f}" for p, (a, b) in zip(found, PAIRS, strict=True)] for found in after.values()],
    "Two outputs at once",
)

# %% [markdown]
# The table has your three numbers, what the network takes the image for, and what the reader says of the pair:

# %%
blank_probabilities = outputs_of(model, blank)[0]
rows = []
if done("4.8"):
    for way, images in pairs.items():
        read_as = reader.predict(images, verbose=0)
        for i, pair in enumerate(PAIRS):
            three = both(blank_probabilities, after[way][i], pair)
            rows.append([way, names[i], *three, after[way][i].argmax(), min(read_as[i, list(pair)])])
columns = ["way", "pair", "rise of the first", "rise of the second", "the smaller", "taken for", "the smaller, reader"]
pd.DataFrame(rows, columns=columns).round(3)

# %%
# NBVAL_CHECK_OUTPUT
smaller = {
    way: [float(min(p[list(pair)])) for p, pair in zip(found, PAIRS, strict=True)] for way, found in after.items()
}
smaller_of = pd.DataFrame(smaller, index=names)
fact("logits: mean of the four smaller probabilities", smaller_of["logits"].mean(), 0, 0.1, digits=2)
fact("probability: mean of the four smaller probabilities", smaller_of["probability"].mean(), 0.44, 0.5, digits=2)
like, unlike = smaller_of["probability"][:2].mean(), smaller_of["probability"][2:].mean()
fact("probability: like pairs less unlike pairs", like - unlike, -0.03, 0.03, digits=2)
pair_logits = outputs_of(model, pairs["logits"], linear_output=True)
gains = [row[digit] - blank_logits[digit] for row, pair in zip(pair_logits, PAIRS, strict=True) for digit in pair]
fact("logits: of eight so many rise", sum(gain > 0 for gain in gains), 7, 8)

# %% [markdown]
# **Exercise 4.9 (2 points, in words).** For which pairs do both probabilities rise? Is it a matter of like and unlike
# shapes? What does softmax have to do with it?

# %%
# Exercise 4.9
# BEGIN SOLUTION
apart = [abs(float(row[a] - row[b])) for row, (a, b) in zip(pair_logits, PAIRS, strict=True)]
told = {way: ", ".join(f"{name}: {p:.2f}" for name, p in smaller_of[way].items()) for way in smaller_of}
seen = [row[-1] for row in rows if row[0] == "probability"]
answer_4_9 = f"""
When logits are raised, the smaller probabilities are {told["logits"]}. Of the eight logits
{sum(gain > 0 for gain in gains)} rise, but those of a pair end up {min(apart):.1f} to {max(apart):.1f} apart, and
softmax makes of a difference d a ratio of exp(d). The sum of the two has no reason to keep them level, and a third
output may even come out on top, since it is no part of what is maximized. When the probabilities themselves are
asked for, both rise for all four pairs: {told["probability"]}. That is {like:.2f} on average for like shapes and
{unlike:.2f} for unlike ones; they share a sum of 1, so 0.5 is the most. So it is not a matter of shape but of what
is asked for: there is some pattern between two classes on which the network is undecided. That somebody else sees
both digits in it is another matter: the smaller of the reader's two probabilities is {min(seen):.2f} to
{max(seen):.2f}.
"""
# END SOLUTION
# STUB: answer_4_9 = "YOUR ANSWER HERE"

# %%
check("4.9", answer_4_9)

# %% [markdown]
# ## 6 · Hidden filters
#
# A filter of a convolution has a whole map of activations. First *one place* in the middle of it: what can the filter
# see from there? 5 × 5 pixels in the first layer, 14 × 14 in the second, 24 × 24 in the third. No regulariser. Look
# for the size of the windows, and for empty ones: there are many.

# %%
MIDDLE = {"l1": (14, 14), "l2": (7, 7), "l3": (3, 3)}
SHOWN = 9  # filters per layer
windows = {
    layer: maximize(model, [Unit(layer, i, at=place) for i in range(SHOWN)], **how) for layer, place in MIDDLE.items()
}
digit_figures.image_grid(
    [list(found.images) for found in windows.values()],
    list(windows),
    [f"filter {i}" for i in range(SHOWN)],
    [[f"{a:.1f}" for a in found.history.activation[-1]] for found in windows.values()],
    "What excites one place of a filter's map",
)

# %% [markdown]
# In the first layer the answer can be read off the weights: ink where the weight is positive, paper where it is
# negative.
#
# ### Why a picture stays empty
#
# In section 4 the paper was empty because strokes were too dear. Here nothing costs anything, and the reason is
# another one. Behind the filter stands a ReLU, which gives 0 for all that is negative, with the gradient 0. A filter
# that is silent at the start therefore gets no hint in which direction to go, and *the search never begins*. What you
# see is the faint noise that it set out from, to the last bit. Of the filter the picture says nothing, not even that
# it is dead.

# %%
# NBVAL_CHECK_OUTPUT
kernels = model.get_layer("l1").get_weights()[0][:, :, 0]  # (5, 5, filters)
awake = np.flatnonzero(windows["l1"].history.activation[-1] > 0)
ink = windows["l1"].images[:, 12:17, 12:17, 0] > 0.5
fact("l1: windows are the positive weights", all(np.array_equal(ink[i], kernels[:, :, i] > 0) for i in awake))
silent = {layer: np.flatnonzero(found.history.activation[-1] <= 0) for layer, found in windows.items()}
answers_to_digits = {
    layer: outputs_of(model, test_x[:500], layer=layer)[:, row, column].max(axis=0) > 0
    for layer, (row, column) in MIDDLE.items()
}
fact(f"of {len(MIDDLE) * SHOWN} windows the search left empty", sum(len(which) for which in silent.values()), 10, 22)
fact(
    "of these filters silent for real digits too", sum(int((~answers_to_digits[k][v]).sum()) for k, v in silent.items())
)
set_out = maximize(model, [0], **how | {"steps": 0}).images  # a search of no steps gives back its start
moved_in_empty = max(float(np.abs(windows[layer].images[which] - set_out).max()) for layer, which in silent.items())
fact("in the empty windows no pixel has moved", moved_in_empty == 0)

# %% [markdown]
# Two things to do about it: compare an empty picture with its start, and set out from elsewhere. Here from the real
# digit, of the first 500, that excites the filter's place most. Look what becomes of the digit within the filter's
# window, and that all around it stays:

# %%
favourites, woken = {}, {}
for layer, which in silent.items():
    if len(which) > 0:
        row, column = MIDDLE[layer]
        digits_answers = outputs_of(model, test_x[:500], layer=layer)[:, row, column, which]
        favourites[layer] = test_x[digits_answers.argmax(axis=0)]
        units = [Unit(layer, i, at=MIDDLE[layer]) for i in which]
        woken[layer] = maximize(model, units, start=favourites[layer], **how)
few = [(layer, place) for layer in woken for place in range(min(3, len(favourites[layer])))]
answers = [[woken[layer].history.activation[step, place] for layer, place in few] for step in (0, -1)]
digit_figures.image_grid(
    [
        [windows[layer].images[silent[layer][place]] for layer, place in few],
        [favourites[layer][place] for layer, place in few],
        [woken[layer].images[place] for layer, place in few],
    ],
    ["from noise", "a real digit", "from that digit"],
    [f"{layer}, filter {silent[layer][place]}" for layer, place in few],
    [[f"{activation:.1f}" for activation in row] for row in ([0.0] * len(few), *answers)],
    "Filters whose windows stayed empty, woken by a real digit",
)

# %%
# NBVAL_CHECK_OUTPUT
higher = {layer: found.history.activation[-1] > found.history.activation[0] for layer, found in woken.items()}
fact("of these filters raised from a real digit on", sum(int(rises.sum()) for rises in higher.values()), 8, 22)
fact("the search raised all of them", all(rises.all() for rises in higher.values()))

# %% [markdown]
# ### The whole map
#
# Now *the whole map*, as keras-vis had it: the mean of all its places is raised, so a pattern that repeats pays. The
# untrained network stands beside it, under the same conditions. Look for stripes, and for what the untrained one has
# instead. An empty picture is here too a filter that was silent at the start, now at every place.

# %%
channels = {}
for layer in MIDDLE:
    filters = [Unit(layer, i) for i in range(model.get_layer(layer).filters)]
    channels[layer] = maximize(model, filters, **how)
    channels[f"{layer}, untrained"] = maximize(untrained, filters, **how)
digit_figures.image_grid(
    [list(found.images[:SHOWN]) for found in channels.values()],
    list(channels),
    [f"filter {i}" for i in range(SHOWN)],
    [[f"{a:.2f}" for a in found.history.activation[-1][:SHOWN]] for found in channels.values()],
    "What excites the filters of each layer",
)

# %%
# NBVAL_CHECK_OUTPUT
rough = {name: variation(found.images[found.history.activation[-1] > 0]) for name, found in channels.items()}
for layer in ("l2", "l3"):
    fact(f"total variation, {layer}", rough[layer], 0.22, 0.5, digits=2)
    fact(f"total variation, {layer}, untrained", rough[f"{layer}, untrained"], 0.7, 1.2, digits=2)

# %% [markdown]
# **Exercise 4.10 (2 points, in words).** What changes from layer to layer, and what is different in the trained
# network? What is activation maximization good for in understanding a network, and what does it not show?

# %%
# Exercise 4.10
# BEGIN SOLUTION
middle = {layer: float(channels[layer].history.activation[-1].mean()) for layer in MIDDLE}
answer_4_10 = f"""
From layer to layer the window grows, from 5 to 14 to 24 pixels, the mean activation that is reached goes from
{middle["l1"]:.1f} to {middle["l2"]:.1f} and {middle["l3"]:.1f}, and the patterns go from plain ink and stripes to
bends and crossings. Training made them coherent: the total variation is {rough["l3"]:.2f} in the images of l3, and
{rough["l3, untrained"]:.2f} in those of the untrained network, which are salt and pepper though nothing forbade
strokes. That is a finding about learning, since all else was the same. The method can find what a unit
answers to beyond the data, or a filter that wants plain ink or nothing but a border. It does not show what the unit
does on real digits: {sum(len(which) for which in silent.values())} of {3 * SHOWN} windows stayed empty for reasons
of the start alone, and from a real digit on {sum(int(rises.sum()) for rises in higher.values())} of these filters
could be raised. One image is one of many that excite the unit, its look depends on start, bounds and price, and
it proves nothing about what the network makes of the unit: for that, switch it off and measure.
"""
# END SOLUTION
# STUB: answer_4_10 = "YOUR ANSWER HERE"

# %%
check("4.10", answer_4_10)

# %% [markdown]
# ## 7 · What to take home
#
# - Maximize logits, not probabilities: a probability also rises when others fall, and near 0 and 1 its gradient is
#   gone.
# - Confidence says nothing of an image's quality. An independent network says a little, and its standard error belongs
#   beside it.
# - A regulariser's weight is chosen by a criterion, and the criterion belongs beside the picture.
# - Raising two logits does not make two probabilities high. Say what you want, and the search finds some image for it.
# - An empty picture has one of two reasons: nothing moved, since the unit was silent at the start, or strokes were too
#   dear. Compare it with its start to know which. Neither says that the unit likes empty paper.
# - Without the untrained network's picture you do not know what was learned.

# %%
progress()

# %% [markdown]
# ---
# *Credits.* The idea of the lab is that of a course notebook on activation maximization with the package keras-vis
# (R. Kotikalapudi and contributors, 2017), which needs Keras 2 and TensorFlow 1. Activation maximization: D. Erhan et
# al., 2009; K. Simonyan et al., 2013 (arXiv 1312.6034). Total variation: L. Rudin, S. Osher, E. Fatemi, 1992. MNIST:
# Y. LeCun et al., 1998.
