"""Projection: points of many dimensions laid out in a map of two, and how far the map keeps classes apart.

First principal component analysis (PCA), which drops the directions in which the points hardly differ, and
with them noise and time; then t-SNE, van der Maaten, Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008,
which keeps neighbours neighbours. In such a map *who is near whom* means something; the size of a cluster, the
distance between clusters and the axes do not.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm  # not tqdm.auto, which warns where widgets are missing


def project(
    features: ArrayLike, components: int = 20, seed: int = 0, perplexity: float = 30, progress: bool = True
) -> NDArray[np.float32]:
    """Lay points out in a map: PCA, then t-SNE.

    The same seed gives the same map, on the same machine with the same libraries; elsewhere roundings differ,
    and t-SNE makes much of little. All runs on one thread, which fixes the order of sums and with it the map;
    2,000 points take some ten seconds.

    Args:
        features: (N, D), finite; an array or a tensor on the CPU without gradient.
        components: directions that PCA keeps, at least 2; of few points or dimensions it keeps all there are.
        seed: of what is drawn at random, which is little: PCA estimates the directions of many points from
            samples, and t-SNE starts from the first two of them.
        perplexity: how many neighbours a point minds, about; above 0 and below N.
        progress: show a bar for the two steps. The second takes nearly all of the time.

    Returns:
        (N, 2); the axes have no unit and no meaning.

    Raises:
        ValueError: features that are not (N, D) or not finite, or too few points for the perplexity.
    """
    from sklearn.decomposition import PCA  # slow to import
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    points = np.asarray(features, dtype=np.float32)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError(f"got features of shape {points.shape}; wanted (N, D), finite. Maps first: flatten(1).")
    if not 0 < perplexity < len(points):
        raise ValueError(
            f"got perplexity={perplexity} with {len(points)} points; wanted more than 0 and fewer than points."
        )
    if components < 2:
        raise ValueError(f"got components={components}; wanted at least 2.")
    steps = (
        ("PCA", PCA(min(components, *points.shape), random_state=seed)),
        ("t-SNE", TSNE(perplexity=perplexity, init="pca", random_state=seed)),
    )
    with threadpool_limits(1), tqdm(steps, unit="step", disable=not progress) as bar:
        for name, step in bar:
            bar.set_description(f"{name} of {len(points):,} points in {points.shape[1]} dimensions")
            points = step.fit_transform(points)
    return points.astype(np.float32)


def neighbour_agreement(points: ArrayLike, labels: ArrayLike, k: int = 10) -> NDArray[np.float64]:
    """For each point the share of its k nearest neighbours that have its label.

    Its mean says in one number how far a map keeps the classes apart: 1, and every point is among its like; a
    class's share of all points, and the map is no better than shuffled.

    Args:
        points: (N, D), a map or the features themselves.
        labels: whole numbers from 0, (N,).
        k: neighbours to ask, from 1 to N - 1. A point is not its own neighbour.

    Returns:
        (N,), in [0, 1].

    Raises:
        ValueError: points and labels that do not fit together, or such a k.
    """
    own, theirs = _neighbours(points, labels, k)
    return (theirs == own[:, None]).mean(axis=1)


def neighbour_mixing(points: ArrayLike, labels: ArrayLike, k: int = 10) -> NDArray[np.float64]:
    """Which classes mix: for each class, how its neighbours are shared out among the classes.

    Args:
        points: (N, D), a map or the features themselves.
        labels: whole numbers from 0, (N,); K is the largest plus one.
        k: neighbours to ask, from 1 to N - 1.

    Returns:
        (K, K): entry [a, b] is the share of class b among the k nearest neighbours of the points of class a.
        Each row sums to 1, but for that of a class without points, which is zeros. The diagonal is each
        class's mean ``neighbour_agreement``.

    Raises:
        ValueError: as ``neighbour_agreement``.
    """
    own, theirs = _neighbours(points, labels, k)
    classes = int(own.max()) + 1
    counts = np.zeros((classes, classes))
    np.add.at(counts, (own[:, None], theirs), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _neighbours(points: ArrayLike, labels: ArrayLike, k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The labels of the points, (N,), and of the k nearest neighbours of each, (N, k)."""
    from sklearn.neighbors import NearestNeighbors  # slow to import

    points, labels = np.asarray(points), np.asarray(labels)
    if points.ndim != 2 or labels.shape != points.shape[:1]:
        raise ValueError(f"got points of shape {points.shape} and labels of {labels.shape}; wanted (N, D) and (N,).")
    if not np.issubdtype(labels.dtype, np.integer) or (labels < 0).any():
        raise ValueError(f"got labels of {labels.dtype}; wanted whole numbers from 0, the classes.")
    if not 1 <= k < len(points):
        raise ValueError(f"got k={k} with {len(points)} points; wanted from 1 to {len(points) - 1} neighbours.")
    nearest = NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)
    return labels, labels[nearest]
