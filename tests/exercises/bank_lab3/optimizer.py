"""3.4, 3.5 and 3.6: the distribution of an image, the optimiser of an image, and ninety per cent of a three."""

import contextlib
import copy
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from labkit.exercises.answers import array
from labkit.models import ready, untrained_twin

# --- 3.4 -----------------------------------------------------------------------------------------------------


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


# --- 3.5 -----------------------------------------------------------------------------------------------------


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


def restored_and_cleared(self, was, wanted):
    Optimizer.restore(self, was, wanted)
    self.model.zero_grad()


class NeverFrozen(ByAutograd):
    """Asks for the image's gradient alone, of the network itself, so there is nothing to freeze."""

    def __init__(self, model, start, lr):
        super().__init__(model, start, lr)
        self.model = model

    def run(self, digit, probability, steps):
        was = self.model.training
        self.model.eval()
        losses = super().run(digit, probability, steps)
        self.model.train(was)
        return losses


class Transformed(NeverFrozen):
    """The gradient by PyTorch's transform of a function."""

    def run(self, digit, probability, steps):
        was = self.model.training
        self.model.eval()
        optimizer = torch.optim.Adam([self.image.requires_grad_()], lr=self.lr)
        step = torch.func.grad_and_value(lambda image: (self.model(image)[0, digit] - math.log(probability)) ** 2)
        losses = []
        for _ in range(steps):
            self.image.grad, loss = step(self.image.detach())
            optimizer.step()
            losses.append(loss.item())
        self.model.train(was)
        return losses


class Elsewhere(Optimizer):
    def run(self, digit, probability, steps):
        losses = super().run(digit, probability, steps)
        self.image = torch.zeros_like(self.image)
        return losses


class AnewInEachStep(Optimizer):
    def clear(self):
        self.optimizer = self.kind(self.parameters(), lr=self.lr)
        super().clear()


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


# --- 3.6 -----------------------------------------------------------------------------------------------------


def noise(seed=3, size=0.01):
    torch.manual_seed(seed)
    return size * torch.randn(1, 1, 28, 28)


def trained_by_a_wrong_run():
    network = ready("digits_mlp")
    optimizer(parameters=all_parameters, prepare=unfrozen)(network, noise(), 5e-3).run(3, 0.9, 50)
    return network


def run_of(start=None, lr=5e-3, digit=3, probability=0.9, steps=50, network=None):
    """The solution of 3.6, in which one thing or another is wrong."""
    network = network or ready("digits_mlp")
    start = noise() if start is None else start
    run = Optimizer(network, start, lr)
    losses = run.run(digit, probability, steps)
    return {"losses": losses, "before": probabilities(network, start), "after": probabilities(network, run.image)}


with torch.random.fork_rng(devices=[]):
    THREE = {name: array(row).tolist() for name, row in run_of().items()}
    WRONG_RUNS = [
        (run_of(probability=90), "other_goal"),
        (run_of(probability=0.7), "other_goal"),
        (run_of(lr=5e-2), "other_run"),
        (run_of(lr=2e-3), "not_reached other_run"),
        (run_of(lr=1e-3), "not_reached"),
        (run_of(noise(size=0.1)), "other_start"),
        (run_of(noise(size=1.0)), "other_start not_reached certain_before"),
        (run_of(noise(4)), "other_start"),
        (run_of(network=untrained_twin("digits_mlp")), "other_start not_falling"),
        (run_of(network=trained_by_a_wrong_run()), "certain_before"),
        (run_of(digit=4), "other_digit"),
    ]
LOSSES, BEFORE, AFTER = THREE["losses"], THREE["before"], THREE["after"]


def moved(row, places):
    return np.roll(row, places).tolist()


def three(**changed):
    return THREE | changed


RIGHT = {
    "3.4": [probabilities, probabilities_of_a_copy, probabilities_as_list, asked()],
    "3.5": [
        *(Optimizer, AsModule, ByAutograd, NeverFrozen, Transformed),
        optimizer(report=lambda self, loss: loss.detach()),
        optimizer(report=lambda self, loss: loss.detach().numpy()),
    ],
    "3.6": [
        three(),
        three(losses=np.array(LOSSES), before=torch.tensor(BEFORE), after=np.array(AFTER, dtype=np.float32)),
        three(losses=tuple(LOSSES), before=[round(p, 3) for p in BEFORE], after=[round(p, 3) for p in AFTER]),
    ],
}

WRONG = {
    "3.4": [
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
        (asked(lambda logs: logs[0].exp() / 2), "other"),
        (asked(lambda logs: logs[0].exp().max()), "other"),
        (asked(lambda logs: logs[1].exp()), "raised"),
        (lambda model, image: model(image[0]), "training_mode raised other"),
        (lambda model, image: str(model), "misfit"),
        ([0.1] * 10, "misfit"),
    ],
    "3.5": [
        (optimizer(parameters=all_parameters, prepare=unfrozen), "trains_network"),
        (optimizer(prepare=frozen_in_training), "training_mode"),
        (optimizer(prepare=unfrozen), "not_frozen"),
        (optimizer(prepare=unfrozen, restore=restored_and_cleared), "not_frozen"),
        (optimizer(clear=lambda self: (self.optimizer.zero_grad(), self.model.zero_grad())), "not_frozen"),
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
        (AnewInEachStep, "optimizer_anew"),
        (loss_of(lambda logs, digit, wanted: (logs[digit].log() - wanted.log()) ** 2), "not_a_number"),
        (loss_of(lambda logs, digit, wanted: (wanted - logs[digit]).pow(2).mean()), "probability_without_log"),
        (Elsewhere, "image_elsewhere"),
        (NoStep, "image_still"),
        (loss_of(lambda logs, digit, wanted: (logs[digit] - wanted.log()) ** 4), "other"),
        (optimizer(begin=lambda self, start: start.clone()), "misfit"),
        (LastLoss, "misfit"),
        (NoImage, "misfit"),
        (Empty, "misfit"),
        (optimizer(run=lambda self, *given: None), "misfit"),
        (optimizer(prepare=lambda self: self.net.eval()), "raised"),
        (loss_of(lambda logs, digit, wanted: logs - wanted), "raised"),
        (lambda model: Optimizer, "raised"),
        ("InputOptimizer", "misfit"),
    ],
    "3.6": [
        (three(losses=LOSSES[:49]), "step_count"),
        (three(losses=LOSSES + LOSSES), "step_count"),
        (three(before=np.log(BEFORE)), "log_probabilities"),
        (three(after=np.log(AFTER)), "log_probabilities"),
        (three(after=np.array(AFTER) * 2), "no_distribution"),
        (three(before=[float("nan")] * 10), "no_distribution"),
        (three(before=AFTER, after=BEFORE), "swapped"),
        (three(after=moved(AFTER, 1)), "other_digit"),
        (three(before=AFTER, after=moved([0.97, 0.03, *[0.0] * 8], 3)), "certain_before"),
        *WRONG_RUNS,
        (three(after=moved([0.99, 0.01, *[0.0] * 8], 3)), "other_image"),
        (three(before=[0.1] * 10), "other_start"),
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

REMARKED = {
    "3.4": [
        (asked(graph=True), "keeps_graph"),
    ],
    "3.5": [
        (optimizer(report=lambda self, loss: loss), "losses_keep_graph"),
        (
            optimizer(begin=lambda self, start: start.requires_grad_().clone().detach().requires_grad_()),
            "start_wants_gradients",
        ),
    ],
}

STUBS = {
    "3.5": [..., lambda *given: ..., WholeStub, RunStub, ImageStub],
    "3.6": [..., three(losses=..., before=..., after=...), three(after=...)],
}
