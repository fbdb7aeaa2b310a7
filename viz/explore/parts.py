"""The parts of a page that can be left out; loads no library."""

from __future__ import annotations

PARTS: dict[str, str] = {
    "presets": "situations to look at",
    "controls": "play, steps and speed",
    "rate": "the slider of the learning rate",
    "optimizers": "the list of optimizers, with what each has come to",
    "losses": "the panel of losses",
    "compare": "keep a situation as A while another is chosen",
    "predict": "predict first",
    "numbers": "the rule with the numbers of a step",
    "about": "keys, and how the page was made",
}
