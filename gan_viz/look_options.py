"""The options for how a recording is drawn, which several commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

from typer import Option

from gan_viz.console import byte_count, number_list, picture_size

__all__ = ["LOOK", "OUT", "Out", "with_look"]

OUT = (
    "An animation (.gif, .mp4, .webm, .webp, .apng), a still (.png, .svg, .pdf: a strip of frames, "
    "or a poster), or a folder (frames/) for numbered pictures."
)
Out = Annotated[str, Option(help=OUT)]


def _option(text: str, *, name: str | None = None, shown: str | bool = True) -> Any:
    names = [] if name is None else [name]
    return Option(*names, help=text, show_default=shown, rich_help_panel="Picture")


LOOK: dict[str, Any] = {
    "size": Annotated[
        str | None, _option("Width and height in pixels, like 960x540.", shown="960x540")
    ],
    "fps": Annotated[float | None, _option("Frames per second.", shown="20")],
    "duration": Annotated[
        float | None,
        _option("Seconds, the hold not included.", shown="all recorded frames"),
    ],
    "hold": Annotated[float | None, _option("Seconds that the last frame stays on.", shown="2")],
    "pace": Annotated[
        str | None,
        _option(
            "Which frames are chosen: recorded, linear, sqrt or log in steps, or change.",
            shown="recorded",
        ),
    ],
    "theme": Annotated[str | None, _option("light, dark or classic.", shown="light")],
    "panels": Annotated[
        str | None,
        _option(
            'Panels from left to right, with parameters if any, like "density(kde), losses".',
            shown="what suits the run",
        ),
    ],
    "density": Annotated[
        str | None,
        _option("How p_g is drawn: exact, kde or histogram.", shown="exact, if z is one number"),
    ],
    "arrows": Annotated[
        str | None,
        _option("Figure 1 of the GAN paper: map (z to x = G(z)) or gradient (how G is pushed)."),
    ],
    "loop": Annotated[int | None, _option("Times an animation plays; 0 is for ever.", shown="0")],
    "opaque": Annotated[
        bool | None,
        _option("Whole frames in a GIF, for viewers that mishandle partial ones.", name="--opaque"),
    ],
    "colors": Annotated[
        int | None,
        _option("Most colors of a GIF.", shown="as needed"),
    ],
    "max_size": Annotated[
        str | None,
        _option("Largest GIF, like 5MB: frame rate, size and colors give way until it fits."),
    ],
    "scale": Annotated[
        float | None,
        _option("Size of type and lines, relative to the usual.", shown="1"),
    ],
    "at": Annotated[str | None, _option("Steps shown in a still, like 0,100,1000.")],
    "columns": Annotated[int | None, _option("Pictures beside one another in a strip.")],
    "poster": Annotated[
        bool | None, _option("One whole picture, by default of the last frame.", name="--poster")
    ],
    "jobs": Annotated[
        int | None, _option("Processes to work with: 1 or more.", shown="by processors")
    ],
}
"""Name to option; all of them may be left out."""


def with_look(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `LOOK`.

    Parameters
    ----------
    command : callable
        With a parameter `look`, that is given the fields of `gan_viz.api.Look` that were asked
        for, as a dict.

    Returns
    -------
    callable
        The command as Typer is to see it.
    """
    signature = inspect.signature(command, eval_str=True)
    own = [parameter for name, parameter in signature.parameters.items() if name != "look"]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in LOOK.items()
    ]

    @wraps(command)
    def with_options(**given: Any) -> None:
        fields = _fields(**{name: given.pop(name) for name in LOOK})
        command(look=fields, **given)

    keyword_only = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    with_options.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*keyword_only, *shared]
    )
    return with_options


def _fields(
    size: str | None, max_size: str | None, at: str | None, **others: Any
) -> dict[str, Any]:
    """Turn what was typed into fields of `Look`; what was not given is left out."""
    fields = {
        "size": size and picture_size(size),
        "max_bytes": max_size and byte_count(max_size),
        "at": at and number_list("--at", at, int),
        **others,
    }
    return {name: value for name, value in fields.items() if value is not None}
