"""What the commands share: options, progress bars, and errors as one clear line."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Option

from gan_viz.errors import GanVizError, TrainingError, UsageError

if TYPE_CHECKING:
    from gan_viz.api import Progress, Rendered

__all__ = [
    "Quiet",
    "byte_count",
    "new_app",
    "number_list",
    "picture_size",
    "print_error",
    "progress_bar",
    "recording_place",
    "report",
    "run",
    "say",
    "train_or_stop",
    "words",
]

Quiet = Annotated[bool, Option("--quiet", "-q", help="No progress bars, no messages.")]


def new_app(help_text: str) -> typer.Typer:
    """Make a command line in the house style.

    Parameters
    ----------
    help_text : str

    Returns
    -------
    typer.Typer
    """
    return typer.Typer(
        help=help_text,
        add_completion=False,
        no_args_is_help=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def run(app: Callable[[], Any]) -> None:
    """Run a command; an error of ours becomes one line and an exit code.

    Parameters
    ----------
    app : callable

    Raises
    ------
    SystemExit
        With 0, 1 for a failure, 2 for unusable input, 130 after Ctrl-C.
    """
    try:
        app()
    except GanVizError as error:
        print_error(str(error))
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        print_error("interrupted")
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone: nobody is left to be told
        raise SystemExit(1) from None
    except Exception as error:
        if os.environ.get("GAN_VIZ_DEBUG"):
            raise
        print_error(
            f"{type(error).__name__}: {error}; please report it, with the output of the same "
            "command after setting GAN_VIZ_DEBUG=1"
        )
        raise SystemExit(1) from None


def print_error(message: str) -> None:
    """Print one line on standard error.

    Parameters
    ----------
    message : str
    """
    print(f"error: {' '.join(message.split())}", file=sys.stderr)


def say(message: str, quiet: bool) -> None:
    """Print a message on standard error unless quiet.

    Parameters
    ----------
    message : str
    quiet : bool
    """
    if not quiet:
        print(message, file=sys.stderr)


def report(rendered: Rendered, quiet: bool) -> None:
    """Say on standard error what was written.

    Parameters
    ----------
    rendered : Rendered
    quiet : bool
    """
    width, height = rendered.size
    facts = [f"{rendered.frames} frame{'s' * (rendered.frames != 1)}", f"{width}x{height}"]
    if rendered.fps:
        facts += [f"{rendered.fps:.4g} fps", f"{rendered.duration:.2f} s"]
    facts.append(f"{rendered.bytes / 1e6:.2f} MB")
    say(f"{rendered.path}: {', '.join(facts)}", quiet)
    if rendered.notice:
        say(f"note: {rendered.notice}", quiet)


def picture_size(text: str) -> tuple[int, int]:
    """Read a size.

    Parameters
    ----------
    text : str
        Like ``"960x540"``.

    Returns
    -------
    (int, int)
        Width and height in pixels.

    Raises
    ------
    UsageError
        It is no size.

    Examples
    --------
    >>> picture_size("960x540")
    (960, 540)
    """
    found = re.fullmatch(r"\s*(\d{1,6})\s*[x×]\s*(\d{1,6})\s*", text, re.IGNORECASE | re.ASCII)
    if not found:
        raise UsageError(f"size {text!r}: expected width x height in pixels, like 960x540")
    return int(found[1]), int(found[2])


def byte_count(text: str) -> int:
    """Read a number of bytes.

    Parameters
    ----------
    text : str
        A number with a unit: B, kB, MB or GB (powers of 1000), or KiB, MiB, GiB.

    Returns
    -------
    int

    Raises
    ------
    UsageError
        It is no size of a file.

    Examples
    --------
    >>> byte_count("5MB"), byte_count("1.5 KiB")
    (5000000, 1536)
    """
    found = re.fullmatch(
        r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([kmg]?)(i?)b?\s*", text, re.IGNORECASE | re.ASCII
    )
    if not found:
        raise UsageError(f"size {text!r}: expected a number of bytes with its unit, like 5MB")
    base = 1024 if found[3] else 1000
    return int(float(found[1]) * base ** " kmg".index(found[2].lower() or " "))


def words(text: str | None) -> list[str] | None:
    """Split a list of names at commas.

    Parameters
    ----------
    text : str or None

    Returns
    -------
    list of str or None

    Examples
    --------
    >>> words("density, losses")
    ['density', 'losses']
    """
    return None if text is None else [word.strip() for word in text.split(",") if word.strip()]


def number_list(option: str, text: str, kind: type[int | float]) -> list[Any]:
    """Read a list of numbers.

    Parameters
    ----------
    option : str
        The option's name, for the error.
    text : str
        Numbers with commas between them.
    kind : {int, float}

    Returns
    -------
    list

    Raises
    ------
    UsageError
        One of them is no number.

    Examples
    --------
    >>> number_list("--hidden", "16,16", int)
    [16, 16]
    """
    try:
        return [kind(word) for word in words(text) or []]
    except ValueError:
        example = "16,16" if kind is int else "0,0.9"
        raise UsageError(f"{option} {text!r}: expected numbers like {example}") from None


@contextmanager
def recording_place(record: str | None, out: Path) -> Iterator[Path]:
    """Where to record: as asked, or for the time being; kept all the same if drawing fails.

    Parameters
    ----------
    record : str or None
        As asked.
    out : pathlib.Path
        What is drawn: a recording that is kept for a failure gets its name.

    Yields
    ------
    pathlib.Path
    """
    if record is not None:
        yield Path(record)
        return
    with tempfile.TemporaryDirectory(prefix="gan_viz-") as folder:
        place = Path(folder) / "run.ganviz"
        try:
            yield place
        except BaseException:
            rescued = out.with_suffix(".ganviz")
            if place.exists() and not rescued.exists():
                shutil.copyfile(place, rescued)
                say(f"the recording is kept: {rescued}", quiet=False)
            raise


def train_or_stop(train: Callable[[], object]) -> TrainingError | None:
    """Train; what was recorded before an interruption or a failure can be drawn nevertheless.

    Parameters
    ----------
    train : callable

    Returns
    -------
    TrainingError or None
        The failure, if there was one.
    """
    try:
        train()
    except KeyboardInterrupt:
        say("training stopped; drawing what was recorded", quiet=False)
    except TrainingError as error:
        say("training failed; drawing what was recorded", quiet=False)
        return error
    return None


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Progress]:
    """Show progress on standard error, if that is a terminal.

    Parameters
    ----------
    quiet : bool
        Show nothing.

    Yields
    ------
    Progress
    """
    if quiet or not sys.stderr.isatty():
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
