"""Maps of points: seeded, of the right shape, and near for what is near. And the neighbours in them."""

import numpy as np
import pytest

from labkit.methods.projection import neighbour_agreement, neighbour_mixing, project


def clusters(n=20, dimensions=30, classes=3):
    """(N, D) points around far apart centres, and their labels."""
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(classes), n)
    return 20 * generator.normal(size=(classes, dimensions))[labels] + generator.normal(
        size=(len(labels), dimensions)
    ), labels


def test_clusters_stay_clusters():
    points, labels = clusters()
    found = project(points, perplexity=10, progress=False)
    assert found.shape == (60, 2)
    assert found.dtype == np.float32
    assert neighbour_agreement(found, labels).mean() == 1


def test_the_same_seed_gives_the_same_map():
    points, _ = clusters(n=180)  # enough that PCA draws at random
    maps = []
    for state in (0, 1):
        np.random.seed(state)  # must not matter
        maps.append(project(points, 5, perplexity=10, progress=False))
    assert np.array_equal(*maps)


def test_pca_keeps_the_components_asked_for(monkeypatch):
    import sklearn.manifold

    seen = []
    fit_transform = sklearn.manifold.TSNE.fit_transform

    def noting(self, points):
        seen.append(points.shape)
        return fit_transform(self, points)

    monkeypatch.setattr(sklearn.manifold.TSNE, "fit_transform", noting)
    points, _ = clusters()
    for components, dimensions in ((7, 30), (20, 4), (100, 30)):
        project(points[:, :dimensions], components, perplexity=10, progress=False)
    assert seen == [(60, 7), (60, 4), (60, 30)]


def test_progress_is_shown_unless_asked_not_to(capsys):
    points, _ = clusters()
    project(points, perplexity=10, progress=False)
    assert capsys.readouterr() == ("", "")
    project(points, perplexity=10)
    shown = capsys.readouterr().err
    assert "PCA of 60 points in 30 dimensions" in shown
    assert "t-SNE of 60 points in 20 dimensions" in shown


@pytest.mark.parametrize(
    ("features", "options", "words"),
    [
        (np.zeros((4, 3, 3)), {}, r"\(4, 3, 3\); wanted \(N, D\)"),
        (np.full((40, 3), np.nan), {}, "finite"),
        (np.zeros((30, 3)), {}, "perplexity=30 with 30 points"),
        (np.zeros((30, 3)), {"perplexity": 0}, "perplexity=0"),
        (np.zeros((40, 3)), {"components": 1}, "components=1"),
    ],
)
def test_bad_features_are_refused_in_words(features, options, words):
    with pytest.raises(ValueError, match=words):
        project(features, **options)


# Six points on a line, of the classes 0 0 1 | 1 1 0: two heaps of three.
LINE = np.array([[0.0], [1.0], [2.1], [10.0], [11.0], [12.1]])
CLASSES = np.array([0, 0, 1, 1, 1, 0])


def test_agreement_by_hand():
    assert neighbour_agreement(LINE, CLASSES, k=2).tolist() == [0.5, 0.5, 0.0, 0.5, 0.5, 0.0]


def test_mixing_by_hand():
    # The points of class 0 have the neighbours (0 1), (0 1) and (1 1), those of class 1 (0 0), (1 0), (1 0).
    mixing = neighbour_mixing(LINE, CLASSES, k=2)
    np.testing.assert_allclose(mixing, [[2 / 6, 4 / 6], [4 / 6, 2 / 6]])
    agreement = neighbour_agreement(LINE, CLASSES, k=2)
    np.testing.assert_allclose(np.diag(mixing), [agreement[c == CLASSES].mean() for c in (0, 1)])


def test_a_class_without_points_is_a_row_of_zeros():
    mixing = neighbour_mixing(LINE, 2 * CLASSES, k=2)
    assert mixing.sum(axis=1).tolist() == [1, 0, 1]


def test_a_point_is_not_its_own_neighbour_even_among_doubles():
    points = np.zeros((4, 2))
    assert neighbour_agreement(points, np.arange(4), k=3).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("score", [neighbour_agreement, neighbour_mixing])
@pytest.mark.parametrize(
    ("points", "labels", "k", "words"),
    [
        (LINE, CLASSES, 6, "k=6 with 6 points; wanted from 1 to 5"),
        (LINE, CLASSES, 0, "k=0"),
        (LINE, CLASSES[:5], 2, r"\(6, 1\) and labels of \(5,\)"),
        (LINE, CLASSES - 1, 2, "whole numbers from 0"),
        (LINE, CLASSES / 2, 2, "float64; wanted whole numbers"),
    ],
)
def test_bad_neighbours_are_refused_in_words(score, points, labels, k, words):
    with pytest.raises(ValueError, match=words):
        score(points, labels, k)
