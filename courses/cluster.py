"""Workers on other machines: a cluster of Dask as an executor."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from ..surfaces.errors import NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

_PATIENCE = 10  # seconds for a scheduler to answer
_RETRIES = 3  # of work whose worker was lost


class Cluster(Executor):
    """An executor whose workers belong to a scheduler of Dask."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._inner = client.get_executor(pure=False, retries=_RETRIES)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send work to some worker; it goes to another one where that is lost."""
        future: Future[Any] = self._inner.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, which goes on."""
        self._inner.shutdown(wait=wait)
        self._client.close()


def dask_executor(address: str) -> Executor:
    """Return an executor that sends work to the workers of a scheduler.

    Args:
        address: Of the scheduler, as ``tcp://host:8786``.

    Raises:
        NotPossibleError: dask.distributed is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise NotPossibleError(
            "a cluster needs dask.distributed: pip install 'descent-viz[cluster]', here and for its workers"
        ) from error
    from .working import prepare

    try:
        client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise NotPossibleError(f"no scheduler of Dask answers at {address}") from error
    client.run(prepare)
    return Cluster(client)
