"""Occlusion: cover a part of the image and see how much of a score is lost.

Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks", 2014 (arXiv 1311.2901), Figure 6.

A window slides over the image. At each place it covers what is under it, and the model looks again:

    drop(window) = score(image) - score(image with the window covered)

What the model needs makes a large drop when it is covered; a negative drop says that the score is better off
without. A pixel lies under several windows, so its value in the map is the mean of their drops:

    map[y, x] = mean of drop(window) over all windows that cover (y, x)

So the map has the size of the image, and each drop stands where the window stood. A common mistake takes the
grid of drops, a number per place of the window, for a small image and stretches it over the large one. But
the first drop belongs to the first window, whose middle is half a window away from the corner, and not to the
corner itself: a stretched map is shifted and blown up. ``windows`` gives the places.

With PyTorch or with Keras 3 on TensorFlow:

    >>> maps = occlusion(model, images, target=3, window=8, stride=2)  # class 3  # doctest: +SKIP
    >>> maps = occlusion(model, images, target=17, layer="3")  # unit 17 of layer "3"  # doctest: +SKIP
"""

from labkit.methods.occlusion.covering import cover
from labkit.methods.occlusion.occluding import occlusion
from labkit.methods.occlusion.places import Place, windows

__all__ = ["Place", "cover", "occlusion", "windows"]
