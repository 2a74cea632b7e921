"""The grid's pictures: which, in which order, and how often G is asked for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.errors import RecordingError, UsageError
from gan_viz.hooks import Recorder
from gan_viz.hooks.samples import SamplesHook
from gan_viz.recording import Recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


class Scaled(nn.Module):
    """G(z) = a z as pictures of 2 x 2, so that one knows what is recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.tensor(0.1))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.a * z


class Labelled(nn.Module):
    """Pictures as bright as the label."""

    def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return (labels.float() / 10)[:, None, None, None].expand(-1, 1, 3, 3)


def test_records_what_the_generator_does(path: Path) -> None:
    g = Scaled()
    hook = SamplesHook(value_range=(-1, 1))
    with Recorder(path, g, latent_dim=(1, 2, 2), hooks=[hook], every=1) as recorder:
        z = hook._fixed.latents.numpy()[:, 0]
        with torch.no_grad():
            g.a.fill_(0.5)
        recorder.step()
    with Recording(path) as recording:
        assert recording.channels["samples"].attributes == {"columns": 8, "value_range": [-1, 1]}
        for frame, a in enumerate((0.1, 0.5)):
            expected = np.clip((a * z.astype(np.float64) + 1) * 127.5, 0, 255)
            found = recording.array("samples", frame)
            assert found.shape == (64, 2, 2)
            np.testing.assert_allclose(found, expected, atol=0.5 + 1e-4)
        assert not recording.constants


def test_the_generator_is_asked_once_a_frame_for_all_hooks(path: Path) -> None:
    g, d = Scaled(), nn.Linear(16, 1)
    real, asked = torch.rand(100, 16), SimpleQueue[tuple[int, bool]]()  # a list would be put back
    g.register_forward_hook(lambda m, given, _: asked.put((len(given[0]), m.training)))
    with Recorder(path, g, d, real=real, latent_dim=16, every=2) as recorder:
        for _ in range(5):
            recorder.step(d_loss=1.0)
    # at the start and once more to see that it is the same, after steps 2 and 4, at the end
    assert [asked.get() for _ in range(asked.qsize())] == [(64, False)] * 5
    assert g.training
    with Recording(path) as recording:
        assert set(recording.channels) == {"samples", "scores_real", "scores_fake"}
        assert recording.steps.tolist() == [0, 2, 4, 5]
        assert recording.scalars["d_loss"].steps.tolist() == [1, 2, 3, 4, 5]


def test_real_pictures_and_their_classes(path: Path) -> None:
    real = torch.linspace(0, 1, 80)[:, None, None, None].expand(-1, 1, 2, 2)
    labels = torch.arange(80, dtype=torch.int32) % 3
    options = {"real": real, "labels": labels, "classes": ["a", "b", "c"]}
    Recorder(path, Scaled(), latent_dim=(1, 2, 2), hooks=[SamplesHook()], **options).close()
    with Recording(path) as recording:
        expected = np.rint(255 * np.linspace(0, 1, 80)[:64])
        np.testing.assert_array_equal(recording.constants["real_samples"][:, 1, 1], expected)
        np.testing.assert_array_equal(recording.constants["real_labels"], np.arange(64) % 3)
        assert recording.constants["real_labels"].dtype == np.int64
        assert recording.channels["samples"].attributes["value_range"] == [0, 1]
        assert recording.header["classes"] == ["a", "b", "c"]
        assert "sample_labels" not in recording.constants


def test_what_is_kept_of_the_real_batch_is_a_copy(path: Path) -> None:
    real = torch.zeros(4, 2, 2)
    hook = SamplesHook()
    with Recorder(path, Scaled(), nn.Linear(2, 1), real=real, latent_dim=4, hooks=[hook]):
        real.fill_(1.0)
    with Recording(path) as recording:
        assert not recording.constants["real_samples"].any()


def test_a_conditional_generator_has_a_column_a_class(path: Path) -> None:
    options: dict[str, Any] = {"classes": list("0123456789"), "conditional": True}
    hook = SamplesHook(value_range=(0, 1))
    Recorder(path, Labelled(), latent_dim=(4, 1, 1), hooks=[hook], **options).close()
    with Recording(path) as recording:
        labels = recording.constants["sample_labels"]
        np.testing.assert_array_equal(labels, np.arange(80) % 10)
        brightness = recording.array("samples", 0)[:, 0, 0]
        np.testing.assert_allclose(brightness, 25.5 * labels, atol=0.5)
        assert recording.channels["samples"].attributes["columns"] == 10


def test_colour_and_flat_pictures(path: Path) -> None:
    colours = nn.Unflatten(1, (3, 2, 4))
    Recorder(path, colours, latent_dim=24, hooks=[SamplesHook()]).close()
    with Recording(path) as recording:
        assert recording.channels["samples"].shape == (64, 2, 4, 3)
    other = path.with_name("b.ganviz")
    Recorder(other, nn.Identity(), latent_dim=24, hooks=[SamplesHook(shape=(4, 6))]).close()
    with Recording(other) as recording:
        assert recording.channels["samples"].shape == (64, 4, 6)


def test_flat_pictures_that_are_not_square_need_their_shape(path: Path) -> None:
    with pytest.raises(RecordingError, match=r"shape=\(h, w\)"):
        Recorder(path, nn.Identity(), latent_dim=24, hooks=[SamplesHook()])


def test_conditional_games_need_classes(path: Path) -> None:
    with pytest.raises(UsageError, match=r"labels=\.\.\. or classes="):
        Recorder(path, Labelled(), conditional=True, hooks=[SamplesHook()])


def test_a_generator_that_breaks_down_is_recorded(
    path: Path, make_game: Callable[..., Any]
) -> None:
    game = make_game("pictures")
    networks = game.generator, game.discriminator
    with Recorder(path, *networks, **game.options(), every=1) as recorder:
        with torch.no_grad():
            for parameter in game.generator.parameters():
                parameter.fill_(torch.nan)
        recorder.step(g_loss=float("nan"))
    with Recording(path) as recording:
        assert recording.array("samples", 0).any()
        assert not recording.array("samples", 1).any()
        assert np.isnan(recording.array("scores_fake", 1)).all()
