#!/usr/bin/env bash
# schedulefree 1.4.1: RAdamScheduleFree takes a rate that is a tensor, as torch's own Adam and RAdam do, and is NaN
# from its first step on, without an error. The same rate as a number works.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.3.5 schedulefree==1.4.1
venv/bin/python - > seen.txt <<'PY'
from importlib.metadata import version

import schedulefree
import torch

print("schedulefree", version("schedulefree"), "torch", torch.__version__.partition("+")[0])
for rate in (0.1, torch.tensor(0.1)):
    weight = torch.ones(1, requires_grad=True)
    optimizer = schedulefree.RAdamScheduleFree([weight], lr=rate)
    optimizer.train()
    weight.grad = torch.ones(1)
    optimizer.step()
    print(type(rate).__name__, "finite after one step:", bool(weight.isfinite().all()))
PY
cat seen.txt
diff seen.txt - <<'EXPECTED'
schedulefree 1.4.1 torch 2.13.0
float finite after one step: True
Tensor finite after one step: False
EXPECTED
