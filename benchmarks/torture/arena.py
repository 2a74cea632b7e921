"""One attack at a time, each in a process of its own that is watched and judged."""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["FAULTS", "Outcome", "command", "in_child", "keep", "snapshot", "statuses"]

SECONDS = 20.0
"""Of processor time that a command may take."""
HUNG = 120.0
"""Seconds after which a process is ended that waits."""
MEGABYTES = 1000
FAULTS = ("Traceback", "report it", "Exception ignored", "core dumped", "Warning:")
"""What no command may ever print."""


statuses: Counter[int] = Counter()
"""How often processes have ended with which status."""


class Outcome(NamedTuple):
    """How a process ended: its status, what it printed, seconds of the processor, megabytes."""

    status: int
    said: str
    seconds: float
    megabytes: float

    def fault(self, codes: Sequence[int] = (0, 1, 2)) -> str:
        """What is wrong with it, in a few words; empty if nothing is."""
        found = [word for word in FAULTS if word in self.said]
        if found:
            return f"{found[0]}: {self.said[-300:]!r}"
        if self.status not in codes:
            return f"status {self.status}: {self.said[-300:]!r}"
        if self.status and "error" not in self.said:
            return f"status {self.status} without a word"
        if self.seconds > SECONDS:
            return f"{self.seconds:.1f} s"
        return f"{self.megabytes:.0f} MB" if self.megabytes > MEGABYTES else ""


def in_child(work: Callable[[], object], harm: Callable[[int], None] | None = None) -> Outcome:
    """Do something in a fork of this process; `harm` may do something to it, by its number."""
    with tempfile.TemporaryFile("w+") as output:
        sys.stdout.flush()
        sys.stderr.flush()
        number = os.fork()
        if not number:
            _be_child(work, output.fileno())
        if harm is not None:
            harm(number)
        status, usage = _wait(number)
        output.seek(0)
        said = output.read()
    statuses[status] += 1
    # of a fork, the most memory that it had counts from that of its parent
    return Outcome(status, said, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _be_child(work: Callable[[], object], output: int) -> None:
    status = 0
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout = os.fdopen(1, "w", buffering=1, errors="backslashreplace", closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        work()
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 0
    except BaseException:
        traceback.print_exc()
        status = 99
    finally:
        sys.stdout.flush()
        os._exit(status)


def _wait(number: int) -> tuple[int, resource.struct_rusage]:
    end = time.monotonic() + HUNG
    while True:
        found, status, usage = os.wait4(number, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status), usage
        if time.monotonic() > end:
            os.kill(number, signal.SIGKILL)
            end = float("inf")
        time.sleep(0.005)


def command(folder: Path, *words: str) -> Callable[[], object]:
    """Return what runs a command in a folder, as a user would."""

    def run() -> None:
        os.chdir(folder)
        os.environ["TMPDIR"] = str(folder)
        tempfile.tempdir = None
        module = {"gan_viz": "gan_viz.cli"}.get(words[0], words[0])
        sys.argv = list(words)
        importlib.import_module(module).main()

    return run


def snapshot(folder: Path) -> dict[str, bytes]:
    """The content of all files in a folder, by their names."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def keep(folder: Path, kept: Path, name: str) -> None:
    """Copy what an attack has failed with to where somebody can look at it."""
    shutil.copytree(folder, kept / name, symlinks=True, dirs_exist_ok=True)
