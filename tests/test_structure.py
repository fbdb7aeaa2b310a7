"""The house rules that a machine can check, read from the source without running it."""

import ast
import re
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from descent.surfaces.imports import own
from descent.viz.files.formats import FORMATS
from descent.viz.scenes.panel_table import PANELS

ROOT = Path(__file__).parents[1]
ROOMS = ("surfaces", "trajectories", "viz", "commands", "courses", "sphinxext")

# Every folder, and the folders whose modules its own may import, even from inside a function. A name stands
# for the modules that lie in it, not for its folders. Nothing is exempt; a room's `__init__.py` names what is
# inside it, so that one may import from every folder of its own room.
NUMPY_PART = {  # of trajectories: what a picture may know
    "trajectories",
    "trajectories/specs",
    "trajectories/results",
    "trajectories/reports",
    "trajectories/regression",
}
SCENES = {"surfaces", "viz/style", *NUMPY_PART}
WORDS = SCENES | {"viz/scenes"}
CANVAS = {"surfaces", "viz/style", "viz/scenes"}
CONTOUR = {"surfaces", "trajectories/results", "viz/style", "viz/scenes", "viz/words", "viz/canvas"}
PAGES = CONTOUR | {"trajectories/specs", "trajectories/regression", "viz/contour", "viz/charts", "viz/relief"}
SURFACES = {
    "surfaces",
    "surfaces/analytic",
    "surfaces/data",
    "surfaces/networks",
    "surfaces/problems",
}
OF_OPTIMIZERS = {"surfaces", "trajectories", "trajectories/specs", "trajectories/results"}
DESCENT = OF_OPTIMIZERS | {"trajectories/optimizers"}
PROBLEMS = DESCENT | SURFACES | {"trajectories/descent", "trajectories/training"}
EXPERIMENTS = PROBLEMS | {"trajectories/problems"}
VIZ = NUMPY_PART | {"surfaces", "viz/style", "viz/scenes", "viz/words", "viz/canvas", "viz/files"}
COMMANDS = (
    EXPERIMENTS
    | NUMPY_PART
    | VIZ
    | {
        "viz",
        "viz/documents",
        "viz/explore",
        "trajectories/experiments",
        "trajectories/diagnosis",
        "trajectories/matching",
        "trajectories/testing",
    }
)
FLOORS = {
    "surfaces": set(),
    "surfaces/analytic": {"surfaces"},
    "surfaces/data": {"surfaces", "surfaces/analytic"},
    "surfaces/networks": {"surfaces", "surfaces/analytic", "surfaces/data"},
    "surfaces/problems": {"surfaces", "surfaces/analytic", "surfaces/data", "surfaces/networks"},
    "trajectories": {"surfaces"},
    "trajectories/specs": {"surfaces"},
    "trajectories/results": {"surfaces", "trajectories", "trajectories/specs"},
    "trajectories/reports": {
        "surfaces",
        "surfaces/networks",
        "surfaces/problems",
        "trajectories/specs",
        "trajectories/results",
    },
    "trajectories/regression": {"surfaces", "trajectories/specs", "trajectories/results"},
    "trajectories/optimizers": OF_OPTIMIZERS,
    "trajectories/descent": DESCENT,
    "trajectories/training": DESCENT | (SURFACES - {"surfaces/problems"}) | {"trajectories/descent"},
    "trajectories/problems": PROBLEMS,
    "trajectories/experiments": EXPERIMENTS,
    "trajectories/diagnosis": DESCENT | {"trajectories/descent", "trajectories/optimizers"},
    "trajectories/matching": DESCENT
    | {"surfaces/analytic", "trajectories/descent", "trajectories/regression"},
    "trajectories/testing": EXPERIMENTS | NUMPY_PART | {"trajectories/experiments", "trajectories/matching"},
    "viz/style": {"surfaces", "trajectories/specs"},
    "viz/scenes": SCENES,
    "viz/words": WORDS,
    "viz/canvas": CANVAS,
    "viz/contour": CONTOUR,
    "viz/charts": CONTOUR | {"viz/contour"},
    "viz/relief": CONTOUR | {"viz/contour"},
    "viz/pages": PAGES,
    "viz/files": CANVAS | {"trajectories/results", "viz/canvas", "viz/words"},
    "viz": VIZ,
    "viz/explore": NUMPY_PART | CONTOUR | {"viz", "viz/contour", "viz/files"},
    "viz/documents": {"surfaces", "viz/words", "viz/files", "viz"},
    "commands": COMMANDS,
    "courses": {"commands", "surfaces", "trajectories/results", "viz/files", "viz/documents"},
    "sphinxext": {"courses", "surfaces", "trajectories/results", "viz", "viz/files", "viz/documents"},
    "cli": {"commands", "courses", "surfaces"},
    "": {room for room in ROOMS if room not in ("commands", "sphinxext")}
    | COMMANDS,  # the package itself: lazy names only
}
SMALLEST, LARGEST = 4, 20  # modules in a folder that is no room's root
WITHOUT_NUMPY = {"trajectories/specs", "commands", "courses", "sphinxext", "cli"}
MAY_IMPORT = {  # which other packages the modules of a folder may import, beside NumPy
    "surfaces": {"torch"},
    "surfaces/analytic": {"torch"},
    "surfaces/data": {"torch", "sklearn", "mlxtend"},
    "surfaces/networks": {"torch", "scipy"},
    "surfaces/problems": {"torch"},
    "trajectories/optimizers": {"torch"},
    "trajectories/descent": {"torch"},
    "trajectories/training": {"torch"},
    "trajectories/problems": {"torch"},
    "trajectories/experiments": {"torch"},
    "trajectories/diagnosis": {"torch"},
    "trajectories/matching": {"torch"},
    "trajectories/testing": {"torch", "hypothesis", "pytest"},
    **{f"viz/{name}": {"matplotlib"} for name in ("canvas", "contour", "charts", "relief", "pages")},
    "viz/explore": {"matplotlib", "anywidget", "traitlets"},
    "viz/style": {"matplotlib"},  # style sheets are matplotlib's own; `STYLE_SHEETS` says which module may
    "viz/files": {"PIL", "imageio", "imageio_ffmpeg"},
    "viz": {"pytest"},
    "commands": {"click"},
    "courses": {"click", "distributed"},
    "sphinxext": {"click", "docutils", "sphinx"},
    "cli": {"click"},
}
STYLE_SHEETS = "descent.viz.style.style_sheets"
HEAVY = {"torch", "numpy", "matplotlib", "PIL", "imageio"}
IMPORTED_AS = {"pillow": "PIL", "scikit-learn": "sklearn", "imageio-ffmpeg": "imageio_ffmpeg"}
LINES = 400

SOURCES = [
    ROOT / "__init__.py",
    ROOT / "cli.py",
    *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))),
]
OTHERS = [
    path for folder in ("tests", "benchmarks", "docs") for path in sorted((ROOT / folder).rglob("*.py"))
]


def name_of(path):
    """The module that a file is: "descent.viz.files.gif"."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("descent", *(part for part in parts if part != "__init__")))


MODULES = {name_of(path): path for path in SOURCES}


def folder_of(module):
    """Where a module lies, from the root on: "viz/files"; "cli" for cli.py and "" for the package itself."""
    if module in ("descent", "descent.cli"):
        return module.removeprefix("descent").removeprefix(".")
    path = MODULES[module].relative_to(ROOT)
    return "/".join(path.parts[:-1])


def imports_of(path, name):
    """List a file's imports: (module or module.name, line, where), where being top, function or types."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = []

    def visit(node, where):
        if isinstance(node, ast.Import):
            found.extend((alias.name, node.lineno, where) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            found.extend((f"{base}.{alias.name}", node.lineno, where) for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
            "import_module",
            "__import__",
        ):
            found.extend(
                (argument.value, node.lineno, "function")
                for argument in node.args[:1]
                if isinstance(argument, ast.Constant) and not argument.value.startswith(".")
            )
        inner = where
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            inner = "function"
        for child in ast.iter_child_nodes(node):
            types_only = (
                isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and child in node.body
            )
            visit(child, "types" if types_only else inner)

    visit(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)), "top")
    return found


IMPORTS = {name: imports_of(path, name) for name, path in MODULES.items()}


def own_module(imported):
    """The module of this package that an import names, or None for another package's."""
    if imported.partition(".")[0] != "descent":
        return None
    while imported not in MODULES:
        imported = imported.rpartition(".")[0]
    return imported


def loaded_with(name):
    """Everything that importing a module loads: this package's modules and top-level names of others."""
    own, others, waiting = set(), set(), [name]
    while waiting:
        module = waiting.pop()
        if module in own:
            continue
        own.add(module)
        parent = module.rpartition(".")[0]
        waiting += [parent] if parent else []
        for imported, _, where in IMPORTS[module]:
            if where != "top":
                continue
            found = own_module(imported)
            if found is None:
                others.add(imported.partition(".")[0])
            else:
                waiting.append(found)
    return own, others


def test_the_reader_of_imports_sees_all_of_them(tmp_path):
    path = tmp_path / "sample.py"
    path.write_text(
        "import a.b\nfrom c import d, e\nfrom . import f\nfrom ..g import h\nfrom .i.j import k\n"
        "if TYPE_CHECKING:\n    import l\nelse:\n    import m\n"
        "def function():\n    import n\n    if TYPE_CHECKING:\n        from o import p\n"
        "class Class:\n    import q\n    def method(self):\n        return lambda: __import__('r')\n"
        "import_module('s.t')\nimport_module('.relative', __package__)\n"
    )
    found = {(imported, where) for imported, _, where in imports_of(path, "descent.viz.sample")}
    assert found == {
        *(("a.b", "top"), ("c.d", "top"), ("c.e", "top"), ("descent.viz.f", "top"), ("descent.g.h", "top")),
        *(("descent.viz.i.j.k", "top"), ("l", "types"), ("m", "top"), ("n", "function"), ("o.p", "types")),
        *(("q", "top"), ("r", "function"), ("s.t", "function")),
    }


def violations(name, imports):
    """Say which imports of a module are of a floor above it, or of a package that its folder may not have."""
    folder, found = folder_of(name), []
    public_face = MODULES[name].name == "__init__.py"
    for imported, line, where in imports:
        target = own_module(imported)
        if target is not None:
            below = folder_of(target)
            inside = below.startswith(f"{folder}/") and public_face
            if below != folder and below not in FLOORS[folder] and not inside:
                found.append(
                    f"line {line}: {name} imports {imported}: {below or 'descent'} is not below {folder}"
                )
            continue
        package = imported.partition(".")[0]
        known = package in sys.stdlib_module_names or package in MAY_IMPORT.get(folder, ())
        if package == "numpy":
            known = folder not in WITHOUT_NUMPY
        if package == "matplotlib" and folder == "viz/style":
            known = name == STYLE_SHEETS
        if not known and where != "types":
            found.append(f"line {line}: {name} imports {imported} ({where}), which {folder} may not")
    return found


# Each of these looks at all modules in one test: to report a thousand of a millisecond takes ten seconds.


def test_every_import_is_of_a_floor_below():
    found = {name: violations(name, IMPORTS[name]) for name in MODULES}
    assert not {name: each for name, each in found.items() if each}


@pytest.mark.parametrize(
    ("name", "imported", "where"),
    [
        ("descent.surfaces.surface", "descent.surfaces.networks.network.Network", "types"),
        ("descent.surfaces.data.split", "descent.surfaces.networks.network.Network", "function"),
        ("descent.surfaces.surface", "descent.trajectories.arguments.check_whole", "top"),
        ("descent.trajectories.specs.rates", "descent.trajectories.results.recipe.Recipe", "types"),
        ("descent.trajectories.specs.rates", "numpy", "top"),
        (
            "descent.trajectories.results.recording",
            "descent.trajectories.experiments.record.record",
            "function",
        ),
        ("descent.trajectories.results.recording", "torch", "function"),
        ("descent.trajectories.reports.runs", "descent.viz.words.prose.Words", "types"),
        ("descent.trajectories.regression.golden", "torch", "top"),
        ("descent.trajectories.descent.loop", "descent.trajectories.training.train.train", "function"),
        ("descent.trajectories.descent.loop", "matplotlib.pyplot", "function"),
        (
            "descent.viz.scenes.compatibility",
            "descent.trajectories.experiments.bare_surface.survey",
            "function",
        ),
        ("descent.viz.words.titles", "descent.surfaces.analytic.resolve.get", "function"),
        ("descent.viz.scenes.scene", "descent.viz.canvas.stage.Stage", "types"),
        ("descent.viz.scenes.scene", "matplotlib.figure.Figure", "top"),
        ("descent.viz.style.themes", "matplotlib", "function"),
        ("descent.viz.canvas.stage", "descent.viz.contour.panel.draw", "function"),
        ("descent.viz.files.gif", "descent.viz.animation.animate", "function"),
        ("descent.viz.pages.grid", "torch", "function"),
        ("descent.viz.animation", "click", "function"),
        ("descent.viz.animation", "descent.cli.main", "function"),
        ("descent.viz.animation", "descent.record", "function"),
        ("descent.commands.options", "torch", "function"),
        ("descent.commands.options", "numpy", "top"),
        ("descent.commands.options", "descent.cli.cli", "function"),
        ("descent.cli", "descent.viz.animation.animate", "function"),
    ],
)
def test_a_forbidden_import_is_seen(name, imported, where):
    assert violations(name, [(imported, 1, where)])


def circles(arrows):
    """Return the modules of each import circle; an import for types or inside a function counts as well."""
    number, lowest, waiting, found = {}, {}, [], []

    def visit(module):
        number[module] = lowest[module] = len(number)
        waiting.append(module)
        for other in arrows[module]:
            if other not in number:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in waiting:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            at = waiting.index(module)
            if len(waiting) - at > 1:
                found.append(sorted(waiting[at:]))
            del waiting[at:]

    for module in arrows:
        if module not in number:
            visit(module)
    return found


def test_no_module_imports_itself_in_a_circle():
    arrows = {
        name: {own_module(imported) for imported, _, _ in found} - {None, name}
        for name, found in IMPORTS.items()
    }
    assert circles(arrows) == []
    planted = arrows | {"descent.surfaces.errors": {"descent.surfaces.surface"}}
    assert any("descent.surfaces.errors" in each for each in circles(planted))
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_every_folder_has_its_floor_and_a_size_that_can_be_kept_in_mind():
    folders = {}
    for name in MODULES:
        folders.setdefault(folder_of(name), []).append(name)
    assert folders.keys() == FLOORS.keys()
    for folder, names in folders.items():
        if "/" in folder or folder == "commands":
            assert SMALLEST <= len(names) - 1 <= LARGEST, f"{folder} has {len(names) - 1} modules"
    for folder, below in FLOORS.items():
        assert below <= FLOORS.keys(), folder


def named_by_text(room):
    """The strings of a room that name something in it as module:name: (module, text, line)."""
    for name, path in MODULES.items():
        if folder_of(name).partition("/")[0] != room:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                module, _, attribute = node.value.partition(":")
                if attribute.isidentifier() and "." in module and module.split(".")[0] in FOLDERS[room]:
                    yield name, node.value, node.lineno


FOLDERS = {room: {path.name for path in (ROOT / room).iterdir() if path.is_dir()} for room in ROOMS}


@pytest.mark.parametrize(("room", "least"), [("surfaces", 60), ("viz", 25)])
def test_whatever_is_named_by_text_is_there(room, least):
    found = list(named_by_text(room))
    assert len(found) >= least
    for name, text, line in found:
        assert callable(own(room, text)), f"line {line} of {name}: {text}"
    with pytest.raises((ImportError, AttributeError)):
        own(room, "canvas.stage:no_such_name" if room == "viz" else "analytic.bowls:no_such_name")


def test_drawers_and_encoders_are_named_by_text():
    assert {own("viz", entry.drawer).__module__ for entry in PANELS.values()} <= set(MODULES)
    for entry in FORMATS.values():
        assert {own("viz", entry.encoder).__module__, own("viz", entry.reader).__module__} <= set(MODULES)


def test_only_dependencies_are_imported():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = chain(project["dependencies"], *project["optional-dependencies"].values())
    names = {re.split(r"[^\w-]", dependency)[0].casefold() for dependency in wanted}
    allowed = {IMPORTED_AS.get(module, module) for module in names} | {"descent"} | sys.stdlib_module_names
    assert len(MODULES) > 200
    for name in MODULES:
        for imported, line, _ in IMPORTS[name]:
            assert imported.partition(".")[0] in allowed, f"line {line}: {name} imports {imported}"


def test_the_command_line_loads_nothing_heavy():
    own, others = loaded_with("descent.cli")
    assert not others & HEAVY
    assert {"descent", "descent.cli", "descent.surfaces.catalogue"} <= own


def test_pictures_load_no_torch():
    for name in MODULES:
        if folder_of(name).partition("/")[0] == "viz":
            assert "torch" not in loaded_with(name)[1], name
    assert "matplotlib" in loaded_with("descent.viz.canvas.stage")[1]


@pytest.mark.parametrize(
    "module",
    ["results.trajectory", "results.recording", "reports.runs", "specs.optimizer_spec", "specs.labels"],
)
def test_recordings_need_no_torch(module):
    assert "torch" not in loaded_with(f"descent.trajectories.{module}")[1]


def test_rooms_are_never_imported_as_packages_of_their_own():
    """PyPI has distributions of these names; whoever imports them bare gets one or the other."""
    assert len(SOURCES) > 200
    assert len(OTHERS) > 80
    for path in (*SOURCES, *OTHERS):
        for imported, line, _ in imports_of(path, name_of(path)):
            assert imported.partition(".")[0] not in (*ROOMS, "cli"), f"line {line} of {path}: {imported}"


def test_the_root_holds_two_modules():
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "cli.py"}


def test_modules_are_short_and_say_what_they_are():
    for name, path in MODULES.items():
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LINES, name
        assert ast.get_docstring(ast.parse(text)), name


def test_nothing_is_left_to_do_without_an_issue():
    for path in (*SOURCES, *OTHERS):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            left = re.search(r"\b(TODO|FIXME|XXX)\b(?!.*#\d+)", line)
            assert not left or path == Path(__file__), f"line {number} of {path}"


def test_every_room_is_packaged():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {name_of(path) for path in SOURCES if path.name == "__init__.py"}
    assert folders == set(settings["packages"])
    assert settings["package-dir"] == {"descent": "."}
