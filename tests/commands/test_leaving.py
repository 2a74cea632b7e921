"""A command leaves quickly, with all that is to be done at the end done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import atexit, os, sys, tempfile, threading, time
from gan_viz.console import as_process

class Slow:
    def __del__(self):
        print("collected")

kept = Slow()
kept.itself = kept  # is not freed before the interpreter ends

def command():
    folder = tempfile.TemporaryDirectory()
    globals()["folder"] = folder
    atexit.register(print, "asked for")
    threading.Thread(target=lambda: (time.sleep(0.1), print("joined"))).start()
    print("folder", folder.name)
    sys.stderr.write("said")
    {ending}

as_process(command)
"""


def run(ending: str) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(ending=ending)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("ending", "code"), [("pass", 0), ("raise SystemExit(2)", 2), ("sys.exit(0)", 0)]
)
def test_everything_but_the_garbage_is_taken_care_of(ending: str, code: int) -> None:
    done = run(ending)
    assert done.returncode == code
    folder, *said = done.stdout.split("\n")
    assert said == ["joined", "asked for", ""]
    assert done.stderr == "said"
    assert not Path(folder.removeprefix("folder ")).exists()


def test_other_errors_end_as_usual() -> None:
    done = run("raise ZeroDivisionError")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "asked for\ncollected\n" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_a_reader_that_has_gone_is_noticed() -> None:
    program = "from gan_viz.console import as_process; as_process(lambda: print('x' * 9))"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"BrokenPipe" in process.stderr.read()
        assert process.wait() != 0
