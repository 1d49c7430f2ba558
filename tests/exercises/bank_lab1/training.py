"""1.2: one epoch of training."""

import numpy as np
import torch


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


RIGHT = {
    "1.2": [epoch(clear="after"), epoch_detached, epoch_one_entry],
}

WRONG = {
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
        (epoch(report="list"), "misfit"),
        (epoch(report="none"), "misfit"),
        (epoch_twice, "other_weights"),
        (lambda model, batches, loss, optimizer: 0.0, "never_moves+other_loss"),
    ],
}

REMARKED = {
    "1.2": [
        (epoch_with_graph, "keeps_graph"),
    ],
}

STUBS = {}
