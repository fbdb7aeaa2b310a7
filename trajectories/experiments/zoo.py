"""All optimizers of an installed package, each tried in a process that may hang, crash or print.

The process tries one class after the other and says a line of JSON about each. Where no line comes in time
it is stopped, and another one goes on with the next class.
"""

from __future__ import annotations

import inspect
import json
import os
import queue
import subprocess
import sys
import threading
from importlib import import_module
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, closest
from ...surfaces.imports import is_dotted
from ..results.tried import Tried, Zoo
from ..specs.tables import OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

EACH = 10.0  # seconds that trying one class may take
IMPORT = 60.0  # seconds that importing the package may take
TORCH = ("torch", "torch.optim")


def try_package(
    name: str, *, each: float = EACH, progress: Callable[[int, int], object] | None = None
) -> Zoo:
    """Try every optimizer of an installed package on a bowl and on a matrix.

    Args:
        name: The package, as it is imported or as it is installed: ``pytorch_optimizer``.
        each: How many seconds one class may take before it is given up.
        progress: Called with the number of classes that were tried, and of all.

    Raises:
        DescentError: The package is not installed, cannot be imported, or has no optimizers.
    """
    package = _found(name)
    tried: dict[str, Tried] = {}
    if package in TORCH:
        names = list(OPTIMIZERS)
    else:
        with _Worker(package, []) as worker:
            names = _said(worker.line(IMPORT), package)
    if not names:
        raise DescentError(f"package {package!r} has no classes that derive from torch.optim.Optimizer")
    while left := [one for one in names if one not in tried]:
        with _Worker(package, left) as worker:
            for number, one in enumerate(left):
                line = worker.line(each + (0 if number else IMPORT))
                tried[one] = Tried(one, why=_gone(line, each)) if isinstance(line, str) else _read(line)
                if progress is not None:
                    progress(len(tried), len(names))
                if isinstance(line, str):
                    break
    distribution = packages_distributions().get(package.partition(".")[0], [package])[0]
    try:
        number_of = version(distribution)
    except PackageNotFoundError:
        number_of = ""
    return Zoo(package, distribution, number_of, tuple(tried[one] for one in names))


def _found(name: str) -> str:
    """Return how an installed package is imported that is named so, or as its distribution is.

    Raises:
        DescentError: There is none.
    """
    if is_dotted(name):
        try:
            if find_spec(name) is not None:
                return name
        except (ImportError, ValueError):  # a part before the last dot is no package
            pass
    known = packages_distributions()
    folded = name.lower().replace("-", "_")
    for module, distributions in known.items():
        names = [each.lower().replace("-", "_") for each in distributions]
        if folded in names and not module.startswith("_"):
            return module
    near = closest(name, [*known, *(each for some in known.values() for each in some)])
    hint = f"; did you mean {near!r}?" if near else ""
    raise DescentError(f"no package {name!r} is installed: pip install {name.replace('_', '-')}{hint}")


def _said(line: Any, package: str) -> list[str]:
    if isinstance(line, str):
        raise DescentError(f"importing {package} {line or f'did not end within {IMPORT:g} seconds'}")
    if "error" in line:
        raise DescentError(f"package {package!r} cannot be imported: {line['error']}")
    return list(line["names"])


def _gone(line: str, seconds: float) -> str:
    return f"trying it {line or f'did not end within {seconds:g} seconds'}"


def _read(line: dict[str, Any]) -> Tried:
    return Tried.from_json(line)


class _Worker:
    """A process that tries classes; what it says comes line by line, or not at all."""

    def __init__(self, package: str, names: Sequence[str]) -> None:
        # What is compiled first takes longer than all that is tried here.
        env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TORCHDYNAMO_DISABLE": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", f"from {__name__} import work; work()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            text=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"package": package, "names": list(names)}))
        self.process.stdin.close()
        self.lines: queue.Queue[str] = queue.Queue()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def line(self, seconds: float) -> Any:
        """Return the next line, as JSON; a text when none came: why, or empty when it took too long."""
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            return ""
        return json.loads(line) if line else "ended its process"

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.thread.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def work() -> None:
    """Be the process: read what is wanted from stdin, and write a line about it, or about each class."""
    wanted = json.load(sys.stdin)
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)  # what packages print is no line of these
        for line in _lines(wanted["package"], wanted["names"]):
            out.write(json.dumps(line) + "\n")
            out.flush()
    os._exit(0)  # whatever threads of a stranger's class still run


def _lines(package: str, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    if not names:
        try:
            yield {"names": classes_of(package)}
        except BaseException as error:
            yield {"error": f"{type(error).__name__}: {' '.join(str(error).split())}"}
        return
    from .try_class import try_class

    for name in names:
        try:
            yield try_class(name).as_json()
        except Exception as error:
            why = f"trying it raised {type(error).__name__}: {' '.join(str(error).split())}"
            yield Tried(name, why=why).as_json()


def classes_of(package: str) -> list[str]:
    """Return the names of a package's own optimizers, each once, by the shortest way to it.

    Looked at is what the package and the modules that it has imported call by a public name. Classes that
    must be told ``defaults``, as torch's own base class, are there to be derived from.
    """
    from torch.optim import Optimizer

    import_module(package)
    root = package.partition(".")[0]
    found: dict[type, str] = {}
    modules = [name for name in sys.modules if name == package or name.startswith(f"{package}.")]
    for module in sorted(modules, key=lambda each: (each.count("."), each)):
        for name, value in vars(sys.modules[module]).items():
            if not isinstance(value, type) or not issubclass(value, Optimizer) or name.startswith("_"):
                continue
            if value.__module__.partition(".")[0] == root:
                found.setdefault(value, f"{module}.{name}")
    found = {each: name for each, name in found.items() if not _is_base(each)}
    return sorted(found.values(), key=str.casefold)


def _is_base(cls: type) -> bool:
    asked = inspect.signature(cls).parameters.get("defaults")
    return inspect.isabstract(cls) or (asked is not None and asked.default is asked.empty)
