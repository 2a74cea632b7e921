"""Verdicts on the axis of steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from gan_viz import api
from gan_viz.diagnostics import verdicts
from gan_viz.panels.artists import EventMarks
from gan_viz.panels.base import Style
from gan_viz.panels.losses import LossesPanel
from gan_viz.panels.outputs import OutputsPanel
from gan_viz.panels.series import DIAMOND, TRIANGLE, bounded, scale_of
from gan_viz.recording import Recording, Writer

Make = Callable[..., Recording]


def drawn(axes: Axes) -> NDArray[np.uint8]:
    """The pixels of the axes' box, from the lower edge up."""
    canvas = axes.figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[50:350, 50:450, :3][::-1]


@pytest.mark.parametrize("panel", [LossesPanel, OutputsPanel])
def test_a_verdict_is_marked_from_its_step_on(
    make_recording: Make, axes: Axes, style: Style, panel: type[LossesPanel]
) -> None:
    saturated = {"d_real": [0.999] * 500, "d_fake": [0.001] * 500}
    recording = make_recording(means=saturated, last=1000, frames=6, data=None)
    (verdict,) = verdicts(recording)
    drawer = panel().bind(recording)
    (events,) = (one for one in drawer.setup(axes, style) if isinstance(one, EventMarks))
    for frame, step in enumerate(recording.steps.tolist()):
        drawer.update(frame)
        events.set_visible(False)
        without = drawn(axes).astype(int)
        events.set_visible(True)
        rows, columns = np.nonzero((drawn(axes) != without).any(axis=2))
        assert bool(len(rows)) == (step >= verdict.step)
    assert rows.max() < 1.2 * style.font
    assert columns.mean() == pytest.approx(400 * verdict.step / 1000, abs=2)


@pytest.mark.parametrize(("shape", "widest"), [(TRIANGLE, 0.0), (DIAMOND, 0.5)])
@pytest.mark.parametrize("step", [0, 50, 100])
def test_marks_differ_in_shape_and_are_never_cut(
    axes: Axes, style: Style, shape: object, widest: float, step: int
) -> None:
    axes.set_xlim(0, 100)
    axes.axis("off")
    events = EventMarks(axes, {step: float(step)}, shape, "#000000", style)
    events.set_reached(step)
    ink = (drawn(axes) < 128).all(axis=2)
    widths, height = ink.sum(axis=1), int(ink.any(axis=1).sum())
    assert 10 <= height <= style.font
    assert widths.argmax() / height == pytest.approx(widest, abs=0.15)
    assert ink.any(axis=0).sum() == pytest.approx(height, abs=3)


@pytest.mark.parametrize("level", [1.0, -1.3862944, 1e-4, 250.0, 1e6])
@pytest.mark.parametrize("noise", [0.0, 1e-7])
def test_a_constant_has_a_scale_that_can_be_read(axes: Axes, level: float, noise: float) -> None:
    low, high = scale_of([level * (1 + noise * np.arange(10))])
    assert low < level < high
    axes.set_ylim(low, high)
    axes.figure.canvas.draw()
    assert "+" not in axes.yaxis.get_major_formatter().get_offset()


@pytest.mark.parametrize("huge", [1e308, -1e308, 1e31])
def test_what_no_scale_can_hold_counts_as_infinite(huge):
    values = np.array([1.0, huge, np.nan, np.inf, -2.0])
    np.testing.assert_array_equal(
        bounded(values), [1.0, np.copysign(np.inf, huge), np.nan, np.inf, -2.0]
    )
    low, high = scale_of([values], [0.5])
    assert -3 < low < high < 2


@pytest.mark.parametrize("huge", [1e308, -1e308, float("nan"), float("inf")])
def test_huge_losses_are_drawn(huge, tmp_path):
    header = {"objective": {"name": "minimax", "equilibrium": {"d_loss": 1e308, "g_loss": 10**400}}}
    with Writer(tmp_path / "run.ganviz", header) as writer:
        writer.write_scalars(range(3), {"d_loss": [huge, 2.0, 3.0], "g_loss": [1.0, huge, 2.0]})
        writer.write_frame(0, {})
    api.render(writer.path, tmp_path / "a.png", panels=["losses"], poster=True)
