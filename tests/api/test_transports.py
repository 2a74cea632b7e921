"""The toy without a game, from Python."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gan_viz
from gan_viz.analysis.noising import Level, NoisedTarget
from gan_viz.api.transports import TRANSPORT_OPTIONS, build_transport
from gan_viz.distributions import recorded_target
from gan_viz.errors import UnknownNameError, UsageError

MODELS = ["diffusion", "flow"]
QUICK: dict[str, Any] = {"steps": 30, "batch": 32, "hidden": (8,), "sampling_steps": 5}


@pytest.fixture(scope="module", params=MODELS)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("transport") / f"{request.param}.ganviz"
    return gan_viz.train("bimodal", path, model=request.param, every=10, **QUICK)


def test_it_is_recorded_through_the_same_door(recorded: Path) -> None:
    with gan_viz.Recording(recorded) as recording:
        assert recording.steps.tolist() == [0, 10, 20, 30]
        assert recording.header["model"]["name"] == recorded.stem
        assert recording.header["kind"] == "toy1d"
        made = np.stack(list(recording.frames("generator")))
        assert (np.diff(made, axis=1) > 0).all()  # monotone in the latents
        ways = np.stack(list(recording.frames("ways")))
        levels = recording.constants["noise_levels"]
        assert ways.shape[1:] == (6, len(recording.constants["way_latents"]))
        assert levels.shape == (6, 3)
        assert len(recording.scalars["loss"][0]) == 30
        z = recording.constants["latents"].ravel()
        at_the_end = np.interp(recording.constants["way_latents"], z, made[-1])
        np.testing.assert_allclose(ways[-1, -1], at_the_end, atol=0.02)
        target = recorded_target(recording.header)
        assert target is not None
        q = NoisedTarget(target).cdf(recording.constants["score_x"][0], Level(*levels[0].tolist()))
        np.testing.assert_allclose(q[[0, -1]], [1e-4, 1 - 1e-4], rtol=1e-3)


def test_metrics_and_verdicts_know_it(recorded: Path) -> None:
    with gan_viz.Recording(recorded) as recording:
        rows = list(gan_viz.metrics(recording))
        assert len(rows) == 4
        gan_viz.verdicts(recording)


def test_the_same_seed_gives_the_same_recording_and_leaves_no_trace(tmp_path: Path) -> None:
    def state() -> tuple[Any, ...]:
        generator = np.random.get_state()  # noqa: NPY002
        return torch.get_rng_state().tolist(), str(generator[1].tolist()), random.getstate()

    before, outputs = state(), []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        path = gan_viz.train(record=tmp_path / f"{name}.ganviz", model="flow", seed=seed, **QUICK)
        with gan_viz.Recording(path) as recording:
            outputs.append(recording.array("generator", -1))
    assert state() == before
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2])


@pytest.mark.parametrize("model", MODELS)
def test_the_way_back_is_recorded_step_by_step(model: str, tmp_path: Path) -> None:
    path = gan_viz.train("bimodal", tmp_path / "r.ganviz", model=model, reverse=True, **QUICK)
    with gan_viz.Recording(path) as recording:
        assert recording.steps.tolist() == list(range(6))
        assert recording.header["clock"] == "sampling step"
        levels, z = recording.constants["noise_levels"], recording.constants["latents"].ravel()
        alpha, shift, sigma = levels[0]
        scale = recording.header["scaling"]["scale"]
        first = recording.array("generator", 0)
        location = alpha * recording.header["scaling"]["location"] + shift
        np.testing.assert_allclose(first, location + np.hypot(alpha * scale, sigma) * z, rtol=1e-4)
        for frame in range(6):
            ways, score = recording.array("ways", frame), recording.array("score", frame)
            known = np.isfinite(ways).all(axis=1)
            assert known.tolist() == [k <= frame for k in range(6)]
            assert np.flatnonzero(np.isfinite(score).all(axis=1)).tolist() == [min(frame, 4)]
            x = np.interp(
                recording.constants["way_latents"], z, recording.array("generator", frame)
            )
            np.testing.assert_allclose(ways[frame], x, rtol=0.02, atol=0.02)


def test_a_uniform_latent_is_taken_at_its_quantiles() -> None:
    toys = [
        build_transport("bimodal", "flow", latent=kind, hidden=(8,))
        for kind in ("normal", "uniform")
    ]
    made = [
        toy.transport(torch.from_numpy(toy.latent.stratified(50))).detach().numpy() for toy in toys
    ]
    np.testing.assert_allclose(made[0], made[1], rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"d_lr": 0.1}, "d_lr 0.1.*plays no game"),
        ({"objective": "minimax"}, "objective"),
        ({"stabilizers": []}, "stabilizers"),
        ({"latent_dim": 2}, "latent_dim 2"),
        ({"phases": True}, "phases"),
        ({"sampling_steps": 1}, "sampling_steps 1"),
        ({"activations": (None, "tanh")}, "no D"),
        ({"reverse": True, "every": 3}, "every 3"),
        ({"steps": 0}, "steps 0"),
    ],
)
def test_what_belongs_to_a_game_is_refused(
    options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=words) as error:
        gan_viz.train(record=tmp_path / "a.ganviz", model="flow", **options)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_gan_does_not_take_what_belongs_to_them(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'flow'"):
        gan_viz.train(record=tmp_path / "a.ganviz", model="flwo")
    for options in ({"reverse": True}, {"sampling_steps": 9}):
        with pytest.raises(UsageError, match="one step"):
            gan_viz.train(record=tmp_path / "a.ganviz", **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="'model'"):
        gan_viz.race(record=tmp_path / "race", model="flow")  # type: ignore[call-arg]


def test_every_option_named_is_one() -> None:
    known = set(TRANSPORT_OPTIONS) - {"sampling_steps"}
    assert known <= gan_viz.api.toy.ToyOptions.__annotations__.keys()
