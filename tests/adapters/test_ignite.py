"""The handlers, with the real PyTorch-Ignite."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.hooks import Recorder
from gan_viz.recording import Recording
from gan_viz.registry import ADAPTERS


@cache
def engines() -> Any:
    """Loaded by the process that runs these tests, and not by all that collect them: 2 s."""
    return pytest.importorskip("ignite.engine")


def attach(*arguments: Any, **options: Any) -> Any:
    return ADAPTERS["ignite"](*arguments, **options)


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "run.ganviz", nn.Linear(1, 1), data="norm(0, 1)", every=1)


def output_of(engine: Any, batch: int) -> dict[str, Any]:
    if batch == 13:
        raise ZeroDivisionError
    return {"d_loss": torch.tensor(float(batch)), "g_loss": batch / 2, "note": "x"}


def read(recorder: Recorder) -> tuple[bool, list[int], dict[str, list[float]]]:
    with Recording(recorder.path) as recording:
        values = {name: series.values.tolist() for name, series in recording.scalars.items()}
        return recording.complete, recording.steps.tolist(), values


def test_every_iteration_is_a_step(recorder: Recorder) -> None:
    trainer = engines().Engine(output_of)
    assert attach(recorder, trainer) is recorder
    trainer.run([1, 2, 3], max_epochs=2)
    complete, steps, values = read(recorder)
    assert complete
    assert steps == list(range(7))
    assert values == {"d_loss": [1, 2, 3, 1, 2, 3], "g_loss": [0.5, 1, 1.5, 0.5, 1, 1.5]}


def test_an_output_may_be_anything(recorder: Recorder) -> None:
    trainer = engines().Engine(lambda engine, batch: (batch, -batch))
    attach(recorder, trainer, lambda output: {"d_loss": output[0], "g_loss": output[1]})
    trainer.run([4.0, 5.0])
    assert read(recorder)[2] == {"d_loss": [4, 5], "g_loss": [-4, -5]}


def test_what_cannot_be_recorded_is_named(recorder: Recorder) -> None:
    trainer = engines().Engine(lambda engine, batch: (batch, -batch))
    attach(recorder, trainer)
    with pytest.raises(UsageError, match="output is tuple: expected a mapping"):
        trainer.run([1])


@pytest.mark.parametrize("options", [{}, {"skip_completed": True}])
def test_a_terminated_run_is_complete(recorder: Recorder, options: dict[str, bool]) -> None:
    trainer = engines().Engine(output_of)
    attach(recorder, trainer)
    trainer.add_event_handler(
        engines().Events.ITERATION_COMPLETED(once=2), lambda engine: engine.terminate(**options)
    )
    trainer.run([1, 2, 3])
    assert read(recorder)[:2] == (True, [0, 1, 2])


def test_an_exception_goes_its_way_and_leaves_an_unfinished_recording(recorder: Recorder) -> None:
    trainer = engines().Engine(output_of)
    attach(recorder, trainer)
    with pytest.raises(ZeroDivisionError):
        trainer.run([1, 2, 13, 4])
    assert read(recorder)[:2] == (False, [0, 1, 2])


@pytest.mark.parametrize("first", [True, False])
def test_the_users_own_handling_of_exceptions_decides(recorder: Recorder, first: bool) -> None:
    trainer = engines().Engine(output_of)
    if not first:
        attach(recorder, trainer)

    @trainer.on(engines().Events.EXCEPTION_RAISED)
    def stop(engine: Any, error: Exception) -> None:
        engine.terminate()

    if first:
        attach(recorder, trainer)
    trainer.run([1, 2, 13, 4])
    assert read(recorder)[:2] == (True, [0, 1, 2])


def test_an_interrupted_run_is_resumed(recorder: Recorder) -> None:
    trainer = engines().Engine(output_of)
    attach(recorder, trainer)
    with pytest.raises(ZeroDivisionError):
        trainer.run([1, 2, 3, 13])
    resumed = Recorder(recorder.path, nn.Linear(1, 1), data="norm(0, 1)", every=1, resume_at=2)
    trainer = engines().Engine(output_of)
    attach(resumed, trainer)
    trainer.run([8, 9])
    complete, steps, values = read(resumed)
    assert complete
    assert steps == [0, 1, 2, 3, 4]
    assert values["d_loss"] == [1, 2, 8, 9]
