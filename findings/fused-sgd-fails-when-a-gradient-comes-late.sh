#!/usr/bin/env bash
# torch 2.13.0: fused SGD with momentum fails at the step at which a parameter has its first gradient, where another
# parameter of the group had one before. The other implementations go on, as the documentation of `step` has it:
# a parameter without a gradient is passed over. Freezing a layer for some steps is enough to meet it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.3.5
venv/bin/python - > seen.txt <<'PY'
import torch

print("torch", torch.__version__.partition("+")[0])
for way in ({"foreach": False}, {"foreach": True}, {"fused": True}):
    one, late = (torch.zeros(2, requires_grad=True) for _ in range(2))
    optimizer = torch.optim.SGD([one, late], lr=0.1, momentum=0.9, **way)
    one.grad = torch.ones(2)
    optimizer.step()
    late.grad = torch.ones(2)
    try:
        optimizer.step()
        print(way, "moved the late one:", bool(late.detach().any()))
    except TypeError:
        print(way, "TypeError")
PY
cat seen.txt
diff seen.txt - <<'EXPECTED'
torch 2.13.0
{'foreach': False} moved the late one: True
{'foreach': True} moved the late one: True
{'fused': True} TypeError
EXPECTED
