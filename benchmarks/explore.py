"""An explorable page: how long it takes to make, how large it is, and how fast a browser shows it.

Run with ``python benchmarks/explore.py``. The page is that of Beale with three optimizers, 9 rates, 24 x 24
starts and 100 steps: 15,552 paths. Where Chromium is installed, it opens the page from its file: how long
until something is drawn and until paths can be played, and how many frames a second while the start is
dragged, with the processor slowed down four times. Seconds of the processor are those of this process alone.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import descent

FRAMES = """new Promise((done) => {
  const map = document.querySelector(".map canvas").getBoundingClientRect(), frames = [];
  const rate = document.querySelector(".rate");
  let count = 0;
  const move = (now) => {
    frames.push(now);
    if (++count > DRAGGED) return done(1000 * (frames.length - 1) / (frames[frames.length - 1] - frames[0]));
    const at = { bubbles: true, pointerId: 1, button: 0, clientX: map.left + map.width * (count % 60) / 60 };
    at.clientY = map.top + map.height * ((count * 7) % 50) / 50;
    const kind = count > 1 ? "pointermove" : "pointerdown";
    document.querySelector(".map").dispatchEvent(new PointerEvent(kind, at));
    requestAnimationFrame(move);
  };
  Element.prototype.setPointerCapture = () => {}; // of a pointer that is none
  Element.prototype.hasPointerCapture = () => true;
  requestAnimationFrame(move);
})"""
DRAGGED = 120  # frames
PAINTS = "performance.getEntriesByType('paint').map((each) => each.startTime)"


def busy(browser: Any) -> float:
    """Return for how many seconds the page's thread has worked."""
    metrics = browser.tell("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


def main() -> None:
    """Measure and print."""
    descent.explore("sphere", "sgd", "0.1,0.2", starts=2, steps=2)  # torch loads what it needs first
    begin, used = time.perf_counter(), time.process_time()
    found = descent.explore("beale", ["sgd", "adam", "rmsprop"], "1e-4:1:9", starts="24x24", steps=100)
    computed = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = found.save(Path(folder) / "beale.html")
        written, spent = time.perf_counter(), time.process_time() - used
        print(f"page of beale, 15,552 paths of 100 steps: {path.stat().st_size / 1e6:.2f} MB (at most 1.5)")
        print(
            f"  computed {computed - begin:.1f} s, written {written - computed:.1f} s, together "
            f"{written - begin:.1f} s (at most 15); {spent:.1f} s of the processor"
        )
        if shutil.which("chromium") is None:
            print("  Chromium is not installed, so how fast it is shown is not measured")
            return
        sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "viz" / "explore"))
        from browser import Browser

        browser = Browser(f"{folder}/profile")
        browser.screen(1440, 900, calm=True)
        browser.open(path, "#step=100")
        opened = time.perf_counter()
        browser.open(path, "#step=100")
        ready = time.perf_counter() - opened
        paints = browser.ask(PAINTS)
        browser.tell("Performance.enable", timeDomain="threadTicks")
        browser.tell("Emulation.setCPUThrottlingRate", rate=4)
        before = busy(browser)
        frames = browser.ask(FRAMES.replace("DRAGGED", str(DRAGGED)))
        each = 1000 * (busy(browser) - before) / DRAGGED
        browser.close()
        print(f"  in Chromium: first paint {paints[0]:.0f} ms (at most 200), playable after {ready:.1f} s")
        print(
            f"  dragged, processor 4 times slower: {frames:.0f} frames/s, {each:.1f} ms of the page's "
            "thread each (60 a second need at most 16.7)"
        )


if __name__ == "__main__":
    main()
