"""From a target and optimizers to a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..arguments import check_callable
from .plan import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Unpack

    from torch import nn

    from ...surfaces.surface import Box, Surface
    from ..results.recording import Recording
    from ..specs.optimizer_spec import OptimizerSpec
    from ..training.options import TrainingOptions


def record(
    target: str | Surface | nn.Module | Callable[..., Any],
    optimizers: OptimizerSpec | str | Iterable[OptimizerSpec | str] | None = None,
    *,
    lr: float | Sequence[float] | None = None,
    steps: int | None = None,
    start: float | Sequence[float] | None = None,
    seed: int = 0,
    noise: float = 0.0,
    stop_at: float | None = None,
    device: str = "cpu",
    dtype: str | None = None,
    view: Box | tuple[float, float] | None = None,
    resolution: tuple[int, int] | None = None,
    near: bool | None = None,
    protocol: str = "",
    progress: Callable[[int, int], object] | None = None,
    log: Callable[[str], object] | None = None,
    **training: Unpack[TrainingOptions],
) -> Recording:
    """Run optimizers from the same start, with the same noise and for the same steps, and record them.

    On a surface several runs become one tensor program where that is sure to give the very numbers of single
    runs; the recipe's ``methods`` say which way each was made. A network is trained epoch by epoch: every run
    starts from the same weights and sees the same batches in the same order.

    Args:
        target: A surface, or what `descent.surfaces.get` takes for one; or a network: a name from
            `descent list networks`, package.module:Class, or a torch.nn.Module, which is copied.
        optimizers: Optimizer specs; SGD, Adam and RMSprop at rates that suit the target when None. Specs
            that say the same are run once.
        lr: Learning rates that every spec is run with, in place of its own.
        steps: How many updates each run makes, 200 when None; networks count in epochs.
        start: Where all runs begin, (x, y), or x on a surface of one parameter; its own start when None.
        seed: Starts the noise, and the random numbers of optimizers that draw some. Of a network it starts
            the split of the data, the first weights and the order of the batches.
        noise: Standard deviation of what is added to each gradient component after each backward pass.
        stop_at: A run ends as soon as the norm of its gradient is at most this.
        device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
        dtype: ``float64`` or ``float32``; when None the most precise that the device has, and ``float32``
            for networks.
        view: The box ((x0, x1), (y0, y1)) to show, or (x0, x1) of one parameter; when None the surface's
            own, widened to hold the start, and on a network's plane one that holds the paths.
        resolution: The field's points along x and along y; when None 256 by 256, fewer for networks. Of one
            parameter the field is one row.
        near: Whether heights are also sampled on the part of the view that the runs are in, where that is
            small, so that a picture can show that part alone; when None they are where no view is given.
        protocol: How the learning rates were chosen, for instance by `descent.tuned`; pictures say it.
        progress: Called after each run with how many are done and how many there are.
        log: Called with a line about the progress of a network's training.
        **training: For networks only, such as ``data="moons"`` and ``epochs=20``: see `TrainingOptions`.

    Raises:
        DescentError: Something asked for is not known, not there or out of range.

    >>> recording = record("sphere", "sgd:lr=0.25", steps=2, start=(1, -1))
    >>> recording.trajectories[0].losses.tolist()
    [2.0, 0.5, 0.125]
    """
    check_callable(progress, "progress")
    check_callable(log, "log")
    planned = plan(
        target,
        optimizers,
        lr=lr,
        steps=steps,
        start=start,
        seed=seed,
        noise=noise,
        stop_at=stop_at,
        device=device,
        dtype=dtype,
        view=view,
        resolution=resolution,
        near=near,
        protocol=protocol,
        **training,
    )
    return planned.run(progress=progress, log=log)
