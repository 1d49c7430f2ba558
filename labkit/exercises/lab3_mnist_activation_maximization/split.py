"""Exercise 3.1: a validation split in which no image is lost, and none stands twice."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call
from labkit.exercises.comparing import Explains, Slip
from labkit.exercises.core import Case, Exercise, Verdict

_CLASSES = 5
# So many that each row is on either side at least once (but for one check in a million), and that splits drawn by
# chance are nearly all different, of which there are some 100,000 in the smallest case.
_SEEDS, _DIFFERENT = 60, 55


def _cases(rng: np.random.Generator) -> list[Case]:
    """Sorted by class, as some data sets are, and large enough that no shuffle leaves the rows in order."""
    return [
        {
            "images": rng.uniform(size=(rows, 1, 2, 3)).astype(np.float32),
            "labels": np.sort(rng.integers(_CLASSES, size=rows)),
            "count": count,
            "seeds": rng.choice(1000, _SEEDS, replace=False).tolist(),
        }
        for rows, count in ((24, 6), (60, 40), (45, 15))
    ]


def _probe(answer: Any, case: Case) -> Plain:
    import torch

    def split(seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The four parts, and what images and labels are afterwards."""
        images, labels = torch.from_numpy(case["images"].copy()), torch.from_numpy(case["labels"].copy())
        found = call(answer, images, labels, case["count"], seed)
        if not isinstance(found, (tuple, list)) or len(found) != 4:
            raise Misfit("wanted four tensors: images and labels for training, images and labels for validation")
        return [array(part) for part in found], [array(images), array(labels)]

    with torch.random.fork_rng(devices=[]):
        (again, _), (first, after), *others = map(split, [case["seeds"][0], *case["seeds"]])
    return {
        "parts": first,
        "after": after,
        "again": again,
        "validations": [parts[2] for parts in (first, *(parts for parts, _ in others))],
    }


def _rows(part: np.ndarray, case: Case) -> list[int]:
    """Which of the images these are; -1 is none of them."""
    places = {image.tobytes(): row for row, image in enumerate(case["images"])}
    return [places.get(image.astype(np.float32).tobytes(), -1) for image in part]


def _any_case(holds: Callable[[list[int], list[int], Case], bool]) -> Explains:
    """What holds for the rows of training and of validation in at least one case."""

    def explains(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
        pairs = zip(answers, cases, strict=True)
        return any(
            holds(_rows(answer["parts"][0], case), _rows(answer["parts"][2], case), case) for answer, case in pairs
        )

    return explains


def _other_images(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    several = [
        (case, [answer["parts"][0], answer["parts"][2], *answer["validations"]])
        for answer, case in zip(answers, cases, strict=True)
    ]
    return any(-1 in _rows(images, case) for case, parts in several for images in parts)


def _wrong_size(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    pairs = zip(answers, cases, strict=True)
    return any(len(part) != case["count"] for answer, case in pairs for part in answer["validations"])


def _in_order(training: list[int], validation: list[int], case: Case) -> bool:
    rows = len(case["images"])
    return validation in (list(range(case["count"])), list(range(rows - case["count"], rows)))


def _drawn(answer: Plain, case: Case) -> list[frozenset[int]]:
    """The rows of validation for each seed."""
    return [frozenset(_rows(images, case)) for images in answer["validations"]]


def _never_or_always(answer: Plain, case: Case) -> bool:
    """Whether a row is on the same side of the cut whatever the seed."""
    drawn = _drawn(answer, case)
    return frozenset.union(*drawn) != set(range(len(case["images"]))) or bool(frozenset.intersection(*drawn))


def _unpaired(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return any(
        not np.array_equal(case["labels"][_rows(images, case)], labels)
        for answer, case in zip(answers, cases, strict=True)
        for images, labels in (answer["parts"][:2], answer["parts"][2:])
    )


_SLIPS = (
    Slip(
        "order_of_parts",
        "your four tensors stand in another order; wanted the images and the labels for training, and then the images "
        "and the labels for validation.",
        lambda answers, cases: any([part.ndim for part in answer["parts"]] != [4, 1, 4, 1] for answer in answers),
    ),
    Slip(
        "changes_input",
        "the images or labels that were handed in are no longer what they were, and others still need them: index, and "
        "assign nothing.",
        lambda answers, cases: any(
            not all(map(np.array_equal, answer["after"], (case["images"], case["labels"])))
            for answer, case in zip(answers, cases, strict=True)
        ),
    ),
    Slip(
        "other_images",
        "your parts hold images that were not handed in: wanted rows of the images, as they are.",
        _other_images,
    ),
    Slip(
        "twice",
        "an image stands twice in the same part: rows were drawn with replacement. A permutation holds each once.",
        _any_case(
            lambda training, validation, case: (
                len(set(training)) < len(training) or len(set(validation)) < len(validation)
            )
        ),
    ),
    Slip(
        "overlap",
        "images of the validation stand in the training part too: they would be learned by heart, and the validation "
        "would see no over-fitting.",
        _any_case(lambda training, validation, case: bool(set(training) & set(validation))),
    ),
    Slip(
        "sizes_swapped",
        "`count` rows are in the training part; wanted them for validation.",
        lambda answers, cases: all(
            len(answer["parts"][0]) == case["count"] for answer, case in zip(answers, cases, strict=True)
        ),
    ),
    Slip(
        "wrong_size",
        "the validation part has not `count` rows.",
        _wrong_size,
    ),
    Slip(
        "lost",
        "some images stand in neither part.",
        _any_case(lambda training, validation, case: len(training) + len(validation) < len(case["images"])),
    ),
    Slip(
        "unpaired",
        "images and labels no longer belong together: index both with the same permutation.",
        _unpaired,
    ),
    Slip(
        "not_shuffled",
        "your validation rows are the first or the last ones as they stand: in data sorted by class, whole classes "
        "would be missing from training. Draw them by chance.",
        lambda answers, cases: all(
            _any_case(_in_order)([answer], [case]) for answer, case in zip(answers, cases, strict=True)
        ),
    ),
    Slip(
        "not_reproducible",
        "the same seed gives another split the second time, so no result could be repeated: the permutation must "
        "depend on `seed`.",
        lambda answers, cases: not all(all(map(np.array_equal, a["parts"], a["again"])) for a in answers),
    ),
    Slip(
        "seed_ignored",
        "every seed gives the same split: is `seed` used?",
        lambda answers, cases: all(len(set(_drawn(*pair))) == 1 for pair in zip(answers, cases, strict=True)),
    ),
    Slip(
        "block_moved",
        f"{_SEEDS} seeds give few different splits, as if one block or pattern were moved along: in data sorted by "
        f"class, whole classes could be missing from one part. Draw each row by chance.",
        lambda answers, cases: any(len(set(_drawn(*pair))) < _DIFFERENT for pair in zip(answers, cases, strict=True)),
    ),
    Slip(
        "same_side",
        "some rows are on the same side of the cut whatever the seed: in data sorted by class, whole classes could be "
        "missing from one part. Each row must have the same chance.",
        lambda answers, cases: any(_never_or_always(*pair) for pair in zip(answers, cases, strict=True)),
    ),
)


def _well_formed(answer: Plain) -> bool:
    """Whether it is what the probe makes; it may be anything."""
    lengths = {"parts": 4, "again": 4, "after": 2, "validations": _SEEDS}
    return (
        isinstance(answer, dict)
        and answer.keys() == lengths.keys()
        and all(isinstance(answer[name], list) and len(answer[name]) == length for name, length in lengths.items())
        and all(isinstance(part, np.ndarray) and part.ndim > 0 for several in answer.values() for part in several)
    )


def _judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """Any split will do that no slip fits: which rows chance chose is nobody's business."""
    if not all(_well_formed(answer) for answer in answers):
        return Verdict("wrong", "wanted four tensors, the same for the same seed.", "other")
    for slip in _SLIPS:
        if slip.explains(answers, cases):
            return Verdict("wrong", slip.message, slip.name)
    return Verdict("right", "")


SPLIT = Exercise(
    "3.1",
    "a validation split done right",
    2,
    (
        "How do you draw `count` different numbers of N, and how do you name all the others?",
        "A permutation of the N row numbers holds each of them once. Its first `count` entries are one part, and the "
        "rest is the other.",
        "order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed)); index images and labels "
        "with order[count:] for training and with order[:count] for validation.",
    ),
    _cases,
    _probe,
    _judge,
)
