"""The curves of frames as a table, for whoever draws them with a program of their own."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gan_viz.api.look import Look
from gan_viz.api.output import Rendered, published
from gan_viz.encoders.publish import check_file
from gan_viz.errors import UsageError
from gan_viz.recording import Recording

if TYPE_CHECKING:  # loads matplotlib
    from gan_viz.panels.density import DensityPanel

COLUMNS = ("step", "x", "p_data", "p_g", "d")


def write_curves(source: Recording, out: str | os.PathLike[str], look: Look) -> Rendered:
    """Write the densities and D along x at each frame, or at the steps of ``look.at``.

    The rows have the columns ``step``, ``x``, ``p_data``, ``p_g`` and ``d``, on the points that the
    density panel draws; ``d`` is a probability or, of a critic, what the panel shows. What was not
    recorded is empty. Raises UsageError if the look has no density panel; RecordingError if the
    recording holds no one-dimensional outputs of G; OutputError if the file cannot be written; what
    was there before is left as it was.
    """
    from gan_viz.api.drawing import nearest_frames
    from gan_viz.panels.choosing import make_panels
    from gan_viz.panels.density import DensityPanel

    path = Path(out)
    check_file(path)
    described = make_panels("density" if look.panels is None else look.panels, source.header)
    panels = [one for one in described if isinstance(one, DensityPanel)]
    if not panels:
        raise UsageError(f"{out}: .csv has the curves of the panel density; leave out other panels")
    if look.density is not None:
        panels[0] = replace(panels[0], density=look.density)  # type: ignore[arg-type]
    frames, notice = nearest_frames(source.steps, look.at) if look.at else ([], "")
    shown = frames or [*range(len(source))]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(curve_rows(panels[0].bind(source), shown))
    with published(path) as place:
        place.write_text(text.getvalue(), encoding="utf-8")
    return Rendered(path, len(shown), (0, 0), 0.0, 0.0, path.stat().st_size, notice)


def curve_rows(panel: DensityPanel, frames: list[int]) -> Iterator[list[str]]:
    """Yield the rows of some frames of a panel that is bound to a recording, under `COLUMNS`."""
    for frame in frames:
        step = str(int(panel.recording.steps[frame]))
        data, d = panel.p_data, None if panel.d is None else panel.d.at(frame)
        none = np.full(len(panel.x), np.nan)
        columns = [panel.x, none if data is None else data, panel.densities[frame]]
        columns.append(none if d is None else d)
        for values in np.column_stack(columns).tolist():
            yield [step, *(f"{value:.7g}" if np.isfinite(value) else "" for value in values)]
