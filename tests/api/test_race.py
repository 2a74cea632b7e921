"""Races of objectives, and what they come to."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gan_viz
from gan_viz.api.races import RaceJob, race
from gan_viz.api.tables import race_statistics, write_race_statistics
from gan_viz.distributions import target
from gan_viz.errors import OutputError, RecordingError, UnknownNameError, UsageError
from gan_viz.objectives.hinge import Hinge
from gan_viz.recording import Recording, Writer

SMALL: dict[str, Any] = {"steps": 24, "batch": 16, "hidden": (4,)}


def test_each_run_is_recorded_as_if_it_were_trained_alone(tmp_path: Path) -> None:
    objectives, seeds = ["hinge", "wgan-gp"], [3, 5]
    told: list[int] = []
    paths = race(
        "bimodal",
        objectives,
        seeds,
        tmp_path / "runs",
        progress=lambda task, done, total, figures: told.append(done),
        **SMALL,
    )
    assert [*paths] == [(name, seed) for name in objectives for seed in seeds]
    assert paths["hinge", 5] == tmp_path / "runs" / "hinge-5.ganviz"
    assert told[-1] == 4 * SMALL["steps"]
    for (name, seed), path in paths.items():
        alone = gan_viz.train(
            "bimodal", tmp_path / "alone.ganviz", objective=name, seed=seed, **SMALL
        )
        with Recording(path) as ours, Recording(alone) as theirs:
            assert ours.steps.tolist() == theirs.steps.tolist()
            assert ours.complete
            for header in (ours.header, theirs.header):
                assert header["objective"]["name"] == name
                assert header["seed"] == seed
            for scalar in ("d_loss", "g_loss"):
                one, other = ours.scalars[scalar], theirs.scalars[scalar]
                assert one.steps.tolist() == other.steps.tolist()
                np.testing.assert_allclose(one.values, other.values, rtol=1e-4, atol=1e-5)
            for channel in ("generator", "discriminator"):
                np.testing.assert_allclose(
                    np.stack(list(ours.frames(channel))),
                    np.stack(list(theirs.frames(channel))),
                    rtol=1e-3,
                    atol=1e-3,
                )


def test_all_objectives_of_a_seed_start_alike(tmp_path: Path) -> None:
    paths = race("gaussian", ["lsgan", "wgan"], [0, 1], tmp_path, every=10, **SMALL)
    first = {}
    for run, path in paths.items():
        with Recording(path) as recording:
            assert recording.steps.tolist() == [0, 10, 20, 24]
            first[run] = recording.array("generator", 0)
    np.testing.assert_array_equal(first["lsgan", 1], first["wgan", 1])
    assert not np.array_equal(first["lsgan", 0], first["lsgan", 1])


@pytest.mark.parametrize("objective", ["lsgan", "wgan-gp"])
def test_a_run_gone_wrong_ends_and_the_others_go_on(
    objective: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gan_viz.api import races as module

    def spoilt(*arguments: Any, **options: Any) -> Any:
        toy = gan_viz.api.toy.build_toy(*arguments, **options)
        if options["seed"] == 1:
            with torch.no_grad():
                next(toy.discriminator[1].parameters()).fill_(math.nan)
        return toy

    monkeypatch.setattr(module, "build_toy", spoilt)
    paths = race("gaussian", [objective], [0, 1], tmp_path, **SMALL)
    with Recording(paths[objective, 0]) as good, Recording(paths[objective, 1]) as bad:
        assert (good.complete, bad.complete) == (True, False)
        assert good.steps[-1] == SMALL["steps"]
        assert bad.steps.tolist() == [0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"objectives": []}, "0 runs"),
        ({"seeds": [2, 2]}, "none twice"),
        ({"every": 0}, "every 0"),
        ({"jobs": 0}, "jobs 0"),
        ({"generator": torch.nn.Linear(1, 1)}, "generator: .* cannot share"),
        ({"seeds": [-1]}, "seed -1"),
        ({"objectives": ["flow"], "seeds": [-1]}, "seed -1"),
        ({"objectives": ["hinge", "flow"], "latent_dim": 2}, "latent_dim 2"),
        ({"objectives": ["hinge", "flow"], "jobs": 1, "batch": 0}, "batch 0"),
    ],
)
def test_what_cannot_be_raced_is_refused(
    tmp_path: Path, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        race("gaussian", **{"record": tmp_path / "no", **SMALL, **arguments})
    assert not (tmp_path / "no").exists()


def test_models_without_a_game_race_beside_objectives(tmp_path: Path) -> None:
    told: list[int] = []
    names, seeds = ["flow", "hinge", "diffusion"], [3]
    more = {"activations": ("silu", "tanh"), "d_lr": 0.01, "stabilizers": ["decay"]}
    paths = race(
        "bimodal",
        names,
        seeds,
        tmp_path / "runs",
        every=12,
        progress=lambda task, done, total, figures: told.append(done),
        **SMALL,
        **more,
    )
    assert [*paths] == [(name, seed) for name in names for seed in seeds]
    assert told == sorted(told)
    assert told[-1] == 3 * SMALL["steps"]
    for (name, seed), path in paths.items():
        with Recording(path) as ours:
            assert ours.complete
            assert ours.steps.tolist() == [0, 12, 24]
            assert ("discriminator" in ours.channels) == (name == "hinge")
            if name == "hinge":
                continue
            alone = gan_viz.train(
                "bimodal",
                tmp_path / "alone.ganviz",
                model=name,
                seed=seed,
                every=12,
                activations=("silu", None),
                **SMALL,
            )
            with Recording(alone) as theirs:
                assert ours.header["model"] == theirs.header["model"]
                assert ours.header["settings"] == theirs.header["settings"]
                for frame in range(3):
                    one, other = (run.array("generator", frame) for run in (ours, theirs))
                    np.testing.assert_array_equal(one, other)
    rows = race_statistics(paths.values())
    assert [(row["objective"], row["runs"]) for row in rows] == [(name, 1) for name in names]
    assert gan_viz.compare(paths.values(), tmp_path / "race.png").path.exists()


def test_a_race_without_a_game_takes_as_many_steps_as_a_race_of_games(tmp_path: Path) -> None:
    usual = RaceJob(target("gaussian"), {}, None, {})
    steps = {usual.build((name, 0)).settings.steps for name in ("flow", "diffusion", "hinge")}
    assert len(steps) == 1


def test_a_diffusion_gone_wrong_ends_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gan_viz.training.transport import Flow

    monkeypatch.setattr(Flow, "draw_times", lambda self, n, source: np.full((n, 1), np.nan, "f4"))
    paths = race("gaussian", ["flow", "diffusion"], [0], tmp_path, **SMALL)
    with Recording(paths["flow", 0]) as bad, Recording(paths["diffusion", 0]) as good:
        assert (good.complete, bad.complete) == (True, False)
        assert bad.steps.tolist() == [0]


def test_an_objective_of_ones_own_may_be_called_as_a_model_is(tmp_path: Path) -> None:
    class Flow(Hinge):
        name = "flow"

    (path,) = race("gaussian", [Flow()], [0], tmp_path, **SMALL).values()
    with Recording(path) as recording:
        assert "discriminator" in recording.channels


def test_unknown_objectives_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError):
        race("gaussian", ["hinged"], [0], tmp_path, **SMALL)


def test_a_folder_that_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        race("gaussian", record=tmp_path / "file", **SMALL)


def recorded(
    path: Path, objective: str, frames: Sequence[Any], data: str = "bimodal", **header: Any
) -> Path:
    """A recording of given outputs of G, a frame every 10 steps."""
    about = {"objective": {"name": objective}, "target": target(data).describe(), **header}
    with Writer(path, about) as writer:
        writer.add_channel("generator", np.shape(frames[0]), "float64")
        for k, outputs in enumerate(frames):
            writer.write_frame(10 * k, {"generator": np.asarray(outputs, np.float64)})
    return path


N = 200
Q = target("bimodal").ppf((np.arange(N) + 0.5) / N)
STD = target("bimodal").std


def test_distances_are_those_of_shifted_quantiles(tmp_path: Path) -> None:
    """A distribution moved by a has W1 = a to itself."""
    runs = [
        recorded(tmp_path / f"{k}.ganviz", "hinge", [Q + a * STD]) for k, a in enumerate([3, 1, 2])
    ]
    (row,) = race_statistics(runs)
    assert row["runs"] == 3
    assert row["w1_median"] == pytest.approx(2)
    assert (row["w1_low"], row["w1_high"]) == (pytest.approx(1), pytest.approx(3))
    assert row["w1_below_tenth"] == 0
    assert row["steps_median"] == math.inf


def test_the_step_is_the_first_from_which_the_distance_stays_small(tmp_path: Path) -> None:
    shifts = [[1, 0.05, 0.5, 0.05, 0.09], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0.11]]
    runs = [
        recorded(tmp_path / f"{k}.ganviz", "hinge", [Q + a * STD for a in each])
        for k, each in enumerate(shifts)
    ]
    (row,) = race_statistics(runs)
    assert row["steps_median"] == 30
    assert row["steps_within"] == 10
    assert row["w1_below_tenth"] == pytest.approx(2 / 3)


def test_modes_are_covered_by_a_quarter_of_their_mass(tmp_path: Path) -> None:
    first, second = target("bimodal").modes
    assert first.mass == pytest.approx(0.3, abs=0.01)
    few, enough = (
        np.where(np.arange(N) < share * N, first.location, second.location) for share in (0.05, 0.1)
    )
    runs = [recorded(tmp_path / f"{k}.ganviz", "lsgan", [x]) for k, x in enumerate([few, enough])]
    assert race_statistics(runs)[0]["covered"] == 0.5


def test_what_lies_between_modes_covers_none(tmp_path: Path) -> None:
    """In both valleys of the density there is as much as belongs to each mode."""
    text = "0.5*norm(-10, 0.5) + 0.5*norm(10, 0.5)"
    between = np.concatenate([np.linspace(-8, -1, N // 2), np.linspace(1, 8, N - N // 2)])
    runs = [recorded(tmp_path / "a.ganviz", "lsgan", [between], text)]
    assert race_statistics(runs)[0]["covered"] == 0.0


def test_outputs_that_are_no_numbers_are_infinitely_far(tmp_path: Path) -> None:
    (row,) = race_statistics([recorded(tmp_path / "a.ganviz", "lsgan", [Q, np.full(N, np.nan)])])
    assert row["w1_median"] == math.inf
    assert (row["covered"], row["w1_below_tenth"]) == (0, 0)


def test_objectives_keep_their_order_and_make_a_table(tmp_path: Path) -> None:
    names = ["wgan", "hinge", "wgan"]
    runs = [recorded(tmp_path / f"{k}.ganviz", name, [Q]) for k, name in enumerate(names)]
    rows = race_statistics(runs)
    assert [(row["objective"], row["runs"]) for row in rows] == [("wgan", 2), ("hinge", 1)]
    out = write_race_statistics(rows, tmp_path / "sheet.csv")
    with out.open(newline="") as file:
        read = list(csv.DictReader(file))
    assert list(read[0]) == list(rows[0])
    assert [float(row["covered"]) for row in read] == [1, 1]
    assert [row["objective"] for row in read] == ["wgan", "hinge"]


def test_what_cannot_be_measured_or_written_is_refused(tmp_path: Path) -> None:
    with Writer(tmp_path / "none.ganviz", {}):
        pass
    with pytest.raises(RecordingError, match=r"none.ganviz: it holds no frames"):
        race_statistics([tmp_path / "none.ganviz"])
    with Writer(tmp_path / "empty.ganviz", {"target": target("bimodal").describe()}) as writer:
        writer.add_channel("generator", (3,), "float32")
    with pytest.raises(RecordingError, match="no frames"):
        race_statistics([tmp_path / "empty.ganviz"])
    with pytest.raises(UsageError, match="is a directory"):
        write_race_statistics([{"runs": 1}], tmp_path)
