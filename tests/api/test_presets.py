"""The classic demonstrations: as published, and as one wants them."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch import nn
from torch.optim import SGD, Adam, Optimizer

import gan_viz
from gan_viz.api import presets
from gan_viz.api.presets import Preset, Probabilities, Schedule, build_preset, train_classic
from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.objectives.non_saturating import NonSaturating
from gan_viz.objectives.r1 import R1
from gan_viz.registry import CLASSICS, OBJECTIVES

NAMES = sorted(CLASSICS)
FAST = {"hidden": (8, 8)}
"""Instead of 2048 units a layer."""
PUBLISHED_JANG = presets.JANG
Loss = Callable[[torch.Tensor], torch.Tensor]


@pytest.fixture(autouse=True)
def _little_pretraining(monkeypatch: pytest.MonkeyPatch) -> None:
    """1000 updates before every game are many."""
    monkeypatch.setattr(presets, "JANG", replace(PUBLISHED_JANG, pretraining=20))


def options(name: str) -> dict[str, Any]:
    return FAST if name == "radford" else {}


def source(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def contents(path: Path) -> dict[str, Any]:
    with gan_viz.Recording(path) as recording:
        return {
            "constants": {name: np.asarray(v) for name, v in recording.constants.items()},
            "generator": np.stack(list(recording.frames("generator"))),
            "discriminator": np.stack(list(recording.frames("discriminator"))),
            "losses": np.stack([recording.scalars[k].values for k in ("d_loss", "g_loss")]),
            "output": recording.channels["discriminator"].attributes["output"],
            "header": recording.header,
            "steps": recording.steps.tolist(),
        }


# As published: steps, batch, updates of D, rate, betas (or momentum), optimizer.
PUBLISHED = {
    "radford": (1000, 128, 9, 1e-3, (0.9, 0.999), "adam"),
    "jang": (10_000, 200, 1, 1e-3, (0.6, 0.999), "sgd"),
    "aylien": (5000, 8, 1, 1e-3, (0.9, 0.999), "adam"),
    "kremerj": (1450, 64, 5, 1e-3, (0.5, 0.9), "adam"),
}


@pytest.mark.parametrize("name", NAMES)
def test_settings_are_as_published(name: str) -> None:
    classic: Preset = CLASSICS[name]
    assert classic.name == name
    built = build_preset(name, **options(name))
    how = built.game.settings
    known = (how.steps, how.batch, how.d_steps, how.g_lr, how.betas, how.optimizer)
    assert known == PUBLISHED[name]
    assert (how.d_lr, how.ema, how.decay) == (how.g_lr, 0, False)
    assert built.game.turns == {
        "radford": "GDDDDDDDDD",
        "jang": "DG",
        "aylien": "DG",
        "kremerj": "DDDDDG",
    }[name]  # fmt: skip
    mean, std = {"radford": (1, 1), "jang": (-1, 1)}.get(name, (4, 0.5))
    assert (built.target.mean, built.target.std) == (mean, std)


def test_rates_fall_as_published() -> None:
    # 10,000 iterations of radford are as many turns, in 1000 steps
    assert CLASSICS["radford"].schedule(999, 9999) == pytest.approx(0.9999**9999)
    falling = [CLASSICS["jang"].schedule(step, 2 * step) for step in (0, 2499, 2500, 9999)]
    assert falling == pytest.approx([1, 1, 0.95, 0.95**3])
    for name in ("aylien", "kremerj"):
        assert CLASSICS[name].schedule(4999, 9999) == 1
    assert Schedule(0.5, 3)(7, 0) == 0.25


@pytest.mark.parametrize(("name", "reach", "drawn"), [("jang", 5, 1000), ("aylien", 8, 10_000)])
def test_stratified_latents(name: str, reach: float, drawn: int) -> None:
    latents = CLASSICS[name].latents
    z = latents.draw(200, source())[:, 0]
    beyond = z - np.linspace(-reach, reach, 200)
    assert -1e-6 <= beyond.min() < 0.001
    assert 0.009 < beyond.max() <= 0.01 + 1e-6
    assert z.dtype == np.float32
    np.testing.assert_allclose(latents.fixed()[:, 0], np.linspace(-reach, reach, drawn), rtol=1e-6)


def test_independent_latents() -> None:
    z = CLASSICS["radford"].latents.draw(20_000, source())
    assert z.shape == (20_000, 1)
    assert 0.99 < abs(z).max() <= 1
    assert z.var() == pytest.approx(1 / 3, rel=0.03)
    fixed = CLASSICS["radford"].latents.fixed()
    np.testing.assert_allclose(fixed[:, 0], np.linspace(-1, 1, 500), rtol=1e-6)
    z = CLASSICS["kremerj"].latents.draw(20_000, source())
    assert (z.mean(), z.std()) == (pytest.approx(0, abs=0.03), pytest.approx(1, rel=0.03))
    fixed = CLASSICS["kremerj"].latents.fixed()[:, 0]
    np.testing.assert_allclose(norm.cdf(fixed), (np.arange(1024) + 0.5) / 1024, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_batches_of_the_data(name: str) -> None:
    built = build_preset(name, **options(name))
    x = [next(built.training._real).values for _ in range(300)]
    assert {tuple(values.shape) for values in x} == {(built.game.settings.batch, 1)}
    every = torch.cat(x).numpy()
    assert every.dtype == np.float32
    assert every.mean() == pytest.approx(built.target.mean, abs=0.05)
    assert every.std() == pytest.approx(built.target.std, rel=0.05)
    ascending = all((values.diff(dim=0) >= 0).all() for values in x)
    assert ascending == (name in ("jang", "aylien"))


def log_losses(least: float) -> tuple[Loss, Loss]:
    """-log p and -log(1 - p)."""
    return (
        lambda p: -p.clamp(min=least).log().mean(),
        lambda p: -(1 - p).clamp(min=least).log().mean(),
    )


def plain_loop(name: str, g: nn.Module, d: nn.Module, steps: int, draws: Any) -> None:
    """Train as the published script does, written out."""
    make: Callable[[nn.Module], Optimizer] = {
        "radford": lambda m: Adam(m.parameters(), lr=1e-3),
        "jang": lambda m: SGD(m.parameters(), lr=1e-3, momentum=0.6),
        "aylien": lambda m: Adam(m.parameters(), lr=1e-3),
        "kremerj": lambda m: Adam(m.parameters(), lr=1e-3, betas=(0.5, 0.9)),
    }[name]
    of_g, of_d = make(g), make(d)
    softplus = nn.functional.softplus
    real_is, fake_is = log_losses({"aylien": 1e-5}.get(name, 0.0))
    if name == "radford":
        real_is, fake_is = lambda s: softplus(-s).mean(), lambda s: softplus(s).mean()
    turns = {"radford": "G" + 9 * "D", "kremerj": 5 * "D" + "G"}.get(name, "DG")
    for turn, player in enumerate(steps * turns):
        if name == "radford":
            of_g.param_groups[0]["lr"] = of_d.param_groups[0]["lr"] = 1e-3 * 0.9999**turn
        x, z = draws(turn % len(turns) == 0, len(turns))
        fake = g(z)
        if player == "G":
            loss = -d(fake).mean() if name == "kremerj" else real_is(d(fake))
            optimizer = of_g
        else:
            optimizer, fake = of_d, fake.detach()
            loss = (
                real_is(d(x)) + fake_is(d(fake)) if name != "kremerj" else critic_loss(d, x, fake)
            )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


SHARE = 0.25
"""Where on the way from a generated sample to a real one the slope of the critic is taken."""


def critic_loss(d: nn.Module, x: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    between = (SHARE * x + (1 - SHARE) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(d(between).sum(), between, create_graph=True)
    return d(fake).mean() - d(x).mean() + 0.1 * ((slope.abs() - 1) ** 2).mean()


@pytest.mark.parametrize("name", NAMES)
def test_training_is_that_of_a_plain_loop(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "rand", lambda size, **_: torch.full(size, SHARE))
    built = build_preset(name, steps=4, **options(name))
    g, d = deepcopy(built.game.generator), deepcopy(built.game.discriminator)
    before = deepcopy(g.state_dict())
    drawn: list[tuple[list[Any], list[Any]]] = []
    step = built.game.step

    def noted(number: int, real: Any, latents: Any) -> Any:
        drawn.append(([b.values for b in real], [b.values for b in latents]))
        return step(number, real, latents)

    monkeypatch.setattr(built.game, "step", noted)
    assert [number for number, _ in built.training] == [1, 2, 3, 4]
    pairs = [pair for x, z in drawn for pair in zip(x, z, strict=True)]
    assert len({z.sum().item() for _, z in pairs}) == len(pairs)  # fresh at every turn
    of_turn = iter(pairs)
    plain_loop(name, g, d, 4, lambda *_: next(of_turn))
    for ours, theirs in ((built.game.generator, g), (built.game.discriminator, d)):
        torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=1e-4, atol=1e-6)
    assert not torch.equal(next(iter(before.values())), next(iter(g.parameters())))


def test_jang_fits_d_to_the_density_before_the_game(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "JANG", PUBLISHED_JANG)
    assert PUBLISHED_JANG.pretraining == 1000
    d = build_preset("jang").game.discriminator
    x = torch.linspace(-5, 5, 500)[:, None]
    wanted = torch.from_numpy(norm.pdf(x.numpy(), -1, 1)).float()
    with torch.no_grad():
        fitted = (d[:-1](x) - wanted).square().mean().item()
        first = CLASSICS["jang"].networks.build(
            tuple(torch.Generator().manual_seed(k) for k in range(2))
        )[1]
        assert fitted < 0.05 < (first[:-1](x) - wanted).square().mean().item()


@pytest.mark.parametrize("least", [0.0, 1e-5, 0.1])
def test_losses_of_probabilities(least: float) -> None:
    real = torch.tensor([0.3, 0.9, 0.05], dtype=torch.float64, requires_grad=True)
    fake = torch.tensor([0.6, 0.02, 0.97], dtype=torch.float64, requires_grad=True)
    objective = Probabilities(least)
    p, q = real.detach().numpy(), fake.detach().numpy()
    d_loss = objective.d_loss(real, fake)
    expected = -np.log(np.maximum(p, least)).mean() - np.log(np.maximum(1 - q, least)).mean()
    assert d_loss.item() == pytest.approx(expected)
    slopes = torch.autograd.grad(d_loss, [real, fake])
    np.testing.assert_allclose(slopes[0], np.where(p < least, 0, -1 / p / 3))
    np.testing.assert_allclose(slopes[1], np.where(1 - q < least, 0, 1 / (1 - q) / 3))
    (slope,) = torch.autograd.grad(objective.g_loss(fake), fake)
    np.testing.assert_allclose(slope, np.where(q < least, 0, -1 / q / 3))


def test_the_game_of_probabilities_is_the_non_saturating_one() -> None:
    logits = torch.randn(2, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    ours, known = Probabilities(), NonSaturating()
    real, fake = logits.sigmoid()
    torch.testing.assert_close(ours.d_loss(real, fake), known.d_loss(*logits))
    torch.testing.assert_close(ours.g_loss(fake), known.g_loss(logits[1]))
    assert (ours.name, ours.formula) == (known.name, known.formula)
    assert ours.equilibrium == known.equilibrium


ALWAYS = {"panels": ["density"], "optimal": False}
LOOKS: dict[str, dict[str, Any]] = {
    "radford": {"density": "kde", "xlim": [-5, 5], "ylim": [0, 1], "dashed": True, "common": True},
    "jang": {"density": "histogram", "bins": 10, "xlim": [-5, 5], "ylim": [0, 1.1], "common": True},
    "aylien": {
        "density": "histogram",
        "bins": 99,
        "span": [-8, 8],
        "xlim": [-6, 6],
        "ylim": [0, 1.4],
        "common": True,
        "words": {
            "data": "real data",
            "generated": "generated data",
            "discriminator": "decision boundary",
            "density": "probability density",
        },
    },
    "kremerj": {
        "density": "kde",
        "shaded": True,
        "critic": [0, 1],
        "xlim": [-8, 8],
        "ylim": [0, 1],
        "panels": ["losses(critic=yes)", "density"],
        "words": {
            "data": "real data",
            "generated": "generated data",
            "critic": "critic (normalized)",
            "density": "probability density",
        },
    },
}


@pytest.mark.parametrize("name", NAMES)
def test_recordings_hold_what_is_drawn(name: str, tmp_path: Path) -> None:
    path = train_classic(name, tmp_path / "a.ganviz", steps=2, every=1, **options(name))
    found = contents(path)
    header, classic = found["header"], CLASSICS[name]
    assert header["look"] == ALWAYS | LOOKS[name]
    assert (header["preset"], header["title"]) == (name, classic.title)
    assert (header["settings"]["steps"], header["seed"]) == (2, classic.seed)
    assert header["turn_order"] == build_preset(name, **options(name)).game.turns
    assert header["target"]["label"] == classic.data
    assert header["latent"]["kind"] == classic.latents.kind
    assert header["latent"].get("reach", 1) == classic.latents.reach
    np.testing.assert_array_equal(found["constants"]["latents"], classic.latents.fixed())
    assert found["constants"]["x"][[0, -1]].tolist() == LOOKS[name]["xlim"]
    assert found["steps"] == [0, 1, 2]
    assert found["losses"].shape == (2, 2)
    assert np.isfinite(found["losses"]).all()
    kinds = {"radford": "logit", "kremerj": "critic"}
    assert found["output"] == header["objective"]["output"] == kinds.get(name, "probability")
    built = build_preset(name, **options(name)).game
    with torch.no_grad():  # frame 0 is the untrained G; D may have been fitted
        first = built.generator(torch.from_numpy(classic.latents.fixed()))
    np.testing.assert_allclose(found["generator"][0], first.numpy()[:, 0], rtol=1e-6)


def test_no_push_is_drawn_where_the_logarithm_is_cut_off(tmp_path: Path) -> None:
    """A D that is sure of its case: what it says of most of G's samples is below aylien's bound."""
    path = train_classic("aylien", tmp_path / "a.ganviz", steps=3, every=3)
    built = build_preset("aylien")
    with gan_viz.Recording(path) as recording:
        z = torch.tensor(recording.constants["gradient_latents"])[:, None]
        pushes = recording.array("sample_gradient", 0)
    samples = built.game.generator(z).detach().requires_grad_()
    p = built.game.discriminator(samples)
    cut_off = (p < 1e-5).ravel().numpy()
    assert 0 < cut_off.sum() < len(cut_off)
    (slopes,) = torch.autograd.grad(-p.clamp(min=1e-5).log().sum(), samples)
    np.testing.assert_allclose(pushes, -slopes.ravel().numpy(), rtol=1e-4, atol=1e-12)
    assert not pushes[cut_off].any()
    assert pushes[~cut_off].all()


@pytest.mark.parametrize("name", ["radford", "kremerj"])
def test_same_seed_same_recording_and_no_other_source(name: str, tmp_path: Path) -> None:
    def state() -> tuple[Any, ...]:
        return (
            torch.get_rng_state().tolist(),
            np.random.get_state()[1].tolist(),  # noqa: NPY002
            random.getstate(),
        )

    def run(seed: int) -> dict[str, Any]:
        path = tmp_path / "a.ganviz"
        return contents(train_classic(name, path, steps=3, seed=seed, **options(name)))

    before = state()
    first = run(4)
    assert state() == before
    torch.manual_seed(99)
    np.random.seed(99)  # noqa: NPY002
    again, other = run(4), run(5)
    for key in ("generator", "discriminator", "losses"):
        np.testing.assert_array_equal(first[key], again[key])
        assert not np.array_equal(first[key], other[key])


def test_what_is_given_overrides_the_preset() -> None:
    built = build_preset(
        "kremerj",
        steps=7,
        data="trimodal",
        latent="uniform",
        hidden=(5,),
        activations=("tanh", "elu"),
        d_steps=2,
        g_lr=0.5,
        betas=(0.1, 0.2),
        ema=0.5,
        r1=0.3,
        batch=None,
    )
    how = built.game.settings
    assert (how.steps, how.d_steps, how.g_lr, how.d_lr) == (7, 2, 0.5, 1e-3)
    assert (how.betas, how.batch) == ((0.1, 0.2), 64)
    assert built.game.turns == "DDG"
    assert built.target.label == "trimodal"
    assert built.latents.kind == "uniform"
    assert [type(layer).__name__ for layer in built.game.discriminator] == [
        "Linear",
        "ELU",
        "Linear",
    ]
    assert built.game.g_ema is not built.game.generator
    assert isinstance(built.game.objective, R1)
    assert len(list(built.training)) == 7
    assert next(built.training._real).values.shape == (64, 1)


def test_other_data_is_seen_where_it_is(tmp_path: Path) -> None:
    data = "norm(40, 0.5)"
    found = contents(train_classic("aylien", tmp_path / "a.ganviz", steps=1, data=data))
    words = LOOKS["aylien"]["words"]
    assert found["header"]["look"] == {"density": "histogram", "bins": 99, "words": words} | ALWAYS
    assert found["constants"]["x"][-1] > 42


@pytest.mark.parametrize("objective", sorted({*OBJECTIVES} - {"pacgan"}))  # which is for toys
def test_with_another_objective_d_has_no_head(objective: str) -> None:
    built = build_preset("jang", objective=objective, steps=2)
    assert built.game.objective.name == objective
    last = built.game.discriminator[-1]
    assert isinstance(last, nn.Linear)
    assert not last.bias.any()  # nor is it trained before the game
    assert len(list(built.training)) == 2


def test_progress_is_told(tmp_path: Path) -> None:
    told = []
    path = tmp_path / "a.ganviz"
    train_classic("aylien", path, steps=3, progress=lambda *state: told.append(state))
    task, done, total, figures = told[-1]
    assert (task, done, total) == ("training", 3, 3)
    assert set(figures) == {"D loss", "G loss"}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"name": "redford"}, "did you mean 'radford'"),
        ({"latent_dim": 2}, r"train_classic\(\) has no option 'latent_dim': did you mean 'latent'"),
        ({"objective": "minmax"}, "did you mean 'minimax'"),
        ({"latent": "cauchy"}, "Known: normal, uniform"),
        ({"optimizer": "adan"}, "did you mean 'adam'"),
        ({"hidden": (4, 0)}, "positive"),
        ({"data": "gausian"}, "gaussian"),
        ({"seed": -1}, "seed -1"),
        ({"steps": 0}, "steps 0"),
        ({"every": 0}, "every 0"),
    ],
)
def test_unusable_values_are_named(tmp_path: Path, bad: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        train_classic(**{"name": "kremerj", "record": tmp_path / "a.ganviz", **bad})
    assert list(tmp_path.iterdir()) == []


def test_latents_that_do_not_fit_the_generator_are_refused(tmp_path: Path) -> None:
    from gan_viz.hooks import Recorder
    from gan_viz.hooks.distribution import DistributionHook

    for z in (np.zeros(5), np.zeros((5, 2)), np.zeros((0, 1))):
        hook = DistributionHook(interval=(-1, 1), z=z)
        with pytest.raises(UsageError, match=r"expected \(any number, 1\)"):
            Recorder(tmp_path / "a.ganviz", nn.Linear(1, 1), hooks=[hook])


def test_presets_are_known_by_name() -> None:
    assert NAMES == ["aylien", "jang", "kremerj", "radford"]
    with pytest.raises(UnknownNameError, match="preset"):
        build_preset("goodfellow")
