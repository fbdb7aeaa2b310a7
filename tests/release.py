"""Build what a package index gets, and try it where nothing else of this checkout is.

    python tests/release.py                              # dist/*.tar.gz and dist/*.whl
    python tests/release.py https://github.com/me/it/blob/main    # links of the README lead there

What is committed is built. The version stands in pyproject.toml; the changelog and CITATION.cff have it too,
and a tag of the commit is v and that version, or nothing is built. Without an address the README of the index
has no pictures, and of relative links only their words: an index shows no files beside it.
"""

import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)\s]+)\)")


def disagreements(project: str, changelog: str, citation: str, tags: list[str]) -> list[str]:
    """Say where the version is another than that of pyproject.toml."""
    version = tomllib.loads(project)["project"]["version"]
    found = re.search(r"^version: (\S+)$", citation, flags=re.MULTILINE)
    said = []
    if f"\n## {version}" not in changelog:
        said.append(f"CHANGELOG.md has no section {version}")
    if found is None or found[1] != version:
        said.append(f"CITATION.cff has the version {found[1] if found else 'of nothing'}, not {version}")
    said += [
        f"the tag {tag} is not v{version}" for tag in tags if tag.startswith("v") and tag != f"v{version}"
    ]
    return said


def for_index(readme: str, address: str = "") -> str:
    """Return the README as an index shows it: without relative links, which lead nowhere there.

    Args:
        readme: Markdown.
        address: Where files of the repository are on the web; empty where nobody knows.
    """
    blocks = re.split(r"(^```.*?^```$)", readme, flags=re.DOTALL | re.MULTILINE)
    led = [_LINK.sub(lambda found: _led(found, address), block) for block in blocks[::2]]
    blocks[::2] = [re.sub(r"\n{3,}", "\n\n", block) for block in led]
    return "".join(blocks)


def _led(found: re.Match[str], address: str) -> str:
    picture, words, path = found.groups()
    if not address:
        return "" if picture else words
    raw = "?raw=true" if picture and "github.com" in address else ""
    return f"{picture}[{words}]({address.rstrip('/')}/{path}{raw})"


def run(*command: object, cwd: Path = ROOT) -> str:
    """Run a command; what it said is shown if it fails."""
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=alone, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def build(out: Path, address: str = "") -> Path:
    """Build sdist and wheel of the last commit into a folder, and return the wheel."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(source, filter="data")
        readme = source / "README.md"
        readme.write_text(for_index(readme.read_text(encoding="utf-8"), address), encoding="utf-8")
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, source)
    return max(out.glob("*.whl"), key=lambda path: path.stat().st_mtime)


def check(wheel: Path) -> None:
    """Install a wheel into an environment of its own and draw with it; what it needs is lent by this one."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        about = archive.read(name).decode()
    if left := _LINK.findall(re.sub(r"^```.*?^```$", "", about, flags=re.DOTALL | re.MULTILINE)):
        sys.exit(f"the README of the index has relative links: {left}")
    if "Description-Content-Type: text/markdown" not in about:
        sys.exit("the README of the index is not said to be Markdown")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        venv.create(place / "env")
        programs = place / "env" / ("Scripts" if os.name == "nt" else "bin")
        run(sys.executable, "-m", "pip", "--python", programs / "python", "install", "--no-deps", wheel)
        home = run(
            programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"
        ).strip()
        # A path in a .pth file lends packages, but not this checkout, which has a .pth file of its own.
        (Path(home) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
        where = run(programs / "python", "-c", "import descent; print(descent.__file__)", cwd=place)
        if str(place) not in where:
            sys.exit(f"the wheel was not what ran: {where}")
        print(run(programs / "descent", "--version", cwd=place).strip())
        run(programs / "descent", "compare", "beale", "--steps", "5", "--out", "a.gif", cwd=place)
        run(
            programs / "descent",
            "explore",
            "sphere",
            "--starts",
            "3x3",
            "--steps",
            "3",
            "--out",
            "a.html",
            cwd=place,
        )


def main() -> None:
    """Build and check."""
    tags = run("git", "tag", "--points-at", "HEAD").split()
    texts = [
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("pyproject.toml", "CHANGELOG.md", "CITATION.cff")
    ]
    if wrong := disagreements(*texts, tags):
        sys.exit("\n".join(wrong))
    wheel = build(ROOT / "dist", "".join(sys.argv[1:2]))
    check(wheel)
    print("\n".join(str(path.relative_to(ROOT)) for path in sorted((ROOT / "dist").iterdir())))


if __name__ == "__main__":
    main()
