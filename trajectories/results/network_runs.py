"""What a network's runs have besides their paths: the plane and its limits, epochs, layers. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ...surfaces.errors import DescentError, unknown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Single = NDArray[np.float32]
    from ..specs.optimizer_spec import OptimizerSpec

PER = ("epoch", "batch")  # how often a schedule steps
UNITS = ("step", "epoch", "checkpoint")  # what rows can be counted in
CHECKPOINTS = "descent.checkpoints"  # stands for an optimizer where only checkpoints of its run are there
BARRIER = "the highest training loss between the ends less their mean"  # what `Line.barrier` is
FIELDS = ("train", "val", "metric")  # what the heights on a plane can be
PRECONDITIONED = ("adam", "adamw", "rmsprop")  # divide each step by the root of a mean of squared gradients
# The columns of `TrainedRun.epochs`.
STEP, TRAIN_LOSS, TRAIN_METRIC, VAL_LOSS, VAL_METRIC = range(5)


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """What a network's runs need besides what every recipe has; plain values."""

    data: str  # the data spec
    loss: str  # "cross entropy", "MSE" or a class of torch.nn
    epochs: int  # 0 for a loop of somebody's own, which counts in steps only
    batch_size: int
    val: float  # the share of the data kept for validation
    test: float  # the share kept for the test at the end
    patience: int | None  # epochs without a better validation loss before a run stops; None: never
    plane: str  # what was asked for: one of plane_axes.KINDS
    field_of: str  # one of FIELDS, or several apart by commas, the recording's own first
    snapshots: int  # how many steps are kept at most
    layer: str  # whose gradients the heat map shows
    schedule_per: str  # one of PER, or empty: as each schedule is made for
    data_dir: str = ""  # where the files of a data set are
    sharpness: bool = False  # whether the largest eigenvalue of the Hessian is worked out along the path

    @property
    def alone(self) -> bool:
        """Whether the loss is of the parameters alone, as that of a problem: no data, an epoch is a step."""
        return self.epochs > 0 and not self.data


@dataclass(frozen=True, slots=True)
class PlaneFacts:
    """What the picture's plane is, and how much it hides."""

    kind: str  # "weights", "pca", "random", "hessian" or "ends"
    axes: tuple[str, str]  # what the axes are called
    meaning: str  # what they are, in a sentence
    explained: tuple[float, float]  # share of the variance of all drawn paths along each axis, 0 to 1
    fitted: tuple[int, ...]  # the runs whose paths the plane was laid through; empty where by none
    held: tuple[float | None, ...] = ()  # share of each run's own variance on the plane; None: none is drawn

    @property
    def exact(self) -> bool:
        """Whether the plane is the whole weight space, so that nothing is hidden."""
        return self.kind == "weights"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Losses on the straight line between the ends of two runs."""

    runs: tuple[int, int]
    positions: Array  # (A,): 0 at the first end, 1 at the second
    train: Array  # (A,)
    val: Array  # (A,); NaN without validation data

    @property
    def ends(self) -> tuple[float, float]:
        """The training losses at the two ends; the line may go on beyond them."""
        start, end = np.interp([0.0, 1.0], self.positions, self.train).tolist()
        return start, end

    @property
    def barrier(self) -> float:
        """The highest training loss from one end to the other, less the mean of the losses at the two ends.

        It is never below 0, and where the loss falls all the way it is half the fall. NaN where a loss on
        the way is no number, or where an end has none that is finite.

        References:
            J. Frankle, G. Dziugaite, D. Roy and M. Carbin, Linear mode connectivity and the lottery ticket
            hypothesis, arXiv:1912.05671, section 2, where it is taken of the error in place of the loss
        """
        between = self.train[(self.positions >= 0) & (self.positions <= 1)]
        if not np.isfinite(self.ends).all():
            return float("nan")
        return float(np.max([*between, *self.ends]) - np.mean(self.ends))


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Training data with one or two inputs, and the grid on which the runs' outputs are kept."""

    x: Array  # (n, 1) or (n, 2), as the network sees them: standardized
    y: Array  # (n,): class numbers, or target values
    classes: int  # 0 for regression
    names: tuple[str, ...]  # what the inputs are called
    grid: tuple[Array, ...]  # one axis an input, (G,) each


@dataclass(frozen=True, slots=True, eq=False)
class TrainedRun:
    """What one run of a network has besides its trajectory; rows are the trajectory's."""

    batch_losses: Array  # (steps,): the loss of the batch (of the last one, with accumulate) of each step
    slice_losses: Array  # (rows,): the loss at the point of the plane that is nearest to the weights
    distances: Array  # (rows,): from the weights to the plane, in units of weights
    moved: Array  # (rows,): from the weights to the first weights, in the same units
    gradient_norms: Array  # (rows, L): of each layer, as handed to the optimizer; NaN in the last row
    update_ratios: (
        Array  # (rows, L): length of a layer's step over length of its weights; NaN in the last row
    )
    epochs: Array  # (E + 1, 5): STEP, TRAIN_LOSS, ... after each epoch; row 0 is before the first
    test: Array  # (2,): loss and metric on the test part, once at the end; NaN without one
    heat: Single  # (rows, h, w): gradients of one layer; cells pooled where it is large; NaN in the last row
    outputs: Single  # (rows, K, *G): on the samples' grid: K probabilities, or a value; (0,) without
    # (rows,): the largest eigenvalue of the Hessian, preconditioned for optimizers in PRECONDITIONED, and the
    # value above which steps of that row's rate grow, NaN where none is known; (0,) where not asked for.
    sharpness: Array = field(default_factory=lambda: np.empty(0))
    stable_below: Array = field(default_factory=lambda: np.empty(0))
    # (rows, K): the singular values of `Training.matrix` and of the steps that it makes, the largest first;
    # NaN in the last row of the steps; (0, 0) where there is no matrix.
    step_values: Array = field(default_factory=lambda: np.empty((0, 0)))
    weight_values: Array = field(default_factory=lambda: np.empty((0, 0)))


@dataclass(frozen=True, slots=True, eq=False)
class NamedField:
    """One of several things that are drawn on the same plane, on the grid of the recording's own field."""

    name: str  # "training loss", "validation loss", or what somebody calls it
    z: Array  # (H, W)
    values: tuple[Array, ...]  # of each run (rows,): at the weights themselves, which may lie off the plane


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """What only recordings of networks have."""

    plane: PlaneFacts
    layers: tuple[str, ...]  # (L,): what the layers are called
    parameters: int
    sizes: tuple[int, int, int]  # samples for training, validation and test
    measured: int  # training samples that losses and heights are measured on; 0: losses are those of batches
    metric: str  # "accuracy" or "RMSE"; empty where neither fits
    runs: tuple[TrainedRun, ...]
    batch_norm: bool = False  # whether losses and heights take the statistics of their samples
    lines: tuple[Line, ...] = ()
    samples: Samples | None = None  # None where the data has more than two inputs
    notes: tuple[str, ...] = ()  # what else a picture has to say of how this came about, a few words each
    unit: str = "step"  # what rows are counted in, one of UNITS; but for checkpoints always steps
    matrix: str = ""  # of which parameter the runs have singular values; empty where they have none
    fields: tuple[NamedField, ...] = ()  # all fields where there are several, the recording's own first
    minimum: float | None = None  # the lowest loss of a problem, or its infimum; None where nobody knows
    attained: bool = True  # whether some parameters have that loss, or it is only approached

    def __post_init__(self) -> None:
        layers = len(self.layers)
        if self.unit not in UNITS:
            raise unknown("unit", self.unit, UNITS)
        if self.plane.held and len(self.plane.held) != len(self.runs):
            raise DescentError(f"the plane has {len(self.plane.held)} shares of {len(self.runs)} runs")
        values = max(1, *self.runs[0].step_values.shape[1:], 1) if self.runs else 1  # of each run as many
        for number, run in enumerate(self.runs):
            rows = len(run.slice_losses)
            wanted = {
                "distances": (rows,),
                "moved": (rows,),
                "gradient_norms": (rows, layers),
                "update_ratios": (rows, layers),
                "epochs": (len(run.epochs), 5),
                "test": (2,),
                "step_values": (rows, values) if self.matrix else (0, 0),
                "weight_values": (rows, values) if self.matrix else (0, 0),
            }
            for each in self.fields:
                if len(each.values) != len(self.runs) or each.values[number].shape != (rows,):
                    raise DescentError(f"the field {each.name!r} has not a value for each row of each run")
            for name, shape in wanted.items():
                if getattr(run, name).shape != shape:
                    raise DescentError(
                        f"{name} of trained run {number} must have the shape {shape}, "
                        f"not {getattr(run, name).shape}"
                    )


def main_field(field_of: str) -> str:
    """Return which of the fields that are asked for is the recording's own: the first."""
    return field_of.partition(",")[0]


_BY_BATCH = ("onecycle", "cyclic")  # schedules made to step after every batch


def schedules_per(recipe: TrainingRecipe, spec: OptimizerSpec) -> str:
    """Return how often the schedules of a spec step: "epoch" or "batch"."""
    by_batch = any(schedule.name in _BY_BATCH for schedule in spec.schedules)
    return recipe.schedule_per or ("batch" if by_batch else "epoch")
