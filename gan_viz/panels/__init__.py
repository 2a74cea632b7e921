"""Panels: what one axes shows of a recording."""

import contextlib
import os
import sys

if "matplotlib" not in sys.modules and (_backend := os.environ.pop("MPLBACKEND", "")):
    # It may name what is not installed here, as where a notebook set it for another Python, and
    # matplotlib then refuses to be imported. No window is ever opened: it is told afterwards.
    try:
        import matplotlib
    finally:
        os.environ["MPLBACKEND"] = _backend
    with contextlib.suppress(ValueError):
        matplotlib.rcParams["backend"] = _backend

from gan_viz.panels.base import Panel, Style

__all__ = ["Panel", "Style"]
