"""The shortest names that tell the runs of a picture apart, for labels that stand beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..style.language import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...trajectories.specs.labels import Label


def short_names(labels: Sequence[Label]) -> list[str]:
    """Return a name for each run: its optimizer's, with the rate and then the options where others share it.

    >>> from descent.trajectories.specs.labels import Label
    >>> short_names([Label("SGD", "lr 0.1", ""), Label("Adam", "lr 0.1", ""), Label("Adam", "lr 1", "")])
    ['SGD', 'Adam 0.1', 'Adam 1']
    """
    titles = [label.title for label in labels]
    rates = [f"{label.title} {number(label.rate.removeprefix('lr '))}".strip() for label in labels]
    whole = [", ".join(filter(None, (rate, each.details))) for rate, each in zip(rates, labels, strict=True)]
    return [
        title if titles.count(title) == 1 else rate if rates.count(rate) == 1 else long
        for title, rate, long in zip(titles, rates, whole, strict=True)
    ]
