"""A small course in a folder of its own."""

import pytest

COURSE = """
[course]
title = "Small"

[defaults]
size = "320x240"
formats = ["png"]

[defaults.compare]
steps = 3

[figures.bowl]
target = "sphere"
optimizers = ["sgd:lr=0.1"]
start = [1, 1]

[figures.rates]
command = "sweep"
target = "sphere"
optimizers = "sgd"
lr = "0.1,0.5"
steps = 2
"""


@pytest.fixture(name="course")
def _course(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(COURSE, encoding="utf-8")
    return path


@pytest.fixture(name="change")
def _change(course):
    def change(*pairs):
        text = course.read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        course.write_text(text, encoding="utf-8")

    return change
