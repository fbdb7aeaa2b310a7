"""How a recording is shown: scenes, themes, frames and files; never imports torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .animation import Animation, Still, animate, still
    from .scenes.scene import Scene
    from .style.themes import THEMES, Theme

_HOMES = {
    "Animation": ".animation",
    "Scene": ".scenes.scene",
    "Still": ".animation",
    "THEMES": ".style.themes",
    "Theme": ".style.themes",
    "animate": ".animation",
    "still": ".animation",
}

__all__ = ["THEMES", "Animation", "Scene", "Still", "Theme", "animate", "still"]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
