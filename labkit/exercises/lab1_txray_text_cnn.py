"""The exercises of lab 1: TX-Ray, what words each filter of a text CNN prefers."""

import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from labkit.exercises.comparing import Slip, compare, gives, same
from labkit.exercises.core import (
    Case,
    Exercise,
    Lab,
    Misfit,
    Plain,
    Unanswered,
    Verdict,
    array,
    call,
    in_words,
    number,
)

if TYPE_CHECKING:
    import torch

Rng = np.random.Generator


def _any_of(*wrongs: Callable[[Case], Plain]) -> Callable[[Sequence[Plain], Sequence[Case]], bool]:
    """For a slip that has several forms: one of them explains all answers."""
    return lambda answers, cases: any(gives(wrong)(answers, cases) for wrong in wrongs)


def _call_unchanged(answer: Any, *arguments: Any) -> Any:
    """Call a student's function, and refuse one that changes what it was handed."""
    before = copy.deepcopy(arguments)
    result = call(answer, *arguments)
    if not all(_equal(a, b) for a, b in zip(arguments, before, strict=True)):
        raise Misfit("your function changes what it was handed, which others still need: work on a copy")
    return result


def _equal(a: Any, b: Any) -> bool:
    return same(array(a), array(b)) if hasattr(a, "detach") else bool(a == b)


def _no_text(value: Any, wanted: str) -> Any:
    """A text is a list of letters to Python, and would be judged as one."""
    if isinstance(value, str):
        raise Misfit(f"got one text where {wanted} was wanted")
    return value


# --- 1.1 ids to words -------------------------------------------------------------------------------------

_SPECIAL = {0: "<pad>", 1: "<start>", 2: "<unk>", 3: "<unused>"}
_WORDS = ["the", "film", "is", "a", "gem", "dull", "never", "quite", "works", "bravo"]


def _id_cases(rng: Rng) -> list[Case]:
    index = {word: rank for rank, word in enumerate(rng.permutation(_WORDS).tolist(), start=1)}
    every_id = [0, 1, 2, 3, *rng.permutation(np.arange(4, 14)).tolist()]
    return [
        {"ids": every_id, "word_index": index},
        {"ids": [1, *rng.integers(4, 14, 6).tolist(), 2, 99, 0, 0], "word_index": index},
    ]


def _decoded(offset: int = 3, special: dict[int, str] | None = None, drop: bool = False) -> Callable[[Case], list[str]]:
    """The decoder with its parameters, right or wrong."""
    shown = _SPECIAL if special is None else special

    def decode(case: Case) -> list[str]:
        words = {rank + offset: word for word, rank in case["word_index"].items()}
        ids = [i for i in case["ids"] if not (drop and i in _SPECIAL)]
        return [shown[i] if i in shown else words.get(i, "<unk>") for i in ids]

    return decode


def _id_probe(answer: Any, case: Case) -> Plain:
    words = call(answer, list(case["ids"]), dict(case["word_index"]))
    return [str(word) for word in _no_text(words, "a list with one word for each id")]


IDS_TO_WORDS = Exercise(
    "1.1",
    "ids to words",
    2,
    (
        "word_index maps a word to its rank. You need the other direction, from an id to a word.",
        "The id of a word is its rank + 3, because the ids 0 to 3 mean something else.",
        "Build {rank + 3: word for word, rank in word_index.items()}, add the four special ids, look up each id.",
    ),
    _id_cases,
    _id_probe,
    compare(
        _decoded(),
        [
            Slip("no_offset", "each word is shown as one three ranks away: ids are ranks moved up by 3.",
                 _any_of(_decoded(offset=0), _decoded(offset=0, special={}))),
            Slip("special_as_unknown", "the ids 0, 1 and 3 have meanings of their own, yet all show as <unk>.",
                 gives(_decoded(special={}))),
            Slip("special_moved", "the offset moves the special ids too: <pad> is the id 0 itself, not the rank 0.",
                 _any_of(_decoded(special={3: "<pad>"}), _decoded(special={i + 3: w for i, w in _SPECIAL.items()}))),
            Slip("wrong_sign", "the offset goes the wrong way: from an id to a rank you subtract.",
                 _any_of(_decoded(offset=-3), _decoded(offset=-3, special={}))),
            Slip("off_by_one", "the offset is off by one: count the special ids 0, 1, 2, 3 again.",
                 _any_of(*(_decoded(offset=o, special=names) for o in (2, 4) for names in (_SPECIAL, {})))),
            Slip("drops_special", "the special ids are left out; show each of them by its name.",
                 gives(_decoded(drop=True))),
        ],
        "some ids are shown as wrong words.",
    ),
)  # fmt: skip

# --- 1.2 a training loop without the original's mistake ----------------------------------------------------

_RATE = 0.1


def _epoch_cases(rng: Rng) -> list[Case]:
    sizes = (4, 4, 2)  # a short last batch tells the mean over texts from the mean over batches
    return [
        {
            "weight": rng.normal(size=(1, 3)),
            "inputs": [rng.normal(size=(n, 3)) for n in sizes],
            "targets": [rng.normal(size=(n, 1)) for n in sizes],
        }
        for _ in range(2)
    ]


def _epoch_probe(answer: Any, case: Case) -> Plain:
    import torch

    class Watched(torch.nn.Linear):
        """Notes the mode of each forward pass."""

        def forward(self, x: "torch.Tensor") -> "torch.Tensor":
            modes.append(self.training)
            return super().forward(x)

    modes: list[bool] = []
    model = Watched(3, 1, bias=False).double().eval()
    with torch.no_grad():
        model.weight.copy_(torch.from_numpy(case["weight"]))
    pairs = zip(case["inputs"], case["targets"], strict=True)
    batches = [(torch.from_numpy(x.copy()), torch.from_numpy(y.copy())) for x, y in pairs]
    optimizer = torch.optim.SGD(model.parameters(), lr=_RATE)
    mean = call(answer, model, batches, torch.nn.functional.mse_loss, optimizer)
    return {"weight": array(model.weight), "loss": number(mean), "training": bool(modes) and all(modes)}


def _epoch(
    clear: str = "batch", step: str = "batch", mean: str = "texts", training: bool = True
) -> Callable[[Case], Plain]:
    """A linear model's epoch of gradient descent on the mean squared error, by hand."""

    def run(case: Case) -> Plain:
        weight, gradient = case["weight"].copy(), np.zeros((1, 3))
        losses = []
        for x, y in zip(case["inputs"], case["targets"], strict=True):
            error = x @ weight.T - y
            losses.append(float(np.mean(error**2)))
            gradient = 2 * error.T @ x / len(x) + (gradient if clear == "epoch" else 0)
            weight = weight - _RATE * gradient if step == "batch" else weight
        weight = weight - _RATE * gradient if step == "epoch" else weight
        sizes = [len(x) for x in case["inputs"]]
        loss = {
            "texts": np.average(losses, weights=sizes), "batches": np.mean(losses), "last": losses[-1],
            "sum": np.sum(losses),
        }[mean]  # fmt: skip
        return {"weight": weight, "loss": float(loss), "training": training}

    return run


ONE_EPOCH = Exercise(
    "1.2",
    "one epoch of training",
    3,
    (
        "backward() adds to the gradients that are there. Who takes the old ones away, and when?",
        "Per batch: zero_grad, forward, loss, backward, step, in this order. And before all of them model.train().",
        "The last batch is shorter: add up loss.item() * len(inputs), and divide by the number of texts at the end.",
    ),
    _epoch_cases,
    _epoch_probe,
    compare(
        _epoch(),
        [
            Slip("gradients_pile_up", "gradients pile up over the batches: clear them before each batch, "
                 "not once an epoch.", lambda answers, cases: _weights_as(_epoch(clear="epoch"), answers, cases)),
            Slip("never_moves", "the weights are what they were: is optimizer.step() missing, or are the gradients "
                 "cleared between backward() and step()?",
                 lambda answers, cases: _weights_as(_epoch(step="never"), answers, cases)),
            Slip("one_step", "the weights moved once in the whole epoch; wanted one step per batch.",
                 lambda answers, cases: any(_weights_as(_epoch(clear=clear, step="epoch"), answers, cases)
                                            for clear in ("batch", "epoch"))),
            Slip("eval_mode", "the weights are right, but the model was not in training mode: dropout would be off.",
                 gives(_epoch(training=False))),
            Slip("mean_of_batches", "the weights are right, but the loss is a mean over batches: a text in a short "
                 "batch counts for more.", gives(_epoch(mean="batches"))),
            Slip("last_batch", "the weights are right, but the loss is that of the last batch alone.",
                 gives(_epoch(mean="last"))),
            Slip("sum_of_batches", "the weights are right, but the loss is a sum where a mean was wanted.",
                 gives(_epoch(mean="sum"))),
        ],
        "after one epoch the model or the loss is not as it should be.",
    ),
)  # fmt: skip


def _weights_as(wrong: Callable[[Case], Plain], answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return all(same(a["weight"], wrong(case)["weight"]) for a, case in zip(answers, cases, strict=True))


# --- 1.3 top-k by index -------------------------------------------------------------------------------------


def _top_k_cases(rng: Rng) -> list[Case]:
    shapes = [(2, 3, 7, 2), (4, 5, 6, 3), (3, 4, 5, 1)]
    return [{"activations": rng.permutation(n * f * m).reshape(n, f, m) / 7.0, "k": k} for n, f, m, k in shapes]


def _top_k_probe(answer: Any, case: Case) -> Plain:
    import torch

    given = torch.from_numpy(case["activations"].copy())
    pair = _call_unchanged(answer, given, case["k"])
    if len(pair) != 2:
        raise Misfit("got one thing where two were wanted: the values and the positions, in this order")
    values, positions = array(pair[0]), array(pair[1])
    return {"values": values, "positions": positions, "whole": positions.dtype.kind in "iu"}


def _top_k(axis: int = 2, sign: int = 1, order: int = 1, whole: bool = True) -> Callable[[Case], Plain]:
    def top(case: Case) -> Plain:
        a, k = case["activations"], case["k"]
        positions = np.argsort(-sign * a, axis=axis, kind="stable")
        positions = np.take(positions, range(min(k, a.shape[axis])), axis=axis)
        if order < 0:
            positions = np.flip(positions, axis=axis)
        return {"values": np.take_along_axis(a, positions, axis=axis), "positions": positions, "whole": whole}

    return top


def _squeezed(case: Case) -> Plain:
    right = _top_k()(case)
    return right | {name: right[name][..., 0] for name in ("values", "positions") if case["k"] == 1}


def _swapped(case: Case) -> Plain:
    right = _top_k()(case)
    return {"values": right["positions"], "positions": right["values"], "whole": False}


def _ranks(case: Case) -> Plain:
    right = _top_k()(case)
    return right | {"positions": np.broadcast_to(np.arange(case["k"]), right["values"].shape).copy()}


TOP_K = Exercise(
    "1.3",
    "top-k by index",
    2,
    (
        "The positions run along the last dimension, dim=2. torch.topk gives values and indices.",
        "activations.gather(2, positions) picks the value at each position.",
    ),
    _top_k_cases,
    _top_k_probe,
    compare(
        _top_k(),
        [
            Slip("over_filters", "you compare the filters (dim 1) with each other; wanted the positions (dim 2) of "
                 "each filter.", gives(_top_k(axis=1))),
            Slip("over_texts", "you compare the texts (dim 0) with each other; wanted the positions (dim 2).",
                 gives(_top_k(axis=0))),
            Slip("smallest", "these are the smallest activations, not the largest.", gives(_top_k(sign=-1))),
            Slip("rising_order", "the right k are there, but the largest must come first.", gives(_top_k(order=-1))),
            Slip("broken_positions", "the positions are floats; gather and indexing take whole numbers.",
                 gives(_top_k(whole=False))),
            Slip("squeezed", "with k = 1 the last dimension is gone; keep it: (N, F, 1).", gives(_squeezed)),
            Slip("swapped", "values and positions stand in each other's place.", gives(_swapped)),
            Slip("ranks_for_positions", "the positions are just 0, 1, ... k-1: ranks, not places in the text.",
                 gives(_ranks)),
        ],
        "values or positions are not the top k.",
    ),
)  # fmt: skip

# --- 1.4 a hook that records --------------------------------------------------------------------------------


def _hook_cases(rng: Rng) -> list[Case]:
    return [
        {
            "weights": [rng.normal(size=(3, 4)), rng.normal(size=(2, 3))],
            "inputs": rng.normal(size=(5, 4)),
            "names": names,
        }
        for names in (["first", "second"], ["convs.1", "convs.7"])
    ]


def _hook_probe(answer: Any, case: Case) -> Plain:
    import torch

    layers = []
    for weight in case["weights"]:
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False).double()
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight))
        layers.append(layer)
    model = torch.nn.Sequential(*layers)
    store: dict[str, Any] = {}
    for name, layer in zip(case["names"], layers, strict=True):
        layer.register_forward_hook(call(answer, store, name))
    with torch.enable_grad():
        output = model(torch.from_numpy(case["inputs"].copy()))
    return {
        "output": array(output),
        "learns": bool(output.requires_grad),
        "names": [str(name) for name in store],
        "stored": [array(value) for value in store.values()],
        "graph": any(getattr(value, "requires_grad", False) for value in store.values()),
    }


def _hooked(graph: bool = False, what: str = "output", learns: bool = True) -> Callable[[Case], Plain]:
    def run(case: Case) -> Plain:
        first = case["inputs"] @ case["weights"][0].T
        second = first @ case["weights"][1].T
        kept = {
            "output": [first, second], "list": [first[None], second[None]],
            "input": [case["inputs"], first], "inputs": [case["inputs"][None], first[None]],
        }[what]  # fmt: skip
        return {"output": second, "learns": learns, "names": case["names"], "stored": kept, "graph": graph}

    return run


RECORDING_HOOK = Exercise(
    "1.4",
    "a hook that records",
    3,
    (
        "A closure: your function defines an inner function hook(module, inputs, output) and returns it.",
        "The inner function stores output under the name. Without detach() the whole graph is kept with it.",
        "Return nothing from the inner function: what a forward hook returns replaces the layer's output.",
    ),
    _hook_cases,
    _hook_probe,
    compare(
        _hooked(),
        [
            Slip("keeps_graph", "what you store still hangs on its graph and keeps all of it in memory: detach() it.",
                 gives(_hooked(graph=True))),
            Slip("stores_input", "you store what goes into the layer; wanted what comes out of it.",
                 _any_of(*(_hooked(graph, what) for graph in (False, True) for what in ("input", "inputs")))),
            Slip("list", "you store a list with the output in it; wanted the output itself.",
                 gives(_hooked(what="list"))),
            Slip("cuts_graph", "the network's own output lost its graph, so it cannot be trained: return nothing, "
                 "and do not detach in place.", gives(_hooked(learns=False))),
            Slip("stores_nothing", "the store stays empty: the inner function must put something into it.",
                 lambda answers, cases: not any(a["names"] for a in answers)),
            Slip("changes_output", "the network's output changed: a forward hook that returns something replaces the "
                 "layer's output with it.",
                 lambda answers, cases: not any(same(a["output"], _hooked()(c)["output"])
                                                for a, c in zip(answers, cases, strict=True))),
            Slip("one_name", "both layers were stored under one name, so the second overwrote the first: use the name "
                 "that was handed in.", lambda answers, cases: all(len(a["names"]) == 1 for a in answers)),
        ],
        "the store is not what it should be.",
    ),
)  # fmt: skip

# --- 1.5 collect and compare --------------------------------------------------------------------------------


def _collect_cases(rng: Rng) -> list[Case]:
    return [
        {
            "seed": int(rng.integers(2**31)),
            "ids": [_padded(rng, n, length) for n, length in ((6, 9), (5, 5))],
            "k": k,
        }
        for k in (1, 3)
    ]


def _padded(rng: Rng, count: int, length: int) -> np.ndarray:
    """Texts of different lengths over few words, so that filters meet the same word again."""
    ids = rng.integers(4, 12, (count, length))
    ids[:, 0] = 1
    for row, kept in zip(ids, rng.integers(3, length + 1, count), strict=True):
        row[kept:] = 0
    return ids


def _text_cnn(case: Case) -> Any:
    import torch

    from labkit.models import TextCNN

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(case["seed"])
        return TextCNN(12, {1: 4, 2: 3}, embedding_size=8).eval()


def _collect_probe(answer: Any, case: Case) -> Plain:
    import torch

    # Pairs, as the notebook's own batches are.
    batches = [(torch.from_numpy(ids.copy()), torch.zeros(len(ids))) for ids in case["ids"]]
    return number(call(answer, _text_cnn(case), batches, case["k"]))


def _mean_features(
    distinct: bool = True, over: str = "mean", padding: bool = False, k: int | None = None, words: int | None = None
) -> Callable[[Case], Plain]:
    """The plain triple loop: texts, filters, positions."""

    def count(case: Case) -> Plain:
        import torch

        model = _text_cnn(case)
        found: dict[tuple[int, int], list[tuple[int, ...]]] = {
            (w, f): [] for w, n in ((1, 4), (2, 3)) for f in range(n)
        }
        for ids in case["ids"]:
            with torch.no_grad():
                embedded = model.embedding(torch.from_numpy(ids)).transpose(1, 2)
                maps = {w: model.convs[str(w)](embedded).numpy() for w in (1, 2)}
            for width, f in found:
                for row, values in zip(ids, maps[width][:, f], strict=True):
                    windows = [tuple(row[i : i + width].tolist()) for i in range(len(values))]
                    allowed = [i for i, w in enumerate(windows) if padding or 0 not in w]
                    best = sorted(allowed, key=lambda i: -values[i])[: k or case["k"]]
                    found[width, f] += [windows[i][:words] for i in best]
        sizes = [len(set(grams)) if distinct else len(grams) for grams in found.values()]
        if over == "union":
            return float(len(set().union(*found.values())))
        return float({"sum": np.sum, "median": np.median, "mean": np.mean}[over](sizes))

    return count


COLLECT = Exercise(
    "1.5",
    "collect and compare",
    2,
    (
        "txray.collect(model, batches, layers, k=...) does the collecting; layers of this model: list(model.convs) "
        'gives the widths, "convs.<width>" are the names.',
        "The result's unique_features holds the number of distinct n-grams of each filter.",
    ),
    _collect_cases,
    _collect_probe,
    compare(
        _mean_features(),
        [
            Slip("not_distinct", "you count every activation; wanted how many different n-grams a filter has.",
                 gives(_mean_features(distinct=False))),
            Slip("sum_over_filters", "this is the sum over the filters; wanted the mean.",
                 gives(_mean_features(over="sum"))),
            Slip("union_of_filters", "this is how many n-grams all filters have together; wanted the mean per filter.",
                 gives(_mean_features(over="union"))),
            Slip("median", "this is the median over the filters; wanted the mean.",
                 gives(_mean_features(over="median"))),
            Slip("first_words", "n-grams that begin alike are counted as one: a filter of width 2 sees both words.",
                 gives(_mean_features(words=1))),
            Slip("ignores_arguments", "your answer is the same whatever it is handed: use model, batches and k, not "
                 "what lies about in the notebook.", lambda answers, cases: len(set(answers)) == 1),
            Slip("ignores_k", "k changes nothing in your answer: hand it on.", gives(_mean_features(k=1))),
            Slip("credits_padding", "n-grams with padding in them are counted; padding is no word.",
                 gives(_mean_features(padding=True))),
        ],
        "the mean number of different n-grams per filter is another.",
    ),
)  # fmt: skip

# --- 1.7 read the statistics --------------------------------------------------------------------------------


# One row for each role, so that each known mistake picks a filter of its own: the most activation in all, the
# highest peak, the highest mean (and std / mean), the smallest std / mean, the smallest std, the smallest mean
# (and most credits).
_ROLES = {
    "count": [100, 60, 30, 50, 70, 120],
    "mean": [2.0, 1.5, 4.0, 2.5, 0.6, 0.4],
    "std": [1.0, 0.9, 3.6, 0.5, 0.25, 0.28],
    "max": [5.0, 9.0, 6.0, 4.0, 2.0, 3.0],
}


def _statistics_cases(rng: Rng) -> list[Case]:
    return [_statistics_case(rng) for _ in range(3)]


def _statistics_case(rng: Rng) -> Case:
    """Statistics as ``TXRay.mass()`` gives them: the roles in random order, all numbers blurred a little."""
    order = rng.permutation(len(_ROLES["mean"]))
    columns = {name: np.array(v, dtype=float)[order] * rng.uniform(0.98, 1.02, 6) for name, v in _ROLES.items()}
    columns |= {"sum": columns["count"] * columns["mean"], "min": columns["mean"] - 2 * columns["std"]}
    return {"filters": _labels(rng, len(order)), "columns": columns}


def _labels(rng: Rng, number: int) -> list[str]:
    return [f"w{1 + i % 3}-f{i}" for i in rng.permutation(20)[:number].tolist()]


def _frame(case: Case) -> pd.DataFrame:
    return pd.DataFrame(case["columns"], index=pd.Index(case["filters"], name="filter"))


def _statistics(used: str = "sum", indifferent: str = "relative", swap: bool = False) -> Callable[[Case], Plain]:
    def read(case: Case) -> Plain:
        table = _frame(case)
        table["relative"] = table["std"] / table["mean"]
        table["varied"] = -table["relative"]
        pair = [str(table[used].idxmax()), str(table[indifferent].idxmin())]
        return pair[::-1] if swap else pair

    return read


def _positions(case: Case) -> Plain:
    return [str(case["filters"].index(name)) for name in _statistics()(case)]


READ_STATISTICS = Exercise(
    "1.7",
    "read the statistics",
    3,
    (
        "Over-used: the most activation in all texts together. Which column is that?",
        "A spread of 0.5 is much for a mean of 1 and little for a mean of 10: divide.",
        'table["sum"].idxmax() gives the label of the row with the largest sum.',
    ),
    _statistics_cases,
    lambda answer, case: [str(label) for label in _no_text(call(answer, _frame(case)), "a pair of labels")],
    compare(
        _statistics(),
        [
            Slip("largest_peak", "for the over-used filter you took the one with the highest single peak (max); "
                 "wanted the most activation in all (sum).",
                 lambda answers, cases: _first_as(_statistics(used="max"), answers, cases)),
            Slip("largest_mean", "for the over-used filter you took the highest mean; a filter may be high on "
                 "few texts. Wanted the most activation in all (sum).",
                 lambda answers, cases: _first_as(_statistics(used="mean"), answers, cases)),
            Slip("most_credits", "for the over-used filter you took the most credits (count); wanted the most "
                 "activation in all (sum).", lambda answers, cases: _first_as(_statistics(used="count"), answers, cases)),
            Slip("most_varied", "for the indifferent filter you took the one that varies most for its mean; wanted the "
                 "least.", gives(_statistics(indifferent="varied"))),
            Slip("absolute_spread", "for the indifferent filter you took the smallest spread; wanted the smallest "
                 "spread for its mean (std / mean).", gives(_statistics(indifferent="std"))),
            Slip("weakest", "for the indifferent filter you took the lowest mean; a weak filter can still tell "
                 "texts apart. Wanted the smallest std / mean.", gives(_statistics(indifferent="mean"))),
            Slip("swapped", "the two stand in each other's place: over-used first.", gives(_statistics(swap=True))),
            Slip("positions", "you return row numbers; wanted the labels (idxmax, not argmax).", gives(_positions)),
        ],
        "at least one of the two filters is another.",
    ),
)  # fmt: skip


def _first_as(wrong: Callable[[Case], Plain], answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return all(same(a[:1], wrong(case)[:1]) for a, case in zip(answers, cases, strict=True))


# --- 1.9 a filter of width 1 is a sorted list of words ------------------------------------------------------


def _score_cases(rng: Rng) -> list[Case]:
    return [
        {"embedding": rng.normal(size=(v, e)), "weight": rng.normal(size=(f, e, 1)), "bias": rng.normal(size=f)}
        for v, e, f in ((9, 4, 3), (6, 5, 2))
    ]


def _score_probe(answer: Any, case: Case) -> Plain:
    import torch

    given = [torch.from_numpy(case[name].copy()) for name in ("embedding", "weight", "bias")]
    return array(_call_unchanged(answer, *given))


def _scores(case: Case) -> np.ndarray:
    return case["embedding"] @ case["weight"][:, :, 0].T + case["bias"]


def _unit_length(case: Case) -> np.ndarray:
    rows = case["embedding"] / np.linalg.norm(case["embedding"], axis=1, keepdims=True)
    columns = case["weight"][:, :, 0] / np.linalg.norm(case["weight"][:, :, 0], axis=1, keepdims=True)
    return rows @ columns.T


WORD_SCORES = Exercise(
    "1.9",
    "a filter as a list of words",
    3,
    (
        "At width 1 the filter sees one word: its activation is the dot product of the word's embedding "
        "with the filter's weights.",
        "weight[:, :, 0] has the shape (F, E) and embedding (V, E): which matrix product gives (V, F)?",
        "embedding @ weight[:, :, 0].T, and what a convolution adds to every activation must not be missing.",
    ),
    _score_cases,
    _score_probe,
    compare(
        _scores,
        [
            Slip("no_bias", "the order of the words is right, but each filter's bias is missing.",
                 gives(lambda case: _scores(case) - case["bias"])),
            Slip("transposed", "filters and words stand in each other's place; wanted (V, F).",
                 gives(lambda case: _scores(case).T)),
            Slip("relu_inside", "negative scores are cut to 0; a hook sees the convolution before any ReLU.",
                 gives(lambda case: np.maximum(_scores(case), 0))),
            Slip("cosine", "these are cosines: a convolution divides by no lengths.", gives(_unit_length)),
            Slip("keeps_width", "a dimension of size 1 is left over; wanted (V, F).",
                 lambda answers, cases: all(np.ndim(a) == 3 for a in answers)),
        ],
        "these are not the activations of the filters on each word.",
    ),
)  # fmt: skip

# --- 1.10 a hook that prunes --------------------------------------------------------------------------------


def _prune_cases(rng: Rng) -> list[Case]:
    return [
        {"output": rng.normal(size=(4, 4, 5)), "channels": channels, "value": value, "training": training}
        for channels, value in (([1, 3], 0.0), ([0], -1e4), ([2, 0, 1], -7.0))
        for training in (False, True)
    ]


def _prune_probe(answer: Any, case: Case) -> Plain:
    import torch

    class Given(torch.nn.Module):
        """A layer whose output is given, so that it can be looked at afterwards."""

        def forward(self, x: "torch.Tensor") -> "torch.Tensor":
            return given

    given = torch.from_numpy(case["output"].copy())
    layer = Given().train(case["training"])
    layer.register_forward_hook(call(answer, list(case["channels"]), case["value"]))
    result = layer(given)
    return {"output": array(result), "untouched": bool(np.array_equal(given.numpy(), case["output"]))}


def _pruned(
    when: tuple[bool, ...] = (False,),
    axis: int = 1,
    value: float | None = None,
    in_place: bool = False,
    others: bool = False,
) -> Callable[[Case], Plain]:
    def run(case: Case) -> Plain:
        output = case["output"].copy()
        active = case["training"] in when
        if active:
            index: list[Any] = [slice(None)] * 3
            index[axis] = np.isin(np.arange(output.shape[axis]), case["channels"], invert=others)
            output[tuple(index)] = case["value"] if value is None else value
        return {"output": output, "untouched": not (active and in_place)}

    return run


PRUNING_HOOK = Exercise(
    "1.10",
    "a hook that prunes",
    3,
    (
        "The output is (N, F, L); the filters are dimension 1: pruned[:, channels] = value.",
        "Work on output.clone(), and return it: what a hook returns replaces the layer's output.",
        "module.training is True while training. When must nothing be pruned?",
    ),
    _prune_cases,
    _prune_probe,
    compare(
        _pruned(),
        [
            Slip("also_in_training", "it prunes while training too; wanted in eval mode only.",
                 _any_of(_pruned(when=(False, True)), _pruned(when=(False, True), in_place=True))),
            Slip("inverted", "the test is the wrong way round: it prunes while training and not in eval mode.",
                 _any_of(_pruned(when=(True,)), _pruned(when=(True,), in_place=True))),
            Slip("in_place", "the result is right, but the layer's own output was overwritten: others may still "
                 "need it. Work on a copy.", gives(_pruned(in_place=True))),
            Slip("positions", "you prune positions in the text (dimension 2); wanted filters (dimension 1).",
                 _any_of(_pruned(axis=2), _pruned(axis=2, in_place=True))),
            Slip("texts", "you prune whole texts (dimension 0); wanted filters (dimension 1).",
                 _any_of(_pruned(axis=0), _pruned(axis=0, in_place=True))),
            Slip("others", "you prune all filters but those in channels.",
                 _any_of(_pruned(others=True), _pruned(others=True, in_place=True))),
            Slip("ignores_value", "it always prunes to 0; wanted the value that was handed in.",
                 _any_of(_pruned(value=0), _pruned(value=0, in_place=True))),
            Slip("no_return", "nothing is pruned: does your hook return the changed copy?", gives(_pruned(when=()))),
        ],
        "the layer's output after your hook is not as it should be.",
    ),
)  # fmt: skip


# --- 1.11 zero or a large negative number -------------------------------------------------------------------

#: What the notebook shows: one filter's activations at four positions.
ACTIVATIONS = (-0.5, -0.2, -0.9, -0.4)
_POOLED = {"pooled_0": 0.0, "pooled_minus": -1e4, "relu_0": 0.0, "relu_minus": 0.0}


def _pooled_with(**changed: float) -> Callable[[Case], Plain]:
    return lambda case: _POOLED | changed


def _pooled_probe(answer: Any, case: Case) -> Plain:
    if not isinstance(answer, dict):
        raise Misfit(f"got a value of type {type(answer).__name__} where a dictionary with four numbers was wanted")
    if any(value is ... for value in answer.values()):
        raise Unanswered
    return {str(name): number(value) for name, value in answer.items()}


ZERO_OR_NEGATIVE = Exercise(
    "1.11",
    "zero or a large negative number",
    2,
    (
        "All four positions of a pruned filter hold the same number. What is their maximum?",
        "Then comes the ReLU: max(0, x). What is left of -10,000?",
    ),
    lambda rng: [{}],
    _pooled_probe,
    compare(
        _pooled_with(),
        [
            Slip("unpruned", "that is the maximum before pruning; all four positions are overwritten.",
                 lambda answers, cases: any(np.isclose(a, max(ACTIVATIONS)) for a in answers[0].values())),
            Slip("no_relu", "the ReLU is missing in the last one: it lets nothing below 0 through.",
                 gives(_pooled_with(relu_minus=-1e4))),
            Slip("no_pooling_of_zero", "the maximum of four zeros is no large negative number.",
                 lambda answers, cases: answers[0]["pooled_0"] < -1),
            Slip("relu_before_pooling", "in pooled_minus the ReLU came too early: pooling sees raw activations.",
                 gives(_pooled_with(pooled_minus=0.0))),
        ],
        "at least one of the four is another number.",
        right="Behind the ReLU both are 0; before it they are far apart.",
    ),
)  # fmt: skip

# --- 1.12 a criterion of one's own --------------------------------------------------------------------------


def _criterion_cases(rng: Rng) -> list[Case]:
    """The same filters in the same order each time; only the numbers differ."""
    labels = _labels(rng, 9)
    return [
        {"filters": labels, "columns": _criterion_columns(rng), "n": n, "order": rng.permutation(9)}
        for n in (1, 3, 3, 3, 3, 5)
    ]


def _criterion_columns(rng: Rng) -> dict[str, np.ndarray]:
    columns = {name: rng.uniform(1, 9, 9) for name in ("sum", "min", "max", "mean", "std", "count", "unique")}
    return columns | {"std / mean": columns["std"] / columns["mean"]}


def _criterion_probe(answer: Any, case: Case) -> Plain:
    def ask(table: Any) -> list[Plain]:
        return [str(label) for label in _no_text(call(answer, table, case["n"]), "a list of filter labels")]

    return [ask(_frame(case)), ask(_frame(case)), ask(_frame(case).iloc[case["order"]])]


def _judge_criterion(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    def wrong(message: str, mistake: str) -> Verdict:
        return Verdict("wrong", message, mistake)

    for asked, case in zip(answers, cases, strict=True):
        if not (isinstance(asked, list) and len(asked) == 3 and all(isinstance(chosen, list) for chosen in asked)):
            return wrong("wanted a list of filter labels.", "other")
        chosen, again, _ = asked
        unknown = [label for label in chosen if label not in case["filters"]]
        if unknown and all(str(label).isdigit() for label in unknown):
            return wrong("you return row numbers; wanted the labels in the table's index.", "positions")
        if unknown and unknown[0] in case["columns"]:
            return wrong("you return a table, which is a list of its columns; wanted the labels in its index.", "table")
        if unknown:
            return wrong(f"{unknown[0]!r} is no filter of the table: its index has the labels.", "unknown")
        if len(chosen) != case["n"]:
            return wrong(f"got {len(chosen)} labels, wanted n = {case['n']}.", "wrong_number")
        if len(set(chosen)) != len(chosen):
            return wrong("a filter is named twice; it can be pruned but once.", "twice")
        if sorted(chosen) != sorted(again):
            return wrong("asked twice about the same table you choose differently: chance is what your criterion will "
                         "be compared with.", "random")  # fmt: skip
    choices = {tuple(sorted(asked[0])) for asked, case in zip(answers, cases, strict=True) if case["n"] == 3}
    if len(choices) == 1:
        return wrong("you choose the same filters whatever the numbers are: let the table decide.", "constant")
    # Ties may fall to the first row, so a criterion with ties is allowed to change its mind now and then.
    moved = [sorted(map(str, shuffled)) != sorted(chosen) for chosen, _, shuffled in answers]
    if sum(moved) > len(moved) / 2:
        return wrong("with the rows in another order you choose other filters: let the numbers decide, not the "
                     "place in the table.", "row_order")  # fmt: skip
    return Verdict("right", "A criterion; the figure below shows whether a good one.")


CRITERION = Exercise(
    "1.12",
    "a criterion of your own",
    4,
    (
        "Which filters would not be missed? Those that fire rarely, weakly, on everything, or on one word?",
        'table["sum"].nsmallest(n).index holds the labels of the n filters with the least activation.',
    ),
    _criterion_cases,
    _criterion_probe,
    _judge_criterion,
)

# --- 1.14, 1.15 overlap of two filters ----------------------------------------------------------------------


def _set_cases(rng: Rng) -> list[Case]:
    def draw(low: int, high: int, n: int) -> list[int]:
        return rng.choice(np.arange(low, high), n, replace=False).tolist()

    pairs = [
        (draw(0, 10, 6), draw(3, 15, 9)), (draw(0, 10, 9), draw(5, 12, 4)), (draw(0, 5, 4), draw(5, 9, 3)),
        ([1, 2], [1, 2]), ([4, 5], []), ([], []),
    ]  # fmt: skip
    return [{"a": a, "b": b} for a, b in pairs]


def _ratio(above: float, below: float) -> float:
    return above / below if below else 0.0


def _jaccard(case: Case) -> Plain:
    a, b = set(case["a"]), set(case["b"])
    return _ratio(len(a & b), len(a | b))


def _shared_over(size: Callable[[int, int], float]) -> Callable[[Case], Plain]:
    """What both have, divided by something made of the two sizes."""
    return lambda case: _ratio(len(set(case["a"]) & set(case["b"])), size(len(case["a"]), len(case["b"])))


def _distances(similarity: Callable[[Case], Plain], answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    """Whether these are 1 - similarity; for two empty sets there are several conventions."""
    pairs = zip(answers, cases, strict=True)
    return all(same(a, 1 - similarity(case)) for a, case in pairs if case["a"] or case["b"])


JACCARD = Exercise(
    "1.14",
    "Jaccard",
    2,
    (
        "How many features do both have, and how many does at least one have?",
        "len(a & b) / len(a | b); and what if both are empty?",
    ),
    _set_cases,
    lambda answer, case: number(_call_unchanged(answer, set(case["a"]), set(case["b"]))),
    compare(
        _jaccard,
        [
            Slip("smaller_set", "you divide by the smaller set (that is the overlap coefficient); wanted the union.",
                 gives(_shared_over(min))),
            Slip("dice", "you divide by both sizes added (that is half of Dice's, or Dice's); wanted the union, where "
                 "a shared feature counts once.",
                 _any_of(_shared_over(lambda a, b: a + b), _shared_over(lambda a, b: (a + b) / 2))),
            Slip("count", "this is the number of shared features; wanted a share in [0, 1].",
                 gives(_shared_over(lambda a, b: 1))),
            Slip("distance", "this is the distance; wanted the similarity, 1 for equal sets.",
                 lambda answers, cases: _distances(_jaccard, answers, cases)),
            Slip("one_sided", "you divide by the size of one of the two sets; wanted the union.",
                 _any_of(_shared_over(lambda a, b: a), _shared_over(lambda a, b: b))),
            Slip("empty_as_one", "two empty sets have nothing in common: wanted 0.",
                 gives(lambda c: _jaccard(c) if c["a"] or c["b"] else 1.0)),
        ],
        "the similarity is another.",
    ),
)  # fmt: skip


def _mass_cases(rng: Rng) -> list[Case]:
    def draw(keys: Sequence[str]) -> dict[str, float]:
        return {key: float(v) for key, v in zip(keys, rng.uniform(0.5, 9, len(keys)), strict=True)}

    return [
        {"a": draw("bcdef"), "b": draw("defgh")}, {"a": draw("bc"), "b": draw("de")},
        {"a": draw("bcd"), "b": draw("bcd")}, {"a": draw("b"), "b": {}}, {"a": {}, "b": {}},
    ]  # fmt: skip


def _weighted(shared_only: bool = False) -> Callable[[Case], Plain]:
    def run(case: Case) -> Plain:
        a, b = case["a"], case["b"]
        keys = a.keys() & b.keys() if shared_only else a.keys() | b.keys()
        low = sum(min(a.get(key, 0), b.get(key, 0)) for key in keys)
        return _ratio(low, sum(max(a.get(key, 0), b.get(key, 0)) for key in keys))

    return run


def _mean_of_ratios(case: Case) -> Plain:
    a, b = case["a"], case["b"]
    keys = a.keys() | b.keys()
    ratios = [min(a.get(key, 0), b.get(key, 0)) / max(a.get(key, 0), b.get(key, 0)) for key in keys]
    return _ratio(sum(ratios), len(ratios))


def _shared_mass(times: int) -> Callable[[Case], Plain]:
    """Over all mass added; taken twice it is the Bray-Curtis similarity."""

    def run(case: Case) -> Plain:
        a, b = case["a"], case["b"]
        shared = sum(min(a[key], b[key]) for key in a.keys() & b.keys())
        return _ratio(times * shared, sum(a.values()) + sum(b.values()))

    return run


def _cosine(case: Case) -> Plain:
    a, b = case["a"], case["b"]
    lengths = np.sqrt(sum(v * v for v in a.values())) * np.sqrt(sum(v * v for v in b.values()))
    return float(_ratio(sum(a[key] * b[key] for key in a.keys() & b.keys()), lengths))


WEIGHTED_JACCARD = Exercise(
    "1.15",
    "Jaccard, weighted by activation",
    3,
    (
        "For each feature of either filter: the smaller and the larger of the two masses. A missing one is 0.",
        "a.get(feature, 0.0) gives 0 for a feature that a does not have.",
        "Add up all smaller ones, add up all larger ones, divide once at the end.",
    ),
    _mass_cases,
    lambda answer, case: number(_call_unchanged(answer, dict(case["a"]), dict(case["b"]))),
    compare(
        _weighted(),
        [
            Slip("unweighted", "the masses change nothing in your answer: this is the plain Jaccard similarity.",
                 gives(lambda c: _ratio(len(c["a"].keys() & c["b"].keys()), len(c["a"].keys() | c["b"].keys())))),
            Slip("shared_only", "only shared features are counted; a feature that one filter lacks belongs into the "
                 "lower sum.", gives(_weighted(shared_only=True))),
            Slip("mean_of_ratios", "you average a ratio per feature, so a weak feature counts as much as a strong one; "
                 "divide the sums.", gives(_mean_of_ratios)),
            Slip("cosine", "this is the cosine of the two; wanted sum of minima over sum of maxima.", gives(_cosine)),
            Slip("all_mass", "you divide by all mass added; wanted the larger of the two for each feature.",
                 _any_of(_shared_mass(1), _shared_mass(2))),
            Slip("distance", "this is the distance; wanted the similarity, 1 for equal filters.",
                 lambda answers, cases: _distances(_weighted(), answers, cases)),
            Slip("empty_as_one", "two empty filters have nothing in common: wanted 0.",
                 gives(lambda c: _weighted()(c) if c["a"] or c["b"] else 1.0)),
        ],
        "the similarity is another.",
    ),
)  # fmt: skip

# --- the open questions, and all of them in the notebook's order --------------------------------------------

WHAT_CHANGES = in_words(
    "1.6", "what changes the number of features", 2,
    ("Three things were changed, one at a time: filters, texts, k. Say for each what you saw and why.",),
)  # fmt: skip
NOISE = in_words(
    "1.8", "noise and over-use", 2,
    ("Name a filter for each, with its numbers, and say what its top words are.",),
)  # fmt: skip
PRUNING = in_words(
    "1.13", "what pruning shows", 2,
    ("Compare your criterion's accuracy with the spread of the random draws, not with their mean alone.",),
)  # fmt: skip
REDUNDANCY = in_words(
    "1.16", "more filters, more redundancy?", 2,
    ("Compare the medians for 20 and 100 filters, plain and weighted, and the untrained network beside them.",),
)  # fmt: skip

LAB = Lab(
    "lab1_txray_text_cnn",
    "TX-Ray: what words does each filter of a text CNN prefer?",
    "torch",
    minutes_work=150,
    seconds_run=30,
    exercises={
        e.id: e
        for e in (
            IDS_TO_WORDS, ONE_EPOCH, TOP_K, RECORDING_HOOK, COLLECT, WHAT_CHANGES, READ_STATISTICS, NOISE, WORD_SCORES,
            PRUNING_HOOK, ZERO_OR_NEGATIVE, CRITERION, PRUNING, JACCARD, WEIGHTED_JACCARD, REDUNDANCY,
        )
    },
)  # fmt: skip
