#!/usr/bin/env bash
# Typst 0.15.2: a line without length, which a round cap makes a dot, is drawn from an SVG in PNG but not in PDF.
#
# SVG 1.1 (11.4) asks for a dot there, and browsers, Inkscape and Typst's own PNG export draw one. Charts that mark
# single steps by such dots lose all of them in the PDF, without a word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check typst==0.15.2 pypdfium2==5.3.0 pillow==12.0.0
cat > dot.svg <<'SVG'
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><path d="M 50 50 L 50 50"
 style="fill:none;stroke:#0000ff;stroke-width:20;stroke-linecap:round"/></svg>
SVG
echo '#set page(width: 100pt, height: 100pt, margin: 0pt)
#image("dot.svg", width: 100pt)' > page.typ
venv/bin/python - > seen.txt <<'PY'
import io
from importlib.metadata import version

import pypdfium2
import typst
from PIL import Image


def has_blue(image):
    return any(b > r + 100 for r, _, b in image.convert("RGB").getdata())


print("typst", version("typst"))
print("dot in PNG:", has_blue(Image.open(io.BytesIO(typst.compile("page.typ", format="png")))))
page = pypdfium2.PdfDocument(typst.compile("page.typ", format="pdf"))[0]
print("dot in PDF:", has_blue(page.render(scale=2).to_pil()))
PY
cat seen.txt
diff seen.txt - <<'EXPECTED'
typst 0.15.2
dot in PNG: True
dot in PDF: False
EXPECTED
