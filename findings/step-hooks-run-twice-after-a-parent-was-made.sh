#!/usr/bin/env bash
# torch 2.13.0: how often a hook of an optimizer's step runs depends on which other optimizers were made before.
#
# A subclass of torch.optim.SGD whose step calls super().step() has one post hook. It runs once for each step, until
# a plain SGD is made anywhere in the process: from then on it runs twice for each step of the subclass.
# The constructor of an optimizer wraps the step of its own class, once for each class. The subclass's wrapper is
# there from the start; the parent's comes with the first parent, and super().step() then goes through it as well.
# Whoever counts steps by hooks has to expect a hook inside a hook.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.3.5
venv/bin/python - > seen.txt <<'PY'
import torch


class Mine(torch.optim.SGD):
    def step(self, closure=None):
        return super().step(closure)


def hook_calls():
    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.ones(1)
    optimizer, calls = Mine([weight], lr=0.1), []
    optimizer.register_step_post_hook(lambda *_: calls.append(1))
    optimizer.step()
    return len(calls)


print("torch", torch.__version__.partition("+")[0])
print("before a plain SGD was made:", hook_calls())
torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
print("after a plain SGD was made:", hook_calls())
PY
cat seen.txt
diff seen.txt - <<'EXPECTED'
torch 2.13.0
before a plain SGD was made: 1
after a plain SGD was made: 2
EXPECTED
