"""The loop and its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.errors import TrainingError, UsageError
from gan_viz.training import Settings, Training
from gan_viz.training.games import Game
from gan_viz.training.loop import Update


class Scripted(Game):
    """A game that goes by the book: gives prepared losses and remembers what it was dealt."""

    def __init__(self, losses: list[tuple[float, float]]) -> None:
        self.losses = losses
        self.dealt: list[tuple[int, Any, Any]] = []

    def step(self, number: int, real: Any, latents: Any) -> tuple[float, float]:
        self.dealt.append((number, real.copy(), latents.copy()))
        return self.losses[number]

    def updates(self, number: int, real: Any, latents: Any) -> Iterator[tuple[str, float]]:
        d_loss, g_loss = self.step(number, real, latents)
        yield "d_loss", d_loss
        yield "g_loss", g_loss


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
)
def test_every_sample_is_used_once(steps: int, batch: int, d_steps: int, g_steps: int) -> None:
    settings = Settings(steps=steps, batch=batch, d_steps=d_steps, g_steps=g_steps)
    game = Scripted([(1.0, 2.0)] * steps)
    made = list(Training(game, counting(1), counting(3), settings))
    assert [step.number for step in made] == list(range(1, steps + 1))
    assert made[-1] == (steps, 1.0, 2.0)
    used = np.concatenate([real.ravel() for _, real, _ in game.dealt])
    assert used.tolist() == list(range(steps * batch * d_steps))
    each = d_steps + g_steps - 1  # G's first update is on the last latents of D's turn
    used = np.concatenate([latents[..., 0].ravel() for _, _, latents in game.dealt])
    assert used.tolist() == list(range(steps * batch * each))
    assert game.dealt[0][2].shape == (each, batch, 3)


@pytest.mark.parametrize("bad", [(np.nan, 1.0), (1.0, np.inf), (np.inf, -np.inf)])
def test_a_loss_that_is_not_finite_stops_with_its_step(bad: tuple[float, float]) -> None:
    training = Training(
        Scripted([(1.0, 1.0), bad]), counting(1), counting(1), Settings(steps=5, batch=2)
    )
    with pytest.raises(TrainingError, match=r"step 2: .*lower learning rates"):
        list(training)
    whose = "D" if not np.isfinite(bad[0]) else "G"
    made: list[Update] = []
    with pytest.raises(TrainingError, match=rf"step 2: {whose}'s loss is .*lower learning rates"):
        made.extend(training.updates())
    assert made[:2] == [(1, "d_loss", 1.0), (1, "g_loss", 1.0)]
    assert len(made) == (2 if whose == "D" else 3)


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
        {"average": 1.5},
    ],
)
def test_unusable_settings_are_refused_by_name(bad: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="expected"):
        Settings(**bad)


def test_rates_fall_over_the_last_quarter() -> None:
    settings = Settings(steps=100, decay=True)
    factors = [settings.factor(k) for k in range(100)]
    assert factors[:76] == [1.0] * 76
    assert factors[-1] == pytest.approx(0.04)
    assert np.all(np.diff(factors) <= 0)
    assert {Settings(steps=100).factor(k) for k in range(100)} == {1.0}
