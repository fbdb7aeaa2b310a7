"""A recorder: it watches optimizers through torch's own hooks and keeps what their steps did."""

from __future__ import annotations

import math
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ...surfaces.errors import DescentError
from ...surfaces.imports import flat
from ...surfaces.networks.rows import Kept, Store, whole
from ..descent.torch_optim import rate_of
from ..optimizers.faces import both_points, evaluated, has_two
from ..optimizers.watching import watch
from .stability import preconditioner
from .tape import Row, Tape
from .told_losses import Told, tie
from .watched import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType, TracebackType

    import torch
    from numpy.typing import NDArray
    from torch import nn
    from torch.optim import Optimizer

    from ...surfaces.networks.rows import Matrix
    from .watched import Signature

_BATCHES = 8  # that come with their losses and are kept, to hold the picture's loss against the loop's


@dataclass(slots=True, eq=False)
class Recorder:
    """Keeps every ``stride``-th step of some optimizers; where that is too many, every other one is dropped.

    Use it as a context: the optimizers' steps inside are recorded. Several optimizers make one step together:
    it begins when one of them steps that has already been in the step before.
    """

    module: nn.Module
    optimizers: Sequence[Optimizer]
    stride: int = 1
    fresh: bool = False  # gradients are those at the weights even where the optimizer is given a closure
    most: int | None = None  # steps that are kept at most; beyond it the stride doubles
    store: Store | None = None  # where rows are kept, and read from again; when None they are all in memory
    scales: bool = False  # whether what steps were divided by is kept, for the sharpness that they meet
    quiet: bool = False  # what fails is noted, not raised: the loop is somebody's own
    trouble: str = ""  # why nothing more is recorded
    mistold: str = ""  # why what was told at last is no loss
    calls: int = 0  # steps begun, those that a scaler leaves out too
    rows: list[Row] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    left_out: list[Any] = field(default_factory=list)  # for each call: what is not 0 where nothing moved
    told: list[Told] = field(default_factory=list)
    losses: list[torch.Tensor | float] = field(default_factory=list)  # one for each that was told
    own_losses: dict[int, torch.Tensor] = field(default_factory=dict)  # by call: what its closure gave first
    hooks: list[Any] = field(default_factory=list)
    watched: Watched = field(init=False)
    stepped: list[Optimizer] = field(default_factory=list)  # which made this step
    inside: dict[int, FrameType] = field(default_factory=dict)  # by optimizer: the call of its step
    done: bool = True  # whether the last step came to its end
    turned: bool = False  # whether layers went from training to evaluation mode or back
    seen: Signature | None = None  # which gradients the last step went down
    changes: int = 0  # how often the parameters had been written to behind the last step
    moved_on: bool = False  # whether they were written to between the last step and the end
    modes: dict[str, bool] = field(default_factory=dict)  # which submodules were in training mode when kept
    batches: dict[int, Any] = field(default_factory=dict)  # by the number of a loss: what it is of
    end: torch.Tensor | None = None  # (P,): the weights when the block ended, where training would go on
    end_evaluated: torch.Tensor | None = None  # (P,): those that are evaluated, where they are others
    last: torch.Tensor | None = None  # (P,): the weights after the last step, of optimizers with two points
    two: list[Any] = field(init=False)  # the optimizers with two points
    thinned: bool = False  # whether the stride doubled because the store would have held too much
    kept_in: Store = field(init=False)

    def __post_init__(self) -> None:
        self.watched = Watched(self.module, self.optimizers)
        self.two = [each for each in self.optimizers if has_two(each)]
        self.kept_in = self.store or Store()

    def __enter__(self) -> Self:
        for each in self.optimizers:
            self.hooks += watch(each, self._guarded(self._before), self._guarded(self._after))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for hook in self.hooks:
            hook.remove()
        self._guarded(self._finish)()

    @property
    def steps(self) -> int:
        """How many steps were made so far."""
        return self.calls - sum(self._skipped())

    def step(self, loss: torch.Tensor | float, batch: Any = None) -> None:
        """Note the loss of the batch that the last step, or the next one, goes down; call it once a step.

        Raises:
            DescentError: It is not one number; where the recorder is quiet that is only noted.
        """
        self._guarded(self._note)(loss, batch)

    def _note(self, loss: Any, batch: Any) -> None:
        value: torch.Tensor | float = math.nan
        try:
            if getattr(loss, "numel", lambda: 1)() != 1:
                raise DescentError(f"a loss is one number, not a tensor of shape {tuple(loss.shape)}")
            value = loss.detach().clone().reshape(()) if hasattr(loss, "detach") else float(loss)
        except Exception as error:
            if not self.quiet:
                raise
            self.mistold = flat(error)
        self.told.append(Told(self.calls, self.watched.same(self.seen)))
        self.losses.append(value)
        if batch is not None and len(self.batches) < _BATCHES:
            self.batches[len(self.losses) - 1] = batch

    def _guarded(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any) -> Any:
            if self.trouble:
                return None
            try:
                return act(*args)
            except Exception as error:
                if not self.quiet:
                    raise
                reason = (
                    flat(error)
                    if isinstance(error, DescentError)
                    else f"{type(error).__name__}: {flat(error)}"
                )
                self.trouble = f"recording stopped after {self.calls} steps: {reason}"
                return None

        return guarded

    def _before(self, optimizer: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        calling = _calling()
        if self.inside.get(id(optimizer)) in calling[1:]:
            return None  # a class that calls its parent's step: torch calls hooks for that again
        self.inside[id(optimizer)] = calling[0]
        first = not self.stepped or any(each is optimizer for each in self.stepped)
        if first:
            self._begin(optimizer)
        elif self.rows and self.rows[-1].call == self.calls - 1:
            gradient = self.rows[-1].gradient
            assert not isinstance(gradient, Kept)  # it is the last row
            self.watched.renew(gradient, optimizer)
        self.stepped.append(optimizer)
        closure = (*args[1:], kwargs.get("closure"))[0]  # args[0] is the optimizer
        if closure is None or self.fresh:
            return None
        row = self.rows[-1] if self.rows and self.rows[-1].call == self.calls - 1 else None
        watched = self._closure(closure, optimizer, row)
        return ((args[0], watched, *args[2:]), kwargs) if args[1:] else (args, kwargs | {"closure": watched})

    def _begin(self, optimizer: Optimizer) -> None:
        rates = [rate_of(group) for each in self.optimizers for group in each.param_groups]
        self._keep()
        if self.calls % self.stride == 0:
            self.watched.look()
            modes = {name: each.training for name, each in self.module.named_modules()}
            self.turned |= any(modes.get(name, mode) != mode for name, mode in self.modes.items())
            self.modes = modes
            weights = self.watched.weights(self.kept_in)
            row = Row(self.calls, weights, self.watched.gradient(optimizer, self.kept_in))
            row.evaluated = self._evaluated()
            self.rows.append(row)
        # Where groups differ there is no one rate.
        self.rates.append(rates[0] if len(set(rates)) == 1 else math.nan)
        if not self.done:  # it failed, and the loop went on
            self.left_out[-1] = 1
        self.left_out.append(0)
        self.stepped, self.done = [], False
        self.calls += 1

    def _evaluated(self) -> torch.Tensor | None:
        """Return the weights that are evaluated before this step; None where they are those that train."""
        if not self.two or not self.calls:
            return None
        with ExitStack() as stack:
            for each in self.two:
                stack.enter_context(evaluated(each, self.watched.parameters))
            return self.watched.weights()

    def _closure(
        self, closure: Callable[..., Any], optimizer: Optimizer, row: Row | None
    ) -> Callable[..., Any]:
        """Return a closure that also keeps its first loss, and the gradient at the weights of the row."""
        call = self.calls - 1
        kept: list[None] = []
        if row is not None and not isinstance(row.gradient, Kept):
            row.gradient.fill_(math.nan)  # what is there is left over

        def look(loss: Any) -> None:
            if hasattr(loss, "detach") and loss.numel() == 1:
                self.own_losses[call] = loss.detach().clone().reshape(())
            if row is None or isinstance(row.weights, Kept):
                return
            if bool((self.watched.weights() == row.weights).all()):
                row.gradient = self.watched.gradient(optimizer)

        def watched(*args: Any, **kwargs: Any) -> Any:
            loss = closure(*args, **kwargs)
            if not kept:
                kept.append(None)
                self._guarded(look)(loss)
            return loss

        return watched

    def _after(self, optimizer: Optimizer, *_: Any) -> None:
        if self.inside.get(id(optimizer)) is not _calling()[0]:
            return
        del self.inside[id(optimizer)]
        self.done = True
        call = self.calls - 1
        found = getattr(optimizer, "found_inf", None)  # set by a scaler while a fused optimizer steps
        if found is not None:
            self.left_out[call] = found.detach().clone() if hasattr(found, "detach") else found
        if self.rows and self.rows[-1].call == call:
            row = self.rows[-1]
            assert not isinstance(row.weights, Kept)  # it is the last row
            row.moved = self.watched.moved(row.weights)
            if self.scales:
                row.scales = preconditioner(optimizer, self.watched.parameters)
        self.seen, self.changes = self.watched.signature(), self.watched.changes()
        self.last = self.watched.weights() if self.two else None
        full = len(self.rows) > 2 and self._bytes() > self.kept_in.limit
        self.thinned |= full
        if full or (self.most is not None and len(self.rows) > self.most):
            self.stride *= 2
            for row in self.rows[1::2]:
                for each in (row.weights, row.gradient, row.evaluated):
                    if isinstance(each, Kept):
                        self.kept_in.drop(each)
            del self.rows[1::2]

    def _keep(self) -> None:
        """Give the last row to the store, now that its step is over."""
        row = self.rows[-1] if self.rows else None
        if row is None or isinstance(row.weights, Kept) or isinstance(row.gradient, Kept):
            return
        row.lengths = self._lengths(row)
        row.weights, row.gradient = self.kept_in.keep(row.weights), self.kept_in.keep(row.gradient)
        if row.evaluated is not None and not isinstance(row.evaluated, Kept):
            row.evaluated = self.kept_in.keep(row.evaluated)

    def _lengths(self, row: Row) -> tuple[torch.Tensor, torch.Tensor]:
        if row.lengths is not None or isinstance(row.weights, Kept) or isinstance(row.gradient, Kept):
            assert row.lengths is not None
            return row.lengths
        return self.watched.lengths(row.weights), self.watched.lengths(row.gradient)

    def _bytes(self) -> int:
        last = self.rows[-1]
        every = (last.weights, last.gradient, last.evaluated)
        waiting = sum(0 if each is None or isinstance(each, Kept) else each.nbytes for each in every)
        return self.kept_in.bytes + waiting

    def _finish(self) -> None:
        if not self.done:
            self.left_out[-1] = 1
        self._keep()
        self.watched.look()
        self.end = self.watched.weights()
        self.moved_on = self.calls > 0 and self.watched.changes() != self.changes
        if self.two and self.calls:
            self.end, self.end_evaluated = self._both()
            # The way to the evaluated point and back is rounded.
            near = self.last is not None and len(self.last) == len(self.end)
            self.moved_on = not (near and bool(self.end.allclose(self.last, 1e-3, 1e-6)))  # type: ignore[arg-type]

    def _both(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the weights at the training and at the evaluated point, wherever the loop left them."""
        now = trained = seen = self.watched.weights()
        for each in self.two:  # of several, each has its own part of the weights
            there, found = both_points(each, self.watched.parameters, self.watched.weights)
            trained, seen = trained.where(there == now, there), seen.where(found == now, found)
        return trained, seen

    def _skipped(self) -> list[bool]:
        return [bool(each) for each in self.left_out]

    @property
    def skipped(self) -> int:
        """How many calls of the optimizer's step moved nothing, as a gradient scaler decided."""
        return sum(self._skipped())

    def ties(self) -> NDArray[np.int64]:
        """Return which of the told losses each call of the optimizer's step has, (calls,); -1 for none."""
        return tie(self.told, self.calls)

    def kept(self) -> list[Row]:
        """Return what is kept of the steps that were made, the end not included."""
        skipped = self._skipped()
        return [row for row in self.rows if not skipped[row.call]]

    def tape(self) -> Tape:
        """Return what was kept, with the weights as they were at the end, or are now, in the last row."""
        made = ~np.array(self._skipped(), dtype=bool)
        number = np.cumsum(made) - 1  # of the step that each call was
        rows = self.kept()
        end, last = self.end, self.end_evaluated
        if end is None:  # the loop still runs
            end, last = self._both() if self.two and self.calls else (self.watched.weights(), None)
        weights = self._rows([*(row.weights for row in rows), end])
        trained = weights if self.two else None
        if self.two:
            found = [row.weights if row.evaluated is None else row.evaluated for row in rows]
            weights = self._rows([*found, end if last is None else last])
        gradients = self._rows([row.gradient for row in rows], still=False)
        lengths = [self._lengths(row) for row in rows]
        with np.errstate(divide="ignore", invalid="ignore"):  # of a layer that begins at 0
            sizes = self.watched.summed([each for each, _ in lengths], still=True)
            ratios = self.watched.summed([row.moved for row in rows]) / sizes
        return Tape(
            at=np.array([*(number[row.call] for row in rows), int(made.sum())], dtype=np.int64),
            weights=weights,
            gradients=gradients,
            gradient_norms=_ended(self.watched.summed([each for _, each in lengths])),
            update_ratios=_ended(ratios),
            learning_rates=np.array(self.rates, dtype=np.float64)[made],
            batch_losses=self._batch_losses()[made],
            scales=self._scales(rows),
            trained=trained,
        )

    def _scales(self, rows: Sequence[Row]) -> torch.Tensor | None:
        found = [row.scales for row in rows]
        if not found or any(each is None or len(each) != len(found[-1]) for each in found):  # type: ignore[arg-type]
            return None
        return whole(self._rows([each for each in found if each is not None], still=False))

    def _rows(self, vectors: Sequence[torch.Tensor | Kept], *, still: bool = True) -> Matrix:
        rows = self.watched.lined_up(self.kept_in, vectors, still=still)
        return whole(rows) if self.store is None else rows

    def _batch_losses(self) -> NDArray[np.float64]:
        told = [math.nan if tied < 0 else float(self.losses[tied]) for tied in self.ties().tolist()]
        own = {call: float(loss) for call, loss in self.own_losses.items()}
        return np.array([own.get(k, loss) if math.isnan(loss) else loss for k, loss in enumerate(told)])


def _calling() -> list[FrameType]:
    """Return the calls that led to the one of a hook: that of the optimizer's step first."""
    found: list[FrameType] = []
    frame: FrameType | None = sys._getframe(3)  # past this one, the recorder's method and its guard
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found


def _ended(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows with one of NaN for the end."""
    return np.concatenate([rows, np.full((1, rows.shape[1]), np.nan)])
