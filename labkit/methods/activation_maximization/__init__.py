"""Activation maximization: which image excites a unit of a network most?

Erhan, Bengio, Courville, Vincent, "Visualizing higher-layer features of a deep network", 2009; for classes of a
classifier Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks", 2013 (arXiv 1312.6034).

The network stays as it is, and its input is trained in place of its weights: from noise, the gradient of the
unit's activation with respect to the pixels leads, step by step, to an image that the unit answers to more. With
PyTorch or with Keras 3 on TensorFlow:

    >>> found = maximize(model, range(10), objective=Reach(0.9), start=(1, 28, 28))  # doctest: +SKIP
    >>> found.images.shape, found.history.confidence[-1]  # ten images, and how sure the model is  # doctest: +SKIP

    >>> maximize(model, [Unit("conv2", 5)], bounds=(0, 1), regularizers=[TotalVariation(0.5)])  # doctest: +SKIP
    >>> maximize(model, [{4: 0.5, 9: 0.5}], linear_output=True, modifiers=[Jitter(2)])  # doctest: +SKIP

Softmax against a linear last layer. A softmax makes of the activations of all outputs, the logits a, the
probabilities p = exp(a) / sum(exp(a)). The gradient of a probability is

    dp[k] / da[j] = p[k] * (1 - p[k])    for j = k,
                   -p[k] * p[j]          for another output j.

So p[k] also rises where the *other* logits are pushed down, which says nothing of what output k looks for. And as
p[k] comes near to 0 or 1 all of this vanishes. Adam divides a gradient by its own size, which hides that it is
small, but only down to about 1e-8; below that the search stands still. With ``linear_output=True`` the last
activation is left out: the logit a[k] itself is raised, which can be done by exciting unit k alone. The user's
model keeps its softmax.

``Reach`` works with log p[k], whose gradient does not vanish near 0, but the other logits have their say in it too.
Where the model gives out probabilities themselves, there are none left to take the logarithm of below 1e-30, and
the search stands still; with ``linear_output=True`` the logarithm is made of the logits, and it does not.

For those who know keras-vis (it needs Keras 2 and TensorFlow 1's graphs) this is what replaces what. The pictures
come out otherwise: keras-vis divided the gradient by its root mean square and took RMSprop's steps, where Adam's
are taken here.

    ==============================================  ===============================================================
    keras-vis                                       here
    ==============================================  ===============================================================
    ``visualize_activation(model, ...)``            ``maximize(model, ...)``
    ``layer_idx=-1, filter_indices=3``              ``[3]``, an output
    ``layer_idx=utils.find_layer_idx(m, "l2")``,    ``[Unit("l2", 3)]``, of a convolution the whole channel
    ``filter_indices=3``
    ``filter_indices=[1, 7]``                       ``[{1: 1, 7: 1}]``, or other weights between them
    one call per filter                             ``[0, 1, 2]``: one image each, in one batch
    ``layer.activation = activations.linear``,      ``linear_output=True``
    ``utils.apply_modifications(model)``
    ``input_range=(0., 1.)``                        ``bounds=(0, 1)``, kept at each step; keras-vis stretched the
                                                    finished image to it
    ``tv_weight=0.5``                               ``regularizers=[TotalVariation(w)]``: absolute differences, where
                                                    keras-vis squared them; the weight must be found anew
    ``lp_norm_weight=0.5``                          ``regularizers=[LpNorm(w, p=6)]``: without the root, which keras-vis
                                                    took; the weight must be found anew
    ``act_max_weight``                              the weights of the units
    ``input_modifiers=[Jitter()]``                  ``modifiers=[Jitter(2), Blur(0.5), Rotation(10)]``
    ``seed_input``                                  ``start``
    ``max_iter=200``                                ``steps=200``
    ``grad_modifier``, ``backprop_modifier``        not kept
    ``callbacks``, ``verbose``                      ``history``; images for an animation: ``images_every=10``
    ==============================================  ===============================================================
"""

from labkit.methods.activation_maximization.goal import Raise, Reach
from labkit.methods.activation_maximization.maximizing import maximize, outputs
from labkit.methods.activation_maximization.modifiers import Blur, Jitter, Rotation
from labkit.methods.activation_maximization.regularizers import LpNorm, TotalVariation
from labkit.methods.activation_maximization.result import History, Maximized
from labkit.methods.activation_maximization.targets import Unit

__all__ = [
    "Blur",
    "History",
    "Jitter",
    "LpNorm",
    "Maximized",
    "Raise",
    "Reach",
    "Rotation",
    "TotalVariation",
    "Unit",
    "maximize",
    "outputs",
]
