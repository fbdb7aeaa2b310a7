"""Rows of numbers, such as the weights at each kept step: in memory, or beyond a limit in a file."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import threading
import weakref
from collections import deque
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor
    from typing import TypeAlias

    import torch

    Matrix: TypeAlias = "torch.Tensor | Rows"  # (n, P)

WIDEST = 1 << 16  # columns that are worked on at once
BYTES = 1 << 24  # that these may take in double precision
_WAITING = 4  # vectors that may wait to be written
_SPARE = 4  # vectors whose memory is kept for the next ones, because fresh memory is slow


class Kept:
    """One vector in a store."""

    def __init__(self, vector: torch.Tensor, ready: Any) -> None:
        self.count, self.dtype, self.nbytes = len(vector), vector.dtype, vector.nbytes
        self.held: torch.Tensor | None = vector  # on the CPU; None once it is in the file
        self.ready = ready  # the event after which a GPU has filled it, or None
        self.place = 0  # in the file, in bytes
        self.writing: Future[None] | None = None


class Store:
    """Keeps vectors: in memory, and once they are more than that may hold, all of them in a file.

    The file has no name, so nothing is left of it whatever happens: its room is free again when the store is
    dropped, or the process ends. It is written by a thread beside the loop; the loop waits only for a disk
    that is slower than it. From a GPU, vectors are copied into pinned memory without waiting for it.

    Args:
        memory: Bytes that vectors may take in memory. Beside them up to eight are on their way.
        disk: Bytes that the file may take. It never takes more than half of what is free, and where that is
            not more than ``memory`` there is no file.
    """

    def __init__(self, memory: float = math.inf, disk: float = math.inf) -> None:
        self._memory = memory
        self.limit = max(
            memory, disk
        )  # bytes that can be kept; who keeps more sees to it that there are less
        self.bytes = 0  # that are kept
        self._held: dict[int, Kept] = {}  # by id: those in memory for good
        self._file: Any = None
        self._end = 0
        self._free: dict[int, list[int]] = {}  # by size: places in the file
        self._spare: list[tuple[torch.Tensor, bool]] = []  # and whether it is pinned
        self._waiting: deque[Kept] = deque()
        self._lock = threading.Lock()
        self._writer: ThreadPoolExecutor | None = None

    def spare(self, count: int, dtype: torch.dtype, pinned: bool = False) -> torch.Tensor | None:
        """Return memory on the CPU for a vector to write into, or None where there is none to use again."""
        for place, (each, fixed) in enumerate(self._spare):
            if len(each) == count and each.dtype == dtype and fixed == pinned:
                return self._spare.pop(place)[0]
        return None

    def keep(self, vector: torch.Tensor) -> Kept:
        """Keep a vector (P,), which is the store's from now on.

        Raises:
            OSError: The file cannot be written, as where the disk is full.
        """
        kept = self._to_cpu(vector)
        self.bytes += kept.nbytes
        self._held[id(kept)] = kept
        if self._file is None and self.limit > self._memory < self.bytes:
            self._open()
        if self._file is not None:
            for each in list(self._held.values()):
                self._write(each)
        return kept

    def drop(self, kept: Kept) -> None:
        """Forget a vector, and use its room again."""
        self.bytes -= kept.nbytes
        if self._held.pop(id(kept), None) is None:
            self._free.setdefault(kept.nbytes, []).append(kept.place)

    def read(self, kept: Kept, start: int, into: torch.Tensor) -> None:
        """Fill a vector on the CPU with what stands in a kept one from a place on."""
        held = kept.held
        if held is not None:
            if kept.ready is not None:
                kept.ready.synchronize()
            into.copy_(held[start : start + len(into)])
            return
        found = into if into.dtype == kept.dtype and into.is_contiguous() else into.new_empty(len(into))
        found = found.to(kept.dtype)
        view = _bytes(found)
        with self._lock:
            self._file.seek(kept.place + start * found.element_size())
            while len(view):
                count = self._file.readinto(view)
                if not count:
                    raise OSError("the file of what was kept is shorter than it was written")
                view = view[count:]
        if found is not into:
            into.copy_(found)

    def _to_cpu(self, vector: torch.Tensor) -> Kept:
        if vector.device.type == "cpu":
            return Kept(vector, None)
        if vector.device.type != "cuda":
            return Kept(vector.cpu(), None)
        import torch

        pinned = self.spare(len(vector), vector.dtype, pinned=True)
        if pinned is None:
            pinned = torch.empty(len(vector), dtype=vector.dtype, pin_memory=True)
        beside = _stream(vector.device)
        beside.wait_stream(torch.cuda.current_stream(vector.device))
        with torch.cuda.stream(beside):
            pinned.copy_(vector, non_blocking=True)
            ready = torch.cuda.Event()  # type: ignore[no-untyped-call]
            ready.record(beside)
        vector.record_stream(beside)
        return Kept(pinned, ready)

    def _open(self) -> None:
        from concurrent.futures import ThreadPoolExecutor

        folder = folder_of_files()
        self.limit = max(self._memory, min(self.limit, shutil.disk_usage(folder).free / 2))
        if self.limit > self._memory:
            self._file = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115
            self._writer = ThreadPoolExecutor(1, "descent")
            weakref.finalize(self, _close, self._file, self._writer)

    def _write(self, kept: Kept) -> None:
        assert self._writer is not None
        del self._held[id(kept)]
        free = self._free.get(kept.nbytes)
        if free:
            kept.place = free.pop()
        else:
            kept.place, self._end = self._end, self._end + kept.nbytes
        kept.writing = self._writer.submit(self._written, kept)
        self._waiting.append(kept)
        while len(self._waiting) > _WAITING:
            first = self._waiting.popleft()
            assert first.writing is not None
            first.writing.result()

    def _written(self, kept: Kept) -> None:
        """Write a vector, in the thread beside the loop; where that fails it stays in memory."""
        held = kept.held
        assert held is not None
        if kept.ready is not None:
            kept.ready.synchronize()
        view = _bytes(held)
        with self._lock:
            self._file.seek(kept.place)
            while len(view):
                view = view[self._file.write(view) :]
        pinned = kept.ready is not None
        kept.held = kept.ready = None
        if len(self._spare) < _SPARE:
            self._spare.append((held, pinned))


class Rows:
    """Vectors of one length, (n, P), read from where they are kept when they are asked for.

    ``rows[k]`` is a row (P,), ``rows[some]`` some rows, and ``rows[:, a:b]`` columns of all, as of a tensor.

    Args:
        store: Where the vectors are.
        vectors: One a row; those that are no store's own are tensors.
        parts: What a row is made of, in order: where a part begins in its vector, and what stands for it
            where a vector ends before it.
    """

    def __init__(
        self,
        store: Store,
        vectors: Sequence[Kept | torch.Tensor],
        parts: Sequence[tuple[int, torch.Tensor]],
    ) -> None:
        self._store, self._vectors, self._parts = store, vectors, parts
        self.shape = (len(vectors), sum(len(part) for _, part in parts))
        self.dtype = _type([*vectors] or [part for _, part in parts])  # that holds all rows

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._vectors)

    def __iter__(self) -> Iterator[torch.Tensor]:
        """Give one row (P,) after another."""
        return (self[k] for k in range(len(self)))

    def __getitem__(self, some: Any) -> Any:
        """Return a row, some rows, or columns of all."""
        if isinstance(some, tuple):
            rows, columns = self[some[0]], some[1]
            return rows._columns(*columns.indices(self.shape[1])[:2])
        if isinstance(some, slice):
            return Rows(self._store, self._vectors[some], self._parts)
        if not hasattr(some, "__index__") or getattr(some, "ndim", 0) > 0:
            import numpy as np

            chosen = np.arange(len(self))[np.asarray(some)]
            return Rows(self._store, [self._vectors[k] for k in chosen], self._parts)
        return Rows(self._store, [self._vectors[some]], self._parts)._columns(0, self.shape[1])[0]

    def and_row(self, row: torch.Tensor) -> Rows:
        """Return these rows and one more (P,)."""
        place, vector = 0, row.new_empty(max(begin + len(part) for begin, part in self._parts))
        for begin, part in self._parts:
            vector[begin : begin + len(part)] = row[place : place + len(part)]
            place += len(part)
        return Rows(self._store, [*self._vectors, vector], self._parts)

    def whole(self) -> torch.Tensor:
        """Return all as one tensor (n, P)."""
        return self._columns(0, self.shape[1])

    def _columns(self, start: int, stop: int) -> torch.Tensor:
        import torch

        found = torch.empty(len(self), max(0, stop - start), dtype=self.dtype)
        for row, vector in zip(found, self._vectors, strict=True):
            count = vector.count if isinstance(vector, Kept) else len(vector)
            at = 0  # where the part begins in a row
            for begin, part in self._parts:
                low, high = max(start, at), min(stop, at + len(part))
                if low < high:
                    into = row[low - start : high - start]
                    if begin + len(part) > count:
                        into.copy_(part[low - at : high - at])
                    elif isinstance(vector, Kept):
                        self._store.read(vector, begin + low - at, into)
                    else:
                        into.copy_(vector[begin + low - at : begin + high - at])
                at += len(part)
        return found


def nothing(count: int, value: float = 0.0) -> torch.Tensor:
    """Return one number as a vector (P,), which takes no more memory than that."""
    import torch

    return torch.full((1,), value).expand(count)


def blocks(matrix: Matrix) -> Iterator[slice]:
    """Give the columns of a matrix (n, P) as slices, so many at a time that they need little memory."""
    width = min(WIDEST, max(1, BYTES // (8 * max(1, len(matrix)))))
    for start in range(0, matrix.shape[1], width):
        yield slice(start, start + width)


def finite(matrix: Matrix) -> torch.Tensor:
    """Return which rows of a matrix (n, P) hold only finite numbers, (n,)."""
    import torch

    found = torch.ones(len(matrix), dtype=torch.bool)
    for some in blocks(matrix):
        found &= matrix[:, some].isfinite().all(dim=1).cpu()
    return found


def differ(matrix: Matrix) -> bool:
    """Whether rows of a matrix (n, P), at least one, are not all the same."""
    return any(bool((part != part[0]).any()) for part in (matrix[:, some] for some in blocks(matrix)))


def apart(pair: Matrix) -> float:
    """Return how far two rows (2, P) are from each other."""
    parts = (pair[:, some].double() for some in blocks(pair))
    return math.sqrt(sum(float((part[1] - part[0]).square().sum()) for part in parts))


def together(parts: Sequence[Any]) -> Any:
    """Return the rows of some matrices as one; of a single one itself."""
    import torch

    return parts[0] if len(parts) == 1 else torch.cat([whole(part) for part in parts])


def with_row(matrix: Matrix, row: torch.Tensor) -> Matrix:
    """Return a matrix (n, P) with one more row (P,)."""
    import torch

    return matrix.and_row(row) if isinstance(matrix, Rows) else torch.cat([matrix, row[None]])


def whole(matrix: Matrix) -> torch.Tensor:
    """Return a matrix as a tensor (n, P)."""
    return matrix.whole() if isinstance(matrix, Rows) else matrix


def folder_of_files() -> str:
    """Return where a large file for a while belongs: not where that is memory, as /tmp often is."""
    named = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    large = "/var/tmp"  # made for this: file-hierarchy(7)
    usable = Path(large).is_dir() and os.access(large, os.W_OK)
    return large if usable and not named else tempfile.gettempdir()


def _type(vectors: Sequence[Kept | torch.Tensor]) -> torch.dtype:
    import torch

    return reduce(torch.promote_types, [each.dtype for each in vectors])


def _close(file: Any, writer: ThreadPoolExecutor) -> None:
    writer.shutdown(wait=False, cancel_futures=True)  # not awaited: this may be the writer itself
    file.close()


def _bytes(vector: torch.Tensor) -> memoryview:
    import torch

    return memoryview(vector.view(torch.uint8).numpy())  # type: ignore[arg-type]


_STREAMS: dict[Any, Any] = {}


def _stream(device: torch.device) -> Any:
    """Return the stream that copies from a GPU go through, beside its work."""
    import torch

    if device not in _STREAMS:
        _STREAMS[device] = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    return _STREAMS[device]
