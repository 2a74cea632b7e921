r"""A LaTeX document with curves drawn by pgfplots, and its tables inside: to be cut up and edited.

What comes from the recording is escaped, so that no name of a scalar is a command.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from gan_viz.api.curves import COLUMNS, curve_rows
from gan_viz.exports.base import Contents, Exporter
from gan_viz.recording import Scalars
from gan_viz.rendering.theme import THEMES

MOST_POINTS = 400
"""Of a curve: TeX's memory holds some ten thousand, and a line in print is no finer."""
MOST_CURVES = 8
SHOWN_METRICS = ("metrics/w1_relative", "metrics/js", "metrics/tv")
FRAMES = 3
SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{c: f"\\{c}" for c in "{}$&#%_"},
}
ROLES = {"d_loss": "discriminator", "g_loss": "generated", "p_data": "data", "p_g": "generated"}
NAMES = {"p_data": r"$p_\mathrm{data}$", "p_g": "$p_g$", "d": "$D(x)$"}
PREAMBLE = r"""\documentclass{article}
\usepackage{pgfplots}
\pagestyle{empty}
\pgfplotsset{compat=1.16, every axis/.append style={
  width=9cm, height=6cm, legend cell align=left, legend pos=outer north east,
  no markers, thick, unbounded coords=jump}}
"""


class PgfplotsExporter(Exporter):
    """``.tex``: pictures of the scalars, the metrics, and the densities at three frames.

    Curves of more than 400 points are thinned: of each stretch the least and the greatest stay.
    """

    suffix: ClassVar[str] = ".tex"

    def write(self, contents: Contents, place: Path) -> None:
        """Write the document."""
        lines = [PREAMBLE, *_colors(), r"\begin{document}", *_pictures(contents), r"\end{document}"]
        place.write_text("\n".join(lines) + "\n", encoding="utf-8")


def escaped(text: str) -> str:
    r"""Let TeX print a text, whatever it is; what few fonts have becomes a question mark."""
    return "".join(SPECIAL.get(c, c if c.isascii() and c.isprintable() else "?") for c in text)


def _colors() -> Iterator[str]:
    for role, color in THEMES["light"].roles.items():
        yield rf"\definecolor{{{role.replace('_', '-')}}}{{HTML}}{{{color[1:].upper()}}}"


def _pictures(contents: Contents) -> Iterator[str]:
    recorded = dict([*contents.recording.scalars.items()][:MOST_CURVES])
    measured = {name: contents.metrics[name] for name in SHOWN_METRICS if name in contents.metrics}
    for series in (recorded, measured):
        if series:
            yield from _axis("step", _curves(series))
    yield from _densities(contents)


def _axis(label: str, plots: Iterator[str], options: str = "") -> Iterator[str]:
    yield rf"\begin{{tikzpicture}}\begin{{axis}}[xlabel={{{label}}}{options}]"
    yield from plots
    yield r"\end{axis}\end{tikzpicture}\par"


def _curves(series: Mapping[str, Scalars]) -> Iterator[str]:
    for name, one in series.items():
        steps, values = _thinned(one)
        rows = (f"{step} {_number(value)}" for step, value in zip(steps, values, strict=True))
        yield rf"\addplot+[{_style(name)}] table {{"
        yield from rows
        yield "};"
        yield rf"\addlegendentry{{{escaped(name.removeprefix('metrics/'))}}}"


def _densities(contents: Contents) -> Iterator[str]:
    recording = contents.recording
    channel = recording.channels.get("generator")
    if channel is None or len(channel.shape) != 1:
        return
    from gan_viz.panels.density import DensityPanel

    panel = DensityPanel().bind(recording)
    for frame in np.unique(np.linspace(0, len(recording) - 1, FRAMES).astype(int)).tolist():
        rows = [*curve_rows(panel, [frame])]
        title = f", title={{step {int(recording.steps[frame])}}}"
        yield from _axis("$x$", _density_plots(rows), title)


def _density_plots(rows: list[list[str]]) -> Iterator[str]:
    for index, name in enumerate(COLUMNS[2:], 2):
        if any(row[index] for row in rows):
            yield rf"\addplot+[{_style(name)}] table {{"
            yield from (f"{row[1]} {row[index] or 'nan'}" for row in rows)
            yield "};"
            yield rf"\addlegendentry{{{NAMES[name]}}}"


def _style(name: str) -> str:
    role = ROLES.get(name, "discriminator" if name == "d" else "")
    return f"color={role}, dashed" if name == "p_data" else f"color={role}" if role else "solid"


def _number(value: float) -> str:
    return f"{value:.7g}" if np.isfinite(value) else "nan"


def _thinned(series: Scalars) -> tuple[list[int], list[float]]:
    """Keep the least and the greatest value of each stretch, so that no peak is lost."""
    count = len(series.steps)
    if count <= MOST_POINTS:
        return series.steps.tolist(), series.values.tolist()
    kept = {0, count - 1}
    edges = np.linspace(0, count, MOST_POINTS // 2).astype(int)
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = series.values[begin:end]
        if np.isfinite(part).any():
            kept |= {begin + int(np.nanargmin(part)), begin + int(np.nanargmax(part))}
        else:
            kept.add(begin)
    chosen = sorted(kept)
    return series.steps[chosen].tolist(), series.values[chosen].tolist()
