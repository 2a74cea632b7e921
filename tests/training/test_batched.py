"""Games played side by side are the games played alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.models import mlp
from gan_viz.objectives.hinge import Hinge
from gan_viz.objectives.lsgan import LeastSquares
from gan_viz.objectives.minimax import Minimax
from gan_viz.objectives.non_saturating import NonSaturating
from gan_viz.objectives.wgan import ClippedWasserstein
from gan_viz.objectives.wgan_gp import PenalizedWasserstein
from gan_viz.training import Settings, Training, start_game
from gan_viz.training import batched as module
from gan_viz.training.batched import BatchedTraining
from gan_viz.training.batched_form import BatchedMlp, BatchedWorkspace, Scratch
from gan_viz.training.batched_game import BatchedGame, kind_of_game
from gan_viz.training.closed_form import ACTIVATIONS, Mlp, Workspace
from gan_viz.training.games import ClosedFormGame

MIXED = [
    (objective, seed)
    for seed in range(2)
    for objective in (
        Hinge(),
        LeastSquares(),
        Minimax(),
        NonSaturating(),
        ClippedWasserstein(0.1),
        ClippedWasserstein(0.2),
    )
]


def training(
    objective: Any, seed: int, settings: Settings, hidden: Sequence[int] = (8, 8)
) -> Training:
    source = torch.Generator().manual_seed(seed)
    g, d = mlp(2, hidden, 1, "tanh", source), mlp(1, hidden, 1, "leaky_relu", source)
    streams = [np.random.default_rng([seed, k]) for k in range(2)]
    return Training(
        start_game(g, d, objective, settings),
        lambda n: streams[0].normal(0.5, 1, (n, 1)).astype(np.float32),
        lambda n: streams[1].normal(0, 1, (n, 2)).astype(np.float32),
        settings,
    )


def soften(*optimizers: Any) -> None:
    """Where a critic's biases have a gradient of 0, bare Adam steps along rounding noise."""
    for optimizer in optimizers:
        optimizer.eps = np.float32(1e-4)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(steps=50, batch=32),
        Settings(steps=50, batch=32, betas=(0.0, 0.9), d_lr=5e-3, average=0.9, decay=True),
        Settings(steps=50, batch=24, d_steps=3, g_steps=2, average=0.5),
    ],
    ids=["bare", "stabilized", "turns"],
)
def test_each_run_is_the_run_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """To float32 rounding: relative to 1e-4 in the losses, 1e-3 in the weights, after 50 steps."""
    alone = [training(objective, seed, settings) for objective, seed in MIXED]
    together = [training(objective, seed, settings) for objective, seed in MIXED]
    monkeypatch.setattr(module, "TOGETHER", 5)
    batched = BatchedTraining(together, [seed for _, seed in MIXED])
    assert [len(game.optimizers[0].theta) for game in batched._games] == [4, 4, 4]
    games = [each.game for each in alone]
    for game in [*games, *batched._games]:
        soften(game.optimizers[1])  # type: ignore[attr-defined]
    expected = np.array([[(d, g) for _, d, g in one] for one in alone]).transpose(2, 0, 1)
    losses = np.concatenate([batched.advance(20), batched.advance(30)], axis=2)
    assert batched.made == 50
    np.testing.assert_allclose(losses, expected, rtol=1e-4, atol=1e-5)
    for one, game in zip(batched.games, games, strict=True):
        for name in ("generator", "discriminator", "drawn"):
            pairs = zip(
                getattr(one, name).parameters(), getattr(game, name).parameters(), strict=True
            )
            for ours, theirs in pairs:
                torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


def test_the_networks_learn_and_d_is_clipped_by_its_own_bound() -> None:
    settings = Settings(steps=9, batch=16, d_lr=0.1)
    runs = [training(ClippedWasserstein(clip), 0, settings) for clip in (0.05, 0.2)]
    batched = BatchedTraining([*runs, training(Hinge(), 0, settings)])
    batched.advance(9)
    largest = [
        max(p.abs().max().item() for p in game.discriminator.parameters()) for game in batched.games
    ]
    assert largest[:2] == pytest.approx([0.05, 0.2])
    assert largest[2] > 0.3


def test_equal_sources_are_drawn_from_once() -> None:
    settings = Settings(steps=3, batch=16)
    calls = []

    def counted(seed: int) -> Training:
        def draw(n: int) -> Any:
            calls.append(seed)
            return np.zeros((n, 1), np.float32)

        game = training(Hinge(), seed, settings).game
        return Training(game, draw, lambda n: np.zeros((n, 2), np.float32), settings)

    BatchedTraining([counted(k) for k in range(4)], ["a", "b", "a", "b"]).advance(2)
    assert calls == [0, 1]


def test_a_run_gone_wrong_leaves_the_others_alone() -> None:
    settings = Settings(steps=4, batch=16)
    runs = [training(Hinge(), seed, settings) for seed in range(3)]
    expected = training(Hinge(), 2, settings)
    with torch.no_grad():
        next(runs[1].game.generator.parameters()).fill_(math.nan)
    losses = np.array(BatchedTraining(runs).advance(4))
    assert np.isfinite(losses).all(axis=(0, 2)).tolist() == [True, False, True]
    np.testing.assert_allclose(losses[:, 2].T, [step[1:] for step in expected], rtol=1e-4)


@pytest.mark.parametrize(
    "odd",
    [
        training(Hinge(), 0, Settings(batch=8)),
        training(Hinge(), 0, Settings(batch=16), hidden=(9, 8)),
        training(PenalizedWasserstein(), 0, Settings(batch=16)),
    ],
    ids=["settings", "networks", "autograd"],
)
def test_what_differs_cannot_be_played_together(odd: Training) -> None:
    with pytest.raises(UsageError, match=r"2 trainings side by side.*by themselves"):
        BatchedTraining([training(Hinge(), 0, Settings(batch=16)), odd])


def test_games_of_several_kinds_are_refused() -> None:
    games = [training(Hinge(), 0, Settings(batch=batch)).game for batch in (8, 16)]
    assert isinstance(games[0], ClosedFormGame)
    assert isinstance(games[1], ClosedFormGame)
    with pytest.raises(UsageError, match="2 games side by side"):
        BatchedGame([games[0], games[1]])


def test_only_closed_forms_have_a_kind() -> None:
    settings = Settings(batch=8)
    first, second = training(Hinge(), 0, settings).game, training(Minimax(), 1, settings).game
    assert kind_of_game(first) == kind_of_game(second) is not None
    assert kind_of_game(training(PenalizedWasserstein(), 0, settings).game) is None


@pytest.mark.parametrize("widths", [(1, 1), (3, 1), (2, 5, 1), (1, 16, 16, 1), (2, 3, 9, 4, 1)])
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_passes_are_those_of_single_networks(widths: tuple[int, ...], name: str) -> None:
    rng = np.random.default_rng(0)
    single = [Mlp(widths, ACTIVATIONS[name](0.2)) for _ in range(3)]
    for each in single:
        each.theta[:] = rng.normal(size=each.theta.size)
    batched = BatchedMlp([each.copy() for each in single])
    space = BatchedWorkspace(batched, 7, Scratch(3 * 7 * max(widths)))
    x = rng.normal(size=(3, widths[0], 7)).astype(np.float32)
    error = rng.normal(size=(3, 1, 7)).astype(np.float32)
    space.input[...] = x
    outputs = space.forward().copy()
    inputs = space.backward(error, inputs=True)
    for run, each in enumerate(single):
        alone = Workspace(each, 7)
        alone.input[...] = x[run]
        np.testing.assert_allclose(outputs[run], alone.forward(), rtol=1e-5, atol=1e-6)
        expected = alone.backward(error[run], inputs=True)
        np.testing.assert_allclose(inputs[run], expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(batched.gradient[run], each.gradient, rtol=1e-4, atol=1e-5)


def test_a_narrower_workspace_uses_the_last_columns_of_a_wider_one() -> None:
    batched = BatchedMlp([Mlp((1, 3, 3, 1), ACTIVATIONS["tanh"](0))])
    batched.theta[:] = np.linspace(-1, 1, batched.theta.size)
    scratch = Scratch(3 * 5)
    wider = BatchedWorkspace(batched, 5, scratch)
    narrower = BatchedWorkspace(batched, 2, scratch, wider)
    wider.input[...] = np.arange(5)
    expected = wider.forward()[..., 3:].copy()
    np.testing.assert_allclose(narrower.forward(), expected, rtol=1e-6)
    narrower.input[...] = 7
    assert wider.input.tolist() == [[[0, 1, 2, 7, 7]]]


def test_each_row_and_its_network_are_one() -> None:
    batched = BatchedMlp([Mlp((1, 2, 1), ACTIVATIONS["relu"](0)) for _ in range(2)])
    batched.theta[1] = np.arange(7)
    assert batched.runs[1].layers[0].tolist() == [[0, 1], [2, 3]]
    assert batched.runs[1].transposed[1].tolist() == [[4], [5]]
    assert batched.layers[1][1].tolist() == [[4, 5, 6]]
    assert not batched.runs[0].theta.any()


def test_the_passes_keep_the_module_current() -> None:
    settings = Settings(steps=5, batch=16, average=0.9)
    run = training(NonSaturating(), 0, settings)
    game = run.game
    before = [p.clone() for p in nn.ModuleList([game.generator, game.drawn]).parameters()]
    BatchedTraining([run]).advance(1)
    after = nn.ModuleList([game.generator, game.drawn]).parameters()
    assert not any(torch.equal(a, b) for a, b in zip(before, after, strict=True))
