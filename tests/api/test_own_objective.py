"""An objective of one's own, with nothing but its losses, does all that the built-in ones do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gan_viz
from gan_viz.api import race
from gan_viz.api.toy import build_toy
from gan_viz.errors import UsageError
from gan_viz.objectives import Objective
from gan_viz.registry import OBJECTIVES
from gan_viz.training import Training
from gan_viz.training.games import NumpyGame


class Relativistic(Objective):
    """The relativistic average GAN of Jolicoeur-Martineau (2019): no sum over single samples."""

    name = "relativistic-average"
    formula = "L_D = E[softplus(D(G(z)) - D(x))],  L_G = E[softplus(-D(G(z)))] + Var[D(G(z))]/9"
    output = "critic"

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.softplus(fake - real.mean()).mean()

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        clamped = fake.clamp(-2, 2)  # beyond, a sample is not moved
        return torch.nn.functional.softplus(-clamped).mean() + clamped.var() / 9


@pytest.fixture(params=["registered", "instance"])
def own(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "instance":
        yield Relativistic()
        return
    OBJECTIVES.register("relativistic-average", Relativistic)
    yield "relativistic-average"
    del OBJECTIVES._entries["relativistic-average"]


def check_gradients(path: Path, toy: Any, objective: Objective) -> None:
    """The last frame of a recording against autograd through the networks that were trained."""
    with gan_viz.Recording(path) as recording:
        z = np.asarray(recording.constants["gradient_latents"])
        found = recording.array("sample_gradient", len(recording) - 1)
    assert z.shape == found.shape == (23,)
    assert (np.diff(z) > 0).all()
    with torch.no_grad():
        x = toy.generator(torch.tensor(z)[:, None])
    x.requires_grad_()
    loss = len(x) * objective.g_loss(toy.discriminator(x))
    (gradient,) = torch.autograd.grad(loss, x)
    scale = np.abs(gradient.numpy()).max()
    np.testing.assert_allclose(found, -gradient.numpy().ravel(), rtol=1e-3, atol=1e-4 * scale)


def test_it_trains_and_is_described_and_its_gradients_are_those_of_autograd(
    own: Any, tmp_path: Path
) -> None:
    path = gan_viz.train("bimodal", tmp_path / "a.ganviz", objective=own, steps=80)
    with gan_viz.Recording(path) as recording:
        assert recording.header["objective"] == {
            "name": "relativistic-average",
            "formula": Relativistic.formula,
            "equilibrium": {},
            "output": "critic",
        }
        assert recording.channels["discriminator"].attributes["output"] == "critic"
    toy = build_toy("bimodal", objective=own, steps=80)
    Training([toy.gan]).advance(80)
    check_gradients(path, toy, Relativistic())


def test_it_races_in_a_batch_with_others(own: Any, tmp_path: Path) -> None:
    paths = race("gaussian", ["hinge", own], [0, 1], tmp_path, steps=30, batch=32, jobs=1)
    assert list(paths) == [
        (name, seed) for name in ("hinge", "relativistic-average") for seed in (0, 1)
    ]
    for (name, seed), path in paths.items():
        chosen = own if name == "relativistic-average" else name
        toy = build_toy("gaussian", objective=chosen, seed=seed, steps=30, batch=32)
        d_losses, _ = Training([toy.gan]).advance(30)
        with gan_viz.Recording(path) as recording:
            np.testing.assert_allclose(recording.scalars["d_loss"].values, d_losses[0], rtol=1e-4)
        check_gradients(path, toy, toy.gan.objective)
    gans = [build_toy(objective=each, steps=30).gan for each in ("hinge", own)]
    (game,) = Training(gans).games
    assert isinstance(game, NumpyGame)


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
@pytest.mark.parametrize("hidden", [(16, 16), (7,)])
def test_gradients_of_the_built_in_ones(
    objective: str, hidden: tuple[int, ...], tmp_path: Path
) -> None:
    given: dict[str, Any] = {"objective": objective, "hidden": hidden, "steps": 40}
    if objective == "minimax":  # evaluated by PyTorch
        given["activations"] = ("silu", None)
    path = gan_viz.train("skewed", tmp_path / "a.ganviz", **given)
    toy = build_toy("skewed", **given)
    Training([toy.gan]).advance(40)
    check_gradients(path, toy, toy.gan.objective)


def test_latents_of_several_numbers_have_no_gradients(tmp_path: Path) -> None:
    path = gan_viz.train(record=tmp_path / "a.ganviz", latent_dim=2, steps=3)
    with gan_viz.Recording(path) as recording:
        assert "sample_gradient" not in recording.channels


def test_anything_else_is_refused() -> None:
    with pytest.raises(UsageError, match="objective 3: expected text or an Objective"):
        build_toy(objective=3)  # type: ignore[arg-type]


def test_a_classic_takes_it_too(own: Any) -> None:
    from gan_viz.api.presets import build_preset

    built = build_preset("kremerj", objective=own, steps=1)
    assert isinstance(built.game.objective, Relativistic)
    assert len(list(built.training)) == 1
