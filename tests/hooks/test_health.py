"""Verdicts given live, and again by the recording."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.analysis import diversity
from gan_viz.diagnostics import Verdict, verdicts
from gan_viz.hooks import Hook, Recorder
from gan_viz.hooks.distribution import DistributionHook
from gan_viz.hooks.gradients import GradientsHook
from gan_viz.hooks.health import HealthHook
from gan_viz.hooks.samples import SamplesHook
from gan_viz.hooks.scalars import ScalarsHook
from gan_viz.recording import Recording, Writer


class Shrinking(nn.Module):
    """G(z) = width z, pictures of four pixels or numbers."""

    def __init__(self, outputs: int = 4) -> None:
        super().__init__()
        self.width = nn.Parameter(torch.ones(()))
        self.outputs = outputs

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return (self.width * z).reshape((-1, 1, 2, 2) if self.outputs == 4 else (-1, 1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


def collapse(path: Path, outputs: int, steps: int, **options: object) -> list[Verdict]:
    """Train as ill as can be: G shrinks at step 300, D wins, and a loss is lost at the end."""
    told: list[Verdict] = []
    g = Shrinking(outputs)
    hooks: list[Hook] = [HealthHook(told.append), ScalarsHook(), GradientsHook(every=5)]
    hooks.append(SamplesHook((-3, 3)) if outputs == 4 else DistributionHook())
    with Recorder(path, g, latent_dim=outputs, hooks=hooks, **options) as recorder:
        for step in range(1, steps + 1):
            late = step > 300
            g.width.data.fill_(0.01 if late else 1.0)
            g.width.grad = torch.tensor(1e-8 if late else 1.0)
            recorder.step(
                d_loss=torch.tensor(math.nan if step == steps - 5 else 0.001),
                g_loss=9.0,
                d_real=0.999,
                d_fake=torch.tensor(0.5 - 0.499 * late),
            )
    assert hooks[0].verdicts == told
    return told


@pytest.mark.parametrize("outputs", [1, 4])
@pytest.mark.parametrize("every", [None, 7])
def test_the_recording_says_the_same_as_the_hook(
    path: Path, outputs: int, every: int | None
) -> None:
    """Also where most frames are let go of as the run grows."""
    known = (
        {"data": "norm(0, 1)"}
        if outputs == 1
        else {"real": torch.randn(64, 1, 2, 2, generator=torch.Generator().manual_seed(0))}
    )
    told = collapse(path, outputs, 1610, every=every, **known)
    kinds = {"collapse", "nan", "overpowered", "vanished-gradient"}
    kinds |= {"near"} if outputs == 1 else set()
    assert {verdict.kind for verdict in told} == kinds
    assert len(told) == len(kinds)
    with Recording(path) as recording:
        assert sorted(verdicts(recording), key=repr) == sorted(told, key=repr)


def test_what_is_recorded(path: Path) -> None:
    real = torch.randn(100, 1, 2, 2)
    g = Shrinking()
    with Recorder(path, g, real=real, latent_dim=4, hooks=[HealthHook()], every=1) as recorder:
        g.width.data.fill_(0.25)
        recorder.step()
        made = g(recorder._hooks[0]._samples.latents).detach()
    with Recording(path) as recording:
        figures = recording.scalars["g_diversity"]
        assert figures.steps.tolist() == [0, 1]
        assert figures.values[1] == pytest.approx(diversity(made) / diversity(real[:64]))
        assert figures.values[0] == pytest.approx(4 * figures.values[1])


def test_a_healthy_training_is_not_talked_about(path: Path) -> None:
    told: list[Verdict] = []
    hooks = [ScalarsHook(), HealthHook(told.append)]
    random = np.random.default_rng(0)
    with Recorder(path, Shrinking(1), data="norm(0, 1)", hooks=hooks, steps=3000) as recorder:
        for _ in range(3000):
            recorder.step(
                d_loss=1.2 + random.normal(0, 0.2),
                g_loss=0.8 + random.normal(0, 0.2),
                d_real=0.6 + random.normal(0, 0.05),
                d_fake=0.4 + random.normal(0, 0.05),
            )
    assert [verdict for verdict in told if not verdict.good] == []


class Sided(Shrinking):
    """G(z) = 2 sign(z) + 0.4 z until it is told to leave out the left side."""

    both = True

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return 2 * (z.sign() if self.both else z.sign().abs()) + 0.4 * z


def test_modes_are_watched_live(path: Path) -> None:
    told: list[Verdict] = []
    g, hooks = Sided(1), [HealthHook(told.append)]
    with Recorder(path, g, data="0.5*norm(-2, 0.4) + 0.5*norm(2, 0.4)", hooks=hooks) as recorder:
        for step in range(1000):
            g.both = step < 500
            recorder.step()
    shorts = [verdict.short for verdict in told if not verdict.good]
    assert shorts == ["mode at -2 lost", "mode collapse"]
    with Recording(path) as recording:
        figures = {"g_w1", "g_tv", "g_mode_1", "g_mode_2", "g_between"}
        assert figures < {*recording.scalars}
        assert verdicts(recording) == told


@pytest.mark.parametrize("output", [None, "logit", "critic", "margin"])
@pytest.mark.parametrize("with_means", [False, True])
@pytest.mark.parametrize("along_x", [False, True])
def test_d_is_judged_live_as_by_the_recording(
    path: Path, output: str | None, with_means: bool, along_x: bool
) -> None:
    """G is the data; D cannot tell, and then takes all for real."""
    g, d, hook = Shrinking(1), nn.Linear(1, 1), HealthHook()
    torch.nn.init.zeros_(d.weight)
    torch.nn.init.zeros_(d.bias)
    hooks = [hook, ScalarsHook(), *([DistributionHook()] if along_x else [])]
    header = {} if output is None else {"objective": {"output": output}}
    means = {"d_real": 0.5, "d_fake": 0.5} if with_means else {}
    options = {"data": "norm(0, 1)", "header": header, "every": 7}
    with Recorder(path, g, d, hooks=hooks, **options) as recorder:
        for step in range(300):
            d.bias.data.fill_(5.0 * (step > 150))
            recorder.step(**means)
    kinds = {verdict.kind for verdict in hook.verdicts}
    assert kinds == ({"equilibrium"} if output == "critic" else {"equilibrium", "near"})
    with Recording(path) as recording:
        assert verdicts(recording) == hook.verdicts
        assert "d_off" in recording.scalars
        assert ("d_real" in recording.scalars) == (with_means or output in (None, "logit"))


def test_a_saturated_d_is_told_of_without_its_means(path: Path) -> None:
    class Behind(nn.Module):
        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return z - 9

    d, hook = nn.Linear(1, 1), HealthHook()
    d.weight.data.fill_(1.5)
    d.bias.data.fill_(5.0)
    with Recorder(path, Behind(), d, data="norm(0, 1)", hooks=[hook], every=7) as recorder:
        for _ in range(400):
            recorder.step()
    assert {verdict.kind for verdict in hook.verdicts} == {"overpowered"}
    with Recording(path) as recording:
        assert verdicts(recording) == hook.verdicts


def test_verdicts_are_told_while_the_training_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gan_viz.hooks.health.PATIENCE", 0.0)
    monkeypatch.setattr("gan_viz.hooks.health.EFFORT", np.inf)
    hook = HealthHook()
    header = {"objective": {"d_loss_at": {"0.98": 0.04, "0.9": 0.21}}}
    hooks = [hook, ScalarsHook()]
    with Recorder(path, Shrinking(), latent_dim=4, hooks=hooks, header=header) as recorder:
        for step in range(1, 2001):
            recorder.step(d_loss=1.4 if step < 500 else 0.0)
            if step == 1500:
                (told,) = hook.verdicts
    assert hook.verdicts == [told]
    assert told.short == "D saturated"


def test_nothing_to_compare_with_is_nothing_recorded(path: Path) -> None:
    Recorder(path, Shrinking(), latent_dim=4, hooks=[HealthHook()]).close()
    with Recording(path) as recording:
        assert not recording.scalars


def test_a_writer_tells_of_what_it_writes(path: Path) -> None:
    told = []
    with Writer(path) as writer:
        writer.write_scalars([1], {"a": [5.0]})
        writer.listen(lambda steps, values: told.append((steps, dict(values))))
        writer.write_scalars(np.array([2, 3]), {"a": np.float32([1, 2]), "b": [0, 4]})
    assert told == [([2, 3], {"a": [1.0, 2.0], "b": [0.0, 4.0]})]


class Certain(nn.Module):
    """D(x) = 0.99 and D(G(z)) = 0.02: real pictures are white, those of G black."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.weight, self.kind = nn.Parameter(torch.zeros(())), kind

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        p = torch.where(x.flatten(1).mean(1) > 0, 0.99, 0.02) + 0 * self.weight
        return p if self.kind == "probability" else torch.logit(p)


@pytest.mark.parametrize("kind", ["probability", "logit", "critic"])
@pytest.mark.parametrize("told", [True, False])
def test_a_d_that_is_certain_of_pictures_is_told_of_within_200_steps(
    path: Path, kind: str, told: bool
) -> None:
    g, hook = Shrinking(), HealthHook()
    g.width.data.zero_()
    options = {"real": torch.ones(8, 1, 2, 2), "latent_dim": 4, "hooks": ["scalars", hook]}
    output = {} if kind == "logit" else {"output": kind}
    means = {"d_real": 0.99, "d_fake": 0.02} if told else {}
    with Recorder(path, g, Certain(kind), **options, **output) as recorder:
        for _ in range(200):
            recorder.step(d_loss=-math.log(0.99) - math.log(0.98), **means)
    overpowered = {"overpowered"} if told or kind != "critic" else set()
    assert {verdict.kind for verdict in hook.verdicts} - {"collapse"} == overpowered
    with Recording(path) as recording:
        assert verdicts(recording) == hook.verdicts
