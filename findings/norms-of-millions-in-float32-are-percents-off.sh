#!/usr/bin/env bash
# torch 2.13.0 on the CPU: the 2-norm of a long float32 vector is too small by up to percents where its numbers are
# alike: the squares are added up in a few float32 sums, while sum() of the same squares adds in pairs. torch.dist and
# the total norm by which clip_grad_norm_ scales have the same error. dtype=torch.float64 mends it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.3.5
venv/bin/python - > seen.txt <<'PY'
import math

import torch

print("torch", torch.__version__.partition("+")[0])


def off(found, vector):
    true = vector[0].double().item() * math.sqrt(len(vector))
    return abs(found / true - 1)


def size(error):
    return "more than 3 %" if error > 0.03 else "more than 0.5 %" if error > 0.005 else "less than 1e-6"


for count in (10_000_000, 100_000_000):
    vector = torch.full((count,), 0.1)
    print(f"{count:,} numbers of 0.1")
    print("  norm", size(off(vector.norm().item(), vector)))
    print("  dist to zeros", size(off(torch.dist(vector, torch.zeros(1)).item(), vector)))
    print("  root of the sum of squares", size(off((vector * vector).sum().sqrt().item(), vector)))
    exact = torch.linalg.vector_norm(vector, dtype=torch.float64).item()
    print("  norm with dtype=float64", size(off(exact, vector)))
weight = torch.zeros(100_000_000, requires_grad=True)
weight.grad = torch.full((100_000_000,), 0.1)
torch.nn.utils.clip_grad_norm_([weight], 1.0)
clipped = torch.linalg.vector_norm(weight.grad, dtype=torch.float64).item()
print("clipped to 1, the gradient is too long by", size(abs(clipped - 1)))
PY
cat seen.txt
diff seen.txt - <<'EXPECTED'
torch 2.13.0
10,000,000 numbers of 0.1
  norm more than 0.5 %
  dist to zeros more than 0.5 %
  root of the sum of squares less than 1e-6
  norm with dtype=float64 less than 1e-6
100,000,000 numbers of 0.1
  norm more than 3 %
  dist to zeros more than 3 %
  root of the sum of squares less than 1e-6
  norm with dtype=float64 less than 1e-6
clipped to 1, the gradient is too long by more than 3 %
EXPECTED
