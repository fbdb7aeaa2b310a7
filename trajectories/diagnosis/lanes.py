"""One optimizer at one rate on all tasks: its part of the points and gradients, and its step."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..descent.needs import built
from ..optimizers.faces import evaluated, for_training, has_two
from .layouts import ONE_TENSOR, OWN_TENSORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import torch

    from ..specs.optimizer_spec import OptimizerSpec
    from .task import Task


class Lane:
    """An optimizer at a rate, which moves a row of the points; what it cannot move stays."""

    def __init__(
        self,
        spec: OptimizerSpec,
        layout: str,
        tasks: Sequence[Task],
        suited: Sequence[bool],
        points: torch.Tensor,
        gradients: torch.Tensor,
    ) -> None:
        """Lay parameters over a row.

        Args:
            spec: A completed spec with its rate.
            layout: One of `layouts`.
            tasks: All tasks, one behind the other in the row.
            suited: Which of them the optimizer takes.
            points: The row (numbers,), which steps change in place.
            gradients: The row of gradients (numbers,), which is written before each step.
        """
        self.faults: dict[int, str] = {}  # a task's number to what was raised in it
        self._parts: list[tuple[int, int, torch.Tensor, torch.Tensor]] = []  # task, case, parameter, gradient
        self._optimizers: list[tuple[set[int], Any]] = []  # the tasks that one moves
        if layout == ONE_TENSOR:
            whole = points.detach().requires_grad_()
            whole.grad = gradients
            self._optimizers.append((set(range(len(tasks))), self._made(spec, [whole])))
            return
        self._lay(tasks, suited, points, gradients)
        if layout == OWN_TENSORS:
            some = {task for task, *_ in self._parts}
            self._optimizers.append((some, self._made(spec, [part for _, _, part, _ in self._parts])))
            return
        for key in dict.fromkeys((task, case) for task, case, *_ in self._parts):
            own = [part for task, case, part, _ in self._parts if (task, case) == key]
            try:
                self._optimizers.append(({key[0]}, self._made(spec, own)))
            except Exception as error:
                self.faults[key[0]] = _words(error)

    def _lay(
        self, tasks: Sequence[Task], suited: Sequence[bool], points: torch.Tensor, gradients: torch.Tensor
    ) -> None:
        first = 0
        for number, task in enumerate(tasks):
            for case in range(len(task.start)):
                for shape in task.tensors:
                    size = 1
                    for side in shape:
                        size *= side
                    if suited[number]:
                        part = points[first : first + size].view(shape).detach().requires_grad_()
                        self._parts.append((number, case, part, gradients[first : first + size].view(shape)))
                    first += size

    @staticmethod
    def _made(spec: OptimizerSpec, parameters: list[torch.Tensor]) -> Any:
        optimizer: Any = built(spec, parameters)
        for_training(optimizer)
        return optimizer

    def step(self, running: Sequence[bool]) -> None:
        """Make a step of all tasks that run; where one raises, its task is at its end."""
        for number, _, part, gradient in self._parts:
            part.grad = gradient if running[number] and number not in self.faults else None
        for some, optimizer in self._optimizers:
            if not any(running[each] and each not in self.faults for each in some):
                continue
            try:
                optimizer.step()
            except Exception as error:  # whatever a stranger's class raises
                self.faults |= dict.fromkeys(some, _words(error))

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Have the points where the optimizer's user would evaluate them."""
        from contextlib import ExitStack

        with ExitStack() as stack:
            for some, optimizer in self._optimizers:
                if has_two(optimizer) and not any(each in self.faults for each in some):
                    own = [part for group in optimizer.param_groups for part in group["params"]]
                    stack.enter_context(evaluated(optimizer, own))
            yield


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
