"""What a command needs to know of its target before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..viz.scenes.panel_table import CURVE, NETWORK, SURFACE
from ..viz.scenes.wishes import OF_RECORDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping


def kind_of_target(target: str, look: Mapping[str, Any]) -> str:
    """Say what a recording of a target is of, where a wish depends on it; empty where none does."""
    if look["heights"] == "auto" and not any(look[name] for name in OF_RECORDINGS):
        return ""
    return {0: NETWORK, 1: CURVE, 2: SURFACE}[parameters(target)]


def parameters(target: str) -> int:
    """Return how many parameters a target has where it is a surface: 1 or 2; 0 for a network.

    Raises:
        DescentError: There is no such target.
    """
    from ..surfaces.analytic.resolve import get
    from ..surfaces.networks.resolve import is_network

    return 0 if is_network(target) else get(target).parameters
