"""Chromium as a reader has it: real clicks and keys, sizes and wishes of screens, told through a pipe."""

import base64
import fcntl
import io
import json
import os
import shutil
import subprocess

import numpy as np
from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page of one browser; what it says in its console and asks of the network is kept."""

    def __init__(self, profile):
        ours, theirs = os.pipe(), os.pipe()
        read, write = (fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (theirs[0], ours[1]))

        def place():
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(
            [
                *(
                    BROWSER,
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--no-first-run",
                    "--hide-scrollbars",
                ),
                *("--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={profile}"),
                "about:blank",
            ],
            preexec_fn=place,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for fd in (theirs[0], ours[1], read, write):
            os.close(fd)
        self.out, self.into, self.data = os.fdopen(theirs[1], "wb"), ours[0], b""
        self.number, self.session, self.said, self.asked = 0, None, [], []
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.tell(f"{domain}.enable")

    def tell(self, method, **params):
        """Send a command and return its result."""
        self.number += 1
        order = {"id": self.number, "method": method, "params": params}
        if self.session:
            order["sessionId"] = self.session
        self.out.write(json.dumps(order).encode() + b"\0")
        self.out.flush()
        while True:
            found = self._next()
            if found.get("id") == self.number:
                assert "error" not in found, (method, found["error"])
                return found["result"]

    def _next(self):
        while b"\0" not in self.data:
            more = os.read(self.into, 1 << 20)
            assert more, "the browser is gone"
            self.data += more
        one, _, self.data = self.data.partition(b"\0")
        found = json.loads(one)
        method, params = found.get("method"), found.get("params", {})
        if method in ("Runtime.exceptionThrown", "Log.entryAdded"):
            self.said.append(json.dumps(params))
        if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.said.append(json.dumps(params["args"]))
        if method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        return found

    def ask(self, code):
        """Evaluate an expression, waiting for a promise, and return its value."""
        found = self.tell("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def screen(self, width, height, *, dark=False, calm=False, dots=1, touch=False):
        """Be a screen of a size in pixels of pages, with what its user prefers."""
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=dots,
            mobile=touch,
        )
        wishes = {"prefers-color-scheme": "dark" if dark else "light"}
        wishes["prefers-reduced-motion"] = "reduce" if calm else "no-preference"
        features = [{"name": name, "value": value} for name, value in wishes.items()]
        self.tell("Emulation.setEmulatedMedia", features=features)

    def open(self, path, fragment=""):
        """Open a page from its file, and wait until its paths are read and drawn."""
        self.said, self.asked, self.file = [], [], path.as_uri()
        self.tell("Page.navigate", url="about:blank")
        self.tell("Page.navigate", url=self.file + fragment)
        self.ask(
            """new Promise((done) => {
              const look = () => {
                const page = document.querySelector(".explore");
                const ready = page && page.shown && page.shown().ready;
                if (ready) requestAnimationFrame(() => setTimeout(done, 50));
                else setTimeout(look, 20);
              };
              look();
            })"""
        )

    def shown(self):
        """Return the state of the page and where its paths are drawn, in pixels of its map."""
        return self.ask(f"{SETTLED}.then(() => document.querySelector('.explore').shown())")

    def text(self, what):
        """Return the text of an element."""
        return self.ask(f"{SETTLED}.then(() => document.querySelector({what!r}).textContent)")

    def colour(self, number):
        """Return the colour of a run as red, green and blue."""
        style = "getComputedStyle(document.documentElement)"
        ink = self.ask(f"{style}.getPropertyValue('--run{number}').trim()")
        return np.array([int(ink[k : k + 2], 16) for k in (1, 3, 5)])

    def box(self, what):
        """Return left, top, width and height of an element in the window."""
        code = f"(() => {{ const b = document.querySelector({what!r}).getBoundingClientRect();"
        return self.ask(f"{code} return [b.left, b.top, b.width, b.height]; }})()")

    def mouse(self, kind, x, y):
        """Press, move or release the mouse at a place in the window."""
        buttons = 0 if kind == "mouseReleased" else 1
        self.tell(
            "Input.dispatchMouseEvent",
            type=kind,
            x=x,
            y=y,
            button="left",
            buttons=buttons,
            clickCount=1,
        )

    def click(self, x, y):
        """Click at a place in the window."""
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def press(self, key, text="", shift=False):
        """Press a key and let it go."""
        codes = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9, "Enter": 13}
        codes |= {" ": 32, "Home": 36, "End": 35}
        more = {"key": key, "windowsVirtualKeyCode": codes.get(key, 0), "modifiers": 8 if shift else 0}
        self.tell("Input.dispatchKeyEvent", type="keyDown", **more, **({"text": text} if text else {}))
        self.tell("Input.dispatchKeyEvent", type="keyUp", **more)

    def picture(self):
        """Return the window as RGB pixels."""
        data = base64.b64decode(self.tell("Page.captureScreenshot", format="png")["data"])
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)

    def close(self):
        """End the browser."""
        self.process.terminate()
        self.process.wait(timeout=20)
        self.out.close()
        os.close(self.into)


SETTLED = """new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0)));
})"""
