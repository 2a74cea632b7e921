"""Small games of all kinds, and every hook for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.hooks import Hook, cadence
from gan_viz.registry import HOOKS

LIKES = {
    "coverage": "pictures",
    "quality": "pictures",
    "distribution": "numbers",
    "jacobian": "numbers",
    "points": "points",
    "samples": "pictures",
    "signals": "signals",
    "walk": "pictures",
}
"""The only samples that a hook is for; other hooks take both."""
ARGUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "coverage": lambda: {"classifier": first_features(3), "every": 2},
    "quality": lambda: {
        "classifier": first_features(3),
        "real": np.random.default_rng(0).integers(0, 256, (40, 8, 8), np.uint8),
        "samples": 16,
    },
}
"""What a hook that is made without arguments lacks."""


def first_features(classes: int) -> nn.Module:
    """A classifier that draws nothing when it is made, and much unless it is evaluated."""
    return nn.Sequential(nn.Flatten(), nn.AdaptiveAvgPool1d(classes), nn.Dropout(0.5))


@dataclass
class Game:
    """Two networks and the shapes of what they take."""

    generator: nn.Module
    discriminator: nn.Module
    latent: tuple[int, ...]
    sample: tuple[int, ...] = (1,)
    classes: int = 0

    @property
    def kind(self) -> str:
        return {(1,): "numbers", (2,): "points", (2, 12): "signals"}.get(self.sample, "pictures")

    def batch(self, n: int, random: torch.Generator | None = None) -> list[tuple[Any, ...]]:
        """Inputs of G and of D, with labels where they are conditional."""
        z = torch.randn(n, *self.latent, generator=random)
        x = torch.tanh(torch.randn(n, *self.sample, generator=random) + 0.5)
        if not self.classes:
            return [(z,), (x,)]
        labels = torch.randint(self.classes, (n,), generator=random)
        return [(z, labels), (x, labels)]

    def options(self) -> dict[str, Any]:
        """What a recorder has to know."""
        latent = self.latent if len(self.latent) > 1 else self.latent[0]
        if self.kind == "numbers":
            return {"latent_dim": latent, "data": "norm(1, 2)"}
        _, (real, *labels) = self.batch(20, torch.Generator().manual_seed(1))
        known = {"labels": labels[0], "conditional": True} if labels else {}
        classes = [str(k) for k in range(self.classes)] or None
        return {"latent_dim": latent, "real": real, "classes": classes, **known}


def plain() -> Game:
    return Game(
        nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1)), nn.Linear(1, 1), latent=(2,)
    )


def with_state() -> Game:
    """Batch norm, one of them frozen, and dropout: all that could give a hook away."""
    g = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
    d = nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.5), nn.BatchNorm1d(8), nn.Linear(8, 1))
    d[2].eval()
    return Game(g, d, latent=(2,))


class Drawing(nn.Module):
    """A generator that draws noise in its forward pass, even in evaluation mode."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.layer(z) + 0.1 * torch.randn(len(z), 1, device=z.device)


def noisy() -> Game:
    d = nn.Sequential(nn.Linear(1, 4), nn.Dropout(0.2), nn.Linear(4, 1))
    return Game(Drawing(), d, latent=(2,))


def convolutions(channels: int) -> tuple[nn.Sequential, nn.Sequential]:
    """Pictures of 8 x 8, with batch norm and dropout in both networks."""
    g = nn.Sequential(
        nn.ConvTranspose2d(channels, 6, 4, 1, 0),
        nn.BatchNorm2d(6),
        nn.Dropout(0.2),
        nn.ReLU(),
        nn.ConvTranspose2d(6, 1, 4, 2, 1),
        nn.Tanh(),
    )
    d = nn.Sequential(
        nn.Conv2d(channels - 3, 6, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Dropout2d(0.3),
        nn.BatchNorm2d(6),
        nn.Conv2d(6, 1, 4, 1, 0),
    )
    return g, d


def pictures() -> Game:
    return Game(*convolutions(4), latent=(4, 1, 1), sample=(1, 8, 8))


class Conditional(nn.Module):
    """Gives a network its label as one more channel."""

    def __init__(self, network: nn.Module, classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(classes, 1)
        self.network = network

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        channel = self.embedding(labels)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return self.network(torch.cat([x, channel], 1))


def conditional() -> Game:
    g, d = (Conditional(network, 3) for network in convolutions(5))
    return Game(g, d, latent=(4, 1, 1), sample=(1, 8, 8), classes=3)


def points() -> Game:
    """Points of the plane, and batch norm."""
    g = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
    d = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.3), nn.ReLU(), nn.Linear(8, 1))
    return Game(g, d, latent=(2,), sample=(2,))


def signals() -> Game:
    """Two channels over twelve times."""
    g = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Unflatten(1, (2, 12)))
    d = nn.Sequential(nn.Conv1d(2, 3, 5, 2), nn.BatchNorm1d(3), nn.ReLU(), nn.Conv1d(3, 1, 4))
    return Game(g, d, latent=(3,), sample=(2, 12))


MAKERS = plain, with_state, noisy, pictures, conditional, points, signals
GAMES = {game.__name__: game for game in MAKERS}


@dataclass(frozen=True)
class Case:
    """A registered hook and a game that it is for."""

    name: str
    game: str

    def __str__(self) -> str:
        return f"{self.name}-{self.game}"

    def build(self) -> Game:
        """The game, the same every time."""
        torch.manual_seed(2)
        return GAMES[self.game]()

    def hook(self) -> Hook:
        return HOOKS[self.name](**ARGUMENTS.get(self.name, dict)())


def cases(*games: str) -> list[Case]:
    """Every hook with these games, as far as it is for them."""
    pairs = [(name, game) for name in sorted(HOOKS) for game in games]
    return [Case(*p) for p in pairs if LIKES.get(p[0], KINDS[p[1]]) == KINDS[p[1]]]


KINDS = {name: game().kind for name, game in GAMES.items()}
CASES = {"case": cases(*GAMES), "stateful_case": cases("with_state", "conditional")}


@pytest.fixture(scope="session", autouse=True)
def unhurried() -> Iterator[None]:
    """Looking may take its time: steps that do nothing leave none for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cadence, "SHARE", math.inf)
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a `case` with all of them, `stateful_case` with fewer."""
    for name in set(CASES) & set(metafunc.fixturenames):
        metafunc.parametrize(name, CASES[name], ids=str)


@pytest.fixture(scope="session")
def make_game() -> Callable[[str], Game]:
    """Build a game by name, the same every time."""
    return lambda name: Case("", name).build()
