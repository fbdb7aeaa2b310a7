"""What is said of pictures: true numbers, plain sentences, bounded lengths."""

import re
import subprocess
import sys

import numpy as np
import pytest

import descent
from descent.trajectories.regression.difference import compare
from descent.trajectories.regression.tolerances import tolerance
from descent.trajectories.reports.runs import summarize
from descent.trajectories.results.trajectory import Outcome
from descent.trajectories.specs.optimizer_spec import OptimizerSpec
from descent.viz.animation import picture
from descent.viz.scenes.scene import compose
from descent.viz.words.describe import words
from descent.viz.words.prose import LONGEST, listed, named

NAMES = (
    *("two runs", "one leaves", "one comes back", "diverging", "to infinity", "to nan", "nan between"),
    *(
        "all gone",
        "unequal lengths",
        "standing still",
        "start outside",
        "never in view",
        "one step",
        "no runs",
    ),
)


def said(subject, moving=True, **look):
    return words(compose(subject, **look), moving=moving)


def check(found):
    """Full sentences in one line, nothing that a program would print, one number for singular nouns."""
    for text in (found.alt, found.caption):
        assert text[0].isupper()
        assert text.endswith(".")
        assert text == " ".join(text.split())
        assert text.isascii()
        assert not re.search(
            r"\b(nan|inf|None|True|False)\b|\(\)|\.\.|, \.| ,|\b1 (steps|runs|epochs)\b", text
        )
        assert not re.search(r"\d{7}", text)
    assert len(found.alt) <= LONGEST
    assert found.title


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("moving", [True, False])
def test_every_recording_is_described(named, name, moving):
    recording = named(name)
    found = said(recording, moving)
    check(found)
    assert found.alt.startswith(f"Contour {'animation' if moving else 'plot'} of the Made up surface")
    for row, run in zip(summarize(recording), recording.trajectories, strict=True):
        assert f"{row.title} (lr" in found.alt
        if run.outcome.kind == "left the view":
            assert (
                "is never in the view"
                if not run.outcome.step
                else f"leaves the view at step {run.outcome.step}"
            ) in found.alt
        elif run.outcome.kind == "non-finite":
            assert f"becomes non-finite at step {run.outcome.step}" in found.alt
        else:
            assert (
                f"ends {row.distance:.3g} from the known minimum with loss {row.final_loss:.3g}" in found.alt
            )


def test_arrivals_and_departures_are_told_apart(make_recording, make_run, shrinking):
    near = make_run(shrinking(0.5, 0.5, steps=24), "adam:lr=0.1")
    found = said(make_recording(near, make_run("wavy", "sgd:lr=0.01"), make_run("leaves", "rmsprop:lr=0.5")))
    step = summarize(make_recording(near))[0].steps_to_minimum
    assert found.alt == (
        "Contour animation of the Made up surface, 24 steps from (1.5, 1). "
        f"Adam (lr 0.1) comes within 0.001 of the known minimum at step {step}. "
        "SGD (lr 0.01) ends 0.445 from the known minimum with loss 0.211. "
        "RMSprop (lr 0.5) leaves the view at step 7."
    )
    assert found.caption == (
        "Adam, SGD and RMSprop on the Made up surface, 24 steps from (1.5, 1). "
        f"Adam (lr 0.1) ends lowest, with loss {summarize(make_recording(near))[0].final_loss:.3g}. "
        "RMSprop (lr 0.5) leaves the view at step 7. Made with torch.optim 2.13.0."
    )


def test_without_a_known_minimum_losses_are_said(make_recording, make_run):
    found = said(make_recording(make_run("inside"), minima=(), target="expr:x**2 + 3*y**2", versions=()))
    assert found.alt == (
        "Contour animation of the loss x**2 + 3*y**2, 24 steps from (1.5, 1). "
        "Adam (lr 0.1) ends with loss 0.0144."
    )
    assert "Made with" not in found.caption


def test_several_minima_and_convergence(make_recording, make_run):
    run = make_run("short", outcome=Outcome("converged", 9))
    found = said(make_recording(run, minima=((0.0, 0.0), (1.0, 1.0)), stop_at=0.01))
    assert "converges at step 9 with loss" in found.alt
    assert "from a known minimum" in found.alt
    assert "Runs end at gradient norm 0.01." in found.alt


def test_what_would_mislead_is_said(make_recording, make_run):
    run = make_run("inside", "sgd:lr=0.1,clip=1,accumulate=2,zero_grad=false@step:step_size=30")
    found = said(make_recording(run, noise=0.5, seed=3, protocol="the rate is the best of 25"), heights="log")
    for text in (found.alt, found.caption):
        assert "gradients clipped to norm 1" in text
        assert "gradients never cleared" in text
        assert "gradients added up over 2 passes" in text
        assert "Noise of 0.5 is added to each gradient (seed 3)." in text
        assert "The rate is the best of 25." in text
        assert "Heights are on a log scale." in text
    assert "StepLR step_size 30" in found.alt
    assert "log scale" not in said(make_recording(run), heights="linear").alt


def test_many_runs_are_summed_up(make_recording, make_run):
    kinds = ["inside", "wavy", "leaves", "huge", "still", "to nan"]
    runs = [make_run(kinds[k % 6], f"sgd:lr={(k + 1) / 100:g},momentum=0.9") for k in range(30)]
    found = said(make_recording(*runs))
    check(found)
    assert "The best three of 30 runs by final loss: SGD (lr 0.01, momentum 0.9) ends" in found.alt
    assert "Of 30 runs, 5 leave the view and 10 become non-finite." in found.alt
    assert found.caption.startswith("SGD at 30 learning rates on the Made up surface")


def test_the_longest_names_leave_no_half_sentence(make_recording, make_run):
    schedule = "".join(f"@step:step_size={k},gamma=0.123456" for k in range(1, 9))
    runs = [make_run("wavy", f"sgd:lr={k},clip=1{schedule}") for k in (0.1, 0.2, 0.3, 0.4, 0.5)]
    found = said(make_recording(*runs, target=f"expr:{'x + ' * 400}y"))
    assert len(found.alt) <= LONGEST
    long = said(make_recording(*runs))
    check(long)
    assert "gradients clipped to norm 1, and more options" in long.alt


def test_equal_runs_have_no_winner(make_recording, make_run):
    found = said(make_recording(make_run("inside", "sgd:lr=0.1"), make_run("inside", "adam:lr=0.1")))
    assert "Both end alike, with loss 0.0144." in found.caption


def test_a_bare_surface_says_where_it_is(named, make_recording):
    found = said(named("no runs"), moving=False)
    assert found.alt == (
        "Contour plot of the Made up surface, x from -2 to 2 and y from -1.5 to 1.5. "
        "The known minimum is at (0, 0)."
    )
    several = make_recording(minima=[(k / 10, 0.0) for k in range(9)])
    assert "Known minima are at (0, 0), (0.1, 0)" in said(several).alt


def test_grids_and_strips_are_named(make_recording, make_run):
    recording = make_recording(make_run("inside", "sgd:lr=0.1"), make_run("wavy", "sgd:lr=0.2"))
    assert said(recording, grid="optimizer,lr").alt.startswith(
        "Small contour animations by optimizer and learning rate of the Made up surface"
    )
    strip = said(recording, strip=4).alt
    assert strip.startswith(
        "Four contour plots side by side, from the first step to the last, of the Made up"
    )
    assert "animation" not in strip


@pytest.mark.parametrize("kind", ["moons", "blobs", "waves", "line"])
def test_networks_are_described(make_network, kind):
    found = said(make_network(kind))
    check(found)
    assert f"learning {kind}, 10 epochs in batches of 15." in found.alt
    assert re.search(
        r"SGD \(lr 0\.2\) ends with training loss [\d.e-]+ and test (accuracy [\d.]+ %|RMSE [\d.]+)",
        found.alt,
    )
    assert ("The plane holds" in found.alt) == (kind != "line")


def test_networks_that_leave_or_stop_say_so(make_network):
    left = said(make_network("moons", specs=("sgd:lr=200", "adam:lr=0.05")))
    assert re.search(r"SGD \(lr 200\) leaves the view (at|by) step \d+ and ends with training loss", left.alt)
    stopped = said(make_network("moons", specs=("sgd:lr=0.2",), steps=60, stop=30))
    assert "stops early at step 30 with training loss" in stopped.alt
    check(left)
    check(stopped)


def sweep(**options):
    return descent.sweep("sphere", ["sgd", "adam"], "0.01,0.1,3", steps=20, resolution=(9, 9), **options)


def test_sweeps_say_the_best_rates():
    found = said(sweep())
    check(found)
    assert found.alt.startswith(
        "Animation of the loss against the learning rate on the Sphere surface: 2 optimizers at 3 "
        "learning rates"
    )
    assert re.search(
        r"SGD is best at lr 0\.1 with loss [\d.e-]+, good 0\.1 only; 1 of 3 rates diverges\.", found.alt
    )
    assert f"Good: {sweep().good_means}." in found.alt
    assert "Plain SGD is unstable here above the rate 1." in found.alt
    assert re.search(r"(SGD|Adam) ends lowest, at lr [\d.]+, with loss", found.caption)
    small = said(sweep(seeds=3, noise=0.1), moving=False, grid="optimizer,lr")
    check(small)
    assert small.alt.startswith("Small contour plots of the paths on the Sphere surface")
    assert "median of 3 seeds" in small.alt


def test_a_best_rate_at_an_end_of_the_range_is_said_to_be_there():
    found = said(descent.sweep("sphere", "adam", "0.01,0.1", steps=20, resolution=(9, 9)))
    assert "Adam is best at lr 0.1 (largest tried) with loss" in found.alt
    assert "at lr 0.1 (largest tried), with loss" in found.caption


def test_a_sweep_of_which_nothing_is_usable_says_that():
    found = said(descent.sweep("sphere", "sgd", "30,40", steps=20, resolution=(9, 9)))
    check(found)
    assert "SGD stays finite and in the view at none of the 2 rates." in found.alt
    assert "No run stays finite and in the view." in found.caption


def test_basins_say_the_shares():
    basins = descent.basins("himmelblau", ["adam:lr=0.3", "sgd:lr=0.5"], starts=8, steps=60)
    found = said(basins, moving=False)
    check(found)
    assert found.alt.startswith(
        "Maps of which minimum each of 8 x 8 starts reaches on the Himmelblau surface"
    )
    reached = int((basins.index[0] >= 0).sum())
    shares = [float(x) for x in re.findall(r"([\d.]+) %(?: of the starts)? reach", found.alt.split("SGD")[0])]
    assert sum(shares) == pytest.approx(100 * reached / 64, abs=0.3)
    assert "diverge" in found.alt.split("SGD")[1]


def test_differences_say_where_runs_part():
    one = descent.record("beale", "adam:lr=0.1", steps=20, resolution=(9, 9))
    other = descent.record("beale", "adam:lr=0.1,eps=0.5", steps=20, resolution=(9, 9))
    found = words(picture(one, other, compare(one, other, tolerance())).scene, moving=False)
    check(found)
    assert "The found run differs from step 1 on, first in the update" in found.alt
    same = words(picture(one, one, compare(one, one, tolerance())).scene, moving=False)
    assert "They are the same within tolerance" in same.alt


def test_heights_that_are_not_finite_anywhere_are_no_obstacle(make_recording, make_run):
    check(said(make_recording(make_run("inside"), z=np.full((31, 41), np.nan))))


def test_optimizers_of_ones_own_are_not_torchs():
    from descent.viz.words.prose import made

    assert made([OptimizerSpec.parse("adam")], [("torch", "2.13")]) == ["Made with torch.optim 2.13."]
    assert made([OptimizerSpec.parse("mine.Own")], [("torch", "2.13")]) == ["Made with torch 2.13."]


def test_pieces():
    assert listed([]) == ""
    assert named("adamw") == "AdamW"


def test_no_library_is_loaded_for_words():
    code = (
        "import sys, descent.viz.words.describe; "
        "print([n for n in ('torch', 'matplotlib') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
