"""What a user can wish for a picture: every wish, its default, its words and its check; loads no library."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from ...surfaces.errors import DescentError, unknown
from ...surfaces.text import shown_value
from ..style.language import LANGUAGES
from ..style.layout import SIZES, parse_size
from ..style.themes import THEMES, Theme
from .arrow_kinds import ARROWS
from .panel_table import GRIDS, PANELS, parse_names, parse_panels
from .subjects import SUBJECTS
from .two_points import EVALUATED, POINTS
from .wish_types import of_its_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Wish:
    """How a wish is said: as an option of a command, and as an argument in Python."""

    default: str | float | bool | None
    flag: str  # as click takes it: "--theme", or "--loop/--no-loop" for a switch
    help: str  # for the command line
    about: str  # for Python
    kind: type[str | int | float | bool] = str  # of the option's value; bool: on when it is given
    metavar: str | None = None
    of: str = ""  # ANIMATION or STILL where only that has it
    timed: bool = False  # whether it is about time alone, so that it changes nothing in a still
    suffixes: tuple[str, ...] = ()  # of the only files that it changes; all where nothing is said
    subjects: tuple[str, ...] = ()  # the kinds of subjects that have it; all where nothing is said


_MOST_STEPS = 10**9
ANIMATION, STILL = "animation", "still"
CHROMAS = ("420", "444")
_RECORDING = ("recording",)


def _wish(default: Any, flag: str, help: str, about: str, **more: Any) -> Any:
    return field(default=default, metadata={"wish": Wish(default, flag, help, about, **more)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The wishes for a picture; options of commands, `animate`, `still` and their help follow from it."""

    theme: str | Path | Mapping[str, Any] | Theme = _wish(  # a Theme from here on  # noqa: RUF009
        "light",
        "--theme",
        f"{', '.join(THEMES)}, or a matplotlib style sheet.",
        "A name in `descent list themes`, the file or the name of a matplotlib style sheet, or a Theme.",
    )
    size: str | tuple[int, int] = _wish(
        "medium",
        "--size",
        f"WIDTHxHEIGHT, {', '.join(SIZES)}.",
        'A preset such as "medium", "960x600", or (width, height) in pixels.',
    )
    fps: float | None = _wish(
        None,
        "--fps",
        "Frames a second, at most 50; by default 25, fewer if short.",
        "Frames a second, at most 50; by default 25, and fewer for short runs.",
        kind=float,
        of=ANIMATION,
        timed=True,
    )
    seconds: float | None = _wish(
        None,
        "--seconds",
        "Length; by default a frame a step, up to 300.",
        "The length without the hold; by default one frame a step, at most 300 frames, and 4 to 8 frames a "
        "step in short runs.",
        kind=float,
        of=ANIMATION,
        timed=True,
    )
    hold: float = _wish(
        1.5,
        "--hold",
        "Seconds that the last frame stays in addition.",
        "How long the last frame stays in addition, in seconds.",
        kind=float,
        of=ANIMATION,
        timed=True,
    )
    loop: bool = _wish(
        True,
        "--loop/--no-loop",
        "Whether an animation starts again.",
        "Whether the animation starts again at its end.",
        kind=bool,
        of=ANIMATION,
        timed=True,
    )
    loops: int | None = _wish(
        None,
        "--loops",
        "How often an animation plays; by default without end.",
        "How often the animation plays, 1 to 1000; by default without end, or once with ``loop=False``.",
        kind=int,
        metavar="N",
        of=ANIMATION,
        timed=True,
    )
    stops: str | Sequence[int] | None = _wish(
        None,
        "--stops",
        "Steps at which a talk waits, as 1,5,20.",
        "Steps at which a talk waits: the player plays to each and waits, a PDF and numbered frames have a "
        "page for each and for the last step.",
        metavar="STEPS",
        of=ANIMATION,
        suffixes=(".html", ".pdf", "frames/"),
    )
    heights: str = _wish(
        "auto",
        "--heights",
        "Height scale: auto, linear or log.",
        '"auto", "linear" or "log" scaling of the contour\'s heights.',
    )
    panels: str | Sequence[str] | None = _wish(
        None,
        "--panels",
        f"What the picture shows: {', '.join(PANELS)}.",
        "What the picture of a recording shows, the most important first, as a list or apart by commas: some "
        f"of {', '.join(PANELS)} (see `descent list panels`). By default those that suit and have room.",
        metavar="NAMES",
        subjects=_RECORDING,
    )
    pace: str = _wish(
        "even",
        "--pace",
        "even, or early: more time for the first steps.",
        '"even", or "early" for more time on the first steps.',
        of=ANIMATION,
        timed=True,
    )
    grid: str | Sequence[str] | None = _wish(
        None,
        "--grid",
        f"Small panels: {', '.join(GRIDS)}; two names are rows and columns.",
        f"Small contour panels by {', '.join(GRIDS)}: one of these, or two apart by a comma for what stands "
        "below each other and beside each other.",
        metavar="NAMES",
        subjects=("recording", "sweep"),
    )
    strip: int | None = _wish(
        None,
        "--strip",
        "So many key frames side by side in one still.",
        "So many key frames side by side, 2 to 8.",
        kind=int,
        metavar="N",
        of=STILL,
        subjects=_RECORDING,
    )
    arrows: str | Sequence[str] | None = _wish(
        None,
        "--arrows",
        f"At each head: {', '.join(ARROWS)}.",
        f"What to draw at each head: some of {', '.join(ARROWS)}.",
        metavar="NAMES",
        subjects=_RECORDING,
    )
    point: str = _wish(
        EVALUATED,
        "--point",
        f"Of optimizers with two points: {', '.join(POINTS)}.",
        "Which point is drawn of an optimizer that takes gradients at another than its user evaluates, as "
        'Schedule-Free methods do: "evaluated", "training", or "both", the training point as a thin line.',
        subjects=_RECORDING,
    )
    field: bool = _wish(
        False,
        "--field",
        "Small arrows all over the contour that point downhill.",
        "Whether small arrows all over the contour point downhill.",
        kind=bool,
        subjects=_RECORDING,
    )
    zoom: bool = _wish(
        True,
        "--zoom/--no-zoom",
        "Whether a contour shows the part of the view that the runs are in.",
        "Whether a contour shows the part of the view that holds the runs, with a small map of all of it.",
        kind=bool,
        subjects=_RECORDING,
    )
    lens: bool = _wish(
        True,
        "--lens/--no-lens",
        "Whether a lens magnifies the part that the later half is in.",
        "Whether a lens on the contour magnifies the part in which the later half of the animation happens, "
        "where that is a quarter of the contour or less and there is room.",
        kind=bool,
        subjects=_RECORDING,
    )
    levels: bool = _wish(
        True,
        "--levels/--no-levels",
        "Whether some lines of equal height on a contour have their number.",
        "Whether some lines of equal height on a contour have their number, where it hides nothing.",
        kind=bool,
        subjects=_RECORDING,
    )
    orbit: bool = _wish(
        False,
        "--orbit",
        "Let the 3-D surface turn to and fro.",
        "Whether the 3-D surface turns to and fro.",
        kind=bool,
        of=ANIMATION,
        subjects=_RECORDING,
    )
    lang: str = _wish(
        "en",
        "--lang",
        f"Language of the picture's words: {', '.join(LANGUAGES)}.",
        "The language of the words in the contour picture of a surface: "
        + ", ".join(f'"{code}" ({name})' for code, name in LANGUAGES.items())
        + ".",
        subjects=_RECORDING,
    )
    max_size: str | int | None = _wish(
        None,
        "--max-size",
        "The most a file may have: fewer colours, then frames, then pixels.",
        'The most that a file may have, in bytes or as "400kB" or "2MB": it then gets fewer colours, fewer '
        "frames and at last fewer pixels, in that order.",
        metavar="SIZE",
    )

    chroma: str = _wish(
        "420",
        "--chroma",
        "Colours of a video: 420, or 444 for each pixel.",
        'Which pixels of a video have a colour of their own: "420", one of four, which every player takes; '
        '"444", all, so that lines keep their colours, for players that take it.',
        of=ANIMATION,
        suffixes=(".mp4", ".webm"),
    )

    def __post_init__(self) -> None:
        # Once, so that a style sheet may change afterwards and the wishes still say what was drawn.
        from ..style.theme_lookup import get_theme

        object.__setattr__(self, "theme", get_theme(self.theme))
        for name, wish in WISHES.items():
            value = of_its_type(name, wish.kind, wish.default, getattr(self, name))
            object.__setattr__(self, name, value)

    @property
    def given(self) -> dict[str, Any]:
        """The wishes that are not the defaults, as plain JSON values."""
        return {
            each.name: plain
            for each in fields(self)
            if (plain := _plain(getattr(self, each.name))) != _plain(each.default)
        }

    @property
    def limit(self) -> int | None:
        """The most bytes that a file may have; None for no limit.

        Raises:
            DescentError: Not an amount, or less than any picture needs.
        """
        if self.max_size is None:
            return None
        from ...trajectories.arguments import parse_memory

        most = parse_memory(self.max_size)
        if most < 2000:
            raise DescentError(
                f"max_size must be at least 2kB, not {shown_value(self.max_size)}; write it as 400kB or 2MB"
            )
        return int(most)

    @property
    def wanted_panels(self) -> tuple[str, ...] | None:
        """The names of the panels; None for those that suit."""
        return None if self.panels is None else parse_panels(self.panels)

    @property
    def wanted_grid(self) -> tuple[str, ...]:
        """What small panels stand below and beside each other by; empty for one large picture."""
        return () if self.grid is None else parse_names(self.grid, "grid", GRIDS)

    @property
    def wanted_arrows(self) -> tuple[str, ...]:
        """What is drawn at each head."""
        return () if self.arrows is None else parse_names(self.arrows, "arrow", ARROWS)

    @property
    def wanted_strip(self) -> int:
        """How many key frames stand side by side; 0 for none.

        Raises:
            DescentError: Fewer than two or more than eight.
        """
        if self.strip is None:
            return 0
        if isinstance(self.strip, bool) or not isinstance(self.strip, int) or not 2 <= self.strip <= 8:
            raise DescentError(f"strip must be 2 to 8 key frames, not {self.strip!r}")
        return self.strip

    @property
    def wanted_loops(self) -> int:
        """How often an animation plays; 0 for without end.

        Raises:
            DescentError: Not a number from 1 to 1000, or more than one where it is not to start again.
        """
        if self.loops is None:
            return 0 if self.loop else 1
        if isinstance(self.loops, bool) or not isinstance(self.loops, int) or not 1 <= self.loops <= 1000:
            raise DescentError(f"loops must be 1 to 1000 times, not {self.loops!r}")
        if not self.loop and self.loops > 1:
            raise DescentError(f"loops is {self.loops} and no-loop means 1; leave one of them out")
        return self.loops

    @property
    def wanted_stops(self) -> tuple[int, ...]:
        """The steps at which a talk waits, increasing.

        Raises:
            DescentError: Not whole numbers of steps.
        """
        try:
            given = self.stops.split(",") if isinstance(self.stops, str) else self.stops or ()
            found = tuple(sorted({int(each) for each in given}))
        except (OverflowError, TypeError, ValueError):
            found = (-1,)
        if (
            min(found, default=0) < 0
            or max(found, default=0) > _MOST_STEPS
            or (self.stops is not None and not found)
        ):
            raise DescentError(f"stops are numbers of steps, as 1,5,20, not {shown_value(self.stops)}")
        return found

    def look(self, steps: int | NDArray[np.int64], *, glide: bool = False) -> dict[str, Any]:
        """Return the fields that every scene has.

        Args:
            steps: The number of the last step, or the steps that were kept, (rows,).
            glide: Whether its markers can be drawn on their way from step to step.

        Raises:
            DescentError: A wish that cannot be met.
        """
        from ..style.heights import check_scale
        from .timing import plan

        check_scale(self.heights)
        self.limit  # noqa: B018
        if self.lang not in LANGUAGES:
            raise unknown("language", self.lang, LANGUAGES)
        if self.chroma not in CHROMAS:
            raise unknown("chroma", self.chroma, CHROMAS)
        return {
            "theme": self.theme,
            "size": parse_size(self.size),
            "timing": plan(
                steps, self.fps, self.seconds, self.hold, self.pace, glide=glide, stops=self.wanted_stops
            ),
            "heights": self.heights,
            "loops": self.wanted_loops,
        }

    def check_subject(self, kind: str) -> None:
        """Raise DescentError if something is wished for that pictures of a kind, in SUBJECTS, have not."""
        for name, wish in WISHES.items():
            if wish.subjects and kind not in wish.subjects and getattr(self, name) != wish.default:
                belong = "belong" if name in ("panels", "arrows") else "belongs"
                raise DescentError(
                    f"{name} {belong} to the picture of a recording; that of {SUBJECTS[kind].name} has none"
                )


WISHES: dict[str, Wish] = {each.name: each.metadata["wish"] for each in fields(Wishes)}
OF_RECORDINGS = tuple(name for name, wish in WISHES.items() if "recording" in wish.subjects)


def _plain(value: Any) -> Any:
    if isinstance(value, Theme):
        return value.name if THEMES.get(value.name) == value else asdict(value)
    return value if value is None or isinstance(value, str | int | float) else list(value)
