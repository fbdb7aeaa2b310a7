"""What commands write and print: pictures, tables, JSON, notes and progress."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..surfaces.errors import DescentError
from ..surfaces.imports import own
from ..surfaces.text import escaped
from ..viz.files.places import check_files, checked, place_of
from ..viz.scenes.subjects import SUBJECTS
from ..viz.scenes.wishes import WISHES
from .options import DEFAULT_FOLDER, WRITTEN, named_looks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ..viz.animation import Animation, Still


_TABLES = ("markdown", "html", "myst", "mystmd", "quarto")  # documents that take the tables written here


@dataclass(slots=True)
class Written:
    """Which pictures a command writes, and what it prints about them."""

    outs: tuple[str, ...] = ()
    alt: bool = False
    embed: str | None = None
    accessible: bool = False
    place: str | None = None
    as_json: bool = False
    suited: tuple[str, ...] = ()  # the files that the place takes, without the stills that a document needs

    def start(self, name: str, look: dict[str, Any], kind: str = "", *, draws: bool = True) -> None:
        """Refuse what cannot be done before anything is run, and name the picture where nobody did."""
        from ..trajectories.results.whole_files import unused
        from ..viz.documents.snippet import suffixes, usual_suffix, with_twins
        from .unused_options import idle

        named = named_looks(look)
        if self.place is not None:
            suit(look, named, self.place)
        if self.accessible:
            calm(look, named, self.embed)
        if not self.outs and (draws or self.embed is not None or self.place is not None):
            suffix = usual_suffix(self.embed) if self.place is None else place_of(self.place).suffixes[0]
            suffix = ".png" if look.get("strip") else suffix
            self.outs = (str(unused(DEFAULT_FOLDER, name, *suffixes(self.embed, suffix))),)
        if self.place is not None:
            check_files(self.place, self.outs)
        self.suited = self.outs
        if self.embed is not None:
            self.outs = with_twins(self.embed, self.outs)
        check_look(look, self.outs, kind)
        if self.outs or not (self.alt or self.as_json):  # which are of a picture that need not be written
            say_notes(idle(named, self.outs, strip=bool(look.get("strip"))))

    def finish(self, subject: Any, look: dict[str, Any], saved: Sequence[Path] = ()) -> None:
        """Write the pictures and print the results, or in place of them what was asked for."""
        from ..viz.animation import Animation
        from ..viz.documents.description import as_markdown
        from ..viz.documents.snippet import LONGEST, snippet
        from ..viz.documents.web import PLAY
        from ..viz.scenes.scene import compose
        from ..viz.words.describe import words
        from .unused_options import moves

        picture = Animation(compose(subject, **look))
        # Stills that a document needs beside the rest; beamer turns the pages of its own.
        beside = [] if self.embed == "beamer" else [out for out in self.outs if out not in self.suited]
        files = [*saved, *write(picture, [out for out in self.outs if out not in beside])]
        if beside:  # a still compiles the scene, which words alone do not need
            files += write(picture.still(), beside)
        if self.place is not None:
            say_notes(checked(self.place, path) for path in self.suited)
        said = picture if not self.outs or any(map(moves, self.outs)) else picture.still()
        extra: dict[str, Any] = {"alt": said.alt, "caption": said.caption}
        if self.as_json:  # what a document shows where nothing moves has words of its own
            extra["still_alt"] = words(picture.scene, moving=False).alt
        texts = [said.alt] if self.alt or (self.accessible and self.embed is None) else []
        if self.embed is not None:
            pausable = self.place is not None and place_of(self.place).pausable
            texts.append(snippet(self.embed, self.outs, picture, pausable=pausable))
            if PLAY in texts[-1]:
                say_notes(
                    [
                        f"a page cannot stop an image, and this one moves for more than {LONGEST:g} s: the "
                        "still stands there, with a link; --accessible lets it move for less"
                    ]
                )
            extra["embed"] = texts[-1]
        if self.accessible:
            told = picture.description
            texts.append(told.html if self.embed == "html" else as_markdown(told))
            extra |= {"sentences": list(told.sentences), "table": [list(told.header), *map(list, told.rows)]}
        report = SUBJECTS[picture.scene.kind].report
        if self.as_json or not texts:
            print_report(subject, files, self.as_json, report, extra)
            return
        say("\n\n".join(texts))
        say_files(files, err=True)


def split(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], Written]:
    """Tell the options of a run, those of its picture, and those of what is written and printed."""
    look = {name: options.pop(name) for name in list(options) if name in WISHES}
    written = Written(**{name: options.pop(name) for name in WRITTEN if name in options})
    return options, look, written


def suit(look: dict[str, Any], named: Sequence[str], place: str) -> None:
    """Wish what suits a place where nobody wished for anything else."""
    wishes = place_of(place).wishes | {"max_size": place_of(place).most}
    if "loop" in named or not look.get("loop", True):  # the other way to say how often it plays
        wishes.pop("loops", None)
    for name, value in wishes.items():
        default = WISHES[name].default
        if name not in named and look.get(name, default) == default:
            look[name] = value


def calm(look: dict[str, Any], named: Sequence[str], embed: str | None) -> None:
    """Wish for motion that ends within 5 s where nobody wished for another length.

    Raises:
        DescentError: Somebody wished for more, or the document takes no table.
    """
    from ..viz.documents.snippet import LONGEST

    if embed is not None and embed not in _TABLES:
        raise DescentError(
            f"words and a table are written for {', '.join(_TABLES)}, not for {embed}; "
            "--accessible without --embed prints them as Markdown"
        )
    if "loop" in named and look["loop"]:
        raise DescentError("--accessible plays once, and --loop says without end; leave one of them out")
    for name, most in (("seconds", LONGEST), ("loops", 1)):
        if name not in named and look.get(name) is None:
            look[name] = most if name != "loops" or look.get("loop", True) else None
        elif (look[name] or 0) > most:
            raise DescentError(f"--accessible means --{name} {most:g} at most, and {look[name]:g} is given")


def check_look(look: dict[str, Any], outs: tuple[str, ...], kind: str = "", *, moves: bool = True) -> None:
    """Refuse a wish for the picture that cannot be met before anything is run or written."""
    from ..viz.files.saving import check_destination
    from ..viz.scenes.scene import check_wishes

    wishes = check_wishes(kind, **look)
    for path in outs:
        check_destination(path, wishes.theme, moves=moves and not wishes.strip, limit=wishes.limit)


def check_stops(stops: str | None, steps: int | None) -> None:
    """Refuse a stop beyond the steps of a run on a surface before it is run."""
    from ..trajectories.experiments.plan import STEPS
    from ..viz.scenes.wishes import Wishes

    last, most = max(Wishes(stops=stops).wanted_stops, default=0), STEPS if steps is None else steps
    if last > most:
        raise DescentError(f"no frame can stop at step {last}, for the run has {most} steps")


def draw(subject: Any, outs: Sequence[str], look: dict[str, Any]) -> list[Path]:
    """Draw a subject into files, if any are named, and return their paths."""
    if not outs:
        return []
    from ..viz.animation import animate

    return write(animate(subject, **look), outs)


def write(picture: Animation | Still, outs: Sequence[str]) -> list[Path]:
    """Write a picture to files, each with a bar, and return their paths; a name given twice counts once."""
    from ..viz.animation import Animation

    files = []
    for path in dict.fromkeys(outs):
        with progress_bar(escaped(f"drawing {Path(path).name}")) as progress:
            more = {"progress": progress} if isinstance(picture, Animation) else {}
            files.append(picture.save(path, say=partial(say, err=True), **more))
    return files


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on stderr when it is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def move(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield move


def print_report(
    found: Any,
    files: Sequence[Path],
    as_json: bool,
    report: str = SUBJECTS["recording"].report,
    words: dict[str, Any] | None = None,
) -> None:
    """Print results as JSON or as a table, by the module of trajectories that reports this kind."""
    if as_json:
        results = (
            own("trajectories", f"{report}:as_json")(found)
            | {"files": [str(path) for path in files]}
            | (words or {})
        )
        say_json(results)
        return
    say(own("trajectories", f"{report}:as_table")(found))
    say_files(files, err=as_json)


def say(text: str, err: bool = False) -> None:
    """Print a text that may come from anybody's file: what a terminal could act on is escaped."""
    click.echo(escaped(text, keep="\n"), err=err)


def say_json(values: Any) -> None:
    """Print plain values as JSON, in ASCII without control characters."""
    click.echo(json.dumps(values, indent=2, allow_nan=False).replace("\x7f", "\\u007f"))


def say_files(files: Sequence[Path], *, err: bool) -> None:
    """Say which files were written."""
    for path in files:
        say(f"wrote {path}", err=err)


def say_notes(sentences: Iterable[str]) -> None:
    """Say what a user should know but did not ask for."""
    for sentence in sentences:
        say(f"note: {sentence}", err=True)
