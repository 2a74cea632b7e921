"""What is printed steers no terminal, fits any encoding, and says no more than one line."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import unicodedata
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz import api
from gan_viz.recording import Writer
from gan_viz.terminal import plain

EVIL = "\x1b]0;pwned\x07\x1b[2J\x9b31m\u202egnp.exe\u2066\x00\ud800"


def harmless(text: str) -> bool:
    """Whether a terminal would do nothing but show it."""
    return all(unicodedata.category(c)[0] != "C" for c in text if c != "\n")


@given(st.text(st.characters(exclude_categories=[])))
def test_plain_text_is_harmless_and_keeps_what_can_be_seen(text: str) -> None:
    shown = plain(text)
    assert harmless(shown)
    assert "\n" not in shown
    if text.isprintable():
        assert shown == text


@pytest.fixture
def evil_run(tmp_path: Path) -> Path:
    name = EVIL.replace("\0", "").replace("\ud800", "").replace("/", "")
    path = tmp_path / f"{name}.ganviz"
    header = {"title": EVIL, "objective": {"name": EVIL}, "n": {EVIL: [EVIL]}}
    with Writer(path, header) as writer:
        writer.add_channel("mine", (2,), "uint8", note=EVIL)
        for step in range(3):
            writer.write_frame(step, {"mine": np.zeros(2, np.uint8)})
        writer.write_scalars(range(9), {"d_loss": np.ones(9), "g_loss": np.ones(9)})
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        lies = json.dumps({"dtype": "lie", "shape": "lie", "note": EVIL})
        database.execute("UPDATE channel SET attributes = ?", (lies,))
    return path


@pytest.mark.parametrize("words", [["info"], ["info", "--json"], ["render"], ["metrics"], ["x"]])
def test_what_a_stranger_wrote_cannot_steer_the_terminal(words, evil_run, call_here) -> None:
    done = call_here("gan_viz", words[0], str(evil_run), *words[1:])
    assert harmless(done.stdout + done.stderr)
    assert "report it" not in done.stderr


def test_json_is_the_same_for_programs(evil_run, call_here) -> None:
    contents = json.loads(call_here("gan_viz", "info", str(evil_run), "--json").stdout)
    assert contents["header"]["title"] == EVIL.replace("\ud800", "?")
    assert contents["channels"]["mine"] == {"dtype": "uint8", "shape": [2], "note": EVIL[:-1] + "?"}


def test_words_that_are_no_options_are_plain(call_here) -> None:
    done = call_here("gan_viz", "info", f"--{EVIL}")
    assert (done.returncode, harmless(done.stderr), done.stderr.count("\n")) == (2, True, 1)


@pytest.mark.parametrize("encoding", ["ascii", "cp932", "cp437", "koi8-r"])
def test_any_encoding_will_do(encoding, tmp_path, call_here, monkeypatch) -> None:
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding, write_through=True))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding))
    words = ["--race", "lsgan,hinge", "--seeds", "0", "--steps", "20", "--out", "r.csv"]
    assert call_here("gan_viz.toy1d", *words).returncode == 0
    assert (tmp_path / "r.csv").read_text(encoding="utf-8").count("\n") == 3
    assert b"lsgan" in printed.getvalue()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_has_no_room(small_run, tmp_path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "gan_viz", "info", str(small_run)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "error: nothing more can be written: the disk is full\n"


def test_warnings_of_libraries_are_not_shown(tmp_path, capsys) -> None:
    import warnings

    from gan_viz.errors import LossWarning, RecordingWarning
    from gan_viz.terminal import tidy_process

    with tidy_process() as losses, warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("theirs", RuntimeWarning, stacklevel=1)
        warnings.warn("ours", RecordingWarning, stacklevel=1)
        warnings.warn("lost", LossWarning, stacklevel=1)
    assert capsys.readouterr().err == "warning: ours\nwarning: lost\n"
    assert losses == ["lost"]


def wait_for(folder, signs) -> None:
    end = time.monotonic() + 60
    while not list(folder.glob(signs)) and time.monotonic() < end:
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("number", "moment"),
    [(signal.SIGTERM, "training"), (signal.SIGHUP, "rendering"), (signal.SIGINT, "training")],
)
def test_signals_end_a_command_tidily(number, moment, tmp_path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    steps = "10000000" if moment == "training" else "200"
    words = ["gan_viz.toy1d", "--out", "a.gif", "--record", "run.ganviz", "--steps", steps]
    command = [sys.executable, "-m", *words, "--duration", "100", "--jobs", "1"]
    command += ["--size", "1280x720"]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as child:
        signs = "run.ganviz-wal" if moment == "training" else ".a.gif.*.part"
        wait_for(tmp_path, signs)
        time.sleep(0.3)
        child.send_signal(number)
        if (number, moment) == (signal.SIGINT, "training"):
            wait_for(tmp_path, ".a.gif.*.part")
            child.send_signal(signal.SIGINT)  # once more, while it draws what it has
        child.communicate(timeout=30)
    assert child.returncode == (130 if number == signal.SIGINT else 128 + number)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert [name for name in names if name != "a.gif"] == ["run.ganviz", "tmp"]
    assert list(temporary.iterdir()) == []
    assert len(api.metrics(tmp_path / "run.ganviz")) > 0


def test_an_interruption_before_the_first_frame_ends_the_command(call_here, monkeypatch) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "train", interrupted)
    done = call_here("gan_viz.toy1d", "--record", "run.ganviz", "--quiet")
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_interruption_that_a_library_swallows_is_one(number, call_here, monkeypatch) -> None:
    """As Matplotlib's C++ does while it converts an array, with a ValueError of its own."""

    def swallowing(*args: object, **options: object) -> None:
        try:
            signal.raise_signal(number)
        except BaseException as error:
            message = "Invalid affine transformation matrix"
            raise ValueError(message) from error

    before = signal.getsignal(number)
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    monkeypatch.setattr(api, "train", swallowing)
    try:
        done = call_here("gan_viz.toy1d", "--record", "run.ganviz", "--quiet")
    finally:
        signal.signal(number, before)
    assert (done.returncode, done.stderr) == (128 + number, "error: interrupted\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--batch 999999999999", "batch 999999999999: expected a whole number from 1 to 1,048,576"),
        ("--d-steps 99999", "d_steps 99999: expected a whole number from 1 to 1,000"),
        ("--hidden 99999,99999", "layer widths [1, 99999, 99999, 1]: expected at most 16,777,216"),
        ("--model flow --hidden 9999999", "layer widths [2, 9999999, 1]: expected at most"),
    ],
)
def test_what_no_memory_holds_is_refused(words, message, call_here) -> None:
    done = call_here("gan_viz.toy1d", *words.split())
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize(
    "error", [MemoryError("Unable to allocate"), RuntimeError("you can't allocate memory: ...")]
)
def test_a_full_memory_is_one_line(error, call_here, monkeypatch) -> None:
    def fails(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(api, "train", fails)
    done = call_here("gan_viz.toy1d", "--quiet")
    assert done.returncode == 1
    expected = "there is not enough memory: ask for smaller networks, batches or pictures"
    assert done.stderr == f"error: {expected}\n"


def test_an_error_after_an_interrupted_training_is_an_error(call_here, monkeypatch) -> None:
    train = api.train

    def interrupted(*args: object, **options: object) -> None:
        def stop(task: str, done: int, total: int, figures: object) -> None:
            signal.raise_signal(signal.SIGINT)

        train(*args, **{**options, "progress": stop, "steps": 10**6})

    def failing(*args: object, **options: object) -> None:
        message = "of another kind"
        raise ValueError(message)

    monkeypatch.setattr(api, "train", interrupted)
    monkeypatch.setattr(api, "render", failing)
    done = call_here("gan_viz.toy1d", "--record", "run.ganviz")
    assert done.returncode == 1
    assert "training stopped; drawing what was recorded" in done.stderr
    assert "ValueError: of another kind; please report it" in done.stderr


def test_an_interruption_draws_what_is_new(call_here, run_here, monkeypatch, tmp_path) -> None:
    """Beside an older recording of that name, which a training that is cut off does not replace."""
    older = run_here("r.ganviz").read_bytes()
    train = api.train

    def interrupted(*args: object, **options: object) -> None:
        def stop(task: str, done: int, total: int, figures: object) -> None:
            raise KeyboardInterrupt

        train(*args, **{**options, "progress": stop, "steps": 10**6})

    monkeypatch.setattr(api, "train", interrupted)
    words = ["--record", "r.ganviz", "--out", "a.png", "--size", "320x180"]
    done = call_here("gan_viz.toy1d", *words)
    assert done.returncode == 0, done.stderr
    assert "training stopped; drawing what was recorded" in done.stderr
    assert "is newer" not in done.stderr
    assert (tmp_path / "r.ganviz").read_bytes() == older
    assert (tmp_path / "r.new.ganviz").exists()
