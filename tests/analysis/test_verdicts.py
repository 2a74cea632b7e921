"""Verdicts are the same whenever they are given."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_viz.analysis import Judge, Verdict, verdicts
from gan_viz.analysis.verdicts import KINDS
from gan_viz.distributions import target
from gan_viz.recording import Recording, Writer

STEPS = list(range(1, 2001))


def ill_training() -> dict[str, list[float]]:
    """Numbers that earn every verdict by and by."""
    t = np.array(STEPS)
    late = t > 1000
    return {
        "d_loss": np.where(t == 1990, np.nan, 1.0).tolist(),
        "g_loss": (2 + np.sin(t / 25)).tolist(),
        "d_real": np.where(late, 0.999, 0.5).tolist(),
        "d_fake": np.where(late, 0.001, 0.5).tolist(),
        "g_grad_norm": np.where(t > 600, 1e-6, 1.0).tolist(),
        "g_diversity": np.where(late, 0.1, 0.9).tolist(),
        "other": t.tolist(),
    }


ILL = ill_training()
EXPECTED = Judge().on_scalars(STEPS, ILL)


def test_every_kind_is_found_and_named() -> None:
    assert sorted({verdict.kind for verdict in EXPECTED}) == sorted(KINDS)
    assert all(f"(step {verdict.step})" in verdict.text for verdict in EXPECTED)
    texts = {verdict.kind: verdict.text for verdict in EXPECTED}
    assert texts["overpowered"].startswith("D overpowers G: D(x) 0.9")


@settings(max_examples=10)
@given(st.lists(st.integers(1, 1999), max_size=40))
def test_batches_do_not_matter(cuts: list[int]) -> None:
    judge = Judge()
    found: list[Verdict] = []
    ends = [0, *sorted(set(cuts)), len(STEPS)]
    for start, end in pairwise(ends):
        columns = {name: values[start:end] for name, values in ILL.items()}
        found += judge.on_scalars(STEPS[start:end], columns)
    assert found == EXPECTED


def test_a_recording_gives_the_same(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.ganviz") as writer:
        writer.write_scalars(STEPS, ILL)
    with Recording(tmp_path / "a.ganviz") as recording:
        assert verdicts(recording) == EXPECTED


def test_series_at_other_steps_are_put_in_order(tmp_path: Path) -> None:
    frames = {"g_diversity": ILL["g_diversity"][::20]}
    with Writer(tmp_path / "a.ganviz") as writer:
        writer.write_scalars(STEPS[::20], frames)
        writer.write_scalars(STEPS, {"g_loss": ILL["g_loss"]})
    parts = [
        *Judge().on_scalars(STEPS, {"g_loss": ILL["g_loss"]}),
        *Judge().on_scalars(STEPS[::20], frames),
    ]
    with Recording(tmp_path / "a.ganviz") as recording:
        assert verdicts(recording) == sorted(parts, key=lambda verdict: verdict.step)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A recording whose frames alone tell of a collapse after step 500."""
    random = np.random.default_rng(0)
    real = random.integers(0, 256, (16, 6, 6)).astype(np.uint8)
    with Writer(tmp_path / "a.ganviz", {"target": target("norm(0, 1)").describe()}) as writer:
        writer.add_channel("samples", (16, 6, 6), "uint8")
        writer.add_channel("generator", (99,), "float32")
        writer.add_channel("class_counts", (4,), "int32")
        writer.add_constant("real_samples", real)
        for step in range(0, 1000, 25):
            fine = step <= 500
            counts = {"class_counts": [4, 4, 4, 4] if fine else [0, 16, 0, 0]}
            arrays = {
                "samples": random.permutation(real) if fine else np.repeat(real[:1], 16, axis=0),
                "generator": random.normal(0, 1 if fine else 0.01, 99),
            }
            writer.write_frame(step, arrays | (counts if step % 50 == 0 else {}))
    return tmp_path / "a.ganviz"


def test_figures_are_measured_from_frames(path: Path) -> None:
    with Recording(path) as recording:
        found = [(verdict.kind, verdict.step) for verdict in verdicts(recording)]
    assert found == [("collapse", 725), ("collapse", 725), ("collapse", 750)]


def test_a_recorded_figure_is_believed(path: Path, tmp_path: Path) -> None:
    with (
        Recording(path) as old,
        Writer(tmp_path / "b.ganviz", {"target": old.header["target"]}) as new,
    ):
        new.add_channel("generator", (99,), "float32")
        for frame, step in enumerate(old.steps.tolist()):
            new.write_frame(step, {"generator": old.array("generator", frame)})
        new.write_scalars(old.steps, {"g_spread": np.ones(len(old))})
    with Recording(tmp_path / "b.ganviz") as recording:
        assert verdicts(recording) == []


def test_nothing_recorded_is_nothing_wrong(tmp_path: Path) -> None:
    Writer(tmp_path / "a.ganviz").close()
    with Recording(tmp_path / "a.ganviz") as recording:
        assert verdicts(recording) == []
