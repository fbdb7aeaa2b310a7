"""Snippets for documents: the right files, and texts that no language takes for markup."""

import re
from html.parser import HTMLParser
from pathlib import Path, PureWindowsPath

import pytest

import descent
from descent.surfaces.errors import DescentError
from descent.viz.documents import books, escapes, markup, slides, typesetting, web
from descent.viz.documents.figure import Figure, Frames
from descent.viz.documents.snippet import EMBEDS, check_kind, snippet, twin_suffixes, usual_suffix, with_twins

NASTY = "a *b* `c` [d](e) <f> & \"g\" 'h' % $i_j$ {k} \\l | #m ~n ^o @p ::\nq"
FLAT = " ".join(NASTY.split())
VOID = {"img", "source"}


def figure(**changes):
    parts = {
        "web": "out/a.gif",
        "still": "",
        "printed": "",
        "office": "",
        "frames": None,
        "names": (),
        "alt": NASTY,
        "still_alt": f"still {NASTY}",
        "caption": NASTY,
        "size": (640, 400),
    }
    found = Figure(**parts | changes)
    names = tuple(dict.fromkeys(filter(None, (found.web, found.still, found.printed, found.office))))
    return Figure(**parts | {"names": names} | changes)


class Reader(HTMLParser):
    """Collects elements and the text in the caption, and checks that all of them are closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.found, self.open, self.caption = [], [], ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "figcaption" in self.open:
            self.caption += data

    def __getitem__(self, tag):
        (attributes,) = [attributes for name, attributes in self.found if name == tag]
        return attributes


def test_html_of_an_image_is_still_where_that_is_wished():
    page = Reader(web.html(figure(web='out put/50% "a".gif', still="out put/b.png")))
    assert page["source"] == {"media": "(prefers-reduced-motion: reduce)", "srcset": "out%20put/b.png"}
    image = page["img"]
    assert image["src"] == "out%20put/50%25%20%22a%22.gif"
    assert image["alt"] == page.caption == FLAT
    assert (image["width"], image["height"]) == ("640", "400")


def test_html_of_a_still_has_no_second_source():
    page = Reader(web.html(figure(web="a.png", still="a.png")))
    assert [tag for tag, _ in page.found] == ["figure", "img", "figcaption"]


@pytest.mark.parametrize(("name", "kind"), [("a.mp4", "video/mp4"), ("a.webm", "video/webm")])
@pytest.mark.parametrize("write", [web.html, web.markdown])
def test_html_of_a_video_waits_for_the_reader(write, name, kind):
    page = Reader(write(figure(web=name, still="a.png")))
    video = page["video"]
    assert {"controls", "muted", "loop", "playsinline"} <= video.keys()
    assert "autoplay" not in video
    assert (video["poster"], video["aria-label"]) == ("a.png", FLAT)
    assert page["source"] == {"src": name, "type": kind}
    assert page.caption == FLAT


def test_html_of_a_page_is_a_frame_that_brings_its_caption():
    page = Reader(web.html(figure(web="a.html")))
    frame = page["iframe"]
    assert (frame["src"], frame["title"], frame["loading"]) == ("a.html", FLAT, "lazy")
    assert int(frame["height"]) > 400
    assert page.caption == ""


def unescaped(text):
    """Undo the escapes of CommonMark; what is left unescaped must be no markup."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`\[\]<>#~|$&^@{}!]", text), text
    return re.sub(r"\\([^\sA-Za-z0-9])", r"\1", text)


def test_markdown_is_an_image_with_a_caption_below():
    text = web.markdown(figure(web="a (b).gif"))
    match = re.fullmatch(r"!\[(.*)\]\(a%20%28b%29\.gif\)\n\n\*(.*)\*", text)
    assert unescaped(match[1]) == unescaped(match[2]) == FLAT


def test_markdown_links_to_a_page():
    assert web.markdown(figure(web="a.html", alt="b")).startswith("[b](a.html)\n\n*")


@pytest.mark.parametrize("text", ["- a", "+ b", "1. c", "2) d", "% e", "= f", "::: g", "# h", "> i"])
def test_markdown_begins_no_block(text):
    assert re.match(r"\\|\d+\\", escapes.markdown(text))


@pytest.mark.parametrize(
    "files",
    [
        {"web": "a.gif", "printed": "a.pdf"},  # with a.* Sphinx would take a PNG or SVG that lies there
        {"web": "a.gif", "printed": "a.png"},
        {"web": "a.webp", "printed": "a.pdf"},
        {"web": "[a].gif", "printed": "[a].pdf"},
        {"web": "a.gif", "printed": "b.pdf"},
    ],
)
@pytest.mark.parametrize("write", [books.rst, books.myst])
def test_in_sphinx_each_builder_is_told_its_file(write, files):
    shown = figure(**files)
    text = write(shown)
    html, other = re.split(r"(?:\.\. only::|\{only\}) not html", text)
    assert f"figure:: {shown.web}" in html or f"{{figure}} {shown.web}" in html
    assert f"figure:: {shown.printed}" in other or f"{{figure}} {shown.printed}" in other
    assert re.search(r":alt: \"?still a", other)
    assert "*\n" not in text


@pytest.mark.parametrize("write", [books.rst, books.myst])
def test_a_page_in_sphinx_is_named_as_html_extra_path_lays_it(write):
    text = write(figure(web="out/a.html", printed="out/a.pdf"))
    assert "Add out/a.html to html_extra_path" in text
    element = re.search(r"<figure>.*</figure>", text, flags=re.DOTALL)[0]
    frame = Reader(element)["iframe"]
    assert (frame["src"], frame["title"]) == ("a.html", FLAT)
    assert "out/a.pdf" in text.partition("not html")[2]


def test_rst_escapes_inline_markup_and_beginnings():
    text = books.rst(figure(web="my a.png", printed="my a.png"))
    assert text.startswith(".. figure:: my\\ a.png\n")
    caption = text.rpartition("\n\n   ")[2]
    assert not re.search(r"(?<!\\)(?:\\\\)*[*`_|]|::", caption)
    assert re.sub(r"\\(.)", r"\1", caption) == FLAT
    for opening in ("1. a", "- a", ".. a", ":a: b", "(a) b", "#. a", "| a", ">>> a", "A. b"):
        assert escapes.rst(opening).startswith("\\")


def test_fences_of_myst_hold_each_other():
    text = books.myst(figure(web="a.webp", printed="a.pdf"))
    assert text.startswith("````{only} html\n```{figure} a.webp\n")
    assert text.count("\n````\n\n````{only} not html\n") == 1
    alt = re.search(r'^:alt: "(.*)"$', text, flags=re.MULTILINE)[1]
    assert re.sub(r"\\(.)", r"\1", alt) == FLAT


def test_quarto_shows_each_format_its_file():
    text = books.quarto(figure(web="a.gif", printed="a.pdf", office="a.png"))
    moving, rest = text.split("\n\n:::\n\n", 1)
    assert moving.startswith('::: {.content-visible when-format="html"}\n\n![')
    outer, inner = rest.split("\n\n", 2)[:2]
    assert outer == ':::: {.content-visible unless-format="html"}'
    assert inner == '::: {.content-visible when-format="pdf"}'
    assert rest.endswith("\n\n:::\n\n::::")
    assert re.search(r"\]\(a\.gif\)\{fig-alt=\"(.*)\" width=640\}$", moving)
    in_pdf, office = rest.split('::: {.content-visible unless-format="pdf"}')
    assert "a.png" not in in_pdf
    assert "a.pdf" not in office
    for name, part in (("pdf", in_pdf), ("png", office)):
        alt = re.search(rf"\]\(a\.{name}\)\{{fig-alt=\"(.*)\"\}}", part)[1]
        assert re.sub(r"\\(.)", r"\1", alt) == f"still {FLAT}"
    caption = re.search(r"!\[(.*)\]\(a\.gif\)", moving)[1]
    assert unescaped(caption) == FLAT
    assert "```{=html}\n<figure>" in books.quarto(figure(web="a.mp4", printed="a.pdf"))
    assert ":::" not in books.quarto(figure(web="a.png", printed="a.png", caption="b"))
    one = books.quarto(figure(web="a.gif", printed="a.png", office="a.png"))
    assert one.count("unless-format") == one.count("a.png") == 1


def test_mystmd_chooses_from_files_of_one_name_or_is_told_one():
    text = books.mystmd(figure(names=("out/a.gif", "out/a.pdf")))
    assert text.startswith(f"```{{figure}} out/a.*\n:alt: {FLAT}\n\n")
    assert "width" not in text
    for names in [("out/a.gif",), ("out/a.gif", "out/b.pdf"), ("out/a.gif", "out/a.svg")]:
        assert books.mystmd(figure(names=names)).startswith("```{figure} out/a.gif\n")
    with pytest.raises(DescentError, match=r"mystmd cannot show a\.html, a\.pdf; write one of \.gif, \.mp4"):
        with_twins("mystmd", ["a.html", "a.pdf"])


def test_typst_takes_strings():
    text = typesetting.typst(figure(printed='out/my "a".png'))
    assert text.startswith('#figure(\n  image("out/my \\"a\\".png", width: 100%, alt: "still a ')
    assert text.endswith(") <fig:my-a>")
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    assert [re.sub(r"\\(.)", r"\1", each) for each in strings[1:]] == [f"still {FLAT}", FLAT]
    assert typesetting.typst(figure(printed="a.pdf")).startswith("// Typst 0.14 or newer")


def plain_latex(text):
    """Undo the escapes of LaTeX; what is left must have no meaning there."""
    for sign, written in escapes._LATEX.items():
        if written.endswith("{}"):
            text = text.replace(written, "\0" + chr(0x100 + ord(sign)))
    assert not re.search(r"(?<!\\)[#$%&_{}~^<>|\"`]", text), text
    text = re.sub(r"\\([#$%&_{}])", r"\1", text).replace("''", '"')
    return re.sub("\0(.)", lambda match: chr(ord(match[1]) - 0x100), text)


def test_latex_is_a_figure_with_caption_and_alt_text():
    text = typesetting.latex(figure(printed="out/my fig.pdf"))
    match = re.fullmatch(
        r"% \\usepackage\{graphicx\}\n\\begin\{figure\}\n  \\centering\n"
        r"  \\includegraphics\[width=\\linewidth, alt=\{(.*)\}\]\{out/my fig\.pdf\}\n"
        r"  \\caption\{(.*)\}\n  \\label\{fig:my-fig\}\n\\end\{figure\}",
        text,
    )
    assert plain_latex(match[1]) == f"still {FLAT}"
    assert plain_latex(match[2]) == FLAT


@pytest.mark.parametrize("sign", list('%#_{}\\~^$&"`'))
def test_latex_refuses_names_that_it_cannot_read(sign):
    if sign == "_":
        assert "{a_b.pdf}" in typesetting.latex(figure(printed="a_b.pdf"))
        return
    with pytest.raises(DescentError, match="LaTeX cannot read a file with"):
        typesetting.latex(figure(printed=f"a{sign}b.pdf"))


def test_latex_animates_numbered_frames():
    frames = Frames("out/frame-", ".png", 4, 119, 12.5, "out/timeline.txt")
    text = typesetting.latex(figure(frames=frames, alt="b"))
    assert "% \\usepackage{graphicx, animate}" in text  # animate asks for graphicx, and does not load it
    options = "controls, loop, width=\\linewidth, timeline=out/timeline.txt, alttext={b}"
    assert f"\\animategraphics[{options}]{{12.5}}{{out/frame-}}{{0000}}{{0119}}" in text
    assert "\\label{fig:frame}" in text
    unfilled = typesetting.latex(figure(frames=Frames("f/a", ".pdf", 0, 9, 25, "f/timeline.txt"), loop=False))
    assert "{25}{f/a}{0}{9}" in unfilled
    assert "loop" not in unfilled


@pytest.mark.parametrize(
    ("kind", "outs", "twins"),
    [
        ("markdown", ["a.gif"], ["a.png"]),
        ("markdown", ["a.mp4"], ["a.png"]),
        ("markdown", ["a.gif", "b.svg"], []),
        ("markdown", ["a.pdf"], ["a.png"]),
        ("html", ["a.gif"], ["a.png"]),
        ("html", ["a.gif", "b.svg"], []),
        ("html", ["a.html"], []),
        ("html", ["a.png"], []),
        ("rst", ["x/a.gif"], ["x/a.pdf"]),
        ("rst", ["a.gif", "a.png"], []),
        ("rst", ["a.pdf"], ["a.png"]),
        ("rst", ["a.pdf", "b.gif"], []),
        ("myst", ["a.html"], ["a.pdf"]),
        ("mystmd", ["a.gif"], ["a.pdf"]),
        ("quarto", ["a.mp4"], ["a.pdf", "a.png"]),
        ("quarto", ["a.svg"], ["a.pdf", "a.png"]),
        ("quarto", ["f/", "a.gif"], ["a.pdf", "a.png"]),
        ("quarto", ["a.gif", "a.pdf"], ["a.png"]),
        ("quarto", ["a.gif", "a.png"], []),
        ("pptx", ["a.gif"], []),
        ("pptx", ["a.mp4"], ["a.png"]),
        ("pptx", ["a.pdf"], ["a.png"]),
        ("beamer", ["a.gif"], ["a.pdf"]),
        ("revealjs", ["a.html"], []),
        ("typst", ["a.gif"], ["a.pdf"]),
        ("typst", ["a.svg"], ["a.pdf"]),
        ("typst", ["a.gif", "a.png"], []),
        ("latex", ["a.gif"], ["a.pdf"]),
        ("latex", ["a.GIF", "A.PNG"], []),
        ("latex", ["f/"], []),
        ("latex", ["f/x_%03d.svg"], ["f/x.pdf"]),
    ],
)
def test_a_still_is_written_beside_what_needs_one(kind, outs, twins):
    assert with_twins(kind, outs) == (*outs, *twins)
    assert with_twins(kind, (*outs, *twins)) == (*outs, *twins)


def test_every_kind_has_a_writer_and_a_twin():
    assert EMBEDS.keys() == markup.WRITERS.keys()
    for kind in EMBEDS:
        assert set(twin_suffixes(kind, "a.gif")) <= {".png", ".pdf"}


def test_wrong_kinds_and_files_are_sentences(named):
    with pytest.raises(DescentError, match="unknown kind of document 'markdwon'; did you mean 'markdown'"):
        check_kind("markdwon")
    with pytest.raises(DescentError, match=r"html cannot show f/; write one of \.gif, "):
        with_twins("html", ["f/"])
    with pytest.raises(
        DescentError, match=r"latex cannot show a\.gif; write one of \.pdf, \.png, or numbered"
    ):
        snippet("latex", ["a.gif"], descent.still(named("two runs")))


def test_a_picture_gives_its_own_words(named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    animation = descent.animate(named("two runs"), size="small", fps=10)
    for kind in EMBEDS:
        files = with_twins(kind, [f"a{usual_suffix(kind)}"])
        assert "SGD \\(lr 0.01\\)".replace("\\", "") in snippet(kind, files, animation)
    assert "Contour plot" in snippet("latex", ["a.pdf"], animation)
    assert "Contour animation" in snippet("html", ["a.gif"], animation)
    assert "Contour plot" in snippet("html", ["a.png"], animation)
    text = snippet("latex", ["frames/f-%03d.png"], animation)
    assert f"{{10}}{{frames/f-}}{{000}}{{{len(animation) - 1:03d}}}" in text
    assert "{frame-}{0000}" in snippet("latex", ["./frame-%04d.png"], animation)
    absolute = Path.cwd() / "sub folder" / "a.gif"
    assert "](sub%20folder/a.gif)" in snippet("markdown", [absolute], animation)
    assert "](b/a.gif)" in snippet("markdown", [PureWindowsPath("b\\a.gif").as_posix()], animation)


def test_beamer_turns_the_pages_of_a_pdf():
    text = slides.beamer(figure(printed="a.pdf", steps=(1, 5, 24), still_alt="A plot. It ends.", caption="b"))
    pages = re.findall(r"includegraphics<(\d)>\[page=(\d), .*alt=\{(.*)\}\]\{a\.pdf\}%", text)
    assert pages == [
        ("1", "1", "At step 1: A plot"),
        ("2", "2", "At step 5: A plot"),
        ("3", "3", "A plot. It ends."),
    ]
    assert "<" not in slides.beamer(figure(printed="a.png", still_alt="c", caption="b"))


def test_a_slide_of_reveal_has_a_fragment_for_each_stop_after_the_first():
    page = Reader(slides.revealjs(figure(web="my a.html", steps=(1, 5, 24))))
    assert [tag for tag, _ in page.found] == ["section", "iframe", "span", "span", "script"]
    assert (page["iframe"]["data-src"], page["iframe"]["title"]) == ("my%20a.html", FLAT)
    assert [tag for tag, _ in Reader(slides.revealjs(figure(web="a.html"))).found] == ["section", "iframe"]


def test_the_snippet_of_a_talk_counts_its_stops(named):
    animation = descent.animate(named("two runs"), stops="1,5", size="small")
    assert snippet("revealjs", ["a.html"], animation).count('class="fragment"') == 2
    assert snippet("beamer", ["a.pdf"], animation).count("includegraphics<") == 3
    assert "page=3, alt=" in snippet("latex", ["a.pdf"], animation)
    assert "{0}{2}" in snippet("latex", ["f/%d.png"], animation)
    assert "page" not in snippet("latex", ["a.png"], animation)


def test_an_image_that_nobody_can_stop_is_a_still_with_a_link(named):
    files = ["a.gif", "a.png"]
    endless = descent.animate(named("two runs"), size=(480, 360))
    for kind, still, link in (
        ("markdown", "](a.png)](a.gif)", "(a.gif)"),
        ("html", 'src="a.png"', 'href="a.gif"'),
    ):
        assert still in snippet(kind, files, endless)
        assert link in snippet(kind, files, endless)
        assert 'src="a.gif"' not in snippet(kind, files, endless)
        # Where readers can stop images, and where it ends in time, it moves.
        short = descent.animate(named("two runs"), size=(480, 360), seconds=5, loops=1)
        for text in (snippet(kind, files, endless, pausable=True), snippet(kind, files, short)):
            assert "Play the animation" not in text
            assert {"markdown": "](a.gif)", "html": 'src="a.gif"'}[kind] in text
        twice = descent.animate(named("two runs"), size=(480, 360), seconds=5, loops=2)
        assert still in snippet(kind, files, twice)
    for name in ("a.mp4", "a.html"):  # they have buttons
        assert "Play the animation" not in snippet("html", [name], endless)
    assert "Play the animation" not in snippet("markdown", ["a.png"], endless.still())
