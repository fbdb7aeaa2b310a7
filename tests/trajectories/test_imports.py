"""What each module loads: drawing needs no torch, and specs need no NumPy."""

import subprocess
import sys

import pytest

CASES = [
    ("descent.trajectories", ("torch", "numpy")),
    ("descent.trajectories.specs", ("torch", "numpy")),
    ("descent.trajectories.tables", ("torch", "numpy")),
    ("descent.trajectories.labels", ("torch", "numpy")),
    ("descent.trajectories.atomic", ("torch", "numpy")),
    ("descent.trajectories.recording", ("torch", "matplotlib")),
    ("descent.trajectories.recording", ("torch", "matplotlib")),
    ("descent.trajectories.summary", ("torch", "matplotlib")),
    ("descent.trajectories.record", ("torch", "matplotlib")),
    ("descent.trajectories.loop", ("torch", "matplotlib")),
    ("descent.trajectories.batch", ("torch", "matplotlib")),
    ("descent.trajectories.ends", ("torch", "matplotlib")),
    ("descent.trajectories.sweep", ("torch", "matplotlib")),
    ("descent.trajectories.sweep_report", ("torch", "matplotlib")),
    ("descent.trajectories.tuning", ("torch", "matplotlib")),
    ("descent.trajectories.basins", ("torch", "matplotlib")),
    ("descent.trajectories.basins_report", ("torch", "matplotlib")),
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
    descent.record("beale", "sgd:lr=0.01", steps=3, grid=(4, 4)).save(path)
    code = (
        "import sys; from descent.trajectories.recording import load;"
        "from descent.trajectories import summary;"
        f"recording = load({str(path)!r}); summary.as_table(recording); summary.as_json(recording);"
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
