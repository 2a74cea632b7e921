"""Each run of a batch is summed up as it would be alone, and as its recording says."""

from __future__ import annotations

import math
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gan_viz
from gan_viz.api.toy import build_toy
from gan_viz.registry import OBJECTIVES
from gan_viz.sweeps.cells import LATENTS, Summary, batches, curve_steps, train_cells
from gan_viz.sweeps.grid import Cell, cells
from gan_viz.training import Training
from gan_viz.training.evaluating import NumpyNetworks

CELLS = cells(
    {
        "objective": ["non-saturating", "lsgan", "wgan"],
        "g_lr": [1e-3, 3e-3],
        "data": ["bimodal"],
        "seed": [0, 1],
    }
)


@pytest.fixture(scope="module")
def together() -> list[Summary]:
    return train_cells(CELLS, {"steps": 100})


@pytest.mark.parametrize("number", [0, 5, 11])
def test_a_run_is_summed_up_as_alone(number: int, together: list[Summary]) -> None:
    (alone,) = train_cells([CELLS[number]], {"steps": 100})
    assert alone.figures == together[number].figures
    np.testing.assert_array_equal(alone.curve, together[number].curve)


def test_the_figures_are_those_of_the_recording(together: list[Summary], tmp_path: Path) -> None:
    options = dict(CELLS[3])
    run = gan_viz.train(options.pop("data"), tmp_path / "r.ganviz", steps=100, **options)
    last, figures = gan_viz.metrics(run)[-1], together[3].figures
    assert figures["w1"] == pytest.approx(last["w1_relative"], rel=0.01)  # half the latents
    assert figures["tv"] == pytest.approx(last["tv"], abs=0.01)
    assert figures["js"] == pytest.approx(last["js"], abs=0.01)
    assert figures["modes"] == 2
    assert figures["steps_made"] == 100
    assert figures["w1_best"] == pytest.approx(together[3].curve.min())
    assert len(together[3].curve) == len(curve_steps(100))


@pytest.mark.parametrize("objective", [*OBJECTIVES])
def test_every_objective_can_be_swept(objective: str) -> None:
    run: Cell = {"objective": objective, "hidden": [4], "batch": 8}
    (found,) = train_cells([run], {"steps": 4})
    assert found.status == "done", found.note


def test_a_d_that_judges_packs_is_as_in_its_recording(tmp_path: Path) -> None:
    options: dict[str, Any] = {"objective": "pacgan", "hidden": [4], "steps": 4, "batch": 8}
    with gan_viz.Recording(gan_viz.train(record=tmp_path / "r.ganviz", **options)) as recording:
        x, recorded = recording.constants["x"], recording.array("discriminator", -1)
    toy = build_toy(**options)
    Training([toy.gan]).advance(4)
    gan = toy.gan
    networks = NumpyNetworks(gan.g_ema, gan.discriminator, gan.objective, toy.scaling)
    np.testing.assert_allclose(networks.judge(x), recorded, rtol=1e-4, atol=1e-6)
    assert not NumpyNetworks.can_read(gan.discriminator)


def test_a_run_that_diverges_or_cannot_be_made_is_a_result() -> None:
    bare = {"steps": 60, "stabilizers": []}
    runs: list[Cell] = [
        {"objective": "minimax", "g_lr": 1e30, "d_lr": 1e30, "seed": 0},
        {"objective": "non-saturating", "seed": 0},
        {"objective": "non-saturating", "seed": 0, "data": "nonsense(3)"},
    ]
    diverged, done, failed = train_cells(runs, bare)
    assert diverged.status == "diverged"
    assert "not finite at step" in diverged.note
    assert diverged.figures["steps_made"] < 60
    assert diverged.figures["steps_to_converge"] == math.inf
    assert len(diverged.curve) < len(curve_steps(60))
    assert done.status == "done"
    assert failed.status == "failed"
    assert "nonsense" in failed.note
    assert done.figures == train_cells(runs[1:2], bare)[0].figures


def test_penalized_objectives_train_side_by_side() -> None:
    runs: list[Cell] = [
        {"objective": name, "seed": seed, "r1": r1}
        for name, r1 in (("wgan-gp", 0.0), ("non-saturating", 0.1))
        for seed in (0, 1)
    ]
    found = [one for batch in batches([*enumerate(runs)], 64) for one in batch]
    assert [number for number, _ in found] == [0, 1, 2, 3]
    assert all(one.status == "done" for one in train_cells(runs[:2], {"steps": 20}))


def test_batches_hold_what_can_be_trained_side_by_side() -> None:
    runs = cells({"d_steps": [1, 2], "g_lr": [1e-3, 1e-2], "hidden": [[8], [8, 8]], "seed": [0, 1]})
    found = [*batches([*enumerate(runs)], 3)]
    assert sorted(number for batch in found for number, _ in batch) == list(range(len(runs)))
    for batch in found:
        assert len(batch) <= 3
        assert len([*groupby((one["d_steps"], one["hidden"]) for _, one in batch)]) == 1


def test_the_verdicts_are_those_of_the_recording(tmp_path: Path) -> None:
    cell: Cell = {"data": "bimodal", "stabilizers": [], "g_lr": 5e-3, "d_lr": 1e-3, "seed": 101}
    (found,) = train_cells([cell], {"steps": 3000})
    run = gan_viz.train(
        "bimodal", tmp_path / "r.ganviz", **{k: v for k, v in cell.items() if k != "data"}
    )
    with gan_viz.Recording(run) as recording:
        kinds = {one.kind for one in gan_viz.verdicts(recording)}
    assert set(found.at_end) <= set(found.verdicts)
    assert len(set(found.verdicts) ^ kinds) <= 1  # its frames are at other steps
    assert LATENTS < 1024
