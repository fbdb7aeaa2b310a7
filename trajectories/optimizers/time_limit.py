"""Trying what a stranger's class does, for so long and no longer."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 60.0  # what trying may take, with what a class compiles at first; one that needs longer hangs


def in_time(function: Callable[[], Any], what: str) -> Any:
    """Call a function of a stranger's class, and give up when it takes too long.

    Raises:
        DescentError: It did; or what the function raised.
    """
    result: list[Any] = []
    error: list[BaseException] = []

    def work() -> None:
        try:
            result.append(function())
        except BaseException as raised:
            error.append(raised)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        raise DescentError(f"{what} did not end within {SECONDS:g} seconds, so it is not run")
    if error:
        raise error[0]
    return result[0]
