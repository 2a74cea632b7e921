"""A statistic of samples is drawn as one-dimensional data is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn

from gan_viz.distributions import from_description
from gan_viz.errors import DataError, RecordingError
from gan_viz.hooks import Recorder
from gan_viz.hooks.statistic import StatisticHook
from gan_viz.recording import Recording
from gan_viz.registry import PANELS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


REAL = torch.randn(200, 1, 2, 2, generator=torch.Generator().manual_seed(0))
SHAPE = (1, 2, 2)


def test_of_real_and_generated_samples(path: Path) -> None:
    """The mean of four independent normal values is N(0, 1/4)."""
    hook = StatisticHook()
    Recorder(path, nn.Identity(), real=REAL, latent_dim=SHAPE, hooks=[hook]).close()
    with Recording(path) as recording:
        values = recording.array("generator", 0)
        known = from_description(recording.header["target"])
        assert recording.header["statistic"] == known.label == "mean intensity"
        panel = PANELS["density"]().bind(recording)
    assert values.shape == (512,)
    assert values.mean() == pytest.approx(0, abs=0.01)
    assert values.std() == pytest.approx(0.5, rel=0.02)
    of_real = REAL.mean((1, 2, 3)).numpy()
    assert known.mean == pytest.approx(of_real.mean(), abs=1e-6)
    assert known.std == pytest.approx(of_real.std(), rel=1e-6)
    assert panel.target is not None
    density = panel.densities[0].astype(float)
    expected = scipy.stats.norm(0, 0.5).pdf(panel.x)
    assert np.trapezoid(np.abs(density - expected), panel.x) < 0.15


def test_ones_own(path: Path) -> None:
    def largest(samples: torch.Tensor) -> torch.Tensor:
        return samples.flatten(1).amax(1)

    hook = StatisticHook(largest, "largest value", latents=300)
    Recorder(path, nn.Identity(), real=REAL, latent_dim=SHAPE, hooks=[hook]).close()
    with Recording(path) as recording:
        expected = hook._fixed.latents.flatten(1).amax(1).numpy()
        np.testing.assert_array_equal(recording.array("generator", 0), expected)
        assert recording.header["target"]["label"] == "largest value"


def test_a_network_with_dropout_and_a_draw_leave_no_trace(path: Path) -> None:
    judge = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(4, 1), nn.Flatten(0))
    options = {"real": REAL, "latent_dim": SHAPE}
    state = torch.get_rng_state()
    Recorder(path, nn.Identity(), hooks=[StatisticHook(judge)], **options).close()
    noisy = StatisticHook(lambda samples: torch.randn(len(samples)))
    Recorder(path.with_name("b.ganviz"), nn.Identity(), hooks=[noisy], **options).close()
    assert torch.equal(torch.get_rng_state(), state)
    assert all(part.training for part in judge.modules())


def test_a_conditional_generator_makes_all_classes(path: Path) -> None:
    class Labels(nn.Module):
        def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return labels.float()[:, None]

    options = {"classes": ["a", "b", "c"], "conditional": True, "latent_dim": 2}
    Recorder(path, Labels(), hooks=[StatisticHook(latents=300)], **options).close()
    with Recording(path) as recording:
        assert np.bincount(recording.array("generator", 0).astype(int)).tolist() == [100] * 3
        assert "target" not in recording.header


def test_what_is_no_statistic_is_refused(path: Path) -> None:
    hook = StatisticHook(lambda samples: samples.mean(), "mean")
    with pytest.raises(RecordingError, match=r"'mean' maps \(128, 4\) to \(\): expected"):
        Recorder(path, nn.Identity(), latent_dim=4, hooks=[hook])
    constant = StatisticHook(lambda samples: torch.ones(len(samples)))
    with pytest.raises(DataError, match="variance"):
        Recorder(path, nn.Identity(), real=REAL, latent_dim=SHAPE, hooks=[constant])


def test_a_recording_of_a_statistic_goes_on(path: Path) -> None:
    options = {"real": REAL, "latent_dim": SHAPE, "every": 1}
    with Recorder(path, nn.Identity(), hooks=[StatisticHook()], **options) as recorder:
        recorder.step()
    with Recorder(path, nn.Identity(), hooks=[StatisticHook()], resume_at=1, **options) as more:
        more.step()
    with Recording(path) as recording:
        assert recording.steps.tolist() == [0, 1, 2]
        assert recording.header["target"]["label"] == "mean intensity"
