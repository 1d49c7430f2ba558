"""Exercise 1.2: one epoch of training, without the mistake of the loop that the notebook shows."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Plain, array, call, number, remark
from labkit.exercises.comparing import Explains, Slip, same
from labkit.exercises.core import Case, Exercise, Verdict

if TYPE_CHECKING:
    import torch

_RATE = 0.1
_ENTRIES = {"weight", "loss"}


def _cases(rng: np.random.Generator) -> list[Case]:
    sizes = (4, 4, 2)  # a short last batch tells the mean over texts from the mean over batches
    return [
        {
            "weight": rng.normal(size=(1, 3)),
            "inputs": [rng.normal(size=(n, 3)) for n in sizes],
            "targets": [rng.normal(size=(n, 1)) for n in sizes],
            "kept": rng.uniform(0.2, 0.6, 3),
        }
        for _ in range(2)
    ]


def _probe(answer: Any, case: Case) -> Plain:
    import torch

    class Dropping(torch.nn.Linear):
        """Sees less of its input in training mode: what dropout does, but always the same."""

        def forward(self, x: "torch.Tensor") -> "torch.Tensor":
            return super().forward(x * kept if self.training else x)

    kept = torch.from_numpy(case["kept"].copy())
    model = Dropping(3, 1, bias=False).double().eval()
    with torch.no_grad():
        model.weight.copy_(torch.from_numpy(case["weight"]))
    pairs = zip(case["inputs"], case["targets"], strict=True)
    batches = [(torch.from_numpy(x.copy()), torch.from_numpy(y.copy())) for x, y in pairs]
    optimizer = torch.optim.SGD(model.parameters(), lr=_RATE)
    mean = call(answer, model, batches, torch.nn.functional.mse_loss, optimizer)
    if getattr(mean, "requires_grad", False):
        remark("keeps_graph")
    return {"weight": array(model.weight), "loss": number(mean)}


def _epoch(
    clear: str = "batch", step: str = "batch", mean: str = "texts", training: bool = True
) -> Callable[[Case], Plain]:
    """A linear model's epoch of gradient descent on the mean squared error, by hand."""

    def run(case: Case) -> Plain:
        weight, gradient = case["weight"].copy(), np.zeros((1, 3))
        losses = []
        for inputs, y in zip(case["inputs"], case["targets"], strict=True):
            x = inputs * case["kept"] if training else inputs
            error = x @ weight.T - y
            losses.append(float(np.mean(error**2)))
            gradient = 2 * error.T @ x / len(x) + (gradient if clear == "epoch" else 0)
            weight = weight - _RATE * gradient if step == "batch" else weight
        weight = weight - _RATE * gradient if step == "epoch" else weight
        sizes = [len(x) for x in case["inputs"]]
        loss = {
            "texts": np.average(losses, weights=sizes),
            "batches": np.mean(losses),
            "last": losses[-1],
            "sum": np.sum(losses),
            "sum over texts": np.dot(losses, sizes),
            "sum per text": np.sum(losses) / np.sum(sizes),
        }[mean]
        return {"weight": weight, "loss": float(loss)}

    return run


# The ways through an epoch that are known by where the weights end: one is right, four are wrong.
_RIGHT: dict[str, str] = {}
_PILED_UP = {"clear": "epoch"}
_STILL = {"step": "never"}
_ONE_STEP = ({"step": "epoch"}, {"clear": "epoch", "step": "epoch"})
_WAYS = (_RIGHT, _PILED_UP, _STILL, *_ONE_STEP)
_MEANS = ("texts", "batches", "last", "sum", "sum over texts", "sum per text")
_EITHER_MODE = (True, False)


def _went(*ways: dict[str, str], modes: Sequence[bool] = _EITHER_MODE) -> Explains:
    """Whether the weights are where one of these ways leads."""
    found = [_epoch(**way, training=training) for way in ways for training in modes]
    return lambda answers, cases: any(_agree(("weight",), epoch, answers, cases) for epoch in found)


def _reports(*means: str, modes: Sequence[bool] = _EITHER_MODE) -> Explains:
    """Whether the loss is such a mean of the batches' losses, whichever known way the weights went."""
    found = [_epoch(mean=mean, **way, training=training) for mean in means for way in _WAYS for training in modes]
    return lambda answers, cases: any(_agree(("weight", "loss"), epoch, answers, cases) for epoch in found)


def _in_eval_mode(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    """Whether the weights, or if they never move the loss, can come from evaluation mode alone."""
    ways = [(_went(*_WAYS, modes=[training]), _reports(*_MEANS, modes=[training])) for training in _EITHER_MODE]
    told = zip(*([explains(answers, cases) for explains in way] for way in ways), strict=True)
    return any(in_evaluation and not in_training for in_training, in_evaluation in told)


def _agree(
    entries: Sequence[str], epoch: Callable[[Case], Plain], answers: Sequence[Plain], cases: Sequence[Case]
) -> bool:
    pairs = [(answer, epoch(case)) for answer, case in zip(answers, cases, strict=True)]
    return all(same(answer[entry], wanted[entry]) for answer, wanted in pairs for entry in entries)


def _otherwise(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return True


_WEIGHT_SLIPS = (
    Slip(
        "gradients_pile_up",
        "gradients pile up over the batches: clear them before each batch, not once an epoch.",
        _went(_PILED_UP),
    ),
    Slip(
        "never_moves",
        "the weights are what they were: is optimizer.step() missing, or are the gradients cleared between "
        "backward() and step()?",
        _went(_STILL),
    ),
    Slip("one_step", "the weights moved once in the whole epoch; wanted one step per batch.", _went(*_ONE_STEP)),
    Slip("other_weights", "the weights are not where one step per batch leads.", _otherwise),
)
_LOSS_SLIPS = (
    Slip(
        "mean_of_batches",
        "the loss is a mean over batches: a text in a short batch counts for more.",
        _reports("batches"),
    ),
    Slip("last_batch", "the loss is that of the last batch alone.", _reports("last")),
    Slip(
        "sum_per_text",
        "the loss is the sum of the batches' means over the number of texts: each of them is a mean already, so "
        "multiply it by the size of its batch first.",
        _reports("sum per text"),
    ),
    Slip("sum_of_batches", "the loss is a sum where a mean was wanted.", _reports("sum", "sum over texts")),
    Slip("other_loss", "the loss is not the mean over all texts of the epoch.", _otherwise),
)
_EVAL_MODE = Slip(
    "eval_mode",
    "the model was not in training mode: dropout would be off.",
    _in_eval_mode,
)


def _judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """Weights, loss and mode, each by itself, and all that is wrong at once."""
    if not all(isinstance(answer, dict) and answer.keys() == _ENTRIES for answer in answers):
        return Verdict("wrong", "wanted the weights and the loss of an epoch.", "other")
    found = []
    right_way = _went(_RIGHT)(answers, cases)
    if not right_way:
        found.append(next(slip for slip in _WEIGHT_SLIPS if slip.explains(answers, cases)))
    # Which losses there were on a way that is not known cannot be said.
    if _went(*_WAYS)(answers, cases) and not _reports("texts")(answers, cases):
        found.append(next(slip for slip in _LOSS_SLIPS if slip.explains(answers, cases)))
    if _EVAL_MODE.explains(answers, cases):
        found.append(_EVAL_MODE)
    if not found:
        return Verdict("right", "")
    lead = "the weights are right, but " if right_way else ""
    message = lead + " And: ".join(slip.message for slip in found)
    return Verdict("wrong", message, "+".join(slip.name for slip in found))


ONE_EPOCH = Exercise(
    "1.2",
    "one epoch of training",
    3,
    (
        "backward() adds to the gradients that are there. Who takes the old ones away, and when?",
        "Per batch: zero_grad, forward, loss, backward, step, in this order. And before all of them model.train().",
        "The last batch is shorter: add up loss.item() * len(inputs), and divide by the number of texts at the end.",
    ),
    _cases,
    _probe,
    _judge,
    remarks={"keeps_graph": "the loss that you return still hangs on its graph: a number was wanted, .item()."},
)
