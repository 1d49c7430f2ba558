"""3.11: an image for each digit, as one batch."""

import copy

import torch


class Ascent:
    """The solution, with its parts as arguments, so that one thing or another can be wrong."""

    def __init__(self, objective=None, kind=torch.optim.Adam, begin=None, end=None, then=None, freeze=True, mode=False):
        self.objective = objective or (lambda logs, digits: logs[torch.arange(len(digits)), digits].sum())
        self.kind, self.freeze, self.mode = kind, freeze, mode
        self.begin = begin or (lambda starts: starts.clone())
        self.end = end or (lambda images: images.detach())
        self.then = then or (lambda images: None)
        self.more = 0
        self.restored = ("mode", "freezing")
        self.with_network = False

    def but(self, **changed):
        for name, value in changed.items():
            setattr(self, name, value)
        return self

    def __call__(self, model, starts, digits, steps, lr):
        was, wanted = model.training, [p.requires_grad for p in model.parameters()]
        model.train(self.mode)
        if self.freeze:
            model.requires_grad_(False)
        images = self.begin(starts).requires_grad_()
        optimizer = self.kind([images, *(model.parameters() if self.with_network else [])], lr=lr)
        for _ in range(steps + self.more):
            optimizer.zero_grad()
            (-self.objective(model(images), digits)).backward()
            optimizer.step()
            self.then(images)
        if "mode" in self.restored:
            model.train(was)
        if "freezing" in self.restored:
            for p, want in zip(model.parameters(), wanted, strict=True):
                p.requires_grad_(want)
        return self.end(images)


def one_at_a_time(model, starts, digits, steps, lr):
    def alone(logs, digit):
        return logs[0, digit[0]]

    runs = [Ascent(alone)(model, starts[i : i + 1], digits[i : i + 1], steps, lr) for i in range(len(digits))]
    return torch.cat(runs)


def by_autograd(model, starts, digits, steps, lr):
    """Leaves the model as it is, but for its mode; one more pass at the end looks at what was reached."""
    was = model.training
    images = starts.clone().requires_grad_()
    optimizer = torch.optim.Adam([images], lr=lr)
    for _ in range(steps):
        loss = torch.nn.functional.nll_loss(model.eval()(images), digits)
        (images.grad,) = torch.autograd.grad(loss, [images])
        optimizer.step()
    model(images)
    model.train(was)
    return images.detach()


def on_a_copy(model, *given):
    return Ascent()(copy.deepcopy(model).eval(), *given)


def transformed(model, starts, digits, steps, lr):
    """The gradients by PyTorch's transforms of functions, all images at once."""
    model_was, images = model.training, starts.clone()
    model.eval()
    optimizer = torch.optim.Adam([images], lr=lr)
    chosen = torch.func.grad(lambda images: -model(images)[torch.arange(len(digits)), digits].sum())
    for _ in range(steps):
        images.grad = chosen(images)
        optimizer.step()
    model.train(model_was)
    return images


def each_by_vmap(model, starts, digits, steps, lr):
    was, images = model.training, starts.clone()
    model.eval()
    optimizer = torch.optim.Adam([images], lr=lr)
    one = torch.func.grad(lambda image, digit: -model(image[None]).gather(1, digit[None, None])[0, 0])
    for _ in range(steps):
        images.grad = torch.func.vmap(one)(images, digits)
        optimizer.step()
    model.train(was)
    return images


def cleared_at_the_end(*given):
    images = Ascent()(*given)
    given[0].zero_grad()
    return images


def without_gradients(*given):
    with torch.no_grad():
        return Ascent()(*given)


def by_mask(logs, digits):
    return (logs * torch.nn.functional.one_hot(digits, logs.shape[1])).sum()


def shared(starts):
    return starts[:1].clone()


RIGHT = {
    "3.11": [
        Ascent(),
        by_autograd,
        on_a_copy,
        transformed,
        each_by_vmap,
        Ascent(by_mask),
        Ascent(lambda logs, digits: logs.gather(1, digits[:, None]).mean(), end=lambda images: images.detach().numpy()),
        Ascent(lambda logs, digits: -torch.nn.functional.nll_loss(logs, digits), end=lambda images: images),
    ],
}

WRONG = {
    "3.11": [
        (Ascent(freeze=False).but(with_network=True), "trains_network"),
        (Ascent(mode=True), "training_mode"),
        (Ascent(freeze=False), "not_frozen"),
        (cleared_at_the_end, "not_frozen"),
        (one_at_a_time, "one_at_a_time"),
        (Ascent().but(restored=("mode",)), "left_frozen"),
        (Ascent().but(restored=("freezing",)), "mode_not_restored"),
        (Ascent(begin=lambda starts: starts), "starts_overwritten"),
        (Ascent(begin=torch.nn.Parameter), "starts_overwritten"),
        (Ascent(lambda logs, digits: logs[:, digits[0]].sum()), "first_digit"),
        (Ascent(lambda logs, digits: logs[:, digits].sum()), "all_pairs"),
        (Ascent(lambda logs, digits: logs[:, digits].mean()), "all_pairs"),
        (Ascent(lambda logs, digits: logs.diagonal().sum()), "by_place"),
        (Ascent(lambda logs, digits: logs.mean()), "whole_output"),
        (Ascent(lambda logs, digits: -by_mask(logs, digits)), "descent"),
        (Ascent(lambda logs, digits: by_mask(logs.exp(), digits)), "probability_without_log"),
        (
            lambda model, starts, digits, steps, lr: Ascent(
                lambda logs, digits: logs[0, digits].sum(), begin=shared, end=lambda i: i.detach().expand_as(starts)
            )(model, starts, digits, steps, lr),
            "one_image",
        ),
        (Ascent(kind=torch.optim.SGD), "not_adam"),
        (Ascent().but(more=-1), "step_count"),
        (Ascent().but(more=1), "step_count"),
        (Ascent(then=lambda images: images.data.clamp_(0, 1)), "clipped"),
        (Ascent(end=lambda images: images.detach().clamp(0, 1)), "clipped"),
        (Ascent(end=lambda images: images.detach() * 2), "other"),
        (Ascent(end=lambda images: images.detach()[:1]), "other"),
        (lambda model, starts, digits, steps, lr: starts, "other"),
        (without_gradients, "misfit"),
        (Ascent(end=lambda images: "images"), "misfit"),
        (Ascent(end=lambda images: None), "misfit"),
        (Ascent(lambda logs, digits: logs), "raised"),
        (torch.zeros(3, 1, 6, 6), "misfit"),
    ],
}

REMARKED = {
    "3.11": [
        (Ascent(begin=lambda starts: starts.requires_grad_().clone().detach()), "starts_want_gradients"),
    ],
}

STUBS = {}
