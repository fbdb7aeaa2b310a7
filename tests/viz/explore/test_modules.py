"""The page's own modules in node: numbers, states, tapes and rules, held to torch and to recorded runs."""

import inspect
import re

import numpy as np
import pytest
import torch

import descent
from descent import OptimizerSpec
from descent.surfaces import get, names
from descent.surfaces.tape import record
from descent.viz.explore.page import page
from descent.viz.explore.rules import DEFAULTS, rule_of

from .conftest import facts_of, paths_of


def test_numbers_are_short_and_never_hide_what_they_are(in_node):
    values = [0, 1, -2.5, 0.0012346, 0.00012346, 123456, 99999.4, 1e300, -1e-12, 0.1 + 0.2, 1e-15]
    found = in_node("answer(given.map((value) => number(value)))", values)
    assert found == [
        *("0", "1", "−2.5", "0.001235", "1.235 · 10⁻⁴", "1.235 · 10⁵", "1 · 10⁵", "1 · 10³⁰⁰", "−1 · 10⁻¹²"),
        *("0.3", "1 · 10⁻¹⁵"),
    ]
    assert in_node("answer([number(NaN), number(Infinity), number(-1/0)])", 0) == ["not a number", "∞", "−∞"]


@pytest.mark.parametrize(
    ("low", "high", "about", "expected"),
    [
        (-4.5, 4.5, 6, [-4, -2, 0, 2, 4]),
        (0, 100, 4, [0, 25, 50, 75, 100]),
        (0.11, 0.13, 4, [0.11, 0.115, 0.12, 0.125, 0.13]),
    ],
)
def test_ticks_are_round(in_node, low, high, about, expected):
    assert in_node(f"answer(ticks({low}, {high}, {about}))", 0) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-3.2, 4.1, [-2, 0, 2, 4]),
        (0.2, 2.9, [1, 2]),
        (1.1, 1.95, [np.log10(20), np.log10(50)]),
        (0.1, 0.2, [0.1, 0.2]),
    ],
)
def test_marks_of_a_log_scale_are_powers_of_ten_or_few_more(in_node, low, high, expected):
    assert in_node(f"answer(decades({low}, {high}, 5))", 0) == pytest.approx(expected)


def test_a_state_is_written_and_read_back(in_node, facts):
    code = """
    const state = { ...beginning(given), row: 2, column: 4, rates: [0, 1, 2, 3, 0], step: 7 };
    state.predict = state.numbers = true;
    const on = [false, true, false, false, true];
    state.kept = { row: 1, column: 0, rates: [2, 2, 2, 2, 2], on, exact: null };
    state.on = [true, false, true, false, false];
    state.hide = ["about", "losses"];
    state.theme = "dark";
    const first = beginning(given);
    const again = (wish) => read(write(wish, given), given);
    answer([state, again(state), write(first, given), again(first), first]);
    """
    state, again, short, plain, first = in_node(code, facts)
    assert again == state
    assert plain == first
    assert re.fullmatch(r"#x=[\d.-]+&y=[\d.-]+&lr=[\d.]+", short)


@pytest.mark.parametrize(
    ("wish", "change"),
    [
        ("#x=99&y=-99", {"row": 0, "column": 5}),
        ("#x=abc&lr=oops,-1,nan&show=nobody&step=x&theme=pink", {}),
        ("#step=-2", {"step": 39}),
        ("#step=1e9", {"step": 40}),
        ("#lr=0.012", {"rates": [1] * 5}),
        ("#lr=0.1,1", {"rates": [2, 3, 3, 3, 3]}),
        ("#show=adam, rmsprop", {"on": [False, False, True, True, False]}),
        ("#<script>=%00", {}),
    ],
)
def test_an_address_of_any_kind_is_read(in_node, facts, wish, change):
    first, found = in_node(f"answer([beginning(given), read({wish!r}, given)])", facts)
    assert found == first | change


def test_the_page_evaluates_every_tape_as_torch_does(in_node):
    rng, given, expected = np.random.default_rng(0), [], []
    for surface in map(get, names()):
        if surface.parameters == 1 or (tape := record(surface)) is None:
            continue
        places = np.array([rng.uniform(*side, 20) for side in surface.view]).T
        at = torch.tensor(places, requires_grad=True)
        losses = surface(at)
        (slopes,) = torch.autograd.grad(losses.sum(), at)
        expected.append(np.column_stack([losses.detach(), slopes]))
        plain = {"operations": [[name, list(k)] for name, k in tape.operations], "constants": tape.constants}
        given.append({"tape": plain, "places": places.tolist()})
    assert len(given) > 30
    found = in_node(
        "answer(given.map(({ tape, places }) => places.map((at) => evaluate(tape, ...at))))", given
    )
    for one, other in zip(found, expected, strict=True):
        assert np.abs(np.array(one) - other).max() < 1e-12 * np.abs(other).max()


def test_the_defaults_of_the_rules_are_those_of_torch():
    for name, options in DEFAULTS.items():
        known = inspect.signature(getattr(torch.optim, OptimizerSpec(name).title)).parameters
        how = {"params", "lr", "foreach", "fused", "capturable", "differentiable", "maximize"}
        assert options.keys() <= known.keys()
        assert known.keys() - options.keys() - how <= {"decoupled_weight_decay"}
        assert {key: known[key].default for key in options} == options


SPECS = [
    *("sgd", "sgd:momentum=0.9", "sgd:momentum=0.9,nesterov=true", "sgd:momentum=0.8,dampening=0.3"),
    *("sgd:weight_decay=0.01", "adam", "adam:betas=0.5/0.9,eps=0.001", "adam:amsgrad=true,weight_decay=0.1"),
    *(
        "adamw",
        "adamw:weight_decay=0.3",
        "rmsprop",
        "rmsprop:centered=true",
        "rmsprop:momentum=0.5,alpha=0.9",
    ),
    *("adagrad", "adagrad:lr_decay=0.1,weight_decay=0.01", "adagrad:initial_accumulator_value=0.5,eps=0.01"),
]
REPLAY = """
const { facts } = given, data = decode(await inflate(given.paths), facts), found = [];
facts.optimizers.forEach((optimizer, o) => facts.rates.forEach((lr, r) => {
  facts.y.forEach((y, row) => facts.x.forEach((x, column) => {
    const path = pathOf(data, facts, o, r, row, column);
    const again = replay(optimizer.rule, facts.tape, evaluate, [x, y], lr, facts.steps);
    found.push({ x: again.x, y: again.y, losses: again.losses, departs: departure(again, path, facts) });
  }));
}));
answer(found);
"""


@pytest.fixture(name="replayed", scope="module")
def _replayed():
    found = descent.explore("himmelblau", SPECS, "0.003,0.02,0.1", starts="4x3", steps=25)
    return found, page(found)[0]


def test_the_rules_make_the_steps_of_torch(replayed, in_node):
    explored, text = replayed
    found = in_node(REPLAY, {"facts": facts_of(text), "paths": paths_of(text)})
    points = explored.points.reshape(-1, 26, 2)
    losses = explored.losses.reshape(-1, 26)
    assert all(each["departs"] == -1 for each in found)
    for each, path, loss in zip(found, points, losses, strict=True):
        if np.isfinite(path).all() and np.abs(path).max() < 100:
            assert np.abs(np.array([each["x"], each["y"]]).T - path).max() < 1e-9
            assert np.allclose(np.array(each["losses"]), loss, rtol=1e-6, atol=1e-9)


def test_the_lines_of_a_step_add_up(replayed, in_node):
    """What is written with numbers, worked out by Python, gives the value beside it."""
    explored, text = replayed
    code = """
    const { facts } = given;
    answer(facts.optimizers.map(({ rule }) => [1, 9].map((k) =>
      replay(rule, facts.tape, evaluate, [facts.x[1], facts.y[1]], facts.rates[0], 10, k))));
    """
    found = in_node(code, {"facts": facts_of(text)})
    checked = 0
    for each in found:
        for step, made in zip((1, 9), each, strict=True):
            for axis, lines in enumerate(made["lines"]):
                assert lines[0][3] == pytest.approx(slope_at(explored, made, step, axis), rel=1e-9)
                assert lines[-1][3] == made["xy"[axis]][step]
                for name, _, filled, value in lines:
                    if filled and "=" not in filled:
                        assert worked_out(filled) == pytest.approx(value, rel=2e-3, abs=2e-4), (name, filled)
                        checked += 1
    assert checked > 200


def slope_at(explored, made, step, axis):
    at = torch.tensor([made["x"][step - 1], made["y"][step - 1]], dtype=torch.float64, requires_grad=True)
    get(explored.target)(at).backward()
    return at.grad[axis].item()


def worked_out(words):
    raised = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    words = re.sub(r"10([⁰¹³⁴⁵⁶⁷⁸⁹⁻²]+)", lambda power: f"10**({power[1].translate(raised)})", words)
    words = words.replace("²", "**2").replace("−", "-").replace("·", "*")
    words = re.sub(r"([\d.]+) \* (10\*\*\(-?\d+\))", r"(\1 * \2)", words)
    assert re.fullmatch(r"[\d.+*/() -]+", words), words
    return eval(words)


def test_a_run_that_is_not_the_recorded_one_is_told(in_node):
    text = page(descent.explore("himmelblau", "sgd", "0.003,0.02,0.1", starts="4x3", steps=25))[0]
    wrong = "{ ...optimizer.rule, options: { ...optimizer.rule.options, ...given.wrong } },"
    code = REPLAY.replace("optimizer.rule,", wrong)
    given = {"facts": facts_of(text), "paths": paths_of(text)}
    assert all(each["departs"] == -1 for each in in_node(code, given | {"wrong": {}}))
    found = in_node(code, given | {"wrong": {"weight_decay": 0.5}})
    assert all(each["departs"] > 0 for each in found)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("nadam", "NAdam"),
        ("sgd@cosine", "a schedule"),
        ("sgd:zero_grad=false", "added up, kept or clipped"),
        ("adam:maximize=true", "Adam with maximize"),
        ("some.package.Lion", "no formula for Lion"),
    ],
)
def test_where_no_rule_is_known_it_is_said(spec, why):
    rule, words = rule_of(OptimizerSpec.parse(spec))
    assert rule is None
    assert why in words


def test_no_two_modules_have_a_name_in_common(in_node):
    assert in_node("answer(known)", 0) == list(DEFAULTS)
