"""Which networks the closed form may stand in for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.models import mlp
from gan_viz.training.compiling import bind, compile_mlp, is_stackable


def hooked() -> nn.Module:
    network = mlp(1, [4])
    network[0].register_forward_hook(lambda *_: None)
    return network


def shared() -> nn.Module:
    layer = nn.Linear(4, 4)
    return nn.Sequential(nn.Linear(1, 4), nn.Tanh(), layer, nn.Tanh(), layer, nn.Tanh(), layer)


class Own(nn.Sequential):
    """A Sequential that does something else."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sin(super().forward(x))


@pytest.mark.parametrize(
    "network",
    [
        mlp(2, [4, 3]),
        mlp(1, []),
        nn.Sequential(nn.Linear(1, 4), nn.LeakyReLU(0.01), nn.Linear(4, 1)),
    ],
)
def test_compiled_networks_share_their_parameters(network: nn.Sequential) -> None:
    x = torch.randn(5, network[0].in_features)
    before = network(x)
    compiled = compile_mlp(network)
    assert compiled is not None
    bind(network, compiled)
    assert torch.equal(network(x), before)
    compiled.theta[:] = 0
    assert all((p == 0).all() for p in network.parameters())
    with torch.no_grad():
        network[0].bias.fill_(3)
    assert np.count_nonzero(compiled.theta == 3) == network[0].out_features


@pytest.mark.parametrize(
    "build",
    [
        hooked,
        shared,
        lambda: Own(nn.Linear(1, 1)),
        lambda: mlp(1, [4]).double(),
        lambda: nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Linear(4, 1)),
        lambda: nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1), nn.Tanh()),
        lambda: nn.Sequential(nn.Linear(1, 4), nn.Linear(4, 1)),
        lambda: nn.Sequential(
            nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1)
        ),
        lambda: nn.Sequential(nn.Linear(1, 4, bias=False), nn.Tanh(), nn.Linear(4, 1)),
        lambda: nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 2)),
        lambda: nn.Sequential(nn.Tanh()),
        lambda: nn.Sequential(),
        lambda: nn.Linear(1, 1),
    ],
)
def test_anything_else_is_not_stackable(build: Callable[[], nn.Module]) -> None:
    network = build()
    assert not is_stackable(network)
    assert compile_mlp(network) is None


@pytest.mark.parametrize(
    "between",
    [nn.SiLU(), nn.ELU(), nn.LeakyReLU(-0.2), nn.LeakyReLU(2.0), nn.Softplus(beta=2)],
)
def test_other_activations_can_be_stacked_but_have_no_form_in_numpy(between: nn.Module) -> None:
    network = nn.Sequential(nn.Linear(1, 4), between, nn.Linear(4, 1))
    assert is_stackable(network)
    assert compile_mlp(network) is None
