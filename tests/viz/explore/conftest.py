"""Explorations, their pages, and node for the page's own modules."""

import json
import re
import shutil
import subprocess

import pytest

import descent
from descent.viz.explore.page import _MODULES, _read, page

NODE = shutil.which("node")


@pytest.fixture(name="beale", scope="session")
def _beale():
    specs = ["sgd", "sgd:momentum=0.9", "adam", "rmsprop", "nadam"]
    return descent.explore("beale", specs, "1e-3:1:4", starts="6x5", steps=40)


@pytest.fixture(name="text", scope="session")
def _text(beale):
    return page(beale)[0]


@pytest.fixture(name="facts", scope="session")
def _facts(text):
    return facts_of(text)


def facts_of(text):
    return json.loads(re.search(r'class="facts">(.*?)</script>', text, re.S)[1])


def paths_of(text):
    return re.search(r'class="paths">(.*?)</script>', text, re.S)[1]


@pytest.fixture(name="in_node")
def _in_node(tmp_path):
    if NODE is None:
        pytest.skip("node is not installed")

    def run(code, given):
        """Run code after the page's modules but the last; it has `given`, and says `answer(...)`."""
        modules = "\n".join(_read(f"{name}.js") for name in _MODULES if name != "main")
        modules = re.sub(r"^import .*\n|^export ", "", modules, flags=re.MULTILINE)
        (tmp_path / "given.json").write_text(json.dumps(given))
        head = (
            'import { readFileSync } from "node:fs";\n'
            f"const given = JSON.parse(readFileSync({str(tmp_path / 'given.json')!r}, 'utf8'));\n"
            "const plain = (key, value) => ArrayBuffer.isView(value) ? Array.from(value)"
            " : typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;\n"
            "const answer = (found) => console.log(JSON.stringify(found, plain));\n"
        )
        script = tmp_path / "test.mjs"
        script.write_text(head + modules + code, encoding="utf-8")
        found = subprocess.run([NODE, str(script)], capture_output=True, text=True, timeout=120, check=False)
        assert found.returncode == 0, found.stderr
        return json.loads(found.stdout)

    return run
