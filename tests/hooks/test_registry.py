"""Every registered hook keeps the contract."""

from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from gan_viz.errors import RecordingError, UsageError
from gan_viz.hooks import Hook, Recorder, buffering
from gan_viz.recording import Recording
from gan_viz.registry import HOOKS


def step(recorder: Recorder, game: Any) -> None:
    """A backward pass and the end of a step, as far as hooks can tell."""
    of_g, of_d = game.batch(8)
    fake = game.generator(*of_g)
    loss = (game.discriminator(fake, *of_g[1:]) - game.discriminator(*of_d)).mean()
    loss.backward()
    recorder.step(d_loss=loss, g_loss=0.5)


def test_every_hook_works_alone(case: Any, tmp_path: Path) -> None:
    game, hook = case.build(), case.hook()
    assert isinstance(hook, Hook)
    networks = game.generator, game.discriminator
    path = tmp_path / "a.ganviz"
    with Recorder(path, *networks, **game.options(), every=1, hooks=[hook]) as recorder:
        for _ in range(12):
            step(recorder, game)
    with Recording(path) as recording:
        assert recording.steps.tolist() == list(range(13))
        assert recording.channels or recording.scalars


@pytest.mark.parametrize(
    ("name", "kind"),
    [("distribution", "pictures"), ("samples", "plain"), ("walk", "plain")],
)
def test_samples_of_the_wrong_kind_are_refused_clearly(
    name: str, kind: str, make_game: Callable[[str], Any], tmp_path: Path
) -> None:
    game = make_game(kind)
    networks = game.generator, game.discriminator
    with pytest.raises((RecordingError, UsageError), match="hook"):
        Recorder(tmp_path / "a.ganviz", *networks, **game.options(), hooks=[HOOKS[name]()])


def test_no_hook_waits_for_the_device_between_frames(
    stateful_case: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On the meta device there is nothing to fetch: whoever tries to, fails."""
    monkeypatch.setattr(buffering, "PATIENCE", math.inf)
    game = stateful_case.build()
    networks = game.generator, game.discriminator
    options = {**game.options(), "every": 1000, "hooks": [stateful_case.hook()]}
    recorder = Recorder(tmp_path / "a.ganviz", *networks, **options)
    for network in networks:
        for parameter in network.to("meta").parameters():
            parameter.grad = torch.zeros_like(parameter)
    for _ in range(30):
        recorder.step(d_loss=torch.zeros((), device="meta"), g_loss=0.5)
    recorder._writer.close(complete=False)


def test_the_meta_device_would_tell() -> None:
    for fetch in (torch.Tensor.item, torch.Tensor.cpu, torch.Tensor.tolist, float, bool):
        with pytest.raises((RuntimeError, NotImplementedError)):
            fetch(torch.zeros((), device="meta"))


@pytest.fixture
def count_alive() -> Iterator[Callable[[], tuple[int, int]]]:
    """Count the tensors and the objects that have come since."""

    def count() -> tuple[int, int]:
        gc.collect()
        # a connection of sqlite3 lets go of weak references to its cursors by the hundred
        types = [type(o) for o in gc.get_objects() if type(o) is not weakref.ReferenceType]
        return sum(issubclass(kind, torch.Tensor) for kind in types), len(types)

    gc.collect()
    gc.freeze()  # what was there before is left out
    yield count
    gc.unfreeze()


def test_memory_does_not_grow(
    stateful_case: Any, count_alive: Callable[[], tuple[int, int]], tmp_path: Path
) -> None:
    game = stateful_case.build()
    networks = game.generator, game.discriminator
    options = {**game.options(), "every": 2, "hooks": [stateful_case.hook()]}
    with Recorder(tmp_path / "a.ganviz", *networks, **options) as recorder:
        counts = []
        for _ in range(3):
            for _ in range(20):
                step(recorder, game)
            recorder._writer.flush()
            counts.append(count_alive())
    tensors, objects = zip(*counts, strict=True)
    assert tensors[1] == tensors[2]
    assert objects[2] - objects[1] < 10  # fewer than frames since


def test_hooks_are_closed_after_success_and_failure(tmp_path: Path) -> None:
    class Closing(Hook):
        closed = 0

        def close(self) -> None:
            self.closed += 1

    class Failing(Hook):
        def start(self, run: Any) -> None:
            raise ZeroDivisionError

    hook = Closing()
    Recorder(tmp_path / "a.ganviz", nn.Linear(1, 1), hooks=[hook]).close()
    assert hook.closed == 1
    with pytest.raises(ZeroDivisionError):
        Recorder(tmp_path / "b.ganviz", nn.Linear(1, 1), hooks=[hook, Failing()])
    assert hook.closed == 2
    with (
        pytest.raises(ZeroDivisionError),
        Recorder(tmp_path / "c.ganviz", nn.Linear(1, 1), hooks=[hook]),
    ):
        raise ZeroDivisionError
    assert hook.closed == 3


def test_an_empty_hook_is_a_hook(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.ganviz", nn.Linear(1, 1), hooks=[Hook()]) as recorder:
        recorder.step()
    with Recording(tmp_path / "a.ganviz") as recording:
        assert recording.steps.tolist() == [0, 1]
