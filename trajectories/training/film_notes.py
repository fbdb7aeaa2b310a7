"""What has to be said about a film: all in which the picture is not simply what the loop did."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..descent.batch import in_bytes
from .assemble import MEASURED
from .film_optimizers import names_of
from .told_against import differing

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import nn

    from ...surfaces.data.filmed import Batches
    from ...surfaces.networks.network import Network
    from .step_recorder import Recorder
    from .tape import Tape


@dataclass(frozen=True, slots=True)
class Note:
    """Something to be known about a film."""

    said: str  # a sentence
    short: str = ""  # what the picture's fine print says of it; empty where it need not


def about_steps(recorder: Recorder, tape: Tape) -> list[Note]:
    """Say what is to be known about the steps: stopped, left out, made by several, changed at the end."""
    import torch

    notes = []
    if recorder.trouble:
        notes.append(Note(recorder.trouble, f"recorded up to step {recorder.steps}"))
    if recorder.thinned:
        kept = f"{len(tape.at) - 1} of {recorder.steps} steps are kept"
        each = in_bytes(2 * tape.weights.shape[1] * torch.finfo(tape.weights.dtype).bits / 8)
        notes.append(
            Note(
                f"{kept}: weights and gradient of one take {each}, and there is room for "
                f"{in_bytes(recorder.kept_in.limit)}; allow more with disk= or memory=",
                kept,
            )
        )
    if len(recorder.optimizers) > 1:
        names = names_of(recorder.optimizers)
        notes.append(
            Note(
                f"each step is one of {names} together; the legend names the one that moves most numbers",
                f"steps of {names}",
            )
        )
    if recorder.skipped:
        times = f"{recorder.skipped} of {recorder.calls} steps"
        notes.append(
            Note(
                f"{times} moved nothing: the gradient scaler left them out, or they failed",
                f"{times} left out",
            )
        )
    if recorder.mistold:
        notes.append(Note(f"what was told is not always a loss: {recorder.mistold}"))
    ties = recorder.ties()
    spare = len(recorder.told) - int((ties >= 0).sum())
    if spare and (parts := _parts(ties, len(recorder.told))):
        notes.append(
            Note(f"each step adds up the gradients of {parts} losses; one of them stands for the step")
        )
    elif spare:
        notes.append(
            Note(
                f"{spare} of the {len(recorder.told)} losses that were told belong to no step: a gradient "
                "scaler left those steps out, or they are of parts of a batch",
                f"{spare} losses without a step, as where a scaler leaves it out",
            )
        )
    known = int((ties >= 0).sum())
    if 0 < known < recorder.calls:
        notes.append(Note(f"the loop told the loss of {known} of {recorder.calls} steps"))
    if recorder.turned:
        notes.append(
            Note(
                "layers went from training to evaluation mode or back in the loop; losses and heights are "
                "worked out in the mode of the last step",
                "in the mode of the last step",
            )
        )
    if recorder.moved_on:
        notes.append(
            Note(
                "the weights were changed after the last step, and not by it; the path ends with what they "
                "were when the block ended",
                "the last point was set after the last step",
            )
        )
    return notes


def _parts(ties: NDArray[np.int64], told: int) -> int:
    """Return how many losses each step has, where all have as many; else 0."""
    gaps = np.diff(ties[ties >= 0])
    if len(gaps) and (gaps == gaps[0]).all() and gaps[0] > 1 and (ties >= 0).all():
        return int(gaps[0]) if len(ties) * gaps[0] >= told > (len(ties) - 1) * gaps[0] else 0
    return 0


def about_module(module: nn.Module, buffers: dict[str, torch.Tensor], hooks: int) -> list[Note]:
    """Say in what the module that is evaluated differs from the one that the loop trained.

    Args:
        module: A copy from the end, in the modes of the last step.
        buffers: The model's buffers at the beginning.
        hooks: How many forward hooks of the user's were left out of the copy.
    """
    import torch

    notes = []
    if drops(module):
        notes.append(
            Note(
                "dropout is off where losses and heights are worked out, and was on in the loop",
                "without dropout",
            )
        )
    by_batch = tuple(f"{name}." if name else "" for name, each in module.named_modules() if _by_batch(each))
    changed = [
        name
        for name, each in module.named_buffers()
        if name in buffers
        and not (by_batch and name.startswith(by_batch))
        and not (each.shape == buffers[name].shape and torch.equal(each.cpu(), buffers[name].cpu()))
    ]
    if changed:
        some = ", ".join(changed[:3]) + ("" if len(changed) < 4 else f" and {len(changed) - 3} more")
        notes.append(
            Note(
                f"losses and heights are worked out with the buffers as they were at the end ({some}), "
                "also for earlier steps",
                "buffers as at the end",
            )
        )
    if hooks:
        notes.append(
            Note(f"{hooks} forward hook(s) of the model are not called where the picture evaluates it", "")
        )
    return notes


def about_losses(
    recorder: Recorder,
    tape: Tape,
    ours: NDArray[np.float64],
    module: nn.Module,
    batches: Batches,
    network: Network,
    *,
    seeded: bool,
) -> list[Note]:
    """Hold the losses that the loop told against the picture's, and say where they are not the same.

    Args:
        recorder: What was told, and the batches that came with it.
        tape: What was kept.
        ours: The picture's losses at each kept step, (rows - 1,).
        module: What the loop trained, in its modes.
        batches: What the picture is drawn of.
        network: How the picture evaluates it.
        seeded: Whether the module draws random numbers.
    """
    if drops(module) or seeded:  # by chance, and said
        return []
    at = tape.at[:-1]
    told = tape.batch_losses[at]
    handed = _on_batches(recorder, tape, network)
    same = "on the batch that it handed over"
    found = differing(at, told, handed, exact=True)
    if found is None:
        if np.isfinite(handed).any() and not batches.one:
            return []
        whole = batches.one and batches.total <= MEASURED
        same = "on the same samples" if whole else "on all samples"
        sums = getattr(network.loss, "reduction", "") == "sum" and not whole
        found = None if sums else differing(at, told, ours, exact=whole)
    if found is None:
        return []
    step, theirs, own = found
    why = "" if same != "on all samples" else ", beyond what batches by chance explain"
    return [
        Note(
            f"the losses are not the loop's: at step {step} it told {theirs:.4g}, and {network.loss_name} "
            f"{same} is {own:.4g}{why}; name the loop's own loss and data to film what happened",
            f"not the loop's losses: {theirs:.3g} told at step {step}, here {own:.3g}",
        )
    ]


def _on_batches(recorder: Recorder, tape: Tape, network: Network) -> NDArray[np.float64]:
    """Return the picture's loss on the batches that were handed over, at their steps; NaN for the others."""
    from ...surfaces.networks.filmed import on_batch
    from ...surfaces.networks.objective import objective
    from ...surfaces.networks.slices import losses_at

    found = np.full(len(tape.at) - 1, math.nan)
    calls = [row.call for row in recorder.kept()]
    ties = recorder.ties()
    for row, call in enumerate(calls):
        batch = recorder.batches.get(int(ties[call]))
        if batch is None:
            continue
        try:
            held = on_batch(network, batch)
            weights = tape.weights if tape.trained is None else tape.trained
            found[row] = losses_at(objective(held, held.data.train), weights[row][None])[0]
        except Exception:  # whatever a batch of another kind than the data's makes of it; it is not compared
            continue
    return found


def drops(module: nn.Module) -> bool:
    """Say whether a module draws which of its units are on: dropout, in training mode."""
    from torch.nn.modules.dropout import _DropoutNd

    for each in module.modules():
        share: Any = each.p if isinstance(each, _DropoutNd) else getattr(each, "dropout", 0)
        if each.training and isinstance(share, int | float) and share > 0:
            return True
    return False


def _by_batch(module: nn.Module) -> bool:
    from torch.nn.modules.batchnorm import _NormBase

    return isinstance(module, _NormBase) and module.training
