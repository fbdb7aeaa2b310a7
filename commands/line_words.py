"""Words of a command line from the values of a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..surfaces.text import shown
from ..trajectories.experiments.plan import RESOLUTION

if TYPE_CHECKING:
    from collections.abc import Iterable

_SURFACE_DTYPE, _NETWORK_DTYPE = "float64", "float32"  # on a CPU, where none is named


def specs_words(specs: Iterable[str]) -> list[str]:
    """Return an option for each optimizer."""
    return [word for spec in specs for word in ("-o", spec)]


def machine_words(device: str, dtype: str, *, network: bool = False) -> list[str]:
    """Return the options of device and precision, where they are not what a command takes by itself."""
    single = network or device.startswith("mps")
    return [
        *unless("--device", device, "cpu"),
        *unless("--dtype", dtype, _NETWORK_DTYPE if single else _SURFACE_DTYPE),
    ]


def view_words(view: Iterable[Iterable[float]]) -> list[str]:
    """Return the option of a view."""
    return named("--view", numbers(value for side in view for value in side))


def rates_text(rates: list[float]) -> str:
    """Write rates as a range where that gives the very same numbers, else as a list."""
    from ..trajectories.specs.rates import parse_rates

    if len(rates) > 2:
        short = f"{text(rates[0])}:{text(rates[-1])}:{len(rates)}"
        if list(parse_rates(short)) == rates:
            return short
    return numbers(rates)


def heights_note(grid: Iterable[int]) -> list[str]:
    """Say how finely heights were sampled, where the command samples others: in no sentence or in one."""
    width, height = grid
    if (width, height) in (RESOLUTION, (RESOLUTION[0], 1)):
        return []
    usual = f"{RESOLUTION[0]} x {RESOLUTION[1]}"
    return [f"Heights were sampled on {width} x {height} points; the command takes {usual}."]


def unknown_look(name: str) -> str:
    """Say that a picture's look has a wish of which nothing is known here."""
    return f"The look {shown(name)} is not known here; a newer descent-viz made the picture."


def unless(option: str, value: Any, default: Any) -> list[str]:
    """Return an option with its value, or nothing where that is the default."""
    return [] if value == default else named(option, value)


def named(option: str, value: Any) -> list[str]:
    """Return an option with its value, as one word where the value would be taken for an option."""
    word = text(value)
    return [f"{option}={word}"] if word.startswith("-") else [option, word]


def numbers(values: Iterable[float]) -> str:
    """Write numbers with commas between them."""
    return ",".join(map(text, values))


def text(value: Any) -> str:
    """Write a value so that it is read back as the very same."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
