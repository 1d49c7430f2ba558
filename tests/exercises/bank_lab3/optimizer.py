"""3.3, 3.4 and 3.5: the distribution of an image, the optimiser of an image, and ninety per cent of a three."""

import contextlib
import copy
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

# --- 3.3 -----------------------------------------------------------------------------------------------------


def probabilities(model, image):
    was = model.training
    model.eval()
    with torch.no_grad():
        found = model(image)[0].exp()
    model.train(was)
    return found


def probabilities_of_a_copy(model, image):
    return F.softmax(copy.deepcopy(model).eval()(image), dim=1).squeeze().detach().numpy()


def probabilities_as_list(model, image):
    modes = {module: module.training for module in model.modules()}
    found = [math.exp(log) for log in model.eval()(image).flatten().tolist()]
    for module, mode in modes.items():
        module.training = mode
    return found


def asked(change=lambda logs: logs[0].exp(), mode=False, restore=lambda was: was, graph=False):
    """The solution, in which one thing or another is wrong."""

    def answer(model, image):
        was = model.training
        model.train(mode)
        with contextlib.nullcontext() if graph else torch.no_grad():
            found = change(model(image))
        model.train(restore(was))
        return found

    return answer


def frozen_for_good(model, image):
    model.requires_grad_(False)
    return asked(graph=True)(model, image)


def any_mode(model, image):
    with torch.no_grad():
        return model(image)[0].exp()


# --- 3.4 -----------------------------------------------------------------------------------------------------


class Optimizer:
    """The solution, with its parts as methods, so that one thing or another can be wrong."""

    kind = torch.optim.Adam

    def __init__(self, model, start, lr):
        self.model, self.lr = model, lr
        self.image = self.begin(start)
        self.optimizer = self.kind(self.parameters(), lr=self.lr)

    def begin(self, start):
        return start.clone().requires_grad_()

    def parameters(self):
        return [self.image]

    def prepare(self):
        self.model.eval()
        self.model.requires_grad_(False)

    def restore(self, was, wanted):
        self.model.train(was)
        for parameter, want in zip(self.model.parameters(), wanted, strict=True):
            parameter.requires_grad_(want)

    def clear(self):
        self.optimizer.zero_grad()

    def loss(self, output, digit, probability):
        return (output[0, digit] - math.log(probability)) ** 2

    def report(self, loss):
        return loss.item()

    def run(self, digit, probability, steps):
        was, wanted = self.model.training, [parameter.requires_grad for parameter in self.model.parameters()]
        self.prepare()
        losses = []
        for _ in range(steps):
            self.clear()
            loss = self.loss(self.model(self.image), digit, probability)
            loss.backward()
            self.optimizer.step()
            losses.append(self.report(loss))
        self.restore(was, wanted)
        return losses


class AsModule(nn.Module):
    """As the course began it: a module with a parameter; the network within is kept from its optimiser."""

    def __init__(self, NN_trained, img0, lr):
        super().__init__()
        self.image = nn.Parameter(img0.detach().clone())
        self.network = NN_trained
        self.optim = torch.optim.Adam([self.image], lr)
        self.criterion = nn.MSELoss()

    def run(self, category, true_prob, sgd_iter):
        states = [(p, p.requires_grad) for p in self.network.parameters()]
        mode = self.network.training
        self.network.eval()
        for p, _ in states:
            p.requires_grad = False
        wanted = torch.log(torch.tensor([true_prob]))
        losses = []
        try:
            for _ in range(sgd_iter):
                self.optim.zero_grad()
                loss = self.criterion(self.network.forward(self.image)[0, category].view(wanted.shape), wanted)
                losses.append(float(loss.detach()))
                loss.backward()
                self.optim.step()
        finally:
            self.network.train(mode)
            for p, was in states:
                p.requires_grad = was
        return losses


class ByAutograd:
    """Never asks for the parameters' gradients, so nothing is to be frozen; works on a copy of the network."""

    def __init__(self, model, start, lr):
        self.model, self.image, self.lr = copy.deepcopy(model).eval(), start.detach().clone(), lr

    def run(self, digit, probability, steps):
        self.image.requires_grad_()
        optimizer = torch.optim.Adam([{"params": [self.image]}], lr=self.lr)
        losses = np.empty(steps)
        for step in range(steps):
            loss = F.mse_loss(self.model(self.image)[:, digit], torch.tensor([probability]).log())
            (self.image.grad,) = torch.autograd.grad(loss, [self.image])
            optimizer.step()
            losses[step] = loss.detach()
        self.image = self.image.detach()
        return losses


def optimizer(**methods):
    """An optimiser with some methods replaced."""
    return type("InputOptimizer", (Optimizer,), methods)


def loss_of(rule):
    """A loss made of the log-probabilities of the image, the digit, and the wanted probability."""
    return optimizer(loss=lambda self, output, digit, probability: rule(output[0], digit, torch.tensor(probability)))


def unfrozen(self):
    self.model.eval()


def frozen_in_training(self):
    self.model.requires_grad_(False)


def all_parameters(self):
    return [self.image, *self.model.parameters()]


def unfreeze_all(self, was, wanted):
    self.model.train(was).requires_grad_(True)


class Elsewhere(Optimizer):
    def run(self, digit, probability, steps):
        losses = super().run(digit, probability, steps)
        self.image = torch.zeros_like(self.image)
        return losses


class NoStep(Optimizer):
    def __init__(self, model, start, lr):
        super().__init__(model, start, lr)
        self.optimizer.step = lambda: None


class OneStepMore(Optimizer):
    def run(self, digit, probability, steps):
        return super().run(digit, probability, steps + 1)


class LastLoss(Optimizer):
    def run(self, digit, probability, steps):
        return super().run(digit, probability, steps)[-1]


class Empty:
    def __init__(self, model, start, lr):
        self.model = model


class NoImage(Empty):
    def run(self, digit, probability, steps):
        return [0.0] * steps


class RunStub(Optimizer):
    def run(self, digit, probability, steps):
        return ...


class WholeStub:
    def __init__(self, model, start, lr):
        self.image = ...

    def run(self, digit, probability, steps):
        return ...


class ImageStub(NoImage):
    image = ...


# --- 3.5 -----------------------------------------------------------------------------------------------------

LOSSES = [7.31 * 0.87**step for step in range(50)]
BEFORE = [0.0963, 0.1073, 0.1129, 0.0907, 0.0931, 0.1011, 0.0988, 0.1067, 0.0959, 0.0972]
AFTER = [0.0031, 0.0042, 0.0271, 0.8922, 0.0037, 0.0448, 0.0018, 0.0094, 0.0089, 0.0048]


def moved(row, places):
    return np.roll(row, places).tolist()


def three(**changed):
    return {"losses": LOSSES, "before": BEFORE, "after": AFTER} | changed


RIGHT = {
    "3.3": [probabilities, probabilities_of_a_copy, probabilities_as_list, asked()],
    "3.4": [Optimizer, AsModule, ByAutograd],
    "3.5": [
        three(),
        three(losses=np.array(LOSSES), before=torch.tensor(BEFORE), after=np.array(AFTER, dtype=np.float32)),
        three(losses=tuple(LOSSES), before=[0.1] * 10),
        three(after=moved([0.99, 0.01, *[0.0] * 8], 3)),
    ],
}

WRONG = {
    "3.3": [
        (any_mode, "training_mode"),
        (asked(mode=True), "training_mode"),
        (asked(restore=lambda was: False), "mode_not_restored"),
        (asked(restore=lambda was: True), "mode_not_restored"),
        (frozen_for_good, "other_freezing"),
        (asked(lambda logs: logs[0]), "log_probabilities"),
        (asked(lambda logs: logs.log_softmax(1)), "log_probabilities"),
        (asked(lambda logs: logs.exp().softmax(1)[0]), "softmax_twice"),
        (asked(lambda logs: (-logs[0]).exp()), "sign"),
        (asked(lambda logs: 2 ** logs[0]), "powers_of_two"),
        (asked(lambda logs: logs.exp()), "keeps_batch"),
        (asked(graph=True), "keeps_graph"),
        (asked(lambda logs: logs[0].exp() / 2), "other"),
        (asked(lambda logs: logs[0].exp().max()), "other"),
        (asked(lambda logs: logs[1].exp()), "raised"),
        (lambda model, image: model(image[0]), "training_mode raised other"),
        (lambda model, image: str(model), "misfit"),
        ([0.1] * 10, "misfit"),
    ],
    "3.4": [
        (optimizer(parameters=all_parameters, prepare=unfrozen), "trains_network"),
        (optimizer(prepare=frozen_in_training), "training_mode"),
        (optimizer(prepare=unfrozen), "not_frozen"),
        (optimizer(restore=lambda self, was, wanted: self.model.train(was)), "left_frozen"),
        (optimizer(restore=unfreeze_all), "left_frozen"),
        (
            optimizer(restore=lambda self, was, wanted: Optimizer.restore(self, False, wanted)),
            "mode_not_restored",
        ),
        (
            optimizer(restore=lambda self, was, wanted: Optimizer.restore(self, True, wanted)),
            "mode_not_restored",
        ),
        (optimizer(begin=lambda self, start: start.requires_grad_()), "start_overwritten"),
        (optimizer(begin=lambda self, start: nn.Parameter(start)), "start_overwritten"),
        (optimizer(report=lambda self, loss: loss), "losses_keep_graph"),
        (optimizer(report=lambda self, loss: loss.detach()), "losses_keep_graph"),
        (OneStepMore, "step_count"),
        (optimizer(clear=lambda self: None), "gradients_pile_up"),
        (loss_of(lambda logs, digit, wanted: (logs[digit].exp() - wanted) ** 2), "probability_without_log"),
        (loss_of(lambda logs, digit, wanted: (logs[digit] - wanted) ** 2), "probability_without_log"),
        (loss_of(lambda logs, digit, wanted: (logs[digit].exp() - wanted.log()) ** 2), "probability_without_log"),
        (loss_of(lambda logs, digit, wanted: F.mse_loss(logs, wanted.log().expand(10))), "all_digits"),
        (loss_of(lambda logs, digit, wanted: ((logs - wanted.log()) ** 2).sum()), "all_digits"),
        (loss_of(lambda logs, digit, wanted: (logs[0] - wanted.log()) ** 2), "other_digit"),
        (loss_of(lambda logs, digit, wanted: (logs[digit - 1] - wanted.log()) ** 2), "other_digit"),
        (loss_of(lambda logs, digit, wanted: (logs[digit] - wanted.log()).abs()), "not_squared"),
        (loss_of(lambda logs, digit, wanted: -logs[digit]), "not_squared"),
        (
            type("InputOptimizer", (Optimizer,), {"kind": lambda self, several, lr: torch.optim.Adam(several)}),
            "rate_ignored",
        ),
        (optimizer(kind=torch.optim.SGD), "not_adam"),
        (Elsewhere, "image_elsewhere"),
        (NoStep, "image_still"),
        (loss_of(lambda logs, digit, wanted: (logs[digit] - wanted.log()) ** 4), "other"),
        (LastLoss, "misfit"),
        (NoImage, "misfit"),
        (Empty, "misfit"),
        (optimizer(run=lambda self, *given: None), "misfit"),
        (optimizer(prepare=lambda self: self.net.eval()), "raised"),
        (loss_of(lambda logs, digit, wanted: logs - wanted), "raised"),
        (lambda model: Optimizer, "raised"),
        ("InputOptimizer", "misfit"),
    ],
    "3.5": [
        (three(losses=LOSSES[:49]), "step_count"),
        (three(losses=LOSSES + LOSSES), "step_count"),
        (three(before=np.log(BEFORE)), "log_probabilities"),
        (three(after=np.log(AFTER)), "log_probabilities"),
        (three(after=np.array(AFTER) * 2), "no_distribution"),
        (three(before=[float("nan")] * 10), "no_distribution"),
        (three(before=AFTER, after=BEFORE), "swapped"),
        (three(after=moved(AFTER, 1)), "other_digit"),
        (three(before=AFTER, after=moved([0.97, 0.03, *[0.0] * 8], 3)), "certain_before"),
        (three(losses=LOSSES[::-1]), "not_falling"),
        (three(losses=[0.1] * 50), "not_falling"),
        (three(losses=[float("nan")] * 50), "not_falling"),
        (three(after=[0.1, 0.1, 0.1, 0.45, 0.05, 0.05, 0.05, 0.05, 0.03, 0.02]), "not_reached"),
        (three(after=[0.1, 0.05, 0.05, 0.8, 0, 0, 0, 0, 0, 0]), "not_reached"),
        (three(losses=[LOSSES]), "misfit"),
        (three(before=[BEFORE]), "misfit"),
        (three(after=0.9), "misfit"),
        (three(losses="falling"), "misfit"),
        ({"losses": LOSSES, "after": AFTER}, "misfit"),
        ([LOSSES, BEFORE, AFTER], "misfit"),
    ],
}

STUBS = {
    "3.4": [..., lambda *given: ..., WholeStub, RunStub, ImageStub],
    "3.5": [..., three(losses=..., before=..., after=...), three(after=...)],
}
