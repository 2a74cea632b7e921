"""Cells that are run again, interrupted, or forgotten; threads."""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import gan_viz
from gan_viz.errors import RecordingError, RecordingWarning, UsageError
from gan_viz.hooks import Recorder
from gan_viz.recording import Recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


def begin(path: Path, g: nn.Module | None = None, **options: Any) -> Recorder:
    usual = {"data": "norm(0, 1)", "every": 1}
    return Recorder(path, g or nn.Linear(1, 1), nn.Linear(1, 1), **{**usual, **options})


def test_a_cell_that_is_run_again_goes_on(path: Path) -> None:
    for _ in range(3):  # interrupted each time: nothing is closed
        recorder = begin(path)
        for _ in range(3):
            recorder.step(d_loss=1.0, g_loss=1.0)
    recorder.close()
    with Recording(path) as recording:
        assert recording.complete
        assert len(recording) == 4
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_failed_start_does_not_stand_in_the_way(path: Path) -> None:
    with pytest.raises(RecordingError) as kept:  # as a notebook keeps the last error
        begin(path, nn.Linear(2, 2), latent_dim=3)
    with begin(path) as recorder:
        recorder.step(d_loss=1.0)
    assert kept.value.__traceback__ is not None
    with Recording(path) as recording:
        assert recording.complete


def test_a_recorder_of_each_epoch_is_told_so(path: Path) -> None:
    g = nn.Linear(1, 1)
    with begin(path, g) as recorder:
        recorder.step()
    with pytest.warns(UserWarning, match="make one Recorder before the first epoch"):
        begin(path, g).close()
    begin(path, g, resume_at=0).close()  # goes on: nothing to say
    begin(path, nn.Linear(1, 1)).close()  # another G: a new run


def test_close_after_an_interrupt_completes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(sys, "last_value", raising=False)

    def cell(recorder: Recorder) -> None:
        recorder.step(d_loss=1.0)
        raise KeyboardInterrupt

    recorder = begin(path)
    try:
        cell(recorder)
    except KeyboardInterrupt as error:
        monkeypatch.setattr(sys, "last_value", error, raising=False)  # as a notebook does
    recorder.close()
    with Recording(path) as recording:
        assert not recording.complete
        assert recording.scalars["d_loss"].values.tolist() == [1.0]


def test_another_cell_that_fails_does_not_matter(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(sys, "last_value", raising=False)
    recorder = begin(path)
    recorder.step(d_loss=1.0)
    monkeypatch.setattr(sys, "last_value", ZeroDivisionError(), raising=False)
    recorder.close()
    with Recording(path) as recording:
        assert recording.complete


def test_a_failure_within_try_and_finally_completes_nothing(path: Path) -> None:
    recorder = begin(path)
    with pytest.raises(ZeroDivisionError):
        try:
            recorder.step(d_loss=1.0)
            raise ZeroDivisionError
        finally:
            recorder.close()
    with Recording(path) as recording:
        assert not recording.complete


def test_an_interrupted_second_run_is_told_of(path: Path) -> None:
    begin(path).close()
    second = begin(path)
    second.step(d_loss=1.0, g_loss=1.0)
    second.close(complete=False)
    beside = path.with_name("run.new.ganviz")
    with Recording(path) as recording:
        assert recording.newer == beside
    with pytest.warns(RecordingWarning, match=r"run\.new\.ganviz is newer.*give its name"):
        gan_viz.render(path, path.with_name("a.png"), size=(320, 180), poster=True)
    gan_viz.render(beside, path.with_name("b.png"), size=(320, 180), poster=True)
    with Recording(beside) as recording:
        assert recording.newer is None
        assert recording.steps.tolist() == [0, 1]


def test_a_recording_without_frames_says_that_it_is_being_recorded(path: Path) -> None:
    recorder = begin(path, hooks=["scalars"], data=None, every=[5])
    recorder._writer.flush()
    with Recording(path) as recording:
        frames = len(recording)
    writer = gan_viz.recording.Writer(path.with_name("b.ganviz"))
    with pytest.raises(RecordingError, match="no frames yet, as it is being recorded"):
        gan_viz.render(writer.path, path.with_name("a.gif"))
    writer.close()
    with pytest.raises(RecordingError, match="it holds no frames; there is nothing to show"):
        gan_viz.render(writer.path, path.with_name("a.gif"))
    recorder.close()
    assert frames == 1


@pytest.mark.parametrize("step", [4, 1000])
def test_resuming_beyond_the_end_names_the_last_step(path: Path, step: int) -> None:
    with begin(path) as recorder:
        for _ in range(3):
            recorder.step(d_loss=1.0)
    with pytest.raises(UsageError, match=f"resumed at step {step}: its last step is 3"):
        begin(path, resume_at=step)
    begin(path, resume_at=3).close()


def test_a_killed_run_is_resumed_where_its_scalars_end(path: Path) -> None:
    recorder = begin(path, every=[1])
    for _ in range(7):
        recorder.step(d_loss=1.0)
    recorder.close(complete=False)
    resumed = begin(path, every=[1], resume_at=7)
    assert resumed.steps_made == 7
    resumed.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors by /proc")
def test_dropped_recorders_are_finalised(tmp_path: Path) -> None:
    def count() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208

    before = count()
    for number in range(8):
        recorder = begin(tmp_path / f"{number}.ganviz")
        recorder.step(d_loss=float(number))
    del recorder
    gc.collect()
    files, threads = count()
    assert files <= before[0] + 1
    assert threads <= before[1]
    with Recording(tmp_path / "7.ganviz") as recording:
        assert not recording.complete
        assert recording.scalars["d_loss"].values.tolist() == [7.0]


def test_numbers_beyond_all_floats_are_infinite(path: Path) -> None:
    with begin(path) as recorder:
        recorder.step(d_loss=10**400, g_loss=-(10**400))
        recorder.step(d_loss=1.0, g_loss=2.0)
    with Recording(path) as recording:
        assert recording.scalars["d_loss"].values.tolist() == [np.inf, 1.0]
        assert recording.scalars["g_loss"].values.tolist() == [-np.inf, 2.0]


def test_threads_are_served_one_after_the_other(path: Path) -> None:
    recorder, failed = begin(path, every=3), []

    def work() -> None:
        try:
            for _ in range(50):
                recorder.step(d_loss=torch.tensor(1.0))
        except RecordingError as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    assert not failed
    with Recording(path) as recording:
        assert recording.scalars["d_loss"].steps.tolist() == list(range(1, 201))
        assert recording.steps.tolist()[:-1] == list(range(0, 200, 3))
