"""Eigenvalues of the game: the Dirac-GAN's closed forms, and a linear game written out."""

from __future__ import annotations

import cmath
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import gan_viz
from gan_viz.errors import UsageError
from gan_viz.hooks import JacobianHook, Recorder
from gan_viz.hooks.jacobian import game_eigenvalues
from gan_viz.objectives import R1, Objective
from gan_viz.objectives.minimax import Minimax
from gan_viz.objectives.non_saturating import NonSaturating
from gan_viz.objectives.relativistic import Relativistic
from gan_viz.objectives.wgan import ClippedWasserstein
from gan_viz.training.packing import Packed


class Point(nn.Module):
    """The G of the Dirac-GAN: one number, whatever the latents."""

    def __init__(self, place: float) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.tensor(place))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.place.expand(len(z), 1)


def slope(value: float) -> nn.Linear:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, value)
    return layer


ZEROS = np.zeros((4, 1))


@pytest.mark.parametrize(
    ("objective", "value"),
    [
        (Minimax(), 0.5j),
        (NonSaturating(), 0.5j),
        (ClippedWasserstein(), 1j),
        (R1(NonSaturating(), 0.3), -0.15 + cmath.sqrt(0.15**2 - 0.25)),
        (R1(NonSaturating(), 1.0), -0.5),
        (Relativistic(0.3), -0.3 + 0.4j),
    ],
)
def test_the_dirac_gan_at_rest(objective: Objective, value: complex) -> None:
    found = game_eigenvalues(Point(0.0), slope(0.0), objective, ZEROS, ZEROS)
    assert found is not None
    for one in (value, np.conj(value)):
        assert np.abs(found - one).min() < 1e-7


def test_away_from_rest_it_is_what_differences_say() -> None:
    """The field of the Dirac-GAN at (θ, ψ), whose Jacobian is taken by central differences."""

    def field(place: np.ndarray) -> np.ndarray:
        theta, psi = place
        share = 1 / (1 + np.exp(-theta * psi))  # what D gives to G's sample
        return np.array([psi * (1 - share), -theta * share])

    at, h = np.array([0.7, -0.4]), 1e-5
    rows = [(field(at + h * e) - field(at - h * e)) / (2 * h) for e in np.eye(2)]
    expected = np.sort_complex(np.linalg.eigvals(np.array(rows).T))
    found = game_eigenvalues(Point(0.7), slope(-0.4), NonSaturating(), ZEROS, ZEROS)
    assert found is not None
    assert np.allclose(np.sort_complex(found), expected, atol=1e-7)


def test_a_d_of_packs_and_one_of_logits() -> None:
    source = np.random.default_rng(0)
    g = nn.Sequential(nn.Linear(1, 3), nn.Tanh(), nn.Linear(3, 1))
    before = [p.clone() for p in g.parameters()]
    d = Packed(nn.Linear(2, 1), 2)
    found = game_eigenvalues(g, d, NonSaturating(), *source.normal(size=(2, 8, 1)))
    assert found is not None
    assert found.shape == (10 + 3,)
    assert all(torch.equal(p, q) for p, q in zip(g.parameters(), before, strict=True))
    assert all(p.grad is None for p in g.parameters())


def test_it_is_recorded_and_drawn_in_words(tmp_path: Path) -> None:
    g, d = nn.Linear(1, 1), nn.Linear(1, 1)
    hooks = ["distribution", JacobianHook(R1(NonSaturating(), 0.5))]
    path = tmp_path / "a.ganviz"
    with Recorder(path, g, d, data="gaussian", latent_dim=1, hooks=hooks, every=1) as recorder:
        recorder.step()
    with gan_viz.Recording(path) as recording:
        values = recording.array("eigenvalues", -1)
    assert values.shape == (4, 2)
    gan_viz.render(path, tmp_path / "a.png", panels="spectrum", size=(320, 180))


def test_what_is_too_large_or_missing_is_refused(tmp_path: Path) -> None:
    wide = nn.Sequential(nn.Linear(1, 300), nn.Tanh(), nn.Linear(300, 1))
    with pytest.raises(UsageError, match=r"903 weights: expected at most 600"):
        Recorder(
            tmp_path / "a.ganviz", wide, nn.Linear(1, 1), data="gaussian", latent_dim=1,
            hooks=["jacobian"],
        )  # fmt: skip
    with pytest.raises(UsageError, match="needs G and D"):
        Recorder(tmp_path / "b.ganviz", wide, data="gaussian", latent_dim=1, hooks=["jacobian"])
