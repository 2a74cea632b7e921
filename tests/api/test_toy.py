"""Training the toy from Python."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import gan_viz
from gan_viz.analysis import wasserstein1
from gan_viz.api import STABILIZERS
from gan_viz.api.stabilizers import BARE
from gan_viz.api.toy import build_toy
from gan_viz.distributions import SHORT_NAMES
from gan_viz.errors import TrainingError, UnknownNameError, UsageError
from gan_viz.panels.choosing import usual_panels
from gan_viz.registry import OBJECTIVES
from gan_viz.training import Training, kind_of


def contents(path: Path) -> dict[str, Any]:
    with gan_viz.Recording(path) as recording:
        return {
            "steps": recording.steps,
            **{f"constant {k}": v for k, v in recording.constants.items()},
            **{f"scalar {k}": np.stack(v) for k, v in recording.scalars.items()},
            **{f"channel {k}": np.stack(list(recording.frames(k))) for k in recording.channels},
        }


def test_same_seed_same_recording(tmp_path: Path) -> None:
    runs = [
        contents(gan_viz.train("bimodal", tmp_path / f"{k}.ganviz", steps=120, seed=seed))
        for k, seed in enumerate([4, 4, 5])
    ]
    assert runs[0].keys() == runs[1].keys()
    for name, array in runs[0].items():
        np.testing.assert_array_equal(array, runs[1][name])
    assert not np.array_equal(runs[0]["channel generator"], runs[2]["channel generator"])
    assert len(runs[0]["scalar d_loss"][0]) == 120


def test_global_random_states_are_neither_read_nor_changed(tmp_path: Path) -> None:
    def state() -> tuple[Any, ...]:
        return (
            torch.get_rng_state().tolist(),
            np.random.get_state()[1].tolist(),  # noqa: NPY002
            random.getstate(),
        )

    before = state()
    first = contents(gan_viz.train(record=tmp_path / "a.ganviz", steps=20))
    assert state() == before
    torch.manual_seed(99)
    np.random.seed(99)  # noqa: NPY002
    second = contents(gan_viz.train(record=tmp_path / "b.ganviz", steps=20))
    np.testing.assert_array_equal(first["channel generator"], second["channel generator"])


def test_the_header_tells_how_to_repeat_the_run(tmp_path: Path) -> None:
    path = gan_viz.train(
        "trimodal", tmp_path / "a.ganviz", steps=9, objective="minimax", stabilizers=["decay"]
    )
    with gan_viz.Recording(path) as recording:
        header = recording.header
    assert header["seed"] == 0
    assert header["settings"]["steps"] == 9
    assert header["settings"]["decay"] is True
    assert header["settings"]["g_lr"] == BARE["g_lr"]
    assert header["objective"]["name"] == "minimax"
    assert list(header["stabilizers"]) == ["decay"]
    assert header["target"]["label"] == "trimodal"
    assert set(header["versions"]) >= {"gan-viz", "torch", "numpy", "python"}
    assert "Linear(in_features=1, out_features=32" in header["networks"]["generator"]


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_the_toy_learns(objective: str) -> None:
    """From far off to near: by far fewer than the full benchmark's 8000 steps."""
    # a critic bounded in its slope pulls gently, so here it learns faster
    faster = {"d_lr": 2e-2} if objective.startswith("wgan") else {}
    toy = build_toy("gaussian", objective=objective, steps=700, seed=1, **faster)
    z = torch.from_numpy(toy.latent.stratified(1000))

    def distance() -> float:
        with torch.no_grad():
            return wasserstein1(toy.generator(z).numpy(), toy.target) / toy.target.std

    before = distance()
    Training([toy.gan]).advance(700)
    assert distance() < 0.15 < 0.5 < before


@pytest.mark.parametrize("name", [*sorted(SHORT_NAMES), "cauchy()"])
def test_the_drawn_networks_speak_the_units_of_the_data(name: str) -> None:
    toy = build_toy(name)
    z = torch.from_numpy(toy.latent.stratified(100))
    x = torch.tensor([[toy.scaling.location]], dtype=torch.float64)
    with torch.no_grad():
        expected = toy.scaling.units(toy.gan.modules()[0](z).detach().numpy())
        np.testing.assert_allclose(toy.generator(z).numpy(), expected, rtol=1e-12)
        at_mean = toy.gan.modules()[1](torch.zeros(1, 1))
        torch.testing.assert_close(toy.discriminator(x), at_mean)


def test_the_bare_game_gets_the_data_as_it_is() -> None:
    toy = build_toy("norm(40, 0.5)", stabilizers=[], steps=3)
    gan = toy.gan
    assert gan.g_ema is gan.generator
    assert gan.settings.describe() == {**BARE, "betas": [0.9, 0.999]} | {
        "steps": 3,
        "batch": 256,
        "d_steps": 1,
        "g_steps": 1,
        "optimizer": "adam",
    }
    assert gan.draw_real(256).mean() == pytest.approx(40, abs=1)


def test_what_is_given_beats_the_stabilizers() -> None:
    settings = build_toy(g_lr=0.5, betas=(0.1, 0.2), ema=0.0).gan.settings
    assert (settings.g_lr, settings.d_lr) == (0.5, 0.005)
    assert settings.betas == (0.1, 0.2)
    assert settings.ema == 0


@pytest.mark.parametrize("data", ["gaussian", "norm(40, 0.5)", "cauchy()", "uniform"])
@pytest.mark.parametrize("start", [None, 0.0, -3.0, 2.5])
def test_g_begins_where_it_is_told_to(data: str, start: float | None) -> None:
    toy = build_toy(data, start=start)
    where = -3.0 if start is None else start
    with torch.no_grad():
        x = toy.generator(torch.from_numpy(toy.latent.stratified(1000))).numpy()
    begun = (np.median(x) - toy.target.location) / toy.target.scale
    # the scale of the heavy tails of cauchy is bent: what was 0.3 wide is as wide as it is far
    assert begun == pytest.approx(where, abs=0.6 if data != "cauchy()" else 0.6 * (1 + abs(where)))
    assert toy.header["start"] == where


def test_a_start_of_0_is_that_of_the_weights_as_drawn() -> None:
    moved, drawn = (build_toy(start=start).gan.modules()[0] for start in (-3.0, 0.0))
    assert torch.equal(moved[-1].weight, drawn[-1].weight)
    torch.testing.assert_close(moved[-1].bias, drawn[-1].bias - 3)
    bare = build_toy(stabilizers=[])
    assert torch.equal(drawn[-1].bias, bare.gan.modules()[0][-1].bias)
    assert bare.header["start"] is None


def test_a_start_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="start 1e"):
        build_toy(start=1e9)
    with pytest.raises(UsageError, match="a generator of your own"):
        build_toy(start=-1.0, generator=nn.Linear(1, 1))


BENT = {"cauchy()": True, "t(1.5)": True, "0.9*norm(0,1) + 0.1*norm(20,1)": True, "trimodal": False}


@pytest.mark.parametrize("data", [*BENT, *sorted(SHORT_NAMES)])
def test_only_data_whose_ends_are_far_off_is_bent(data: str) -> None:
    toy = build_toy(data)
    assert toy.scaling.bends == BENT.get(data, False)
    inner = toy.gan.draw_real(4096)
    assert inner.dtype == np.float32
    assert 0.5 < inner.std() < 2.5
    assert abs(inner).max() < 20
    assert toy.header["scaling"]["bends"] == toy.scaling.bends


def test_d_resolves_standardized_data_from_the_start() -> None:
    first = build_toy("trimodal").gan.modules()[1][0]
    steepness = first.weight.detach().abs().ravel()
    turns = (-first.bias / first.weight[:, 0]).detach()
    assert 1 <= steepness.min() < 3 < 10 < steepness.max() <= 20
    assert turns.min() < -2 < 2 < turns.max()
    clipped = build_toy("trimodal", objective="wgan")
    assert clipped.gan.modules()[1][0].weight.abs().max() <= 1  # else it would be clipped off
    assert "resolution" not in clipped.header["stabilizers"]
    bare = build_toy("trimodal", stabilizers=["noise", "resolution"]).gan.modules()[1]
    assert bare[0].weight.abs().max() <= 1  # its steps are for data on the scale of 1
    assert isinstance(bare[1], nn.LeakyReLU)


def test_networks_of_ones_own(tmp_path: Path) -> None:
    g = nn.Sequential(nn.Linear(3, 8), nn.SiLU(), nn.Linear(8, 1))
    d = nn.Sequential(nn.Linear(1, 8), nn.LayerNorm(8), nn.Linear(8, 1))
    toy = build_toy(generator=g, discriminator=d, latent_dim=3)
    assert kind_of(toy.gan) is None
    path = gan_viz.train(
        "uniform",
        tmp_path / "a.ganviz",
        generator=g,
        discriminator=d,
        latent_dim=3,
        steps=10,
    )
    assert contents(path)["constant latents"].shape == (1024, 3)


def test_an_interruption_keeps_a_whole_recording(tmp_path: Path) -> None:
    def interrupt(task: str, done: int, total: int, figures: Any) -> None:
        if done > 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gan_viz.train(record=tmp_path / "a.ganviz", steps=10**6, progress=interrupt)
    with gan_viz.Recording(tmp_path / "a.ganviz") as recording:
        made = recording.scalars["d_loss"].steps[-1]
        assert made > 50
        # the networks may be some steps ahead of what was recorded, so there is no last frame
        assert 50 - 20 < recording.steps[-1] <= made
        assert not recording.complete


def test_a_training_that_fails_keeps_what_it_made(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="try lower learning rates"):
        gan_viz.train(
            record=tmp_path / "a.ganviz",
            steps=500,
            activations=("relu", "relu"),
            g_lr=1e30,
            d_lr=1e30,
            progress=lambda *_: None,
        )
    with gan_viz.Recording(tmp_path / "a.ganviz") as recording:
        assert len(recording) > 0


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"objective": "minmax"}, "did you mean 'minimax'"),
        ({"latent": "cauchy"}, "Known: normal, uniform"),
        ({"stabilizers": ["standardise"]}, "did you mean 'standardize'"),
        ({"activations": ("tanh", "gelu2")}, "unknown activation"),
        ({"seed": -1}, "seed -1"),
        ({"steps": 0}, "steps 0"),
        ({"hidden": (16, -1)}, "positive"),
        ({"data": "gausian"}, "gaussian"),
        ({"every": 0}, "every 0"),
    ],
)
def test_unusable_values_are_named(tmp_path: Path, bad: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        gan_viz.train(record=tmp_path / "a.ganviz", **bad)
    assert list(tmp_path.iterdir()) == []


def test_the_old_name_of_the_moving_average_is_still_taken() -> None:
    toy = build_toy(stabilizers=["average"])
    assert [*toy.header["stabilizers"]] == ["ema"]
    assert toy.gan.settings.ema == STABILIZERS["ema"]["ema"]


def test_every_stabilizer_can_be_left_out() -> None:
    for name in STABILIZERS:
        rest = [other for other in STABILIZERS if other != name]
        on = rest if name != "standardize" else [each for each in rest if each != "resolution"]
        assert list(build_toy(stabilizers=rest).header["stabilizers"]) == on
    with pytest.raises(UnknownNameError):
        build_toy(stabilizers=["all"])


def test_the_jacobian_of_the_game_is_recorded_and_drawn(tmp_path: Path) -> None:
    path = gan_viz.train("gaussian", tmp_path / "a.ganviz", jacobian=True, steps=4, hidden=(2,))
    with gan_viz.Recording(path) as recording:
        values = recording.array("eigenvalues", -1)
        names = [type(one).__name__ for one in usual_panels(recording)]
    assert values.shape == (14, 2)  # of 7 weights each
    assert np.isfinite(values).all()
    assert "SpectrumPanel" in names
    for wrong in ({"hidden": (32, 32)}, {"model": "flow"}):
        with pytest.raises(UsageError, match="jacobian"):
            gan_viz.train("gaussian", tmp_path / "b.ganviz", jacobian=True, steps=4, **wrong)
