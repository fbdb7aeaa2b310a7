"""The ``descent`` command: the group, and what every command shares; the commands are in commands/."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from descent.commands import checks, film, from_files, record, show
from descent.commands.of_subjects import subject_commands
from descent.commands.types import Commands
from descent.courses.command import build_command
from descent.courses.lesson_command import lesson_command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="descent-viz", prog_name="descent")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Watch torch.optim descend: compare optimizers and learning rates on loss surfaces.

    \b
    descent demo
    descent compare beale -o sgd:lr=0.01 -o adam:lr=0.1 --out beale.gif
    descent compare rosenbrock -o sgd --lr 1e-4,5e-4,2e-3 --out rates.gif
    """  # noqa: D301 - click looks for the character itself


for command in (
    record.compare,
    record.record,
    film.film,
    from_files.render,
    from_files.recipe,
    from_files.again,
    show.show,
    *subject_commands(),
    checks.diff,
    checks.check,
    checks.test,
    build_command,
    lesson_command,
    show.list_,
    record.demo,
):
    cli.add_command(command)


def _say_failure(reason: str) -> NoReturn:
    """Say in a sentence why nothing more can be printed, where that can still be said, and end with 1."""
    import os
    from contextlib import suppress

    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)  # what is left to print goes nowhere, and raises nothing at the end
    with suppress(OSError):
        print(f"Error: {reason}", file=sys.stderr, flush=True)
    sys.exit(1)


def main() -> None:
    """Run the command line; an interrupt or a polite kill leaves no half-written file."""
    import gc
    import os
    import signal
    import warnings

    from descent.surfaces.text import escaped

    # Python looks for dead circles of objects after every 700 new ones, among all that torch and matplotlib
    # hold: a tenth of the time of a command, which is over soon.
    gc.set_threshold(50_000, 20, 50)
    # Threads of torch that wait for each other would otherwise spin, and where other programs are busy the
    # same work takes 20 times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    plain = warnings.formatwarning
    # Libraries quote the text of files in their warnings.
    warnings.formatwarning = lambda *parts, **more: escaped(plain(*parts, **more), keep="\n")
    received: list[int] = []

    def stop(number: int, _: Any) -> None:
        received.append(number)
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    try:
        cli(prog_name="descent")
    except OSError as error:  # where results are printed to is full or closed, or the folder is gone
        if "--debug" in sys.argv:
            raise
        _say_failure((error.strerror or str(error)).lower())
    except BaseException:
        if received:  # compiled code may have turned the exit into an error of its own
            sys.exit(128 + received[0])
        raise


if __name__ == "__main__":
    main()
