"""Walk strips hold G along the ways between the same latents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.hooks import Recorder
from gan_viz.hooks.interpolation import lerp, slerp
from gan_viz.hooks.walk import WalkHook
from gan_viz.recording import Recording

WIDE = -8.0, 8.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


def values(found: np.ndarray) -> np.ndarray:
    """Bytes as the numbers they stand for."""
    return WIDE[0] + found.astype(np.float64) * (WIDE[1] - WIDE[0]) / 255


def test_rows_are_the_ways_between_the_same_ends(path: Path) -> None:
    hook = WalkHook(rows=3, length=7, value_range=WIDE)
    Recorder(path, nn.Identity(), latent_dim=(1, 4, 4), hooks=[hook]).close()
    with Recording(path) as recording:
        assert recording.channels["walk"].attributes["kind"] == ["slerp", "lerp", "slerp"]
        bytes_ = recording.array("walk", 0)
    assert bytes_.shape == (3, 7, 4, 4)
    np.testing.assert_array_equal(bytes_[0, [0, -1]], bytes_[1, [0, -1]])
    assert not np.array_equal(bytes_[0], bytes_[2])
    walks, t = values(bytes_), np.linspace(0, 1, 7)
    level = 16 / 255
    for row, way in enumerate((slerp, lerp, slerp)):
        start, end = walks[row, 0], walks[row, -1]
        np.testing.assert_allclose(walks[row], way(start, end, t), atol=2 * level)


def test_walks_are_the_same_in_every_run_and_elsewhere_than_the_samples(path: Path) -> None:
    other = path.with_name("b.ganviz")
    hooks = [WalkHook(), WalkHook()]
    for place, hook in zip((path, other), hooks, strict=True):
        torch.manual_seed(hash(place))
        Recorder(place, nn.Identity(), latent_dim=4, latent="uniform", hooks=[hook]).close()
    assert torch.equal(hooks[0]._fixed.latents, hooks[1]._fixed.latents)
    with Recording(path) as one, Recording(other) as two:
        np.testing.assert_array_equal(one.array("walk", 0), two.array("walk", 0))


@pytest.mark.parametrize("dim", [2, 64])
def test_walks_of_uniform_latents_stay_among_them(path: Path, dim: int) -> None:
    hook = WalkHook(rows=40, length=9, value_range=(-1, 1), shape=(1, dim))
    Recorder(path, nn.Identity(), latent_dim=dim, latent="uniform", hooks=[hook]).close()
    latents = hook._fixed.latents.numpy().reshape(40, 9, dim)
    assert np.abs(latents).max() <= 1
    np.testing.assert_allclose(latents[::2, [0, -1]], latents[1::2, [0, -1]], atol=1e-6)
    middles = stats.kstest(latents[::2, 4].ravel(), "uniform", (-1, 2))
    assert dim < 64 or middles.pvalue > 1e-3  # half-way is as likely as the ends


def test_a_walk_keeps_its_class(path: Path) -> None:
    class Labels(nn.Module):
        def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return labels.float()[:, None, None].expand(-1, 2, 2)

    hook = WalkHook(rows=6, length=3, value_range=(0, 255))
    options = {"classes": ["a", "b"], "conditional": True, "latent_dim": 5}
    Recorder(path, Labels(), hooks=[hook], **options).close()
    with Recording(path) as recording:
        classes = recording.array("walk", 0)[:, :, 0, 0]
    np.testing.assert_array_equal(classes, np.repeat([[0], [0], [1], [1], [0], [0]], 3, axis=1))


def test_the_range_is_that_of_the_samples(path: Path) -> None:
    """G's negative numbers are darker than any real picture."""
    hook, g = WalkHook(), nn.Unflatten(1, (3, 2, 2))
    Recorder(path, g, real=torch.rand(6, 3, 2, 2), latent_dim=12, hooks=[hook]).close()
    expected = np.moveaxis(hook._fixed.latents.double().numpy().reshape(2, 10, 3, 2, 2), 2, -1)
    with Recording(path) as recording:
        found = recording.array("walk", 0)
    np.testing.assert_allclose(found, np.clip(255 * expected, 0, 255), atol=0.5 + 1e-4)


@pytest.mark.parametrize("bad", [{"rows": 0}, {"length": 1}])
def test_walks_of_nothing_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="expected at least 1 of 2"):
        WalkHook(**bad)
