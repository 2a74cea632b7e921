"""Every registered hook keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from gan_viz.hooks import Hook, Recorder
from gan_viz.recording import Recording
from gan_viz.registry import HOOKS


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_every_hook_works_alone(name: str, tmp_path: Path) -> None:
    hook = HOOKS[name]()
    assert isinstance(hook, Hook)
    g, d = nn.Linear(1, 1), nn.Linear(1, 1)
    with Recorder(tmp_path / "a.ganviz", g, d, data="norm(0, 1)", hooks=[hook]) as recorder:
        for _ in range(3):
            recorder.step(d_loss=torch.tensor(1.0), g_loss=0.5)
    with Recording(tmp_path / "a.ganviz") as recording:
        assert recording.steps.tolist() == [0, 1, 2, 3]
        assert recording.channels or recording.scalars


def test_an_empty_hook_is_a_hook(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.ganviz", nn.Linear(1, 1), hooks=[Hook()]) as recorder:
        recorder.step()
    with Recording(tmp_path / "a.ganviz") as recording:
        assert recording.steps.tolist() == [0, 1]
