#!/usr/bin/env bash
# heavyball 3.2.1: SOAP runs on a matrix of float32 and fails on the same matrix of float64, with an error about two
# kinds of numbers. With its compiling switched off; a vector of float64 runs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.3.5 heavyball==3.2.1
venv/bin/python - > seen.txt <<'PY'
from importlib.metadata import version

import heavyball
import heavyball.utils
import torch

heavyball.utils.compile_mode = None
print("heavyball", version("heavyball"), "torch", torch.__version__.partition("+")[0])
for dtype in (torch.float32, torch.float64):
    for shape in ((4, 3), (4,)):
        torch.manual_seed(0)
        weight = torch.nn.Parameter(torch.randn(shape, dtype=dtype))
        optimizer = heavyball.SOAP([weight], lr=0.1)
        try:
            for _ in range(3):
                optimizer.zero_grad()
                (weight**2).sum().backward()
                optimizer.step()
            said = "runs"
        except RuntimeError as error:
            said = "RuntimeError" if "scalar type" in str(error) or "dtype" in str(error) else str(error)
        print(str(dtype).removeprefix("torch."), shape, said)
PY
cat seen.txt
diff seen.txt - <<'EXPECTED'
heavyball 3.2.1 torch 2.13.0
float32 (4, 3) runs
float32 (4,) runs
float64 (4, 3) RuntimeError
float64 (4,) runs
EXPECTED
