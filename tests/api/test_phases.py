"""The two turns of the game, shown one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import gan_viz
from gan_viz.api.phases import PHASES, phase_frames, phase_header
from gan_viz.api.toy import build_toy
from gan_viz.errors import TrainingError, UsageError
from gan_viz.training import Settings, Training

SMALL: Mapping[str, Any] = {"steps": 4, "d_steps": 5, "g_steps": 2, "batch": 16, "hidden": [4]}


@pytest.fixture(scope="module", params=["adam", "rmsprop"])
def phased(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A recording of turns, in closed form and by autograd, and its optimizer."""
    path = tmp_path_factory.mktemp("phases") / "run.ganviz"
    gan_viz.train("bimodal", path, phases=True, optimizer=request.param, **SMALL)
    with gan_viz.Recording(path) as recording:
        yield recording, request.param


def test_one_player_moves_between_two_frames(phased: Any) -> None:
    recording, _ = phased
    turns, steps = recording.header["turns"], recording.steps
    of_g, of_d = (np.stack(list(recording.frames(n))) for n in ("generator", "discriminator"))
    assert (steps[0], steps[-1]) == (0, 4 * 7)
    assert {(step - 1) % 7 for step in steps[1:]} >= {4, 6}  # the end of each turn
    whose = [turns[(step - 1) % len(turns)] for step in steps[1:]]
    assert set(whose) == {"D's turn", "G's turn"}
    for k, turn in enumerate(whose):
        moved = [not np.array_equal(one[k], one[k + 1]) for one in (of_d, of_g)]
        assert moved == [turn == "D's turn", turn == "G's turn"]


def test_losses_are_noted_in_the_turns_of_their_players(phased: Any) -> None:
    recording, _ = phased
    assert recording.header["clock"] == "update"
    for name, turn in (("d_loss", "D's turn"), ("g_loss", "G's turn")):
        expected = [k + 1 for k in range(28) if recording.header["turns"][k % 7] == turn]
        assert recording.scalars[name].steps.tolist() == expected


def test_the_same_game_as_step_by_step(phased: Any) -> None:
    recording, optimizer = phased
    toy = build_toy("bimodal", optimizer=optimizer, **{**PHASES, **SMALL})
    made = np.array(Training([toy.gan]).advance(4))[:, 0]
    z = torch.tensor(recording.constants["latents"])
    with torch.no_grad():
        ours = toy.generator(z).numpy().ravel()
        judged = toy.discriminator(torch.tensor(recording.constants["x"])[:, None])
    np.testing.assert_allclose(list(recording.frames("generator"))[-1], ours, rtol=1e-5)
    found = list(recording.frames("discriminator"))[-1]
    np.testing.assert_allclose(found, judged.ravel(), rtol=1e-4, atol=1e-5)
    # of the last update in each turn
    for name, turn, expected in (("d_loss", 5, made[0]), ("g_loss", 2, made[1])):
        losses = recording.scalars[name].values[turn - 1 :: turn]
        np.testing.assert_array_equal(losses, expected)


def test_what_is_given_beats_the_defaults(tmp_path: Path) -> None:
    path = gan_viz.train(
        record=tmp_path / "a.ganviz", phases=True, steps=1, d_steps=2, g_lr=None, batch=8
    )
    with gan_viz.Recording(path) as recording:
        header = recording.header
    how = header["settings"]
    assert (how["steps"], how["d_steps"], how["g_steps"]) == (1, 2, PHASES["g_steps"])
    assert (how["g_lr"], how["ema"]) == (PHASES["g_lr"], 0.0)


def test_the_turns_end_with_p_g_near_p_data() -> None:
    from gan_viz.analysis import wasserstein1

    toy = build_toy("gaussian", **PHASES)
    for _ in Training([toy.gan]).updates():
        pass
    with torch.no_grad():
        samples = toy.generator(torch.from_numpy(toy.latent.stratified(500))).numpy()
    assert wasserstein1(samples, toy.target) < 0.1 * toy.target.std


@given(
    steps=st.integers(1, 300),
    d_steps=st.integers(1, 9),
    g_steps=st.integers(1, 9),
    every=st.none() | st.integers(1, 9),
)
@settings(max_examples=30)
def test_frames_of_one_turn_or_of_what_is_left_out(
    steps: int, d_steps: int, g_steps: int, every: int | None
) -> None:
    how = Settings(steps=steps, d_steps=d_steps, g_steps=g_steps)
    frames, turns = phase_frames(how, every), phase_header(how)["turns"]
    length = len(turns)
    assert frames == sorted(set(frames))
    assert (frames[0] >= 1, frames[-1]) == (True, steps * length)
    for before, after in zip([0, *frames], frames, strict=False):
        between = {turns[(step - 1) % length] for step in range(before + 1, after + 1)}
        whole_rounds = before % length == 0 and after % length == 0
        assert len(between) == 1 or whole_rounds
    shown = {(frame - 1) // length for frame in frames if frame % length == d_steps}
    assert shown >= {steps - 1, *(() if every is None else range(0, steps, every))}


def test_an_interruption_in_a_turn_keeps_a_whole_recording(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def interrupt(task: str, done: int, total: int, figures: Mapping[str, float]) -> None:
        told.append((done, total))
        assert figures.keys() == {"D loss", "G loss"}
        if done > 3:
            raise KeyboardInterrupt

    given = {**SMALL, "steps": 10**5, "every": 1000}
    with pytest.raises(KeyboardInterrupt):
        gan_viz.train(record=tmp_path / "a.ganviz", phases=True, progress=interrupt, **given)
    with gan_viz.Recording(tmp_path / "a.ganviz") as recording:
        assert recording.steps[-1] == recording.scalars["g_loss"].steps[-1] == 7 * told[-1][0]
        assert not recording.complete
    assert told[0] == (1, 10**5)


def test_turns_that_fail_keep_what_was_made(tmp_path: Path) -> None:
    rates = {"g_lr": 1e30, "d_lr": 1e30}
    with pytest.raises(TrainingError, match="try lower learning rates"):
        gan_viz.train(record=tmp_path / "a.ganviz", phases=True, **{**SMALL, **rates})
    with gan_viz.Recording(tmp_path / "a.ganviz") as recording:
        assert np.isfinite(recording.scalars["d_loss"].values).all()
        assert len(recording) > 1


def test_unusable_every(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="every 0: expected a positive whole number of rounds"):
        gan_viz.train(record=tmp_path / "a.ganviz", phases=True, every=0)
    assert list(tmp_path.iterdir()) == []
