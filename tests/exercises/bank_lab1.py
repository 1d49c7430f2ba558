"""Right and wrong answers to the exercises of lab 1, as students write them.

``RIGHT[id]`` are answers that must pass, each written differently from the solution. ``WRONG[id]`` are pairs
of an answer and the mistake that the check must name; "other" where it can only say what differs.
"""

import collections
import functools
import random

import numpy as np
import pandas as pd
import torch

from labkit.methods import txray
from labkit.models import TextCNN

SPECIAL = {0: "<pad>", 1: "<start>", 2: "<unk>", 3: "<unused>"}

# --- 1.1 -----------------------------------------------------------------------------------------------------


def decode_by_search(ids, word_index):
    words = []
    for i in ids:
        found = [word for word, rank in word_index.items() if rank == i - 3]
        words.append(SPECIAL.get(i) or (found[0] if found else "<unk>"))
    return words


def decode_as_array(ids, word_index):
    words = np.full(200, "<unk>", dtype="<U20")
    for word, rank in word_index.items():
        words[rank + 3] = word
    for i, name in SPECIAL.items():
        words[i] = name
    return words[np.array(ids)]


def decode_changing_ids(ids, word_index):
    turned = {rank + 3: word for word, rank in word_index.items()} | SPECIAL
    for place, i in enumerate(ids):
        ids[place] = turned.get(i, "<unk>")
    return ids


def decode_changing_the_index(ids, word_index):
    word_index.update({"<pad>": -3, "<start>": -2, "<unk>": -1, "<unused>": 0})
    turned = {rank + 3: word for word, rank in word_index.items()}
    return [turned.get(i, "<unk>") for i in ids]


def decoder(offset, special=SPECIAL):
    def decode(ids, word_index):
        turned = {rank + offset: word for word, rank in word_index.items()} | special
        return [turned.get(i, "<unk>") for i in ids]

    return decode


def decode_like_the_course(ids, word_index):
    turned = {rank: word for word, rank in word_index.items()}
    turned[0] = "<pad>"
    return [turned.get(i - 3, "<unk>") for i in ids]


def decode_special_as_ranks(ids, word_index):
    turned = {rank: word for word, rank in word_index.items()} | SPECIAL
    return [turned.get(i - 3, "<unk>") for i in ids]


def decode_dropping(ids, word_index):
    turned = {rank + 3: word for word, rank in word_index.items()}
    return [turned.get(i, "<unk>") for i in ids if i > 3]


def decode_only_known(ids, word_index):
    turned = {rank + 3: word for word, rank in word_index.items()} | SPECIAL
    return [turned[i] for i in ids]


def decode_without_return(ids, word_index):
    decoder(3)(ids, word_index)


class AlwaysEqual(str):
    __hash__ = str.__hash__

    def __eq__(self, other):
        return True

    def __str__(self):
        return self


# --- 1.2 -----------------------------------------------------------------------------------------------------


def epoch(*, clear="before", step=True, mode="train", report="texts", order="backward first"):
    """A loop over batches in which one thing or another is wrong."""

    def one_epoch(model, batches, loss, optimizer):
        model.train(mode == "train")
        values, sizes = [], []
        for inputs, targets in batches:
            if clear == "before":
                optimizer.zero_grad()
            value = loss(model(inputs), targets)
            if order == "step first":
                optimizer.step()
            value.backward()
            if clear == "between":
                optimizer.zero_grad()
            if step and order == "backward first":
                optimizer.step()
            if clear == "after":
                model.zero_grad()
            values.append(value.item())
            sizes.append(len(targets))
        if step == "once":
            optimizer.step()
        return {
            "texts": np.average(values, weights=sizes), "batches": np.mean(values), "last": values[-1],
            "sum": sum(values), "total": np.dot(values, sizes), "sum per text": sum(values) / sum(sizes),
            "twice": 2 * np.mean(values), "list": values, "none": None,
        }[report]  # fmt: skip

    return one_epoch


def epoch_with_graph(model, batches, loss, optimizer):
    model.train()
    total = torch.zeros(())
    for inputs, targets in batches:
        gradients = torch.autograd.grad(value := loss(model(inputs), targets), list(model.parameters()))
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()
        total = total + value * inputs.shape[0]
    return total / sum(len(targets) for _, targets in batches)


def epoch_detached(model, batches, loss, optimizer):
    return epoch_with_graph(model, batches, loss, optimizer).detach()


def epoch_one_entry(model, batches, loss, optimizer):
    return torch.tensor([epoch(clear="after")(model, batches, loss, optimizer)])


def epoch_one_step(model, batches, loss, optimizer):
    model.train()
    optimizer.zero_grad()
    total = sum(loss(model(x), y) * len(x) for x, y in batches) / sum(len(x) for x, _ in batches)
    for x, y in batches:
        loss(model(x), y).backward()
    optimizer.step()
    return total.item()


def epoch_twice(model, batches, loss, optimizer):
    epoch()(model, batches, loss, optimizer)
    return epoch()(model, batches, loss, optimizer)


# --- 1.3 -----------------------------------------------------------------------------------------------------


def top_k_by_sorting(activations, k):
    positions = activations.argsort(dim=-1, descending=True)[..., :k]
    return torch.take_along_dim(activations, positions, dim=-1), positions


def top_k_in_numpy(activations, k):
    a = activations.numpy()
    positions = np.argsort(-a, axis=2)[:, :, :k].astype(np.int32)
    return [np.take_along_axis(a, positions, 2), positions]


def top_k_by_loops(activations, k):
    values, positions = [], []
    for text in activations:
        rows = [sorted(range(len(row)), key=lambda i, row=row: -row[i])[:k] for row in text]
        positions.append([torch.tensor(row) for row in rows])
        values.append([text[f][row] for f, row in enumerate(rows)])
    return values, positions


def top_k_destroying(activations, k):
    values, positions = [], []
    for _ in range(k):
        value, place = activations.max(dim=2, keepdim=True)
        values.append(value)
        positions.append(place)
        activations.scatter_(2, place, float("-inf"))
    return torch.cat(values, 2), torch.cat(positions, 2)


def top_k_ranks(activations, k):
    values = activations.sort(dim=2, descending=True).values[:, :, :k]
    return values, torch.arange(k).expand_as(values)


def top_k_by_size(activations, k):
    positions = activations.abs().topk(k, dim=2).indices
    return activations.gather(2, positions), positions


def top_k_squeezed(activations, k):
    values, positions = activations.topk(k, dim=2)
    return values.squeeze(-1), positions.squeeze(-1)


# --- 1.4 -----------------------------------------------------------------------------------------------------


def hook_as_lambda(store, name):
    return lambda module, inputs, output: store.update({name: output.detach().clone()})


def hook_as_partial(store, name):
    def keep(name, module, inputs, output):
        store[name] = output.data.numpy()

    return functools.partial(keep, name)


def hook_returning_the_same(store, name):
    def hook(module, inputs, output):
        store[name] = output.detach().cpu()
        return output

    return hook


def hook_in_a_class(store, name):
    class Hook:
        def __call__(self, module, inputs, output):
            with torch.no_grad():
                store[name] = output + 0

    return Hook()


def hook(keep, give=None):
    """What to put into the store, and what to return."""

    def record_into(store, name):
        def hook(module, inputs, output):
            keep(store, name, inputs, output)
            return give(output) if give else None

        return hook

    return record_into


def keep_output(store, name, inputs, output):
    store[name] = output.detach()


def store_at(name_of, value_of):
    def keep(store, name, inputs, output):
        store[name_of(name)] = value_of(inputs, output)

    return keep


def append_output(store, name, inputs, output):
    store.setdefault(name, []).append(output.detach())


def hook_called_at_once(store, name):
    store[name] = None


# --- 1.5 -----------------------------------------------------------------------------------------------------


def mean_of_series(model, batches, k):
    found = txray.collect(model, batches, [f"convs.{width}" for width in model.convs], k=k)
    return found.table().groupby("filter").size().reindex(found.labels, fill_value=0).mean()


def mean_by_loops(model, batches, k):
    found = collections.defaultdict(set)
    for ids, _ in batches:
        for text in ids:
            text = text[text != 0]
            embedded = model.embedding(text).T[None]
            for width, conv in model.convs.items():
                for f, values in enumerate(conv(embedded)[0]):
                    for i in values.topk(min(k, len(values))).indices.tolist():
                        found[width, f].add(tuple(text[i : i + int(width)].tolist()))
    return sum(map(len, found.values())) / len(found)


def with_padding(model, batches, k):
    return txray.collect(model, batches, k=k, padding_id=-1).unique_features.mean()


def first_words(model, batches, k):
    table = txray.collect(model, batches, k=k).table()
    return table.assign(first=table["feature"].str[0]).groupby("filter")["first"].nunique().mean()


def union_of_all(model, batches, k):
    return len(set(txray.collect(model, batches, k=k).table()["feature"]))


def mean_of_widths(model, batches, k):
    features = txray.collect(model, batches, k=k).unique_features
    return features.groupby(lambda label: label[:2]).mean().mean()


# What lies about in a notebook, and is taken in the arguments' place.
with torch.random.fork_rng(devices=[]):
    torch.manual_seed(0)
    small = TextCNN(300, {1: 4, 2: 3, 3: 2}, embedding_size=8).eval()
    train = [(torch.randint(4, 300, (6, 12)), torch.zeros(6)) for _ in range(2)]


def unique(then, **options):
    return lambda model, batches, k: then(txray.collect(model, batches, **{"k": k} | options).unique_features)


# --- 1.7 -----------------------------------------------------------------------------------------------------


def read_by_loops(table):
    rows = list(table.iterrows())
    used = max(rows, key=lambda row: row[1]["sum"])[0]
    return [used, min(rows, key=lambda row: row[1]["std"] / row[1]["mean"])[0]]


def read_in_numpy(table):
    names = table.index.to_numpy(dtype=str)
    return names[[table["sum"].argmax(), (table["std"].to_numpy() / table["mean"].to_numpy()).argmin()]]


def read_by_sorting(table):
    table = table.assign(relative=table["std"] / table["mean"])
    return table.sort_values("sum").index[-1], table.sort_values("relative").index[0]


def read_with_new_column(table):
    table["relative"] = table["std"] / table["mean"]
    return table.sort_values("sum").index[-1], table.sort_values("relative").index[0]


def read_as(used, indifferent):
    return lambda table: (used(table), indifferent(table))


def relative(table):
    return table["std"] / table["mean"]


def most(column):
    return lambda table: table[column].idxmax()


def least(column):
    return lambda table: table[column].idxmin()


def least_relative(table):
    return relative(table).idxmin()


# --- 1.9 -----------------------------------------------------------------------------------------------------


def scores_by_convolution(embedding, weight, bias):
    return torch.nn.functional.conv1d(embedding.T[None], weight, bias)[0].T


def scores_in_numpy(embedding, weight, bias):
    return np.einsum("ve,fe->vf", embedding.numpy(), weight.numpy()[..., 0]) + bias.numpy()


def scores_by_loops(embedding, weight, bias):
    return [[sum(w[f, :, 0] * v) + bias[f] for f in range(len(bias))] for v in embedding for w in [weight]]


def scores_in_place(embedding, weight, bias):
    return bias.copy_(torch.zeros_like(bias)) + embedding @ weight[:, :, 0].T


def scores_changing_embedding(embedding, weight, bias):
    scores = embedding @ weight[:, :, 0].T + bias
    embedding /= embedding.norm(dim=1, keepdim=True)
    return scores


def plain_scores(embedding, weight, bias):
    return embedding @ weight[:, :, 0].T + bias


def scores_as_cosine(embedding, weight, bias):
    return torch.nn.functional.cosine_similarity(embedding[:, None], weight[None, :, :, 0], dim=2)


# --- 1.10 ----------------------------------------------------------------------------------------------------


def prune_with_where(channels, value):
    def hook(module, inputs, output):
        chosen = torch.zeros(output.shape[1], dtype=torch.bool)
        chosen[channels] = True
        return output if module.training else torch.where(chosen[None, :, None], value, output)

    return hook


def prune_with_fill(channels, value):
    return lambda module, inputs, output: (
        None if module.training else output.index_fill(1, torch.tensor(channels), value)
    )


def prune_by_loops(channels, value):
    def hook(module, inputs, output):
        output = output.clone()
        for n in range(output.shape[0]):
            for c in channels:
                if not module.training:
                    output[n, c] = torch.full_like(output[n, c], value)
        return output

    return hook


def pruner(change, when="eval", copy=True, give=True):
    """A hook that prunes, with one thing or another wrong."""

    def pruning_hook(channels, value):
        def hook(module, inputs, output):
            if when != "always" and module.training == (when == "eval"):
                return None
            pruned = output.clone() if copy else output
            change(pruned, channels, value)
            return pruned if give else None

        return hook

    return pruning_hook


def set_filters(pruned, channels, value):
    pruned[:, channels] = value


def set_positions(pruned, channels, value):
    pruned[:, :, channels] = value


def set_texts(pruned, channels, value):
    pruned[channels] = value


def set_others(pruned, channels, value):
    pruned[:, [c for c in range(pruned.shape[1]) if c not in channels]] = value


def set_zero(pruned, channels, value):
    pruned[:, channels] = 0


def add_value(pruned, channels, value):
    pruned[:, channels] += value


def set_first(pruned, channels, value):
    pruned[:, channels[0]] = value


# --- 1.12 ----------------------------------------------------------------------------------------------------


def by_ranks(table, n):
    return table[["sum", "std", "unique"]].rank().sum(axis=1).nsmallest(n).index


def by_loops(table, n):
    chosen = []
    while len(chosen) < n:
        left = [label for label in table.index if label not in chosen]
        chosen.append(min(left, key=lambda label: table.loc[label, "std / mean"]))
    return chosen


def by_product_as_set(table, n):
    return set((table["unique"] * table["max"]).sort_values().index[:n])


def by_assigned_column(table, n):
    return table.assign(score=table["sum"] / table["unique"]).nlargest(n, "score").index.to_numpy()


def by_new_column(table, n):
    table["score"] = table["sum"] / table["unique"]
    return table.nlargest(n, "score").index.to_numpy()


def fixed_draw(table, n):
    return random.Random(0).sample(list(table.index), n)


# --- 1.14 and 1.15 -------------------------------------------------------------------------------------------


def jaccard_by_loops(a, b):
    both = sum(1 for feature in a if feature in b)
    either = len(a) + len(b) - both
    return np.float32(both / either) if either else 0


def jaccard_by_isin(a, b):
    every = list(a | b)
    mean = np.isin(every, list(a & b)).mean() if every else 0.0
    return torch.tensor([mean])


def jaccard_destroying(a, b):
    either = a | b
    a &= b
    return len(a) / len(either) if either else 0.0


def share(below, empty=0.0):
    return lambda a, b: len(a & b) / below(a, b) if a | b and below(a, b) else empty


def weighted_in_pandas(a, b):
    table = pd.DataFrame({"a": pd.Series(a, dtype=float), "b": pd.Series(b, dtype=float)}).fillna(0.0)
    return table.min(axis=1).sum() / table.max(axis=1).sum() if table.to_numpy().any() else 0.0


def weighted_by_counters(a, b):
    a, b = collections.Counter(a), collections.Counter(b)
    above, below = (a & b).total(), (a | b).total()
    return torch.tensor(above / below if below else 0.0, dtype=torch.float64)


def weighted(above, below, empty=0.0):
    return lambda a, b: above(a, b) / below(a, b) if below(a, b) else empty


def low(a, b):
    return sum(min(a.get(u, 0), b.get(u, 0)) for u in a | b)


def high(a, b):
    return sum(max(a.get(u, 0), b.get(u, 0)) for u in a | b)


def weighted_shared_only(a, b):
    below = sum(max(a[u], b[u]) for u in a.keys() & b.keys())
    return low(a, b) / below if below else 0.0


def weighted_over(keys):
    def similarity(a, b):
        above = sum(min(a.get(u, 0), b.get(u, 0)) for u in keys(a, b))
        below = sum(max(a.get(u, 0), b.get(u, 0)) for u in keys(a, b))
        return above / below if below else 0.0

    return similarity


def weighted_mean_of_ratios(a, b):
    pairs = [(a.get(u, 0), b.get(u, 0)) for u in a | b]
    ratios = [min(pair) / max(pair) if any(pair) else 0.0 for pair in pairs]
    return np.mean(ratios) if ratios else 0.0


def weighted_cosine(a, b):
    above = sum(a[u] * b[u] for u in a.keys() & b.keys())
    lengths = np.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    return above / lengths if above else 0.0


def weighted_without_get(a, b):
    return sum(min(a[u], b[u]) for u in a | b) / sum(max(a[u], b[u]) for u in a | b)


def weighted_emptying(a, b):
    value = weighted(low, high)(a, b)
    a.clear()
    return value


LONG = "Filter w1-f3 is over-used: its sum is 812.4, three times the median, and its favourites are of no kind."

RIGHT = {
    "1.1": [decode_by_search, decode_as_array, lambda i, w: iter(decoder(3)(i, w))],
    "1.2": [epoch(clear="after"), epoch_detached, epoch_one_entry],
    "1.3": [top_k_by_sorting, top_k_in_numpy, top_k_by_loops, lambda a, k: torch.topk(a, k)],
    "1.4": [hook_as_lambda, hook_as_partial, hook_returning_the_same, hook_in_a_class],
    "1.5": [mean_of_series, mean_by_loops, lambda *a: np.float32(unique(np.mean)(*a))],
    "1.6": [LONG, LONG.replace(" ", "\n")],
    "1.7": [read_by_loops, read_in_numpy, read_by_sorting],
    "1.8": [LONG],
    "1.9": [scores_by_convolution, scores_in_numpy, scores_by_loops, lambda *a: plain_scores(*a).float()],
    "1.10": [prune_with_where, prune_with_fill, prune_by_loops],
    "1.11": [
        collections.OrderedDict(relu_minus=0, relu_0=0, pooled_minus=-10_000, pooled_0=0),
        {"pooled_0": torch.tensor(0), "pooled_minus": np.float32(-1e4), "relu_0": [0.0], "relu_minus": -0.0},
    ],
    "1.12": [
        by_ranks,
        by_loops,
        by_product_as_set,
        by_assigned_column,
        lambda table, n: list((table["std"] / table["mean"]).nsmallest(n).index),
        lambda table, n: table["sum"].nlargest(n).index,
    ],
    "1.13": [LONG],
    "1.14": [jaccard_by_loops, jaccard_by_isin, share(lambda a, b: max(1, len(a.union(b))))],
    "1.15": [weighted_in_pandas, weighted_by_counters, weighted(low, high)],
    "1.16": [LONG],
}

_WORDLESS = [
    ("Too short.", "too_short"), ("one filter and " * 4, "too_short"), ("filters " * 40, "too_short"),
    ("Filter w1-f3, filter w1-f3! " * 9, "too_short"), (42, "misfit"), (None, "misfit"), ([LONG], "misfit"),
]  # fmt: skip

WRONG = {
    "1.1": [
        (decoder(0), "no_offset"),
        (decoder(0, {}), "no_offset"),
        (decoder(3, {}), "special_as_unknown"),
        (decode_like_the_course, "special_moved"),
        (decode_special_as_ranks, "special_moved"),
        (decoder(-3), "wrong_sign"),
        (decoder(2), "off_by_one"),
        (decoder(4, {}), "off_by_one"),
        (decode_dropping, "drops_special"),
        (decode_only_known, "raised"),
        (decode_without_return, "misfit"),
        (decode_changing_ids, "misfit"),
        (decode_changing_the_index, "misfit"),
        (["the", "film"], "misfit"),
        (lambda ids, index: " ".join(decoder(3)(ids, index)), "misfit"),
        (lambda ids, index: [AlwaysEqual() for _ in ids], "misfit"),
        (lambda ids, index: ["<unk>"] * len(ids), "other"),
        (decoder(3, SPECIAL | {2: "<UNK>"}), "other"),
    ],
    "1.2": [
        (epoch(clear="never"), "gradients_pile_up"),
        (epoch(clear="never", report="last"), "gradients_pile_up+last_batch"),
        (epoch(clear="never", report="last", mode="eval"), "gradients_pile_up+last_batch+eval_mode"),
        (epoch(step=False, report="batches"), "never_moves+mean_of_batches"),
        (epoch(step=False), "never_moves"),
        (epoch(clear="between"), "never_moves"),
        (epoch(order="step first"), "never_moves"),
        (epoch_one_step, "one_step"),
        (epoch(clear="never", step="once", order="no step"), "one_step"),
        (epoch(mode="eval"), "eval_mode"),
        (epoch(report="batches"), "mean_of_batches"),
        (epoch(report="last"), "last_batch"),
        (epoch(report="last", mode="eval"), "last_batch+eval_mode"),
        (epoch(report="sum"), "sum_of_batches"),
        (epoch(report="total"), "sum_of_batches"),
        (epoch(report="sum per text"), "sum_per_text"),
        (epoch(report="sum per text", mode="eval"), "sum_per_text+eval_mode"),
        (epoch(report="twice"), "other_loss"),
        (epoch_with_graph, "misfit"),
        (epoch(report="list"), "misfit"),
        (epoch(report="none"), "misfit"),
        (epoch_twice, "other_weights"),
        (lambda model, batches, loss, optimizer: 0.0, "never_moves+other_loss+eval_mode"),
    ],
    "1.3": [
        (lambda a, k: a.topk(min(k, a.shape[1]), dim=1), "over_filters"),
        (lambda a, k: a.topk(min(k, a.shape[0]), dim=0), "over_texts"),
        (lambda a, k: a.topk(k, dim=2, largest=False), "smallest"),
        (top_k_by_size, "by_size"),
        (lambda a, k: a.abs().topk(k, dim=2), "by_size"),
        (lambda a, k: [part.flip(2) for part in a.topk(k, dim=2)], "rising_order"),
        (lambda a, k: (a.topk(k).values, a.topk(k).indices.float()), "broken_positions"),
        (top_k_squeezed, "squeezed"),
        (lambda a, k: a.topk(k, dim=2)[::-1], "swapped"),
        (top_k_ranks, "ranks_for_positions"),
        (top_k_destroying, "misfit"),
        (lambda a, k: a.topk(k, dim=2).values, "misfit"),
        (lambda a, k: a.max(dim=2, keepdim=True), "other"),
        (lambda a, k: a.topk(k, dim=3), "raised"),
    ],
    "1.4": [
        (hook(store_at(str, lambda inputs, output: output)), "keeps_graph"),
        (hook(store_at(str, lambda inputs, output: output.clone())), "keeps_graph"),
        (hook(store_at(str, lambda inputs, output: inputs[0].detach())), "stores_input"),
        (hook(store_at(str, lambda inputs, output: inputs)), "stores_input"),
        (hook(store_at(lambda name: "output", lambda inputs, output: output.detach())), "one_name"),
        (hook(append_output), "list"),
        (hook(lambda *everything: None), "stores_nothing"),
        (hook(keep_output, lambda output: output.detach()), "cuts_graph"),
        (hook(store_at(str, lambda inputs, output: output.detach_())), "cuts_graph"),
        (hook(keep_output, lambda output: output.relu()), "changes_output"),
        (hook(store_at(str, lambda inputs, output: output.detach().mean(0))), "other"),
        (hook(store_at(str, lambda inputs, output: output.shape)), "other"),
        (hook_called_at_once, "misfit"),
        (hook(store_at(str, lambda inputs, output: output.numpy())), "raised"),
    ],
    "1.5": [
        (lambda m, b, k: txray.collect(m, b, k=k).mass()["count"].mean(), "not_distinct"),
        (unique(np.sum), "sum_over_filters"),
        (union_of_all, "union_of_filters"),
        (unique(np.median), "median"),
        (first_words, "first_words"),
        (mean_of_widths, "mean_of_widths"),
        (unique(np.mean, k=1), "ignores_k"),
        (unique(np.mean, k=2), "ignores_k"),
        (lambda m, b, k: unique(np.mean)(small, b, k), "ignores_model"),
        (lambda m, b, k: unique(np.mean)(m, [(ids % 16, labels) for ids, labels in train], k), "ignores_batches"),
        (lambda m, b, k: unique(np.mean)(m, train, k), "misfit"),
        (lambda m, b, k: unique(np.mean)(small, train, 1), "ignores_arguments"),
        (with_padding, "credits_padding"),
        (lambda m, b, k: 1500.0, "ignores_arguments"),
        (unique(lambda features: features), "misfit"),
        (unique(np.max), "largest"),
        (unique(np.std), "other"),
        (unique(np.mean, max_batches=1), "other"),
        (lambda m, b, k: txray.collect(m, b, k).unique_features.mean(), "raised"),
    ],
    "1.6": _WORDLESS,
    "1.7": [
        (read_as(most("max"), least_relative), "largest_peak"),
        (read_as(most("mean"), least_relative), "largest_mean"),
        (read_as(most("count"), least_relative), "most_credits"),
        (read_as(most("sum"), lambda table: relative(table).idxmax()), "most_varied"),
        (read_as(most("sum"), least("std")), "absolute_spread"),
        (read_as(most("sum"), least("mean")), "weakest"),
        (read_as(least_relative, most("sum")), "swapped"),
        (lambda t: (t["sum"].argmax(), relative(t).argmin()), "positions"),
        (read_as(most("sum"), most("max")), "other"),
        (lambda table: ("w1-f0", "w1-f1"), "not_in_table"),
        (lambda table: (table["sum"].idxmax(), "w2-f5"), "not_in_table"),
        (lambda table: (table["sum"].argmin(), table["max"].argmin()), "positions"),
        (read_with_new_column, "misfit"),
        (lambda table: ("over-used", relative(table).idxmin()), "not_in_table"),
        (most("sum"), "misfit"),
        (lambda table: (table.sum.idxmax(), relative(table).idxmin()), "raised"),
    ],
    "1.8": _WORDLESS,
    "1.9": [
        (lambda e, w, b: e @ w[:, :, 0].T, "no_bias"),
        (lambda e, w, b: (e @ w[:, :, 0].T + b).T, "transposed"),
        (lambda e, w, b: plain_scores(e, w, b).relu(), "relu_inside"),
        (scores_as_cosine, "cosine"),
        (lambda e, w, b: plain_scores(e, w, b)[..., None], "keeps_width"),
        (scores_changing_embedding, "misfit"),
        (scores_in_place, "misfit"),
        (lambda e, w, b: plain_scores(e, w, b).softmax(0), "other"),
        (lambda e, w, b: torch.zeros(len(e), len(b)), "other"),
        (lambda e, w, b: e @ w[:, :, 0] + b, "raised"),
    ],
    "1.10": [
        (pruner(set_filters, when="always"), "also_in_training"),
        (pruner(set_filters, when="training"), "inverted"),
        (pruner(set_filters, when="training", copy=False), "inverted"),
        (pruner(set_filters, copy=False), "in_place"),
        (pruner(set_filters, copy=False, give=False), "in_place"),
        (pruner(set_positions), "positions"),
        (pruner(set_texts), "texts"),
        (pruner(set_texts, when="always"), "texts"),
        (pruner(set_texts, when="always", copy=False), "texts"),
        (pruner(set_positions, when="always"), "positions"),
        (pruner(set_zero, when="training"), "ignores_value"),
        (pruner(set_others), "others"),
        (pruner(set_zero), "ignores_value"),
        (pruner(set_zero, copy=False), "ignores_value"),
        (pruner(set_filters, give=False), "no_return"),
        (pruner(add_value), "other"),
        (pruner(set_first), "other"),
        (lambda channels, value: None, "misfit"),
        (lambda channels, value: lambda module, inputs: None, "raised"),
    ],
    "1.11": [
        ({"pooled_0": -0.2, "pooled_minus": -1e4, "relu_0": 0, "relu_minus": 0}, "unpruned"),
        ({"pooled_0": 0, "pooled_minus": -1e4, "relu_0": 0, "relu_minus": -1e4}, "no_relu"),
        ({"pooled_0": -1e4, "pooled_minus": -1e4, "relu_0": 0, "relu_minus": 0}, "no_pooling_of_zero"),
        ({"pooled_0": 0, "pooled_minus": 0, "relu_0": 0, "relu_minus": 0}, "relu_before_pooling"),
        ({"pooled_0": 0, "pooled_minus": 1e4, "relu_0": 0, "relu_minus": 0}, "other"),
        ({"pooled_0": 0, "pooled_minus": -1e4}, "other"),
        ({"pooled_0": "0", "pooled_minus": "-10000", "relu_0": "0", "relu_minus": "0"}, "misfit"),
        ([0, -1e4, 0, 0], "misfit"),
    ],
    "1.12": [
        (lambda table, n: list(range(n)), "positions"),
        (lambda table, n: table["sum"].argsort()[:n], "positions"),
        (lambda table, n: table.nsmallest(n, "sum"), "table"),
        (lambda table, n: table["sum"].nsmallest(n), "values"),
        (lambda table, n: [f"w1-f{i}" for i in range(n)], "unknown"),
        (lambda table, n: table["sum"].nsmallest(n).index, "least_mass"),
        (lambda table, n: table.sort_values("sum").head(n).index.tolist()[::-1], "least_mass"),
        (by_new_column, "misfit"),
        (lambda table, n: table["sum"].nsmallest(2).index, "wrong_number"),
        (lambda table, n: [table["sum"].idxmin()] * n, "wrong_number twice"),
        (lambda table, n: table.sample(n).index, "random"),
        (lambda table, n: table.index[:n], "constant"),
        (lambda table, n: table.index[1 : n + 1], "constant"),
        (lambda table, n: sorted(table.index)[:n], "constant"),
        (fixed_draw, "constant"),
        (lambda table, n: table.sample(n, random_state=int(table["sum"].sum() * 1e6) % 2**31).index, "row_order"),
        (lambda table, n: table["sum"].idxmin(), "misfit"),
        (lambda table, n: None, "misfit"),
        (lambda table, n: table["loss"].nsmallest(n).index, "raised"),
    ],
    "1.13": _WORDLESS,
    "1.14": [
        (share(lambda a, b: min(len(a), len(b))), "smaller_set"),
        (share(lambda a, b: len(a) + len(b)), "dice"),
        (share(lambda a, b: (len(a) + len(b)) / 2), "dice"),
        (share(lambda a, b: 1), "count"),
        (lambda a, b: 1 - share(lambda a, b: len(a | b))(a, b), "distance"),
        (share(lambda a, b: len(a)), "one_sided"),
        (share(lambda a, b: len(b)), "one_sided"),
        (share(lambda a, b: len(a | b), empty=1.0), "empty_as_one"),
        (share(lambda a, b: len(a | b), empty=float("nan")), "other"),
        (share(lambda a, b: len(a | b) / 100), "other"),
        (lambda a, b: 0.0, "other"),
        (lambda a, b: len(a & b) / len(a | b), "raised"),
        (lambda a, b: a & b, "misfit"),
        (jaccard_destroying, "misfit"),
    ],
    "1.15": [
        (lambda a, b: share(lambda a, b: len(a | b))(a.keys(), b.keys()), "unweighted"),
        (weighted_shared_only, "shared_only"),
        (weighted_over(lambda a, b: a), "one_sided"),
        (weighted_over(lambda a, b: b), "one_sided"),
        (weighted_mean_of_ratios, "mean_of_ratios"),
        (weighted_cosine, "cosine"),
        (weighted(low, lambda a, b: sum(a.values()) + sum(b.values())), "all_mass"),
        (weighted(lambda a, b: 2 * low(a, b), lambda a, b: sum(a.values()) + sum(b.values())), "all_mass"),
        (weighted(lambda a, b: high(a, b) - low(a, b), high), "distance"),
        (weighted(low, high, empty=1.0), "empty_as_one"),
        (lambda a, b: weighted(low, high)(a, b) if a or b else 1.0, "empty_as_one"),
        (lambda a, b: low(a, b) / high(a, b) if a or b else 0.0, "misfit"),
        (low, "other"),
        (weighted(high, high), "other"),
        (weighted_without_get, "raised"),
        (lambda a, b: low(a, b) / high(a, b), "raised"),
        (lambda a, b: low(a, b) / np.float64(high(a, b)) if a or b else 0.0, "other"),
        (weighted_emptying, "misfit"),
    ],
    "1.16": _WORDLESS,
}

_NO_WORDS = ["YOUR ANSWER HERE", "YOUR ANSWER\nHERE", f"YOUR ANSWER HERE {LONG}", "", " \n ", ...]
STUBS = {
    "1.11": [..., dict.fromkeys(("pooled_0", "pooled_minus", "relu_0", "relu_minus"), ...)],
    **dict.fromkeys(("1.6", "1.8", "1.13", "1.16"), _NO_WORDS),
}
_STUB_FUNCTIONS = [..., lambda *arguments: ..., lambda *arguments: (..., ...)]
STUBS |= {number: _STUB_FUNCTIONS for number in RIGHT if number not in STUBS}
