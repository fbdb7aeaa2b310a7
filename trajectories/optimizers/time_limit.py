"""Trying what a stranger's class does, for so long and no longer."""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 60.0  # what trying may take, with what a class compiles at first; one that needs longer hangs
_TO_STOP = 1.0  # seconds that are waited for a thread which was told to stop


class _GivenUp(BaseException):
    """Raised in a thread that took too long; no class has a reason to catch it."""


def in_time(function: Callable[[], Any], what: str) -> Any:
    """Call a function of a stranger's class, and give up when it takes too long.

    What was given up is stopped at its next line of Python, so that it does not go on in the background; what
    waits in a call that never returns stays there, and ends with the program.

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
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_GivenUp)
        )
        thread.join(_TO_STOP)
        raise DescentError(f"{what} did not end within {SECONDS:g} seconds, so it is not run")
    if error:
        raise error[0]
    return result[0]
