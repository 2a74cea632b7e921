"""Gradient norms are PyTorch's own, of the gradients that are stepped along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.hooks import Recorder
from gan_viz.hooks.gradients import GradientsHook, gradient_norm
from gan_viz.recording import Recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


def norm_of(module: nn.Module) -> float:
    """As PyTorch's clipping sees it."""
    return float(nn.utils.clip_grad_norm_(module.parameters(), torch.inf))


def play(game: Any, recorder: Recorder, optimizers: list[Any], *, tidy: bool) -> list[Any]:
    """Six steps of a usual loop with two updates of D; gives back the norms stepped along."""
    seen = []
    for _ in range(6):
        for _ in range(2):
            of_g, of_d = game.batch(8)
            d_loss = game.discriminator(*of_d) - game.discriminator(game.generator(*of_g).detach())
            optimizers[1].zero_grad()
            d_loss.square().mean().backward()
            d_norm = norm_of(game.discriminator)
            optimizers[1].step()
        optimizers[0].zero_grad()
        game.discriminator(game.generator(*of_g)).square().mean().backward()
        left = norm_of(game.discriminator)
        seen.append((norm_of(game.generator), d_norm, left))
        optimizers[0].step()
        if tidy:
            for optimizer in optimizers:
                optimizer.zero_grad()
        recorder.step()
    return seen


@pytest.fixture
def game(make_game: Callable[[str], Any]) -> Any:
    return make_game("pictures")


@pytest.mark.parametrize("every", [1, 2, 3])
def test_with_optimizers_norms_are_those_stepped_along(path: Path, game: Any, every: int) -> None:
    networks = game.generator, game.discriminator
    optimizers = [torch.optim.Adam(m.parameters()) for m in networks]
    hook = GradientsHook(*optimizers, every=every)
    with Recorder(path, *networks, latent_dim=game.latent, hooks=[hook], every=4) as recorder:
        seen = play(game, recorder, optimizers, tidy=True)
    with Recording(path) as recording:
        for k, name in enumerate(("g_grad_norm", "d_grad_norm")):
            steps, values = recording.scalars[name]
            assert steps.tolist() == list(range(every, 7, every))
            expected = [row[k] for row in seen[every - 1 :: every]]
            np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_without_optimizers_norms_are_those_left(path: Path, game: Any) -> None:
    networks = game.generator, game.discriminator
    optimizers = [torch.optim.SGD(m.parameters(), lr=0.01) for m in networks]
    hook = GradientsHook(every=1)
    with Recorder(path, *networks, latent_dim=game.latent, hooks=[hook]) as recorder:
        seen = play(game, recorder, optimizers, tidy=False)
    with Recording(path) as recording:
        g_norms, d_norms = (
            recording.scalars[name].values for name in ("g_grad_norm", "d_grad_norm")
        )
        np.testing.assert_allclose(g_norms, [row[0] for row in seen], rtol=1e-5)
        np.testing.assert_allclose(d_norms, [row[2] for row in seen], rtol=1e-5)
        assert not np.allclose(d_norms, [row[1] for row in seen], rtol=1e-3)


def test_without_gradients_there_is_no_norm(path: Path) -> None:
    with Recorder(path, nn.Identity(), nn.Linear(1, 1), hooks=[GradientsHook(every=1)]) as recorder:
        recorder.step()
        recorder._hooks[0]._unseen["d_grad_norm"].weight.grad = torch.full((1, 1), -3.0)
        recorder.step()
    with Recording(path) as recording:
        assert set(recording.scalars) == {"d_grad_norm"}
        assert recording.scalars["d_grad_norm"].steps.tolist() == [2]
        assert recording.scalars["d_grad_norm"].values.tolist() == [3]


@pytest.mark.parametrize("fails", [False, True])
def test_the_optimizers_are_left_alone_at_the_end(path: Path, fails: bool) -> None:
    g = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(g.parameters())
    with pytest.raises(ZeroDivisionError):
        with Recorder(path, g, hooks=[GradientsHook(optimizer)]):
            assert len(optimizer._optimizer_step_pre_hooks) == 1
            if fails:
                raise ZeroDivisionError
        assert not optimizer._optimizer_step_pre_hooks
        raise ZeroDivisionError
    assert not optimizer._optimizer_step_pre_hooks


def test_sparse_and_half_gradients() -> None:
    module = nn.Embedding(5, 2, sparse=True)
    module(torch.tensor([1, 1, 3])).sum().backward()
    assert float(gradient_norm(module.parameters())) == pytest.approx(np.sqrt(2 * 4 + 2 * 1))
    half = nn.Linear(100, 1, bias=False).half()
    half.weight.grad = torch.full((1, 100), 1000.0).half()
    assert float(gradient_norm(half.parameters())) == pytest.approx(10_000)


def test_an_impossible_cadence_is_refused() -> None:
    with pytest.raises(UsageError, match="positive whole number of steps"):
        GradientsHook(every=0)
