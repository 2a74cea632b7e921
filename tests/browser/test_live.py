"""A page that follows another process's recording, which is killed in the end."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gan_viz.watching import Follower, Watcher

from .conftest import Trouble

WRITE = """
import sys
import numpy as np
from gan_viz.distributions import target
from gan_viz.recording import Writer
writer = Writer(sys.argv[1], {"target": target("norm(0, 1)").describe()})
writer.add_channel("generator", (32,), "float32")
for number, _ in enumerate(sys.stdin):
    for step in (2 * number, 2 * number + 1):
        writer.write_frame(step, {"generator": np.linspace(-1, 1, 32) + 0.1 * step})
    writer.flush()
    print("written", flush=True)
"""


TOP = "replay.data.runs[0].density.top"


@contextmanager
def _serving(path: Path) -> Iterator[str]:
    with Watcher(Follower(path)) as watcher:
        thread = threading.Thread(target=watcher.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield watcher.url
        finally:
            watcher.shutdown()
            thread.join()


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """Let another process record two frames more; without it, it is killed."""
    command = [sys.executable, "-c", WRITE, str(tmp_path / "run.ganviz")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def grow(kill: bool = False) -> None:
            if kill:
                process.kill()
                process.wait()
            else:
                process.stdin.write("\n")
                process.stdin.flush()
                assert process.stdout.readline() == "written\n"

        yield grow
        process.kill()


def test_a_page_follows(
    browser: Any, tmp_path: Path, write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    page, trouble = browser.new_page(), Trouble()

    def shows(frames: int, status: str) -> dict[str, int]:
        page.wait_for_selector(f'#following[data-status="{status}"]', timeout=20_000)
        for _ in range(200):
            found: dict[str, int] = page.evaluate(
                "({frames: replay.data.steps.length, frame: replay.frame})"
            )
            if found["frames"] == frames:
                return found
            page.wait_for_timeout(50)
        raise AssertionError(f"{found} instead of {frames} frames")

    with _serving(tmp_path / "run.ganviz") as url:
        page.goto(url)
        assert "Waiting for the first frame" in page.inner_text("body")
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda message: trouble.append(message.text))
        write()
        assert shows(2, "running")["frame"] == 1
        write()
        assert shows(4, "running")["frame"] == 3  # on the newest
        page.evaluate("replay.goto(1)")
        write()
        assert shows(6, "running")["frame"] == 1  # where somebody went back to
        assert not trouble
        top = page.evaluate(TOP)
        write()
        shows(8, "running")
        page.wait_for_timeout(500)
        assert page.evaluate(TOP) >= top  # scales never narrow
    page.wait_for_selector('#following[data-status="lost"]', timeout=20_000)
    write()
    with _serving(tmp_path / "run.ganviz") as again:
        assert again == url
        shows(10, "running")
        write(kill=True)
        shows(10, "stopped")
    page.close()
