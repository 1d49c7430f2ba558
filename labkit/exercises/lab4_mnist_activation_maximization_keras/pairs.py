"""Exercise 4.8: do both probabilities rise, when two outputs are maximised at once?"""

from collections.abc import Callable
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, call, number
from labkit.exercises.comparing import Explains, Slip, compare, same
from labkit.exercises.core import Case, Exercise

_CLASSES = 10


def _cases(rng: np.random.Generator) -> list[Case]:
    """In some cases one of the pair falls; the first of it is not always the smaller one."""
    return [
        {
            "before": rng.dirichlet(np.ones(_CLASSES)),
            "after": rng.dirichlet(np.ones(_CLASSES)),
            "pair": rng.choice(np.arange(2, _CLASSES), 2, replace=False).tolist(),
        }
        for _ in range(6)
    ]


def _probe(answer: Any, case: Case) -> Plain:
    found = call(answer, case["before"].copy(), case["after"].copy(), tuple(case["pair"]))
    if not isinstance(found, (tuple, list, np.ndarray)) or len(found) != 3:
        raise Misfit("wanted three numbers: the two rises, and the smaller of the two probabilities after")
    if any(isinstance(part, (bool, np.bool_)) for part in found):
        raise Misfit("one of your three is a yes or no; wanted by how much each rises, and the smaller probability")
    return dict(zip(("first", "second", "smaller"), map(number, found), strict=True))


def _rises(
    rule: Callable[[float, float], float] = lambda before, after: after - before, places: slice | None = None
) -> Callable[[Case], list[float]]:
    """The two rises, or what a wrong rule makes of them, or at wrong places."""

    def run(case: Case) -> list[float]:
        units = range(_CLASSES)[places] if places else case["pair"]
        return [float(rule(case["before"][unit], case["after"][unit])) for unit in units]

    return run


def _third(rule: Callable[..., float] = min, row: str = "after") -> Callable[[Case], list[float]]:
    return lambda case: [float(rule(*(case[row][unit] for unit in case["pair"])))]


def _is(names: tuple[str, ...], *forms: Callable[[Case], list[float]]) -> Explains:
    """Whether these entries are what one of the forms gives, whatever the others are."""
    return lambda answers, cases: any(
        all(same([answer[name] for name in names], form(case)) for answer, case in zip(answers, cases, strict=True))
        for form in forms
    )


_BOTH_RISES, _LAST = ("first", "second"), ("smaller",)


def _expected(case: Case) -> Plain:
    return dict(zip(("first", "second", "smaller"), _rises()(case) + _third()(case), strict=True))


BOTH = Exercise(
    "4.8",
    "do both rise?",
    2,
    (
        "A rise has a sign: what should it be if the probability falls? And what does a picture that shows both "
        "shapes need to have after?",
        "The pair holds the numbers of two outputs: first, second = pair; before[first] and after[first] belong "
        "together.",
        "after[first] - before[first], the same for the second, and min(after[first], after[second]).",
    ),
    _cases,
    _probe,
    compare(
        _expected,
        [
            Slip(
                "wrong_places",
                "you look at outputs 0 and 1 whatever the pair is, or at those next to it: use the numbers in `pair`.",
                _is(
                    _BOTH_RISES,
                    _rises(places=np.s_[:2]),
                    _rises(places=np.s_[1:3]),
                    lambda case: _rises()(case | {"pair": [unit - 1 for unit in case["pair"]]}),
                ),
            ),
            Slip(
                "order",
                "the two rises stand in each other's place; wanted them in the order of the pair.",
                _is(_BOTH_RISES, lambda case: _rises()(case)[::-1]),
            ),
            Slip(
                "ratio",
                "you divide; wanted by how much each rises.",
                _is(_BOTH_RISES, _rises(lambda b, a: a / b), _rises(lambda b, a: (a - b) / b)),
            ),
            Slip(
                "sign",
                "the sign is the wrong way round: after less before.",
                _is(_BOTH_RISES, _rises(lambda b, a: b - a)),
            ),
            Slip(
                "absolute",
                "you drop the sign, so a fall looks like a rise.",
                _is(_BOTH_RISES, _rises(lambda b, a: abs(a - b))),
            ),
            Slip(
                "falls_hidden",
                "you cut falls off to 0; how far a probability falls matters too.",
                _is(_BOTH_RISES, _rises(lambda b, a: max(a - b, 0))),
            ),
            Slip(
                "not_a_rise",
                "these are the probabilities after, or before; wanted by how much each rises.",
                _is(_BOTH_RISES, _rises(lambda b, a: a), _rises(lambda b, a: b)),
            ),
            Slip(
                "smaller_rise",
                "the third number is the smaller of the rises; wanted the smaller of the probabilities after.",
                _is(_LAST, lambda case: [min(_rises()(case))]),
            ),
            Slip(
                "sum",
                "the third number is a sum or a mean, which one of the two can carry alone; wanted the smaller.",
                _is(
                    _LAST,
                    _third(lambda a, b: a + b),
                    _third(lambda a, b: (a + b) / 2),
                    lambda case: [sum(_rises()(case))],
                ),
            ),
            Slip("larger", "the third number is the larger of the two; wanted the smaller.", _is(_LAST, _third(max))),
            Slip(
                "product", "the third number is a product; wanted the smaller.", _is(_LAST, _third(lambda a, b: a * b))
            ),
            Slip(
                "smaller_before",
                "the third number is from before; wanted the smaller of the two after.",
                _is(_LAST, _third(row="before")),
            ),
            Slip(
                "smallest_of_all",
                "the third number is taken over all ten outputs; wanted over the pair alone.",
                _is(_LAST, lambda case: [float(case["after"].min())]),
            ),
        ],
        "the three numbers are not what was expected.",
    ),
)
