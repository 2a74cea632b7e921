"""What 50 open pages cost a training that they follow.

``python benchmarks/watching.py`` trains a toy alone and followed, in turns, each in a process of
its own, and prints the steps per second of the best of some turns. The pages are threads here that
ask the watcher as pages do, three times a second, where the recording is, and what came after the
last frame.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

from results import table, write

PAGES, PERIOD = 50, 0.3
TRAIN = """
import sys, time, gan_viz
start = time.perf_counter()
gan_viz.train("gaussian", sys.argv[1], steps=int(sys.argv[2]))
print(time.perf_counter() - start)
"""


def trained(path: Path, steps: int) -> float:
    """Steps per second of a training in a process of its own."""
    command = [sys.executable, "-c", TRAIN, str(path), str(steps)]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return steps / float(found.stdout)


class Page(threading.Thread):
    """Asks like an open page, until it is told to stop."""

    def __init__(self, url: str, stopped: threading.Event) -> None:
        super().__init__(daemon=True)
        self._address, self._stopped = urlsplit(url), stopped
        self._generation, self._last, self.answers, self.bytes = "", -1, 0, 0

    def run(self) -> None:
        while not self._stopped.wait(PERIOD):
            asked = f"data?generation={self._generation}&after={self._last}"
            text, headers = self._ask(asked)
            if "X-Generation" in headers:
                self._generation = headers["X-Generation"]
                self._last = json.loads(headers["X-State"])["step"]
                self.answers, self.bytes = self.answers + 1, self.bytes + len(text)

    def _ask(self, name: str) -> tuple[bytes, Message]:
        connection = http.client.HTTPConnection("127.0.0.1", self._address.port or 0, timeout=60)
        connection.request("GET", self._address.path + name)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return text, answer.headers


def followed(path: Path, steps: int) -> tuple[float, float]:
    """The same with pages that follow it; and kilobytes that each of them got a second."""
    command = [sys.executable, "-m", "gan_viz", "watch", str(path), "--no-browser", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watcher:
        assert watcher.stdout is not None
        url, stopped = watcher.stdout.readline().strip(), threading.Event()
        pages = [Page(url, stopped) for _ in range(PAGES)]
        for page in pages:
            page.start()
        rate = trained(path, steps)
        stopped.set()
        for page in pages:
            page.join()
        watcher.terminate()
    return rate, sum(page.bytes for page in pages) / PAGES / 1000 / (steps / rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="keep the table")
    given = parser.parse_args()
    alone, beside, sent = [], [], []
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_CACHE_HOME"] = place
        for turn in range(given.turns):
            alone.append(trained(Path(place, f"alone{turn}.ganviz"), given.steps))
            rate, kilobytes = followed(Path(place, f"seen{turn}.ganviz"), given.steps)
            beside.append(rate)
            sent.append(kilobytes)
    head = ("pages", "steps/s", "relative", "kB/s each")
    rows = [
        ["none", f"{max(alone):,.0f}", "1.00", ""],
        [str(PAGES), f"{max(beside):,.0f}", f"{max(beside) / max(alone):.2f}", f"{min(sent):.0f}"],
    ]
    text = table(head, rows)
    print(text)
    if given.write:
        write({"A training that is followed": text})


if __name__ == "__main__":
    main()
