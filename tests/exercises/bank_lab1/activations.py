"""1.3 and 1.4: the largest activations, and hooks that record."""

import functools

import numpy as np
import torch

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


RIGHT = {
    "1.3": [top_k_by_sorting, top_k_in_numpy, top_k_by_loops, lambda a, k: torch.topk(a, k)],
    "1.4": [hook_as_lambda, hook_as_partial, hook_returning_the_same, hook_in_a_class],
}

WRONG = {
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
        (lambda a, k: a.topk(k, dim=2).values, "misfit"),
        (lambda a, k: a.max(dim=2, keepdim=True), "other"),
        (lambda a, k: a.topk(k, dim=3), "raised"),
    ],
    "1.4": [
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
}

REMARKED = {
    "1.3": [
        (top_k_destroying, "changes_handed"),
    ],
    "1.4": [
        (hook(store_at(str, lambda inputs, output: output)), "keeps_graph"),
        (hook(store_at(str, lambda inputs, output: output.clone())), "keeps_graph"),
    ],
}

STUBS = {}
