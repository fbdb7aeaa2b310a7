"""The kinds of arrows that can be drawn at each head, an entry each; loads no library."""

from __future__ import annotations

from dataclasses import dataclass

GRADIENTS, POINTS, STATE = "gradients", "points", "state"  # the part of a trajectory that arrows read

# How long they are drawn: as the plot's axes say; by the square root of their size; or all to one size, where
# only the ratio of their parts means something.
TO_SCALE, BY_ROOT, BY_RATIO = "to scale", "by root", "by ratio"

# How their outlines are painted: a line in the colour of marks; filled with the run's colour, or with a pale
# one; or so that the heights can be seen through.
LINE, SOLID, HOLLOW, GLASS = "line", "solid", "hollow", "glass"


@dataclass(frozen=True, slots=True)
class Arrow:
    """What can be said about a kind of arrow without drawing it."""

    help: str
    reads: str  # GRADIENTS, POINTS or STATE
    vectors: str  # module:function in viz: (trajectory) -> (rows, 2), NaN where there is nothing to draw
    length: str  # TO_SCALE, BY_ROOT or BY_RATIO
    outline: (
        str  # module:function in viz, without matplotlib: (way, px) -> lines in pixels; px scales lengths
    )
    paint: str  # LINE, SOLID, HOLLOW or GLASS
    words: tuple[str, str]  # what the key says, long and short
    needs: str  # what a run must have
    instead: str = ""  # which optimizers hold that, where it is state
    words_of_network: tuple[str, str] | None = None  # what the key says where a network is trained


ARROWS: dict[str, Arrow] = {  # each lies above those that follow
    "gradient": Arrow(
        "the downhill direction",
        GRADIENTS,
        "scenes.arrow_vectors:downhill",
        BY_ROOT,
        "contour.arrow_shapes:thin",
        LINE,
        ("downhill, against the gradient", "downhill"),
        needs="a gradient that is finite",
        words_of_network=("against the gradient of its batch", "against its gradient"),
    ),
    "step": Arrow(
        "the step that the optimizer takes next, to scale",
        POINTS,
        "scenes.arrow_vectors:next_step",
        TO_SCALE,
        "contour.arrow_shapes:block",
        SOLID,
        ("the next step, to scale", "next step"),
        needs="two rows that are one step apart and finite",
    ),
    "momentum": Arrow(
        "the direction that the optimizer's momentum pushes in",
        STATE,
        "scenes.arrow_vectors:push",
        BY_ROOT,
        "contour.arrow_shapes:broad",
        HOLLOW,
        ("push of its momentum", "momentum"),
        needs="momentum",
        instead="sgd:momentum=0.9 or adam",
    ),
    "adam": Arrow(
        "Adam's scaling of each parameter, as an ellipse",
        STATE,
        "scenes.arrow_vectors:scaling",
        BY_RATIO,
        "contour.arrow_shapes:ellipse",
        GLASS,
        ("how x and y steps are stretched", "stretch"),
        needs="a mean of squared gradients",
        instead="adam, rmsprop or adagrad",
    ),
}
