"""The words of a legend entry: an optimizer's name, its rate, and what else sets it apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...surfaces.options import format_value
from ...surfaces.text import escaped
from .optimizer_spec import as_spec
from .tables import OPTIMIZERS, WRAPPERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...surfaces.options import Options
    from .optimizer_spec import OptimizerSpec, ScheduleSpec


@dataclass(frozen=True, slots=True)
class Label:
    """Three short texts; the last two may be empty."""

    title: str  # "SGD"
    rate: str  # "lr 0.1"
    details: str  # "momentum 0.9, nesterov; StepLR step_size 30; accumulate 4"

    @property
    def name(self) -> str:
        """Title and rate: ``SGD lr 0.1``."""
        return f"{self.title} {self.rate}".strip()


def titles(specs: Sequence[OptimizerSpec]) -> list[str]:
    """Return the title of each of some specs that are shown together; classes of one name name their package.

    >>> from descent import OptimizerSpec
    >>> titles([OptimizerSpec(name) for name in ("radam", "sgd", "one.RAdam", "other.sub.RAdam", "one.Lion")])
    ['RAdam', 'SGD', 'one.RAdam', 'other.RAdam', 'Lion']
    """
    own = OPTIMIZERS | WRAPPERS
    names: dict[str, set[tuple[str, ...]]] = {entry.class_name: {(key,)} for key, entry in own.items()}
    for spec in specs:
        names.setdefault(spec.title, set()).add(spec.names)
    return [_with_packages(spec) if len(names[spec.title]) > 1 else spec.title for spec in specs]


def _with_packages(spec: OptimizerSpec) -> str:
    """Return a title in which each class names its package, where it has one."""
    title = spec.title.partition("(")[0]
    title = f"{spec.name.partition('.')[0]}.{title}" if "." in spec.name else title
    return title if spec.inner is None else f"{title}({_with_packages(spec.inner)})"


def label(
    spec: OptimizerSpec, lr: float | None = None, per: str = "", more: str = "", title: str = ""
) -> Label:
    """Say a spec in words.

    Args:
        spec: What to describe.
        lr: The rate to show in place of the spec's own.
        per: How often its schedules step, "epoch" or "batch", where that must be said.
        more: What the spec does not say of a run, to stand before its options.
        title: What it is called among others, see `titles`; by default what it is called alone.

    >>> from descent import OptimizerSpec
    >>> label(OptimizerSpec.parse("sgd:lr=0.1,momentum=0.9,nesterov=true@step:step_size=30"))
    Label(title='SGD', rate='lr 0.1', details='momentum 0.9, nesterov; StepLR step_size 30')
    >>> label(OptimizerSpec.parse("ema(sgd:lr=0.1,momentum=0.9):decay=0.99"))
    Label(title='EMA(SGD)', rate='lr 0.1', details='SGD momentum 0.9; decay 0.99')
    """
    rate = spec.lr if lr is None else lr
    details = [more, *_inside(spec), _words(tuple(option for option in spec.options if option[0] != "lr"))]
    details += [_schedule(schedule, per) for schedule in spec.schedules]
    if spec.accumulate != 1:
        details.append(f"accumulate {spec.accumulate}")
    if not spec.zero_grad:
        details.append("no zero_grad")
    if spec.clip is not None:
        details.append(f"clip {spec.clip:g}")
    words = escaped("; ".join(filter(None, details)))
    return Label(escaped(title or titles([spec])[0]), "" if rate is None else f"lr {rate:g}", words)


def labels(specs: Iterable[OptimizerSpec | str]) -> list[Label]:
    """Say several specs in words, so that classes of one name are told apart.

    >>> [each.title for each in labels(["one.Lion:lr=0.1", "other.Lion:lr=0.1"])]
    ['one.Lion', 'other.Lion']
    """
    read = [as_spec(each) for each in specs]
    return [label(spec, title=title) for spec, title in zip(read, titles(read), strict=True)]


def _inside(spec: OptimizerSpec) -> list[str]:
    """Say the options of what a spec goes around, by its name."""
    if spec.inner is None:
        return []
    words = _words(tuple(option for option in spec.inner.options if option[0] != "lr"))
    return [*_inside(spec.inner), *([f"{spec.inner.title.partition('(')[0]} {words}"] if words else [])]


def _schedule(schedule: ScheduleSpec, per: str) -> str:
    turn = "" if schedule.after is None else f"after {per or 'step'} {schedule.after}: "
    words = f"{turn}{schedule.title} {_words(schedule.options)}".rstrip()
    return f"{words} per {per}" if per else words


def _words(options: Options) -> str:
    words = []
    for key, value in options:
        if isinstance(value, bool):
            words.append(key if value else f"no {key}")
        else:
            words.append(f"{key} {f'{value:g}' if isinstance(value, float) else format_value(value)}")
    return ", ".join(words)


def listed(texts: Sequence[str], most: int = 3) -> str:
    """Return texts apart by commas, the first few of many, for a line that names a result.

    >>> listed(["sgd:lr=0.1"]), listed(["a", "b", "c", "d", "e"])
    ('sgd:lr=0.1', 'a, b, c and 2 more')
    """
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
