"""The ways that are compared do the same work."""

import torch

from labkit.benchmarks import occlusion


def test_occlusions_variants_find_the_same():
    works = occlusion.prepare(small=True)
    assert tuple(works) == occlusion.VARIANTS
    torch.testing.assert_close(works["occlusion"](), works["all copies at once"](), atol=1e-6, rtol=1e-5)


def test_the_floor_runs_as_many_images_in_batches_as_large(monkeypatch):
    sizes = []
    forward = occlusion.CifarCNN.forward

    def noting(self, images):
        sizes.append(len(images))
        return forward(self, images)

    monkeypatch.setattr(occlusion.CifarCNN, "forward", noting)
    works = occlusion.prepare(small=True)
    works["forward passes"]()
    floor, sizes[:] = list(sizes), []
    works["occlusion"]()
    assert sizes == [2, *floor]  # and the whole images once
    assert sum(floor) == 2 * 13 * 13
