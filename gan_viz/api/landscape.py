"""The landscape of two points: computed and recorded for the panel ``landscape``."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from gan_viz.analysis.landscape import LOSSES, NOISE, downhill, path
from gan_viz.arguments import checked
from gan_viz.recording import Writer

POINTS = 61
"""Places of G's second point, and frames."""
START = 18
"""Which of them G starts from: a little off the first point, on whose side it stands."""


@checked
def record_landscape(record: str | os.PathLike[str], loss: str = "separable") -> Path:
    """Record the landscape of two points of Sun, Fang & Schwing (2020), and G's way on it.

    The data is two points and D may be any function. One point of G stays on the data; the other
    starts between the two, nearer to the first, and goes where the value under the best D does not
    rise.

    Parameters
    ----------
    record : path-like
        The recording to write, ``NAME.ganviz``.
    loss : {"separable", "fixed-pairs", "all-pairs"}
        Whether D judges each kind by itself, compares each point of the data with one of G, or all
        with all; see `gan_viz.analysis.landscape.best_value`.

    Returns
    -------
    pathlib.Path
        The recording: ``landscape``, the places of the second point and the values, and
        ``on_landscape``, place and value of G in each frame.

    Raises
    ------
    UnknownNameError
        There is no loss of that name.

    Examples
    --------
    ::

        gan_viz.render(gan_viz.record_landscape("pairs.ganviz", "fixed-pairs"), "pairs.gif")
    """
    land = path(loss, POINTS)
    way = downhill(land[:, 1], START)
    header = {
        "kind": "landscape",
        "title": f"Two points · {LOSSES[loss]}",
        "loss": loss,
        "settings": {"noise": NOISE},
        "look": {"panels": ["landscape"]},
    }
    with Writer(Path(record), header) as writer:
        writer.add_constant("landscape", land)
        writer.add_channel("on_landscape", (2,), "float64", names=["place", "value"])
        for frame, number in enumerate(np.append(way, [way[-1]] * (POINTS - len(way)))):
            writer.write_frame(frame, {"on_landscape": land[number]})
    return Path(record)
