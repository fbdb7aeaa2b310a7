"""What is known of a target: as plain JSON values, and as text."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from ...surfaces.surface import border_of
from .text_table import aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...surfaces.networks.network import Network
    from ...surfaces.networks.resolve import Row
    from ...surfaces.problems.problem import Problem
    from ...surfaces.surface import Minimum, Surface


NOT_STATIONARY = "on the border and not stationary: optimizers, which know no domain, do not stop there"
_PLURALS = {"weight": "weights", "bias": "biases"}


def facts(surface: Surface) -> dict[str, Any]:
    """Return what is known about a surface as plain values, in the order of reading.

    Of one parameter, places are one number in place of two, and a side stands for a box.
    """
    one = surface.parameters == 1

    def plain(pair: tuple[Any, Any]) -> Any:
        values = [list(value) if isinstance(value, tuple) else value for value in pair]
        return values[0] if one else values

    found: dict[str, Any] = {
        "name": surface.name,
        "formula": surface.latex,
        "parameters": 1 if one else "",
        "domain": plain(surface.domain),
        "view": plain(surface.view),
        "minima": [minimum_json(minimum, plain(minimum.point)) for minimum in surface.minima],
        "start": plain(surface.start),
        "not_smooth": surface.not_smooth,
        "minimum_on_the_domain": NOT_STATIONARY if border_of(surface.domain, surface.minima) else "",
        "float32": surface.float32,
        "suggested_rates": dict(surface.rates),
        "reference": surface.reference,
    }
    return {name: value for name, value in found.items() if value not in ("", [], {})}


def minimum_json(minimum: Minimum, point: Any) -> dict[str, Any]:
    """Return what is known about a minimum as plain values."""
    return {"point": point, "value": minimum.value, "domain_only": minimum.domain_only}


def network_facts(network: Network, layers: Sequence[Row]) -> dict[str, Any]:
    """Return what is known about a network as plain values.

    Args:
        network: The network with its data.
        layers: What `surfaces.networks.resolve.describe` says of its layers.
    """
    data = network.data
    return {
        "name": network.name,
        "data": data.name,
        "samples": {"train": len(data.train), "val": len(data.val), "test": len(data.test)},
        "inputs": list(data.inputs),
        "outputs": data.outputs,
        "loss": network.loss_name,
        "metric": network.metric,
        "parameters": network.parameters,
        "layers": [
            {"name": row.name, "layer": row.description, "parameters": row.parameters, **row.parts}
            for row in layers
        ],
    }


def network_text(facts: dict[str, Any]) -> str:
    """Return the facts about a network as text, with a table of its layers."""
    rest = {name: value for name, value in facts.items() if name not in ("layers", "parameters")}
    rows = []
    for layer in facts["layers"]:
        parts = [
            f"{value:,} {_PLURALS.get(name, name)}"
            for name, value in layer.items()
            if name not in ("name", "layer", "parameters")
        ]
        rows.append((layer["name"], layer["layer"], " + ".join(parts), f"{layer['parameters']:,}"))
    rows.append(("all", "", "", f"{facts['parameters']:,}"))
    headings = ("layer", "what it is", "numbers", "parameters")
    return f"{as_text(rest)}\n\n{aligned(headings, rows, headings[:3])}"


def problem_facts(problem: Problem, shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """Return what is known about a problem as plain values, in the order of reading.

    Args:
        problem: What is told of.
        shapes: Of its parameters, by name.
    """
    lowest = "minimum" if problem.attained else "infimum"
    found: dict[str, Any] = {
        "name": problem.name,
        "formula": problem.latex,
        "parameters": sum(map(prod, shapes.values())),
        "shapes": {name: " x ".join(map(str, shape)) for name, shape in shapes.items()},
        "start": problem.start,
        **({} if problem.minimum is None else {lowest: problem.minimum}),
        "not_smooth": problem.not_smooth,
        "optimizers": list(problem.specs),
        "reference": problem.reference,
    }
    return {name: value for name, value in found.items() if value not in ("", [], {})}


def as_text(facts: dict[str, Any]) -> str:
    """Return facts as aligned lines of text."""
    width = max(map(len, facts))
    return "\n".join(f"{name.replace('_', ' '):<{width}}  {_plain(value)}" for name, value in facts.items())


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        said = [(name.replace("_", " "), part) for name, part in value.items() if part is not False]
        return ", ".join(name if part is True else f"{name} {_plain(part)}" for name, part in said)
    if isinstance(value, list):
        nested = any(isinstance(part, list | dict) for part in value)
        return "; ".join(map(_plain, value)) if nested else f"({', '.join(map(_plain, value))})"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
