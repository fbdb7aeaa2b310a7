"""The ``descent`` command. Commands parse, call and print; what they need is imported when they run."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from descent.commands.look_options import LOOK
from descent.surfaces.catalogue import CATALOGUE, DATA, NETWORKS
from descent.surfaces.errors import DescentError, NotPossibleError, check_suffix
from descent.trajectories.regression.tolerances import PRESETS
from descent.trajectories.specs.tables import OPTIMIZERS, SCHEDULES
from descent.viz.documents.snippet import EMBEDS
from descent.viz.files.formats import FORMATS
from descent.viz.scenes.panel_table import OF_RECORDINGS, parse_panels
from descent.viz.style.themes import THEMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from click.shell_completion import CompletionItem

    from descent import Animation, Recording

_LISTS: dict[str, Mapping[str, Any]] = {
    "surfaces": CATALOGUE,
    "networks": NETWORKS,
    "data": DATA,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "themes": THEMES,
}
_FILE = click.Path(path_type=Path)
_DEFAULT_FOLDER = Path("outputs")


class _WrongUsage(click.ClickException):
    exit_code = 2


class _NotPossible(click.ClickException):
    exit_code = 1


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what a user did wrong is one sentence, and a traceback only with --debug."""
        try:
            return super().invoke(ctx)
        except DescentError as error:
            if ctx.params.get("debug"):
                raise
            # Where 1 says that something differs, what cannot be read must not say the same.
            possible = not isinstance(error, NotPossibleError) or ctx.invoked_subcommand in ("diff", "check")
            failure = _WrongUsage if possible else _NotPossible
            raise failure(str(error)) from error


class _Numbers(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.5 on
    """Numbers with commas between them; as many of them as ``counts`` allows, if given."""

    def __init__(self, form: str, *counts: int) -> None:
        self.name = self.form = form
        self.counts = counts

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
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


class _Names(click.ParamType):  # type: ignore[type-arg]
    """Free text that completes to known names."""

    name = "text"

    def __init__(self, metavar: str, names: Mapping[str, Any]) -> None:
        self.metavar, self.names = metavar, names

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
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


def _option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    return click.option(*names, show_default=settings.get("default") is not None, **settings)


_TARGET = _Names("TARGET", {**CATALOGUE, **NETWORKS})
_SPEC = _Names("SPEC", OPTIMIZERS)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="descent-viz", prog_name="descent")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Watch torch.optim descend: compare optimizers and learning rates on loss surfaces.

    \b
    descent demo
    descent compare beale -o sgd:lr=0.01 -o adam:lr=0.1 --out beale.gif
    descent compare rosenbrock -o sgd --lr 1e-4,5e-4,2e-3 --out rates.gif
    """  # noqa: D301 - click looks for the character itself
    # package.module:function may name a file in the current folder; last, so that it shadows nothing.
    sys.path.append("")


_OPTIONS: dict[str, Callable[[Any], Any]] = {
    "target": click.argument("target", type=_TARGET),
    "optimizers": click.option(
        *("-o", "--optimizer", "optimizers"),
        multiple=True,
        type=_SPEC,
        help="An optimizer, as adam:lr=0.1,betas=0.9/0.99 or sgd:lr=0.1@step:step_size=30; "
        "repeat to compare. Without it: SGD, Adam and RMSprop at rates that suit the target.",
    ),
    "lr": click.option("--lr", type=_Numbers("A,B,C"), help="Learning rates to run every optimizer with."),
    "steps": _option("--steps", type=int, help="Updates of each run, on surfaces.  [default: 200]"),
    "start": _option(
        "--start", type=_Numbers("X,Y", 2, 1), help="Where runs begin; the target says by default."
    ),
    "seed": _option(
        "--seed", type=int, default=0, help="Seed of the noise; of networks: split, weights, batches."
    ),
    "seeds": _option("--seeds", type=int, default=1, help="So many runs each, with different noise."),
    "memory": _option("--memory", default="2GB", metavar="SIZE", help="The most memory a batch may take."),
    "noise": _option("--noise", type=float, default=0.0, metavar="SIGMA", help="Standard deviation of it."),
    "stop_at": _option("--stop-at", type=float, metavar="TOL", help="End runs at this gradient norm."),
    "device": _option("--device", default="cpu", metavar="D", help="cpu, cuda, cuda:N, mps or auto."),
    "dtype": _option(
        "--dtype", metavar="TYPE", help="float64 (default; float32 on mps, for networks) or float32."
    ),
    "view": _option("--view", type=_Numbers("X0,X1,Y0,Y1", 4, 2), help="The part of the surface to show."),
    "data": _option(
        "--data", type=_Names("DATA", DATA), help="What a network learns: a name, FILE.npz, module:function."
    ),
    "data_dir": _option("--data-dir", metavar="FOLDER", help="Where the files of mnist are."),
    "epochs": _option(
        "--epochs",
        type=int,
        help="Passes over the training data.  [default: 20, or 60 with --batch-size all]",
    ),
    "batch_size": _option(
        "--batch-size", metavar="N", help="Samples a step, or all.  [default: 32; linear, logistic: all]"
    ),
    "loss": _option(
        "--loss",
        metavar="NAME",
        help="cross_entropy, mse, huber, l1 or another loss of torch.nn by its class.",
    ),
    "val": _option("--val", type=float, help="Share of the data for validation.  [default: 0.2]"),
    "test": _option("--test", type=float, help="Share for the test at the end.  [default: 0.2]"),
    "patience": _option(
        "--patience", type=int, help="Stop after so many epochs without a better validation."
    ),
    "plane": _option(
        "--plane", help="pca, random, hessian or ends.  [default: pca; the weights where there are two]"
    ),
    "field_of": _option("--field-of", metavar="WHAT", help="Heights on the plane: train, val or metric."),
    "schedule_per": _option("--schedule-per", metavar="UNIT", help="Schedules step per epoch or batch."),
    "snapshots": _option("--snapshots", type=int, help="Steps kept at most.  [default: 200]"),
    "layer": _option("--layer", metavar="NAME", help="Whose gradients the panel hinton shows."),
    "outs": click.option(
        *("--out", "outs"),
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help=f"A picture to write; the suffix chooses the format ({', '.join(FORMATS)}); "
        "frames/ makes numbered files. Repeat for several.",
    ),
    "alt": click.option("--alt", is_flag=True, help="Print the picture in words, in place of the table."),
    "embed": _option(
        "--embed", metavar="KIND", help=f"Print what puts it into a page: {', '.join(EMBEDS)}; no table."
    ),
    "tolerance": _option(
        "--tolerance",
        default="same-dtype",
        metavar="PRESET",
        help=f"By what changed: {', '.join(PRESETS)}.",
    ),
    "as_json": click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table."),
}
_RUN = ("target", "optimizers", "lr", "steps", "start", "seed", "noise", "stop_at", "device", "dtype", "view")
_NETWORK = (
    "data",
    "data_dir",
    "epochs",
    "batch_size",
    "loss",
    "val",
    "test",
    "patience",
    "plane",
    "field_of",
    *("schedule_per", "snapshots", "layer"),
)
_OPTIONS |= {
    name: _option(each.flag, is_flag=True, default=each.default, help=each.help)
    if each.kind is bool and "/" not in each.flag
    else _option(each.flag, type=each.kind, default=each.default, metavar=each.metavar, help=each.help)
    for name, each in LOOK.items()
}
_LOOK = tuple(name for name in LOOK if name not in OF_RECORDINGS)
_WRITTEN = ("outs", "alt", "embed", "as_json")


def _takes(*names: str) -> Callable[[Any], Any]:
    """Give a command the options of these names."""

    def add(command: Any) -> Any:
        for name in reversed(names):
            command = _OPTIONS[name](command)
        return command

    return add


@cli.command()
@_takes(*_RUN, *_NETWORK, *LOOK, *_WRITTEN)
@click.option("--save", type=_FILE, metavar="FILE.npz", help="Save the recording as well.")
@click.option("--tuned", is_flag=True, help="Give each optimizer the best of 25 rates, with equal budgets.")
def compare(target: str, save: Path | None, tuned: bool, **options: Any) -> None:
    """Run optimizers on TARGET and draw their paths.

    Writes outputs/TARGET.gif when neither --out nor --save names a file. TARGET is a surface
    (`descent list surfaces`), with options as in quadratic:condition=100, a formula as in
    'expr:(1-x)**2 + 100*(y-x**2)**2', or package.module:function; or a network
    (`descent list networks`) as in mlp:hidden=16/16, or package.module:Class.
    """
    from descent.commands.targets import kind_of_target

    run, look, written = _split(options)
    written.start(target, look, kind_of_target(target, look), draws=save is None)
    if save is not None:
        check_suffix(save, [".npz"])
    if "line" in parse_panels(look["panels"] or "") and run["plane"] != "ends":
        raise DescentError("the panel 'line' shows losses between two ends; it needs --plane ends")
    if tuned:
        run |= _tune(target, run)
    recording = _record(target, **run)
    saved = [] if save is None else [recording.save(save)]
    written.finish(recording, look, saved)


@cli.command()
@_takes(*_RUN, *_NETWORK, "as_json")
@click.option("--out", type=_FILE, metavar="FILE.npz", required=True, help="The recording.")
def record(target: str, out: Path, as_json: bool, **options: Any) -> None:
    """Run optimizers on TARGET and save the recording, to be drawn later in any style."""
    check_suffix(out, [".npz"])
    recording = _record(target, **_split(options)[0])
    _report(recording, [recording.save(out)], as_json)


@cli.command()
@click.argument("file", type=_FILE)
@_takes(*LOOK, *_WRITTEN)
def render(file: Path, **options: Any) -> None:
    """Draw a saved recording; nothing is run again.

    Writes outputs/FILE.gif when --out names no file.
    """
    import descent

    _, look, written = _split(options)
    written.start(file.stem, look)
    written.finish(descent.load(file), look)


@cli.command()
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the recipe itself, as JSON.")
def recipe(file: Path, as_json: bool) -> None:
    """Print the command that makes FILE again: any picture or recording that descent wrote."""
    from dataclasses import asdict

    from descent.commands.command_line import command
    from descent.viz.files.numbered import named_again, one_of_many
    from descent.viz.files.recipes import read

    found = read(file)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
        return
    made = command(found.kind, found.recipe, found.look, named_again(file))
    _say_notes([*made.notes, *filter(None, [one_of_many(file)])])
    click.echo(made.line)


@cli.command()
@click.argument("file", type=_FILE)
@_takes(*LOOK, *_WRITTEN)
def again(file: Path, **options: Any) -> None:
    """Run the recipe that FILE carries again and draw it as FILE is drawn, but for the options given here.

    Writes outputs/FILE.gif when --out names no file.
    """
    from descent.trajectories.experiments.rerun import run_again
    from descent.viz.files.numbered import one_of_many
    from descent.viz.files.recipes import read

    _, look, written = _split(options)
    found = read(file)
    _say_notes(filter(None, [one_of_many(file)]))
    look = found.look | {name: look[name] for name in _named(look)}
    written.start(file.stem, look, {"sweep": "a sweep", "basins": "basins"}.get(found.kind, ""))
    with _progress("running") as progress:
        subject = run_again(found.kind, found.recipe, log=partial(click.echo, err=True), progress=progress)
    written.finish(subject, look)


@cli.command()
@_takes("target", "view", "data", "data_dir", "theme", "size", "heights", "outs", "as_json")
def show(
    target: str,
    view: Any,
    data: str | None,
    data_dir: str | None,
    outs: tuple[str, ...],
    as_json: bool,
    **look: Any,
) -> None:
    """Print what is known about TARGET: a surface, a saved recording (both drawn with --out) or a network."""
    import descent
    from descent.commands.unused_options import idle
    from descent.surfaces.networks.resolve import is_network

    if is_network(target):
        if outs:
            raise DescentError("a network is drawn where it is trained: by descent compare")
        _show_network(target, {"data": data, "data_dir": data_dir}, as_json)
        return
    if data is not None or data_dir is not None:
        raise DescentError(f"--data and --data-dir are for networks, and {target!r} is none")
    _check_look(look, outs, moves=target.endswith(".npz"))
    _say_notes(idle(() if outs else _named(look), outs))
    if target.endswith(".npz"):
        recording = descent.load(target)
        _report(recording, _draw(recording, outs, look), as_json)
        return
    from descent.trajectories.experiments.bare_surface import survey
    from descent.trajectories.reports.facts import as_text, facts

    surface = descent.surfaces.get(target, view=_box(view))
    known = facts(surface)
    click.echo(json.dumps(known, indent=2, allow_nan=False) if as_json else as_text(known))
    if outs:
        _say_files(_draw(survey(surface), outs, look), err=as_json)


@cli.command()
@_takes("target", "optimizers")
@click.option(
    "--lr", "rates", metavar="RATES", help="A:B:N, so many from A to B, or a list. [default: 1e-5:1:25]"
)
@_takes(
    "steps", "start", "seed", "seeds", "noise", "device", "dtype", "view", "memory", *_LOOK, "grid", *_WRITTEN
)
@click.option("--csv", type=_FILE, metavar="FILE.csv", help="Write a row for each optimizer and rate.")
def sweep(target: str, csv: Path | None, **options: Any) -> None:
    """Run every optimizer on TARGET at many learning rates and find the best one of each.

    Draws the loss against the rate when --out names a file, or with --grid optimizer,lr a small contour
    panel for each.
    """
    import descent
    from descent.trajectories.reports import sweep as sweep_report

    run, look, written = _split(options)
    written.start(target, look, "a sweep", draws=False)
    if csv is not None:
        check_suffix(csv, [".csv"])
    if (rates := run.pop("rates")) is not None:
        run["lrs"] = rates
    _say_many_notes(target, run)
    found = _run(descent.sweep, target, run)
    saved = [] if csv is None else [sweep_report.save_csv(found, csv)]
    written.finish(found, look, saved)


@cli.command()
@_takes("target", "optimizers")
@click.option("--grid", type=int, default=256, show_default=True, help="Starts along each side of the view.")
@_takes("steps", "view", "device", "dtype", "memory", *_LOOK, *_WRITTEN)
def basins(target: str, grid: int, **options: Any) -> None:
    """Run every optimizer from a grid of starts on TARGET, and count which minimum each start reaches.

    Draws a map an optimizer when --out names a file.
    """
    import descent

    run, look, written = _split(options)
    written.start(target, look, "basins", draws=False)
    run["grid"] = grid
    _say_many_notes(target, run, from_grid=True)
    written.finish(_run(descent.basins, target, run), look)


@cli.command()
@click.argument("expected", type=_FILE)
@click.argument("found", type=_FILE)
@_takes("tolerance", "theme", "size")
@click.option("--out", type=_FILE, metavar="FILE", help="A picture of both paths: .png, .svg or .pdf.")
@_takes("as_json")
@click.pass_context
def diff(
    ctx: click.Context,
    expected: Path,
    found: Path,
    tolerance: str,
    theme: str,
    size: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Compare two recordings: the first step that differs, what differs first there, and how it grew.

    The exit code is 0 when they are the same within the tolerance, 1 when they differ, and 2 when they
    cannot be compared.
    """
    import descent
    from descent.trajectories.regression.difference import compare as compared
    from descent.trajectories.regression.tolerances import tolerance as allowed

    allowed(tolerance)
    if out is not None:
        _check_look({"theme": theme, "size": size}, (str(out),), moves=False)
    one, other = descent.load(expected), descent.load(found)
    differs = compared(one, other, allowed(tolerance, one.recipe.dtype))
    files = []
    if out is not None:
        from descent.viz.animation import picture

        files.append(picture(one, other, differs, theme=theme, size=size).save(out))
    _report(differs, files, as_json, "regression.report")
    ctx.exit(0 if differs.same else 1)


@cli.command()
@click.argument("folder", type=_FILE)
@_takes("tolerance")
@click.option("--regen", is_flag=True, help="Write those that differ anew.")
@_takes("as_json")
@click.pass_context
def check(ctx: click.Context, folder: Path, tolerance: str, regen: bool, as_json: bool) -> None:
    """Run the recipe of every recording in FOLDER again with the torch installed here, and report drift.

    The exit code is 0 when all are the same within the tolerance, and 1 when one differs or cannot be run.
    """
    from descent.trajectories.testing import drift

    with _progress("checking") as progress:
        found = drift.drift(folder, preset=tolerance, regen=regen, progress=progress)
    _report(found, [], as_json, "testing.drift")
    ctx.exit(0 if all(each.same for each in found) else 1)


@cli.command("list")
@click.argument("kind", type=click.Choice(list(_LISTS)))
@_takes("as_json")
def list_(kind: str, as_json: bool) -> None:
    """List the names that can be used, with a line about each."""
    lines = {name: entry.help for name, entry in _LISTS[kind].items()}
    if as_json:
        click.echo(json.dumps(lines, indent=2))
        return
    width = max(map(len, lines))
    for name, words in lines.items():
        click.echo(f"{name:<{width}}  {words}")


@cli.command()
@_takes("theme", "size", "outs")
def demo(outs: tuple[str, ...], **look: Any) -> None:
    """Render one animation, to see what this is about."""
    from descent.trajectories.results.whole_files import unused

    _check_look(look, outs)
    specs = ("sgd:lr=0.01", "sgd:lr=0.004,momentum=0.9", "rmsprop:lr=0.05", "adam:lr=0.3")
    recording = _record("beale", optimizers=specs, start=(1.0, 1.5), steps=150)
    _report(
        recording,
        _draw(recording, outs or (str(unused(_DEFAULT_FOLDER, "demo", ".gif")),), look),
        as_json=False,
    )


def _show_network(target: str, options: dict[str, Any], as_json: bool) -> None:
    from descent.surfaces.networks.resolve import describe
    from descent.trajectories.reports.facts import network_facts, network_text
    from descent.trajectories.training.record_network import find_network

    network = find_network(target, _given(options), seed=0)  # type: ignore[arg-type]
    known = network_facts(network, describe(network))
    click.echo(json.dumps(known, indent=2) if as_json else network_text(known))


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Leave out the options that were not given."""
    return {name: value for name, value in options.items() if value is not None}


def _split(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], _Written]:
    """Tell the options of a run, those of its picture, and those of what is written and printed."""
    look = {name: options.pop(name) for name in list(options) if name in LOOK}
    written = _Written(**{name: options.pop(name) for name in _WRITTEN if name in options})
    return options, look, written


@dataclass(slots=True)
class _Written:
    """Which pictures a command writes, and what it prints about them."""

    outs: tuple[str, ...] = ()
    alt: bool = False
    embed: str | None = None
    as_json: bool = False

    def start(self, name: str, look: dict[str, Any], kind: str = "", *, draws: bool = True) -> None:
        """Refuse what cannot be done before anything is run, and name the picture where nobody did."""
        from descent.commands.unused_options import idle
        from descent.trajectories.results.whole_files import unused
        from descent.viz.documents.snippet import suffixes, with_twins

        if not self.outs and (draws or self.embed is not None):
            own = ".png" if look.get("strip") else ".gif"
            self.outs = (str(unused(_DEFAULT_FOLDER, name, *suffixes(self.embed, own))),)
        if self.embed is not None:
            self.outs = with_twins(self.embed, self.outs)
        _check_look(look, self.outs, kind)
        if self.outs or not (self.alt or self.as_json):  # which are of a picture that need not be written
            _say_notes(idle(_named(look), self.outs, strip=bool(look.get("strip"))))

    def finish(self, subject: Any, look: dict[str, Any], saved: Sequence[Path] = ()) -> None:
        """Write the pictures and print the results, or in place of them what was asked for."""
        from descent.commands.unused_options import moves
        from descent.viz.animation import Animation
        from descent.viz.documents.snippet import snippet
        from descent.viz.scenes.scene import compose

        picture = Animation(compose(subject, **look))
        files = [*saved, *_write(picture, self.outs)]
        said = picture if not self.outs or any(map(moves, self.outs)) else picture.still()
        extra = {"alt": said.alt, "caption": said.caption}
        texts = [said.alt] if self.alt else []
        if self.embed is not None:
            texts.append(snippet(self.embed, self.outs, picture))
            extra["embed"] = texts[-1]
        report = {"sweep": "reports.sweep", "basins": "reports.basins"}.get(
            picture.scene.kind, "reports.runs"
        )
        if self.as_json or not texts:
            _report(subject, files, self.as_json, report, extra)
            return
        click.echo("\n\n".join(texts))
        _say_files(files, err=True)


def _check_look(look: dict[str, Any], outs: tuple[str, ...], kind: str = "", *, moves: bool = True) -> None:
    """Refuse a wish for the picture that cannot be met before anything is run or written."""
    from descent.viz.files.saving import check_destination
    from descent.viz.scenes.scene import check_wishes

    wishes = check_wishes(kind, **look)
    for path in outs:
        check_destination(path, wishes.theme, moves=moves and not wishes.strip, limit=wishes.limit)


def _named(look: dict[str, Any]) -> list[str]:
    """Return the looks that stand on the command line."""
    source = click.get_current_context().get_parameter_source
    return [name for name in look if source(name) == ParameterSource.COMMANDLINE]


def _run(function: Callable[..., Any], target: str, run: dict[str, Any]) -> Any:
    """Call a function of a target, a list of specs and options, with a bar while it works."""
    specs = run.pop("optimizers") or None
    run["view"] = _box(run["view"])
    with _progress("running") as progress:
        return function(target, specs, progress=progress, **_given(run))


def _record(target: str, **run: Any) -> Recording:
    import descent
    from descent.surfaces.networks.resolve import is_network
    from descent.trajectories.experiments.advice import notes

    run["view"] = _box(run.get("view"))
    run["optimizers"] = run["optimizers"] or None
    asked = {
        name: run[name] for name in ("optimizers", "lr", "start", "device", "dtype", "view") if name in run
    }
    _say_notes(notes(target, **asked))
    run = _given(run)
    if is_network(target):
        if str(run.get("batch_size", "")).isdigit():
            run["batch_size"] = int(run["batch_size"])
        return descent.record(target, log=partial(click.echo, err=True), **run)
    with _progress("running") as progress:
        return descent.record(target, progress=progress, **run)


def _say_many_notes(target: str, run: dict[str, Any], *, from_grid: bool = False) -> None:
    from descent.trajectories.experiments.advice import many_notes

    asked = {name: run[name] for name in ("start", "device", "dtype") if name in run}
    _say_notes(many_notes(target, view=_box(run["view"]), from_grid=from_grid, **asked))


def _say_notes(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        click.echo(f"note: {sentence}", err=True)


def _tune(target: str, run: dict[str, Any]) -> dict[str, Any]:
    """Find each optimizer's best rate, with the options of the run that it is for."""
    import descent
    from descent.surfaces.networks.resolve import is_network

    if is_network(target):
        raise DescentError("--tuned finds rates on surfaces; for a network, compare some with --lr")
    if run["lr"] is not None or run["stop_at"] is not None:
        raise DescentError("--tuned finds the rates by full runs; leave out --lr and --stop-at")
    same = {name: run[name] for name in ("steps", "start", "seed", "noise", "device", "dtype", "view")}
    found = _run(descent.tuned, target, same | {"optimizers": run["optimizers"]})
    _say_notes([found.protocol])
    return {"optimizers": found.specs, "protocol": found.protocol}


def _draw(subject: Any, outs: Sequence[str], look: dict[str, Any]) -> list[Path]:
    if not outs:
        return []
    import descent

    return _write(descent.animate(subject, **look), outs)


def _write(picture: Animation, outs: Sequence[str]) -> list[Path]:
    files = []
    for path in dict.fromkeys(outs):
        with _progress(f"drawing {Path(path).name}") as progress:
            say = partial(click.echo, err=True)
            files.append(picture.save(path, progress=progress, say=say))
    return files


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on stderr when it is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def move(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield move


def _report(
    found: Any,
    files: Sequence[Path],
    as_json: bool,
    kind: str = "reports.runs",
    words: dict[str, str] | None = None,
) -> None:
    """Print results as JSON or as a table, by the module of trajectories that reports this kind."""
    report = import_module(f"descent.trajectories.{kind}")
    if as_json:
        results = report.as_json(found) | {"files": [str(path) for path in files]} | (words or {})
        click.echo(json.dumps(results, indent=2, allow_nan=False))
        return
    click.echo(report.as_table(found))
    _say_files(files, err=as_json)


def _say_files(files: Sequence[Path], *, err: bool) -> None:
    for path in files:
        click.echo(f"wrote {path}", err=err)


def _box(numbers: tuple[float, ...] | None) -> Any:
    """Turn the numbers of --view into a view: two of them are that of a target of one parameter."""
    return numbers if numbers is None or len(numbers) == 2 else (numbers[:2], numbers[2:])


def main() -> None:
    """Run the command line; an interrupt or a polite kill leaves no half-written file."""
    import os
    import signal

    # Threads of torch that wait for each other would otherwise spin, and where other programs are busy the
    # same work takes 20 times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    received: list[int] = []

    def stop(number: int, _: Any) -> None:
        received.append(number)
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    try:
        cli(prog_name="descent")
    except BaseException:
        if received:  # compiled code may have turned the exit into an error of its own
            sys.exit(128 + received[0])
        raise


if __name__ == "__main__":
    main()
