"""Optimizer and schedule specs: what descends and how fast, as one line of text or as frozen data.

``sgd:lr=0.1,momentum=0.9@step:step_size=30,gamma=0.1`` names a class of ``torch.optim``, its options, and
after each ``@`` a schedule of ``torch.optim.lr_scheduler`` with its own. Several schedules are all applied
at every step; with ``after=K`` a later one takes over at step K instead. An optimizer that goes around
another one has that in parentheses: ``ema(sgd:lr=0.1):decay=0.9``.
"""

from __future__ import annotations

import math
from dataclasses import InitVar, dataclass, replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

from ...surfaces.errors import DescentError, unknown
from ...surfaces.options import as_bool, format_named, format_value, parse_named, parse_value
from ...surfaces.text import shown_value
from .nesting import MOST, taken_apart, too_deep
from .tables import COMBINATIONS, OPTIMIZERS, SCHEDULES, WRAPPERS, Entry, find, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ...surfaces.options import Options, Value

GIVEN = "given."  # how the names of optimizers begin that a factory makes


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """A learning-rate schedule: which class, with which options, and from which step on."""

    name: str  # a key of SCHEDULES, or package.Class
    options: Options = ()
    after: int | None = None  # the step at which it takes over; None: it is there from the start

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _known(self.name, "schedule", SCHEDULES))
        object.__setattr__(self, "options", _plain(self.options, f"schedule {self.name!r}"))
        if self.after is not None:
            _check_count(self.after, "after", self.name)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name:key=value,...``.

        Raises:
            DescentError: An unknown schedule, or text that is not of that form.

        >>> ScheduleSpec.parse("StepLR:step_size=30")
        ScheduleSpec(name='step', options=(('step_size', 30),), after=None)
        """
        name, options = parse_named(text, "schedule")
        after = dict(options).get("after")
        if after is not None:
            _check_count(after, "after", name)
        return cls(name, _without(options, "after"), after if isinstance(after, int) else None)

    def __str__(self) -> str:
        after: Options = () if self.after is None else (("after", self.after),)
        return format_named(self.name, self.options + after)

    @property
    def title(self) -> str:
        """The class name, for example ``StepLR``."""
        return _title(self.name, SCHEDULES)


@dataclass(frozen=True, slots=True)
class OptimizerSpec:
    """An optimizer: which class, with which options, schedules and teaching switches."""

    name: str = ""  # a key of OPTIMIZERS, or package.Class; given.LABEL of a factory
    options: Options = ()
    schedules: tuple[ScheduleSpec, ...] = ()
    accumulate: int = 1  # backward passes before each update
    zero_grad: bool = True  # False: gradients are never cleared, as when the call is forgotten
    clip: float | None = None  # a longer gradient is shortened to this norm before each update
    # What makes the optimizer of a list of parameters, in place of a class by name. No text holds it.
    factory: Callable[[Any], Any] | None = None
    label: InitVar[str] = ""  # what a factory's optimizer is called; by default as the factory is
    inner: OptimizerSpec | None = None  # what this one goes around: class and options alone

    def __post_init__(self, label: str) -> None:
        if self.factory is not None and not self.name.startswith(GIVEN):
            object.__setattr__(self, "name", GIVEN + _check_factory(self.factory, self.name, label))
        elif label and self.factory is None:
            raise DescentError(f"a label is for a factory; {self.name!r} is called by its class")
        object.__setattr__(self, "name", _known_optimizer(self.name, self.inner))
        if self.factory is not None and self.options:
            raise DescentError(f"{self.title} is made by a factory, which has its own options and rate")
        if "lr" in (options := dict(_pairs(self.options, f"optimizer {self.name!r}"))):
            check_rate(_plain_value(options["lr"]))
        object.__setattr__(self, "options", _plain(self.options, f"optimizer {self.name!r}"))
        object.__setattr__(self, "schedules", tuple(self.schedules))
        _check_count(self.accumulate, "accumulate", self.name)
        if not isinstance(self.zero_grad, bool):
            raise DescentError(f"zero_grad of {self.name!r} must be true or false, not {self.zero_grad!r}")
        _check_clip(self.clip, self.name)
        _check_turns(self.schedules)
        if self.inner is not None:
            _check_inner(self, self.inner)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name[(inner)][:key=value,...][@schedule[:key=value,...]]...``; inner is such a spec too.

        Raises:
            DescentError: An unknown optimizer or schedule, a rate that is not a number greater than zero,
                or text that is not of that form.

        >>> str(OptimizerSpec.parse("Adam:lr=0.1,betas=0.9/0.99@cosine"))
        'adam:lr=0.1,betas=0.9/0.99@cosine'
        >>> OptimizerSpec.parse("ema(sgd:lr=0.1):decay=0.9").title
        'EMA(SGD)'
        """
        if not isinstance(text, str):
            raise DescentError(f"an optimizer spec is text such as 'adam:lr=0.1', not {shown_value(text)}")
        text, inside = taken_apart(text)
        first, *rest = text.split("@")
        name, options = parse_named(first, "optimizer")
        given = dict(options)
        accumulate, zero_grad = given.get("accumulate", 1), given.get("zero_grad", True)
        zero_grad = zero_grad if (switch := as_bool(zero_grad)) is None else switch
        return cls(
            name,
            _without(options, "accumulate", "zero_grad", "clip"),
            tuple(ScheduleSpec.parse(part) for part in rest),
            accumulate,  # type: ignore[arg-type]  # checked in __post_init__, where the message is
            zero_grad,  # type: ignore[arg-type]
            given.get("clip"),  # type: ignore[arg-type]
            inner=None if inside is None else cls.parse(inside),
        )

    def __str__(self) -> str:
        options = self.options
        if self.accumulate != 1:
            options += (("accumulate", self.accumulate),)
        if not self.zero_grad:
            options += (("zero_grad", False),)
        if self.clip is not None:
            options += (("clip", self.clip),)
        name = self.name if self.inner is None else f"{self.name}({self.inner})"
        return "@".join([format_named(name, options), *map(str, self.schedules)])

    @property
    def title(self) -> str:
        """The name to show, which is the class name, with what it goes around: ``Adam``, ``EMA(SGD)``."""
        own = _title(self.name, OPTIMIZERS | WRAPPERS)
        return own if self.inner is None else f"{own}({self.inner.title})"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its class and of those that it goes around, from outside to inside."""
        return (self.name, *(() if self.inner is None else self.inner.names))

    @property
    def lr(self) -> float | None:
        """The learning rate, or None when the spec names none; of what it goes around, if it does."""
        if self.inner is not None:
            return self.inner.lr
        rate = dict(self.options).get("lr")
        return float(rate) if isinstance(rate, int | float) else None

    def with_lr(self, lr: float) -> Self:
        """Return the same spec with this learning rate.

        >>> str(OptimizerSpec.parse("adam:lr=0.1,eps=1e-6").with_lr(0.2))
        'adam:lr=0.2,eps=1e-06'
        """
        if self.factory is not None:
            raise DescentError(f"{self.title} is made by a factory, which gives it its own rate, not {lr:g}")
        if self.inner is not None:
            return replace(self, inner=self.inner.with_lr(lr))
        if self.lr is None:
            return replace(self, options=(("lr", lr), *self.options))
        return replace(self, options=tuple((key, lr if key == "lr" else old) for key, old in self.options))

    def without_lr(self) -> Self:
        """Return the same spec without a learning rate.

        >>> str(OptimizerSpec.parse("ema(adam:lr=0.1,eps=1e-6):decay=0.9").without_lr())
        'ema(adam:eps=1e-06):decay=0.9'
        """
        if self.inner is not None:
            return replace(self, inner=self.inner.without_lr())
        return replace(self, options=tuple(option for option in self.options if option[0] != "lr"))

    def ordered(self) -> Self:
        """Return the same spec with its options in the order of their names, so that equal ones are equal."""
        inner = None if self.inner is None else self.inner.ordered()
        return replace(self, options=tuple(sorted(self.options, key=lambda pair: pair[0])), inner=inner)


def as_spec(spec: OptimizerSpec | str | Callable[[Any], Any]) -> OptimizerSpec:
    """Return a spec as it is, read it from text, or take a function of parameters by its own name."""
    if isinstance(spec, OptimizerSpec):
        return spec
    return OptimizerSpec(factory=spec) if callable(spec) else OptimizerSpec.parse(spec)


def _check_factory(factory: object, name: str, label: str) -> str:
    """Return what a factory's optimizer is called."""
    if name:
        raise DescentError(f"an optimizer has a name or a factory; {name!r} and a factory are two")
    if not callable(factory):
        raise DescentError(
            f"a factory takes parameters and returns an optimizer; {factory!r} cannot be called"
        )
    called = label or getattr(factory, "__name__", "")
    if not called.isidentifier():
        hint = "write OptimizerSpec(factory=..., label='SAM')"
        raise DescentError(f"a factory's label is letters, digits and underscores, not {called!r}; {hint}")
    return str(called)


def unique(specs: Iterable[OptimizerSpec]) -> tuple[OptimizerSpec, ...]:
    """Drop specs that say the same as an earlier one, whatever the order of their options."""
    by_meaning: dict[object, OptimizerSpec] = {}
    for spec in specs:
        by_meaning.setdefault(spec.ordered(), spec)
    return tuple(by_meaning.values())


def cross(specs: Iterable[OptimizerSpec], rates: Iterable[float]) -> tuple[OptimizerSpec, ...]:
    """Give every spec every rate; without rates the specs stay as they are; duplicates are dropped.

    >>> [str(spec) for spec in cross([OptimizerSpec("sgd"), OptimizerSpec("adam")], [0.1, 0.2])]
    ['sgd:lr=0.1', 'sgd:lr=0.2', 'adam:lr=0.1', 'adam:lr=0.2']
    """
    rates = tuple(rates)
    if not rates:
        return unique(specs)
    return unique(spec.with_lr(rate) for spec in specs for rate in rates)


def check_rate(lr: object) -> None:
    """Raise DescentError unless a learning rate is a finite number greater than zero."""
    number = isinstance(lr, int | float) and not isinstance(lr, bool)
    if not (number and 0 < lr < math.inf and _fits(lr)):  # type: ignore[operator]
        raise DescentError(f"a learning rate must be a finite number greater than 0, not {shown_value(lr)}")


def _fits(number: object) -> bool:
    """Return whether a float can hold a number."""
    return not isinstance(number, int) or number.bit_length() < 1000


def _known_optimizer(name: str, inner: OptimizerSpec | None) -> str:
    """Return the name of an optimizer as tables have it, or that of one which goes around another."""
    wrapper = find(name, WRAPPERS) if isinstance(name, str) else None
    if inner is None and wrapper is None:
        return _known(name, "optimizer", OPTIMIZERS)
    if inner is None:
        example = WRAPPERS[str(wrapper)].example
        raise DescentError(f"{name} goes around another optimizer; name it in parentheses, as in {example}")
    if wrapper is None and isinstance(name, str) and "." not in name.removeprefix("torch.optim."):
        if (key := find(name.removeprefix("torch.optim."), OPTIMIZERS)) is not None:
            raise DescentError(
                f"{_title(key, OPTIMIZERS)} goes around no other optimizer; allowed before a parenthesis: "
                f"{', '.join(WRAPPERS)}, or package.Class"
            )
        raise unknown("optimizer around another", name, WRAPPERS)
    return wrapper or _known(name, "optimizer", OPTIMIZERS)


def _check_inner(spec: OptimizerSpec, inner: object) -> None:
    """Raise DescentError unless a spec may stand inside another one."""
    if not isinstance(inner, OptimizerSpec):
        raise DescentError(f"inside {spec.name!r} stands an optimizer spec, not {shown_value(inner)}")
    if spec.factory is not None:
        raise DescentError(f"{spec.title} is made by a factory, which makes what it goes around itself")
    if len(spec.names) > MOST:
        raise too_deep()
    if inner.schedules or (inner.accumulate, inner.zero_grad, inner.clip) != (1, True, None):
        what = "a schedule" if inner.schedules else "accumulate, zero_grad or clip"
        where = "@cosine" if inner.schedules else ":clip=1"
        raise DescentError(
            f"{what} is of the whole and stands behind the parenthesis, as in "
            f"{spec.name}({inner.name}){where}"
        )


def _known(name: str, kind: str, table: dict[str, Entry]) -> str:
    if not isinstance(name, str):
        raise DescentError(f"the name of the {kind} must be text, not {shown_value(name)}")
    for prefix in ("torch.optim.lr_scheduler.", "torch.optim.swa_utils.", "torch.optim."):
        name = name.removeprefix(prefix)
    if "." in name and not set(name) & set("()"):
        return name
    key = find(name, table)
    if key is not None:
        return key
    for combination, instead in COMBINATIONS.items():
        if table is SCHEDULES and fold(name) == fold(combination):
            raise DescentError(f"{combination} is not written as a schedule of its own: {instead}")
    raise unknown(kind, name, table)


def _title(name: str, table: dict[str, Entry]) -> str:
    return table[name].class_name if name in table else name.rpartition(".")[2]


def _without(options: Options, *keys: str) -> Options:
    return tuple((key, value) for key, value in options if key not in keys)


def _plain(options: Options, owner: str) -> Options:
    """Return options as Python's own numbers and text; raise when one could not be written and read back."""
    plain = tuple((key, _plain_value(value)) for key, value in _pairs(options, owner))
    if len(dict(plain)) != len(plain):
        raise DescentError(f"an option of {owner} is given twice: {', '.join(key for key, _ in plain)}")
    for key, value in plain:
        text = format_value(value)
        broken = (
            not text or text != text.strip() or set(text) & set(",@()") or "nan" in text.casefold().split("/")
        )
        if broken or repr(parse_value(text)) != repr(value):
            raise DescentError(f"option {key}={value!r} of {owner} cannot be used in a spec")
    return plain


def _pairs(options: object, owner: str) -> Options:
    """Return options as pairs of a name and a value, or raise DescentError."""
    try:
        pairs = tuple((key, value) for key, value in options)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        pairs = ((None, None),)
    if not all(isinstance(key, str) for key, _ in pairs):
        raise DescentError(f"options of {owner} are pairs of a name and a value, not {shown_value(options)}")
    return pairs


def _plain_value(value: object) -> Value:
    if isinstance(value, list | tuple):
        return tuple(_plain_value(item) for item in value)  # type: ignore[misc]  # deeper nesting fails to read back
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, Integral) and -(2**63) <= int(value) < 2**63:
        return int(value)
    if isinstance(value, Integral):
        raise DescentError(f"an option must be a number of 64 bits at most, not {shown_value(value)}")
    if isinstance(value, Real):
        return float(value)
    raise DescentError(
        f"an option must be a number, text, true, false, none or a tuple of these, not {shown_value(value)}"
    )


def _check_count(value: object, key: str, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise DescentError(
            f"{key} of {name!r} must be a whole number of at least 1, not {shown_value(value)}"
        )


def _check_clip(clip: object, name: str) -> None:
    number = isinstance(clip, int | float) and not isinstance(clip, bool)
    if clip is not None and not (number and 0 < clip < math.inf and _fits(clip)):  # type: ignore[operator]
        raise DescentError(
            f"clip of {name!r} must be a finite number greater than 0, not {shown_value(clip)}"
        )


def _check_turns(schedules: tuple[ScheduleSpec, ...]) -> None:
    turns = [schedule.after for schedule in schedules]
    if not any(turn is not None for turn in turns):
        return
    if turns[0] is not None:
        raise DescentError(
            f"the first schedule begins at step 0; take after={turns[0]} from {schedules[0].name!r}"
        )
    later = [turn for turn in turns[1:] if turn is not None]
    if len(later) != len(turns) - 1:
        raise DescentError("when one schedule has after=K, every later schedule needs an after=K too")
    if sorted(set(later)) != later:
        raise DescentError(f"the steps in after=K must increase, not {', '.join(map(str, later))}")
    if any(schedule.name == "plateau" for schedule in schedules):
        raise DescentError("plateau looks at the loss of every step and cannot take turns; leave out after=K")
