"""What a picture of densities cuts off is told, where it is and how much it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from scipy import stats

from gan_viz.panels.base import Style
from gan_viz.panels.density import DensityPanel
from gan_viz.panels.labels import Shown
from gan_viz.panels.words import LANGUAGES, Words

Make = Callable[..., Any]
LATENTS = 256
Z = stats.norm.ppf((np.arange(LATENTS) + 0.5) / LATENTS)


def said(panel: DensityPanel, axes: Axes, style: Style, frame: int) -> list[Shown]:
    panel.setup(axes, style)
    panel.label(style)
    panel.update(frame)
    return [one for one in panel._labels.shown if any(c in one.text.text for c in ("here", "of G"))]


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_spike_is_marked_with_its_mass(
    make_recording: Make, axes: Axes, style: Style, side: float
) -> None:
    # a part of normal latents makes one value, the others are spread as the data are
    cut = stats.norm.ppf(0.68)
    outputs = np.where(cut > Z, 4.0 + side, 4.0 + 0.5 * Z)
    panel = DensityPanel().bind(make_recording(outputs=np.tile(outputs, (5, 1)), output=None))
    (mark,) = said(panel, axes, style, 4)
    assert mark.text.text == "0.68 here"
    at = (4.0 + side - panel.x[0]) / (panel.x[-1] - panel.x[0]) * axes.bbox.width
    assert mark.x - 40 < at < mark.x + mark.text.width + 40


def test_where_there_is_room_its_height_is_told(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    outputs = np.where(stats.norm.ppf(0.4) > Z, 3.0, 4.0 + 0.5 * Z)
    panel = DensityPanel().bind(make_recording(outputs=np.tile(outputs, (5, 1)), output=None))
    panel.setup(axes, style)
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.set_size_inches(9, 5)
    (mark,) = said(panel, axes, style, 4)
    height = 0.4 / (panel.x[1] - panel.x[0])
    assert mark.text.text == f"peak {height:.2g} · 0.40 here"


def test_two_spikes_have_a_mark_each_and_others_none(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    levels = stats.norm.ppf([0.5, 0.8, 0.995])
    outputs = np.array([3.0, 5.0, 4.0, 4.5])[np.searchsorted(levels, Z)]
    panel = DensityPanel().bind(make_recording(outputs=np.tile(outputs, (5, 1))))
    marks = [one.text.text for one in said(panel, axes, style, 0)]
    assert marks[0] == "0.50 here"
    assert marks[1] in ("0.30 here", "0.29 here")
    assert len(marks) == 2


def test_a_mark_follows_its_spike(make_recording: Make, axes: Axes, style: Style) -> None:
    places = np.linspace(2.5, 5.5, 60)
    panel = DensityPanel().bind(
        make_recording(frames=60, outputs=np.repeat(places[:, None], LATENTS, axis=1))
    )
    unit = axes.bbox.width / (panel.x[-1] - panel.x[0])
    for frame in (0, 20, 40, 59):
        (mark,) = said(panel, axes, style, frame)
        at = unit * (places[frame] - panel.x[0])
        assert max(mark.x - at, at - mark.x - mark.text.width) < 3 * style.font


def test_a_needle_of_the_data_is_marked(make_recording: Make, axes: Axes, style: Style) -> None:
    data = "0.5*norm(0, 1) + 0.5*norm(10.01, 0.001)"
    panel = DensityPanel().bind(make_recording(data=data, outputs=np.full((5, 9), np.nan)))
    (mark,) = said(panel, axes, style, 2)
    assert mark.text.text.endswith("0.50 here")
    assert mark.text.color == style.data


def test_what_is_outside_is_its_mass(make_recording: Make, axes: Axes, style: Style) -> None:
    outputs = np.where(stats.norm.ppf(0.25) > Z, -900.0, 4.0 + 0.5 * Z)
    panel = DensityPanel().bind(make_recording(outputs=np.tile(outputs, (5, 1))))
    (mark,) = said(panel, axes, style, 4)
    assert mark.text.text == "← 25% of G"
    assert mark.x < axes.bbox.width / 3


def test_there_is_nothing_to_mark(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = DensityPanel(xlim=(0, 8)).bind(make_recording())
    assert not said(panel, axes, style, 4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_here(language: str) -> None:
    assert Words(language).say("here")
