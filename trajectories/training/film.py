"""Filming somebody's own training loop: a recorder around it, and a recording when it is done."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import unknown
from ..arguments import check_resolution, check_switch, check_whole, parse_memory
from ..results import shown
from .assemble import MEASURED
from .choose_plane import check_plane
from .film_optimizers import stepping
from .step_recorder import Recorder

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    import torch
    from torch import nn

    from ...surfaces.data.filmed import Batches
    from ...surfaces.surface import Box
    from ..results.recording import Recording
    from .film_develop import Shown

_LOG = logging.getLogger("descent")


class Film:
    """What `recording` gives: it records the optimizer's steps until its block ends.

    Inside the block it never raises: what it cannot take it notes, and says with the recording.
    """

    def __init__(
        self,
        model: nn.Module,
        first: nn.Module | None,
        recorder: Recorder,
        batches: Batches | None,
        loss: Any,
        shown: Shown,
    ) -> None:
        self._model = model
        self._first = first  # a copy from before the loop; None where its layers had no weights yet
        self._recorder = recorder
        self._batches = batches
        self._loss = loss
        self._shown = shown
        self._copy: tuple[nn.Module, int] | None = None  # the model when the block ended, and its hooks
        self._buffers: dict[str, torch.Tensor] = {}  # when it began
        self._developed: tuple[tuple[int, bool], Recording, tuple[str, ...]] | None = None

    def __repr__(self) -> str:
        """Name what is filmed in one line."""
        return f"<Film of {type(self._model).__name__}: {self._recorder.steps} steps>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Show what has been filmed so far; nothing but its line before the first step."""
        return shown.mimebundle(self.recording, include, exclude) if self._recorder.steps else {}

    def _repr_html_(self) -> str | None:
        return shown.as_html(self.recording) if self._recorder.steps else None

    def _mime_(self) -> tuple[str, str]:
        return shown.as_mime(self.recording) if self._recorder.steps else ("text/plain", repr(self))

    def __enter__(self) -> Self:
        from torch.nn.parameter import is_lazy

        held = self._model.named_buffers()
        self._buffers = {name: each.detach().clone() for name, each in held if not is_lazy(each)}
        self._recorder.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from ...surfaces.networks.copies import copied

        self._recorder.__exit__(kind, error, trace)
        try:
            made, hooks = copied(self._model)
            self._copy = made.cpu(), hooks
        except Exception:  # whatever a user's own class raises where it is copied; said when it is needed
            self._copy = None

    def step(self, loss: torch.Tensor | float, batch: Any = None) -> None:
        """Note the loss of the batch; call it once for each step of the optimizer, before it or after it.

        Args:
            loss: One number.
            batch: What the loss is of, as the data gives it; with it the picture's loss is held against the
                loop's at a few steps, and a difference is said.
        """
        self._recorder.step(loss, batch)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known about the film, in sentences: all in which it is not just what happened.

        Raises:
            DescentError: As `recording` does.
        """
        return self._develop()[2]

    @property
    def recording(self) -> Recording:
        """The recording of the steps made so far, worked out when it is asked for.

        Its notes go to the log "descent" as warnings, which Python prints to stderr.

        Raises:
            DescentError: The optimizer made no step, or no plane can be laid through its path.
        """
        return self._develop()[1]

    def _develop(self) -> tuple[tuple[int, bool], Recording, tuple[str, ...]]:
        from ...surfaces.data.streams import streams_kept
        from .film_develop import Exposed, develop

        now = (self._recorder.calls, self._recorder.end is not None)
        if self._developed is None or self._developed[0] != now:
            exposed = Exposed(
                self._model, self._first, self._copy, self._recorder, self._batches, self._loss, self._buffers
            )
            with streams_kept():  # the loop may still run
                made, notes = develop(exposed, self._shown)
            for note in notes:
                _LOG.warning("%s", note)
            self._developed = (now, made, notes)
        return self._developed


def recording(
    model: nn.Module,
    optimizer: Any,
    data: Any = None,
    loss: Any = None,
    *,
    snapshots: int = 200,
    memory: float | str = "500MB",
    disk: float | str = "4GB",
    plane: str = "auto",
    layer: str = "",
    view: Box | None = None,
    resolution: tuple[int, int] | None = None,
    sharpness: bool = False,
    fields: Any = None,
) -> Film:
    """Record somebody's own training loop, which stays as it is.

    Args:
        model: What is trained.
        optimizer: What makes the steps; they are watched through torch's own hooks. Also what wraps an
            optimizer, such as SAM or accelerate's, or a list of optimizers that make a step together.
        data: What the loss surface is drawn of, as the loop uses it: a DataLoader, with its sampler and its
            collate_fn; a data set; a pair X, y; a dictionary; or a list of batches. It is neither split nor
            scaled nor recoded, and no stream of random numbers is moved on. Without it there is the path,
            and the losses that `Film.step` was told, but no surface under them.
        loss: The loss of the loop: a module, a name, any function of (outputs, y), or for everything else a
            function of (module, batch). When None, the mean squared error for floating targets, and for
            whole numbers cross entropy, or binary cross entropy where there is one output a sample. The
            losses that the loop told are held against it.
        snapshots: How many steps are kept at most. Where there are more, every other one is dropped.
        memory: Bytes that the kept weights and gradients may take in memory, or text such as "2GB". Where
            they are more, they lie in a file without a name in the folder for large temporary files, of which
            nothing is left when the film is dropped or the process ends.
        disk: Bytes that this file may take, and at most half of what is free there. Where that is not enough,
            every other step is dropped too, which is said. With 0 no file is written.
        plane: "weights", "pca", "random" or "hessian"; "auto" chooses.
        layer: Whose gradients the heat map shows; the last one when empty.
        view: What to show of the plane; when None a view that holds the path.
        resolution: The field's points along x and y; when None, as fine as a few seconds allow.
        sharpness: Whether the largest eigenvalue of the Hessian is worked out at each kept step, when the
            recording is made; for Adam, AdamW and RMSprop that of the preconditioned one.
        fields: What else is drawn on the plane, side by side, by name: ``{"validation loss": loader}`` for
            the loss on other data, ``{"accuracy": function}`` for a function of (module, batch) that gives
            one number on the loop's data, or a pair of both. Batches count as much as they have samples.

    Raises:
        DescentError: The model has nothing to train, or does not fit the data or the loss.

    >>> import torch
    >>> model, x = torch.nn.Linear(1, 1), torch.linspace(-1, 1, 20)[:, None]
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> with recording(model, optimizer, (x, 2 * x + 1)) as film:
    ...     for _ in range(5):
    ...         optimizer.zero_grad()
    ...         loss = torch.nn.functional.mse_loss(model(x), 2 * x + 1)
    ...         loss.backward()
    ...         optimizer.step()
    ...         film.step(loss)
    >>> film.recording.trajectories[0].points.shape
    (6, 2)
    """
    from ...surfaces.data.filmed import read
    from ...surfaces.data.streams import streams_kept
    from ...surfaces.networks.copies import copied, unwrapped
    from ...surfaces.networks.filmed import check_trainable, filmed_network
    from ...surfaces.networks.more_fields import read_fields
    from ...surfaces.networks.plane_axes import KINDS
    from ...surfaces.networks.rows import Store
    from ...surfaces.networks.weights import layers
    from .film_develop import Shown

    snapshots = check_whole(snapshots, "snapshots", 2, 100_000)
    sharpness = check_switch(sharpness, "sharpness")
    resolution = None if resolution is None else check_resolution(resolution)
    allowed = [each for each in (*KINDS, "auto") if each != "ends"]
    if plane not in allowed:
        raise unknown("plane", str(plane), allowed)
    model = unwrapped(model)
    complete = check_trainable(model)  # where layers are lazy, what follows is known only once they have run
    names = [each.name for each in layers(model)] if complete else []
    if complete and layer and layer not in names:
        raise unknown("layer", str(layer), names)
    batches = None if data is None else read(data, MEASURED)
    more = read_fields(fields, batches, MEASURED)
    first = copied(model)[0] if complete else None
    if first is not None:
        with streams_kept(data):
            network = filmed_network(first, batches, loss)  # on its own device, as the loop's loss may need
            for each in more:
                each.objective(first, loss, str(next(first.parameters()).device))
        first.cpu()
        check_plane(plane, network.parameters, 1)
    store = Store(parse_memory(memory), parse_memory(disk))
    steps = stepping(optimizer, model)
    recorder = Recorder(model, steps, most=snapshots, store=store, quiet=True, scales=sharpness)
    wished = Shown(snapshots, plane, layer, view, resolution, sharpness, more)
    return Film(model, first, recorder, batches, loss, wished)
