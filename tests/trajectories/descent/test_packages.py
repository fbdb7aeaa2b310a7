"""Every optimizer of thirteen packages: what is recorded is what the plain loop of its documentation does.

Ten of them are held to it always. All are with ``DESCENT_ZOO=1``, as ``make zoo`` says; packages that are not
installed, or in another version, are left out with a reason.
"""

import importlib
import importlib.metadata
import importlib.util
import os
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image

import descent
from descent.surfaces import get
from descent.trajectories import descend
from descent.trajectories.descent.torch_optim import complete
from descent.trajectories.results.tried import Tried
from descent.trajectories.specs.optimizer_spec import OptimizerSpec

STEPS, LR = 12, 0.01
START = (1.0, 1.5)
VERSIONS = {
    "adabelief_pytorch": "0.2.1",
    "adabound": "0.0.5",
    "adamp": "0.3.0",
    "adan_pytorch": "0.1.0",
    "came_pytorch": "0.1.3",
    "dadaptation": "3.2",
    "heavyball": "3.2.1",
    "lion_pytorch": "0.2.5",
    "madgrad": "1.3",
    "prodigyopt": "1.1.2",
    "pytorch_optimizer": "4.1.0",
    "schedulefree": "1.4.1",
    "torch_optimizer": "0.3.0",
}
CLASSES = {
    "adabelief_pytorch": "AdaBelief",
    "adabound": "AdaBound",
    "adamp": "AdamP SGDP",
    "adan_pytorch": "Adan",
    "came_pytorch": "CAME",
    "dadaptation": "DAdaptAdaGrad DAdaptAdam DAdaptAdan DAdaptLion DAdaptSGD",
    "heavyball": """AdamC AdamW AdEMAMix ADOPT HeavyKLShampoo HeavyKLSOAP HeavySOAP HeavySOAPAdEMAMix
        HeavySOAPNAdam HeavySOLP HyperBallAdamW KLShampoo KLSOAP LaProp LaPropOrtho LATHER MSAMLaProp Muon
        MuonAdamW MuonLaProp NAdam OrthoLaProp PSGDKron PSGDLRA PSGDPRO QSGD RMSprop Scion SFAdamW SGD
        SignLaProp SOAP SOAPAdEMAMix SOAPNAdam SOLP SUDSAdamW UnscaledAdamW""",
    "lion_pytorch": "Lion",
    "madgrad": "MADGRAD MirrorMADGRAD",
    "prodigyopt": "Prodigy",
    "pytorch_optimizer": """A2Grad AccSGD AdaBelief AdaBound AdaDelta AdaFactor AdaGC AdaGO AdaHessian Adai
        Adalite AdaMax AdamC AdamG AdamMini AdaMod AdamP AdamS AdaMuon AdamWSN Adan AdaNorm AdaPNM AdaShift
        AdaSmooth AdaTAM AdEMAMix ADOPT AggMo Aida Alice AliG Amos Ano APOLLO ApolloDQN ASGD AvaGrad BCOS
        CAME Conda DAdaptAdaGrad DAdaptAdam DAdaptAdan DAdaptLion DAdaptSGD DASH DiffGrad DualAdam EmoFact
        EmoLynx EmoNavi EXAdam FAdam Fira FlashAdamW FOCUS Fromage FTRL GaLore Grams Gravity GrokFastAdamW
        Kate Kron Lamb LaProp LARS Lion LoRARite MADGRAD Magma MARS MSVAG Muon MuonClip Nero NorMuon
        NovoGrad PAdam PID PNM Prodigy QHAdam QHM RACS RAdam Ranger Ranger21 ROSE SaRA ScalableShampoo
        ScheduleFreeAdamW ScheduleFreeRAdam ScheduleFreeSGD SCION SCIONLight SGDP SGDSaI SGDW Shampoo
        SignSGD SimplifiedAdEMAMix SM3 SOAP SophiaH SPAM SpectralSphere SPlus SRMM StableAdamW StableSPAM
        SWATS TAM Tiger VSGD Yogi""",
    "schedulefree": """AdamWScheduleFree AdamWScheduleFreeClosure AdamWScheduleFreePaper
        AdamWScheduleFreeReference RAdamScheduleFree RAdamScheduleFreeClosure SGDScheduleFree
        SGDScheduleFreeClosure SGDScheduleFreeReference""",
    "torch_optimizer": """A2GradExp A2GradInc A2GradUni AccSGD AdaBelief AdaBound Adafactor Adahessian
        AdaMod AdamP AggMo Apollo DiffGrad Lamb LARS MADGRAD NovoGrad PID QHAdam QHM RAdam SGDP SGDW Shampoo
        SWATS Yogi""",
}
NAMES = [f"{package}.{name}" for package, names in CLASSES.items() for name in names.split()]
TEN = {  # one of each kind
    "pytorch_optimizer.AdaHessian",
    "pytorch_optimizer.AdamMini",
    "pytorch_optimizer.AliG",
    "pytorch_optimizer.FAdam",
    "pytorch_optimizer.Lion",
    "pytorch_optimizer.Muon",
    "pytorch_optimizer.Prodigy",
    "pytorch_optimizer.Ranger21",
    "schedulefree.AdamWScheduleFree",
    "schedulefree.SGDScheduleFreeClosure",
}
# Both learn low-rank parts of matrices, and leave a vector where it is.
STILL = {"pytorch_optimizer.LoRARite", "pytorch_optimizer.SaRA"}
# Its example has a closure that returns a float. torch's own return tensors, and so do those of a run here:
# what is divided by one is rounded otherwise.
ROUNDED = {"pytorch_optimizer.AliG"}
ZOO = bool(os.environ.get("DESCENT_ZOO"))


class Loop(NamedTuple):
    """How a package's documentation says that a class is used."""

    shape: tuple[int, ...] = (2,)
    given: str = "params"  # "module" and "muon": what the optimizer is built with
    closure: str = ""  # "again": step(closure), which goes backward; "loss": one that returns the loss
    graph: bool = False  # backward(create_graph=True)
    faces: bool = False  # train() before the training, eval() before an evaluation
    dtype: str = "float64"
    options: tuple[tuple[str, object], ...] = (("lr", LR),)


MUON = Loop((1, 2), "muon")
LOOPS = {
    **{f"pytorch_optimizer.{each}": MUON for each in ("AdaGO", "AdaMuon", "Muon", "MuonClip", "NorMuon")},
    **{
        name: Loop(graph=True)
        for name in (
            "pytorch_optimizer.AdaHessian",
            "pytorch_optimizer.SophiaH",
            "torch_optimizer.Adahessian",
        )
    },
    **{f"pytorch_optimizer.ScheduleFree{each}": Loop(faces=True) for each in ("AdamW", "RAdam", "SGD")},
    **{
        f"schedulefree.{each}": Loop(
            closure="again" if "Closure" in each else "", faces="Closure" not in each
        )
        for each in CLASSES["schedulefree"].split()
    },
    **{
        f"{package}.{each}": Loop(options=())
        for package, names in {
            "pytorch_optimizer": "A2Grad Magma SaRA",
            "torch_optimizer": "A2GradExp A2GradInc A2GradUni Adafactor",
        }.items()
        for each in names.split()
    },
    "pytorch_optimizer.AdamMini": Loop(given="module"),
    "pytorch_optimizer.AliG": Loop(closure="loss", options=()),
    "pytorch_optimizer.FAdam": Loop(dtype="float32"),
    "pytorch_optimizer.Ranger21": Loop(options=(("lr", LR), ("num_iterations", STEPS))),
    "pytorch_optimizer.SPlus": Loop(faces=True),
    "pytorch_optimizer.SpectralSphere": Loop((1, 2)),
    "heavyball.MSAMLaProp": Loop(faces=True),
    "heavyball.SFAdamW": Loop(faces=True),
}


def followed(name, steps, surface, start, options):
    """Do as the documentation says for some steps; where that leads, and the point that is evaluated."""
    loop = LOOPS.get(name, Loop())
    package, _, cls = name.rpartition(".")
    kind = getattr(importlib.import_module(package), cls)
    weight = torch.nn.Parameter(torch.tensor(start, dtype=getattr(torch, loop.dtype)).reshape(loop.shape))
    module = torch.nn.Module()
    module.weight = weight
    given = {"params": [weight], "module": module, "muon": [{"params": [weight], "use_muon": True}]}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        optimizer = kind(given[loop.given], **options)
        if loop.faces:
            optimizer.train()

        def closure():
            optimizer.zero_grad()
            loss = surface(weight.reshape(-1))
            loss.backward(create_graph=loop.graph)
            return loss

        for _ in range(steps):
            loss = closure()
            if loop.closure == "loss":
                optimizer.step(lambda found=loss: float(found))
            elif loop.closure:
                optimizer.step(closure)
            else:
                optimizer.step()
        trained = weight.detach().reshape(-1).double().numpy().copy()
        if loop.faces and steps:
            optimizer.eval()
        return trained, weight.detach().reshape(-1).double().numpy().copy()


def spec_of(name, **changed):
    options = dict(LOOPS.get(name, Loop()).options) | changed
    return OptimizerSpec(name, tuple(options.items())), options


@pytest.fixture(
    params=[
        pytest.param(name, marks=[] if ZOO or name in TEN else pytest.mark.skip(reason="only in make zoo"))
        for name in NAMES
    ]
)
def name(request):
    package = request.param.partition(".")[0]
    pytest.importorskip(package, reason=f"{package} is not installed", exc_type=ImportError)
    distribution = importlib.metadata.packages_distributions()[package][0]
    if (found := importlib.metadata.version(distribution)) != VERSIONS[package]:
        pytest.skip(f"{package} {VERSIONS[package]} is meant, and {found} is installed")
    return request.param


@pytest.mark.filterwarnings("ignore")
def test_the_path_is_that_of_the_loop_of_its_documentation(name):
    surface = get("beale")
    loop, (spec, options) = LOOPS.get(name, Loop()), spec_of(name)
    run = descend(surface, spec, START, STEPS, dtype=loop.dtype)
    expected = [followed(name, k, surface, START, options) for k in range(STEPS + 1)]
    evaluated = np.array([each for _, each in expected])
    if name in ROUNDED:
        np.testing.assert_allclose(run.points, evaluated, rtol=1e-14)
    else:
        np.testing.assert_array_equal(run.points, evaluated)
    assert (run.points[1:] != run.points[:-1]).any() is np.bool_(name not in STILL)
    if loop.faces:
        np.testing.assert_array_equal(run.trained[:, :2], np.array([each for each, _ in expected]))
        assert (run.trained[:, :2] != run.points).any()
    points = torch.from_numpy(run.points).to(getattr(torch, loop.dtype))
    losses = [surface(point).item() for point in points]
    np.testing.assert_array_equal(run.losses, losses)


@pytest.mark.filterwarnings("ignore")
def test_cells_of_sweeps_and_basins_are_single_runs(name):
    loop, (spec, options) = LOOPS.get(name, Loop()), spec_of(name)
    surface = get("himmelblau")
    alone = {"rtol": 1e-12} if loop.dtype == "float64" else {"rtol": 1e-5}  # element-wise: but for rounding
    if "lr" in options:
        rates = (0.003, 0.03)
        swept = descent.sweep(surface, spec, rates, steps=STEPS, resolution=(3, 3), dtype=loop.dtype)
        for ends, losses, rate in zip(swept.ends[0], swept.losses[0], swept.rates, strict=True):
            single = descend(
                surface, spec_of(name, lr=float(rate))[0], surface.start, STEPS, dtype=loop.dtype
            )
            same = np.testing.assert_array_equal if swept.methods[0] == "one by one" else None
            compare = same or (lambda a, b: np.testing.assert_allclose(a, b, **alone))
            compare(losses, single.losses)
            compare(ends[0], single.points[-1])
    mapped = descent.basins(surface, spec, starts=3, steps=STEPS, dtype=loop.dtype)
    for row, y in enumerate(mapped.y):
        for column, x in enumerate(mapped.x):
            full = complete(spec, STEPS)
            points = descend(surface, full, (float(x), float(y)), STEPS, dtype=loop.dtype).points
            apart = np.array(
                [np.hypot(*(points - minimum.point).T) <= mapped.tolerance for minimum in surface.minima]
            )
            ends = np.flatnonzero(apart[:, -1])
            found = mapped.index[0, row, column]
            assert found == ends[0] if len(ends) else found < 0
            if len(ends):
                never = np.flatnonzero(~apart[ends[0]])
                assert mapped.steps[0, row, column] == (never[-1] + 1 if len(never) else 0)


def test_there_are_many_of_many_packages():
    assert len(NAMES) == len(set(NAMES)) > 200
    assert set(NAMES) >= TEN | LOOPS.keys()
    assert len(TEN) == 10
    assert CLASSES.keys() == VERSIONS.keys()


DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "zoo.md").read_text(encoding="utf-8")


def test_the_page_shows_them_all_in_these_versions_and_no_sheet_is_large():
    shown = {}
    for title, version, section in re.findall(r"(?ms)^## (\S+) (\S+)\n(.*?)(?=^<!-- end)", PAGE):
        package = title.replace("-", "_")
        assert VERSIONS[package] == version
        shown[package] = re.findall(r"(?m)^\| (\w+) \|", section)[1:]
        assert f"(zoo/{package}.png)" in section
        assert 1_000 < (DOCS / "zoo" / f"{package}.png").stat().st_size < 400_000
    assert {package: " ".join(names) for package, names in shown.items()} == {
        package: " ".join(sorted(names.split(), key=str.casefold)) for package, names in CLASSES.items()
    }


@pytest.fixture
def script(monkeypatch):
    monkeypatch.setenv("TORCHDYNAMO_DISABLE", "1")
    found = importlib.util.spec_from_file_location("zoo_page", DOCS / "zoo.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("ignore")
def test_rate_and_loss_of_the_page_are_those_of_a_run(name, script):
    package, _, cls = name.partition(".")
    (section,) = re.findall(rf"(?ms)^<!-- {package} -->.*?^<!-- end", PAGE)
    ((rate, loss),) = re.findall(rf"(?m)^\| {cls} \| (\S+) \| (\S+) \|", section)
    precision = "float32" if LOOPS.get(name, Loop()).dtype == "float32" else "float64"
    tried, lr = Tried(name, precision=precision), None if rate == "-" else float(rate)
    run = script.run_of(tried, lr)
    assert f"{script.last_loss(script.Shown(tried, lr, run)):.2g}" == loss


def test_a_sheet_has_a_path_in_every_small_picture(script, tmp_path):
    tried = [Tried(name, lr=0.1) for name in ("sgd", "adam", "rmsprop", "adagrad")]
    script.sheet([script.Shown(each, 0.1, script.run_of(each, 0.1)) for each in tried], tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape == (script.HEIGHT + script.TITLE, 4 * script.WIDTH, 3)
    near = np.abs(pixels - (0xC2, 0x18, 0x5B)).sum(axis=2) < 60
    assert [near[:, k * script.WIDTH : (k + 1) * script.WIDTH].sum() > 20 for k in range(4)] == [True] * 4
