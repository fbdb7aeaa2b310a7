"""Many loops, filmed: what is filmed is what happened, by the loop's own numbers.

Each loop writes down its weights, gradients and losses itself. The plane is laid again here, from those
weights by a singular value decomposition, and heights are the loop's own loss at weights made from it.
"""

import copy
import warnings
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset, SubsetRandomSampler, TensorDataset

import descent


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


X = torch.randn(24, 3, generator=seeded())
CLASSES = (X[:, 0] > 0.2).long() + (X[:, 1] > 0.4).long()
BITS = (X[:, 0] + X[:, 2] > 0).long()
REAL = X[:, :1] * X[:, 1:2] + 0.5
COUNTS = torch.poisson(REAL.abs() * 3, generator=seeded(1))
TOKENS = torch.randint(0, 7, (10, 5), generator=seeded(2))
IMAGES = torch.randn(8, 2, 6, 6, generator=seeded(3))
MASKS = (IMAGES.sum(1) > 0).long()
SERIES = torch.randn(12, 5, 2, generator=seeded(4))
XOR = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])


class Log:
    """What the loop itself writes down."""

    def __init__(self, model):
        self.model = model
        self.weights, self.gradients, self.losses = [], [], []

    def free(self):
        return [
            each for each in self.model.parameters() if each.requires_grad or getattr(each, "once", False)
        ]

    def flat(self, tensors):
        parts = [each.to_dense() if each.is_sparse else each for each in tensors]
        parts = [torch.view_as_real(each) if each.is_complex() else each for each in parts]
        return torch.cat([each.detach().double().reshape(-1) for each in parts]).numpy()

    def now(self):
        return self.flat(self.free())

    def step(self, loss):
        """To be called when the optimizer is about to step."""
        self.weights.append(self.now())
        self.gradients.append(
            self.flat([torch.zeros_like(p) if p.grad is None else p.grad for p in self.free()])
        )
        self.losses.append(loss.item() if isinstance(loss, torch.Tensor) else loss)


@dataclass
class Loop:
    """One loop: what is trained on what, and how."""

    model: object  # () -> module
    x: object
    y: object
    loss: object  # what the film is given
    own: object = None  # (outputs, y) -> what the loop goes down; the film's loss when None
    optimizer: object = field(default=lambda model: torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.5))
    data: object = None  # what the film is given; the pair when None
    run: object = None  # (model, optimizer, film, log, goal): the loop; the plain one when None
    value: object = None  # model -> the loss that heights are of; the goal in evaluation mode when None
    given: object = None  # optimizers -> what the film is given
    tells: bool = True
    said: tuple = ()  # words of the notes
    exact: float = 2e-5

    def goal(self, model):
        return (self.own or self.loss)(model(self.x), self.y)


def plain(model, optimizer, film, log, goal, steps=4):
    for _ in range(steps):
        optimizer.zero_grad()
        loss = goal(model)
        loss.backward()
        log.step(loss)
        optimizer.step()
        film.step(loss)


def before(model, optimizer, film, log, goal):
    for _ in range(4):
        optimizer.zero_grad()
        loss = goal(model)
        loss.backward()
        film.step(loss)
        log.step(loss)
        optimizer.step()


def before_backward(model, optimizer, film, log, goal):
    for _ in range(4):
        loss = goal(model)
        film.step(loss.item())
        optimizer.zero_grad()
        loss.backward()
        log.step(loss)
        optimizer.step()


def every_second(model, optimizer, film, log, goal):
    for step in range(5):
        optimizer.zero_grad()
        loss = goal(model)
        loss.backward()
        log.step(loss if step % 2 else np.nan)
        optimizer.step()
        if step % 2:
            film.step(loss)


def closed(model, optimizer, film, log, goal):
    for _ in range(4):
        first = []

        def closure(first=first):
            optimizer.zero_grad()
            loss = goal(model)
            loss.backward()
            if not first:
                first.append(log.step(loss))
            return loss

        optimizer.step(closure)


def scaled(skips, *, tell="after"):
    """A loop with a gradient scaler, some of whose gradients overflow."""

    def run(model, optimizer, film, log, goal):
        scaler = torch.amp.GradScaler("cpu", init_scale=2.0)
        for step in range(6):
            optimizer.zero_grad()
            loss = goal(model)
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            if tell == "before":
                film.step(loss)
            if step in skips:
                next(model.parameters()).grad.fill_(torch.inf)
                found = scaler._per_optimizer_states[id(optimizer)]["found_inf_per_device"]
                found[torch.device("cpu")] = torch.tensor(1.0)
            else:
                log.step(loss)
            scaler.step(optimizer)
            scaler.update()
            if tell == "after":
                film.step(loss)

    return run


def accumulated(model, optimizer, film, log, goal):
    for step in range(12):
        loss = goal(model) / 3
        loss.backward()
        if step % 3 == 2:
            log.step(loss)
            optimizer.step()
            film.step(loss)
            optimizer.zero_grad()


def told_by_part(model, optimizer, film, log, goal):
    for step in range(12):
        loss = goal(model)
        (loss / 3).backward()
        film.step(loss)
        if step % 3 == 2:
            log.step(loss)
            optimizer.step()
            optimizer.zero_grad()


def scheduled(model, optimizer, film, log, goal):
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.8)
    for _ in range(2):
        plain(model, optimizer, film, log, goal, steps=2)
        schedule.step()


def clipped(model, optimizer, film, log, goal):
    for _ in range(4):
        optimizer.zero_grad()
        loss = goal(model)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.05)
        log.step(loss)
        optimizer.step()
        film.step(loss)


def frozen_for_a_while(model, optimizer, film, log, goal):
    for each in model[0].parameters():
        each.once = True
    plain(model, optimizer, film, log, goal, steps=2)
    model[0].requires_grad_(False)
    plain(model, optimizer, film, log, goal, steps=2)
    model[0].requires_grad_(True)
    plain(model, optimizer, film, log, goal, steps=1)


def unfrozen(model, optimizer, film, log, goal):
    """A body that is freed in mid-loop and given to the optimizer only then."""
    for each in model[0].parameters():
        each.once = True
    plain(model, optimizer, film, log, goal, steps=3)
    model[0].requires_grad_(True)
    optimizer.add_param_group({"params": list(model[0].parameters()), "lr": 0.1})
    plain(model, optimizer, film, log, goal, steps=3)


def best_put_back(model, optimizer, film, log, goal):
    plain(model, optimizer, film, log, goal, steps=2)
    best = copy.deepcopy(model.state_dict())
    plain(model, optimizer, film, log, goal, steps=3)
    model.load_state_dict(best)


def held_small(model, optimizer, film, log, goal):
    """As in a Wasserstein critic: weights are clipped after each step."""
    for _ in range(4):
        plain(model, optimizer, film, log, goal, steps=1)
        with torch.no_grad():
            for each in model.parameters():
                each.clamp_(-0.3, 0.3)


def both(model, optimizers, film, log, goal):
    for _ in range(4):
        for each in optimizers:
            each.zero_grad()
        loss = goal(model)
        loss.backward()
        log.step(loss)
        for each in optimizers:
            each.step()
        film.step(loss)


def in_turns(model, optimizers, film, log, goal):
    """Two players: each goes down at the gradient of its own moment."""
    for _ in range(4):
        first, second = optimizers
        for each in optimizers:
            each.zero_grad()
        loss = goal(model)
        loss.backward()
        log.step(loss)
        first.step()
        second.zero_grad()
        goal(model).backward()
        start = sum(p.numel() for p in model[0].parameters())
        log.gradients[-1][start:] = log.flat([p.grad for p in model[2].parameters()])
        second.step()
        film.step(loss)


def two_phases(model, sam, film, log, goal):
    """SAM by hand: a step up, and with the gradient from there the step itself."""
    for _ in range(4):
        loss = goal(model)
        loss.backward()
        at = log.now()
        sam.first_step(zero_grad=True)
        goal(model).backward()
        log.step(loss)
        log.weights[-1] = at
        sam.second_step(zero_grad=True)
        film.step(loss)


def in_closure(model, sam, film, log, goal):
    for _ in range(4):

        def closure():
            loss = goal(model)
            loss.backward()
            log.gradients[-1] = log.flat([p.grad for p in model.parameters()])
            return loss

        sam.zero_grad()
        loss = goal(model)
        loss.backward()
        log.step(loss)
        sam.step(closure)
        film.step(loss)


class Sam(torch.optim.Optimizer):
    """Sharpness-aware minimization as its authors' followers write it (davda54/sam, MIT)."""

    def __init__(self, params, base, rho=0.05, **options):
        super().__init__(params, {"rho": rho, **options})
        self.base_optimizer = base(self.param_groups, **options)
        self.param_groups = self.base_optimizer.param_groups

    @torch.no_grad()
    def first_step(self, zero_grad=False):
        norm = torch.stack([p.grad.norm() for g in self.param_groups for p in g["params"]]).norm()
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p]["old"] = p.data.clone()
                p.add_(p.grad * group["rho"] / norm)
        if zero_grad:
            self.zero_grad()

    @torch.no_grad()
    def second_step(self, zero_grad=False):
        for group in self.param_groups:
            for p in group["params"]:
                p.data = self.state[p]["old"]
        self.base_optimizer.step()
        if zero_grad:
            self.zero_grad()

    @torch.no_grad()
    def step(self, closure=None):
        self.first_step(zero_grad=True)
        torch.enable_grad()(closure)()
        self.second_step()


class Accelerated(torch.optim.Optimizer):
    """A wrapper that is an optimizer by its class only, as accelerate's."""

    def __init__(self, optimizer):
        self.optimizer = optimizer

    def zero_grad(self):
        self.optimizer.zero_grad()

    def step(self, closure=None):
        self.optimizer.step(closure)


class Keeps(nn.Module):
    """Keeps what its layer gave, with its graph."""

    def __init__(self):
        super().__init__()
        self.layer, self.seen = nn.Linear(3, 1), []

    def forward(self, x):
        self.last = self.layer(x)
        self.seen.append(self.last)
        return self.last


class Phases(nn.Module):
    """Complex weights."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 2, dtype=torch.complex64))
        self.bias = nn.Parameter(torch.randn(1))

    def forward(self, x):
        return (x.to(torch.complex64) @ self.weight).abs().sum(1, keepdim=True) + self.bias


class Mixed(nn.Module):
    """Weights of two types."""

    def __init__(self):
        super().__init__()
        self.coarse, self.fine = nn.Linear(3, 4).bfloat16(), nn.Linear(4, 1)

    def forward(self, x):
        return self.fine(self.coarse(x.bfloat16()).float().tanh())


class Drawing(nn.Module):
    """Adds noise to what it hides, in evaluation mode too, as a variational autoencoder does."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(3, 4), nn.Linear(4, 1)

    def forward(self, x):
        hidden = self.first(x)
        return self.last(hidden + 0.1 * torch.randn_like(hidden))


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cell, self.head = kind(2, 3, batch_first=True), nn.Linear(3, 1)

    def forward(self, x):
        return self.head(self.cell(x)[0][:, -1])


class Attentive(nn.Module):
    """A small transformer that says the next token."""

    def __init__(self, dropout=0.0):
        super().__init__()
        self.tokens, self.places = nn.Embedding(7, 4), nn.Parameter(torch.zeros(5, 4))
        self.block = nn.TransformerEncoderLayer(4, 2, 8, dropout=dropout, batch_first=True)
        self.head = nn.Linear(4, 7, bias=False)
        self.head.weight = self.tokens.weight

    def forward(self, tokens):
        return self.head(self.block(self.tokens(tokens) + self.places))


class Bags(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag, self.head = nn.EmbeddingBag(7, 4, sparse=True), nn.EmbeddingBag(7, 4, sparse=True)

    def forward(self, tokens):
        return self.bag(tokens) * self.head(tokens)


class Stream(IterableDataset):
    def __iter__(self):
        yield from zip(X, REAL, strict=True)


def mlp(out=1, last=None):
    return lambda: nn.Sequential(
        nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, out), *([last] if last is not None else [])
    )


def hooked():
    model, seen = mlp()(), []
    model.calls = seen
    model[0].register_forward_hook(lambda *given: seen.append(None))
    return model


def half_frozen():
    model = mlp()()
    model[0].requires_grad_(False)
    return model


def normed(evaluating):
    def make():
        model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 1))
        model(3 * X + 1)  # so that running statistics are not those of the data
        if evaluating:
            model[1].eval()
        return model

    return make


def by_its_batch(model):
    return F.mse_loss(model.train()(X), REAL)


def old_weight_norm():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return nn.Sequential(nn.utils.weight_norm(nn.Linear(3, 4)), nn.Tanh(), nn.Linear(4, 1))


def from_one_seed(model):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return F.mse_loss(model.eval()(X), REAL)


def parametrized(norm):
    return lambda: nn.Sequential(norm(nn.Linear(3, 4)), nn.Tanh(), nn.Linear(4, 1))


def padded(items):
    xs, ys = zip(*items, strict=True)
    longest = max(int(length) for length in ys)
    return torch.stack([x[:longest] for x in xs]), torch.tensor([float(y) for y in ys])[:, None]


LENGTHS = [1 + k % 4 for k in range(12)]
RAGGED = [(SERIES[k], length) for k, length in enumerate(LENGTHS)]


def over_batches(batches, loss):
    """The mean of a loss over the batches of a loader, each as much as it has samples."""

    def value(model):
        found = [(len(y), loss(model(x), y)) for x, y in batches()]
        return sum(size * one for size, one in found) / sum(size for size, _ in found)

    return value


def by_batch(batches, loss):
    def run(model, optimizer, film, log, goal):
        for _ in range(2):
            for x, y in batches():
                plain(model, optimizer, film, log, lambda model, x=x, y=y: loss(model(x), y), steps=1)

    return run


class Doubled:
    """What makes batches that are not what the data set holds."""

    def __call__(self, items):
        xs, ys = zip(*items, strict=True)
        return 2 * torch.stack(xs), torch.stack(ys)


def dictionaries():
    return {"points": X, "classes": CLASSES, "weights": torch.linspace(0, 1, 24)}


def of_dictionary(model, batch):
    each = F.cross_entropy(model(batch["points"]), batch["classes"], reduction="none")
    return (each * batch["weights"]).mean()


def at_dictionary(model):
    return of_dictionary(model, dictionaries())


def by_dictionary(model, optimizer, film, log, goal):
    plain(model, optimizer, film, log, at_dictionary)


BCE, CE, MSE, POISSON = nn.BCEWithLogitsLoss(), nn.CrossEntropyLoss(), nn.MSELoss(), nn.PoissonNLLLoss()
AFTER = ("changed after the last step",)
HELD_OUT = list(range(0, 24, 2))
SUBSET = DataLoader(TensorDataset(X, REAL), batch_size=6, sampler=SubsetRandomSampler(HELD_OUT))
DOUBLING = DataLoader(TensorDataset(X, REAL), batch_size=8, collate_fn=Doubled())
RAGGEDLY = DataLoader(RAGGED, batch_size=4, collate_fn=padded)
DROPPING = DataLoader(TensorDataset(X, REAL), batch_size=10, drop_last=True)


def adam(model, **options):
    return torch.optim.Adam(model.parameters(), lr=0.05, **options)


def as_column(loss):
    return lambda outputs, y: loss(outputs, y.float()[:, None])


LOOPS = {
    # losses and targets
    "mse": Loop(mlp(), X, REAL, MSE),
    "mse by name": Loop(mlp(), X, REAL, "mse", own=F.mse_loss),
    "no loss named, numbers": Loop(mlp(), X, REAL, None, own=F.mse_loss),
    "no loss named, classes": Loop(mlp(3), X, CLASSES, None, own=F.cross_entropy),
    "no loss named, bits": Loop(mlp(), X, BITS, None, own=as_column(F.binary_cross_entropy_with_logits)),
    "mse of whole 0 and 1": Loop(mlp(), X, BITS, MSE, own=as_column(F.mse_loss)),
    "mse of booleans": Loop(mlp(), X, BITS.bool(), MSE, own=as_column(F.mse_loss)),
    "l1 of whole 0 and 1": Loop(mlp(), X, BITS, nn.L1Loss(), own=as_column(F.l1_loss)),
    "l1 of booleans": Loop(mlp(), X, BITS.bool(), "l1", own=as_column(F.l1_loss)),
    "huber of whole 0 and 1": Loop(mlp(), X, BITS, "huber:delta=0.3", own=as_column(nn.HuberLoss(delta=0.3))),
    "smooth l1 of booleans": Loop(mlp(), X, BITS.bool(), F.smooth_l1_loss, own=as_column(F.smooth_l1_loss)),
    "whole prices": Loop(mlp(), X, (5 * REAL[:, 0]).long(), "mse", own=as_column(F.mse_loss)),
    "bce of floats": Loop(mlp(), X, BITS.float()[:, None], BCE),
    "bce of soft floats": Loop(mlp(), X, REAL.sigmoid(), F.binary_cross_entropy_with_logits),
    "bce of whole numbers": Loop(mlp(), X, BITS, BCE, own=as_column(BCE)),
    "several labels": Loop(mlp(3), X, (X > 0).float(), BCE),
    "multi-label soft margin": Loop(mlp(3), X, (X > 0).float(), nn.MultiLabelSoftMarginLoss()),
    "cross entropy": Loop(mlp(3), X, CLASSES, F.cross_entropy),
    "cross entropy of one-hot": Loop(mlp(3), X, F.one_hot(CLASSES, 3).float(), CE),
    "cross entropy of shares": Loop(mlp(3), X, X.softmax(1), F.cross_entropy),
    "smoothed": Loop(mlp(3), X, CLASSES, nn.CrossEntropyLoss(label_smoothing=0.2)),
    "weighted": Loop(mlp(3), X, CLASSES, nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2, 5]))),
    "negative log likelihood": Loop(mlp(3, nn.LogSoftmax(1)), X, CLASSES, nn.NLLLoss()),
    "classes that are absent": Loop(mlp(9), X, 2 * CLASSES + 3, CE),
    "soft margin": Loop(mlp(), X, 2.0 * BITS[:, None] - 1, nn.SoftMarginLoss()),
    "poisson": Loop(mlp(), X, COUNTS, POISSON),
    "poisson in one row": Loop(mlp(), X, COUNTS[:, 0], POISSON, own=as_column(POISSON)),
    "sum": Loop(mlp(), X, REAL, nn.MSELoss(reduction="sum"), optimizer=adam),
    "none, then mean": Loop(mlp(), X, REAL, nn.MSELoss(reduction="none"), own=F.mse_loss),
    "a function of one's own": Loop(mlp(), X, REAL, lambda outputs, y: (outputs - y).abs().pow(1.5).mean()),
    "outputs in one row": Loop(mlp(1, nn.Flatten(0)), X, REAL[:, 0], MSE),
    "four samples": Loop(lambda: nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)), XOR,
                         torch.tensor([[0.0], [1], [1], [0]]), MSE, optimizer=adam),
    "a function of module and batch": Loop(mlp(3), None, None, of_dictionary, data=dictionaries(),
                                          run=by_dictionary, value=at_dictionary),
    # modules
    "next tokens": Loop(Attentive, TOKENS[:, :5], TOKENS.roll(-1, 1), "cross_entropy", optimizer=adam,
                        own=lambda outputs, y: F.cross_entropy(outputs.flatten(0, 1), y.flatten())),
    "pixels to classes": Loop(lambda: nn.Conv2d(2, 3, 3, padding=1), IMAGES, MASKS, CE, optimizer=adam),
    "pictures to pictures": Loop(lambda: nn.Conv2d(2, 2, 3, padding=1), IMAGES, IMAGES.flip(1), MSE,
                                 optimizer=adam),
    "lstm": Loop(lambda: Recurrent(nn.LSTM), SERIES, SERIES[:, 0, :1], MSE, optimizer=adam,
                 said=("one after another",)),
    "gru": Loop(lambda: Recurrent(nn.GRU), SERIES, SERIES[:, 0, :1], MSE, optimizer=adam),
    "batch norm": Loop(normed(False), X, REAL, MSE, value=by_its_batch),
    "batch norm at rest": Loop(normed(True), X, REAL, MSE),
    "old weight norm": Loop(old_weight_norm, X, REAL, MSE),
    "weight norm": Loop(parametrized(nn.utils.parametrizations.weight_norm), X, REAL, MSE),
    "spectral norm": Loop(parametrized(nn.utils.parametrizations.spectral_norm), X, REAL, MSE,
                          said=("buffers as they were",)),
    "dropout": Loop(lambda: nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 1)), X, REAL, MSE,
                    said=("dropout is off",)),
    "kept activations": Loop(Keeps, X, REAL, MSE, optimizer=adam),
    "lazy layers": Loop(lambda: nn.Sequential(nn.LazyLinear(4), nn.Tanh(), nn.LazyLinear(1)), X, REAL, MSE),
    "complex weights": Loop(Phases, X, REAL, MSE, optimizer=adam),
    "weights of two types": Loop(Mixed, X, REAL, MSE, optimizer=adam),
    "a model that draws": Loop(Drawing, X, REAL, MSE, value=from_one_seed, said=("draws random numbers",)),
    "sparse gradients": Loop(Bags, TOKENS, TOKENS[:, :4].float(), MSE,
                             optimizer=lambda model: torch.optim.SparseAdam(model.parameters(), lr=0.1)),
    "forward hooks": Loop(hooked, X, REAL, MSE, said=("forward hook",)),
    # the ways of loops
    "told before": Loop(mlp(), X, REAL, MSE, run=before),
    "told before backward": Loop(mlp(), X, REAL, MSE, run=before_backward),
    "told every second step": Loop(mlp(), X, REAL, MSE, run=every_second, said=("2 of 5 steps",)),
    "lbfgs": Loop(mlp(), X, REAL, MSE, run=closed,
                  optimizer=lambda model: torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=2)),
    "sgd with a closure": Loop(mlp(), X, REAL, MSE, run=closed),
    "scaled": Loop(mlp(), X, REAL, MSE, run=scaled(())),
    "first step left out": Loop(mlp(), X, REAL, MSE, run=scaled((0,)), said=("belong to no step",)),
    "two steps left out": Loop(mlp(), X, REAL, MSE, run=scaled((1, 2)), said=("2 of the 6 losses",)),
    "last step left out": Loop(mlp(), X, REAL, MSE, run=scaled((5,))),
    "left out, told before": Loop(mlp(), X, REAL, MSE, run=scaled((0, 3), tell="before")),
    "left out by a fused optimizer": Loop(mlp(), X, REAL, MSE, run=scaled((0, 3)),
                                          optimizer=lambda model: adam(model, fused=True),
                                          said=("2 of 6 steps moved nothing",)),
    "accumulated": Loop(mlp(), X, REAL, MSE, own=lambda outputs, y: F.mse_loss(outputs, y), run=accumulated,
                        said=("the losses are not the loop's",)),
    "told by part": Loop(mlp(), X, REAL, MSE, run=told_by_part, said=("gradients of 3 losses",)),
    "scheduled": Loop(mlp(), X, REAL, MSE, run=scheduled),
    "clipped": Loop(mlp(), X, REAL, MSE, run=clipped),
    "frozen for a while": Loop(mlp(), X, REAL, MSE, run=frozen_for_a_while, optimizer=adam),
    "freed and added": Loop(half_frozen, X, REAL, MSE, run=unfrozen,
                            optimizer=lambda model: torch.optim.SGD(model[2].parameters(), lr=0.2)),
    "best weights put back": Loop(mlp(), X, REAL, MSE, run=best_put_back, said=AFTER),
    "weights held small": Loop(mlp(), X, REAL, MSE, run=held_small, said=AFTER),
    "Muon and AdamW": Loop(mlp(), X, REAL, MSE, run=both, said=("Muon and AdamW",), optimizer=lambda model: [
        torch.optim.Muon([p for p in model.parameters() if p.ndim == 2], lr=0.02),
        torch.optim.AdamW([p for p in model.parameters() if p.ndim < 2], lr=0.02)]),
    "two players": Loop(mlp(), X, REAL, MSE, run=in_turns, optimizer=lambda model: [
        torch.optim.SGD(model[0].parameters(), lr=0.1), torch.optim.Adam(model[2].parameters(), lr=0.02)]),
    "sam by hand": Loop(mlp(), X, REAL, MSE, run=two_phases,
                        optimizer=lambda model: Sam(model.parameters(), torch.optim.SGD, lr=0.2)),
    "sam with a closure": Loop(mlp(), X, REAL, MSE, run=in_closure,
                               optimizer=lambda model: Sam(model.parameters(), torch.optim.SGD, lr=0.2)),
    "wrapped": Loop(mlp(), X, REAL, MSE, optimizer=lambda model: Accelerated(adam(model))),
    # data
    "some of the samples": Loop(mlp(), X[HELD_OUT], REAL[HELD_OUT], MSE, data=SUBSET),
    "made on the way": Loop(mlp(), 2 * X, REAL, MSE, data=DOUBLING),
    "dropped": Loop(mlp(), X[:20], REAL[:20], MSE, data=DROPPING),
    "of many lengths": Loop(lambda: Recurrent(nn.GRU), None, None, MSE, data=RAGGEDLY, optimizer=adam,
                            run=by_batch(lambda: RAGGEDLY, F.mse_loss),
                            value=over_batches(lambda: RAGGEDLY, F.mse_loss)),
    "a stream": Loop(mlp(), X, REAL, MSE, data=DataLoader(Stream(), batch_size=5)),
    "a list of batches": Loop(mlp(), X, REAL, MSE, data=list(zip(X.split(10), REAL.split(10), strict=True))),
    "numpy": Loop(mlp(), X, REAL, MSE, data=(X.double().numpy(), REAL.double().numpy())),
}  # fmt: skip


def put(model, weights):
    """Return a copy of a model with flat weights in those of its parameters that the loop trains."""
    from descent.surfaces.networks.copies import copied

    model = copied(model)[0]
    left = torch.from_numpy(weights)
    with torch.no_grad():
        for each in model.parameters():
            if each.requires_grad or getattr(each, "once", False):
                size = each.numel() * (1 + each.is_complex())
                part, left = left[:size], left[size:]
                # Not view_as_complex: torch 2.13 crashes where NumPy's numbers are not aligned to 16 bytes.
                whole = torch.complex(part[::2], part[1::2]) if each.is_complex() else part
                each.copy_(whole.reshape(each.shape))
    return model


@pytest.mark.parametrize("name", LOOPS)
def test_what_is_filmed_is_what_happened(name):
    loop = LOOPS[name]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = loop.model()
        optimizer = loop.optimizer(model)
        data = loop.data if loop.data is not None else (loop.x, loop.y)
        film = descent.recording(model, optimizer, data, loop.loss, resolution=(4, 3), plane="pca")
        log = Log(model)
        with film:
            (loop.run or plain)(model, optimizer, film, log, loop.goal)
        end = log.now()
    calls = len(getattr(model, "calls", ()))
    made = film.recording
    assert calls == len(getattr(model, "calls", ()))
    (run,), (trained,) = made.trajectories, made.training.runs
    rows = np.stack([*log.weights, end])
    # the path: on the two principal axes of the loop's own weights
    mean = rows.mean(axis=0)
    axes = np.linalg.svd(rows - mean, full_matrices=False)[2][:2]
    axes *= np.sign(((rows - mean) @ axes.T * run.points).sum(axis=0))[:, None]
    size = np.abs(rows - mean).max()
    assert run.points == pytest.approx((rows - mean) @ axes.T, abs=1e-4 * size)
    assert trained.moved == pytest.approx(np.linalg.norm(rows - rows[0], axis=1), abs=1e-4 * size)
    # gradients
    gradients = np.stack(log.gradients)
    assert run.gradients[:-1] == pytest.approx(
        gradients @ axes.T, rel=1e-3, abs=1e-4 * np.abs(gradients).max()
    )
    norms = np.sqrt((trained.gradient_norms[:-1] ** 2).sum(axis=1))
    assert norms == pytest.approx(np.linalg.norm(gradients, axis=1), rel=1e-4)
    # losses: those that the loop told, and the loop's own at each of its weights
    assert trained.batch_losses == pytest.approx(np.array(log.losses), rel=1e-5, nan_ok=True)

    def value(weights):
        there = put(model, weights)
        with torch.no_grad():
            if loop.value is not None:
                return float(loop.value(there))
            # As the loop has them, but for what is drawn: norm layers keep their mode.
            return float(loop.goal(there.eval()).mean())

    assert run.losses == pytest.approx([value(row) for row in rows], rel=1e-4, abs=1e-6)
    # five heights of the field
    for j, i in ((0, 0), (2, 3), (1, 1), (0, 2), (2, 0)):
        there = mean + made.field.x[i] * axes[0] + made.field.y[j] * axes[1]
        assert made.field.z[j, i] == pytest.approx(value(there), rel=1e-3, abs=1e-5)
    notes = " ".join(film.notes)
    for words in loop.said:
        assert words in notes
    if not any("not the loop's" in words for words in loop.said):
        assert "not the loop's" not in notes


def test_the_table_is_long():
    assert len(LOOPS) >= 40
