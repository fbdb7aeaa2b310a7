"""Recipes run again by another Python, which runs this file by its path.

That Python needs torch and NumPy and no descent: the package of the caller is loaded from its folder alone,
so that nothing else of the caller's environment, least of all its torch, comes with it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any


def main(package: str, request: str) -> None:
    """Run what a request names, and write beside it what came of it.

    Runs of a class that is not in the torch that is there are left out.

    Args:
        package: The folder of the package `descent`.
        request: A JSON file: recordings and where to write each again, and what recipes may do. The answer is
            written to the same name with the suffix ``.answer``.
    """
    _load(package)
    errors: Any = importlib.import_module("descent.surfaces.errors")
    machine: Any = importlib.import_module("descent.trajectories.descent.machine")
    results: Any = importlib.import_module("descent.trajectories.results.recording")
    rerun: Any = importlib.import_module("descent.trajectories.experiments.rerun")
    budgets: Any = importlib.import_module("descent.trajectories.experiments.budget")
    asked = json.loads(Path(request).read_text(encoding="utf-8"))
    budget, reasons = budgets.Budget(**asked["budget"]), {}
    for expected, found in asked["recordings"]:
        try:
            recipe = results.load(expected).recipe
            there = tuple(spec for spec in recipe.specs if _is_there(spec))
            rerun.again(replace(recipe, specs=there), budget=budget).save(found)
        except errors.DescentError as error:
            reasons[expected] = str(error)
    answer = {"versions": machine.versions(), "capability": machine.capability(), "reasons": reasons}
    Path(request).with_suffix(".answer").write_text(json.dumps(answer), encoding="utf-8")


def _is_there(spec: str) -> bool:
    """Say whether the torch that is there has the class of a spec, where that is one of torch's own."""
    import torch

    specs: Any = importlib.import_module("descent.trajectories.specs.optimizer_spec")
    tables: Any = importlib.import_module("descent.trajectories.specs.tables")
    entry = tables.OPTIMIZERS.get(specs.OptimizerSpec.parse(spec).name)
    return entry is None or hasattr(torch.optim, entry.class_name)


def _load(package: str) -> None:
    """Make `descent` the package in a folder, whatever else is called so."""
    found = importlib.util.spec_from_file_location(
        "descent", f"{package}/__init__.py", submodule_search_locations=[package]
    )
    if found is None or found.loader is None:
        raise SystemExit(f"there is no package in {package}")
    sys.modules["descent"] = importlib.util.module_from_spec(found)
    found.loader.exec_module(sys.modules["descent"])


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this file, whose modules would hide others of the same names
    main(*sys.argv[1:])
