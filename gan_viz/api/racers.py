"""The other processes of a race, as this one sees them.

They are plain processes of Python's, not ones of `multiprocessing`, which would run the user's
script a second time unless that has a guard. Threads would not do: steps of networks this small are
mostly calls, which hold Python's lock.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Pipe, wait
from types import TracebackType
from typing import Any, Self, cast

import numpy as np

from gan_viz.api.heats import Heat
from gan_viz.api.racer import Failure
from gan_viz.encoders.background import interpreter
from gan_viz.errors import TrainingError

__all__ = ["Racers"]

PATIENCE = 30.0
"""Seconds that a process may take to close its recordings."""

# A Ctrl-C that reaches it is none of its business.  Its path is ours, and it is started with -P,
# so that no file in the current folder can take the place of a module.
_BOOT = """\
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
_, descriptor, *sys.path = sys.argv
from gan_viz.api.racer import main
main(descriptor)
"""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Racers:
    """Processes that train parts of a race; a context manager, which ends them.

    Whatever happens, nothing is left behind: if this process ends or gives up, the others close
    their recordings and end.

    Parameters
    ----------
    heats : sequence of Heat
        One for each process.

    Attributes
    ----------
    refused : list of Heat
        What no other process can train, as it turns out sooner or later; yet untouched.
    """

    def __init__(self, heats: Sequence[Heat]) -> None:
        self._racers: list[_Racer] = []
        self.refused: list[Heat] = []
        try:
            for heat in heats:
                self._start(heat)
        except BaseException:
            self.stop()
            raise

    def _start(self, heat: Heat) -> None:
        python, order = interpreter(), _packed(heat)
        if python is None or order is None:
            self.refused.append(heat)
            return
        try:
            self._racers.append(_Racer(python, heat, order))
        except OSError:
            self.refused.append(heat)

    @property
    def made(self) -> int:
        """Steps made so far."""
        return sum(racer.made for racer in self._racers)

    @property
    def busy(self) -> bool:
        """Whether there is anything to wait for."""
        return any(not racer.over for racer in self._racers)

    def listen(self, timeout: float = 0.0) -> None:
        """Take note of what the processes have told.

        Parameters
        ----------
        timeout : float
            Seconds to wait for any of them.

        Raises
        ------
        TrainingError
            A process has died.
        BaseException
            What went wrong there.
        """
        telling = [racer for racer in self._racers if not racer.over]
        ready = wait([racer.pipe for racer in telling], timeout)
        for racer in telling:
            if racer.pipe in ready:
                racer.hear()
                if racer.over and not racer.begun:
                    self.refused.append(racer.heat)

    def stop(self) -> None:
        """End the processes, gently; stopping again does nothing."""
        for racer in self._racers:
            racer.pipe.close()
        for racer in self._racers:
            racer.stop()
        self._racers = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class _Racer:
    """One process, and what it has told."""

    def __init__(self, python: str, heat: Heat, order: bytes) -> None:
        self.heat, self.made = heat, 0
        self.begun = self.over = False
        self.pipe, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(
                [python, "-P", "-c", _BOOT, str(theirs.fileno()), *map(str, sys.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # out of reach of the terminal's Ctrl-C
                env={**os.environ, **_ONE_THREAD},
            )
        with contextlib.suppress(BrokenPipeError):  # it has died: see `hear`
            self.pipe.send_bytes(order)

    def hear(self) -> None:
        """Take what it has told; raise what went wrong since it began."""
        while not self.over and self.pipe.poll():
            told = self._told()
            self.over = not isinstance(told, int)
            if isinstance(told, int):
                self.begun, self.made = True, told
            elif told is not None and self.begun:
                raise told.revived()

    def _told(self) -> int | Failure | None:
        try:
            return cast("int | Failure | None", self.pipe.recv())
        except (EOFError, OSError):
            return Failure(TrainingError, (self._death(),), "")

    def _death(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=1.0)
        code = self.process.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code and code < 0 else "ended"
        return (
            f"a process that trains {how} before it was done: maybe memory is short; its "
            "recordings hold what was written; try again, or with one job"
        )

    def stop(self) -> None:
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _packed(heat: Heat) -> bytes | None:
    """A heat to be sent to another process; None if it would not be understood there."""
    file = io.BytesIO()
    try:
        _Packer(file, pickle.HIGHEST_PROTOCOL).dump(heat)
        twin = pickle.loads(file.getvalue())
    except Exception:  # noqa: BLE001
        return None
    # scipy.stats.Normal(mu=2) comes back as the standard one
    one, other = (each.learnt.sample(8, np.random.default_rng(0)) for each in (heat, twin))
    return file.getvalue() if np.array_equal(one, other) else None


class _Packer(pickle.Pickler):
    """Refuses what only the user's script defines, which the other process does not run."""

    def reducer_override(self, thing: Any) -> Any:
        if getattr(thing, "__module__", None) == "__main__":
            raise pickle.PicklingError(f"{thing!r} is known to this process alone")
        return NotImplemented
