"""Packs: what D is shown and what is drawn of it, from the network to the recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import gan_viz
from gan_viz.api.objectives import find_objective
from gan_viz.api.presets import build_preset
from gan_viz.api.toy import build_toy
from gan_viz.errors import UsageError
from gan_viz.objectives import R1
from gan_viz.objectives.pacgan import PacGAN
from gan_viz.training import Settings
from gan_viz.training.packing import Packed
from gan_viz.training.perceptrons import Perceptron, uniform_source
from gan_viz.training.tensor_game import Batch, TensorGame


class Sum(nn.Module):
    """The log-odds of independent samples, each ``2 x - 1``."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (2 * x - 1).sum(dim=1, keepdim=True)


def test_what_is_drawn_of_an_optimal_d_is_its_log_odds_of_one_sample() -> None:
    x = torch.linspace(-2, 2, 12)[:, None]
    packed = Packed(Sum(), 3)
    assert packed(x).squeeze().tolist() == pytest.approx(
        (2 * x.reshape(4, 3) - 1).sum(dim=1).tolist()
    )
    assert torch.allclose(packed.one_by_one()(x), 2 * x - 1)


def test_the_losses_are_of_packs() -> None:
    real, z = torch.randn(2, 6, 1, generator=torch.Generator().manual_seed(0))
    d = nn.Linear(2, 1)
    game = TensorGame(nn.Linear(1, 1), Packed(d, 2), R1(PacGAN(), 0.5), Settings(batch=6))
    with torch.no_grad():
        fake = game.generator(z)
        outputs = [d(each.reshape(3, 2)).numpy() for each in (real, fake)]
        slope = d.weight.square().mean().item() * 0.25  # of one sample of a pack
    loss = np.logaddexp(0, -outputs[0]).mean() + np.logaddexp(0, outputs[1]).mean()
    figures = game.step(0, [Batch(real)], [Batch(z)])
    assert figures["d_loss"].item() == pytest.approx(loss + slope, rel=1e-5)


def test_units_look_at_features_in_turn() -> None:
    network = Perceptron([2, 6, 1], "tanh", uniform_source(0))
    network.see_finely(uniform_source(1))
    first = network.module()[0].weight.detach().numpy()
    assert ((first != 0) == (np.arange(2) == np.arange(6)[:, None] % 2)).all()


def test_a_toy_is_trained_and_recorded(tmp_path: Path) -> None:
    path = gan_viz.train(
        "bimodal", tmp_path / "a.ganviz", objective="pacgan", steps=20, batch=8, hidden=(4,)
    )
    with gan_viz.Recording(path) as recording:
        assert recording.header["objective"]["name"] == "pacgan"
        assert recording.array("discriminator", -1).shape == recording.constants["x"].shape
        assert np.isfinite(recording.array("discriminator", -1)).all()
    with pytest.raises(UsageError, match=r"batch 9: expected a multiple of 2"):
        build_toy(objective="pacgan", batch=9)


def test_what_cannot_be_packed() -> None:
    with pytest.raises(UsageError, match="at least 2"):
        PacGAN(1)
    with pytest.raises(UsageError, match="pacgan: its D judges 2 samples at once"):
        build_preset("aylien", objective="pacgan")
    assert find_objective("pacgan", 0.5, toy=True).pack == 2
