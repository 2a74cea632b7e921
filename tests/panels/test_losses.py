"""The losses panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from gan_viz.panels.base import Style
from gan_viz.panels.losses import LossesPanel
from gan_viz.panels.series import short
from gan_viz.recording import Recording

Make = Callable[..., Recording]


def test_the_curves_end_at_the_step(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = LossesPanel().bind(make_recording(last=3000, frames=7))
    panel.setup(axes, style)
    for frame, step in enumerate(panel.recording.steps[1:], 1):
        panel.update(frame)
        for curve in panel._curves.values():
            assert curve.points[-1, 0] == step


def test_the_curves_are_the_smoothed_losses(make_recording: Make, axes: Axes, style: Style) -> None:
    level = np.linspace(3, 1, 600)
    ripple = np.where(np.arange(600) % 2, 0.4, -0.4)
    losses = {"d_loss": level + ripple, "g_loss": level - ripple}
    panel = LossesPanel().bind(make_recording(last=600, losses=losses))
    panel.setup(axes, style)
    panel.update(4)
    for curve in panel._curves.values():
        x, y = curve.points[10:-10].T
        assert np.allclose(y, np.interp(x, np.arange(1, 601), level), atol=0.05)


def test_before_the_first_loss_there_is_no_curve(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = LossesPanel().bind(make_recording())
    panel.setup(axes, style)
    panel.update(0)
    assert all(not len(curve.points) for curve in panel._curves.values())


def test_the_pale_band_holds_every_value(make_recording: Make, axes: Axes, style: Style) -> None:
    losses = {name: np.random.default_rng(2).normal(size=4000) for name in ("d_loss", "g_loss")}
    panel = LossesPanel().bind(make_recording(last=4000, losses=losses))
    panel.setup(axes, style)
    panel.update(4)
    for band in panel._bands.values():
        vertices = band.points[np.isfinite(band.points).all(axis=1)]
        assert vertices[:, 1].min() == losses["d_loss"].min()
        assert vertices[:, 1].max() == losses["d_loss"].max()
        assert len(vertices) < 1000


def test_equilibrium_is_marked_by_its_name(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = LossesPanel().bind(make_recording())
    panel.setup(axes, style)
    lines = {float(y) for line in axes.lines for y in line.get_ydata()}
    assert lines == {2 * np.log(2), np.log(2)}
    marks = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert marks == {"log 2": np.log(2), "2 log 2": 2 * np.log(2)}


def test_marks_close_together_share_a_label(make_recording: Make, axes: Axes, style: Style) -> None:
    losses = {"d_loss": [90.0, 0.0], "g_loss": [-80.0, 0.0]}
    LossesPanel().bind(make_recording(losses=losses)).setup(axes, style)
    assert [text.get_text() for text in axes.texts] == ["2 log 2\nlog 2"]


def test_without_equilibrium_there_are_no_marks(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    LossesPanel().bind(make_recording(equilibrium={})).setup(axes, style)
    assert not axes.lines
    assert not axes.texts


def test_rare_extremes_do_not_set_the_scale(make_recording: Make) -> None:
    losses = {"d_loss": np.ones(2000), "g_loss": np.ones(2000)}
    losses["d_loss"][7] = 1e9
    low, high = LossesPanel().bind(make_recording(last=2000, losses=losses)).limits
    assert low < np.log(2)
    assert 2 * np.log(2) < high < 2


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (0, "0"),
        (999, "999"),
        (2500, "2,500"),
        (10_000, "10,000"),
        (125_000, "125,000"),
        (1e6, "1M"),
    ],
)
def test_long_numbers_of_steps_are_short(step: float, text: str) -> None:
    assert short(step) == text


def test_steps_are_whole(make_recording: Make, axes: Axes, style: Style) -> None:
    LossesPanel().bind(make_recording(last=2, frames=2)).setup(axes, style)
    ticks: Any = axes.get_xticks()
    assert np.array_equal(ticks, np.round(ticks))


def test_the_loss_of_a_critic_has_its_sign_turned(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    losses = {"d_loss": np.linspace(-3.0, 0.0, 50), "g_loss": np.full(50, 40.0)}
    recording = make_recording(
        last=50, losses=losses, equilibrium={"d_loss": -0.5, "g_loss": 0.0}, output="critic"
    )
    panel = LossesPanel(critic=True).bind(recording)
    panel.setup(axes, style)
    assert [entry.text for entry in panel.legend(style)] == ["negative critic loss"]
    (values,) = (values for _, values in panel.raw.values())
    np.testing.assert_allclose(values, -losses["d_loss"])
    assert panel.equilibrium == {"d_loss": 0.5}
    assert panel.limits[1] < 4  # that of G is not on the scale
