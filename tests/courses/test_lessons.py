"""Every lesson's code runs, its numbers are those of the run, and its page has all its parts."""

import re

import pytest
from click.testing import CliRunner

from descent.cli import cli
from descent.courses.lessons import LESSONS, Ran, build_lesson, page, run, template
from descent.courses.manifest import read_course
from descent.surfaces.errors import DescentError


@pytest.fixture(name="ran", scope="module")
def _ran():
    return {name: run(name) for name in LESSONS}


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_is_whole(name, ran, tmp_path):
    text = page(name, ran[name])
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert 200 <= len(re.findall(r"[A-Za-z]+(?:['-][A-Za-z]+)*", prose)) <= 400
    assert re.findall(r"^#+ .*", prose, re.MULTILINE)[1:] == ["## Exercise", "## Answer"]
    assert not re.search(r"\{[a-z]|<!--", prose)
    assert ran[name].printed
    assert f"```text\n{ran[name].printed}\n```" in text
    assert "<!-- figures -->" in template(name)


@pytest.mark.parametrize("name", LESSONS)
def test_a_manifest_is_read(name, tmp_path):
    from importlib.resources import files

    path = tmp_path / "lesson.toml"
    path.write_bytes((files("descent.courses") / "pages" / f"{name}.toml").read_bytes())
    assert read_course(path).figures


def test_numbers_are_those_of_arithmetic(ran):
    assert ran["update-rule"].numbers["gradient"] == 0.5
    assert ran["update-rule"].numbers["after"] == pytest.approx(0.995)
    rates = ran["rates"].numbers
    assert rates["small"] == pytest.approx(0.99**30, rel=1e-5)
    assert rates["large"] == pytest.approx(1.1**30, rel=1e-5)
    assert ran["schedulers"].printed == "rates: 100, 100, 10, 10, 1, 1"
    for name, momentum in (("plain", 0.0), ("heavy", 0.9)):
        places, pushes = [1.0, 1.0], [0.0, 0.0]
        for _ in range(100):
            pushes = [momentum * push + c * w for push, c, w in zip(pushes, (1, 50), places, strict=True)]
            places = [w - 0.03 * push for w, push in zip(places, pushes, strict=True)]
        loss = 0.5 * (places[0] ** 2 + 50 * places[1] ** 2)
        assert ran["momentum"].numbers[name] == pytest.approx(loss, rel=1e-3)  # of a hundred float32 steps
    first = ran["sgd-rate-for-adam"].numbers  # a first step of Adam is the rate, but for eps
    assert (first["sgd_large"], first["adam_large"]) == pytest.approx((0.5 * 2 * 0.01, 0.5), rel=1e-5)
    assert (first["sgd"], first["adam"]) == pytest.approx((0.001 * 2 * 100, 0.001), rel=1e-4)
    steps = ran["backward-and-step"].numbers
    assert (steps["gradient"], steps["after"]) == pytest.approx((2.0, 1 - 0.2 * 2))
    w, buffer, places = 1.0, 0.0, []
    for _ in range(40):  # what a loop without zero_grad does
        buffer += 2 * w
        w -= 0.1 * buffer
        places.append(abs(w))
    assert ran["zero-grad"].numbers["wrong"] == pytest.approx(max(places[20:]), rel=1e-4)


def test_a_field_without_a_number_is_an_error(ran):
    with pytest.raises(DescentError, match="leaves no such number"):
        page("rates", Ran("", {}))


def test_a_lesson_builds(tmp_path):
    made = build_lesson("update-rule", tmp_path / "here")
    text = made.read_text(encoding="utf-8")
    assert re.search(r"!\[.{20,}\]\(figures/parabola\.png\)", text)
    assert (tmp_path / "here/figures/parabola.png").is_file()


def test_the_list_and_a_wrong_name(tmp_path):
    listed = CliRunner().invoke(cli, ["lesson", "list"])
    assert [line.split()[0] for line in listed.output.splitlines()] == list(LESSONS)
    wrong = CliRunner().invoke(cli, ["lesson", "momentun", "--out", str(tmp_path / "x")])
    assert wrong.exit_code
    assert "momentum" in wrong.output
    assert not (tmp_path / "x").exists()
