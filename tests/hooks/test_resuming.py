"""A training that is interrupted and resumed is recorded as one that was not."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from gan_viz.errors import RecordingError
from gan_viz.hooks import Recorder
from gan_viz.hooks.cadence import FRAMES
from gan_viz.hooks.scalars import ScalarsHook
from gan_viz.recording import Recording


class Shift(nn.Module):
    """G(z) = z + b; b tells the step."""

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Parameter(torch.tensor(0.0))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return z + self.b


def train(path: Path, start: int, stop: int, **options: Any) -> None:
    """Steps start + 1 to stop; what is recorded of a step depends on its number alone."""
    g, d = Shift(), nn.Linear(1, 1)
    with torch.no_grad():
        g.b.fill_(start)
        d.weight.fill_(1)
        d.bias.fill_(0)
    with Recorder(path, g, d, data="norm(0, 1)", **options) as recorder:
        for step in range(start + 1, stop + 1):
            with torch.no_grad():
                g.b.fill_(step)
            recorder.step(loss=torch.tensor(1.0 / step))
        assert recorder.steps_made == stop


def assert_equal(path: Path, expected: Path) -> None:
    with Recording(path) as one, Recording(expected) as other:
        assert one.steps.tolist() == other.steps.tolist()
        assert one.complete
        assert other.complete
        assert one.channels == other.channels
        for name in other.constants:
            np.testing.assert_array_equal(one.constants[name], other.constants[name])
        for name in other.channels:
            for a, b in zip(one.frames(name), other.frames(name), strict=True):
                np.testing.assert_array_equal(a, b)
        for name, series in other.scalars.items():
            assert one.scalars[name].steps.tolist() == series.steps.tolist()
            assert one.scalars[name].values.tolist() == series.values.tolist()


@pytest.mark.parametrize("every", [4, [1, 2, 7, 30]])
@pytest.mark.parametrize(("at", "until", "end"), [(12, 20, 31), (0, 5, 9), (5, 6, 6)])
def test_resumed_equals_straight(
    tmp_path: Path, every: int | Collection[int], at: int, until: int, end: int
) -> None:
    straight, path = tmp_path / "straight.ganviz", tmp_path / "run.ganviz"
    train(straight, 0, end, every=every)
    train(path, 0, until, every=every)
    train(path, at, end, every=every, resume_at=at)
    assert_equal(path, straight)


@settings(max_examples=5)
@given(st.integers(0, 1200), st.integers(1, 300))
@example(800, 1)
@example(399, 300)
def test_frames_go_on_as_far_apart_as_before(until: int, back: int) -> None:
    at, end = max(0, until - back), 4 * FRAMES + until
    with TemporaryDirectory() as folder:
        straight, path = Path(folder, "straight.ganviz"), Path(folder, "run.ganviz")
        for name, start, stop, resume_at in (
            (straight, 0, end, None),
            (path, 0, until, None),
            (path, at, end, at),
        ):
            hooks = [ScalarsHook()]
            with Recorder(name, Shift(), hooks=hooks, resume_at=resume_at) as recorder:
                for step in range(start + 1, stop + 1):
                    recorder.step(loss=1 / step)
        assert_equal(path, straight)


def test_the_latents_and_the_grid_stay_wherever_g_has_gone(tmp_path: Path) -> None:
    path = tmp_path / "run.ganviz"
    train(path, 0, 500, every=[1, 2, 3])
    with Recording(path) as recording:
        before = {name: np.array(array) for name, array in recording.constants.items()}
    train(path, 500, 501, resume_at=500, every=1)
    with Recording(path) as recording:
        for name, array in before.items():
            np.testing.assert_array_equal(recording.constants[name], array)
        z = recording.constants["latents"][:, 0]
        np.testing.assert_array_equal(recording.array("generator", -1), z + np.float32(501))
        assert recording.steps.tolist() == [0, 1, 2, 3, 500, 501]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"latent": "uniform"}, "its latent is .*normal.*, not .*uniform"),
        ({"data": "norm(1, 1)"}, "its target is"),
        ({"discriminator": nn.Sequential(nn.Linear(1, 1), nn.Sigmoid())}, "attributes of its ch"),
    ],
)
def test_another_game_is_refused_and_nothing_lost(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    path = tmp_path / "run.ganviz"
    train(path, 0, 5)
    usual = {"data": "norm(0, 1)", "discriminator": nn.Linear(1, 1)}
    with pytest.raises(RecordingError, match=message):
        Recorder(path, Shift(), **{**usual, **options}, resume_at=2)
    with Recording(path) as recording:
        assert recording.steps.tolist() == [0, 1, 2, 3, 4, 5]
        assert recording.complete


def test_without_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "run.ganviz"
    with pytest.raises(RecordingError, match="no recording"):
        Recorder(path, Shift(), data="norm(0, 1)", resume_at=1)
    train(path, 0, 2, resume_at=0)
    with Recording(path) as recording:
        assert recording.steps.tolist() == [0, 1, 2]


def test_closing_as_unfinished(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.ganviz", Shift(), data="norm(0, 1)", every=2)
    recorder.step(loss=1.0)
    recorder.close(complete=False)
    recorder.close()
    with Recording(recorder.path) as recording:
        assert not recording.complete
        assert recording.steps.tolist() == [0]
        assert recording.scalars["loss"].steps.tolist() == [1]


def test_pictures(tmp_path: Path) -> None:
    """The real pictures stay those shown first, whatever batch the second run begins with."""
    path = tmp_path / "run.ganviz"
    g, d = nn.Sequential(nn.Linear(3, 16), nn.Tanh()), nn.Linear(16, 1)
    batches = 2 * torch.rand(2, 10, 16, generator=torch.Generator().manual_seed(0)) - 1
    for real, resume_at in zip(batches, (None, 1), strict=True):
        options = {"real": real, "latent_dim": 3, "resume_at": resume_at}
        with Recorder(path, g, d, labels=torch.arange(10), **options) as recorder:
            recorder.step()
            recorder.step()
    with Recording(path) as recording:
        assert recording.steps.tolist() == [0, 1, 2, 3]
        shown = recording.constants["real_samples"]
        np.testing.assert_allclose(shown.reshape(10, 16) / 127.5 - 1, batches[0], atol=0.01)
        first, *_, last = recording.frames("samples")
        np.testing.assert_array_equal(first, last)  # the same latents: G has not changed
    with pytest.raises(RecordingError, match="shape of its constant 'real_samples'"):
        Recorder(path, g, d, real=batches[0][:8], latent_dim=3, resume_at=1)


def test_a_failing_last_frame_leaves_an_unfinished_recording(tmp_path: Path) -> None:
    class Broken(Shift):
        def forward(self, z: torch.Tensor) -> torch.Tensor:
            if self.b > 0:
                raise ZeroDivisionError
            return z

    g = Broken()
    recorder = Recorder(tmp_path / "run.ganviz", g, data="norm(0, 1)", every=2)
    recorder.step(loss=1.0)
    with torch.no_grad():
        g.b.fill_(1)
    with pytest.raises(ZeroDivisionError):
        recorder.close()
    with pytest.raises(RecordingError, match="is closed"):
        recorder.step(loss=2.0)
    with Recording(recorder.path) as recording:
        assert not recording.complete
        assert recording.steps.tolist() == [0]
