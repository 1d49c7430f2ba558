"""Plain data, judges that compare, and what a student reads when an answer breaks."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch
from exercises.impostors import ArrayEqualToAll, EqualToAll, FloatEqualToAll, TextEqualToAll

from labkit.exercises.answers import (
    Misfit,
    Unanswered,
    array,
    call,
    call_unchanged,
    number,
    plain,
    remark,
    remarks_kept,
)
from labkit.exercises.comparing import Slip, compare, difference, gives, same
from labkit.exercises.core import Exercise, Verdict, collect, examine, judge
from labkit.exercises.lab1_txray_text_cnn import LAB


def doubling():
    """An exercise: double a number."""
    return Exercise(
        "9.1", "double", 1, ("Times two.",),
        lambda rng: [{"x": float(x)} for x in rng.uniform(1, 9, 3)],
        lambda answer, case: call(answer, case["x"]),
        compare(
            lambda case: 2 * case["x"],
            [Slip("squared", "that is the square.", gives(lambda case: case["x"] ** 2))],
            "not the double.",
        ),
    )  # fmt: skip


# --- plain data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, True, 3, 0.5, "text", [1, ["a"]], {"a": [1.0, {"b": None}]}], ids=repr)
def test_plain_data_stays_what_it_is(value):
    assert plain(value) == value


def test_a_tuple_becomes_a_list_and_an_array_stays():
    assert plain((1, (2, 3))) == [1, [2, 3]]
    numbers = np.arange(3)
    assert plain(numbers) is numbers


@pytest.mark.parametrize(
    "value",
    [
        EqualToAll(),
        np.zeros(2).view(ArrayEqualToAll),
        TextEqualToAll("a"),
        FloatEqualToAll(1.0),
        np.array([EqualToAll()]),
        np.array(["a"]),
        np.float64(1.0),
        {1: "a"},
        {TextEqualToAll("a"): 1},
        [1, EqualToAll()],
        {"a": (EqualToAll(),)},
        torch.zeros(1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_all_else_is_refused(value):
    with pytest.raises(Misfit, match="wanted"):
        plain(value)


@pytest.mark.parametrize("impostor", [EqualToAll(), FloatEqualToAll(1.0), TextEqualToAll("a")])
def test_an_object_that_equals_everything_earns_nothing(impostor):
    verdict = examine(doubling(), lambda x: impostor)
    assert (verdict.state, verdict.mistake) == ("wrong", "misfit")


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor([[1.0, 2.0]], requires_grad=True),
        [torch.tensor([1.0, 2.0])],
        [[torch.tensor(1.0), np.float32(2.0)]],
        np.array([[1, 2]]),
        ([1.0, 2.0],),
    ],
)
def test_numbers_in_many_forms_become_one_array(value):
    assert same(array(value).astype(float), np.array([[1.0, 2.0]]))
    assert type(array(value)) is np.ndarray


@pytest.mark.parametrize("value", ["text", None, [[1, 2], [3]], ["a"], {"a": 1}, object()])
def test_no_array_is_made_of_what_is_no_number(value):
    with pytest.raises(Misfit):
        array(value)


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), torch.tensor(2), torch.tensor([[2.0]]), [2], np.bool_(True)])
def test_one_number_in_many_forms(value):
    assert type(number(value)) is float
    assert number(value) in (1.0, 2.0)


@pytest.mark.parametrize("value", [[1, 2], [], torch.zeros(3)])
def test_several_numbers_are_not_one(value):
    with pytest.raises(Misfit, match="single"):
        number(value)


# --- the same, and different ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1.0, True),
        (1.0, 1.00001, True),
        (1.0, 1.01, False),
        (True, 1, False),
        (float("nan"), float("nan"), True),
        (float("nan"), 0.0, False),
        ("a", "a", True),
        ("1", 1, False),
        (None, None, True),
        ([1, "a"], [1.0, "a"], True),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        (np.zeros(3), np.zeros(3, dtype=np.float32), True),
        (np.zeros(3), np.zeros((1, 3)), False),
        (np.zeros(1), 0.0, False),
        (np.zeros(2), [0.0, 0.0], False),
        (np.zeros(2), [[0.0], 0.0], False),
        (np.zeros(2), "text", False),
    ],
)
def test_same(a, b, equal):
    assert same(a, b) is equal
    assert same(b, a) is equal


@pytest.mark.parametrize(
    ("got", "want", "told"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), "Got shape (2, 3), wanted (3, 2)."),
        (np.array([1.0, 7.0]), np.array([1.0, 2.0]), "The shape (2,) is right, but 50% of the values are not."),
        ({"a": 1}, {"b": 1}, "Got the entries ['a'], wanted ['b']."),
        ({"a": 1}, {"a": 7}, "In 'a': Got 1, which is too small."),
        ([1], [1, 2], "Got 1 entries, wanted 2."),
        (["x", "y"], ["x", "z"], "Entry 1 differs: Got 'y'."),
        (7, 2, "Got 7, which is too large."),
        (float("nan"), 2.0, "Got nan, which is no number."),
        (None, "z", "Got None, wanted a text."),
    ],
)
def test_a_difference_is_told_without_the_wanted_value(got, want, told):
    assert difference(got, want) == told


def test_compare_names_the_slip_that_explains_all_answers():
    verdict = examine(doubling(), lambda x: x**2)
    assert (verdict.state, verdict.mistake, verdict.message) == ("wrong", "squared", "that is the square.")
    assert examine(doubling(), lambda x: x + x).state == "right"
    other = examine(doubling(), lambda x: 0)
    assert other.mistake == "other"
    assert other.message == "not the double. Got 0, which is too small."


# --- stubs, and answers that break ---------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [..., lambda x: ..., lambda x: (1, ...), lambda x: [..., ...]])
def test_a_stub_is_told_from_a_wrong_answer(answer):
    assert examine(doubling(), answer).state == "unanswered"
    with pytest.raises(Unanswered):
        call(answer, 1)


@pytest.mark.parametrize(
    ("answer", "told"), [(4.0, "its name alone, without brackets"), (lambda x: None, "return missing?")]
)
def test_what_is_no_function_or_returns_nothing(answer, told):
    verdict = examine(doubling(), answer)
    assert verdict.mistake == "misfit"
    assert verdict.message.endswith(told) or verdict.message.endswith(f"{told}.")


@pytest.mark.parametrize(
    ("change", "handed"),
    [
        (list.clear, [1, 2]),
        (lambda a: a.update(c=1), {"a": 1}),
        (lambda a: a.zero_(), torch.ones(2)),
        (lambda a: a.unsqueeze_(0), torch.ones(2)),
        (lambda a: a.insert(0, "new", 1), pd.DataFrame({"a": [1.0]})),
        (lambda a: a.drop(index=0, inplace=True), pd.DataFrame({"a": [1.0, 2.0]})),
    ],
)
def test_a_function_that_changes_what_it_was_handed_is_remarked(change, handed):
    with remarks_kept() as remarks:
        assert call_unchanged(lambda a: 1, handed) == 1
        assert remarks == []
        assert call_unchanged(lambda a: (change(a), 1)[1], handed) == 1
    assert remarks == ["changes_handed"]


REMARKED = dataclasses.replace(doubling(), remarks={"slow": "it takes its time.", "loud": "it shouts."})


def test_remarks_are_told_after_what_is_right_or_wrong_and_decide_nothing():
    def remarking(x):
        remark("slow")
        remark("slow")
        return 2 * x

    assert examine(REMARKED, remarking) == Verdict("right", "One thing more: it takes its time.")
    wrong = examine(REMARKED, lambda x: 1 + remarking(x))
    plainly = examine(REMARKED, lambda x: 1 + 2 * x)
    assert wrong == dataclasses.replace(plainly, message=f"{plainly.message} One thing more: it takes its time.")


@pytest.mark.parametrize("remarks", ["slow", [3], ["of no exercise"], [["slow"]], {"slow": 1}, None])
def test_remarks_that_are_none_say_nothing(remarks):
    case = REMARKED.cases(np.random.default_rng(0))[0]
    right = collect(REMARKED, lambda x: 2 * x, case)
    verdict = judge(REMARKED, [{"answer": right, "remarks": remarks}], [case])
    assert "One thing more" not in verdict.message


def test_a_remark_outside_of_a_probe_is_lost():
    remark("slow")
    with remarks_kept() as remarks:
        pass
    assert remarks == []


def inner(x):
    return x / 0  # the line that breaks


def outer(x):
    return inner(x)


def in_library(x):
    return np.zeros(2).reshape(int(x) + 3, 0, 7)  # the line that calls the library


@pytest.mark.parametrize(
    ("answer", "line"),
    [(outer, "return x / 0  # the line that breaks"), (in_library, "# the line that calls the library")],
)
def test_the_students_own_line_is_named(answer, line):
    verdict = examine(doubling(), answer)
    assert verdict.mistake == "raised"
    assert verdict.message.startswith("your code stopped with ")
    assert verdict.message.endswith(f"{line}`.")


def test_a_students_line_is_named_also_when_a_library_calls_it():
    def record_into(store, name):
        def hook(module, inputs, output):
            store[name] = output.detach()[:, 99]  # past the end

        return hook

    verdict = examine(LAB.exercises["1.4"], record_into)
    assert "`store[name] = output.detach()[:, 99]  # past the end`" in verdict.message


def test_an_error_that_holds_a_whole_array_is_cut_short():
    def answer(*arguments):
        raise ValueError("digits " * 1000)

    message = examine(doubling(), answer).message
    assert message.startswith("your code stopped with ValueError: digits digits") and len(message) < 600
    assert message.endswith('[...], at `raise ValueError("digits " * 1000)`.')


def test_an_error_in_bold_is_told_without_the_codes_of_a_terminal():
    def in_bold(x):
        raise ValueError(f"\x1b[1m{x:.0f} is odd\x1b[0m, \x1b[38;5;34mquite\x1b[0m")

    assert " is odd, quite, at `" in examine(doubling(), in_bold).message


def test_a_wrong_signature_is_told():
    assert "positional argument" in examine(doubling(), lambda: 1).message
