"""What the commands share: options, progress bars, and errors as one clear line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan_viz.errors import GanVizError, UsageError

if TYPE_CHECKING:
    from gan_viz.api import Progress, Rendered

__all__ = [
    "Duration",
    "Fps",
    "Hold",
    "Loop",
    "Panels",
    "Quiet",
    "Size",
    "ThemeName",
    "new_app",
    "number_list",
    "print_error",
    "progress_bar",
    "report",
    "run",
    "say",
    "size",
    "words",
]

Size = Annotated[
    str | None,
    typer.Option(help="Width and height in pixels, like 960x540.", show_default="960x540"),
]
Fps = Annotated[float, typer.Option(help="Frames per second.")]
Duration = Annotated[
    float | None,
    typer.Option(help="Seconds, the hold not included.", show_default="all recorded frames"),
]
Hold = Annotated[float, typer.Option(help="Seconds that the last frame stays on.")]
ThemeName = Annotated[str, typer.Option("--theme", help="light, dark or classic.")]
Panels = Annotated[
    str | None,
    typer.Option(help="Panels from left to right, like density,losses.", show_default="all"),
]
Loop = Annotated[int, typer.Option(help="Times a GIF plays; 0 is for ever.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bars, no messages.")]


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
    except (OSError, MemoryError) as error:
        print_error(f"{type(error).__name__}: {error}" if str(error) else "out of memory")
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
    facts = [f"{rendered.frames} frames", f"{width}x{height}"]
    if rendered.fps:
        facts += [f"{rendered.fps:.4g} fps", f"{rendered.duration:.2f} s"]
    facts.append(f"{rendered.bytes / 1e6:.2f} MB")
    say(f"{rendered.path}: {', '.join(facts)}", quiet)
    if rendered.notice:
        say(f"note: {rendered.notice}", quiet)


def size(text: str | None) -> tuple[int, int] | None:
    """Read a size.

    Parameters
    ----------
    text : str or None
        Like ``"960x540"``.

    Returns
    -------
    (int, int) or None
        Width and height in pixels.

    Raises
    ------
    UsageError
        It is no size.

    Examples
    --------
    >>> size("960x540")
    (960, 540)
    """
    if text is None:
        return None
    width, x, height = text.lower().replace("×", "x").partition("x")
    if not (x and width.strip().isdecimal() and height.strip().isdecimal()):
        raise UsageError(f"size {text!r}: expected width x height in pixels, like 960x540")
    return int(width), int(height)


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
