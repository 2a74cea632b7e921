"""Options that commands share, as tables: those of `Look`, and of what is trained."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, fields
from functools import wraps
from typing import Annotated, Any, NamedTuple

from typer import Option

from gan_viz.api.look import Look
from gan_viz.console import byte_count, number_list, pairs, picture_size, words
from gan_viz.errors import UsageError
from gan_viz.registry import OBJECTIVES

OUT = (
    "The file to write; its ending is the format: an animation (.gif, .mp4, .webm, .webp, .apng), "
    "a page to explore (.html), slides (.pptx, .reveal.html, .md for Marp), a still (.png, .svg, "
    ".pdf: a strip of frames, or a poster), or a folder of numbered pictures (frames/)."
)
Out = Annotated[str, Option(help=OUT)]


class OptionRow(NamedTuple):
    """An option that may be left out."""

    kind: type
    """bool for a flag; str for what `parse` reads."""
    text: str
    """What ``--help`` says."""
    default: Any = None
    """The default as ``--help`` shows it; None shows none."""
    panel: str | None = None
    """The box in which ``--help`` shows it."""
    names: tuple[str, ...] = ()
    """Where they are not made from the parameter's name: the first one counts, the others are kept
    for those who know them."""
    parse: Callable[[str], Any] | None = None

    def parameter(self, name: str) -> inspect.Parameter:
        """The parameter that Typer makes the option from."""
        names = self.names or (("--" + name.replace("_", "-"),) if self.kind is bool else ())
        shown = f"{self.default:g}" if isinstance(self.default, float) else str(self.default)
        option = Option(
            *names,
            help=self.text,
            show_default=False if self.default is None else shown,
            rich_help_panel=self.panel,
        )
        kind = inspect.Parameter.KEYWORD_ONLY
        annotation = Annotated[self.kind | None, option]  # type: ignore[name-defined]
        return inspect.Parameter(name, kind, default=None, annotation=annotation)


def one_of(names: Iterable[str]) -> str:
    """Names as a sentence ends with them, like ``a, b or c``."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def with_options(**tables: Mapping[str, OptionRow]) -> Callable[..., Any]:
    """Give a command the options of tables, each table by the parameter that gets what was given.

    That is a dict of what was read. Returns what turns the command into the one that Typer is to
    see.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        parameters = {
            name: parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for name, parameter in signature.parameters.items()
            if name not in tables
        }
        for table in tables.values():
            parameters |= {name: row.parameter(name) for name, row in table.items()}
        for parameter in parameters.values():
            for about in getattr(parameter.annotation, "__metadata__", ()):
                _show_default(about)

        @wraps(command)
        def as_typer_sees_it(**given: Any) -> None:
            asked = {
                parameter: _read(table, {name: given.pop(name) for name in table})
                for parameter, table in tables.items()
            }
            command(**asked, **given)

        as_typer_sees_it.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=list(parameters.values())
        )
        return as_typer_sees_it

    return decorate


def _show_default(about: Any) -> None:
    """Put a default in words into the help itself: Typer would show it in parentheses."""
    if isinstance(about.show_default, str):
        about.help = f"{about.help} \\[default: {about.show_default}]"  # no markup of Rich
        about.show_default = False


def _read(table: Mapping[str, OptionRow], given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if (parse := table[name].parse) is None else parse(value)
        for name, value in given.items()
        if value is not None
    }


def two_numbers(option: str, text: str) -> tuple[float, float]:
    """Read two numbers, like Adam's betas, ``0,0.9``. Raises UsageError, which names the option."""
    values = number_list(option, text, float)
    if len(values) != 2:
        raise UsageError(f"{option} {text!r}: expected two numbers, like 0,0.9")
    return values[0], values[1]


def pauses(text: str) -> list[tuple[int, float]]:
    """Read steps to stay at, like ``100,500:2``: a second each, or as many as are given."""
    try:
        return [(int(step), seconds) for step, seconds in _with_numbers(text, 1.0)]
    except ValueError:
        raise UsageError(
            f"--pause {text!r}: expected steps, with seconds if need be, like 100,500:2"
        ) from None


def slow_stretches(text: str) -> list[tuple[int, int, float]]:
    """Read steps in slow motion, like ``0-200:3``: twice as slow, or by the factor given."""
    try:
        ends = [(ends.split("-"), factor) for ends, factor in _with_numbers(text, 2.0)]
        return [(int(begin), int(end), factor) for (begin, end), factor in ends]
    except ValueError:
        raise UsageError(
            f"--slow {text!r}: expected steps from-to, with a factor if need be, like 0-200:3"
        ) from None


def _with_numbers(text: str, usual: float) -> list[tuple[str, float]]:
    """Split words at commas, and the number off that follows a colon."""
    pairs = [word.partition(":") for word in text.split(",")]
    return [(word, float(number) if colon else usual) for word, colon, number in pairs]


PARSERS: dict[str, Callable[[str], Any]] = {
    "size": picture_size,
    "bytes": byte_count,
    "numbers": lambda text: number_list("--at", text, int),
    "names": words,
    "pairs": lambda text: pairs("--label", text),
    "colors": lambda text: int(text) if text.strip().isdigit() else pairs("--colors", text),
    "pauses": pauses,
    "slow": slow_stretches,
}
"""How the fields of `Look` that are typed as text are read."""
TYPES = {"str": str, "int": int, "float": float, "bool": bool}


def _look_row(field: Field[Any]) -> OptionRow:
    about = field.metadata
    kind = str if about["kind"] else TYPES[str(field.type).removesuffix(" | None")]
    names = (about["option"],) if about["option"] else ()
    parse = PARSERS.get(about["kind"])
    return OptionRow(kind, about["help"], about["shown"], "Picture", names, parse)


LOOK: Mapping[str, OptionRow] = {field.name: _look_row(field) for field in fields(Look)}

# Whose default depends on what is trained: the commands say which.
SHARED: Mapping[str, OptionRow] = {
    "objective": OptionRow(str, f"The losses: {one_of(OBJECTIVES)}."),
    "r1": OptionRow(float, "Weight of the R1 gradient penalty on D.", "none"),
    "latent": OptionRow(str, "Distribution of z: normal, N(0, 1), or uniform, U(-1, 1)."),
    "batch": OptionRow(int, "Samples in a batch."),
    "d_steps": OptionRow(int, "Updates of D in a step."),
    "g_lr": OptionRow(float, "Learning rate of G.", names=("--g-lr", "--g-rate")),
    "d_lr": OptionRow(float, "Learning rate of D.", names=("--d-lr", "--d-rate")),
    "every": OptionRow(int, "Steps between frames."),
}
"""Options of every training."""
