"""5.1 and 5.5: the estimate of memory, and size and stride by hand."""

import numpy as np


def memory(images, activations):
    return {"images": images, "activations": activations}


def by_hand(size, stride):
    return {"size": size, "stride": stride}


IMAGES, ACTIVATIONS = 7454 * 96 * 96 * 3 * 4 / 1e6, 7454 * 39 * 39 * 64 * 4 / 1e6


def measured():
    """By the bytes of one photograph and its maps."""
    return memory(*(7454 * np.zeros(shape, np.float32).nbytes / 10**6 for shape in ((96, 96, 3), (39, 39, 64))))


RIGHT = {
    "5.1": [
        memory(32 * 7454 * 96 * 96 * 3 / 8 / 1000 / 1000, 32 * 7454 * 39 * 39 * 64 / 8 / 1000 / 1000),
        measured(),
        memory(824, 2902),
        memory(np.float32(824.4), np.array([2900])),
    ],
    "5.5": [by_hand(20, 2), by_hand(np.int64(20), 2.0), by_hand([20], np.array(2))],
}

WRONG = {
    "5.1": [
        (memory(ACTIVATIONS, IMAGES), "swapped"),
        (memory(8 * IMAGES, 8 * ACTIVATIONS), "bits"),
        (memory(6595, ACTIVATIONS), "bits"),
        (memory(IMAGES / 4, ACTIVATIONS / 4), "one_byte"),
        (memory(206, 2902), "one_byte"),
        (memory(2 * IMAGES, 2 * ACTIVATIONS), "float64"),
        (memory(IMAGES / 2, ACTIVATIONS / 2), "half"),
        (memory(IMAGES, 7454 * 39 * 39 * 32 * 4 / 1e6), "half"),
        (memory(IMAGES * 1e6 / 2**20, ACTIVATIONS * 1e6 / 2**20), "mebibytes"),
        (memory(786, 2768), "mebibytes"),
        (memory(IMAGES * 1e6, ACTIVATIONS * 1e6), "other_unit"),
        (memory(IMAGES * 1e3, ACTIVATIONS), "other_unit"),
        (memory(0.824, 2.9), "other_unit"),
        (memory(IMAGES / 7454, ACTIVATIONS / 7454), "one_image"),
        (memory(32 * 96 * 96 * 3 * 4 / 1e6, ACTIVATIONS), "one_batch"),
        (memory(64 * 96 * 96 * 3 * 4 / 1e6, 64 * 39 * 39 * 64 * 4 / 1e6), "one_batch"),
        (memory(IMAGES / 3, ACTIVATIONS), "channels_forgotten"),
        (memory(IMAGES, ACTIVATIONS / 64), "channels_forgotten"),
        (memory(IMAGES / 96, ACTIVATIONS / 39), "one_side"),
        (memory(IMAGES, 7454 * 39 * 39 * 3 * 4 / 1e6), "colours_as_channels"),
        (memory(IMAGES, 7454 * 96 * 96 * 64 * 4 / 1e6), "maps_as_large_as_images"),
        (memory(IMAGES / 4 * 1e6, ACTIVATIONS / 4 * 1e6), "numbers"),
        (memory(820, 2900), "rounded"),
        (memory(800, 3000), "rounded"),
        (memory(1000, 3000), "rounded"),
        (memory(1000, 2500), "other"),
        (memory(IMAGES, 0), "other"),
        ({"images": IMAGES}, "other"),
        (memory("824 MB", "2902 MB"), "misfit"),
        ((IMAGES, ACTIVATIONS), "misfit"),
        (IMAGES, "misfit"),
    ],
    "5.5": [
        (by_hand(2, 20), "swapped"),
        (by_hand(2, 2), "stride_as_size"),
        (by_hand(20, 20), "size_as_stride"),
        (by_hand(13, 1), "pooling_forgotten"),
        (by_hand(13, 2), "pooling_forgotten"),
        (by_hand(12, 2), "pooling_forgotten"),
        (by_hand(14, 2), "kernels_without_stride"),
        (by_hand(14, 1), "kernels_without_stride"),
        (by_hand(15, 2), "kernels_without_stride"),
        (by_hand(8, 2), "before_the_pooling"),
        (by_hand(7, 1), "before_the_pooling"),
        (by_hand(19, 2), "one_too_small"),
        (by_hand(21, 2), "one_too_large"),
        (by_hand(16, 2), "convolution_missing"),
        (by_hand(18, 2), "convolution_missing"),
        (by_hand(22, 2), "convolution_too_many"),
        (by_hand(24, 2), "convolution_too_many"),
        (by_hand(26, 2), "pooling_spreads_all"),
        (by_hand(25, 2), "pooling_spreads_all"),
        (by_hand(28, 2), "pooling_spreads_all"),
        (by_hand(400, 2), "area"),
        (by_hand(39, 2), "size_of_maps"),
        (by_hand(58, 2), "size_of_maps"),
        (by_hand(3, 1), "kernel_as_size"),
        (by_hand(20, 1), "stride_without_pooling"),
        (by_hand(20, 3), "kernel_as_stride"),
        (by_hand(20, 8), "strides_added"),
        (by_hand(20, 4), "every_layer_pools"),
        (by_hand(20, 64), "every_layer_pools"),
        (by_hand(20, 0.5), "inverse"),
        (by_hand(20, 96 / 39), "quotient_of_sides"),
        (by_hand(20, 2.5), "quotient_of_sides"),
        (by_hand(8, 1), "before_the_pooling"),
        (by_hand(11, 2), "other"),
        (by_hand(20, 5), "other"),
        (by_hand(20, -2), "other"),
        ({"size": 20}, "other"),
        (by_hand("20", "2"), "misfit"),
        (by_hand((20, 20), (2, 2)), "misfit"),
        ((20, 2), "misfit"),
        (20, "misfit"),
    ],
}

STUBS = {
    "5.1": [..., memory(..., ...), memory(IMAGES, ...)],
    "5.5": [..., by_hand(..., ...), by_hand(20, ...)],
}
