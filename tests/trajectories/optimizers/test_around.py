"""One optimizer inside another, as text: it runs as a loop that builds both by hand."""

import json
import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest
import torch

import descent
from descent import DescentError, OptimizerSpec
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.descent.batching import why_alone
from descent.trajectories.descent.torch_optim import complete
from descent.trajectories.experiments.budget import Budget
from descent.trajectories.experiments.rerun import again
from descent.trajectories.results.foreign import foreign_names
from descent.trajectories.specs.labels import label, titles
from descent.trajectories.specs.optimizer_spec import cross, unique

BEALE, START, STEPS = get("beale"), (1.0, 1.5), 12


class Half:
    """Steps back half of the way; given an optimizer that is made already. No optimizer by its class."""

    def __init__(self, base, share: float = 0.5):
        self.base, self.share = base, share

    param_groups = property(lambda self: self.base.param_groups)
    state = property(lambda self: self.base.state)

    def zero_grad(self):
        self.base.zero_grad()

    @torch.no_grad()
    def step(self):
        for each in self.param_groups[0]["params"]:
            before = each.clone()
            self.base.step()
            each.lerp_(before, self.share)


class Sharp(torch.optim.Optimizer):
    """SAM, given the class of what makes its steps, and options to hand on."""

    def __init__(self, params, base_optimizer, rho: float = 0.05, **kwargs):
        super().__init__(params, {"rho": rho, **kwargs})
        self.base_optimizer = base_optimizer(self.param_groups, **kwargs)
        self.param_groups = self.base_optimizer.param_groups

    @torch.no_grad()
    def step(self, closure=None):
        (each,) = self.param_groups[0]["params"]
        away = self.param_groups[0]["rho"] * each.grad / each.grad.norm()
        each.add_(away)
        with torch.enable_grad():
            closure()
        each.sub_(away)
        self.base_optimizer.step()


@pytest.fixture(autouse=True)
def package(monkeypatch):
    module = ModuleType("around_others")
    module.__dict__.update(Half=Half, Sharp=Sharp)
    monkeypatch.setitem(sys.modules, module.__name__, module)


def loop(make, closure=False, steps=STEPS):
    """A plain loop: where an optimizer leads from the start, (steps + 1, 2)."""
    point = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer, path = make([point]), [point.detach().clone()]

    def evaluate():
        optimizer.zero_grad()
        loss = BEALE(point)
        loss.backward()
        return loss

    for _ in range(steps):
        evaluate()
        optimizer.step(*([evaluate] if closure else []))
        path.append(point.detach().clone())
    return torch.stack(path).numpy()


def test_what_is_inside_is_built_as_the_class_takes_it():
    run = descend(BEALE, "around_others.Half(sgd:lr=0.01,momentum=0.9):share=0.25", START, STEPS)
    expected = loop(lambda params: Half(torch.optim.SGD(params, lr=0.01, momentum=0.9), 0.25))
    np.testing.assert_array_equal(run.points, expected)
    sharp = descend(BEALE, "around_others.Sharp(sgd:lr=0.01,momentum=0.5):rho=0.1", START, STEPS)
    expected = loop(lambda params: Sharp(params, torch.optim.SGD, rho=0.1, lr=0.01, momentum=0.5), True)
    np.testing.assert_array_equal(sharp.points, expected)
    assert sharp.evaluations == 2 * STEPS


TWICE = {
    "pytorch_optimizer.SAM(sgd:lr=0.003,momentum=0.9):rho=0.05": lambda p, params: p.SAM(
        params, torch.optim.SGD, rho=0.05, lr=0.003, momentum=0.9
    ),
    "pytorch_optimizer.Lookahead(adam:lr=0.1):k=3,alpha=0.8": lambda p, params: p.Lookahead(
        torch.optim.Adam(params, lr=0.1), k=3, alpha=0.8
    ),
    "pytorch_optimizer.OrthoGrad(sgd:lr=0.01)": lambda p, params: p.OrthoGrad(
        torch.optim.SGD(params, lr=0.01)
    ),
    "pytorch_optimizer.TRAC(adamw:lr=0.1)": lambda p, params: p.TRAC(torch.optim.AdamW(params, lr=0.1)),
    "pytorch_optimizer.ScheduleFreeWrapper(sgd:lr=0.01):momentum=0.8": lambda p, params: (
        p.ScheduleFreeWrapper(torch.optim.SGD(params, lr=0.01), momentum=0.8)
    ),
    "pytorch_optimizer.Lookahead(pytorch_optimizer.SAM(sgd:lr=0.003):rho=0.1):k=3": lambda p, params: (
        p.Lookahead(p.SAM(params, torch.optim.SGD, rho=0.1, lr=0.003), k=3)
    ),
}


@pytest.mark.parametrize("spec", TWICE)
def test_wrappers_in_use_run_as_their_documentation_builds_them(spec):
    package = pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    run = descend(BEALE, spec, START, STEPS)

    def make(params):
        made = TWICE[spec](package, params)
        if callable(getattr(made, "train", None)):
            made.train()
        return made

    where = run.points if run.trained is None else run.trained[:, :2]
    np.testing.assert_array_equal(where, loop(make, "SAM" in spec))


def test_a_spec_is_read_and_written_and_completed():
    text = "around_others.Half( SGD :lr=0.1, momentum=0.9 ) : share=0.25 @ cosine"
    spec = OptimizerSpec.parse(text)
    assert str(spec) == "around_others.Half(sgd:lr=0.1,momentum=0.9):share=0.25@cosine"
    assert OptimizerSpec.parse(str(spec)) == spec
    assert str(complete(spec, 30)) == str(spec) + ":T_max=30"
    assert str(complete(OptimizerSpec.parse("around_others.Half(adam)"), 9)) == (
        "around_others.Half(adam:lr=0.001)"
    )
    assert spec.names == ("around_others.Half", "sgd")
    assert (spec.lr, spec.with_lr(0.2).lr, spec.without_lr().lr) == (0.1, 0.2, None)
    swapped = OptimizerSpec.parse("ema(sgd:momentum=0.9,lr=0.1)")
    assert len(unique([OptimizerSpec.parse("ema(sgd:lr=0.1,momentum=0.9)"), swapped])) == 1
    crossed = cross([OptimizerSpec.parse("ema(sgd)")], [0.1, 0.2])
    assert [each.lr for each in crossed] == [0.1, 0.2]


def test_its_words_name_both():
    spec = OptimizerSpec.parse("around_others.Half(sgd:lr=0.1,momentum=0.9):share=0.25@cosine")
    words = label(spec)
    assert (words.title, words.rate) == ("Half(SGD)", "lr 0.1")
    assert words.details == "SGD momentum 0.9; share 0.25; CosineAnnealingLR"
    one, other = (OptimizerSpec.parse(f"{name}.SAM(sgd:lr=0.1)") for name in ("first", "second"))
    assert titles([one, other]) == ["first.SAM(SGD)", "second.SAM(SGD)"]
    inside = [OptimizerSpec.parse(f"ema({name}.RAdam:lr=0.1)") for name in ("first", "second")]
    assert titles(inside) == ["EMA(first.RAdam)", "EMA(second.RAdam)"]


def test_recordings_sweeps_files_and_grids_take_it(tmp_path):
    specs = ["around_others.Half(sgd:momentum=0.9)", "sgd"]
    recording = descent.record("beale", specs, lr=[0.001, 0.003], steps=5)
    assert recording.recipe.specs[0] == "around_others.Half(sgd:lr=0.001,momentum=0.9)"
    assert recording.recipe.methods[0] == "one by one"
    saved = descent.load(recording.save(tmp_path / "a.npz"))
    np.testing.assert_array_equal(
        again(saved.recipe, budget=Budget(imports=True)).trajectories[1].points,
        recording.trajectories[1].points,
    )
    said = descent.still(recording, grid="optimizer,lr")
    said.save(tmp_path / "a.png")
    assert "Half(SGD)" in said.alt
    swept = descent.sweep("beale", specs, lr="0.001,0.003", steps=5)
    assert swept.specs == ("around_others.Half(sgd:momentum=0.9)", "sgd")
    np.testing.assert_array_equal(swept.losses[0, 1], recording.trajectories[1].losses)


def test_a_file_from_a_stranger_names_what_is_inside_too():
    found = foreign_names("beale", ["ema(lions.Lion:lr=0.1)", "bad.Wrap(ema(evil.One:lr=0.1))"])
    assert [each.name for each in found] == ["lions.Lion", "bad.Wrap", "evil.One"]
    assert foreign_names("beale", ["ema(sgd:lr=0.1)"]) == ()


def test_runs_that_go_around_another_go_one_by_one():
    assert why_alone(complete(OptimizerSpec.parse("ema(sgd:lr=0.1)"), 5)) == (
        "EMA(SGD) must run alone: it goes around another optimizer"
    )


REFUSED = {
    "ema(sdg:lr=0.1)": "unknown optimizer 'sdg'; did you mean 'sgd'",
    "emma(sgd:lr=0.1)": "unknown optimizer around another 'emma'; did you mean 'ema'",
    "sgd(adam)": "SGD goes around no other optimizer; allowed before a parenthesis: ema, swa, or pack",
    "ema:decay=0.9": r"ema goes around another optimizer; name it in parentheses, as in ema\(sgd:lr=0.1\)",
    "around_others.Half:share=0.1": r"in parentheses, as in around_others.Half\(sgd:lr=0.01\)",
    "around_others.Sharp:lr=0.1": r"in parentheses, as in around_others.Sharp\(sgd:lr=0.01\)",
    "ema(sgd:lr=0.1": "opens a parenthesis that it does not close",
    "ema(sgd))": "follows a parenthesis; what may follow is :option=value or @schedule",
    "sgd):lr=1": "closes a parenthesis that it does not open",
    "ema(sgd@cosine)": r"a schedule is of the whole and stands behind the parenthesis, as in ema\(sgd\)@",
    "ema(sgd:clip=1)": r"accumulate, zero_grad or clip is of the whole .* as in ema\(sgd\):clip=1",
    "around_others.Sharp(sgd):lr=0.1": r"no option 'lr'. What is of SGD stands inside: "
    r"around_others.Sharp\(sgd:lr=0.1\)",
    "ema(ema(ema(ema(sgd))))": "at most 4 optimizers go around one another",
    "ema(" * 5000 + "sgd" + ")" * 5000: "at most 4 optimizers go around one another",
    "ema(" * 100_000: "opens a parenthesis that it does not close",
    "ema()": "optimizer '' has no name",
    "ema(sgd):decay=2": "ema cannot run like this: Invalid decay value 2",
    "swa(sgd):start=-3": "start is a step, at least 0, and not -3",
    "swa(sgd):begin=3": "swa has no option 'begin'",
    "around_others.Half(around_others.Half:lr=1)": "goes around another optimizer; name it in parentheses",
    "torch.optim.SGD(adam)": "SGD goes around no other optimizer",
    "around_others.Nothing(sgd)": "no 'Nothing'",
}


@pytest.mark.parametrize("spec", REFUSED, ids=lambda text: text[:40])
def test_what_cannot_be_meant_is_a_sentence(spec):
    with pytest.raises(DescentError, match=REFUSED[spec]) as raised:
        descend(BEALE, spec, START, 2)
    assert len(str(raised.value)) < 600


def test_specs_made_in_python_are_held_to_the_same():
    inner = OptimizerSpec("sgd", (("lr", 0.1),))
    assert str(OptimizerSpec("ema", inner=inner)) == "ema(sgd:lr=0.1)"
    for wrong, words in (
        (lambda: OptimizerSpec("ema", inner="sgd"), "inside 'ema' stands an optimizer spec, not 'sgd'"),
        (lambda: OptimizerSpec(factory=Half, inner=inner), "which makes what it goes around itself"),
        (lambda: OptimizerSpec("a.B(c)", inner=inner), "unknown optimizer"),
        (lambda: OptimizerSpec("sgd", (("lr", 0.1), ("mode", "f(x)"))), "cannot be used in a spec"),
    ):
        with pytest.raises(DescentError, match=words):
            wrong()
    deep = OptimizerSpec.parse("ema(ema(ema(sgd)))")
    with pytest.raises(DescentError, match="at most 4"):
        OptimizerSpec("ema", inner=deep)


def test_a_factory_may_stand_inside_from_python():
    def ball(params):
        return torch.optim.SGD(params, lr=0.01, momentum=0.9)

    spec = OptimizerSpec("around_others.Half", inner=OptimizerSpec(factory=ball))
    run = descend(BEALE, spec, START, STEPS)
    np.testing.assert_array_equal(run.points, loop(lambda params: Half(ball(params))))
    assert run.spec == "around_others.Half(given.ball)"
    recording = descent.record("beale", spec, steps=3)
    with pytest.raises(DescentError, match="was made by a function of Python"):
        again(recording.recipe, budget=Budget(imports=True))


def test_networks_train_by_it():
    options = {"data": "moons", "epochs": 1, "resolution": (8, 8)}
    (one,) = descent.record("logistic", "around_others.Half(sgd:lr=0.2):share=0", **options).trajectories
    (other,) = descent.record("logistic", "sgd:lr=0.2", **options).trajectories
    np.testing.assert_array_equal(one.points, other.points)


@pytest.mark.slow
def test_the_shell_takes_it_in_quotes(tmp_path):
    line = "from descent.cli import main; main()"
    words = [*("compare", "beale", "-o", "ema(sgd:lr=0.01):decay=0.9", "--steps", "5", "--json")]
    made = subprocess.run(
        [sys.executable, "-c", line, *words, "--save", "a.npz", "--out", "a.svg"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(made.stdout)["runs"][0]["optimizer"] == "ema(sgd:lr=0.01):decay=0.9"
    for word in ("recipe", "again"):
        more = ["--out", "b.svg"] if word == "again" else []
        found = subprocess.run(
            [sys.executable, "-c", line, word, "a.svg", *more],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert word == "again" or "'ema(sgd:lr=0.01):decay=0.9'" in found.stdout
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


class Lion(torch.optim.SGD):
    """Two packages have one of this name."""


def test_classes_of_one_name_are_told_apart_wherever_several_are_named(monkeypatch):
    from descent.trajectories.reports import basins as of_basins
    from descent.trajectories.reports import sweep as of_sweep
    from descent.trajectories.reports.network_runs import network_table

    for name in ("first_lions", "second_lions"):
        module = ModuleType(name)
        module.Lion = Lion
        monkeypatch.setitem(sys.modules, name, module)
    specs = ["first_lions.Lion:lr=0.01", "second_lions.Lion:lr=0.01", "ema(second_lions.Lion:lr=0.01)"]
    names = ("first_lions.Lion", "second_lions.Lion", "EMA(Lion)")
    swept = descent.sweep("beale", specs, lr="0.001,0.01", steps=3)
    maps = descent.basins("himmelblau", specs, starts=2, steps=2)
    runs = descent.record("beale", specs, steps=3, resolution=(4, 4))
    trained = descent.record("logistic", specs, data="moons", epochs=1, resolution=(4, 4))
    texts = [of_sweep.as_table(swept), of_basins.as_table(maps), network_table(trained, trained.training)]
    for made in (swept, maps, runs, trained):
        said = descent.still(made)
        texts += [said.alt, said.caption]
    for text in texts:
        for name in names[: 3 if "EMA" in text else 2]:
            assert name in text, text


def test_a_recipe_names_the_versions_of_all_packages(monkeypatch):
    pytest.importorskip("pytorch_optimizer", reason="pytorch-optimizer is not installed")
    recording = descent.record(
        "beale", "ema(pytorch_optimizer.Lion:lr=0.01):decay=0.9", steps=2, resolution=(4, 4)
    )
    assert "pytorch_optimizer" in dict(recording.recipe.versions)
    assert "pytorch_optimizer" in descent.still(recording).caption


def test_problems_and_diagnoses_take_it_and_judge_the_evaluated_point():
    problem = "factorization:rows=3,cols=3,rank=1"
    averaged, plain = descent.record(
        problem, ["ema(sgd:lr=0.05):decay=0.9", "sgd:lr=0.05"], steps=8, resolution=(4, 4)
    ).trajectories
    np.testing.assert_allclose(averaged.trained[:, 2], plain.losses, rtol=1e-5)
    assert (np.abs(averaged.losses - plain.losses)[3:] > 1e-5).all()
    found = descent.diagnose("ema(sgd):decay=0.5", lr=0.1)
    assert found.specs[0] == "ema(sgd:lr=0.1):decay=0.5"
