"""Draw the same pictures with this tree and with another commit's, and compare every byte.

    make same BASE=HEAD~3

It guards moves of code. Both sides run in one environment, so that only the code differs.
What a change means to alter is named with ``--but NAME``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
THREE = "-o sgd:lr=0.01 -o adam:lr=0.1 -o rmsprop:lr=0.05"
SMALL = "--size 480x300 --seconds 2"
COMMANDS = {
    "files": f"compare beale {THREE} --start 1,1.5 --steps 60 {SMALL} --save run.npz --json "
    "--out a.gif --out a.webp --out a.apng --out a.html --out a.png --out a.svg --out a.pdf --out frames/",
    "networks": "compare mlp --data moons -o sgd:lr=0.1 -o adam:lr=0.01 --epochs 3 --size 640x400 "
    "--seconds 1 --save net.npz --out net.gif --out net.png",
    "digits": "compare mlp784 -o sgd:lr=0.1 --epochs 1 --snapshots 8 --panels contour,hinton,layers,curves "
    "--layer output --size 1200x800 --out digits.png",
    "line": "compare linear --data line -o sgd --lr 0.001,0.1,1.1 --size 480x300 --out line.png",
    "panels": f"compare rosenbrock {THREE} --panels contour,loss,lr,gradient --theme dark --out panels.png",
    "relief": f"compare himmelblau {THREE} --steps 40 --panels surface3d,loss --size 640x400 "
    "--out relief.png",
    "orbit": f"compare beale {THREE} --steps 20 --panels surface3d --orbit --fps 5 {SMALL} --out orbit.gif",
    "curve": f"compare parabola -o sgd --lr 0.1,0.9,2.1 --steps 12 --grid lr {SMALL} --out curve.gif",
    "arrows": "compare quadratic:condition=20 -o sgd:lr=0.02,momentum=0.9 -o adam:lr=0.3 --steps 20 "
    f"--arrows gradient,step,momentum,adam --field {SMALL} --out arrows.gif",
    "strip": f"compare rosenbrock {THREE} --strip 4 --theme print --size 1000x380 "
    "--embed latex --out strip.pdf",
    "sweep": "sweep quadratic:condition=20 --lr 1e-3:1:9 --size 640x400 --csv sweep.csv "
    "--json --out sweep.png",
    "multiples": "sweep beale -o sgd -o adam --lr 0.003,0.03,0.3 --grid optimizer,lr --out multiples.png",
    "basins": "basins himmelblau -o adam:lr=0.1 -o sgd:lr=0.01 --starts 32 --json --out basins.png",
    "again": "again a.gif --theme slides --alt --out again.png",
    "recipe": "recipe a.pdf",
    "render": "render run.npz --pace early --max-size 60kB --out small.gif",
    "diff": "diff run.npz run.npz --out diff.png",
    "show": "show beale --json --out show.png",
}


def draw(tree: Path, folder: Path, names: list[str]) -> dict[str, str]:
    """Run the commands with the package that a tree holds; return a hash of each file and answer."""
    package = folder / "package"
    package.mkdir(parents=True)
    (package / "descent").symlink_to(tree, target_is_directory=True)
    work = folder / "work"
    work.mkdir()
    environment = os.environ | {"PYTHONPATH": str(package), "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    found = {}
    for name in names:
        call = [sys.executable, "-c", "from descent.cli import main; main()", *COMMANDS[name].split()]
        ran = subprocess.run(call, cwd=work, env=environment, capture_output=True, check=False)
        said = ran.stdout + ran.stderr + str(ran.returncode).encode()
        found[f"{name} (said)"] = hashlib.sha256(said).hexdigest()
        if ran.returncode:
            print(f"{name}: exit {ran.returncode}\n{ran.stderr.decode()[-300:]}")
    for path in sorted(work.rglob("*")):
        if path.is_file():
            found[str(path.relative_to(work))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def main() -> None:
    """Compare this tree with a commit and leave with 1 where a byte differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("base", nargs="?", default="HEAD", help="the commit to compare with")
    parser.add_argument("--but", action="append", default=[], help="a file that is meant to differ")
    parser.add_argument("--only", action="append", choices=list(COMMANDS), help="run these commands only")
    asked = parser.parse_args()
    names = asked.only or list(COMMANDS)
    with tempfile.TemporaryDirectory() as place:
        before = Path(place, "before")
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(before), asked.base], check=True)
        try:
            old = draw(before, Path(place, "old"), names)
        finally:
            subprocess.run([*git, "remove", "--force", str(before)], check=True)
        new = draw(ROOT, Path(place, "new"), names)
    differ = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    for name in differ[:20]:
        print(f"differs: {name}" + (" (as meant)" if name in asked.but else ""))
    print(f"{len(old)} files and answers of {asked.base}, {len(differ)} differ")
    sys.exit(1 if set(differ) - set(asked.but) else 0)


if __name__ == "__main__":
    main()
