"""Build the figures of a course: those that changed, in processes beside each other."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from ..surfaces.errors import DescentError, unknown
from ..trajectories.results.whole_files import writing
from .index_page import write_index
from .lock import Entry, digests_of, is_built, read_lock, write_lock
from .manifest import Course, Figure, read_course
from .working import Made, make, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

_ATTEMPTS = 2  # of the figures that were under way when a worker was killed


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: the names of figures."""

    made: tuple[str, ...]  # anew
    kept: tuple[str, ...]  # already there, from what the course says
    failed: dict[str, str]  # name -> why
    gone: tuple[str, ...]  # built before, and no longer in the course; their files stay
    index: Path  # the page of all figures


def build(
    course: str | Path,
    *,
    only: Iterable[str] = (),
    jobs: int | None = None,
    executor: Executor | None = None,
    check: bool = False,
    say: Callable[[str], object] | None = None,
) -> Built:
    """Build the figures of a course that changed since they were built.

    A figure is made anew where its table, a file that it names, or a version of this package, torch, NumPy,
    Matplotlib or Pillow changed, or where one of its files is missing. What was built is written down after
    each figure, so that a build that was killed goes on where it was. One that fails does not stop the rest.

    Args:
        course: The TOML file.
        only: The names of the figures to look at; all where none is given.
        jobs: How many processes work, each on one core; by default as many as there are cores.
        executor: Works in their place, here or on other machines: any ``concurrent.futures.Executor``. The
            files come back as bytes.
        check: Make nothing; figures that would be made are in ``failed``. The files are read.
        say: Called with a sentence about each figure that is done.

    Raises:
        NotPossibleError: The course cannot be read, or nothing can be written.
        DescentError: Something in the course cannot be meant, or there is no such figure.
    """
    read = read_course(course) if not isinstance(course, Course) else course
    figures = _chosen(read, tuple(only))
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int) or not 1 <= jobs <= 1024):
        raise DescentError(f"jobs is a whole number of processes from 1 to 1024, not {jobs!r}")
    before = read_lock(read)
    # Before anything is made: what changes meanwhile is no part of what is made now.
    digests = digests_of(figures, read)
    old = [
        each
        for each in figures
        if not is_built(read, each, digests[each.name], before.get(each.name), thorough=check)
    ]
    kept = tuple(each.name for each in figures if each not in old)
    names = {each.name for each in read.figures}
    gone = tuple(name for name in before if name not in names)
    index = read.out / "index.html"
    if check:
        return Built((), kept, {each.name: "out of date" for each in old}, gone, index)
    entries = {name: entry for name, entry in before.items() if name in names}
    failed: dict[str, str] = {}
    made: list[str] = []
    tell = say or (lambda _: None)
    by_name = {each.name: each for each in old}
    for result in _results(read, old, jobs, executor):
        done = len(made) + len(failed) + 1
        if result.error:
            failed[result.name] = result.error
            tell(f"[{done}/{len(old)}] {result.name}: {result.error}")
            continue
        entries[result.name] = _write(read, by_name[result.name], result, digests[result.name])
        write_lock(read, entries)
        made.append(result.name)
        tell(f"[{done}/{len(old)}] {result.name}: {', '.join(result.files)} ({result.seconds:.1f} s)")
    if gone and not made:
        write_lock(read, entries)
    if entries or gone:
        write_index(read, entries, index)
    return Built(tuple(made), kept, failed, gone, index)


def _chosen(course: Course, only: tuple[str, ...]) -> tuple[Figure, ...]:
    names = [each.name for each in course.figures]
    for name in only:
        if name not in names:
            raise unknown("figure", name, names)
    return tuple(each for each in course.figures if not only or each.name in only)


def _results(
    course: Course, figures: list[Figure], jobs: int | None, executor: Executor | None
) -> Iterator[Made]:
    """Yield what comes of each figure as soon as it is there."""
    if not figures:
        return
    if executor is not None:
        yield from _work(executor, figures, course)
        return
    count = min(jobs or os.cpu_count() or 1, len(figures))
    left = figures
    for attempt in range(_ATTEMPTS):
        done = set()
        # They begin from nothing, so that each can be told to use one core before torch is there.
        with ProcessPoolExecutor(count, get_context("spawn"), initializer=prepare) as pool:
            for result in _work(pool, left, course):
                if result.error == _KILLED and attempt + 1 < _ATTEMPTS:
                    continue
                done.add(result.name)
                yield result
        left = [each for each in left if each.name not in done]
        if not left:
            return


_KILLED = "the process that made it was killed, as happens where memory is short; try --jobs 1"


def _work(executor: Executor, figures: list[Figure], course: Course) -> Iterator[Made]:
    waiting: dict[Future[Made], str] = {}
    folder = str(course.folder.absolute())
    try:
        for each in figures:
            try:
                waiting[executor.submit(make, each.name, each.words, each.files, folder)] = each.name
            except BrokenProcessPool:
                yield Made(each.name, error=_KILLED)
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda each: waiting[each]):
                name = waiting.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    yield Made(name, error=_KILLED)
                except Exception as error:  # what a worker's machine raises is not ours to know
                    yield Made(name, error=f"{type(error).__name__}: {error}")
    finally:
        for future in waiting:
            future.cancel()


def _write(course: Course, figure: Figure, made: Made, digest: str) -> Entry:
    """Write a figure's files, each whole or not at all, and return what the lock keeps."""
    for name, content in made.files.items():
        with writing(course.out / name) as path:
            path.write_bytes(content)
    return Entry(
        made_from=digest,
        files={name: hashlib.sha256(made.files[name]).hexdigest() for name in figure.files},
        sizes={name: len(made.files[name]) for name in figure.files},
        line=figure.line,
        alt=made.alt,
        caption=made.caption,
        snippet=made.snippet,
        notes=list(made.notes),
        seconds=round(made.seconds, 2),
    )
