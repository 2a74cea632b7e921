"""G at latents between the others, recorded to check that these are enough."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.analysis import GeneratedDensity
from gan_viz.distributions.latent import CHECKS
from gan_viz.hooks import Recorder
from gan_viz.hooks.distribution import DistributionHook
from gan_viz.recording import Recording


class Wave(nn.Module):
    """A G of many waves, 0 at all latents that are stratified in a thousand and twenty-four."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.cos(1024 * torch.pi * torch.special.ndtr(z.double())).float()


def record(path: Path, g: nn.Module, dim: int = 1, **options: object) -> Recording:
    hook = DistributionHook(interval=(-3, 3), **options)  # type: ignore[arg-type]
    Recorder(path, g, latent_dim=dim, hooks=[hook]).close()
    return Recording(path)


def test_they_are_outputs_of_g(tmp_path: Path) -> None:
    g = nn.Linear(1, 1)
    with record(tmp_path / "a.ganviz", g) as recording:
        for channel, constant in (
            ("generator", "latents"),
            ("generator_between", "latents_between"),
        ):
            z = torch.from_numpy(np.array(recording.constants[constant]))
            assert recording.array(channel, 0) == pytest.approx(g(z).detach().numpy().ravel())
        assert recording.channels["generator"].shape == (1024,)
        assert recording.channels["generator_between"].shape == (CHECKS,)
        assert not GeneratedDensity(recording).is_estimate


def test_a_wave_that_hides_between_the_latents_is_seen(tmp_path: Path) -> None:
    with record(tmp_path / "a.ganviz", Wave()) as recording:
        assert np.abs(recording.array("generator", 0)).max() < 0.01
        assert GeneratedDensity(recording).is_estimate


@pytest.mark.parametrize(
    ("dim", "options"),
    [(2, {}), (1, {"latents": 1}), (1, {"z": [[1.0], [0.5], [2.0]]})],
    ids=["two dimensions", "one latent", "not ascending"],
)
def test_there_are_none_where_nothing_is_between(tmp_path: Path, dim: int, options: dict) -> None:
    with record(tmp_path / "a.ganviz", nn.Linear(dim, 1), dim, **options) as recording:
        assert "generator_between" not in recording.channels
        assert "latents_between" not in recording.constant_channels
