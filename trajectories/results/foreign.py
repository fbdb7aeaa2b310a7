"""What a recipe names that is not this package's own: what would be imported, which files read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...surfaces.catalogue import CATALOGUE, DATA, NETWORKS, PROBLEMS
from ...surfaces.errors import NotPossibleError
from ...surfaces.text import shown
from ..specs.optimizer_spec import GIVEN, OptimizerSpec
from ..specs.tables import OPTIMIZERS, SCHEDULES, WRAPPERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...surfaces.options import Value

MOST_SHOWN = 10  # names that a sentence lists


class Foreign(NamedTuple):
    """A name in a recipe that leads out of this package and of ``torch.optim``."""

    what: str  # what it stands for: "target", "optimizer", "data file"
    name: str  # as the recipe writes it

    def __str__(self) -> str:
        return f"{self.what} {shown(self.name)}"


def foreign_names(
    target: str, specs: Iterable[str] = (), data: str | None = None, data_dir: str = ""
) -> tuple[Foreign, ...]:
    """List what running a recipe would import or read, each once.

    Args:
        target: The target of a recording, a sweep or a basin map.
        specs: Its optimizer specs.
        data: What a network learns; None on a surface, empty of a problem, which has none.
        data_dir: The folder of its files, if any.

    Raises:
        DescentError: A spec that cannot be read.

    >>> [str(each) for each in foreign_names("hills:valley", ["sgd:lr=0.1", "lions.Lion:lr=0.1"])]
    ["target 'hills:valley'", "optimizer 'lions.Lion'"]
    >>> foreign_names("expr:x**2 + y**2", ["adam:lr=0.1@cosine"])
    ()
    """
    found = (
        [Foreign("target", target)] if not _ours(target, {*CATALOGUE, *NETWORKS, *PROBLEMS, "expr"}) else []
    )
    for spec in map(OptimizerSpec.parse, specs):
        found += _of_spec(spec)
    if data and not _ours(data, DATA):
        found.append(Foreign("data file" if data.casefold().endswith(".npz") else "data", data))
    if data_dir:
        found.append(Foreign("folder of data", data_dir))
    return tuple(dict.fromkeys(found))


def check_foreign(found: Iterable[Foreign]) -> None:
    """Raise NotPossibleError that lists what was found, unless it is nothing."""
    names = [str(each) for each in found]
    if names:
        more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
        raise NotPossibleError(
            f"its recipe names what is neither descent's own nor torch.optim's: "
            f"{', '.join(names[:MOST_SHOWN])}{more}. To import a name runs its code; if you trust whoever "
            "made the file, say --allow-imports"
        )


def foreign_look(look: dict[str, Any], themes: Iterable[str]) -> tuple[Foreign, ...]:
    """List what a picture's look would read: the file or the name of a style sheet.

    >>> foreign_look({"theme": "night.mplstyle"}, ["light"]), foreign_look({"theme": "Light"}, ["light"])
    ((Foreign(what='style sheet', name='night.mplstyle'),), ())
    """
    theme = look.get("theme")
    if isinstance(theme, str) and theme.casefold() not in themes:
        return (Foreign("style sheet", theme),)
    return ()


def _ours(text: str, names: Iterable[str]) -> bool:
    """Return whether a name is one of these, however it is spelled: as those who resolve it compare it."""
    return text.partition(":")[0].strip().casefold().replace("-", "_") in names


def _of_spec(spec: OptimizerSpec) -> Iterator[Foreign]:
    # What a factory made has no name that could be imported; it is refused where it is to be run.
    if spec.name not in (*OPTIMIZERS, *WRAPPERS) and not spec.name.startswith(GIVEN):
        yield Foreign("optimizer", spec.name)
    if spec.inner is not None:
        yield from _of_spec(spec.inner)
    yield from _functions("option", spec.options)
    for schedule in spec.schedules:
        if schedule.name not in SCHEDULES:
            yield Foreign("schedule", schedule.name)
        yield from _functions("function", schedule.options)


def _functions(what: str, options: Iterable[tuple[str, Value]]) -> Iterator[Foreign]:
    """Yield the values that can only be package.module:function: no option of torch's own has a colon."""
    for _, value in options:
        items = value if isinstance(value, tuple) else (value,)
        yield from (Foreign(what, item) for item in items if isinstance(item, str) and ":" in item)
