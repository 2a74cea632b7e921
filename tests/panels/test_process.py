"""Ways from noise to data, and scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from gan_viz.errors import RecordingError, UsageError
from gan_viz.panels.artists import CornerText
from gan_viz.panels.base import Style
from gan_viz.panels.process import ProcessPanel
from gan_viz.panels.score import ScorePanel
from gan_viz.recording import Recording

Make = Callable[..., Recording]


def test_ways_are_relative_to_the_noised_data(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    """Those of the exact flow of a normal distribution are straight."""
    panel = ProcessPanel().bind(make_recording(beyond=True))
    panel.setup(axes, style)
    np.testing.assert_allclose(
        panel.exact, np.broadcast_to(panel.exact[0], panel.exact.shape), atol=1e-5
    )
    panel.update(4)
    points = panel._ways.points.reshape(9, 5, 2)
    assert np.isnan(points[:, -1, 1]).all()
    np.testing.assert_allclose(points[:, :-1, 1].T, panel.exact, atol=1e-5)


def test_the_gap_is_that_to_the_exact_score(make_recording: Make) -> None:
    recording = make_recording(beyond=True)
    panel = ScorePanel().bind(recording)
    assert panel.shown == [2] * 5  # of 0.15 / 0.5 = 0.3
    assert panel.gap(4) == pytest.approx(0, abs=1e-6)
    # half the score of N(4, s^2), times 0.15: half of 0.15 / s is off, a standard normal deviate
    expected = 0.5 * 0.15 / np.hypot(0.5, 0.15)
    assert panel.gap(0) == pytest.approx(expected, rel=0.02)
    assert ScorePanel(noise=1.2).bind(recording).shown == [1] * 5


def test_a_frame_with_one_level_shows_that(make_recording: Make, axes: Axes, style: Style) -> None:
    score = np.full((3, 3, 41), np.nan)
    for frame in range(3):
        score[frame, frame] = 0.1
    ways = np.zeros((3, 4, 9))
    pictures = {"score": (score, {}), "ways": (ways, {})}
    recording = make_recording(frames=3, pictures=pictures, beyond=False, constants=_fixed())
    panel = ScorePanel().bind(recording)
    assert panel.shown == [0, 1, 2]
    panel.setup(axes, style)
    panel.update(1)
    assert panel._exact.points[[0, -1], 0].tolist() == [-1, 1]


def test_wrong_shapes_and_values_are_refused(make_recording: Make) -> None:
    pictures = {"score": (np.zeros((5, 2, 7)), {}), "ways": (np.zeros((5, 9, 2)), {})}
    recording = make_recording(pictures=pictures, constants=_fixed())
    for panel in (ScorePanel(), ProcessPanel()):
        with pytest.raises(RecordingError, match="choose other panels"):
            panel.bind(recording)
    for wrong in (np.zeros((4, 3)), np.full((4, 3), np.nan), np.ones((1, 3)), np.ones(3)):
        fixed = {**_fixed(), "noise_levels": wrong}
        strange = make_recording(beyond=True, constants=fixed)
        for panel in (ScorePanel(), ProcessPanel()):
            with pytest.raises(RecordingError, match="noise_levels"):
                panel.bind(strange)
    with pytest.raises(UsageError, match="noise is -1"):
        ScorePanel(noise=-1.0)


def _fixed() -> dict[str, object]:
    from tests.panels.conftest import LEVELS, places_of_scores

    return {"noise_levels": LEVELS, "score_x": places_of_scores()}


def test_a_corner_text_ends_inside_either_corner() -> None:
    figure = Figure(figsize=(3, 2), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    painted = []

    class Seen:
        def draw_path(self, _: object, path: Path, place: Affine2D, color: object) -> None:
            painted.append(path.transformed(place).get_extents())

    for right in (False, True):
        text = CornerText(axes, ["gap 0.1", "noise 0.3, gap 0.05"], "black", 10, right=right)
        for words in ("gap 0.1", "noise 0.3, gap 0.05"):
            text.set_text(words)
            text.paint(Seen(), canvas.get_renderer().new_gc())
    box = axes.bbox
    assert all(box.x0 < one.x0 < one.x1 < box.x1 and one.y1 < box.y1 for one in painted)
    assert painted[0].x0 == pytest.approx(painted[1].x0, abs=2)
    assert painted[2].x1 == pytest.approx(painted[3].x1, abs=2)
