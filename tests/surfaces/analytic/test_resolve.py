"""What a user may write or pass for a surface, and what is said when it is none."""

from __future__ import annotations

import functools
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import torch

import descent.surfaces
from descent.surfaces import Surface, get, names
from descent.surfaces.catalogue import CATALOGUE
from descent.surfaces.errors import DescentError

if TYPE_CHECKING:
    from pathlib import Path

POINT = torch.tensor([[1.0, 2.0], [3.0, -1.0]], dtype=torch.float64)
VIEW = ((0.0, 10.0), (-2.0, 2.0))


# Names


@pytest.mark.parametrize(
    "written", ["goldstein_price", "Goldstein-Price", " GOLDSTEIN_PRICE ", "goldstein-price"]
)
def test_case_and_hyphens_do_not_matter(written: str) -> None:
    assert get(written).name == "goldstein_price"


@pytest.mark.parametrize("name", names())
def test_the_catalogue_builds(name: str) -> None:
    assert get(name).name == name
    assert CATALOGUE[name].builder.count(":") == 1


def test_a_plain_surface_is_the_same_each_time() -> None:
    assert get("beale") == get("beale")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("beal", ["unknown surface 'beal'", "'beale'", "descent list surfaces", "48"]),
        ("rosenbrok:a=1", ["unknown surface 'rosenbrok'", "'rosenbrock'"]),
        ("zzzzqq", ["unknown surface 'zzzzqq'", "descent list surfaces"]),
        ("", ["no surface is named", "descent list surfaces"]),
        (":a=1", ["no surface is named"]),
        ("quadratic:kondition=3", ["'kondition'", "'condition'", "angle"]),
        ("quadratic:a=3", ["option of surface 'quadratic' 'a'", "condition, angle"]),
        ("beale:a=3", ["'beale' has no options", "'a'"]),
        ("quadratic:condition", ["is not an option"]),
        ("quadratic:", ["is not an option"]),
        ("quadratic:condition=1,condition=2", ["twice"]),
        ("quadratic:condition=0", ["condition of surface 'quadratic'", "1e-06 to 1e+06", "not 0"]),
        ("quadratic:condition=nan", ["must be a number", "nan"]),
        ("quadratic:condition=inf", ["must be a number", "inf"]),
        ("quadratic:condition=true", ["must be a number", "True"]),
        ("quadratic:condition=soft", ["must be a number", "'soft'"]),
        ("quadratic:condition=1/2", ["must be a number", "(1, 2)"]),
        ("quadratic:angle=400", ["-360 to 360", "400"]),
        ("rosenbrock:b=0", ["b of surface 'rosenbrock'", "not 0"]),
        ("rosenbrock:a=1000", ["-100 to 100", "1000"]),
        ("expr:", ["empty"]),
        ("expr:foo", ["'foo'"]),
    ],
)
def test_what_is_wrong_is_said(target: str, says: list[str]) -> None:
    with pytest.raises(DescentError) as caught:
        get(target)
    for part in says:
        assert part in str(caught.value)


# Options


def test_options_reach_the_surface_and_its_name() -> None:
    surface = get("Quadratic:angle=30,condition=100")
    assert surface.name == "quadratic:condition=100,angle=30"
    assert get(surface.name).name == surface.name
    assert get("quadratic:condition=10").name == "quadratic"


def test_the_quadratic_has_the_stated_curvatures_along_the_stated_directions() -> None:
    hessian = torch.autograd.functional.hessian(get("quadratic:condition=25,angle=90"), POINT[0])
    torch.testing.assert_close(hessian, torch.diag(torch.tensor([25.0, 1.0], dtype=torch.float64)))
    hessian = torch.autograd.functional.hessian(get("quadratic:condition=25,angle=30"), POINT[0])
    along = torch.tensor([3**0.5 / 2, 0.5], dtype=torch.float64)
    torch.testing.assert_close(hessian @ along, along)


@pytest.mark.parametrize("condition", [1, 10, 100, 10_000])
def test_the_rate_for_sgd_suits_every_condition(condition: int) -> None:
    assert get(f"quadratic:condition={condition}").rates["sgd"] * condition < 2


def test_rosenbrock_scales_with_a() -> None:
    surface = get("rosenbrock:a=3,b=10")
    assert surface.minima[0].point == (3, 9)
    assert surface.view == ((-6, 6), (-9, 27))
    assert surface(POINT).tolist() == [(3 - 1) ** 2 + 10 * (2 - 1) ** 2, 10 * (-1 - 9) ** 2]


# Views


def test_a_view_replaces_only_the_view_of_a_known_surface() -> None:
    surface = get("beale", view=VIEW)
    assert surface.view == VIEW
    assert surface.domain == get("beale").domain
    assert surface.start == get("beale").start
    assert get(get("beale"), view=VIEW) == surface


def test_a_formulas_start_follows_its_view() -> None:
    assert get("expr:x + y").view == ((-5, 5), (-5, 5))
    assert get("expr:x + y").start == (-4.0, 3.5)
    surface = get("expr:x + y", view=VIEW)
    assert surface.view == surface.domain == VIEW
    assert surface.start == pytest.approx((1.0, 1.4))


@pytest.mark.parametrize("target", ["expr:(x - 5)**2", lambda x: (x - 5) ** 2], ids=["formula", "function"])
def test_a_loss_of_x_alone_has_one_parameter(target) -> None:
    surface = get(target, view=(-2.0, 10.0))
    assert surface.parameters == 1
    assert surface.view[0] == (-2.0, 10.0)
    assert surface.start == pytest.approx((-0.8, 0.0))
    points = torch.tensor([[5.0], [7.0]], dtype=torch.float64)
    assert surface(points).tolist() == [0.0, 4.0]


def test_a_function_of_pairs_keeps_its_two_parameters() -> None:
    for function in (
        lambda xy: (xy**2).sum(dim=-1),
        lambda xy: xy[..., 0] ** 2,
        lambda x, y: (x - 5) ** 2 + 0 * y,
    ):
        assert get(function).parameters == 2


def test_a_view_may_be_lists_of_integers() -> None:
    assert get("beale", view=[[0, 1], [2, 3]]).view == ((0.0, 1.0), (2.0, 3.0))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "view",
    [
        ((1, 0), (0, 1)),
        ((0, 0), (0, 1)),
        ((0, float("inf")), (0, 1)),
        ((0, float("nan")), (0, 1)),
        (0, 1, 2, 3),
        ((0, 1),),
        "abcd",
        (("a", "b"), (0, 1)),
        7,
    ],
    ids=str,
)
@pytest.mark.parametrize("target", ["beale", "expr:x"])
def test_a_view_that_is_none_is_refused(target: str, view: object) -> None:
    with pytest.raises(DescentError, match="view"):
        get(target, view=view)  # type: ignore[arg-type]


# Formulas


@pytest.mark.parametrize("target", ["expr:x**2 + 3*y", "EXPR: x**2 + 3*y "])
def test_a_formula_is_a_surface(target: str) -> None:
    surface = get(target)
    assert surface.name == "expr:x**2 + 3*y"
    assert surface(POINT).tolist() == [7, 6]
    assert surface.minima == ()


def test_a_formula_may_hold_colons_commas_and_equals_signs_without_being_taken_for_options() -> None:
    assert get("expr:min(x, y)")(POINT).tolist() == [1, -1]
    with pytest.raises(DescentError, match="formula"):
        get("expr:a=1,b=2")


# Functions


def of_two(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x + 10 * y


def of_one(xy: torch.Tensor) -> torch.Tensor:
    return xy[..., 0] + 10 * xy[..., 1]


def with_defaults(
    x: torch.Tensor, y: torch.Tensor, scale: float = 10.0, *, shift: float = 0.0
) -> torch.Tensor:
    return x + scale * y + shift


class Callable:
    def __call__(self, xy: torch.Tensor) -> torch.Tensor:
        return of_one(xy)


FUNCTIONS = {
    "of_two": of_two,
    "of_one": of_one,
    "with_defaults": with_defaults,
    "<lambda>": lambda x, y: x + 10 * y,
    "Callable": Callable(),
    "partial": functools.partial(with_defaults, scale=10.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_two_tensors_or_of_one_is_a_surface(name: str) -> None:
    surface = get(FUNCTIONS[name], view=VIEW)
    assert surface(POINT).tolist() == [21, -7]
    assert surface.name == name
    assert (surface.view, surface.start) == (VIEW, pytest.approx((1.0, 1.4)))


def no_arguments() -> None: ...


def three(x: object, y: object, z: object) -> None: ...


def named(x: object, *, y: object) -> None: ...


def star(*xy: object) -> None: ...


@pytest.mark.parametrize("function", [no_arguments, three, named, star, torch.hypot])
def test_a_function_of_something_else_is_refused(function: object) -> None:
    with pytest.raises(DescentError, match="x and y"):
        get(function)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "target", [3, None, ["beale"], POINT, Surface], ids=lambda value: type(value).__name__
)
def test_what_is_no_function_is_refused(target: object) -> None:
    with pytest.raises(DescentError, match="is not a surface; allowed: a name from `descent list surfaces`"):
        get(target)  # type: ignore[arg-type]


def test_a_function_that_returns_the_wrong_shape_is_told_when_it_is_called() -> None:
    with pytest.raises(DescentError, match="one loss a point"):
        get(lambda xy: xy.sum())(POINT)
    with pytest.raises(DescentError, match="one loss a point"):
        get(lambda x, y: 3.0)(POINT)


# Import paths


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    package = tmp_path / "lab_of_losses"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "hills.py").write_text(
        "import descent.surfaces\n"
        "def two(x, y): return x + 10 * y\n"
        "def one(xy): return xy[..., 0] + 10 * xy[..., 1]\n"
        "class Hill:\n"
        "    @staticmethod\n"
        "    def side(x, y): return x + 10 * y\n"
        "ready = descent.surfaces.get('beale')\n"
        "number = 3\n"
    )
    (package / "broken.py").write_text("1 / 0\n")
    (package / "needy.py").write_text("import a_module_that_is_not_there\n")
    (package / "wrong.py").write_text("def (:\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "lab_of_losses"
    for name in [name for name in sys.modules if name.startswith("lab_of_losses")]:
        del sys.modules[name]


@pytest.mark.parametrize("function", ["two", "one", "Hill.side"])
def test_an_import_path_is_a_surface(module: str, function: str) -> None:
    target = f"{module}.hills:{function}"
    surface = get(target)
    assert surface.name == target
    assert surface(POINT).tolist() == [21, -7]


def test_an_import_path_may_name_a_surface(module: str) -> None:
    assert get(f"{module}.hills:ready").name == "beale"
    assert get(f"{module}.hills:ready", view=VIEW).view == VIEW


@pytest.mark.parametrize(
    ("target", "says", "cause"),
    [
        ("hills:towo", ["unknown name in module", ".hills': 'towo'", "'two'"], None),
        ("hills:number", ["lab_of_losses.hills:number", "is not a surface"], None),
        ("hills:Hill", ["lab_of_losses.hills:Hill", "is not a surface"], None),
        ("nowhere:two", ["no module 'lab_of_losses.nowhere'"], ModuleNotFoundError),
        ("broken:two", ["importing 'lab_of_losses.broken' failed", "ZeroDivisionError"], ZeroDivisionError),
        ("needy:two", ["importing 'lab_of_losses.needy' failed", "a_module_that"], ModuleNotFoundError),
        ("wrong:two", ["importing 'lab_of_losses.wrong' failed", "SyntaxError"], SyntaxError),
    ],
)
def test_an_import_that_fails_says_why(
    module: str, target: str, says: list[str], cause: type[Exception] | None
) -> None:
    with pytest.raises(DescentError) as caught:
        get(f"{module}.{target}")
    for part in says:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)
    assert cause is None or isinstance(caught.value.__cause__, cause)


@pytest.mark.parametrize("target", ["not_a_module_here:f", "not_a_module_here.inner:f", "a..b:f", ".x:f"])
def test_a_module_that_is_not_there_is_said(target: str) -> None:
    with pytest.raises(DescentError, match=r"no module|importing|unknown surface"):
        get(target)


# The package's face


def test_the_package_offers_its_names_and_no_others() -> None:
    assert set(descent.surfaces.__all__) <= set(dir(descent.surfaces))
    for name in descent.surfaces.__all__:
        assert getattr(descent.surfaces, name) is not None
    with pytest.raises(AttributeError, match="'nothing'"):
        descent.surfaces.nothing  # noqa: B018


@pytest.mark.slow
def test_names_and_fields_load_no_torch() -> None:
    program = (
        "import sys, descent.surfaces as s; s.names(); dir(s); s.Surface; s.Minimum; s.get; "
        "assert not {'torch', 'numpy', 'matplotlib'} & set(sys.modules); "
        "s.Field; s.sample; assert not {'torch', 'matplotlib'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
