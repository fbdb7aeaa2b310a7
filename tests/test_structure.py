"""The house rules that a machine can check, read from the source without running it."""

import ast
import re
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("surfaces", "trajectories", "viz", "commands")
ALLOWED = {  # room -> rooms it may import from: cli > viz > trajectories > surfaces
    "surfaces": {"surfaces"},
    "trajectories": {"trajectories", "surfaces"},
    "viz": {"viz", "trajectories", "surfaces"},
    "cli": {"viz", "trajectories", "surfaces", ""},
    "": {"viz", "trajectories", "surfaces"},  # the package itself: lazy names only
}
BANNED = {
    "surfaces": {"matplotlib", "imageio", "PIL", "click"},
    "trajectories": {"matplotlib", "imageio", "PIL", "click"},
    "viz": {"torch", "click"},
}
HEAVY = {"torch", "numpy", "matplotlib", "PIL", "imageio"}
IMPORTED_AS = {"pillow": "PIL", "scikit-learn": "sklearn", "imageio-ffmpeg": "imageio_ffmpeg"}
LINES = 400
# The root holds one module for all fourteen commands, so that one may be longer.
MORE_LINES = {"descent.cli": 745}

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


def room_of(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in (*ROOMS, "cli") else ""


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


@pytest.mark.parametrize("name", MODULES)
def test_imports_flow_in_one_direction(name):
    allowed = ALLOWED[room_of(name)]
    for imported, line, _ in IMPORTS[name]:
        found = own_module(imported)
        if found is not None:
            assert room_of(found) in allowed, f"line {line}: {name} imports {imported}"


@pytest.mark.parametrize("name", MODULES)
def test_rooms_import_what_belongs_to_them(name):
    banned = BANNED.get(room_of(name), set())
    for imported, line, where in IMPORTS[name]:
        assert imported.partition(".")[0] not in banned, f"line {line} ({where}): {name} imports {imported}"


@pytest.mark.parametrize("name", MODULES)
def test_only_dependencies_are_imported(name):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = chain(project["dependencies"], *project["optional-dependencies"].values())
    names = {re.split(r"[^\w-]", dependency)[0].casefold() for dependency in wanted}
    allowed = {IMPORTED_AS.get(module, module) for module in names} | {"descent"} | sys.stdlib_module_names
    for imported, line, _ in IMPORTS[name]:
        assert imported.partition(".")[0] in allowed, f"line {line}: {name} imports {imported}"


def test_the_command_line_loads_nothing_heavy():
    own, others = loaded_with("descent.cli")
    assert not others & HEAVY
    assert {"descent", "descent.cli", "descent.surfaces.catalogue"} <= own


def test_pictures_load_no_torch():
    for name in MODULES:
        if room_of(name) == "viz":
            assert "torch" not in loaded_with(name)[1], name
    assert "matplotlib" in loaded_with("descent.viz.canvas.stage")[1]


@pytest.mark.parametrize(
    "module",
    ["results.trajectory", "results.recording", "reports.runs", "specs.optimizer_spec", "specs.labels"],
)
def test_recordings_need_no_torch(module):
    assert "torch" not in loaded_with(f"descent.trajectories.{module}")[1]


@pytest.mark.parametrize("path", [*SOURCES, *OTHERS], ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_are_never_imported_as_packages_of_their_own(path):
    """PyPI has distributions of these names; whoever imports them bare gets one or the other."""
    for imported, line, _ in imports_of(path, name_of(path)):
        assert imported.partition(".")[0] not in (*ROOMS, "cli"), f"line {line}: {imported}"


def test_the_root_holds_two_modules():
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "cli.py"}


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_short_and_say_what_they_are(name):
    text = MODULES[name].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MORE_LINES.get(name, LINES)
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", [*SOURCES, *OTHERS], ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_left_to_do_without_an_issue(path):
    if path == Path(__file__):
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        assert not re.search(r"\b(TODO|FIXME|XXX)\b(?!.*#\d+)", line), f"line {number}"


def test_every_room_is_packaged():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {name_of(path).rpartition(".")[0] for path in SOURCES if path.name != "__init__.py"}
    assert folders <= set(settings["packages"])
    assert settings["package-dir"] == {"descent": "."}
