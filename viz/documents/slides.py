"""A picture on a slide: of LaTeX's beamer, and of reveal.js; with stops, a click goes on to the next."""

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
