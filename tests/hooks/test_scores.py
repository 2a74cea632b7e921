"""D's outputs are its own, on the right samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.hooks import Recorder
from gan_viz.hooks.scores import ScoresHook
from gan_viz.recording import Recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


class Sum(nn.Module):
    """D(x) = sum of x, in a shape of choice; remembers what it was asked."""

    training_flags: ClassVar[list[bool]] = []

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = shape
        self.training_flags.clear()

    def forward(self, x: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        self.training_flags.append(self.training)
        total = x.flatten(1).sum(1) + (0 if labels is None else 100 * labels)
        return total.reshape(-1, *self.shape)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1)])
def test_records_what_the_discriminator_says(path: Path, shape: tuple[int, ...]) -> None:
    hook, d = ScoresHook(), Sum(*shape)
    real = torch.linspace(-1, 1, 100)[:, None].expand(-1, 4)
    Recorder(path, nn.Identity(), d, real=real, latent_dim=4, hooks=[hook]).close()
    fake = hook._fixed.latents.numpy()
    with Recording(path) as recording:
        np.testing.assert_allclose(recording.array("scores_fake", 0), fake.sum(1), atol=1e-5)
        expected = 4 * np.linspace(-1, 1, 100)[:64]
        np.testing.assert_allclose(recording.array("scores_real", 0), expected, atol=1e-5)
    assert any(d.training_flags)  # as the loop has it
    assert d.training


def test_batch_norm_is_asked_as_in_the_loop(path: Path) -> None:
    """Running figures that lag behind would contradict what D gives in the training."""
    d = nn.Sequential(nn.BatchNorm1d(4), Sum())
    real = 5 + torch.randn(64, 4, generator=torch.Generator().manual_seed(0))
    Recorder(path, nn.Identity(), d, real=real, latent_dim=4, hooks=[ScoresHook()]).close()
    with Recording(path) as recording:
        np.testing.assert_allclose(recording.array("scores_real", 0).mean(), 0, atol=1e-4)
        expected = d(real).detach().numpy()
        np.testing.assert_allclose(recording.array("scores_real", 0), expected, atol=1e-4)


def test_few_real_samples_are_all_used(path: Path) -> None:
    real = torch.ones(5, 4)
    Recorder(path, nn.Identity(), Sum(), real=real, latent_dim=4, hooks=[ScoresHook()]).close()
    with Recording(path) as recording:
        assert recording.array("scores_real", 0).tolist() == [4] * 5


def test_a_conditional_discriminator_is_told_the_classes(path: Path) -> None:
    class G(nn.Module):
        def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return 0 * z

    real, labels = torch.zeros(7, 4), torch.tensor([2, 0, 1, 2, 2, 1, 0], dtype=torch.uint8)
    options = {"real": real, "labels": labels, "conditional": True, "latent_dim": 4}
    Recorder(path, G(), Sum(), hooks=[ScoresHook()], **options).close()
    with Recording(path) as recording:
        np.testing.assert_array_equal(recording.array("scores_real", 0), 100.0 * labels.numpy())
        np.testing.assert_array_equal(recording.array("scores_fake", 0), 100 * (np.arange(78) % 3))
    del options["labels"]
    with pytest.raises(UsageError, match="classes of real="):
        other = path.with_name("b.ganviz")
        Recorder(other, G(), Sum(), classes=["a", "b"], hooks=[ScoresHook()], **options)


def test_a_discriminator_that_judges_batches_meets_no_mixed_one(path: Path) -> None:
    """Batch norm without running figures normalises by the batch: real and generated apart."""
    real = 5 + torch.randn(64, 4, generator=torch.Generator().manual_seed(0))
    d = nn.Sequential(nn.BatchNorm1d(4, affine=False, track_running_stats=False), Sum())
    Recorder(path, nn.Identity(), d, real=real, latent_dim=4, hooks=[ScoresHook()]).close()
    with Recording(path) as recording:
        for name in ("scores_real", "scores_fake"):
            assert abs(recording.array(name, 0).mean()) < 1e-5


@pytest.mark.parametrize(
    ("last", "given", "output"),
    [
        (nn.Identity, "auto", "logit"),
        (nn.Sigmoid, "auto", "probability"),
        (nn.Identity, "critic", "critic"),
    ],
)
def test_the_kind_of_output(
    path: Path, last: Callable[[], nn.Module], given: str, output: str
) -> None:
    d = nn.Sequential(Sum(), last())
    options = {"real": torch.ones(5, 4), "latent_dim": 4, "hooks": [ScoresHook(given)]}
    Recorder(path, nn.Identity(), d, **options).close()
    with Recording(path) as recording:
        for name in ("scores_real", "scores_fake"):
            assert recording.channels[name].attributes == {"output": output}
            assert recording.channels[name].dtype == "float32"


def test_a_discriminator_of_patches_gives_their_mean(path: Path) -> None:
    d = nn.Conv2d(1, 1, 2, 2)
    g = nn.Unflatten(1, (1, 4, 4))
    real = torch.rand(3, 1, 4, 4)
    Recorder(path, g, d, real=real, latent_dim=16, hooks=[ScoresHook()]).close()
    with Recording(path) as recording:
        expected = d(real).detach().numpy().mean((1, 2, 3))
        np.testing.assert_allclose(recording.array("scores_real", 0), expected, atol=1e-6)
        assert recording.array("scores_fake", 0).shape == (64,)


def test_without_a_discriminator_nothing_is_recorded(path: Path) -> None:
    Recorder(path, nn.Identity(), real=torch.rand(5, 64), latent_dim=64).close()
    with Recording(path) as recording:
        assert set(recording.channels) == {"samples"}


@pytest.mark.parametrize("d", [nn.Linear(4, 2), nn.Flatten(0), nn.LSTM(4, 4)])
def test_what_gives_no_number_a_sample_is_refused(path: Path, d: nn.Module) -> None:
    with pytest.raises(UsageError, match="one number a sample; say which, like score="):
        Recorder(path, nn.Identity(), d, latent_dim=4, hooks=[ScoresHook()])


def test_an_unknown_kind_of_output_is_refused() -> None:
    with pytest.raises(UsageError, match="logit, probability, critic, margin"):
        ScoresHook("odds")
