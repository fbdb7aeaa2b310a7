"""The page of all figures of a course: each with its caption, its words, its command and its snippet."""

from __future__ import annotations

import html
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..surfaces.reading import is_file
from ..trajectories.results.whole_files import writing

if TYPE_CHECKING:
    from pathlib import Path

    from .lock import Entry
    from .manifest import Course, Figure

# What a page shows best, first: what can be paused, then what does not move.
_BEST = (".html", ".mp4", ".webm", ".png", ".svg", ".webp", ".gif", ".apng", ".pdf")
_STYLE = """
:root { color-scheme: light dark; --line: #8884; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin: 0 0 .6rem; }
nav ul { columns: 14rem; padding-left: 1.1rem; }
section { padding: 1.6rem 0; border-top: 1px solid var(--line); }
figure { margin: 0; } img, video { max-width: 100%; height: auto; display: block; }
iframe { width: 100%; aspect-ratio: 4 / 3; min-height: 30rem; border: 0; }
figcaption { margin: .5rem 0; max-width: 46rem; }
details { margin: .3rem 0; } summary { cursor: pointer; }
pre { overflow-x: auto; padding: .6rem; border: 1px solid var(--line); }
"""


def write_index(course: Course, entries: dict[str, Entry], path: Path) -> None:
    """Write the page of the figures that are there, in the course's order, where it says something new."""
    shown = [each for each in course.figures if each.name in entries]
    links = "".join(f'<li><a href="#{each.name}">{_title(each.name)}</a></li>' for each in shown)
    sections = "\n".join(_section(each, entries[each.name]) for each in shown)
    page = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; style-src 'unsafe-inline'">
<title>{html.escape(course.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{html.escape(course.title)}</h1>
<nav aria-label="Figures"><ul>{links}</ul></nav>
{sections}
</main>
</body>
</html>
"""
    if is_file(path) and path.read_text(encoding="utf-8", errors="replace") == page:
        return
    with writing(path) as place:
        place.write_text(page, encoding="utf-8", newline="\n")


def _title(name: str) -> str:
    return html.escape(name.replace("-", " ").replace("_", " ").capitalize())


def _section(figure: Figure, entry: Entry) -> str:
    name, files = figure.name, figure.files
    links = ", ".join(f'<a href="{quote(file)}">{html.escape(file)}</a>' for file in files)
    parts = [("In words", f"<p>{html.escape(entry.alt)}</p>"), ("The command", _code(entry.line))]
    if entry.snippet:
        parts.append(("For a document", _code(entry.snippet)))
    if entry.notes:
        notes = (html.escape(note.removeprefix("note: ")) for note in entry.notes)
        parts.append(("Notes", "".join(f"<p>{note}</p>" for note in notes)))
    told = "".join(f"<details><summary>{words}</summary>{inside}</details>" for words, inside in parts)
    return (
        f'<section id="{name}">\n<h2>{_title(name)}</h2>\n<figure>\n{_media(files, entry.alt)}\n'
        f"<figcaption>{html.escape(figure.caption or entry.caption)}</figcaption>\n</figure>\n"
        f"<p>{links}</p>\n{told}\n</section>"
    )


def _media(files: tuple[str, ...], alt: str) -> str:
    suffixes = {PurePath(file).suffix: file for file in files}
    best = next((suffix for suffix in _BEST if suffix in suffixes), None)
    if best is None or best == ".pdf":
        return ""
    source, words = quote(suffixes[best]), html.escape(alt)
    if best == ".html":
        return f'<iframe src="{source}" title="{words}" loading="lazy"></iframe>'
    if best in (".mp4", ".webm"):
        switches = 'controls muted playsinline preload="metadata"'
        return f'<video src="{source}" aria-label="{words}" {switches}></video>'
    return f'<img src="{source}" alt="{words}" loading="lazy">'


def _code(text: str) -> str:
    return f'<pre tabindex="0"><code>{html.escape(text)}</code></pre>'
