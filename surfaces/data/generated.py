"""Data made by formula and noise: small, seen at a glance, and as many samples as asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..analytic.shared import spec
from .samples import LEAST, Samples, check_number, check_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 1_000_000  # samples
PLANE = ("x", "y")


def moons(seed: int, samples: int = 500, noise: float = 0.1) -> Samples:
    """Make two half circles of radius 1 that reach into each other.

    Args:
        seed: Where the random numbers start.
        samples: How many points, 10 to 1,000,000.
        noise: Standard deviation of the noise, 0 to 10.

    Raises:
        DescentError: An option is not a number in its range.

    >>> moons(0, samples=20).name
    'moons:samples=20'
    """
    random, noise = _start("moons", seed, samples, noise)
    labels = np.arange(samples) % 2
    angle = random.uniform(0, math.pi, samples)
    upper = np.stack((np.cos(angle), np.sin(angle)), axis=1)
    lower = np.stack((1 - np.cos(angle), 0.5 - np.sin(angle)), axis=1)
    points = np.where(labels[:, None] == 0, upper, lower)
    name = spec("moons", samples=(samples, 500), noise=(noise, 0.1))
    return Samples(name, points + noise * random.standard_normal(points.shape), labels, PLANE)


def circles(seed: int, samples: int = 500, noise: float = 0.08, factor: float = 0.5) -> Samples:
    """Make a ring of radius 1 around a smaller one.

    Args:
        seed: Where the random numbers start.
        samples: How many points, 10 to 1,000,000.
        noise: Standard deviation of the noise, 0 to 10.
        factor: Radius of the inner ring, 0.05 to 0.95.

    Raises:
        DescentError: An option is not a number in its range.
    """
    random, noise = _start("circles", seed, samples, noise)
    check_number("circles", "factor", factor, 0.05, 0.95)
    labels = np.arange(samples) % 2
    points = _polar(np.where(labels == 0, 1.0, factor), random.uniform(0, 2 * math.pi, samples))
    name = spec("circles", samples=(samples, 500), noise=(noise, 0.08), factor=(factor, 0.5))
    return Samples(name, points + noise * random.standard_normal(points.shape), labels, PLANE)


def spirals(
    seed: int, samples: int = 500, noise: float = 0.03, classes: int = 2, turns: float = 1.25
) -> Samples:
    """Make arms of length 1, evenly filled, wound around the origin.

    Args:
        seed: Where the random numbers start.
        samples: How many points, 10 to 1,000,000.
        noise: Standard deviation of the noise, 0 to 10.
        classes: How many arms, 2 to 10.
        turns: How often each arm goes around, 0.1 to 5.

    Raises:
        DescentError: An option is not a number in its range.
    """
    random, noise = _start("spirals", seed, samples, noise)
    check_whole("spirals", "classes", classes, 2, 10)
    check_number("spirals", "turns", turns, 0.1, 5.0)
    labels = np.arange(samples) % classes
    # The root fills the long outer windings as densely as the short inner ones.
    radius = 0.05 + 0.95 * np.sqrt(random.uniform(0, 1, samples))
    points = _polar(radius, 2 * math.pi * (turns * radius + labels / classes))
    name = spec(
        "spirals",
        samples=(samples, 500),
        noise=(noise, 0.03),
        classes=(classes, 2),
        turns=(turns, 1.25),
    )
    return Samples(name, points + noise * random.standard_normal(points.shape), labels, PLANE)


def blobs(seed: int, samples: int = 500, noise: float = 1.0, classes: int = 3) -> Samples:
    """Make round clouds with their centres on a circle, each centre at distance 4 from the next.

    Args:
        seed: Where the random numbers start.
        samples: How many points, 10 to 1,000,000.
        noise: Standard deviation of a cloud, 0 to 10.
        classes: How many clouds, 2 to 10.

    Raises:
        DescentError: An option is not a number in its range.
    """
    random, noise = _start("blobs", seed, samples, noise)
    check_whole("blobs", "classes", classes, 2, 10)
    labels = np.arange(samples) % classes
    radius = 2 / math.sin(math.pi / classes)
    # From a diagonal on, so that two clouds differ in both inputs.
    centres = _polar(np.full(samples, radius), math.pi * (0.75 + 2 * labels / classes))
    name = spec("blobs", samples=(samples, 500), noise=(noise, 1.0), classes=(classes, 3))
    return Samples(name, centres + noise * random.standard_normal(centres.shape), labels, PLANE)


def line(
    seed: int, samples: int = 500, noise: float = 0.5, slope: float = 2.0, intercept: float = 1.0
) -> Samples:
    """Make points around ``y = slope * x + intercept``, x evenly spread with mean 0 and deviation 1.

    Args:
        seed: Where the random numbers start.
        samples: How many points, 10 to 1,000,000.
        noise: Standard deviation of the noise in y, 0 to 10.
        slope: How steep the line is, -100 to 100.
        intercept: Its height at x = 0, -100 to 100.

    Raises:
        DescentError: An option is not a number in its range.
    """
    random, noise = _start("line", seed, samples, noise)
    check_number("line", "slope", slope, -100.0, 100.0)
    check_number("line", "intercept", intercept, -100.0, 100.0)
    x = math.sqrt(3) * _spread(random, samples)
    name = spec(
        "line",
        samples=(samples, 500),
        noise=(noise, 0.5),
        slope=(slope, 2.0),
        intercept=(intercept, 1.0),
    )
    return Samples(name, x, slope * x + intercept + noise * random.standard_normal(samples), ("x",))


def sine(seed: int, samples: int = 500, noise: float = 0.1, waves: float = 1.0) -> Samples:
    """Make points around ``y = sin(waves * x)``, x evenly spread from -π to π.

    Args:
        seed: Where the random numbers start.
        samples: How many points, 10 to 1,000,000.
        noise: Standard deviation of the noise in y, 0 to 10.
        waves: How many waves there are, 0.1 to 20.

    Raises:
        DescentError: An option is not a number in its range.
    """
    random, noise = _start("sine", seed, samples, noise)
    check_number("sine", "waves", waves, 0.1, 20.0)
    x = math.pi * _spread(random, samples)
    name = spec("sine", samples=(samples, 500), noise=(noise, 0.1), waves=(waves, 1.0))
    return Samples(name, x, np.sin(waves * x) + noise * random.standard_normal(samples), ("x",))


def _start(name: str, seed: int, samples: int, noise: float) -> tuple[np.random.Generator, float]:
    check_whole(name, "samples", samples, LEAST, MOST)
    return np.random.default_rng(seed), check_number(name, "noise", noise, 0.0, 10.0)


def _spread(random: np.random.Generator, samples: int) -> NDArray[np.float64]:
    """Return numbers from -1 to 1, each anywhere within its own one of equal stretches: no gaps, no heaps."""
    numbers: NDArray[np.float64] = 2 * (np.arange(samples) + random.uniform(0, 1, samples)) / samples - 1
    return numbers


def _polar(radius: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    points: NDArray[np.float64] = radius[:, None] * np.stack((np.cos(angle), np.sin(angle)), axis=1)
    return points
