"""How large the pages of recordings are, and how fast they play, in Chromium without a screen.

``python benchmarks/replay.py`` trains the default toy, a race of 15 and 120 frames of 64 digits
(scikit-learn's, enlarged to the size of MNIST's), writes the page of each, opens it at 1080p and
prints its size, the time until its first picture is drawn and how much of that its thread was on a
processor, and the memory of its script before and after 12,000 frames, which are ten minutes of a
replay. What a frame takes is the time that the thread was on a processor while it played, by
Chromium's own counter, over the frames it was asked for: 60 a second take less than 16.7 ms each,
however busy the machine is. Names of some of the pages, ``toy``, ``race`` and ``digits``, measure
these alone.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright
from results import table, write
from sklearn.datasets import load_digits

import gan_viz
from gan_viz.recording import Writer

OBJECTIVES = "minimax", "non-saturating", "wgan-gp", "lsgan", "hinge"
DESKTOP: Any = {"width": 1920, "height": 1080}
DRAWN = 12_000
"""Frames between two looks at the memory: ten minutes of a replay at 20 a second."""
SECONDS = 10
"""For which it plays, at four times the usual speed: nearly each picture shows another frame."""
PLAY = """async (seconds) => {
    Object.assign(replay.clock, { repeat: "loop", times: 0, speed: 4 });
    replay.play();
    let shown = 0;
    const start = performance.now();
    await new Promise((done) => {
        const next = () => {
            shown += 1;
            performance.now() - start > 1000 * seconds ? done() : requestAnimationFrame(next);
        };
        requestAnimationFrame(next);
    });
    return shown;
}"""
DRAW = """(count) => {
    replay.pause();
    const look = replay.lookOf(replay.panes.columns);
    const { steps } = replay.data;
    const start = performance.now();
    for (let i = 0; i < count; i += 1) {
        for (const pane of replay.panes.shown(replay.view)) {
            pane.draw(steps[(7 * i) % steps.length], replay.view, look, false);
        }
    }
    return (performance.now() - start) / count;
}"""


def toy(folder: Path) -> list[Path]:
    return [gan_viz.train("gaussian", folder / "toy.ganviz")]


def race(folder: Path) -> list[Path]:
    return [*gan_viz.race("trimodal", OBJECTIVES, range(3), folder / "race").values()]


def digits(folder: Path) -> list[Path]:
    """Digits that appear out of drifting noise, as those of a GAN do, 28 pixels high and wide."""
    path, rng = folder / "digits.ganviz", np.random.default_rng(0)
    real = np.kron(load_digits().images[:64], np.ones((1, 3, 3)))[:, :24, :24] * 255 / 16
    real = np.pad(real, ((0, 0), (2, 2), (2, 2)))
    drift = rng.normal(size=(13, *real.shape))
    with Writer(path, {"title": "digits"}) as writer:
        writer.add_channel("samples", (64, 28, 28), "uint8")
        for number, clear in enumerate(np.linspace(0, 1, 120)):
            before, part = divmod(number / 10, 1)
            noise = (1 - part) * drift[int(before)] + part * drift[int(before) + 1]
            frame = clear * real + (1 - clear) * 100 + (60 * (1 - clear) + 8) * noise
            frame = frame.clip(0, 255)
            writer.write_frame(number * 10, {"samples": frame.astype(np.uint8)})
    return [path]


def measured(browser: Any, name: str, page: Path, seconds: float) -> list[str]:
    tab = browser.new_page(viewport=DESKTOP)
    client = tab.context.new_cdp_session(tab)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})
    tab.goto(f"file://{page}#step=0")
    first = tab.evaluate(FIRST)
    start = busy(client)
    shown = tab.evaluate(PLAY, SECONDS)
    each = 1000 * (busy(client) - start) / shown
    before = heap(client)
    tab.evaluate(DRAW, DRAWN)
    after = heap(client)
    tab.close()
    size = f"{page.stat().st_size / 1000:,.0f}"
    rate = f"{shown / SECONDS:.0f}"
    return [
        name,
        size,
        f"{seconds:.1f}",
        f"{first:.0f} ({1000 * start:.0f})",
        f"{each:.1f}",
        rate,
        f"{before:.1f}, {after:.1f}",
    ]


def busy(client: Any) -> float:
    """Seconds that the thread of the page has been on a processor."""
    metrics = client.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def heap(client: Any) -> float:
    """Megabytes of the script, without what nobody needs any more."""
    client.send("HeapProfiler.collectGarbage")
    return float(client.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


PAGES: Mapping[str, Callable[[Path], list[Path]]] = {
    "toy": toy,
    "race": race,
    "digits": digits,
}
TITLES = {"toy": "default toy", "race": "race of 15", "digits": "120 frames of 64 digits"}
HEAD = (
    "page",
    "kB",
    "made in, s",
    "first picture, ms (busy)",
    "a frame, ms",
    "frames/s",
    "memory, MB",
)
FIRST = """() => new Promise((done) => {
    const look = () => {
        const [mark] = performance.getEntriesByName("first-picture");
        mark ? done(mark.startTime) : requestAnimationFrame(look);
    };
    look();
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*PAGES, []], help="all by default")
    parser.add_argument("--write", action="store_true", help="keep the table")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name in given.names or PAGES:
            runs, page = PAGES[name](Path(place)), Path(place, "page.html")
            start = time.perf_counter()
            gan_viz.compare(runs, page)
            rows.append(measured(chromium, TITLES[name], page, time.perf_counter() - start))
        chromium.close()
    text = table(HEAD, rows)
    print(text)
    if given.write:
        write({"The replay in Chromium at 1080p": text})


if __name__ == "__main__":
    main()
