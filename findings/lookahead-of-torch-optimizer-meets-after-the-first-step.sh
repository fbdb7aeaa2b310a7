#!/usr/bin/env bash
# torch-optimizer 0.3.0: Lookahead brings its slow weights and its fast ones together after the first step and not
# after the k-th, so that every later time is a step early in the count of k and the slow weights never hold the
# start. Zhang, Lucas, Hinton and Ba 2019 (arXiv:1907.08610), algorithm 1, have it after every k steps.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.3.5 torch-optimizer==0.3.0
venv/bin/python - > seen.txt <<'PY'
from importlib.metadata import version

import torch
import torch_optimizer

print("torch-optimizer", version("torch-optimizer"), "torch", torch.__version__.partition("+")[0])
weight = torch.nn.Parameter(torch.zeros(1))
optimizer = torch_optimizer.Lookahead(torch.optim.SGD([weight], lr=1.0), k=2, alpha=0.5)
seen = []
for _ in range(4):
    weight.grad = -torch.ones(1)
    optimizer.step()
    seen.append(weight.item())
slow, fast, paper = 0.0, 0.0, []
for step in range(1, 5):
    fast += 1.0
    if step % 2 == 0:
        slow += 0.5 * (fast - slow)
        fast = slow
    paper.append(fast)
print("seen ", seen)
print("paper", paper)
PY
cat seen.txt
diff seen.txt - <<'EXPECTED'
torch-optimizer 0.3.0 torch 2.13.0
seen  [1.0, 2.0, 2.0, 3.0]
paper [1.0, 1.0, 2.0, 2.0]
EXPECTED
