"""Losses as a strip: on the clip's clock, without the future, named at their tips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from gan_viz.panels.base import Style
from gan_viz.panels.losses import LossesPanel
from gan_viz.panels.series import PER_TICK
from gan_viz.recording import Recording

Make = Callable[..., Recording]


def strip(recording: Recording, axes: Axes, style: Style, clock: Any = None) -> LossesPanel:
    panel = LossesPanel(strip=True).bind(recording)
    panel.clock = None if clock is None else np.asarray(clock, np.float64)
    panel.setup(axes, style)
    assert panel.label(style) == ()
    return panel


def test_curves_grow_evenly_in_time_whatever_the_steps(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    recording = make_recording(last=1000, frames=6)
    panel = strip(recording, axes, style, [0, 5, 6, 7, 8, 10])
    tips = []
    for frame in range(1, 6):
        panel.update(frame)
        tips.append(panel._curves["d_loss"].tip[0])
    assert tips == pytest.approx([5, 6, 7, 8, 10])


def test_ticks_say_the_steps_and_keep_apart(make_recording: Make, axes: Axes, style: Style) -> None:
    clock = np.sqrt(np.linspace(0, 1, 21)) * 8
    recording = make_recording(last=20_000, frames=21)
    panel = strip(recording, axes, style, clock)
    ticks = np.asarray(axes.get_xticks())
    labels = [text.get_text() for text in axes.get_xticklabels()]
    assert labels[0] == "0"
    assert labels[-1] == "20,000"
    steps = [float(label.replace(",", "")) for label in labels]
    assert ticks == pytest.approx(np.interp(steps, recording.steps, clock))
    pixels = axes.transData.transform(np.column_stack([ticks, ticks]))[:, 0]
    assert np.diff(pixels).min() > PER_TICK * style.font - 1
    assert panel._ticks.step(float(ticks[1])) == steps[1]


def test_nothing_of_the_future_is_seen(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = strip(make_recording(last=1000, frames=6), axes, style, np.arange(6.0))
    panel.update(2)
    canvas: Any = axes.get_figure(root=True).canvas
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    start = round(axes.transData.transform((2.0, 0.0))[0]) + 120  # beyond the names at the tips
    colours = {style.d_loss, style.g_loss}
    for colour in colours:
        far = np.abs(pixels[50:350, start:450] - [*bytes.fromhex(colour[1:])]).max(axis=2)
        assert far.min() > 60


def test_names_are_beside_the_tips_and_apart(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    same = {"d_loss": np.full(400, 0.7), "g_loss": np.full(400, 0.7)}
    panel = strip(make_recording(last=400, losses=same, data=None), axes, style, np.arange(5.0))
    for frame in range(1, 5):
        panel.update(frame)
        names = panel._labels.shown
        assert [one.text.text for one in names] == ["D's loss", "G's loss"] or len(names) == 2
        low, high = sorted(one.y for one in names)
        assert high - low >= 1.2 * style.font
        tip = axes.transData.transform(panel._curves["d_loss"].tip)[0] - axes.bbox.x0
        for one in names:
            assert tip < one.x < tip + style.font
            assert one.x + one.text.width <= axes.bbox.width + 1
            assert one.y + one.text.up <= axes.bbox.height + 0.5


def test_verdicts_are_told_beside_their_marks_once_they_are_reached(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    means = {"d_real": [0.999] * 400, "d_fake": [0.001] * 400}
    panel = strip(make_recording(means=means, data=None), axes, style, np.arange(5.0))
    told = []
    for frame in range(5):
        panel.update(frame)
        told.append([one.text.text for one in panel._labels.shown if "loss" not in one.text.text])
    assert told == [[], *([["D saturated"]] * 4)]


def test_without_a_clock_a_strip_is_even_over_the_steps(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = strip(make_recording(last=1000, frames=6), axes, style)
    panel.update(2)
    assert panel._curves["g_loss"].tip[0] == 400
