"""A picture on a slide of LaTeX's beamer, of PowerPoint and of reveal.js."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import escapes

if TYPE_CHECKING:
    from .figure import Figure


def beamer(figure: Figure) -> str:
    """Write a slide for beamer: an overlay for each page of a PDF."""
    path, alt = escapes.latex_path(figure.printed), escapes.latex(figure.still_alt)
    size = "width=\\linewidth, height=.8\\textheight, keepaspectratio"
    # The words are about the last step; before it only what is shown is said.
    begin = escapes.latex(figure.still_alt.partition(". ")[0])
    shown = [
        f"  \\includegraphics<{page}>[page={page}, {size}, alt={{At step {step}: {begin}}}]{{{path}}}%"
        for page, step in enumerate(figure.steps[:-1], start=1)
    ]
    last = f"<{figure.pages}>[page={figure.pages}, " if figure.pages > 1 else "["
    shown.append(f"  \\includegraphics{last}{size}, alt={{{alt}}}]{{{path}}}%")
    return "\n".join(
        [
            "\\begin{frame}",
            "  \\centering",
            *shown,
            f"  \\par{{\\footnotesize {escapes.latex(figure.caption)}}}",
            "\\end{frame}",
        ]
    )


def pptx(figure: Figure) -> str:
    """Write lines of Python that put the picture on a slide, as large as it can be, with its alt text.

    python-pptx itself writes the name of the file as alt text, and has no function for another.
    """
    width, height = figure.size
    path, alt = repr(figure.web), repr(escapes.one_line(figure.alt))
    place = "*place, *size"
    if figure.web.casefold().endswith(".mp4"):
        shown = f"add_movie({path}, {place}, poster_frame_image={figure.still!r}, mime_type='video/mp4')"
    else:
        shown = f"add_picture({path}, {place})"
    return "\n".join(
        [
            "from pptx import Presentation  # pip install python-pptx",
            "",
            "talk = Presentation()  # or the name of a file, to add a slide to it",
            "slide = talk.slides.add_slide(talk.slide_layouts[6])",
            f"scale = min(talk.slide_width / {width}, talk.slide_height / {height})",
            f"size = int({width} * scale), int({height} * scale)",
            "place = (talk.slide_width - size[0]) // 2, (talk.slide_height - size[1]) // 2",
            f"shown = slide.shapes.{shown}",
            f"shown._element.xpath('.//p:cNvPr')[0].set('descr', {alt})",
            f"slide.notes_slide.notes_text_frame.text = {escapes.one_line(figure.caption)!r}",
            "talk.save('talk.pptx')",
        ]
    )


# The events of fragments bubble up to the document, which is there before reveal.js is.
_LEAD = """<script>
    (() => {
      const slide = document.currentScript.parentElement;
      for (const [event, descent] of [["fragmentshown", "forward"], ["fragmenthidden", "back"]]) {
        document.addEventListener(event, ({ fragment }) => {
          const player = slide.querySelector("iframe").contentWindow;
          if (slide.contains(fragment)) player.postMessage({ descent }, "*");
        });
      }
    })();
  </script>"""


def revealjs(figure: Figure) -> str:
    """Write a slide for reveal.js: the player, and a fragment for each stop after the first."""
    source, alt = escapes.url(figure.web), escapes.html(figure.alt)
    width, height = figure.size
    lines = [
        f'<iframe data-src="{source}" title="{alt}" data-preload '
        f'style="border: 0; width: 100%; aspect-ratio: {width} / {height + 112}; max-height: 90vh"></iframe>'
    ]
    if figure.pages > 1:
        lines += ['<span class="fragment"></span>' * (figure.pages - 1), _LEAD]
    return "\n".join(["<section>", *(f"  {line}" for line in lines), "</section>"])
