"""What is said of sweeps, basin maps and differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...trajectories.regression.report import headline, verdict
from ...trajectories.reports.basins import as_json as basins_json
from ...trajectories.reports.sweep import as_json as sweep_json
from ...trajectories.reports.sweep import best_rate, good_words
from ...trajectories.results.network_sweep import NetworkSweep
from ...trajectories.results.sweep import Sweep
from ...trajectories.specs.optimizer_spec import OptimizerSpec
from ..style.numbers import amount, counted, percent_of
from .problem_words import problem_subject
from .prose import Words, landscape, listed, made, named, paragraph, place, plain
from .sweep_words import sweep_title
from .titles import title_of

if TYPE_CHECKING:
    from ...trajectories.results.abstract_sweep import AbstractSweep
    from ...trajectories.results.basins import Basins
    from ..scenes.difference import DifferenceScene
    from ..scenes.scene import BasinsScene, SweepScene

_FEW = 4  # minima of which each has its share said


def of_sweep(scene: SweepScene, moving: bool) -> Words:
    """Say what a picture of a sweep shows: each optimizer's best rate, and how many rates diverge."""
    sweep = scene.sweep
    surface = sweep if isinstance(sweep, Sweep) else None
    optimizers = sweep_json(sweep)["optimizers"]
    many = f"{counted(len(sweep.specs), 'optimizer')} at {len(sweep.rates)} learning rates"
    span = f"from {sweep.rates[0]:g} to {sweep.rates[-1]:g}"
    length = counted(sweep.length, sweep.unit)
    if surface is not None:
        length += f" from {place(surface.start[:1] if len(surface.field.y) == 1 else surface.start)}"
    form = "Animation" if moving else "Plot"
    if scene.multiples:
        form = f"Small contour {form.casefold()}s of the paths"
    else:
        form += f" of the {sweep.loss_name} against the learning rate"
    if isinstance(sweep, NetworkSweep) and sweep.has_held:
        form += ", and of the validation loss below it,"
    title = f"{sweep_title(sweep)}: learning rates"
    problem = isinstance(sweep, NetworkSweep) and sweep.training.alone
    on = problem_subject(sweep.target) if problem else f"the network {sweep_title(sweep)}"
    if surface is not None:
        on = landscape(sweep.target, curve=len(surface.field.y) == 1)
    bests = [_best(sweep, k, found) for k, found in enumerate(optimizers)]
    notes = []
    if surface is not None and surface.noise:
        seeds = (
            f", median of {len(sweep.seeds)} seeds" if len(sweep.seeds) > 1 else f" (seed {sweep.seeds[0]})"
        )
        notes.append(f"Noise of {surface.noise:g} is added to each gradient{seeds}.")
    if isinstance(sweep, NetworkSweep):
        same = "parameters" if problem else "weights and see the same batches"
        notes.append(f"All runs begin with the same {same}.")
    if sweep.stability_bound is not None:
        notes.append(f"Plain SGD is unstable here above the rate {sweep.stability_bound:.3g}.")
    first = f"{form} on {on}: {many} {span}, {length}."
    judged = f"Best is {sweep.judged}."
    if any(sweep.good_ranges):
        judged += f" Good: {sweep.good_means}."
    caption = [
        f"{listed([named(spec, sweep.specs) for spec in sweep.specs])} at {len(sweep.rates)} learning rates "
        f"{span} on {on}, {length}.",
        _winner(sweep),
        *notes,
        *made(map(OptimizerSpec.parse, sweep.specs), sweep.versions),
    ]
    return Words(plain(title), paragraph([first], [*bests, judged], notes), plain(" ".join(caption)))


def _best(sweep: AbstractSweep, k: int, found: dict[str, Any]) -> str:
    """Say in a sentence or two what came of an optimizer's rates."""
    name, rates = named(sweep.specs[k], sweep.specs), len(sweep.rates)
    lost = rates - int(sweep.usable[k].sum())
    if found["best_lr"] is None:
        where = " and in the view" * isinstance(sweep, Sweep)
        return f"{name} stays finite{where} at none of the {rates} rates."
    best = sweep.best[k]
    words = f"{name} is best at lr {best_rate(sweep, k)} with loss {amount(float(sweep.final[k, best]))}"
    words += f", {good_words(sweep, k)}".rstrip(", ")
    gone = {0: "none of its rates diverges", 1: f"1 of {rates} rates diverges"}.get(
        lost, f"{lost} of {rates} rates diverge"
    )
    return f"{words}; {gone}."


def _winner(sweep: AbstractSweep) -> str:
    """Say in a caption which optimizer came lowest, and at which rate."""
    ends = [(float(sweep.final[k, best]), k) for k, best in enumerate(sweep.best) if best is not None]
    if not ends:
        return f"No run stays finite{' and in the view' * isinstance(sweep, Sweep)}."
    loss, k = min(ends)
    at = f"at lr {best_rate(sweep, k)}, with loss {amount(loss)}"
    name = named(sweep.specs[k], sweep.specs)
    return f"{name} ends lowest, {at}." if len(sweep.specs) > 1 else f"It ends lowest {at}."


def of_basins(scene: BasinsScene, moving: bool) -> Words:
    """Say what a basin map shows: the share of the starts that each minimum draws."""
    basins = scene.basins
    on, total = landscape(basins.target, curve=len(basins.field.y) == 1), basins.starts**2
    form = "Animated map" if moving else "Map"
    several = "s" * (len(basins.specs) > 1)
    first = (
        f"{form}{several} of which minimum each of {basins.starts} x {basins.starts} starts reaches on {on} "
        f"in {counted(basins.budget, 'step')}."
    )
    found = basins_json(basins)["optimizers"]
    said = [f"{named(spec, basins.specs)}: {_shares(basins, found[spec], total)}." for spec in basins.specs]
    near = f"A start reaches a minimum when its run ends within {basins.tolerance:.3g} of it."
    caption = [
        f"Which minimum each start reaches on {on} in {counted(basins.budget, 'step')}, by "
        f"{listed([named(spec, basins.specs) for spec in basins.specs])}.",
        _settled(basins, total),
        *made(map(OptimizerSpec.parse, basins.specs), basins.versions),
    ]
    return Words(
        plain(f"{title_of(basins.target)}: basins"),
        paragraph([first], [*said, near], []),
        plain(" ".join(caption)),
    )


def _shares(basins: Basins, found: dict[str, Any], total: int) -> str:
    """Say which share of the starts reaches each minimum, diverges, or does neither."""
    one = len(basins.field.y) == 1
    reached = sorted((each for each in found["basins"] if each["count"]), key=lambda each: -each["count"])
    words = [
        f"{percent_of(each['count'], total)} {'reach ' if number else 'of the starts reach '}"
        f"{place(each['minimum'][:1] if one else each['minimum'])}"
        for number, each in enumerate(reached[:_FEW])
    ] or ["no start reaches a known minimum"]
    if len(reached) > _FEW:
        rest = sum(each["count"] for each in reached[_FEW:])
        words.append(f"{percent_of(rest, total)} one of {len(reached) - _FEW} others")
    if found.get("outside_the_domain"):
        words.append(f"{percent_of(found['outside_the_domain'], total)} end outside the domain")
    if found["diverged"]:
        words.append(f"{percent_of(found['diverged'], total)} diverge")
    if found["unsettled"]:
        words.append(f"{percent_of(found['unsettled'], total)} settle at no known minimum")
    return listed(words)


def _settled(basins: Basins, total: int) -> str:
    """Say in a caption from how many starts the best and the worst optimizer reach a minimum."""
    reached = [int(counts.sum()) for counts in basins.counts]
    if len(reached) == 1:
        return f"{percent_of(reached[0], total)} of the starts reach a known minimum."
    best, worst = reached.index(max(reached)), reached.index(min(reached))
    first, last = (named(basins.specs[k], basins.specs) for k in (best, worst))
    most = f"{first} reaches a known minimum from {percent_of(reached[best], total)} of them"
    if reached[best] == reached[worst]:
        return f"Each reaches a known minimum from {percent_of(reached[best], total)} of them."
    return f"{most}, {last} from {percent_of(reached[worst], total)}."


def of_difference(scene: DifferenceScene, _: bool) -> Words:
    """Say what a picture of a difference shows: where two runs part, and what that looks like."""
    about = scene.difference.runs[scene.place]
    recipe = scene.expected.recipe
    name = named(about.spec)
    on = (
        landscape(recipe.target, curve=len(scene.expected.field.y) == 1)
        if recipe.training is None
        else f"the network {recipe.target}"
    )
    first = f"Plot of two runs of {name} on {on}, the expected one and the one that was found."
    if about.first is None:
        said = [f"They are the same within tolerance {scene.difference.tolerance.name}."]
    else:
        said = [f"The found run differs {headline(about.first)}.", verdict(about)]
    differing = sum(not run.same for run in scene.difference.runs)
    runs = len(scene.difference.runs)
    notes = [f"{differing} of {runs} runs differ{'s' * (differing == 1)}."] if runs > 1 else []
    return Words(
        plain(f"{title_of(recipe.target) if recipe.training is None else recipe.target}: difference"),
        paragraph([first], said, notes),
        plain(" ".join([f"{name} on {on}, expected and found.", *said[:1], *notes])),
    )
