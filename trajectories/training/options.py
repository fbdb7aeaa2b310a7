"""What a user can say about the training of networks: the words, their defaults and their checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from ...surfaces.errors import DescentError, unknown
from ...surfaces.text import shown_value
from ..arguments import check_amount, check_whole
from ..results.network_runs import FIELDS, PER, TrainingRecipe
from ..specs.optimizer_spec import check_rate

if TYPE_CHECKING:
    from ...surfaces.data.dataset import Data

SNAPSHOTS = 200
EPOCHS = 20
EPOCHS_OF_ONE_STEP = 60  # where a batch is the whole training part
BATCH_SIZE = 32
WHOLE = "all"  # a batch of the whole training part
_WHOLE_BY_DEFAULT = ("linear", "logistic")  # here a step goes down the very surface that is drawn


class TrainingOptions(TypedDict, total=False):
    """The options of `descent.record` that are for networks only."""

    data: (
        Any  # a name from `descent list data`, a .npz file, package.module:function, a Dataset or a pair X, y
    )
    epochs: int
    batch_size: int | str  # samples a step, or "all"
    loss: Any  # "cross_entropy", "mse", a class of torch.nn by name, or a module; the data decides when None
    val: float  # share of the data kept for validation
    test: float  # share of the data kept for the test at the end
    patience: int | None  # stop after so many epochs without a better validation loss
    plane: str  # "weights", "pca", "random", "hessian" or "ends"; "auto" chooses
    field_of: str  # what the heights are: "train" or "val" for a loss, "metric" for the training metric, or
    # several of these apart by commas, which are drawn side by side
    snapshots: int  # how many steps are kept at most, for the path and all that is drawn along it
    layer: str  # whose gradients the heat map shows; the last one when empty
    schedule_per: str  # "epoch" or "batch"; by epoch when empty, but for cycles, which are made for batches
    data_dir: str  # where the files of a data set are
    rising: Any  # (A, B) or "A:B": the rate rises from A to B, by the same factor with each step
    sharpness: bool  # whether the largest eigenvalue of the Hessian is worked out along the path


NAMES = tuple(TrainingOptions.__annotations__)


def check_training(options: TrainingOptions, name: str, data: Data, loss_name: str) -> TrainingRecipe:
    """Return the options with their defaults, checked; ``plane`` may still be "auto".

    Args:
        options: What the user said.
        name: The network's spec.
        data: What it learns from.
        loss_name: The loss that was found.

    Raises:
        DescentError: A value that is not known or out of its range.
    """
    from ...surfaces.networks.plane_axes import KINDS

    batch_size = check_batch_size(options.get("batch_size"), name, len(data.train))
    few = EPOCHS_OF_ONE_STEP if batch_size == len(data.train) else EPOCHS
    epochs = check_whole(options.get("epochs", few), "epochs", 1)
    snapshots = check_whole(options.get("snapshots", SNAPSHOTS), "snapshots", 2, 100_000)
    patience = options.get("patience")
    if patience is not None:
        patience = check_whole(patience, "patience", 1)
        if not len(data.val):
            raise DescentError(
                "patience looks at the validation loss, and val=0 keeps no data for validation"
            )
    asked = [each.strip() for each in _word(options, "field_of", "train").split(",")]
    for each in asked:
        if each not in FIELDS:
            raise unknown("field", each, FIELDS)
        if asked.count(each) > 1:
            raise DescentError(f"the field {each!r} is named twice")
    field_of = ",".join(asked)
    if "val" in asked and not len(data.val):
        raise DescentError("the field of the validation loss needs validation data, and val=0 keeps none")
    per = _word(options, "schedule_per", "")
    if per and per not in PER:
        raise unknown("unit of a schedule", str(per), PER)
    plane = _word(options, "plane", "auto")
    if plane not in (*KINDS, "auto"):
        raise unknown("plane", str(plane), [*KINDS, "auto"])
    if options.get("rising") is not None:
        if per == "epoch":
            raise DescentError("a rising rate rises with each step; leave out schedule_per, or say batch")
        per = "batch"
    return TrainingRecipe(
        data=data.name,
        loss=loss_name,
        epochs=epochs,
        batch_size=batch_size,
        val=check_amount(options.get("val", 0.2), "val"),
        test=check_amount(options.get("test", 0.2), "test"),
        patience=patience,
        plane=plane,
        field_of=field_of,
        snapshots=snapshots,
        layer=_word(options, "layer", ""),
        schedule_per=per,
        data_dir=str(options.get("data_dir") or ""),
        sharpness=bool(options.get("sharpness", False)),
    )


def parse_rising(given: Any) -> tuple[float, float]:
    """Return between which rates a rising one goes, or raise DescentError.

    >>> parse_rising("1e-5:10"), parse_rising((0.001, 1))
    ((1e-05, 10.0), (0.001, 1.0))
    """
    parts = given.split(":") if isinstance(given, str) else given
    try:
        low, high = map(float, parts)
    except (TypeError, ValueError):
        raise DescentError(f"a rising rate is written A:B, as 1e-5:10, not {shown_value(given)}") from None
    for rate in (low, high):
        check_rate(rate)
    if not high >= 10 * low:
        raise DescentError(
            f"a rising rate goes up to at least ten times its first, not from {low:g} to {high:g}"
        )
    return low, high


def _word(options: TrainingOptions, name: str, default: str) -> str:
    """Return an option that is text, or raise DescentError."""
    value = options.get(name, default)
    if not isinstance(value, str):
        raise DescentError(f"{name} must be text, not {shown_value(value)}")
    return value


def check_batch_size(given: int | str | None, name: str, samples: int) -> int:
    """Return how many samples a batch has, or raise DescentError.

    >>> [check_batch_size(None, "mlp", 300), check_batch_size("all", "mlp", 300)]
    [32, 300]
    """
    if given is None:
        return samples if name.partition(":")[0] in _WHOLE_BY_DEFAULT else min(BATCH_SIZE, samples)
    if isinstance(given, str) and given == WHOLE:
        return samples
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= samples:
        raise DescentError(
            f"batch_size must be a whole number from 1 to {samples}, the samples for training, or {WHOLE!r}, "
            f"not {shown_value(given)}"
        )
    return given
