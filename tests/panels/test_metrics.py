"""The metrics panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from gan_viz.errors import RecordingError
from gan_viz.panels.base import Style
from gan_viz.panels.metrics import HIGHEST, MetricsPanel
from gan_viz.recording import Recording

Make = Callable[..., Recording]


def test_the_curves_are_the_metrics_of_the_frames(make_recording: Make) -> None:
    recording = make_recording(frames=8)  # a normal that wanders from -3 to 4, where the data is
    panel = MetricsPanel().bind(recording)
    steps, w1 = panel.raw["w1_relative"]
    assert np.array_equal(steps, recording.steps)
    assert np.allclose(w1, (4 - np.linspace(-3, 4, 8)) / 0.5, atol=0.02)
    for name, most in (("js", np.log(2)), ("tv", 1.0)):
        values = panel.raw[name][1]
        assert values[0] == pytest.approx(most, abs=1e-3)
        assert values[-1] < 0.02
        assert (np.diff(values) < 1e-6).all()


def test_a_start_far_away_does_not_press_the_rest_down(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = MetricsPanel().bind(make_recording())
    panel.setup(axes, style)
    assert axes.get_ylim() == (0.0, HIGHEST)
    assert [text.get_text() for text in axes.texts] == ["log 2"]


def test_the_whole_scale_is_shown_where_all_is_well(make_recording: Make) -> None:
    outputs = np.repeat(make_recording().array("generator", 4)[None], 5, axis=0)
    low, high = MetricsPanel().bind(make_recording(outputs=outputs)).limits
    assert low == 0
    assert np.log(2) < high < 1


def test_the_curves_end_at_the_cursor(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = MetricsPanel().bind(make_recording())
    panel.setup(axes, style)
    panel.update(2)
    for curve in panel._curves.values():
        assert curve.points[-1, 0] == panel.recording.steps[2]


@pytest.mark.parametrize(
    ("data", "w1", "others"),
    [
        ("norm(4, 0.5)", "*W*_1_ / σ", ["JS (nats)", "TV"]),
        ("cauchy(4, 0.5)", "*W*_1_ / σ of the middle 98 %", ["JS (nats)", "TV"]),
        (np.linspace(3, 5, 50), "*W*_1_ / σ", ["JS (nats, estimate)", "TV (estimate)"]),
        (
            np.append(np.linspace(3, 5, 500), 1e6),
            "*W*_1_ / σ of the middle 98 %",
            ["JS (nats, estimate)", "TV (estimate)"],
        ),
    ],
)
def test_the_legend_says_what_is_measured(
    make_recording: Make, style: Style, data: Any, w1: str, others: list[str]
) -> None:
    panel = MetricsPanel().bind(make_recording(data=data))
    assert [entry.text for entry in panel.legend(style)] == [w1, *others]
    values = next(iter(panel.raw.values()))[1]
    assert np.isfinite(values).all()
    assert values[-1] < 1.1  # p_g is N(4, 0.5) at last


def test_without_a_target_there_is_nothing_to_compare_with(make_recording: Make) -> None:
    with pytest.raises(RecordingError, match=r"needs target.*choose other panels"):
        MetricsPanel().bind(make_recording(data=None))
