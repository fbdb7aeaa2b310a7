"""Which wishes for a picture go together, and which of them its subject has nothing for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...surfaces.catalogue import CURVE, SURFACE
from ...surfaces.errors import DescentError
from ...surfaces.imports import own
from .arrow_vectors import check_kept
from .grid_cells import check_names
from .panel_table import check_panels
from .subjects import SUBJECTS
from .two_points import BOTH, EVALUATED, check_point

if TYPE_CHECKING:
    from .wishes import Wishes


def check_small(asked: Wishes) -> str:
    """Return what makes panels small: "strip", "grid" or nothing.

    Raises:
        DescentError: More than that is wished for, or a grid by what no grid is by.
    """
    small = "strip" if asked.wanted_strip else "grid" if asked.wanted_grid else ""
    if asked.wanted_strip and asked.wanted_grid:
        raise DescentError("strip and grid cannot be combined: one shows key frames, the other runs apart")
    if small and asked.panels is not None:
        raise DescentError(f"panels and {small} cannot be combined: a {small} has small contour panels only")
    check_names(asked.wanted_grid)
    return small


def check_company(asked: Wishes, kind: str) -> None:
    """Check wishes against each other and against what is to be drawn.

    Args:
        asked: The wishes.
        kind: What SUBJECTS calls it, or what a recording is of: one of `catalogue.KINDS`.

    Raises:
        DescentError: They do not go together, or there is no such picture of this kind.
    """
    for subject, entry in SUBJECTS.items():
        if kind == entry.name:
            asked.check_subject(subject)
            if entry.check:
                own("viz", entry.check)(asked)
            return
    small = check_small(asked)
    check_point(asked.point)
    check_panels(asked.wanted_panels or (), kind)
    check_kept(kind, asked.wanted_arrows)
    panels = asked.wanted_panels or ("curve" if kind == CURVE else "contour",)
    for what, given in (
        ("arrows are", bool(asked.wanted_arrows)),
        ("field is", asked.field),
        ("both points are", asked.point == BOTH),
    ):
        if given and (small or "contour" not in panels):
            raise DescentError(f"{what} drawn on the contour, which this picture has not in full size")
    if asked.heights != "auto" and (kind == CURVE or not (small or {"contour", "surface3d"} & set(panels))):
        raise DescentError("heights are those of a contour or a 3-D surface, which this picture has not")
    if asked.lang != "en" and (
        kind != SURFACE
        or small
        or asked.wanted_arrows
        or asked.field
        or asked.point != EVALUATED
        or not set(asked.wanted_panels or ()) <= {"contour", "loss"}
    ):
        raise DescentError(
            "other languages than English are there for the contour and the losses of a surface, without "
            "grid, strip, arrows, field and point; leave those out, or lang"
        )
    if asked.orbit and (small or "surface3d" not in panels):
        raise DescentError("orbit turns the panel surface3d; name it among the panels")


def check_sweep(asked: Wishes) -> None:
    """Check what only pictures of sweeps can be asked for.

    Raises:
        DescentError: A grid by something else than a sweep has.
    """
    if asked.wanted_grid not in ((), ("optimizer", "lr")):
        raise DescentError("the grid of a sweep is optimizer,lr: optimizers down, learning rates across")
