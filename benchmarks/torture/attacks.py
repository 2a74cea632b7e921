"""The attacks: each takes a folder of its own and a seed, and returns what went wrong, if anything."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from arena import command, in_child, snapshot
from inputs import mutate, write_bases
from phrases import expression, options, toy_options
from scipy import stats
from tables import Table, array_file, idx_file, odd_file, odd_idx_file, table_file

from gan_viz.datasets.idx import read_idx
from gan_viz.distributions import from_file, target
from gan_viz.distributions.files import read_column
from gan_viz.distributions.scipy_backed import SHORT_NAMES
from gan_viz.errors import GanVizError
from gan_viz.recording import Recording, Writer

__all__ = ["ATTACKS", "Attack"]

Attack = Callable[[Path, int], str]

CACHE = "torchinductor_root"
"""What PyTorch leaves where temporary files are."""
SIZE = ("--size", "320x180", "--quiet")
SMALL = ("--size", "320x180", "--duration", "0.2", "--hold", "0", "--jobs", "1", "--quiet")
VIEWS: Mapping[str, tuple[str, ...]] = {
    "info": ("gan_viz", "info"),
    "info --json": ("gan_viz", "info", "--json"),
    "metrics": ("gan_viz", "metrics", "--quiet", "--out", "m.csv"),
    "render .gif": ("gan_viz", "render", "--out", "a.gif", *SMALL),
    "render .png": ("gan_viz", "render", "--out", "a.png", "--size", "320x180", "--quiet"),
}


def view(name: str) -> Attack:
    """A mutant of a recording, looked at by one command."""

    def attack(folder: Path, seed: int) -> str:
        chance = random.Random(seed)
        run = Path(shutil.copy(chance.choice(write_bases(folder)), folder / "run.ganviz"))
        mutate(run, chance)
        (folder / "bystander.txt").write_text("mine")
        before = snapshot(folder)
        first, second, *rest = VIEWS[name]
        outcome = in_child(command(folder, first, second, run.name, *rest))
        made = ["m.csv", "a.gif", "a.png"]
        after = {file: content for file, content in snapshot(folder).items() if file not in made}
        return outcome.fault() or (
            "" if after == before else f"touched {_differing(after, before)}"
        )

    return attack


def _differing(after: Mapping[str, bytes], before: Mapping[str, bytes]) -> list[str]:
    return sorted(name for name in {*after, *before} if after.get(name) != before.get(name))


def _asked(question: Callable[[], object]) -> Callable[[], None]:
    """Ask as a command would: an error of ours is an answer."""

    def ask() -> None:
        warnings.simplefilter("ignore")
        try:
            question()
        except GanVizError as error:
            print(f"error: {' '.join(str(error).split())}")
            raise SystemExit(error.exit_code) from None

    return ask


def data(folder: Path, seed: int) -> str:
    """A file that holds numbers, or pictures, or may be taken for one that does."""
    chance = random.Random(seed)
    kind = chance.random()
    if kind < 0.05:
        return _same_pictures(*idx_file(folder, chance))
    if kind < 0.75:
        return _same_numbers((table_file if kind < 0.65 else array_file)(folder, chance))
    if kind < 0.8:
        path, item = odd_idx_file(folder, chance), chance.choice([(28, 28), ()])
        return in_child(_asked(lambda: read_idx(path, item))).fault()
    path = odd_file(folder, chance)
    return in_child(_asked(lambda: target(path))).fault()


def _same_numbers(table: Table) -> str:
    """The numbers of a table must be read as they were written, or not at all."""

    def compare() -> None:
        read = read_column(table.path, table.column).numbers
        assert np.array_equal(read, np.array(table.values)), f"{table}: read {read[:5]}"
        from_file(table.path, table.column)

    return in_child(_asked(compare)).fault()


def _same_pictures(path: Path, item: tuple[int, ...], content: bytes) -> str:
    def compare() -> None:
        assert read_idx(path, item).tobytes() == content

    return in_child(_asked(compare)).fault((0,))


def data_command(folder: Path, seed: int) -> str:
    """The same, by the command that learns it."""
    chance = random.Random(seed)
    table = table_file(folder, chance) if seed % 4 else Table(odd_file(folder, chance), None, [])
    column = [] if table.column is None else ["--column", str(table.column)]
    words = ("--data", table.path.name, *column, "--steps", "2", "--out", "o.png", *SIZE)
    before = snapshot(folder)
    outcome = in_child(command(folder, "gan_viz.toy1d", *words))
    after = {name: content for name, content in snapshot(folder).items() if name != "o.png"}
    return outcome.fault() or ("" if after == before else "touched the data")


def expressions(folder: Path, seed: int) -> str:
    """An expression for data: all that a training and a picture ask of it."""
    kinds = vars(stats).items()
    continuous = [name for name, kind in kinds if isinstance(kind, stats.rv_continuous)]
    names = [*SHORT_NAMES, "nrom", "binom", *continuous]
    text = expression(random.Random(seed), names)
    (folder / "expression.txt").write_text(text, errors="backslashreplace")

    def use() -> None:
        found = target(text)
        x = np.linspace(*found.window, 200)
        numbers: list[Any] = [
            found.pdf(x),
            found.sample(64, np.random.default_rng(0)),
            found.window,
        ]
        assert all(np.isfinite(each).all() for each in numbers), numbers
        assert all(mode.mass >= 0 for mode in found.modes)

    return in_child(_asked(use)).fault()


def combinations(folder: Path, seed: int) -> str:
    """Options of rendering, together."""
    chance = random.Random(seed)
    run = Path(shutil.copy(chance.choice(write_bases(folder)), folder / "run.ganviz"))
    words = ["--duration", "0.2", "--hold", "0", *SIZE, "--jobs", "1", *options(chance)]
    before, out = snapshot(folder), words[words.index("--out") + 1]
    outcome = in_child(command(folder, "gan_viz", "render", run.name, *words))
    (folder / "words.txt").write_text(repr(words))
    return outcome.fault() or _left(folder, before, "" if outcome.status else out)


def _left(folder: Path, before: Mapping[str, bytes], out: str) -> str:
    """What a command has left besides its output, which must be there."""
    after = snapshot(folder)
    made = {name for name in after if out and name.startswith(out)}
    if out and not any(after[name] for name in made):
        return f"{out} is not there"
    left = {name: content for name, content in after.items() if name not in made}
    left.pop("words.txt", None)
    return "" if left == before else f"touched {_differing(left, before)}"


def trainings(folder: Path, seed: int) -> str:
    """Options of the toy, together."""
    words = [
        "--steps",
        "5",
        *SIZE,
        "--jobs",
        "1",
        "--duration",
        "0.2",
        *toy_options(random.Random(seed)),
    ]
    (folder / "words.txt").write_text(repr(words))
    out = "a.csv" if "--race" in words and seed % 2 else "a.png"
    outcome = in_child(command(folder, "gan_viz.toy1d", *words, "--out", out, "--record", "r"))
    made = {path.name for path in folder.iterdir()} - {"words.txt", "r", out, CACHE}
    if outcome.fault():
        return outcome.fault()
    return f"left {sorted(made)}" if made else ""


RECORD = """
import random, sys, time
import numpy as np
from gan_viz.recording import Recording, Writer
path, seed, resume = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
writer = Writer(path, {"seed": seed}, resume_at=resume if resume >= 0 else None)
writer.add_channel("c", (chance.choice([3, 3000, 60_000]),), "int32")
print("ready", flush=True)
step = writer.last_frame + 1
end = time.monotonic() + chance.uniform(0.2, 1.5)
while time.monotonic() < end:
    writer.write_frame(step, {"c": np.full(writer._channels["c"][1].shape, step, np.int32)})
    writer.write_scalars([step], {"loss": [0.5 * step]})
    step += 1
    time.sleep(chance.random() * 0.01)
writer.close()
print("closed", flush=True)
"""


def kill_recording(folder: Path, seed: int) -> str:
    """Kill a process that records, closes or resumes, sometimes while somebody follows."""
    chance, path = random.Random(seed), folder / "run.ganviz"
    resume = -1
    for _ in range(chance.choice([1, 1, 2])):
        arguments = [sys.executable, "-c", RECORD, str(path), str(seed), str(resume)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(arguments, **pipes) as process:  # type: ignore[call-overload]
            ready = process.stdout.readline()
            end = time.monotonic() + chance.uniform(0.0, 1.8)
            while time.monotonic() < end and ready:
                if chance.random() < 0.3:
                    _read_whole(path)
                time.sleep(0.02)
            process.kill()
            said = process.stderr.read()
        if "Error" in said:
            return str(said[-300:])
        if path.exists():
            steps = _read_whole(path)
            resume = steps[-1] if steps else -1
    return ""


def _read_whole(path: Path) -> list[int]:
    """Read all there is, which must be as it was written; return the steps of the frames."""
    with Recording(path) as recording:
        steps: list[int] = recording.steps.tolist()
        for frame, step in enumerate(steps):
            array = recording.array("c", frame)
            assert (array == step).all(), f"frame {frame} of step {step} holds {array[:3]}"
        for scalars in recording.scalars.values():
            assert (scalars.values == 0.5 * scalars.steps).all()
    return steps


def kill_rendering(folder: Path, seed: int) -> str:
    """Kill a process that draws: what was there stays whole, and the next one clears up."""
    chance = random.Random(seed)
    run = write_bases(folder)[chance.randrange(2)]
    name = chance.choice(["a.gif", "a.png", "a.mp4", "f/", "a.webp"])
    words = ("gan_viz", "render", run.name, "--out", name, "--size", "320x180", "--jobs", "1", "-q")

    def kill(number: int) -> None:
        time.sleep(chance.uniform(0.0, 1.2))
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)

    before = snapshot(folder)
    in_child(command(folder, *words), kill)
    made = folder / name
    for left in folder.glob(".*.part"):
        os.utime(left, (1e9, 1e9))
    left_over = {n: c for n, c in snapshot(folder).items() if n.startswith(tuple(before))}
    again = in_child(command(folder, *words))
    if again.fault((0,)):
        return again.fault((0,))
    if left_over != before or list(folder.glob(".*.part")):
        return f"left {sorted(path.name for path in folder.iterdir())}"
    return "" if made.exists() else "nothing was drawn"


def full_disk(folder: Path, seed: int) -> str:
    """No file may grow beyond a size, from some moment on, and for a while."""
    chance = random.Random(seed)

    def train() -> None:
        warnings.simplefilter("ignore")
        path = folder / "run.ganviz"
        writer = Writer(path, commit_every=0.02)
        writer.add_channel("c", (chance.choice([10, 5000]),), "int32")
        shape, most = writer._channels["c"][1].shape, resource.RLIM_INFINITY  # noqa: SLF001
        for step in range(300):
            if step == 100:
                resource.setrlimit(resource.RLIMIT_FSIZE, (chance.randrange(1, 400_000), most))
            if step == 200 and seed % 2:
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            writer.write_frame(step, {"c": np.full(shape, step, np.int32)})
            writer.write_scalars([step], {"loss": [0.5 * step]})
            time.sleep(0.001)
        writer.close()
        steps = _read_whole(path)
        assert steps == sorted(steps)
        assert not seed % 2 or steps == list(range(300)), f"{len(steps)} frames"

    return in_child(train).fault((0,))


def signals(folder: Path, seed: int) -> str:
    """A signal ends a training and drawing, with nothing left but what was asked for."""
    chance = random.Random(seed)
    number = chance.choice([signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
    words = ["gan_viz.toy1d", "--steps", "20000", "--size", "320x180", "--jobs", "1"]
    record = chance.random() < 0.5
    if record:
        words += ["--record", "run.ganviz"]

    def send(process: int) -> None:
        time.sleep(chance.uniform(0.0, 3.0))
        for _ in range(2):  # the second, while it draws what it has
            with suppress(ProcessLookupError):
                os.kill(process, number)
            time.sleep(0.7)

    def run() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        command(folder, *words)()

    outcome = in_child(run, send)
    allowed = {"anim.gif", "run.ganviz"} if record else {"anim.gif", "anim.ganviz"}
    left = {path.name for path in folder.iterdir()} - allowed
    codes = (0, 1, 128 + number, -number)
    found = [one for one in ("Traceback", "report it") if one in outcome.said]
    if found or outcome.status not in codes:
        return f"status {outcome.status}: {outcome.said[-300:]!r}"
    return f"left {sorted(left)}" if left and outcome.status >= 0 else ""


def server(folder: Path, seed: int) -> str:
    """A mirror that does what it likes."""
    from gan_viz.datasets.download import Stored, UnreachableError, download

    chance = random.Random(seed)
    head = chance.choice([b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
                          b"HTTP/1.1 302 \x1b[2J\r\nLocation: file:///etc/passwd\r\n\r\n", b"\x16\x03\x03",
                          b"HTTP/1.1 200 OK\r\nX: " + b"x" * 99_999, b"HTTP/1.1 999 \xff\r\n\r\n", b""])  # fmt: skip
    pause, size = chance.choice([0.0, 0.1]), chance.choice([1, 99, 5000])

    def answer(listener: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                for start in range(0, len(head), 50 if not pause else 5):
                    connection.sendall(head[start : start + (50 if not pause else 5)])
                    time.sleep(pause)
                for _ in range(50):
                    connection.sendall(chance.randbytes(size))
                    time.sleep(pause)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, args=[listener], daemon=True).start()
        address = f"{chance.choice(['http', 'https'])}://127.0.0.1:{listener.getsockname()[1]}/"
        files, start = {"f": Stored(5000, "0" * 64)}, time.monotonic()
        try:
            download(files, (address,), folder / "cache", timeout=1.0)
        except UnreachableError as error:
            if not str(error).isprintable():
                return f"prints {str(error)!r}"
        else:
            return "took what it was not"
    if time.monotonic() - start > 20:
        return f"{time.monotonic() - start:.1f} s"
    return "" if not snapshot(folder / "cache") else "left something in the cache"


ATTACKS: Mapping[str, tuple[Attack, int, int]] = {
    **{f"mutants: {name}": (view(name), 800, 4) for name in VIEWS},
    "data files": (data, 2000, 30),
    "toy1d on data files": (data_command, 50, 1),
    "expressions": (expressions, 2000, 4),
    "options": (combinations, 1000, 5),
    "toy1d by options": (trainings, 100, 1),
    "kill while recording": (kill_recording, 200, 2),
    "kill while rendering": (kill_rendering, 60, 2),
    "full disk": (full_disk, 50, 2),
    "signals": (signals, 30, 1),
    "server": (server, 50, 3),
}
"""Each with how often `make torture` and `make test` try it."""
