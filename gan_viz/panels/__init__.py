"""Panels: what one axes shows of a recording."""

import contextlib
import os
import sys

from gan_viz import terminal

if "matplotlib" not in sys.modules and (_backend := os.environ.pop("MPLBACKEND", "")):
    # It may name what is not installed here, as where a notebook set it for another Python, and
    # matplotlib then refuses to be imported. No window is ever opened: it is told afterwards.
    try:
        import matplotlib
    finally:
        os.environ["MPLBACKEND"] = _backend
    with contextlib.suppress(ValueError):
        matplotlib.rcParams["backend"] = _backend

if terminal.alone and "matplotlib.figure" not in sys.modules:
    # A third of matplotlib's import goes into lists of properties for its docstrings.
    from matplotlib import artist

    _listed, artist.kwdoc = artist.kwdoc, lambda artist: ""
    try:
        import matplotlib.figure
    finally:
        artist.kwdoc = _listed

from gan_viz.panels.base import Panel, Style

__all__ = ["Panel", "Style"]
