"""What each module loads: drawing needs no torch, and specs need no NumPy."""

import subprocess
import sys

import pytest

CASES = [
    ("descent.trajectories", ("torch", "numpy")),
    ("descent.trajectories.specs.optimizer_spec", ("torch", "numpy")),
    ("descent.trajectories.specs.tables", ("torch", "numpy")),
    ("descent.trajectories.specs.labels", ("torch", "numpy")),
    ("descent.trajectories.results.whole_files", ("torch", "numpy")),
    ("descent.trajectories.results.recording", ("torch", "matplotlib")),
    ("descent.trajectories.results.recording", ("torch", "matplotlib")),
    ("descent.trajectories.reports.runs", ("torch", "matplotlib")),
    ("descent.trajectories.experiments.record", ("torch", "matplotlib")),
    ("descent.trajectories.descent.loop", ("torch", "matplotlib")),
    ("descent.trajectories.descent.batch", ("torch", "matplotlib")),
    ("descent.trajectories.descent.ends", ("torch", "matplotlib")),
    ("descent.trajectories.experiments.sweep", ("torch", "matplotlib")),
    ("descent.trajectories.reports.sweep", ("torch", "matplotlib")),
    ("descent.trajectories.experiments.tuning", ("torch", "matplotlib")),
    ("descent.trajectories.experiments.basins", ("torch", "matplotlib")),
    ("descent.trajectories.reports.basins", ("torch", "matplotlib")),
]


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(("module", "absent"), CASES)
def test_a_module_stays_light(module, absent):
    assert python(f"import sys, {module}; print([name for name in {absent} if name in sys.modules])") == "[]"


def test_loading_and_summarizing_need_no_torch(tmp_path):
    import descent

    path = tmp_path / "a.npz"
    descent.record("beale", "sgd:lr=0.01", steps=3, resolution=(4, 4)).save(path)
    code = (
        "import sys; from descent.trajectories.results.recording import load;"
        "from descent.trajectories.reports import runs;"
        f"recording = load({str(path)!r}); runs.as_table(recording); runs.as_json(recording);"
        "recording.distances(0); print('torch' in sys.modules)"
    )
    assert python(code) == "False"


def test_the_face_shows_its_names():
    import descent.trajectories as face

    assert set(face.__all__) <= set(dir(face))
    for name in face.__all__:
        assert getattr(face, name).__name__ == name
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = face.no_such_name
