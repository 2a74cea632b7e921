"""The loop and its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gan_viz.errors import TrainingError, UsageError
from gan_viz.objectives.hinge import Hinge
from gan_viz.training import Gan, Settings, Training, Update
from gan_viz.training.games import Game


class Scripted(Game):
    """A game that goes by the book: gives prepared losses and remembers what it was dealt."""

    def __init__(self, losses: list[tuple[float, float]]) -> None:
        self.losses = losses
        self.dealt: list[tuple[int, Any, Any]] = []

    def play(self, first: int, real: Any, latents: Any) -> tuple[Any, Any]:
        for k, (x, z) in enumerate(zip(real, latents, strict=True)):
            self.dealt.append((first + k, x.copy(), z.copy()))
        losses = np.array(self.losses[first : first + len(real)], np.float32)
        return losses[None, :, 0], losses[None, :, 1]

    def updates(self, number: int, real: Any, latents: Any) -> Iterator[tuple[str, Any]]:
        d_losses, g_losses = self.play(number, real[None], latents[None])
        yield "d_loss", d_losses[:, 0]
        yield "g_loss", g_losses[:, 0]


def scripted(losses: list[tuple[float, float]], settings: Settings, features: int) -> Training:
    networks = nn.Linear(features, 1), nn.Linear(1, 1)
    made = Training([Gan(*networks, Hinge(), settings, counting(1), counting(features))])
    made.games = [Scripted(losses)]
    return made


def counting(features: int) -> Any:
    """Draws 0, 1, 2, ... so that one sees where each number went."""
    drawn = 0

    def draw(n: int) -> np.ndarray:
        nonlocal drawn
        drawn += n
        block = np.arange(drawn - n, drawn, dtype=np.float32)
        return np.repeat(block[:, None], features, axis=1)

    return draw


@given(
    steps=st.integers(1, 150),
    batch=st.integers(1, 5),
    d_steps=st.integers(1, 3),
    g_steps=st.integers(1, 3),
    stop=st.integers(0, 150),
)
def test_every_sample_is_used_once(
    steps: int, batch: int, d_steps: int, g_steps: int, stop: int
) -> None:
    settings = Settings(steps=steps, batch=batch, d_steps=d_steps, g_steps=g_steps)
    training = scripted([(1.0, 2.0)] * steps, settings, 3)
    (game,) = training.games
    assert isinstance(game, Scripted)
    first = min(stop, steps)
    losses = np.concatenate([training.advance(first), training.advance(steps - first)], axis=2)
    assert losses.shape == (2, 1, steps)
    assert (losses[0] == 1).all()
    assert (losses[1] == 2).all()
    assert [number for number, _, _ in game.dealt] == list(range(steps))
    used = np.concatenate([real.ravel() for _, real, _ in game.dealt])
    assert used.tolist() == list(range(steps * batch * d_steps))
    each = d_steps + g_steps - 1  # G's first update is on the last latents of D's turn
    used = np.concatenate([latents[:, :, 0].ravel() for _, _, latents in game.dealt])
    assert used.tolist() == list(range(steps * batch * each))
    assert game.dealt[0][2].shape == (each, 1, 3, batch)


@pytest.mark.parametrize("bad", [(np.nan, 1.0), (1.0, np.inf), (np.inf, -np.inf)])
def test_a_loss_that_is_not_finite_stops_with_its_step(bad: tuple[float, float]) -> None:
    training = scripted([(1.0, 1.0), bad], Settings(steps=5, batch=2), 1)
    whose = "D" if not np.isfinite(bad[0]) else "G"
    made: list[Update] = []
    with pytest.raises(TrainingError, match=rf"step 2: {whose}'s loss is .*lower learning rates"):
        made.extend(training.updates())
    assert made[:2] == [(1, "d_loss", 1.0), (1, "g_loss", 1.0)]
    assert len(made) == (2 if whose == "D" else 3)


def test_equal_sources_are_drawn_from_once() -> None:
    settings = Settings(steps=3, batch=16)
    calls = []

    def counted(seed: int) -> Gan:
        def draw(n: int) -> Any:
            calls.append(seed)
            return np.zeros((n, 1), np.float32)

        networks = nn.Linear(2, 1), nn.Linear(1, 1)
        return Gan(
            *map(nn.Sequential, networks),
            Hinge(),
            settings,
            draw,
            lambda n: np.zeros((n, 2), np.float32),
        )

    Training([counted(k) for k in range(4)], ["a", "b", "a", "b"]).advance(2)
    assert calls == [0, 1]


@pytest.mark.parametrize(
    "bad",
    [
        {"steps": 0},
        {"batch": -1},
        {"d_steps": 0},
        {"g_steps": 0},
        {"g_lr": 0.0},
        {"d_lr": float("nan")},
        {"betas": (0.9, 1.0)},
        {"ema": 1.5},
        {"noise": -1.0},
        {"noise": float("inf")},
    ],
)
def test_unusable_settings_are_refused_by_name(bad: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="expected"):
        Settings(**bad)


def test_the_rate_of_g_falls_before_that_of_d() -> None:
    settings = Settings(steps=100, decay=True)
    g, d = np.transpose([settings.lr_multipliers(k) for k in range(100)])
    assert (g[:51] == 1).all()
    assert (d[:86] == 1).all()
    assert (np.diff(g) <= 0).all()
    assert (np.diff(d) <= 0).all()
    assert g[-1] < d[-1] < 0.1
    assert {Settings(steps=100).lr_multipliers(k) for k in range(100)} == {(1.0, 1.0)}


def test_noise_falls_by_a_constant_factor_and_ends() -> None:
    levels = np.array([Settings(steps=200, noise=3.0).noise_level(k) for k in range(200)])
    assert (levels[:11] == 3).all()
    falling = levels[levels > 0][10:]
    assert np.ptp(falling[1:] / falling[:-1]) < 1e-12
    assert falling[-1] < 0.2
    assert (levels[100:] == 0).all()
    assert {Settings().noise_level(k) for k in range(100)} == {0.0}
