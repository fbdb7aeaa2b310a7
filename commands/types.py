"""What the words of a command line are: its values, its group and its two kinds of failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..surfaces.errors import DescentError, NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from click.shell_completion import CompletionItem


_ASKING = ("diff", "check", "test")  # commands whose answer is the exit code


class WrongUsage(click.ClickException):
    """What was asked for cannot be meant: exit code 2."""

    exit_code = 2


class NotPossible(click.ClickException):
    """What was asked for could not be done: exit code 1."""

    exit_code = 1


class Commands(click.Group):
    """A group of commands whose errors are sentences."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what a user did wrong is one sentence, and a traceback only with --debug."""
        try:
            return super().invoke(ctx)
        except DescentError as error:
            if ctx.params.get("debug"):
                raise
            # Where 1 says that something differs, what cannot be read must not say the same.
            possible = not isinstance(error, NotPossibleError) or ctx.invoked_subcommand in _ASKING
            failure = WrongUsage if possible else NotPossible
            raise failure(str(error)) from error


class Numbers(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.5 on
    """Numbers with commas between them; as many of them as ``counts`` allows, if given."""

    def __init__(self, form: str, *counts: int) -> None:
        self.name = self.form = form
        self.counts = counts

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the numbers as a tuple."""
        if not isinstance(value, str):
            return value
        try:
            numbers = tuple(float(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not of the form {self.form}", param, ctx)
        if self.counts and len(numbers) not in self.counts:
            allowed = " or ".join(map(str, self.counts))
            self.fail(f"{value!r} has {len(numbers)} number(s), not {allowed}: write {self.form}", param, ctx)
        return numbers


class Names(click.ParamType):  # type: ignore[type-arg]
    """Free text that completes to known names."""

    name = "text"

    def __init__(self, metavar: str, names: Mapping[str, Any]) -> None:
        self.metavar, self.names = metavar, names

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Return what stands for the value in the help."""
        return self.metavar

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Complete to the names that begin alike, in any case and with either dash."""
        from click.shell_completion import CompletionItem

        start = incomplete.casefold().replace("-", "_")
        return [
            CompletionItem(name, help=entry.help)
            for name, entry in self.names.items()
            if name.startswith(start)
        ]


def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """Make an option whose help shows its default, if it has one."""
    return click.option(*names, show_default=settings.get("default") is not None, **settings)


def as_view(numbers: tuple[float, ...] | None) -> Any:
    """Turn the numbers of --view into a view: two of them are that of a target of one parameter."""
    return numbers if numbers is None or len(numbers) == 2 else (numbers[:2], numbers[2:])
