"""3.1: a validation split."""

import random

import numpy as np
import torch


def parts(images, labels, training, validation):
    return images[training], labels[training], images[validation], labels[validation]


def split_by_generator(images, labels, count, seed):
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    return parts(images, labels, order[count:], order[:count])


def split_by_numpy(images, labels, count, seed):
    chosen = np.random.default_rng(seed).choice(len(images), count, replace=False)
    validation = np.isin(np.arange(len(images)), chosen)
    return [part.numpy() for part in parts(images, labels, torch.from_numpy(~validation), torch.from_numpy(validation))]


def split_by_sample(images, labels, count, seed):
    validation = random.Random(seed).sample(range(len(labels)), count)
    training = [row for row in range(len(labels)) if row not in validation]
    return parts(images, labels, training, validation)


def split_by_scikit(images, labels, count, seed):
    from sklearn.model_selection import train_test_split

    training, validation = train_test_split(np.arange(len(labels)), test_size=count, random_state=seed)
    return parts(images, labels, training, validation)


def split_by_global_seed(images, labels, count, seed):
    torch.manual_seed(seed)
    order = torch.randperm(len(labels))
    return parts(images.clone(), labels.clone(), order[:-count], order[-count:])


def ordered(rule):
    """A split in which the two lists of rows are made by the rule, of a permutation."""

    def split(images, labels, count, seed):
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
        return parts(images, labels, *rule(order, count))

    return split


def split_like_scikit(images, labels, count, seed):
    a, b, c, d = split_by_generator(images, labels, count, seed)
    return a, c, b, d


def split_with_replacement(images, labels, count, seed):
    chosen = np.random.default_rng(seed).choice(len(images), count)
    return parts(images, labels, np.setdiff1d(np.arange(len(images)), chosen), chosen)


def split_unpaired(images, labels, count, seed):
    one, other = (torch.randperm(len(images), generator=torch.Generator().manual_seed(seed + i)) for i in range(2))
    return images[one[count:]], labels[other[count:]], images[one[:count]], labels[other[:count]]


def split_images_alone(images, labels, count, seed):
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    return images[order[count:]], labels[count:], images[order[:count]], labels[:count]


def split_in_place(images, labels, count, seed):
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    images[:], labels[:] = images[order], labels[order]
    return images[count:], labels[count:], images[:count], labels[:count]


def split_normalised(images, labels, count, seed):
    return split_by_generator((images - images.mean()) / images.std(), labels, count, seed)


def split_unseeded(images, labels, count, seed):
    order = torch.randperm(len(images))
    return parts(images, labels, order[count:], order[:count])


def split_always_alike(images, labels, count, seed):
    return split_by_generator(images, labels, count, 42)


def chosen_by(rule):
    """A split whose validation rows are those that the rule chooses, of the number of rows, count and seed."""

    def split(images, labels, count, seed):
        validation = rule(len(images), count, seed)
        training = [row for row in range(len(images)) if row not in set(validation)]
        return parts(images, labels, training, validation)

    return split


def a_block(rows, count, seed):
    begin = seed % (rows - count + 1)
    return list(range(begin, begin + count))


def a_block_that_goes_round(rows, count, seed):
    return [(seed + row) % rows for row in range(count)]


def a_comb(rows, count, seed):
    return [(seed + row * (rows // count)) % rows for row in range(count)]


def mostly_of_the_first_half(rows, count, seed):
    order = np.random.default_rng(seed).permutation(rows // 2).tolist()
    return [*order, *range(rows // 2, rows)][:count]


def never_the_first(rows, count, seed):
    return (1 + np.random.default_rng(seed).permutation(rows - 1))[:count].tolist()


def split_too_large(images, labels, count, seed):
    return split_by_generator(images, labels, len(images) * count, seed)[:3]


RIGHT = {
    "3.1": [split_by_generator, split_by_numpy, split_by_sample, split_by_scikit, split_by_global_seed],
}

WRONG = {
    "3.1": [
        (split_like_scikit, "order_of_parts"),
        (lambda *given: split_by_generator(*given)[::-1], "order_of_parts"),
        (split_in_place, "changes_input"),
        (split_normalised, "other_images"),
        (split_with_replacement, "twice"),
        (ordered(lambda order, count: (order, order[:count])), "overlap"),
        (ordered(lambda order, count: (order[: len(order) - count // 2], order[-count:])), "overlap"),
        (ordered(lambda order, count: (order[:count], order[count:])), "sizes_swapped"),
        (ordered(lambda order, count: (order[count - 1 :], order[: count - 1])), "wrong_size"),
        (ordered(lambda order, count: (order[count + 1 :], order[:count])), "lost"),
        (split_unpaired, "unpaired"),
        (split_images_alone, "unpaired"),
        (ordered(lambda order, count: (order.sort()[0][:-count], order.sort()[0][-count:])), "not_shuffled"),
        (lambda images, labels, n, seed: (images[n:], labels[n:], images[:n], labels[:n]), "not_shuffled"),
        (split_unseeded, "not_reproducible"),
        (split_always_alike, "seed_ignored"),
        (chosen_by(a_block), "block_moved"),
        (chosen_by(a_block_that_goes_round), "block_moved"),
        (chosen_by(a_comb), "block_moved"),
        (chosen_by(mostly_of_the_first_half), "same_side block_moved"),
        (chosen_by(never_the_first), "same_side"),
        (split_too_large, "misfit"),
        (lambda images, labels, count, seed: images[:count], "misfit other"),
        (lambda images, labels, count: images, "raised"),
        (42, "misfit"),
    ],
}

STUBS = {"3.1": [..., lambda *given: ..., lambda *given: (..., ..., ..., ...)]}
