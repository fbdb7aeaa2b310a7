"""A picture in words and numbers: what it says is what the recording holds."""

import re

import numpy as np
import pytest

import descent
from descent.trajectories.regression.difference import compare
from descent.trajectories.regression.tolerances import tolerance
from descent.viz.animation import picture
from descent.viz.documents.description import as_markdown
from descent.viz.words.long_description import long_description


@pytest.fixture(name="recording", scope="module")
def _recording():
    specs = ["sgd:lr=0.01", "adam:lr=0.1", "sgd:lr=1"]
    return descent.record("beale", specs, start=(1, 1.5), steps=40, resolution=(21, 21))


def told(subject, **wishes):
    return long_description(descent.animate(subject, **wishes).scene)


def test_each_key_frame_is_told_with_the_numbers_of_the_recording(recording):
    said = told(recording)
    assert said.sentences[0] == "Step 0: all runs at (1, 1.5), loss 41.2."
    for sentence in said.sentences[1:-1]:
        step = int(re.match(r"Step (\d+):", sentence)[1])
        for run, name in zip(recording.trajectories[:2], ("SGD (lr 0.01)", "Adam (lr 0.1)"), strict=True):
            x, y, loss = re.search(
                rf"{re.escape(name)} at \((\S+), (\S+)\), loss ([^;]+?)[;.]?(?:;|\.$|$)", sentence
            ).groups()
            row = list(run.at).index(step)
            assert (float(x), float(y)) == pytest.approx(run.points[row], rel=1e-3, abs=1e-4)
            assert float(loss.rstrip(".")) == pytest.approx(run.losses[row], rel=6e-3)
        assert "SGD (lr 1) is not finite" in sentence or "SGD (lr 1) outside the view" in sentence
    assert said.sentences[-1].startswith("SGD (lr 0.01) is still moving")


def test_the_table_has_a_row_for_each_run_and_a_loss_for_each_key_frame(recording):
    said = told(recording)
    steps = [int(each.rpartition(" ")[2]) for each in said.header[1:-1]]
    assert steps[0] == 0
    assert steps[-1] == 40
    assert [row[0] for row in said.rows] == ["SGD (lr 0.01)", "Adam (lr 0.1)", "SGD (lr 1)"]
    run = recording.trajectories[1]
    for step, cell in zip(steps, said.rows[1][1:-1], strict=True):
        assert float(cell) == pytest.approx(run.losses[list(run.at).index(step)], rel=6e-3)
    assert said.rows[2][-2] == "not finite"


def test_of_many_runs_the_lowest_are_told():
    specs = [f"sgd:lr={k / 100}" for k in range(1, 9)]
    recording = descent.record("sphere", specs, steps=20, start=(1, 1), resolution=(9, 9))
    last = told(recording).sentences[-2]
    assert last.startswith("Step 20: the lowest are SGD (lr 0.08)")
    assert last.count("SGD") == 3


def test_networks_tell_losses_and_no_places():
    recording = descent.record("mlp", "sgd:lr=0.1", data="moons", epochs=1, resolution=(5, 5))
    said = told(recording)
    loss = recording.trajectories[0].losses[0]
    assert re.fullmatch(r"Step 0: SGD \(lr 0\.1\) with training loss [\d.]+\.", said.sentences[0])
    assert float(said.rows[0][1]) == pytest.approx(loss, rel=6e-3)


def test_sweeps_and_basins_are_tables():
    sweep = descent.sweep("sphere", ["sgd", "adam"], "0.1,2", steps=10, start=(1, 1), resolution=(9, 9))
    said = told(sweep)
    assert said.sentences == ()
    assert [row[0] for row in said.rows] == ["0.1", "2"]
    assert float(said.rows[0][1]) == pytest.approx(sweep.final[0, 0], rel=6e-3)
    basins = descent.basins("himmelblau", "sgd:lr=0.01", starts=6, steps=60)
    said = told(basins)
    assert sum(int(row[1]) for row in said.rows) == 36
    assert len([row for row in said.rows if row[0].startswith("(")]) == 4
    assert np.array_equal([int(row[1]) for row in said.rows[:4]], basins.counts[0])


def test_a_difference_says_who_differs_and_where(recording):
    other = descent.record(
        "beale", ["sgd:lr=0.01", "adam:lr=0.11", "sgd:lr=1"], start=(1, 1.5), steps=40, resolution=(21, 21)
    )
    said = long_description(picture(recording, other, compare(recording, other, tolerance())).scene)
    assert [row[1:] for row in said.rows] == [("the same", ""), ("differs", "1"), ("the same", "")]


def test_markdown_and_html_hold_nothing_that_ends_a_cell(recording):
    said = told(recording)
    lines = as_markdown(said).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1
    assert len(table) == 2 + len(said.rows)
    assert said.html.count("<tr>") == 1 + len(said.rows)
    assert said.html.count("<li>") == len(said.sentences)
