"""Encoding in another process: the same file, the same errors, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from gan_viz.encoders import background
from gan_viz.encoders.background import (
    BackgroundEncoder,
    ProcessWorker,
    ThreadWorker,
    open_encoder,
    start_worker,
)
from gan_viz.encoders.base import Clip, Encoder, Frame
from gan_viz.encoders.changes import Changes
from gan_viz.encoders.gif import GifEncoder, OverBudgetError
from gan_viz.encoders.still import FolderEncoder
from gan_viz.encoders.video import Mp4Encoder
from gan_viz.errors import GanVizError, OutputError, UnknownNameError, UsageError
from gan_viz.registry import ENCODERS

SLOTS = 4

RED = np.full((10, 20, 3), (200, 0, 0), dtype=np.uint8)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="encodes in this process there")


def clip(**more: object) -> Clip:
    return Clip(**{"width": 20, "height": 10, "fps": 25.0, **more})


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


ODD = """
import os, pathlib, time
from gan_viz.encoders.base import NullEncoder
from gan_viz.encoders.publish import Partial
from gan_viz.errors import UnknownNameError

class Odd(NullEncoder):
    place = Partial

    def _write(self, frame):
        getattr(self, "_at_%d" % frame[0, 0, 0])()

    def _at_0(self): pass
    def _at_1(self): raise UnknownNameError("color", "rde", ["red"])
    def _at_2(self): raise ValueError("unexpected")
    def _at_3(self): os._exit(3)
    def _at_4(self): print("hello"); os.write(1, b"7\\n"); os.write(2, b"8\\n")
    def _at_5(self):
        while not self.path.with_name("go").exists(): time.sleep(0.01)
    def _at_6(self): raise OSError(28, "No space left on device")
    def _at_7(self): raise MemoryError
"""


@pytest.fixture
def odd(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> type[Encoder]:
    """An encoder that does something odd at a frame of some color."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "odd_encoder.py").write_text(ODD)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "odd_encoder", raising=False)
    import odd_encoder

    return odd_encoder.Odd


def level(number: int) -> Frame:
    return np.full((10, 20, 3), number, dtype=np.uint8)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other process is to be had."""
    monkeypatch.setattr(sys, "executable", "")


class TestSame:
    @pytest.mark.parametrize("suffix", sorted(ENCODERS))
    def test_bytes(self, suffix: str, tmp_path: Path, blink: list[Frame]) -> None:
        frames = blink if suffix != ".png" else blink[:1]
        about = {"hold": 1.0, "loop": 2, "colors": blink[0][0, :1], "frames": len(frames)}
        done = []
        for jobs in (1, 2):
            path = tmp_path / f"{jobs}{suffix}"
            with open_encoder(path, clip(**about, samples=blink[::3]), jobs=jobs) as encoder:
                for frame in frames:
                    encoder.write(frame)
            done.append((path.read_bytes(), encoder.written, encoder.duration))
        assert isinstance(encoder, BackgroundEncoder)
        assert isinstance(encoder._worker, ThreadWorker) == (suffix in {".mp4", ".webm"})
        assert encoder._local is None
        assert done[0] == done[1]
        assert len(list(tmp_path.iterdir())) == 2

    @pytest.mark.parametrize("options", [{}, {"opaque": True, "colors": 20, "max_bytes": 10**6}])
    def test_plot(self, tmp_path: Path, plot: tuple, options: dict[str, object]) -> None:
        frames, colors = plot
        about = Clip(640, 360, 29.97, hold=0.1, colors=colors, samples=frames[::8])
        for jobs in (1, 2):
            path = tmp_path / f"{jobs}.gif"
            with open_encoder(path, about, jobs, options) as encoder:
                for frame in frames:
                    encoder.write(frame)
        assert (tmp_path / "1.gif").read_bytes() == (tmp_path / "2.gif").read_bytes()

    @pytest.mark.parametrize("process", [True, False])
    def test_told_what_changes(
        self, tmp_path: Path, blink: list[Frame], monkeypatch: pytest.MonkeyPatch, process: bool
    ) -> None:
        with open_encoder(tmp_path / "1.gif", clip(samples=blink[::3])) as encoder:
            for frame in blink:
                encoder.write(frame)
        worker, changes = start_worker(GifEncoder), Changes()
        assert isinstance(worker, ProcessWorker)
        if not process:  # as if it had not answered
            monkeypatch.setattr(background, "_READY", b"something else")
        about = clip(samples=blink[::3])
        with open_encoder(tmp_path / "2.gif", about, worker=worker) as told:
            assert isinstance(told, BackgroundEncoder)
            for frame in blink:
                told.write_changed(changes.of(frame))
        assert (told._local is None) == process
        assert (tmp_path / "1.gif").read_bytes() == (tmp_path / "2.gif").read_bytes()

    def test_folder(self, tmp_path: Path, blink: list[Frame]) -> None:
        with open_encoder(tmp_path / "a", clip(), kind=FolderEncoder, jobs=2) as encoder:
            for frame in blink:
                encoder.write(frame)
        assert list(tmp_path.iterdir()) == [tmp_path / "a"]
        assert len(list((tmp_path / "a").iterdir())) == 12

    def test_frames_may_be_views_and_be_overwritten(self, tmp_path: Path) -> None:
        wide = np.empty((10, 40, 4), dtype=np.uint8)
        for jobs in (1, 2):
            with open_encoder(tmp_path / f"{jobs}.gif", clip(), jobs=jobs) as encoder:
                for shade in range(3 * SLOTS):
                    wide[...] = 10 * shade
                    encoder.write(wide[:, ::2, 2::-1])
                    wide[...] = 99
        assert (tmp_path / "1.gif").read_bytes() == (tmp_path / "2.gif").read_bytes()

    def test_old_file_and_permissions(self, tmp_path: Path) -> None:
        path = tmp_path / "a.gif"
        path.write_bytes(b"old")
        path.chmod(0o640)
        encoder = open_encoder(path, clip(), jobs=2)
        encoder.write(RED)
        assert path.read_bytes() == b"old"
        encoder.close()
        encoder.close()
        assert path.read_bytes()[:3] == b"GIF"
        assert path.stat().st_mode & 0o777 == 0o640
        with pytest.raises(OutputError, match="closed"):
            encoder.write(RED)


class TestErrors:
    def test_unusable_options_are_told_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="colors 3 cannot be used: expected 16 to 256"):
            open_encoder(tmp_path / "a.gif", clip(), 2, {"colors": 3})
        with pytest.raises(UsageError, match="too fast"):
            open_encoder(tmp_path / "a.gif", clip(fps=60.0), jobs=2)
        with pytest.raises(UsageError, match="does not exist: create it"):
            open_encoder(tmp_path / "no" / "a.gif", clip(), jobs=2)
        with pytest.raises(UnknownNameError, match=r"output format '\.gfi'"):
            open_encoder(tmp_path / "a.gfi", clip(), jobs=2)

    def test_wrong_frames(self, tmp_path: Path) -> None:
        with (
            pytest.raises(UsageError, match=r"frames are uint8 of shape \(10, 20, 3\)"),
            open_encoder(tmp_path / "a.gif", clip(), jobs=2) as encoder,
        ):
            encoder.write(RED[:5])
        assert not list(tmp_path.iterdir())

    def test_no_frame(self, tmp_path: Path) -> None:
        with (
            pytest.raises(OutputError, match="there was no frame to show"),
            open_encoder(tmp_path / "a.gif", clip(), jobs=2),
        ):
            pass
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("jobs", [1, 2])
    @pytest.mark.parametrize(
        ("number", "error", "message"),
        [
            (1, UnknownNameError, r"^unknown color 'rde': did you mean 'red'\? Known: red$"),
            (6, OutputError, r"/a cannot be written: the disk is full$"),
        ],
    )
    def test_come_back_as_they_are(
        self,
        odd: type[Encoder],
        tmp_path: Path,
        jobs: int,
        number: int,
        error: type[GanVizError],
        message: str,
    ) -> None:
        def write() -> None:
            with open_encoder(tmp_path / "a", clip(), kind=odd, jobs=jobs) as encoder:
                for shade in [0, number] + [0] * 20:
                    encoder.write(level(shade))

        with pytest.raises(error, match=message) as caught:
            write()
        assert type(caught.value) is error
        assert not list(tmp_path.iterdir())

    def test_come_back_on_closing(self, tmp_path: Path, blink: list[Frame]) -> None:
        (tmp_path / "a.gif").write_bytes(b"old")

        def write() -> None:
            with open_encoder(tmp_path / "a.gif", clip(), 2, {"max_bytes": 60}) as encoder:
                encoder.write(blink[0])

        with pytest.raises(OverBudgetError, match="more than 60 bytes"):
            write()
        assert list(tmp_path.iterdir()) == [tmp_path / "a.gif"]
        assert (tmp_path / "a.gif").read_bytes() == b"old"

    @pytest.mark.parametrize(("number", "name"), [(2, "ValueError: unexpected"), (7, "MemoryErr")])
    def test_mistakes_keep_their_traceback(
        self, odd: type[Encoder], tmp_path: Path, number: int, name: str
    ) -> None:
        def write() -> None:
            with open_encoder(tmp_path / "a", clip(), kind=odd, jobs=2) as encoder:
                encoder.write(level(number))

        with pytest.raises(RuntimeError, match=f"the encoder failed: {name}") as caught:
            write()
        assert f"_at_{number}" in caught.value.__notes__[0]
        assert not list(tmp_path.iterdir())

    def test_no_room(self, tmp_path: Path) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (100, 100, 3), dtype=np.uint8)
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        worker = start_worker(GifEncoder)
        assert worker is not None
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (20_000, hard))

        def write() -> None:
            big = clip(width=100, height=100)
            with open_encoder(tmp_path / "a.gif", big, worker=worker) as encoder:
                for shift in range(9):
                    encoder.write(np.roll(noise, shift, axis=1))

        with pytest.raises(OutputError, match=r"a\.gif cannot be written: File too large$"):
            write()
        assert not list(tmp_path.iterdir())

    def test_what_an_encoder_prints_is_no_reply(
        self, odd: type[Encoder], tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with open_encoder(tmp_path / "a", clip(), kind=odd, jobs=2) as encoder:
            for shade in (0, 4, 4, 0, 0, 0, 0):
                encoder.write(level(shade))
        assert encoder.duration == pytest.approx(0.28)
        assert capfd.readouterr() == ("", "")


class TestDeath:
    @pytest.mark.parametrize("frames", [0, 1, 9])
    def test_of_the_other_process(self, tmp_path: Path, frames: int) -> None:
        worker = start_worker(GifEncoder)
        assert worker is not None
        encoder = open_encoder(tmp_path / "a.gif", clip(), worker=worker)
        encoder.write(RED)
        for _ in range(frames):
            encoder.write(RED)
        os.kill(worker.pid, signal.SIGKILL)

        def write() -> None:
            with encoder:
                for _ in range(2 * SLOTS):
                    encoder.write(RED)

        with pytest.raises(OutputError, match=r"was ended by SIGKILL before it was done: .* again"):
            write()
        assert not list(tmp_path.iterdir())

    def test_of_the_other_process_at_the_end(self, odd: type[Encoder], tmp_path: Path) -> None:
        def write() -> None:
            with open_encoder(tmp_path / "a", clip(), kind=odd, jobs=2) as encoder:
                encoder.write(level(0))
                encoder.write(level(3))

        with pytest.raises(OutputError, match="the process that encodes ended before"):
            write()
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
    def test_of_this_process(self, tmp_path: Path, signum: int) -> None:
        with script(tmp_path, "time.sleep(60)") as (parent, worker):
            assert len(list(tmp_path.glob(".*.part"))) == 1
            parent.send_signal(signum)
            parent.wait(10)
            wait_until(lambda: not alive(worker))
            assert not list(tmp_path.glob(".*"))
            assert not list(tmp_path.glob("*.gif"))

    def test_of_this_process_while_the_other_is_at_work(
        self, odd: type[Encoder], tmp_path: Path
    ) -> None:
        code = f"""
import sys; sys.path.insert(0, {str(Path(sys.modules[odd.__module__].__file__).parent)!r})
from odd_encoder import Odd as kind
"""
        with script(tmp_path, "encoder.write(frame + 5); time.sleep(60)", code) as (parent, worker):
            parent.kill()
            parent.wait(10)
            assert alive(worker)
            (tmp_path / "go").touch()
            wait_until(lambda: not alive(worker))
            assert not list(tmp_path.glob(".*"))

    @pytest.mark.parametrize("doing", ["time.sleep(60)", "while True: encoder.write(frame)"])
    def test_ctrl_c(self, tmp_path: Path, doing: str) -> None:
        with script(tmp_path, doing) as (parent, worker):
            time.sleep(0.1)
            os.kill(worker, signal.SIGINT)  # a terminal would not even tell it
            os.killpg(parent.pid, signal.SIGINT)
            out, err = parent.communicate(timeout=10)
            assert (out.strip(), err) == ("interrupted", "")
            assert not alive(worker)
            assert [p.name for p in tmp_path.iterdir()] == ["script.py"]


@contextlib.contextmanager
def script(
    folder: Path, doing: str, before: str = ""
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a user's script, without a guard, that writes a frame and then does something."""
    (folder / "script.py").write_text(f"""
import pathlib, sys, time
import numpy as np
from gan_viz.encoders.base import Clip
from gan_viz.encoders.background import open_encoder
kind = None
{before}
frame = np.zeros((10, 20, 3), dtype=np.uint8)
path = pathlib.Path({str(folder / "a.gif")!r})
try:
    with open_encoder(path, Clip(20, 10, 25.0), kind=kind, jobs=2) as encoder:
        for _ in range(9):
            encoder.write(frame)
        print(encoder._worker.pid, flush=True)
        {doing}
except KeyboardInterrupt:
    print("interrupted")
else:
    print("done", path.exists())
""")
    parent = subprocess.Popen(
        [sys.executable, "-W", "error", str(folder / "script.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert parent.stdout is not None
        yield parent, int(parent.stdout.readline())
    finally:
        parent.kill()
        parent.communicate()


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    with script(tmp_path, "pass") as (parent, worker):
        out, err = parent.communicate(timeout=20)
        assert (out.strip(), err) == ("done True", "")
        assert not alive(worker)


class TestStart:
    def test_does_not_wait(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        slow = tmp_path / "python-slow"
        slow.write_text(f'#!/bin/sh\nsleep 1\nexec {sys.executable} "$@"\n')
        slow.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(slow))
        started = time.monotonic()
        encoder = open_encoder(tmp_path / "a.gif", clip(samples=[RED] * 9), jobs=2)
        assert time.monotonic() - started < 0.7
        with encoder:
            encoder.write(RED)
            assert encoder._local is None
        assert time.monotonic() - started >= 1
        assert (tmp_path / "a.gif").exists()

    def test_ahead_of_time(self, tmp_path: Path) -> None:
        with start_worker(GifEncoder) as worker:
            with open_encoder(tmp_path / "a.gif", clip(), worker=worker) as encoder:
                encoder.write(RED)
                assert encoder._local is None
            assert not alive(worker.pid)
        assert (tmp_path / "a.gif").exists()

    def test_for_nothing(self) -> None:
        with start_worker(GifEncoder) as worker:
            assert alive(worker.pid)
        assert not alive(worker.pid)
        worker.stop()

    def test_for_something_else(self, tmp_path: Path) -> None:
        with start_worker(FolderEncoder) as worker:
            encoder = open_encoder(tmp_path / "a.gif", clip(), worker=worker)
            assert type(encoder) is GifEncoder
            encoder.abort()

    def test_nothing_stays_open(self, tmp_path: Path) -> None:
        def count() -> int:
            return len(list(Path("/proc/self/fd").iterdir()))

        before = count()
        for _ in range(3):
            with open_encoder(tmp_path / "a.gif", clip(samples=[RED]), jobs=2) as encoder:
                encoder.write(RED)
        with start_worker(GifEncoder):
            pass
        assert count() == before

    def test_imports_little(self) -> None:
        code = (
            "import sys, gan_viz.encoders.background, gan_viz.encoders.gif;"
            "print(sorted({'PIL', 'av', 'imageio', 'scipy', 'matplotlib'} & set(sys.modules)))"
        )
        out = subprocess.check_output([sys.executable, "-c", code], text=True)
        assert out.strip() == "[]"


class TestWithoutAnotherProcess:
    def check(self, tmp_path: Path, *, started: bool) -> None:
        """It must come out as in this process, whatever is wrong with the other."""
        frames = [level(10 * shade) for shade in range(2 * SLOTS)]
        for jobs in (1, 2):
            about = clip(samples=frames[:2], hold=0.2)
            with open_encoder(tmp_path / f"{jobs}.gif", about, jobs, {"colors": 40}) as encoder:
                for frame in frames:
                    encoder.write(frame)
        assert isinstance(encoder, BackgroundEncoder) == started
        assert encoder.duration == pytest.approx(0.52)
        assert (tmp_path / "1.gif").read_bytes() == (tmp_path / "2.gif").read_bytes()
        assert len(list(tmp_path.glob("*.gif"))) == 2
        assert not list(tmp_path.glob(".*"))

    @pytest.mark.parametrize(
        "python", [None, "", "/nowhere/python3", "/usr/bin/blender", "/usr/lib"]
    )
    def test_without_an_interpreter(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str | None
    ) -> None:
        monkeypatch.setattr(sys, "executable", python)
        self.check(tmp_path, started=False)

    def test_frozen(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        self.check(tmp_path, started=False)

    @pytest.mark.parametrize("does", ["exit 1", "echo hello", "exec cat", "printf '\"rea'"])
    def test_with_something_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str
    ) -> None:
        monkeypatch.setattr(background, "_PATIENCE", 1.0)
        strange = tmp_path / "python3"
        strange.write_text(f"#!/bin/sh\n{does}\n")
        strange.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(strange))
        self.check(tmp_path, started=True)

    def test_a_class_that_cannot_be_imported(self, tmp_path: Path) -> None:
        class Local(GifEncoder):
            pass

        with open_encoder(tmp_path / "a.gif", clip(), kind=Local, jobs=2) as encoder:
            assert type(encoder) is Local
            encoder.write(RED)

    def test_errors_and_interruptions(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blink: list[Frame]
    ) -> None:
        def fail(self: ProcessWorker, *job: object) -> None:
            raise OSError("no answer")

        monkeypatch.setattr(ProcessWorker, "begin", fail)

        def write(error: type[BaseException] | None) -> None:
            with open_encoder(tmp_path / "a.gif", clip(), 2, {"max_bytes": 60}) as encoder:
                encoder.write(blink[0])
                if error:
                    raise error

        for given, expected in ((None, OverBudgetError), (KeyboardInterrupt, KeyboardInterrupt)):
            with pytest.raises(expected):
                write(given)
            assert not list(tmp_path.iterdir())


class TestThread:
    @pytest.fixture
    def threaded(self, odd: type[Encoder], monkeypatch: pytest.MonkeyPatch) -> type[Encoder]:
        monkeypatch.setattr(odd, "own_threads", True)
        return odd

    @pytest.mark.parametrize(
        ("number", "error"), [(1, UnknownNameError), (2, ValueError), (6, OutputError)]
    )
    def test_errors(
        self, threaded: type[Encoder], tmp_path: Path, number: int, error: type[Exception]
    ) -> None:
        def write(after: int) -> None:
            with open_encoder(tmp_path / "a", clip(), 2, kind=threaded) as encoder:
                for shade in [0, number] + [0] * after:
                    encoder.write(level(shade))

        for after in (0, 5 * SLOTS):  # it comes on closing, or at one of the next frames
            with pytest.raises(error):
                write(after)
            assert not list(tmp_path.iterdir())

    def test_interruption(self, threaded: type[Encoder], tmp_path: Path) -> None:
        before = threading.active_count()
        with (
            pytest.raises(KeyboardInterrupt),
            open_encoder(tmp_path / "a", clip(), 2, kind=threaded) as encoder,
        ):
            for _ in range(3 * SLOTS):
                encoder.write(level(0))
            raise KeyboardInterrupt
        assert threading.active_count() == before
        assert not list(tmp_path.iterdir())

    def test_frames_may_be_overwritten(self, tmp_path: Path) -> None:
        frame = level(0)
        for jobs in (1, 2):
            with open_encoder(tmp_path / f"{jobs}.mp4", clip(), jobs) as encoder:
                for shade in range(3 * SLOTS):
                    frame[...] = 20 * shade
                    encoder.write(frame)
                    frame[...] = 99
        assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()

    def test_unused(self) -> None:
        with start_worker(Mp4Encoder) as worker:
            assert isinstance(worker, ThreadWorker)
        worker.stop()
