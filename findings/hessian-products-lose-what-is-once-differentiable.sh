#!/usr/bin/env bash
# torch 2.13.0: a second derivative through a function that is marked once_differentiable raises no error where the
# way to it can be left out: with materialize_grads that part of a Hessian product is zeros. Products with Hessians,
# and with them eigenvalues, are then wrong without a word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.3.5
venv/bin/python - > seen.txt <<'PY'
import torch


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        return 2 * gradient


print("torch", torch.__version__.partition("+")[0])
weights = torch.ones(3, requires_grad=True)
for name, double in (("once_differentiable", Twice.apply), ("plain", lambda x: 2 * x)):
    (gradient,) = torch.autograd.grad((double(weights) ** 2).sum(), weights, create_graph=True)
    (product,) = torch.autograd.grad(gradient, weights, torch.ones(3), materialize_grads=True)
    print(name, product.tolist())
PY
cat seen.txt
diff seen.txt - <<'EXPECTED'
torch 2.13.0
once_differentiable [0.0, 0.0, 0.0]
plain [8.0, 8.0, 8.0]
EXPECTED
