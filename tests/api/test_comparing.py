"""Recordings side by side."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import gan_viz
from gan_viz.analysis import change
from gan_viz.api import Look, compare
from gan_viz.api.comparing import _choose_panels, _usual_size
from gan_viz.errors import RecordingError, UsageError
from gan_viz.panels.choosing import make_panels
from gan_viz.panels.density import DensityPanel
from gan_viz.panels.losses import LossesPanel
from gan_viz.recording import Recording, Writer
from gan_viz.registry import PANELS
from gan_viz.rendering import Canvas, Comparison
from gan_viz.rendering.timeline import SharedSteps

SMALL: dict[str, Any] = {"size": (480, 270), "jobs": 1}
_panels = runpy.run_path(str(Path(__file__).parents[1] / "panels" / "conftest.py"))
make_recording = _panels["make_recording"]
Make = Callable[..., Recording]


def test_two_runs_of_unlike_cadence_make_a_gif_as_long_as_the_longer(
    make_recording: Make, tmp_path: Path
) -> None:
    pair = [make_recording(frames=4, last=90), make_recording(frames=7, last=300)]
    told: list[int] = []
    rendered = compare(
        pair,
        tmp_path / "a.gif",
        panel="losses",
        progress=lambda task, done, total, figures: told.append(total),
        **SMALL,
    )
    assert told[-1] == rendered.frames <= 7
    with Image.open(rendered.path) as image:
        assert image.size == (480, 270)
    longer = compare(pair, tmp_path / "a.gif", panel="losses", duration=0.45, hold=0, **SMALL)
    assert longer.frames == 9  # of the 10 steps at which one of them has a frame
    assert len(pair[0]) == 4, "what was open stays open"


def test_the_still_is_a_frame_of_the_animation(make_recording: Make, tmp_path: Path) -> None:
    paths = [make_recording(frames=2, last=100).path] * 2
    look = {"theme": "dark", "panel": "losses", **SMALL}
    compare(paths, f"{tmp_path}/frames/", **look)
    for at, number in (([], 2), ([0], 1)):
        still = compare(paths, tmp_path / "a.png", at=at, **look)
        frame = Image.open(tmp_path / "frames" / f"frames-{number:04d}.png")
        difference = np.asarray(frame.convert("RGB"), int) - Image.open(still.path).convert("RGB")
        assert np.abs(difference).mean() < 0.1
    assert (still.frames, still.notice) == (1, "")
    notice = compare(paths[0], tmp_path / "b.svg", at=[49], **look).notice
    assert notice == "no frame was recorded at step 49: shown are steps 0"


def test_a_budget_is_kept_as_far_as_pictures_can_be_read(
    make_recording: Make, tmp_path: Path
) -> None:
    pair = [make_recording(frames=2)] * 2
    look: dict[str, Any] = {"panel": "losses", **SMALL}
    free = compare(pair, tmp_path / "a.gif", **look)
    tight = compare(pair, tmp_path / "a.gif", max_bytes=free.bytes * 3 // 4, **look)
    assert tight.bytes <= free.bytes * 3 // 4
    assert "to fit into" in tight.notice
    sixteen = Comparison(pair * 8, make_panels(["losses"] * 16), Canvas(640, 360))
    assert sixteen.smallest == (640, 360)
    for size in ((639, 360), (640, 359)):
        with pytest.raises(UsageError, match="at least 160x90"):
            Comparison(pair * 8, make_panels(["losses"] * 16), Canvas(*size))


@pytest.mark.parametrize("pace", ["recorded", "linear", "sqrt", "log", "change"])
def test_one_recording_goes_at_its_own_pace(make_recording: Make, pace: str) -> None:
    recording = make_recording(frames=4)
    steps, alone = recording.steps, SharedSteps([recording]).positions(pace)
    expected = {
        "recorded": np.arange(4),
        "linear": steps,
        "sqrt": np.sqrt(steps),
        "log": np.log(1 + steps),
        "change": np.cumsum(change(recording)),
    }
    np.testing.assert_allclose(alone, expected[pace])
    np.testing.assert_array_equal(SharedSteps([recording] * 3).positions(pace), alone)


def test_several_go_at_the_mean_of_their_paces(make_recording: Make) -> None:
    short, long = make_recording(frames=2, last=100), make_recording(frames=3, last=400)
    shared = SharedSteps([short, long])
    assert shared.steps.tolist() == [0, 100, 200, 400]
    found = shared.positions("recorded")
    np.testing.assert_allclose(found, [0, (1 + 0.5) / 2, (1 + 1) / 2, (1 + 2) / 2])


@pytest.mark.parametrize(
    ("number", "columns", "size"),
    [
        (1, None, (960, 540)),
        (6, None, (960, 540)),
        (15, 3, (1200, 900)),
        (16, None, (1280, 720)),
        (200, None, (1920, 1080)),
    ],
)
def test_the_size_grows_with_the_number(
    make_recording: Make, number: int, columns: int | None, size: tuple[int, int]
) -> None:
    panels = make_panels(["losses"] * number)
    assert _usual_size([make_recording(frames=1)] * number, columns, panels) == size


def test_panels_of_a_recording_are_stacked(make_recording: Make, tmp_path: Path) -> None:
    pair = [make_recording(frames=2), make_recording(frames=2)]
    look = Look(panels="density, losses(strip=yes)")
    panels = _choose_panels(pair, None, look)
    assert [*map(type, panels)] == [DensityPanel, LossesPanel] * 2
    assert _usual_size(pair * 4, 2, panels * 4)[1] == round(1.45 * 4 * 180)
    drawn = compare(pair, tmp_path / "a.png", look, size=(960, 540))
    assert drawn.size == (960, 540)


def test_panels(make_recording: Make, tmp_path: Path) -> None:
    full = make_recording(frames=1)
    with Writer(tmp_path / "losses.ganviz") as writer:
        writer.write_frame(0, {})
        writer.write_scalars([1], {"d_loss": [1.0], "g_loss": [1.0]})
    with Writer(tmp_path / "none.ganviz") as writer:
        writer.write_frame(0, {})
    with Recording(tmp_path / "losses.ganviz") as losses, Recording(tmp_path / "none.ganviz") as no:
        (density,) = _choose_panels([full], None, Look())
        assert isinstance(density, DensityPanel)
        assert density.dstar is False
        assert [*map(type, _choose_panels([full, losses], None, Look()))] == [LossesPanel] * 2
        (outputs,) = _choose_panels([full], "grid", Look(panels=["outputs"]))
        assert isinstance(outputs, PANELS["outputs"])
        (figure1,) = _choose_panels([full], None, Look(arrows="map", density="kde"))
        assert isinstance(figure1, DensityPanel)
        assert (figure1.arrows, figure1.density) == ("map", "kde")
        with pytest.raises(RecordingError, match="2 recordings have nothing in common"):
            _choose_panels([full, no], None, Look())


def test_what_cannot_be_compared_is_refused(make_recording: Make, tmp_path: Path) -> None:
    run = make_recording(frames=2).path
    with Writer(tmp_path / "empty.ganviz"):
        pass
    out = tmp_path / "a.png"
    with pytest.raises(RecordingError, match="holds no frames"):
        compare([run, tmp_path / "empty.ganviz"], out)
    with pytest.raises(UsageError, match="no recordings"):
        compare([], out)
    with pytest.raises(UsageError, match=r"steps 0, 9: .* one step; expected one, like 9"):
        compare([run, run], out, at=[0, 9], panel="losses")
    with pytest.raises(UsageError, match="1 titles for 2 recordings"):
        compare([run, run], out, titles=["a"], panel="losses")
    assert not out.exists()


def test_the_command(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from gan_viz import cli

    words = ["compare", str(run), str(run), "--titles", "a,b", "--columns", "1"]
    out = tmp_path / "a.png"
    monkeypatch.setattr(
        sys,
        "argv",
        ["gan-viz", *words, "--size", "480x270", "--panels", "losses", "--out", str(out)],
    )
    cli.main()
    assert f"{out}: 1 frame, 480x270" in capsys.readouterr().err
    with Image.open(out) as image:
        assert image.size == (480, 270)


def test_a_race_is_there_by_name() -> None:
    assert callable(gan_viz.api.race)
