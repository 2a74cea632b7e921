"""All ways of playing are the same game, alone and side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.models import mlp
from gan_viz.objectives import R1, Objective
from gan_viz.objectives.hinge import Hinge
from gan_viz.objectives.minimax import Minimax
from gan_viz.objectives.non_saturating import NonSaturating
from gan_viz.objectives.wgan import ClippedWasserstein
from gan_viz.objectives.wgan_gp import PenalizedWasserstein
from gan_viz.registry import OBJECTIVES
from gan_viz.training import Gan, Settings, Training, kind_of
from gan_viz.training.autograd_game import ModuleGame, StackedGame
from gan_viz.training.games import Game, NumpyGame
from gan_viz.training.tensor_game import TensorGame

SETTINGS = {
    "bare": Settings(steps=40, batch=32),
    "stabilized": Settings(steps=40, batch=32, betas=(0.0, 0.9), d_lr=5e-3, ema=0.9, decay=True),
    "d_steps": Settings(steps=40, batch=32, d_steps=3, ema=0.5),
    "g_steps": Settings(steps=40, batch=24, d_steps=2, g_steps=3, ema=0.5),
    "noise": Settings(steps=40, batch=24, d_steps=2, g_steps=2, noise=2.0),
}


def gan(objective: Objective, seed: int, settings: Settings, hidden: Sequence[int] = (8, 8)) -> Gan:
    source = torch.Generator().manual_seed(seed)
    streams = [np.random.default_rng([seed, k]) for k in range(3)]
    return Gan(
        mlp(2, hidden, 1, "tanh", source),
        mlp(1, hidden, 1, "leaky_relu", source),
        objective,
        settings,
        lambda n: streams[0].normal(0.5, 1, (n, 1)).astype(np.float32),
        lambda n: streams[1].normal(0, 1, (n, 2)).astype(np.float32),
        lambda n: streams[2].normal(0, 1, (n, 1)).astype(np.float32),
    )


def training(way: type[Game], one: Gan) -> Training:
    """A training that is played in a given way."""
    if way is NumpyGame:
        made = Training([one])
    else:  # a twin deals the samples, so that the networks stay as they are
        twin = gan(one.objective, 0, one.settings)
        twin.draw_real, twin.draw_latents = one.draw_real, one.draw_latents
        twin.draw_noise = one.draw_noise
        made = Training([twin])
    if way is StackedGame:
        made.games = [
            StackedGame(
                *([each] for each in (one.generator, one.discriminator, one.g_ema, one.objective)),
                one.settings,
            )
        ]
    elif way is ModuleGame:
        networks = one.generator, one.discriminator
        game = TensorGame(*networks, one.objective, one.settings, g_ema=one.g_ema)
        made.games = [ModuleGame(game)]
    assert type(made.games[0]) is way
    return made


def soften(game: Any) -> None:
    """Where a gradient is 0, as of a critic's bias, bare Adam makes full steps of noise."""
    for optimizer in (game._game if isinstance(game, ModuleGame) else game).optimizers:
        if hasattr(optimizer, "eps"):
            optimizer.eps = np.float32(1e-4)
        else:
            optimizer.param_groups[0]["eps"] = 1e-4


def weights(one: Gan) -> dict[str, np.ndarray]:
    return {
        name: np.concatenate([p.detach().numpy().ravel() for p in getattr(one, name).parameters()])
        for name in ("generator", "discriminator", "g_ema")
    }


OBJECTIVE_NAMES = sorted(OBJECTIVES)


@pytest.mark.parametrize("name", OBJECTIVE_NAMES)
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=[*SETTINGS])
def test_all_ways_agree(name: str, settings: Settings) -> None:
    objective = OBJECTIVES[name]()
    ways: list[type[Game]] = [ModuleGame, StackedGame]
    by_autograd = objective.penalized or objective.noise or objective.unrolled_steps
    ways += [] if by_autograd else [NumpyGame]
    losses, ends = [], []
    for way in ways:
        one = gan(objective, 0, settings)
        made = training(way, one)
        soften(made.games[0])
        losses.append(np.array(made.advance(15)))  # float rounding grows from step to step
        ends.append(weights(one))
    for found, end in zip(losses[1:], ends[1:], strict=True):
        np.testing.assert_allclose(found, losses[0], rtol=2e-4, atol=2e-5)
        for key, values in end.items():
            np.testing.assert_allclose(values, ends[0][key], rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize("way", [NumpyGame, StackedGame, ModuleGame])
def test_a_step_update_by_update_is_the_step(way: type[Game]) -> None:
    settings = Settings(steps=5, batch=16, d_steps=2, g_steps=3, ema=0.9)
    ones = [gan(NonSaturating(), 0, settings) for _ in range(2)]
    d_losses, g_losses = training(way, ones[0]).advance(5)
    updates = list(training(way, ones[1]).updates())
    assert [u.name for u in updates[:5]] == ["d_loss"] * 2 + ["g_loss"] * 3
    assert [u.number for u in updates] == [k for k in range(1, 6) for _ in range(5)]
    assert [u.loss for u in updates[1::5]] == d_losses[0].tolist()
    assert [u.loss for u in updates[4::5]] == g_losses[0].tolist()
    for name, values in weights(ones[0]).items():
        np.testing.assert_array_equal(values, weights(ones[1])[name])


CLIPPED = [ClippedWasserstein(0.1), ClippedWasserstein(0.2)]
IN_NUMPY = [Hinge(), Minimax(), NonSaturating(), *CLIPPED]
BY_AUTOGRAD = [PenalizedWasserstein(0.1), R1(NonSaturating(), 0.1), R1(CLIPPED[0], 0.1)]


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=[*SETTINGS])
def test_in_numpy_a_run_is_bit_for_bit_the_run_alone(settings: Settings) -> None:
    runs = [(objective, seed) for seed in range(5) for objective in IN_NUMPY]
    together = [gan(*run, settings) for run in runs]
    made = Training(together, [seed for _, seed in runs])
    assert [type(game) for game in made.games] == [NumpyGame, NumpyGame]
    losses = np.concatenate([made.advance(13), made.advance(27)], axis=2)
    assert made.made == 40
    for k in (0, 3, 7, 14, 24):
        alone = gan(*runs[k], settings)
        np.testing.assert_array_equal(np.array(Training([alone]).advance(40))[:, 0], losses[:, k])
        for name, values in weights(alone).items():
            np.testing.assert_array_equal(values, weights(together[k])[name])


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=[*SETTINGS])
def test_by_autograd_a_run_is_the_run_alone_up_to_rounding(settings: Settings) -> None:
    """Random numbers of penalties included."""
    runs = [(objective, seed) for seed in range(2) for objective in BY_AUTOGRAD]
    made = Training([gan(*run, settings) for run in runs], [seed for _, seed in runs])
    assert [type(game) for game in made.games] == [StackedGame]
    losses = np.array(made.advance(20))
    for k, run in enumerate(runs):
        alone = training(StackedGame, gan(*run, settings)).advance(20)
        np.testing.assert_allclose(np.array(alone)[:, 0], losses[:, k], rtol=1e-3, atol=1e-4)


def test_gans_of_all_kinds_train_side_by_side() -> None:
    settings = Settings(steps=4, batch=16)
    own = gan(Hinge(), 3, settings)
    own.generator = own.g_ema = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    gans = [
        gan(PenalizedWasserstein(), 0, settings),
        gan(PenalizedWasserstein(), 1, settings),
        own,
        gan(Hinge(), 1, settings),
        gan(Hinge(), 2, settings, hidden=(5,)),
    ]
    made = Training(gans)
    assert {type(game) for game in made.games} == {NumpyGame, StackedGame, ModuleGame}
    assert len(made.games) == 4
    before = [weights(each) for each in gans]
    assert np.isfinite(made.advance(4)).all()
    for each, old in zip(gans, before, strict=True):
        assert all((weights(each)[name] != values).any() for name, values in old.items())


def test_runs_of_one_array_have_learning_rates_of_their_own() -> None:
    rates = [(1e-3, 2e-3), (1e-2, 2e-3), (1e-2, 5e-2)]
    settings = [Settings(steps=20, batch=16, g_lr=g_lr, d_lr=d_lr) for g_lr, d_lr in rates]
    together = [gan(Hinge(), 0, each) for each in settings]
    made = Training(together)
    assert [type(game) for game in made.games] == [NumpyGame]
    losses = np.array(made.advance(20))
    for k, each in enumerate(settings):
        alone = gan(Hinge(), 0, each)
        np.testing.assert_array_equal(np.array(Training([alone]).advance(20))[:, 0], losses[:, k])
        for name, values in weights(alone).items():
            np.testing.assert_array_equal(values, weights(together[k])[name])


def test_what_differs_in_its_settings_cannot_train_side_by_side() -> None:
    gans = [gan(Hinge(), 0, Settings(batch=batch)) for batch in (8, 16)]
    with pytest.raises(Exception, match=r"2 GANs side by side: expected the same settings"):
        Training(gans)


def test_the_kind_says_what_can_be_one_game() -> None:
    settings = Settings(batch=8)
    kinds = [kind_of(gan(o, 0, settings)) for o in (Hinge(), Minimax(), PenalizedWasserstein())]
    assert kinds[0] == kinds[1] != kinds[2]
    assert kind_of(gan(Hinge(), 0, Settings(batch=8, optimizer="sgd"))) not in kinds
    frozen = gan(Hinge(), 0, settings)
    frozen.generator.requires_grad_(False)
    assert kind_of(frozen) is None


@pytest.mark.parametrize("way", [NumpyGame, StackedGame, ModuleGame])
def test_clipping_bounds_every_parameter_of_d_alone(way: type[Game]) -> None:
    one = gan(ClippedWasserstein(0.05), 0, Settings(steps=5, batch=16, d_lr=0.1))
    training(way, one).advance(5)
    largest = {name: np.abs(values).max() for name, values in weights(one).items()}
    assert largest["discriminator"] == pytest.approx(0.05)
    assert largest["generator"] > 0.1


def test_each_run_is_clipped_by_its_own_bound() -> None:
    settings = Settings(steps=9, batch=16, d_lr=0.1)
    gans = [gan(each, 0, settings) for each in (*CLIPPED, Hinge())]
    Training(gans).advance(9)
    largest = [np.abs(weights(each)["discriminator"]).max() for each in gans]
    assert largest[:2] == pytest.approx([0.1, 0.2])
    assert largest[2] > 0.3


@pytest.mark.parametrize("objective", [PenalizedWasserstein(2.0), R1(ClippedWasserstein(), 3.0)])
@pytest.mark.parametrize("way", [StackedGame, ModuleGame])
def test_the_loss_of_d_includes_the_penalty(way: type[Game], objective: Objective) -> None:
    """With a linear D of slope 3, the penalty is known."""
    one = gan(objective, 0, Settings(steps=1, batch=32))
    one.discriminator = nn.Sequential(nn.Linear(1, 1))
    nn.init.constant_(one.discriminator[0].weight, 3.0)
    real, latents = (draw(32) for draw in (one.draw_real, one.draw_latents))
    with torch.no_grad():
        fake = one.generator(torch.from_numpy(latents)).numpy()
    penalty = 2.0 * (3 - 1) ** 2 if objective.clip is None else 3.0 / 2 * 3**2
    (game,) = training(way, one).games
    d_loss, _ = game.play(0, real.T[None, None, None], latents.T[None, None, None])
    assert d_loss[0, 0] == pytest.approx(3 * (fake.mean() - real.mean()) + penalty, rel=1e-5)
    # both ways of bounding the slope draw it down from 3
    assert one.discriminator[0].weight.item() < 3


def test_a_penalty_leaves_the_global_random_state_alone() -> None:
    settings = Settings(steps=3, batch=16)
    losses = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        state = torch.get_rng_state()
        losses.append(Training([gan(PenalizedWasserstein(), 0, settings)]).advance(3))
        assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(losses[0], losses[1])


@pytest.mark.parametrize("objective", [Hinge(), PenalizedWasserstein()])
def test_a_run_gone_wrong_leaves_the_others_alone(objective: Objective) -> None:
    settings = Settings(steps=4, batch=16)
    gans = [gan(objective, seed, settings) for seed in range(3)]
    with torch.no_grad():
        next(gans[1].generator.parameters()).fill_(math.nan)
    losses = np.array(Training(gans).advance(4))
    assert np.isfinite(losses).all(axis=(0, 2)).tolist() == [True, False, True]
    expected = Training([gan(objective, 2, settings)]).advance(4)
    np.testing.assert_allclose(losses[:, 2], np.array(expected)[:, 0], rtol=1e-4)


@pytest.mark.parametrize("way", [NumpyGame, StackedGame, ModuleGame])
def test_d_sees_real_and_generated_samples_with_noise(way: type[Game]) -> None:
    """The loss of a D that squares tells how wide what it sees is."""
    settings = Settings(steps=40, batch=4096, noise=3.0, g_lr=1e-9, d_lr=1e-9)
    one = gan(ClippedWasserstein(9.0), 0, settings)
    with torch.no_grad():
        for parameter in one.generator.parameters():
            parameter.zero_()  # all samples are 0, and the noise is all there is
        first, _, second, _, last = one.discriminator
        for layer in (first, second, last):
            layer.weight.zero_()
            layer.bias.zero_()
        first.weight[:2, 0] = torch.tensor([1.0, -1.0])
        second.weight[0, :2] = last.weight[0, 0] = 1.0  # 0.8 |x|, by leaky units
    one.draw_real = lambda n: np.full((n, 1), 100, np.float32)
    d_losses, g_losses = training(way, one).advance(40)
    of_noise = 0.8 * 3 * math.sqrt(2 / math.pi)
    assert -g_losses[0, 0] == pytest.approx(of_noise, rel=0.1)
    assert d_losses[0, 0] == pytest.approx(of_noise - 80, rel=0.02)
    assert -g_losses[0, -1] == pytest.approx(0, abs=1e-4)  # it has ended


def test_networks_of_ones_own_take_the_ordinary_way() -> None:
    settings = Settings(steps=5, batch=16, ema=0.9)
    base = gan(NonSaturating(), 0, settings)
    one = Gan(
        nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1)),
        nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.5), nn.Linear(8, 1)),
        base.objective,
        settings,
        base.draw_real,
        base.draw_latents,
    )
    before = [p.clone() for p in (*one.generator.parameters(), *one.discriminator.parameters())]
    made = Training([one])
    assert isinstance(made.games[0], ModuleGame)
    assert np.isfinite(made.advance(5)).all()
    after = [*one.generator.parameters(), *one.discriminator.parameters()]
    # a bias in front of batch norm has no effect, so its gradient is zero up to rounding
    assert sum(not torch.equal(a, b) for a, b in zip(before, after, strict=True)) >= 7
    assert all(p.requires_grad for p in one.discriminator.parameters())
    assert torch.equal(one.g_ema[1].running_mean, one.generator[1].running_mean)  # type: ignore[index]


def test_without_a_moving_average_g_itself_is_drawn() -> None:
    one = gan(Minimax(), 0, Settings())
    assert one.g_ema is one.generator


@pytest.mark.parametrize("way", [NumpyGame, StackedGame, ModuleGame])
def test_the_average_is_the_mean_of_the_weights(way: type[Game]) -> None:
    """Over the first steps, with a long memory, each step has the weight 10 / (step + 10)."""
    one = gan(Minimax(), 0, Settings(steps=6, batch=8, ema=0.999))
    made = training(way, one)
    expected = weights(one)["generator"]
    for k in range(6):
        made.advance(1)
        expected += 10 / (k + 10) * (weights(one)["generator"] - expected)
    np.testing.assert_allclose(weights(one)["g_ema"], expected, rtol=1e-5, atol=1e-6)
