"""What the clock of an animation follows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gan_viz.analysis import change
from gan_viz.analysis.change import LAG, MOST_FRAMES, motion
from gan_viz.recording import Recording, Writer

RANDOM = np.random.default_rng(0)


def recorded(path: Path, outputs: NDArray[np.float64], **channels: NDArray[np.float64]) -> Path:
    """A recording of G's outputs, shape (frames, values), and of other channels."""
    everything = {"generator": outputs, **channels}
    with Writer(path) as writer:
        for name, values in everything.items():
            output = {"output": "logit"} if name == "discriminator" else {}
            writer.add_channel(name, values.shape[1:], "float64", **output)
        for step in range(len(outputs)):
            writer.write_frame(step, {name: values[step] for name, values in everything.items()})
    return path


def change_of(path: Path) -> NDArray[np.float64]:
    with Recording(path) as recording:
        return change(recording)


@given(st.integers(2, 60), st.floats(-5, 5))
def test_a_steady_motion_is_all_motion(frames: int, speed: float) -> None:
    states = np.float32(np.arange(frames)[:, None] * speed + RANDOM.normal(size=20))
    found = motion(states)
    assert found.shape == (frames - 1,)
    if frames > 4:
        np.testing.assert_allclose(found[1:-1], abs(speed), rtol=1e-3, atol=1e-4)


def test_scatter_around_one_place_is_none_and_hides_no_motion_on_top() -> None:
    scatter = np.float32(RANDOM.normal(size=(400, 300)))
    single = np.abs(np.diff(scatter, axis=0)).mean()
    assert motion(scatter).mean() < 0.01 * single
    moving = scatter + np.float32(np.arange(400)[:, None])
    np.testing.assert_allclose(motion(moving)[LAG:-LAG].mean(), 1, rtol=0.05)


def test_a_jump_gets_its_time_spread_around_it() -> None:
    states = np.repeat(np.float32([0.0, 8.0]), 50)[:, None]
    found = motion(states)
    assert found.sum() == pytest.approx(8)
    assert np.flatnonzero(found).tolist() == list(range(49 - LAG // 2, 50 + LAG // 2))


def test_what_is_not_finite_counts_as_no_motion() -> None:
    states = np.zeros((40, 3), np.float32)
    states[20:, 0], states[10, 1], states[:, 2] = np.nan, np.inf, np.arange(40)
    found = motion(states)
    assert np.isfinite(found).all()
    assert found[5] == pytest.approx(1 / 3)


def test_a_run_that_settles_gets_little_time_afterwards(tmp_path: Path) -> None:
    """G travels over 60 frames of 200 and then trembles, by as much as it moved in a frame."""
    way = np.concatenate([np.linspace(-3, 0, 60), np.zeros(140)])
    outputs = way[:, None] + 0.05 * RANDOM.normal(size=(200, 100))
    position = np.cumsum(change_of(recorded(tmp_path / "a.ganviz", outputs)))
    assert position[60] > 0.8 * position[-1]


def test_frames_of_no_change_get_some_time_and_the_average_is_one(tmp_path: Path) -> None:
    outputs = np.concatenate([np.arange(50.0), np.full(150, 49.0)])[:, None]
    found = change_of(recorded(tmp_path / "a.ganviz", outputs))
    assert found[0] == 0
    assert found[100:].tolist() == [0.05] * 100
    assert found.mean() == pytest.approx(1, abs=0.1)


def test_d_counts_less_than_g(tmp_path: Path) -> None:
    g = np.concatenate([np.arange(100.0), np.full(100, 99.0)])[:, None]
    d = np.concatenate([np.zeros(100), np.linspace(0, 3, 100)])[:, None]
    found = change_of(recorded(tmp_path / "a.ganviz", g, discriminator=d, other=d[::-1]))
    assert found[10:90].sum() / found[110:190].sum() == pytest.approx(4, rel=0.1)


def test_saturated_logits_do_not_move(tmp_path: Path) -> None:
    still, logits = np.zeros((80, 5)), 100.0 + np.arange(80.0)[:, None]
    found = change_of(recorded(tmp_path / "a.ganviz", still, discriminator=logits))
    assert found[1:].tolist() == [0.05] * 79


def test_what_leaves_the_picture_takes_no_more_time(tmp_path: Path) -> None:
    """A few outputs that explode late would otherwise get all of it."""
    outputs = np.linspace(-3, 0, 200)[:, None] + RANDOM.normal(size=100)
    outputs[150:, :10] *= np.geomspace(1, 1e9, 50)[:, None]
    position = np.cumsum(change_of(recorded(tmp_path / "a.ganviz", outputs)))
    assert position[150] > 0.5 * position[-1]


def test_other_channels_count_where_there_is_nothing_better(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.ganviz") as writer:
        writer.add_channel("walk", (1,), "float64")
        for step in range(100):
            arrays = {"walk": np.array([min(step, 50.0)])} if step % 2 == 0 else {}
            writer.write_frame(step, arrays)
    found = change_of(tmp_path / "a.ganviz")
    np.testing.assert_allclose(found[5:40], 2, rtol=0.05)
    assert found[70:].tolist() == [0.05] * 30


def test_a_recording_of_very_many_frames_is_looked_at_here_and_there(tmp_path: Path) -> None:
    frames = 3 * MOST_FRAMES
    outputs = np.minimum(np.arange(frames), 300.0)[:, None]
    found = change_of(recorded(tmp_path / "a.ganviz", outputs))
    assert found.shape == (frames,)
    position = np.cumsum(found)
    assert position[310] > 0.7 * position[-1]


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_few_frames(tmp_path: Path, frames: int) -> None:
    found = change_of(recorded(tmp_path / "a.ganviz", RANDOM.normal(size=(frames, 4))))
    assert found.shape == (frames,)
    assert np.all(found[1:] >= 0.05)
