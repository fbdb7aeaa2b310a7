"""Streams of random numbers, left where they are while something is read or measured."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextmanager
def streams_kept(*owners: Any) -> Iterator[None]:
    """Leave the streams of random numbers as they are: torch's, NumPy's, Python's, and what owners hold.

    Owners are looked through for generators of their own: a loader, its samplers and its data set.
    """
    import torch

    held = list(_generators(owners))
    states = [_state(each) for each in held]
    samplers = [(each, dict(vars(each))) for each in _samplers(owners)]
    numpy, python = np.random.get_state(), random.getstate()  # noqa: NPY002
    used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = list(range(torch.cuda.device_count())) if used else []
    try:
        with torch.random.fork_rng(devices=devices):
            yield
    finally:
        np.random.set_state(numpy)  # noqa: NPY002
        random.setstate(python)
        for each, state in zip(held, states, strict=True):
            _restore(each, state)
        for sampler, before in samplers:
            vars(sampler).clear()
            vars(sampler).update(before)


def _samplers(owners: Sequence[Any]) -> Iterator[Any]:
    for owner in owners:
        batches = getattr(owner, "batch_sampler", None)
        for each in (batches, getattr(owner, "sampler", None), getattr(batches, "sampler", None)):
            if hasattr(each, "__dict__"):
                yield each


def _generators(owners: Sequence[Any]) -> Iterator[Any]:
    import torch

    kinds = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)
    places, seen = [*owners, *_samplers(owners)], set()
    while places:
        place = places.pop()
        if id(place) in seen or isinstance(place, tuple | list | dict) or not hasattr(place, "__dict__"):
            continue
        seen.add(id(place))
        for name, value in list(vars(place).items()):
            if isinstance(value, kinds):
                yield value
            elif name in ("dataset", "data", "source", "transform", "collate_fn"):
                places.append(value)


def _state(generator: Any) -> Any:
    if hasattr(generator, "bit_generator"):
        return generator.bit_generator.state
    return generator.getstate() if hasattr(generator, "getstate") else generator.get_state()


def _restore(generator: Any, state: Any) -> None:
    if hasattr(generator, "bit_generator"):
        generator.bit_generator.state = state
    elif hasattr(generator, "setstate"):
        generator.setstate(state)
    else:
        generator.set_state(state)
