"""What pictures are called: by the data and the objective, or by what recordings differ in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

from matplotlib.figure import Figure

from gan_viz.errors import UsageError
from gan_viz.panels.base import Style
from gan_viz.panels.lettering import Font, text_width
from gan_viz.recording import Recording
from gan_viz.recording.coding import printable
from gan_viz.rendering.canvas import Canvas
from gan_viz.rendering.layout import EDGE
from gan_viz.rendering.text import shorten, write
from gan_viz.rendering.theme import TITLE_SIZE

Header: TypeAlias = Mapping[str, Any]

SMALL, SMALL_LINE = 0.9, 1.5
"""Size of subtitles and captions and the room they take, in text heights."""
SHORTEST = 8
"""Characters that must be left of the name of the data."""
IN_TITLE = ("title", "target", "objective", "model", "clock")
"""Entries of a header that a title, and the word beside the step, are made of."""


def check_titles(titles: Sequence[str] | None, recordings: Sequence[Recording]) -> None:
    """Refuse titles that are not one for each recording; raises UsageError."""
    if titles is not None and len(titles) != len(recordings):
        raise UsageError(
            f"{len(titles)} titles for {len(recordings)} recordings: expected one for each"
        )


def title_of(header: Header, fits: Callable[[str], bool] = lambda title: True) -> str:
    """Name the data and the objective, ``bimodal · non-saturating GAN``, or as the header says.

    `fits` is true of all titles that are short enough: the name of the data is cut first.
    """
    given = header.get("title")
    if isinstance(given, str):
        return shorten(given, fits)
    data, game = _data(header), _game(header)
    title = " · ".join(part for part in (data, game) if part)
    if data and game and not fits(title):
        shorter = shorten(data, lambda text: fits(f"{text} · {game}"))
        if len(shorter) >= SHORTEST:
            return f"{shorter} · {game}"
    return shorten(title, fits)


def write_title(
    figure: Figure, header: Header, x: float, y: float, room: float, style: Style
) -> float:
    """Write the title of a picture, cut to fit into `room`; return its width: all in pixels."""
    font = Font(TITLE_SIZE * style.font, weight="bold")
    title = title_of(header, lambda text: text_width(text, font) <= room)
    write(figure, title, x, y, font)
    return text_width(title, font) if title else 0.0


def _data(header: Header) -> str:
    return _entry(header, "target", "label")


def _game(header: Header) -> str:
    """The objective as in a title, ``minimax GAN`` or ``WGAN-GP``, or else the model, if known."""
    objective = _entry(header, "objective", "name")
    if not objective:
        return _entry(header, "model", "name")
    return objective.upper() if "gan" in objective else f"{objective} GAN"


def _entry(header: Header, group: str, name: str) -> str:
    """A text in a group of the header; empty where it is missing, or something else."""
    entries = header.get(group)
    text = entries.get(name) if isinstance(entries, Mapping) else None
    return text if isinstance(text, str) else ""


def common_header(recordings: Sequence[Recording]) -> dict[str, Any]:
    """What the headers of all recordings say alike, as far as a title is made of it."""
    first, *others = (recording.header for recording in recordings)
    return {
        name: first[name]
        for name in IN_TITLE
        if first.get(name) and all(header.get(name) == first[name] for header in others)
    }


def lines_of(canvas: Canvas) -> tuple[float, float]:
    """Room for the subtitle and for the caption, in text heights; 0 where there is none."""
    return SMALL_LINE * bool(canvas.subtitle), SMALL_LINE * bool(canvas.caption)


def write_small_lines(
    figure: Figure, canvas: Canvas, style: Style, x: float, title_y: float
) -> None:
    """Write the subtitle below the title, and the caption below all."""
    font, room = Font(SMALL * style.font), canvas.width - x - EDGE * style.font
    lines = (canvas.subtitle, title_y - SMALL_LINE * style.font), (canvas.caption, EDGE * font.size)
    for text, y in lines:
        if text:
            cut = shorten(text, lambda one: text_width(one, font) <= room)
            write(figure, cut, x, y, font).set_color(style.muted)


@dataclass(frozen=True)
class CellTitles:
    """Titles of small multiples: one above each, or headings of rows and columns.

    Attributes
    ----------
    titles : sequence of str
        One for each picture; empty where there are headings.
    rows, columns : sequence of str
        Headings; empty where there are titles.
    """

    titles: Sequence[str]
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()

    @classmethod
    def of(cls, recordings: Sequence[Recording], columns: int | None = None) -> CellTitles:
        """Name recordings by what they differ in, or else by their files.

        That is the data, the objective, the model, the latents, the settings or the seed.

        Where, in reading order, they are all combinations of two of these, those become headings;
        `columns` is the number of pictures beside one another, if it is given.
        """
        settings = _settings(recordings)
        facts = [*zip(*(_facts(one.header, settings) for one in recordings), strict=True)]
        # objectives bring settings of their own, which go without saying
        main = [list(values) for values in (*facts[:3], facts[-1]) if len(set(values)) > 1]
        headings = _headings(*main, columns=columns) if len(main) == 2 else None
        differing = [list(values) for values in facts if len(set(values)) > 1]
        if headings is not None:
            return headings
        # the first say most: the others are named only where these are not enough
        for number in range(1, len(differing) + 1):
            named = differing[:number]
            titles = [" · ".join(filter(None, one)) for one in zip(*named, strict=True)]
            if len(set(titles)) == len(recordings):
                return cls(titles)
        return cls(_files(recordings))


def _facts(header: Header, settings: Sequence[str]) -> list[str]:
    """What may tell a recording from others: data, objective, model, latents, settings, seed."""
    latent, dim = _entry(header, "latent", "kind"), header.get("latent")
    wide = dim.get("dim") if isinstance(dim, Mapping) else None
    data = _data(header) or str(header.get("dataset", ""))
    known = header.get("settings")
    chosen = known if isinstance(known, Mapping) else {}
    return [
        data,
        _game(header),
        _entry(header, "model", "name") if "objective" in header else "",  # else it is the game
        f"{latent} z" + (f" ({wide})" if wide != 1 else "") if latent else "",
        *(f"{name} {_short(chosen[name])}" if name in chosen else "" for name in settings),
        f"seed {header['seed']}" if "seed" in header else "",
    ]


def _short(value: object) -> str:
    """A setting as in a title."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _settings(recordings: Sequence[Recording]) -> list[str]:
    """Names of all settings that are recorded; how long a training is counts least."""
    names: dict[str, None] = {}
    for recording in recordings:
        settings = recording.header.get("settings")
        names |= dict.fromkeys(settings if isinstance(settings, Mapping) else ())
    return sorted((str(name) for name in names), key=lambda name: name == "steps")


def _headings(
    down: Sequence[str], across: Sequence[str], *, columns: int | None
) -> CellTitles | None:
    """Headings, if pictures are all combinations of two things in reading order."""
    rows, heads = ([*dict.fromkeys(values)] for values in (down, across))
    if columns not in (None, len(heads)) or "" in (*rows, *heads):
        return None
    ordered = list(zip(down, across, strict=True)) == list(product(rows, heads))
    short = [[head.removesuffix(" GAN") for head in heads] for heads in (rows, heads)]
    return CellTitles((), *short) if ordered else None


def _files(recordings: Sequence[Recording]) -> list[str]:
    """Names of files, with their folders' where they are alike."""
    paths = [recording.path for recording in recordings]
    if len({path.stem for path in paths}) == len(paths):
        return [printable(path.stem) for path in paths]
    return [printable(f"{path.absolute().parent.name}/{path.stem}") for path in paths]
