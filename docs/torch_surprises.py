"""What surprises people about torch.optim: every figure of docs/torch-optim-surprises.md, from plain torch.

    python docs/torch_surprises.py          # prints the table
    python docs/torch_surprises.py --write  # puts it into the page

Nothing of descent is used here: what is measured is torch itself.
"""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from torch_measures import (
    adadelta,
    adafactor,
    adafactor_rate,
    adagrad,
    asgd_average,
    asgd_foreach,
    asgd_late,
    asgd_rate,
    centred,
    cosine_rises,
    dampening,
    decay,
    default_decay,
    default_rates,
    evaluations,
    first_rates,
    line_search,
    momenta,
    momentum_lost,
    muon_digits,
    muon_vector,
    nadam,
    nesterov,
    plateau_below_zero,
    polynomial_stops,
    radam_first,
    refused,
    rmsprop,
    rprop_grows,
    rprop_schedule,
    too_many,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_SAYS = {True: "yes", False: ""}
PAGE = Path(__file__).with_name("torch-optim-surprises.md")


class Row(NamedTuple):
    words: str  # with the figures in place of {}
    figures: Callable[[], tuple[str, ...]]  # measures them
    command: str  # the picture that shows it
    told: bool = False  # whether a run of descent that meets it says so


BEALE = "compare beale --start 1,1.5 --steps 100"
SPHERE = "compare sphere --start=-4,2 --steps 100"
ROWS = {
    "Rates": [
        Row(
            "The default rates are as far apart as a thousand to one: {}.",
            default_rates,
            f"{BEALE} -o adadelta -o adam -o adamax -o rprop",
        ),
        Row(
            "At its default rate of 1, Adadelta's first step on a slope of 1 is {} long: its `eps` "
            "says how long.",
            adadelta,
            f"{SPHERE} -o adadelta -o adadelta:eps=0.01",
        ),
        Row(
            "RMSprop's first step is ten times its rate, {} long at lr 0.01, where later ones on "
            "the same slope are {}: its mean of squares begins at 0 and is not corrected as Adam's "
            "is.",
            rmsprop,
            f"{SPHERE} -o rmsprop:lr=0.05 -o adam:lr=0.05",
        ),
        Row(
            "RMSprop does not centre its squares unless told to. Where it does, on a steady slope "
            "its steps at lr 0.01 are {1} long after 300 steps, and not {0}.",
            centred,
            f"{SPHERE} -o rmsprop:lr=0.05 -o rmsprop:lr=0.05,centered=true",
        ),
        Row(
            "RAdam's first five steps are not scaled by the squared mean, and as long as the "
            "gradient: {} on Beale at lr 0.001, where Adam's are {} at most.",
            radam_first,
            f"{BEALE} -o radam:lr=0.01 -o adam:lr=0.01",
            told=True,
        ),
        Row(
            "Adagrad's rate does not recover: after one gradient of 100, its 200th step on a slope "
            "of 1 is {} long, without it {}.",
            adagrad,
            "compare rosenbrock --start=-1.8,-1.5 --steps 200 -o adagrad:lr=0.1 -o rmsprop:lr=0.01",
        ),
        Row(
            "Adafactor's steps are in parts of the weights: from 1, 100 and 0 its first step at lr "
            "0.01 is {}, {} and {} long.",
            adafactor,
            f"{BEALE} -o adafactor:lr=0.1 -o adam:lr=0.1",
        ),
        Row(
            "Adafactor's rate is at most 1/sqrt(step): at lr 1, steps 1, 25 and 100 are {}, {} and "
            "{} of the weights.",
            adafactor_rate,
            f"{BEALE} -o adafactor:lr=0.5 -o adafactor:lr=0.05",
            told=True,
        ),
        Row(
            "Rprop's steps grow by a fifth while the sign stays, whatever its rate: from {} to {} "
            "in 31 steps on a slope.",
            rprop_grows,
            f"{SPHERE} -o rprop:lr=0.01 -o adam:lr=0.1",
        ),
    ],
    "Momentum": [
        Row(
            "SGD's dampening spares the first gradient: with momentum and dampening 0.5 on a slope "
            "of 1 its steps at lr 1 are {}, and not {}.",
            dampening,
            f"{SPHERE} -o sgd:lr=0.1,momentum=0.9,dampening=0.9 -o sgd:lr=0.1",
            told=True,
        ),
        Row(
            "Nesterov's momentum is refused without momentum: “{}”.",
            nesterov,
            f"{SPHERE} -o sgd:lr=0.02,momentum=0.9 -o sgd:lr=0.02,momentum=0.9,nesterov=true",
        ),
        Row(
            "NAdam's momentum is half of its beta at first, {}, and {} at step 100: "
            "`momentum_decay` brings it to 0.9 in some 50,000 steps.",
            nadam,
            f"{SPHERE} -o nadam:lr=0.1 -o nadam:lr=0.1,momentum_decay=1",
        ),
        Row(
            "ASGD's average, which the method is about, is only in its state: what moves, and is "
            "drawn, is the plain point. On Beale after 1,000 steps with `t0=0` their losses are {} "
            "and, of the average, {}.",
            asgd_average,
            f"{BEALE} -o asgd:lr=0.005,t0=0 -o sgd:lr=0.005",
        ),
    ],
    "Weight decay": [
        Row(
            "Adam's weight decay is a part of the gradient and scaled like it; AdamW's is not. On "
            "a bowl around (3, 3), a hundred times flatter along y, with weight_decay=0.1 they end "
            "at ({}) and ({}).",
            decay,
            f"{BEALE} -o adam:lr=0.1,weight_decay=1 -o adamw:lr=0.1,weight_decay=1",
            told=True,
        ),
        Row(
            "Two classes decay weights unasked: {}. Where the loss is flat, 200 steps at lr 0.1 "
            "leave {} and {} of a weight of 1.",
            default_decay,
            f"{BEALE} -o adamw:lr=0.3 -o adamw:lr=0.3,weight_decay=0",
            told=True,
        ),
    ],
    "Schedules": [
        Row(
            "The first rate is not the one that the optimizer was given. At lr=0.1 it is {} with "
            "OneCycleLR, {} with LinearLR, {} with ConstantLR, and {} with CyclicLR(base_lr=0.01).",
            first_rates,
            f"{SPHERE} -o sgd:lr=0.1@onecycle:cycle_momentum=false -o sgd:lr=0.1@linear "
            "-o sgd:lr=0.1@constant -o sgd:lr=0.1@cyclic:base_lr=0.01,max_lr=0.1,cycle_momentum=false "
            "--panels contour,lr",
            told=True,
        ),
        Row(
            "OneCycleLR and CyclicLR move the momentum too, against the rate: that of SGD, to "
            "which none was given, between {} and {}, and Adam's first beta between {} and {}.",
            momenta,
            f"{SPHERE} -o sgd:lr=0.1@onecycle -o sgd:lr=0.1@onecycle:cycle_momentum=false",
            told=True,
        ),
        Row(
            "So SGD without momentum has one under OneCycleLR. On Beale, 100 steps up to 0.01 end "
            "at a loss of {} without it, and at {} with it.",
            momentum_lost,
            f"{BEALE} -o sgd:lr=0.01@onecycle -o sgd:lr=0.01@onecycle:cycle_momentum=false",
            told=True,
        ),
        Row(
            "They refuse optimizers without a momentum to move, {}, unless cycle_momentum=False.",
            refused,
            f"{BEALE} -o asgd:lr=0.01@onecycle:cycle_momentum=false -o asgd:lr=0.01",
        ),
        Row(
            "OneCycleLR(total_steps=10) raises an error at its {}th step; other schedules go on for ever.",
            too_many,
            f"{SPHERE} -o sgd:lr=0.1@onecycle:total_steps=101 --panels contour,lr",
        ),
        Row(
            "CosineAnnealingLR goes back up after T_max: with T_max=50 the rate is {} at step 50, "
            "{} at 75 and {} at 100.",
            cosine_rises,
            f"{SPHERE} -o sgd:lr=0.1@cosine:T_max=50 --panels contour,lr",
            told=True,
        ),
        Row(
            "LinearLR, ConstantLR and PolynomialLR last five steps by default; PolynomialLR's rate "
            "is 0 from step {} on, and nothing moves any more.",
            polynomial_stops,
            f"{SPHERE} -o sgd:lr=0.02@polynomial -o sgd:lr=0.02@polynomial:total_iters=100",
            told=True,
        ),
        Row(
            "ReduceLROnPlateau takes a slightly worse loss as better where losses are below 0: "
            "while they rise from {} to {} without a break, the rate stays at {} with patience=0. "
            "`threshold_mode='abs'` does not.",
            plateau_below_zero,
            "compare styblinski_tang --steps 100 -o sgd:lr=0.01@plateau:patience=5 "
            "-o sgd:lr=0.01@plateau:patience=5,threshold_mode=abs --panels contour,lr",
            told=True,
        ),
        Row(
            "Rprop ignores a schedule after its first step: with StepLR, whose rate fell from 0.01 "
            "to {}, 50 steps on Beale are the same to the bit.",
            rprop_schedule,
            f"{BEALE} -o rprop:lr=0.01@step:step_size=5,gamma=0.1 -o rprop:lr=0.01",
            told=True,
        ),
        Row(
            "ASGD follows a schedule one step late: at the rates {} its steps on a slope of 1 are {} long.",
            asgd_late,
            f"{BEALE} -o asgd:lr=0.005@step:step_size=20,gamma=0.1 "
            "-o sgd:lr=0.005@step:step_size=20,gamma=0.1",
            told=True,
        ),
    ],
    "L-BFGS": [
        Row(
            "With `line_search_fn='strong_wolfe'` and `max_iter=1`, L-BFGS may not move at all: "
            "`max_eval`, a quarter more than `max_iter`, leaves its line search one point to try. "
            "On Rosenbrock the longest of 100 steps is {}; with `max_eval=25` the loss is {}. "
            "(torch 2.6 let the line search go on.)",
            line_search,
            "compare rosenbrock --start=-1.2,1 --steps 40 -o lbfgs:line_search_fn=strong_wolfe,max_iter=1 "
            "-o lbfgs:line_search_fn=strong_wolfe,max_iter=1,max_eval=25",
            told=True,
        ),
        Row(
            "One step of L-BFGS is up to 20 iterations: on Beale the first computes the loss {} times.",
            evaluations,
            f"{BEALE} -o lbfgs -o lbfgs:max_iter=1",
        ),
    ],
    "Numbers": [
        Row(
            "ASGD with foreach differs from ASGD without in digit {}, in float64 too.",
            asgd_foreach,
            f"{BEALE} -o asgd:lr=0.005 -o asgd:lr=0.005,foreach=true",
            told=True,
        ),
        Row(
            "ASGD keeps its rate in float32: without averaging and decay it differs from SGD in "
            "digit {}, and equals SGD to the bit at a rate that is rounded so.",
            asgd_rate,
            f"{BEALE} -o asgd:lr=0.005,lambd=0,alpha=0 -o sgd:lr=0.005",
        ),
        Row(
            "Muon makes its updates orthogonal roughly, and in bfloat16 whatever the weights are: "
            "the first on a slope, {} along each axis if it were exact, is {}.",
            muon_digits,
            f"{BEALE} -o muon:lr=0.05 -o adam:lr=0.05",
            told=True,
        ),
        Row(
            "Muon takes matrices only: “{}”. On a surface x and y are the row of one.",
            muon_vector,
            f"{BEALE} -o muon:lr=0.05,weight_decay=0 -o muon:lr=0.05",
            told=True,
        ),
    ],
}


def table():
    """Return the table as Markdown, measured now."""
    lines = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for title, rows in ROWS.items():
            lines += [
                f"### {title}",
                "",
                "| what surprises | what shows it | told |",
                "|---|---|---|",
            ]
            lines += [
                f"| {row.words.format(*row.figures())} | `descent {row.command}` | {_SAYS[row.told]} |"
                for row in rows
            ]
            lines.append("")
    return "\n".join(lines).strip()


def main():
    found = table()
    if "--write" not in sys.argv:
        print(found)
        return
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(
        re.sub(r"(?s)(<!-- table -->\n).*?(\n<!-- end -->)", lambda each: each[1] + found + each[2], text),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
