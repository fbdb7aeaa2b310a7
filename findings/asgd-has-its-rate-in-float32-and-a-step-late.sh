#!/usr/bin/env bash
# torch 2.13.0: ASGD keeps its rate as a float32 tensor even where its weights are float64, and takes the rate that a
# schedule sets one step later. With lambd=0 and alpha=0 it should be plain SGD: it equals SGD at the rate rounded to
# float32 to the bit, and SGD at the rate that was given only to the eighth digit.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.3.5
venv/bin/python - > seen.txt <<'PY'
import numpy as np
import torch


def last(optimizer_class, lr, **options):
    weight = torch.tensor([1.0, 1.5], dtype=torch.float64, requires_grad=True)
    optimizer = optimizer_class([weight], lr=lr, **options)
    for _ in range(100):
        optimizer.zero_grad()
        ((weight[0] - 1) ** 2 + 10 * (weight[1] - weight[0] ** 2) ** 2).backward()
        optimizer.step()
    return weight.detach()


print("torch", torch.__version__.partition("+")[0])
found = last(torch.optim.ASGD, 0.005, lambd=0, alpha=0)
print("equal to SGD:", torch.equal(found, last(torch.optim.SGD, 0.005)))
print("equal to SGD at the rate in float32:", torch.equal(found, last(torch.optim.SGD, float(np.float32(0.005)))))

weight = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.ASGD([weight], lr=1.0, lambd=0, alpha=0)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.1)
rates, steps = [], []
for _ in range(4):
    before = weight.item()
    rates.append(round(float(optimizer.param_groups[0]["lr"]), 3))
    weight.grad = -torch.ones(1)
    optimizer.step()
    steps.append(round(weight.item() - before, 3))
    schedule.step()
print("rates", rates)
print("steps", steps)
PY
cat seen.txt
diff seen.txt - <<'EXPECTED'
torch 2.13.0
equal to SGD: False
equal to SGD at the rate in float32: True
rates [1.0, 1.0, 0.1, 0.1]
steps [1.0, 1.0, 1.0, 0.1]
EXPECTED
