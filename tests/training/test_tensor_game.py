"""The game on tensors plays what the formulas say, with and without shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import cycle

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_viz.errors import TrainingError, UnknownNameError, UsageError
from gan_viz.registry import OBJECTIVES, OPTIMIZERS
from gan_viz.training import Settings
from gan_viz.training.batches import Pictures
from gan_viz.training.optimizers import make_optimizer
from gan_viz.training.tensor_game import Batch, TensorGame
from gan_viz.training.tensor_loop import CHECKED, TensorTraining


class Conditional(nn.Module):
    """A network that is told a class."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(3, 2)
        self.layer = nn.Linear(inputs + 2, outputs)

    def forward(self, values: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return self.layer(torch.cat([values, self.embedding(labels)], dim=1))


def plain() -> tuple[nn.Module, nn.Module]:
    g = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 4))
    return g, nn.Sequential(nn.Linear(4, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))


def normalized() -> tuple[nn.Module, nn.Module]:
    def layers(inputs: int, outputs: int) -> nn.Module:
        first = nn.Linear(inputs, 8)
        return nn.Sequential(first, nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, outputs))

    return layers(2, 4), layers(4, 1)


def conditional() -> tuple[nn.Module, nn.Module]:
    return Conditional(2, 4), Conditional(4, 1)


BUILDS = [plain, normalized, conditional]


def batches(labelled: bool, number: int, width: int, n: int = 16) -> list[Batch]:
    labels = torch.arange(n) % 3 if labelled else None
    return [Batch(torch.randn(n, width), labels) for _ in range(number)]


def by_the_book(
    g: nn.Module, d: nn.Module, settings: Settings, steps: list[tuple[list[Batch], list[Batch]]]
) -> list[dict[str, float]]:
    """The non-saturating game as a textbook has it: everything by itself, nothing shared."""
    g_opt = torch.optim.SGD(g.parameters(), settings.g_lr, settings.betas[0])
    d_opt = torch.optim.SGD(d.parameters(), settings.d_lr, settings.betas[0])
    figures = []
    for real, latents in steps:
        for x, z in zip(real, latents[: settings.d_steps], strict=True):
            fake = z.through(g)
            on_real, on_fake = x.through(d), Batch(fake.detach(), z.labels).through(d)
            d_loss = bce(on_real, torch.ones(16, 1)) + bce(on_fake, torch.zeros(16, 1))
            d_opt.zero_grad()
            d_loss.backward()
            d_opt.step()
        for k in range(settings.g_steps):
            z = latents[settings.d_steps - 1 + k]
            after = Batch(z.through(g) if k else fake, z.labels).through(d)
            g_loss = bce(after, torch.ones(16, 1))
            g_opt.zero_grad()
            g_loss.backward()
            g_opt.step()
        figures.append(
            {
                "d_loss": d_loss.item(),
                "g_loss": g_loss.item(),
                "d_real": on_real.sigmoid().mean().item(),
                "d_fake": on_fake.sigmoid().mean().item(),
                "d_fake_after": after.sigmoid().mean().item(),
            }
        )
    return figures


@pytest.mark.parametrize(("d_steps", "g_steps"), [(1, 1), (3, 1), (2, 3)])
@pytest.mark.parametrize("build", BUILDS)
def test_as_by_the_book(
    build: Callable[[], tuple[nn.Module, nn.Module]], d_steps: int, g_steps: int
) -> None:
    torch.manual_seed(0)
    # not Adam: before a normalization gradients are rounding noise, and it makes full steps of it
    turns = {"d_steps": d_steps, "g_steps": g_steps}
    settings = Settings(steps=5, batch=16, **turns, optimizer="sgd", g_lr=0.1, d_lr=0.1)
    g, d = build()
    labelled = build is conditional
    number = settings.latent_batches
    steps = [(batches(labelled, d_steps, 4), batches(labelled, number, 2)) for _ in range(5)]
    theirs = deepcopy(g), deepcopy(d)
    expected = by_the_book(*theirs, settings, steps)
    game = TensorGame(g, d, OBJECTIVES["non-saturating"](), settings)
    for number, (batch, latents) in enumerate(steps):
        figures = game.step(number, batch, latents)
        assert figures.keys() == expected[number].keys()
        for name, value in figures.items():
            assert not value.requires_grad
            assert value.item() == pytest.approx(expected[number][name], rel=1e-4, abs=1e-6)
    for ours, other in zip((g, d), theirs, strict=True):
        for a, b in zip(ours.state_dict().values(), other.state_dict().values(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("build", BUILDS)
def test_products_in_16_bits_are_those_of_autocast(
    build: Callable[[], tuple[nn.Module, nn.Module]],
) -> None:
    torch.manual_seed(0)
    g, d = build()
    labelled = build is conditional
    real, latents = batches(labelled, 1, 4), batches(labelled, 1, 2)
    ours, half = deepcopy((g, d)), torch.autocast("cpu", torch.bfloat16)
    objective = OBJECTIVES["non-saturating"]()
    game = TensorGame(*ours, objective, Settings(), precision="bf16")
    figures = game.step(0, real, latents)
    with half:
        fake = latents[0].through(g).float()
        on_real, on_fake = (
            one.through(d).float() for one in (real[0], Batch(fake, latents[0].labels))
        )
    loss = objective.d_loss(on_real, on_fake)
    assert figures["d_loss"].dtype == torch.float32
    assert figures["d_loss"].item() == pytest.approx(loss.item(), rel=1e-6)
    whole = TensorGame(g, d, objective, Settings())
    passed = whole._passed(latents[0], g.eval())
    with half:  # somebody else's: it is not taken over
        assert torch.equal(whole._passed(latents[0], g), passed)
    g.train()
    exact = whole.step(0, real, latents)
    assert 0 < abs(exact["d_loss"].item() - loss.item()) < 0.02
    assert {p.dtype for p in (*ours[0].parameters(), *ours[1].parameters())} == {torch.float32}


def test_d_learns_nothing_from_the_turn_of_g() -> None:
    g, d = plain()
    game = TensorGame(g, d, OBJECTIVES["non-saturating"](), Settings())
    game.step(0, batches(False, 1, 4), batches(False, 1, 2))
    assert all(p.requires_grad for p in d.parameters())
    before = [p.grad.clone() for p in d.parameters()]
    game._update_g(Batch(g(torch.randn(16, 2))), Batch(torch.randn(16, 1)))
    assert all(torch.equal(p.grad, old) for p, old in zip(d.parameters(), before, strict=True))


def test_frozen_parts_of_d_stay_frozen() -> None:
    g, d = plain()
    d[0].requires_grad_(False)
    frozen = d[0].weight.clone()
    game = TensorGame(g, d, OBJECTIVES["hinge"](), Settings())
    for number in range(3):
        game.step(number, batches(False, 1, 4), batches(False, 1, 2))
    assert torch.equal(d[0].weight, frozen)
    assert not d[0].weight.requires_grad


def dropping() -> tuple[nn.Module, nn.Module]:
    g = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 4))
    return g, nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1))


@pytest.mark.parametrize("turns", [{}, {"d_steps": 2, "g_steps": 2}])
def test_what_networks_draw_is_their_own(turns: dict[str, int]) -> None:
    """Dropout takes no source: the global state neither decides what it drops nor moves by it."""
    torch.manual_seed(0)
    networks = dropping()
    settings = Settings(**turns)
    real = [batches(False, settings.d_steps, 4) for _ in range(3)]
    latents = [batches(False, settings.latent_batches, 2) for _ in range(3)]

    def trained(source: int, state: int) -> tuple[torch.Tensor, torch.Tensor]:
        g, d = deepcopy(networks)
        own = torch.Generator().manual_seed(source)
        game = TensorGame(g, d, OBJECTIVES["wgan-gp"](), settings, own)
        torch.manual_seed(state)
        for number in range(3):
            for _ in game.updates(number, real[number], latents[number]):
                torch.rand(state)  # by others, between two updates
        weights = torch.cat([p.detach().ravel() for p in (*g.parameters(), *d.parameters())])
        return weights, torch.get_rng_state()

    first, again, other = trained(1, 2), trained(1, 5), trained(3, 2)
    assert torch.equal(first[0], again[0])
    assert not torch.equal(first[0], other[0])
    torch.manual_seed(2)
    for _ in range(3 * (settings.d_steps + settings.g_steps)):
        torch.rand(2)
    assert torch.equal(first[1], torch.get_rng_state())


def test_critics_are_not_squeezed_into_probabilities() -> None:
    torch.manual_seed(0)
    g, d = plain()
    nn.init.constant_(d[-1].bias, 7.0)
    game = TensorGame(g, d, OBJECTIVES["wgan-gp"](), Settings())
    figures = game.step(0, batches(False, 1, 4), batches(False, 1, 2))
    assert figures["d_real"] > 5


def test_the_average_follows_g_and_its_statistics() -> None:
    g, d = normalized()
    game = TensorGame(g, d, OBJECTIVES["non-saturating"](), Settings(ema=0.5, g_lr=0.1))
    for number in range(30):
        game.step(number, batches(False, 1, 4), batches(False, 1, 2))
    assert game.g_ema is not g
    assert torch.equal(game.g_ema[1].running_mean, g[1].running_mean)
    assert not torch.equal(game.g_ema[0].weight, g[0].weight)
    torch.testing.assert_close(game.g_ema[0].weight, g[0].weight, rtol=0, atol=0.5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_downhill(name: str) -> None:
    layer = nn.Linear(3, 1)
    optimizer = make_optimizer(name, layer, 0.01, (0.5, 0.9))
    x, losses = torch.randn(32, 3), []
    for _ in range(50):
        loss = (layer(x) - 1).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_an_unknown_optimizer() -> None:
    with pytest.raises(UnknownNameError, match="adam, rmsprop, sgd"):
        make_optimizer("adamm", nn.Linear(1, 1), 0.1, (0.9, 0.9))


IMAGES = np.arange(20 * 4, dtype=np.uint8).reshape(20, 2, 2)


def test_each_picture_is_dealt_once_an_epoch() -> None:
    source = torch.Generator().manual_seed(0)
    pictures = Pictures(IMAGES, np.arange(20) % 3, 6, source)
    assert pictures.per_epoch == 3
    dealt = iter(pictures)
    for _ in range(2):
        epoch = [next(dealt) for _ in range(3)]
        firsts = torch.cat([batch.values[:, 0, 0, 0] for batch in epoch])
        assert len(firsts.unique()) == 18
        for batch in epoch:
            assert batch.values.shape == (6, 1, 2, 2)
            index = ((batch.values[:, 0, 0, 0] + 1) * 127.5 / 4).round().long()
            assert torch.equal(batch.labels, index % 3)


def test_pictures_are_dealt_from_the_given_source_alone() -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first, second = (
        next(iter(Pictures(IMAGES, None, 6, torch.Generator().manual_seed(5)))) for _ in range(2)
    )
    assert first.labels is None
    assert torch.equal(first.values, second.values)
    assert torch.equal(torch.get_rng_state(), state)


def test_too_few_pictures() -> None:
    with pytest.raises(UsageError, match="batch 21: there are only 20 pictures"):
        Pictures(IMAGES, None, 21, torch.Generator())


def test_a_loss_gone_wrong_is_noticed() -> None:
    settings = Settings(steps=10 * CHECKED, batch=16)
    g, d = plain()
    nn.init.constant_(g[0].weight, float("nan"))
    game = TensorGame(g, d, OBJECTIVES["non-saturating"](), settings)
    real = cycle([Batch(torch.randn(16, 4))])
    training = TensorTraining(game, real, lambda n: Batch(torch.randn(n, 2)), settings)
    made = 0
    with pytest.raises(TrainingError, match=f"step {CHECKED}: D's loss is nan"):
        for made, _ in training:  # noqa: B007
            pass
    assert made == CHECKED


def test_the_loop_gives_every_update_of_d_its_own_batch() -> None:
    settings = Settings(steps=2, batch=4, d_steps=3)
    g, d = plain()
    game = TensorGame(g, d, OBJECTIVES["non-saturating"](), settings)
    sizes: list[int] = []
    real = (Batch(torch.full((4, 4), float(k))) for k in range(100))

    def draw(n: int) -> Batch:
        sizes.append(n)
        return Batch(torch.randn(n, 2))

    assert [number for number, _ in TensorTraining(game, real, draw, settings)] == [1, 2]
    assert sizes == [4] * 6
    assert next(real).values[0, 0] == 6
