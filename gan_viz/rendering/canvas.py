"""Figures and axes at exact places, without pyplot and without the user's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gan_viz.panels.base import Style
from gan_viz.recording import Recording
from gan_viz.rendering.layout import Box
from gan_viz.rendering.theme import DPI

__all__ = ["add_axes", "clean_settings", "new_figure", "tidy", "title_of"]

_GLOBAL = {"backend", "backend_fallback", "interactive", "toolbar", "timezone"}


def new_figure(width: int, height: int) -> Figure:
    """Make a figure of some pixels, without pyplot.

    Parameters
    ----------
    width, height : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    return Figure(figsize=(width / DPI, height / DPI), dpi=DPI)


def add_axes(figure: Figure, box: Box) -> Axes:
    """Add axes at a box.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    box : Box

    Returns
    -------
    matplotlib.axes.Axes
    """
    width, height = figure.get_size_inches() * DPI
    return figure.add_axes((box.x / width, box.y / height, box.width / width, box.height / height))


def tidy(axes: Axes, box: Box, style: Style) -> None:
    """Put as many ticks on an axes as its box has room for.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    box : Box
    style : Style
    """
    axes.xaxis.set_major_locator(_few(box.width / (5 * style.font)))
    axes.yaxis.set_major_locator(_few(box.height / (4 * style.font)))


def _few(ticks: float) -> MaxNLocator:
    return MaxNLocator(max(2, int(ticks)), steps=[1, 2, 5, 10])


def title_of(recording: Recording) -> str:
    """Name what was learnt and how: ``bimodal · non-saturating GAN``."""
    target = recording.header.get("target")
    objective = recording.header.get("objective")
    data = target.get("label") if isinstance(target, Mapping) else None
    game = objective.get("name") if isinstance(objective, Mapping) else None
    return " · ".join(str(part) for part in (data, game and f"{game} GAN") if part)


def clean_settings(settings: Mapping[str, Any]) -> Any:
    """Put matplotlib's own defaults under our settings, whatever the user's matplotlibrc says.

    Parameters
    ----------
    settings : mapping

    Returns
    -------
    dict
        For `matplotlib.rc_context`.
    """
    defaults = {str(k): v for k, v in mpl.rcParamsDefault.items() if k not in _GLOBAL}
    return dict(defaults) | dict(settings)
