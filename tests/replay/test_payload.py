"""What the page is given equals what panels and metrics say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gan_viz import api
from gan_viz.api.look import Look
from gan_viz.api.pages import page_data
from gan_viz.diagnostics import statuses, verdicts
from gan_viz.errors import RecordingError
from gan_viz.panels.density import D_TOP, DensityPanel
from gan_viz.panels.losses import LossesPanel
from gan_viz.recording import Recording
from gan_viz.replay.packing import LEVELS
from gan_viz.replay.series import METRICS

Make = Callable[..., Recording]
Unpack = Callable[[bytes], Any]


def held_of(recording: Recording, unpack: Unpack, **look: Any) -> Any:
    return unpack(page_data([recording], Look(**look)).data)


def test_densities_are_those_of_the_panel(make_recording: Make, unpack: Unpack) -> None:
    recording = make_recording(missing=[2])
    panel = DensityPanel().bind(recording)
    found = held_of(recording, unpack)["runs"][0]["density"]
    error = np.abs(found["generated"]["density"] - panel.densities.clip(0, 3.9 * panel.top))
    assert error.max() <= 0.51 * panel.top / LEVELS
    assert found["top"] == panel.top
    assert found["x"] == [panel.x[0], panel.x[-1]]
    np.testing.assert_allclose(found["data"]["density"][:: found["data"]["fine"]], panel.p_data)
    assert panel.d is not None
    for frame in (0, 1, 4):
        d = panel.d.at(frame)
        np.testing.assert_allclose(found["d"]["values"][frame], d, atol=0.51 * D_TOP / LEVELS)
        best = panel.best(frame)
        np.testing.assert_allclose(found["d"]["best"][frame], best, atol=0.51 * D_TOP / LEVELS)
    assert np.isnan(found["d"]["values"][2]).all()
    assert np.isnan(found["outputs"][2]).all()


def test_metrics_are_those_of_the_table(make_recording: Make, unpack: Unpack) -> None:
    recording = make_recording()
    found = held_of(recording, unpack)["runs"][0]["metrics"]
    rows = api.metrics(recording)
    expected = [[row[name] for name in METRICS] for row in rows]
    np.testing.assert_allclose(found["values"], expected, rtol=1e-6)
    assert found["estimate"] is any(row["is_estimate"] for row in rows)


def test_losses_at_frames_are_those_recorded_last(make_recording: Make, unpack: Unpack) -> None:
    recording = make_recording(last=700)
    held = held_of(recording, unpack)
    group = next(one for one in held["runs"][0]["groups"] if one["key"] == "losses")
    panel = LossesPanel().bind(recording)
    assert group["limits"] == list(panel.limits)
    for line in group["lines"]:
        steps, values = panel.raw[line["key"]]
        at = [
            values[steps <= step][-1] if (steps <= step).any() else np.nan
            for step in recording.steps.tolist()
        ]
        np.testing.assert_allclose(line["at"], at, rtol=1e-6)
        low, high = line["band"]
        for number, (start, end) in enumerate(
            zip(line["steps"][:-1], line["steps"][1:], strict=True)
        ):
            inside = values[(steps >= start) & (steps < end)]
            if len(inside):
                assert low[number] == pytest.approx(inside.min(), rel=1e-6)
                assert high[number] == pytest.approx(inside.max(), rel=1e-6)


def test_verdicts_are_marks_and_words_of_frames(make_recording: Make, unpack: Unpack) -> None:
    recording = make_recording(frames=30)
    held = held_of(recording, unpack)
    run = held["runs"][0]
    found = [(one["step"], one["kind"], one["text"]) for one in run["marks"]]
    assert found == [(one.step, one.kind, one.text) for one in verdicts(recording)]
    shown = [run["status"]["texts"][number] for number in run["status"]["of"]]
    seconds = np.interp(recording.steps, held["steps"], held["clock"])
    assert shown == [[one.words, one.kind] for one in statuses(recording, seconds)]


def test_pictures_and_all_else_that_is_asked_for(make_recording: Make, unpack: Unpack) -> None:
    recording = make_recording()
    held = held_of(recording, unpack, panels="grid, walk, points, signals")["runs"][0]
    frames = np.stack(list(recording.frames("samples")))
    np.testing.assert_array_equal(held["grid"]["images"], frames)
    np.testing.assert_array_equal(held["grid"]["real"][0], recording.constants["real_samples"])
    np.testing.assert_array_equal(held["walk"]["images"], np.stack(list(recording.frames("walk"))))
    points = np.stack(list(recording.frames("points")))
    (left, right), (_low, _high) = held["points"]["window"]
    inside = points[..., 0] >= left
    error = np.abs(held["points"]["x"] - points[..., 0])[inside]
    assert error.max() <= (right - left) / LEVELS
    assert held["signals"]["values"].shape == (5, 3, 2, 40)
    assert "density" not in held


def test_a_panel_without_a_place_is_told_of(make_recording: Make) -> None:
    found = page_data([make_recording()], Look(panels="density, coverage, scores"))
    assert found.notice == "the page leaves out the panel coverage, scores"


def test_of_many_frames_the_first_the_last_and_those_of_verdicts_are_kept(
    make_recording: Make, unpack: Unpack
) -> None:
    recording = make_recording(frames=80)
    found = page_data([recording], Look(), most_frames=20)
    steps = unpack(found.data)["steps"]
    kept = {*steps.tolist()}
    assert {0, 3000} <= kept
    for one in verdicts(recording):
        assert min(recording.steps[recording.steps >= one.step]) in kept
    assert f"of 80 frames {len(steps)} are in the page" in found.notice


def test_what_nothing_can_be_made_of(make_recording: Make) -> None:
    hidden = {"scores_real": None}
    given = {"data": None, "losses": {}, "means": {}, "output": None, "pictures": hidden}
    recording = make_recording(beyond=False, **given)
    with pytest.raises(RecordingError, match="has none of them; choose another format"):
        page_data([recording], Look(panels="coverage"))
