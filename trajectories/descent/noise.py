"""Gradient noise that is the same for every compared run, and random numbers that leave no trace."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

# Drawn in blocks of one size, because torch draws other numbers when asked for a few at a time: so a
# longer run begins with the noise of a shorter one.
_BLOCK = 1024


def noise(sigma: float, seed: int, like: torch.Tensor) -> Iterator[torch.Tensor]:
    """Yield the noise of one backward pass after the other, one number a parameter, without end.

    It is drawn on the CPU in float64 and then moved, so that it is the same for every device and precision.

    Args:
        sigma: Standard deviation of each component.
        seed: Starts the sequence.
        like: A tensor whose device and dtype the noise takes, and in whose last dimension the parameters lie.
    """
    import torch

    generator = torch.Generator(device="cpu").manual_seed(seed)
    while True:
        block = torch.randn((_BLOCK, like.shape[-1]), generator=generator, dtype=torch.float64, device="cpu")
        yield from (sigma * block).to(like).unbind()


@contextmanager
def repeatable(seed: int, device: torch.device) -> Iterator[None]:
    """Seed torch's global random numbers, which some optimizers draw, and restore them afterwards."""
    import torch

    cuda = device.type == "cuda"
    with torch.random.fork_rng(devices=[device] if cuda else []):
        torch.default_generator.manual_seed(seed)
        if cuda:
            torch.cuda.default_generators[device.index].manual_seed(seed)
        if device.type != "mps":
            yield
            return
        before = torch.mps.get_rng_state()
        torch.mps.manual_seed(seed)
        try:
            yield
        finally:
            torch.mps.set_rng_state(before)
