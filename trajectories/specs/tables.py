"""Every optimizer and schedule that a spec can name, with one line of help each."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A class of ``torch.optim`` or ``torch.optim.lr_scheduler``, and what it does in one line."""

    class_name: str
    help: str
    alone: str = ""  # of a schedule: why its runs cannot be rows of one tensor; of optimizers that is tried
    example: str = ""  # of what goes around another optimizer: how it is written


OPTIMIZERS: dict[str, Entry] = {
    "adadelta": Entry("Adadelta", "steps scaled by the ratio of recent updates to recent gradients"),
    "adafactor": Entry("Adafactor", "Adam with little memory: squared gradients kept per row and column"),
    "adagrad": Entry("Adagrad", "each component's step shrinks with its own sum of squared gradients"),
    "adam": Entry("Adam", "momentum, scaled by a running mean of squared gradients"),
    "adamax": Entry("Adamax", "Adam with the largest recent gradient in place of the squared mean"),
    "adamw": Entry("AdamW", "Adam with weight decay kept apart from the gradient"),
    "asgd": Entry("ASGD", "gradient descent that also averages its points"),
    "lbfgs": Entry("LBFGS", "quasi-Newton steps from a short memory of gradients; many evaluations a step"),
    "muon": Entry("Muon", "momentum made orthogonal, for weight matrices"),
    "nadam": Entry("NAdam", "Adam with Nesterov momentum"),
    "radam": Entry("RAdam", "Adam that waits until its squared mean can be trusted"),
    "rmsprop": Entry("RMSprop", "gradient scaled by a running mean of its squares"),
    "rprop": Entry("Rprop", "only the gradient's sign counts; steps grow while it stays the same"),
    "sgd": Entry("SGD", "gradient descent, with momentum and Nesterov momentum as options"),
    "sparseadam": Entry("SparseAdam", "Adam for sparse gradients: entries without one are left alone"),
}

# What goes around another optimizer, and an example: averages of points, by torch.optim.swa_utils.
WRAPPERS: dict[str, Entry] = {
    "ema": Entry(
        "EMA",
        "exponential moving average of another optimizer's points: that is what is evaluated",
        example="ema(sgd:lr=0.1):decay=0.9",
    ),
    "swa": Entry(
        "SWA",
        "mean of another optimizer's points from a step on: that is what is evaluated",
        example="swa(sgd:lr=0.1):start=100",
    ),
}

SCHEDULES: dict[str, Entry] = {
    "constant": Entry("ConstantLR", "times factor for the first total_iters steps, then the full rate"),
    "cosine": Entry("CosineAnnealingLR", "down to eta_min along half a cosine in T_max steps (default: all)"),
    "cyclic": Entry("CyclicLR", "up and down between base_lr and max_lr"),
    "exponential": Entry("ExponentialLR", "times gamma after every step"),
    "lambda": Entry("LambdaLR", "times lr_lambda(step), a function named as package.module:function"),
    "linear": Entry("LinearLR", "a straight line from start_factor to end_factor in total_iters steps"),
    "multiplicative": Entry("MultiplicativeLR", "times lr_lambda(step) after every step"),
    "multistep": Entry("MultiStepLR", "times gamma at each of the milestones, as in milestones=30/80"),
    "onecycle": Entry("OneCycleLR", "one rise to max_lr and one long fall within total_steps (default: all)"),
    "plateau": Entry(
        "ReduceLROnPlateau",
        "times factor when the loss has not improved for patience steps",
        alone="it looks at the loss of its run",
    ),
    "polynomial": Entry("PolynomialLR", "down to zero in total_iters steps, as a polynomial of this power"),
    "step": Entry("StepLR", "times gamma every step_size steps"),
    "swa": Entry("SWALR", "to swa_lr within anneal_epochs steps, and there it stays; for averages of points"),
    "warm_restarts": Entry("CosineAnnealingWarmRestarts", "a cosine that starts again after T_0 steps"),
}

# These two only combine other schedules; in a spec, several @ say the same.
COMBINATIONS: dict[str, str] = {
    "ChainedScheduler": "give each schedule its own @, and all are applied at every step",
    "SequentialLR": "give the later schedule the option after=K, as in sgd:lr=0.1@linear@cosine:after=5",
}


def fold(name: str) -> str:
    """Return a name without case, ``-``, ``_`` and a trailing LR, so that spellings can be compared.

    >>> fold("CosineAnnealingLR") == fold("cosine-annealing")
    True
    """
    folded = name.casefold().replace("-", "").replace("_", "")
    return folded.removesuffix("lr") or folded


def find(name: str, table: dict[str, Entry]) -> str | None:
    """Return the key of the entry that a key or a class name means, however it is spelled, or None.

    >>> find("StepLR", SCHEDULES), find("Adam-W", OPTIMIZERS), find("adams", OPTIMIZERS)
    ('step', 'adamw', None)
    """
    folded = fold(name)
    for key, entry in table.items():
        if folded in (fold(key), fold(entry.class_name)):
            return key
    return None
