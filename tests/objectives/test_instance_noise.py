"""What D sees with instance noise, in both engines."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.models import mlp
from gan_viz.objectives import R1
from gan_viz.objectives.instance_noise import InstanceNoise
from gan_viz.objectives.non_saturating import NonSaturating
from gan_viz.training import Gan, Settings, Training
from gan_viz.training.loop import kind_of
from gan_viz.training.tensor_game import Batch, TensorGame


class Spy(nn.Module):
    """A linear D that keeps what it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.line, self.seen = nn.Linear(1, 1), list[torch.Tensor]()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen.append(x.detach())
        return self.line(x)


@pytest.mark.parametrize("spread", [0.5, None])
def test_all_that_d_sees_is_noisy(spread: float | None) -> None:
    objective = NonSaturating() if spread is None else InstanceNoise(spread)
    d, g = Spy(), nn.Linear(1, 1)
    nn.init.zeros_(g.weight)
    nn.init.zeros_(g.bias)
    real, z = torch.full((4000, 1), 3.0), torch.zeros(4000, 1)
    TensorGame(g, d, objective, Settings(batch=4000)).step(0, [Batch(real)], [Batch(z)])
    both, made = d.seen[0], d.seen[-1]
    parts = both[:4000] - 3, both[4000:], made
    for part in parts:
        assert part.std().item() == pytest.approx(spread or 0.0, rel=0.1, abs=1e-7)
    assert spread is None or abs(np.corrcoef(parts[0].ravel(), parts[1].ravel())[0, 1]) < 0.1


def gan(objective: InstanceNoise | R1 | NonSaturating, seed: int = 0) -> Gan:
    rng, source = np.random.default_rng(seed), torch.Generator().manual_seed(seed)

    def draw(n: int) -> np.ndarray:
        return rng.normal(1, 1, (n, 1)).astype(np.float32)

    networks = mlp(1, (4,), 1, "tanh", source), mlp(1, (4,), 1, "tanh", source)
    return Gan(*networks, objective, Settings(steps=4, batch=16, g_steps=2), draw, draw)


def test_a_run_sees_the_same_noise_alone_and_beside_others() -> None:
    noisy = InstanceNoise(0.5)
    alone = Training([gan(noisy)]).advance(4)
    beside = Training([gan(R1(NonSaturating(), 0.1), 1), gan(noisy), gan(noisy, 2)]).advance(4)
    for one, other in zip(alone, beside, strict=True):
        assert np.allclose(one[0], other[1], rtol=1e-4)
    plain = Training([gan(NonSaturating())]).advance(4)
    assert not np.allclose(alone[0], plain[0], rtol=1e-2)


def test_it_is_trained_by_autograd_and_kept_by_r1() -> None:
    assert R1(InstanceNoise(0.5), 1.0).noise == 0.5
    kind = kind_of(gan(InstanceNoise()))
    assert kind is not None
    assert kind[0] == "autograd"  # type: ignore[index]


@pytest.mark.parametrize("noise", [0.0, -1.0, math.nan, math.inf])
def test_a_deviation_that_is_none(noise: float) -> None:
    with pytest.raises(UsageError, match="above 0"):
        InstanceNoise(noise)
