"""What the commands share: options, progress bars, and errors as one clear line."""

from __future__ import annotations

import atexit
import errno
import math
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Option

from gan_viz import terminal
from gan_viz.errors import GanVizError, TrainingError, reason
from gan_viz.notebook import below_notebook
from gan_viz.terminal import plain, print_line, signals_received, silenced_output, tidy_process

if TYPE_CHECKING:
    from gan_viz.api import Progress, Rendered

_PLAIN = {"TERM": "dumb", "NO_COLOR": "1", "FORCE_COLOR": "", "CLICOLOR_FORCE": ""}
"""For what ``!`` runs in a cell, which seems to be a terminal and shows escape codes as text."""
Quiet = Annotated[bool, Option("--quiet", "-q", help="No progress bars, no messages.")]


def new_app(help_text: str) -> typer.Typer:
    """Make a command line with the settings that all commands share."""
    return typer.Typer(
        help=help_text,
        add_completion=False,
        no_args_is_help=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def run(app: Callable[..., Any]) -> None:
    """Run a command; an error becomes one line and an exit code.

    Raises SystemExit, with 0, 1 for a failure or a recording that lacks something, 2 for unusable
    input, 130 after Ctrl-C, 143 after SIGTERM and 129 after SIGHUP.
    """
    if below_notebook():
        os.environ.update(_PLAIN)
    with tidy_process() as losses:
        code = _run(app)
    if code or losses:
        raise SystemExit(code or 1)


def _run(app: Callable[..., Any]) -> int:
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as error:  # noqa: BLE001
        return _interrupted() if signals_received else _failed(error)
    return code if isinstance(code, int) else 0


def _interrupted() -> int:
    print_error("interrupted")
    return 128 + (signals_received[-1] if signals_received else signal.SIGINT)


def _failed(error: Exception) -> int:
    """Tell what went wrong, in one line, and return the exit code."""
    if isinstance(error, GanVizError):
        print_error(str(error))
        return error.exit_code
    if isinstance(error, BrokenPipeError):  # whoever read our output has gone
        silenced_output()
        return 1
    if hasattr(error, "format_message"):  # of Typer
        print_error(f"{error.format_message()} (see --help)")
        return int(getattr(error, "exit_code", 2))
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        print_error("there is not enough memory: ask for smaller networks, batches or pictures")
        return 1
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO}:
        silenced_output()
        print_error(f"nothing more can be written: {reason(error)}")
        return 1
    if os.environ.get("GAN_VIZ_DEBUG"):
        raise error
    print_error(
        f"{type(error).__name__}: {error}; please report it, with the output of the same "
        "command after setting GAN_VIZ_DEBUG=1"
    )
    return 1


def as_process(command: Callable[[], None]) -> None:
    """Run a command that is all that this process does.

    It ends when everything is closed and flushed, workers are joined and what others have asked to
    be called at the end has been called; freeing the objects of PyTorch one by one, which takes up
    to half a second, is left to the system.
    """
    code: int | None = None
    terminal.alone = True

    def leave() -> None:
        if code is None or "coverage" in sys.modules:  # which saves at the end what it has seen
            return
        with suppress(OSError, ValueError):  # Python says so if it cannot be written
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    atexit.register(leave)  # before anything that the command registers: it is called last
    try:
        command()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else None
        raise


def print_error(message: str) -> None:
    """Print one line on standard error."""
    print_line(f"error: {message}")


def say(message: str, quiet: bool) -> None:
    """Print a message on standard error unless quiet."""
    if not quiet:
        print_line(message)


def print_table(table: Any) -> None:
    """Print a table of Rich, whose cells are plain, on standard output."""
    from rich.console import Console

    Console(markup=False, highlight=False, emoji=False).print(table)


def report(rendered: Rendered, quiet: bool) -> None:
    """Say on standard error what was written."""
    say(str(rendered), quiet)
    if rendered.notice:
        say(f"note: {rendered.notice}", quiet)


def print_statistics(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print what `gan_viz.race_statistics` gives as a table."""
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("objective", "runs", "W1/std: median\n(90% range)", "all modes\ncovered"):
        table.add_column(name, justify="left" if name == "objective" else "right", no_wrap=True)
    table.add_column("W1/std < 0.1\nat the end", justify="right", no_wrap=True)
    table.add_column("steps until\nit stays so", justify="right", no_wrap=True)
    for row in rows:
        w1 = "{w1_median:.3f} ({w1_low:.3f}–{w1_high:.3f})".format_map(row)
        shares = [f"{row[name]:.0%}" for name in ("covered", "w1_below_tenth")]
        table.add_row(plain(str(row["objective"])), f"{row['runs']}", w1, *shares, _steps_of(row))
    print_table(table)


def _steps_of(row: Mapping[str, Any]) -> str:
    """The median; a run is looked at only now and then, so it may have been a little before."""
    steps = row["steps_median"]
    return f"≤ {steps:,.0f}" if math.isfinite(steps) else "—"


@contextmanager
def recording_path(record: str | None, out: Path) -> Iterator[Path]:
    """Yield where to record: at `record`, or in a temporary file.

    If drawing fails, the temporary file is kept beside `out`: nothing has to be trained again.
    """
    if record is not None:
        yield Path(record)
        return
    with tempfile.TemporaryDirectory(prefix="gan_viz-") as folder:
        place = Path(folder) / "run.ganviz"
        try:
            yield place
        except BaseException:
            _rescue(place, out)
            raise


@contextmanager
def recordings_folder(record: str | None, out: str) -> Iterator[Path]:
    """Yield a folder for several recordings: `record`, or a temporary one.

    If drawing fails, the temporary ones are kept in a folder beside `out`, as one would be.
    """
    if record is not None:
        yield Path(record)
        return
    with tempfile.TemporaryDirectory(prefix="gan_viz-") as folder:
        try:
            yield Path(folder)
        except BaseException:
            _rescue(Path(folder), Path(out))
            raise


def _rescue(place: Path, out: Path) -> None:
    """Copy a recording, or a folder of some, to a free name beside what could not be drawn.

    If it cannot be, say why it is lost.
    """
    several = place.is_dir()
    if not (any(place.glob("*.ganviz")) if several else place.exists()):
        return
    what, suffix = ("recordings are", "") if several else ("recording is", ".ganviz")
    names = (f"{out.stem}{number}{suffix}" for number in ("", *(f"-{n}" for n in range(2, 1000))))
    kept = next(path for path in map(out.with_name, names) if not os.path.lexists(path))
    try:
        (shutil.copytree if several else shutil.copyfile)(place, kept)
        say(f"the {what} kept: {kept}", quiet=False)
    except OSError as error:
        shutil.rmtree(kept, ignore_errors=True) if several else kept.unlink(missing_ok=True)
        say(f"the {what} lost: {kept} cannot be written: {reason(error)}", quiet=False)


def train_tolerantly(train: Callable[[], object], place: Path) -> TrainingError | None:
    """Train, and return the failure if there is one.

    What was recorded at a place before an interruption or a failure can still be drawn; if that is
    nothing, the interruption or failure is raised.
    """
    try:
        train()
    except KeyboardInterrupt:
        if not _has_frames(place):
            raise
        signals_received.clear()
        say("training stopped; drawing what was recorded", quiet=False)
    except TrainingError as error:
        if not _has_frames(place):
            raise
        say("training failed; drawing what was recorded", quiet=False)
        return error
    return None


def recorded_at(place: Path) -> Path:
    """Where a training was recorded: beside an older recording that it could not replace yet."""
    from gan_viz.recording.files import unfinished_beside

    return (unfinished_beside(place) if place.exists() else None) or place


def _has_frames(place: Path) -> bool:
    from gan_viz.recording import Recording

    try:
        with Recording(recorded_at(place)) as recording:
            return len(recording) > 0
    except GanVizError:
        return False


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Progress]:
    """Show progress on standard error, if that is a terminal and not quiet."""
    if quiet or not sys.stderr.isatty() or below_notebook():
        yield lambda task, done, total, figures: None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description:<10}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.fields[figures]}"),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True)) as display:
        tasks: dict[str, Any] = {}

        def show(task: str, done: int, total: int, figures: Mapping[str, float]) -> None:
            if task not in tasks:
                tasks[task] = display.add_task(task, total=total, figures="")
            text = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
            display.update(tasks[task], completed=done, figures=text)

        yield show
