"""Verdicts are the same whenever they are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gan_viz.diagnostics import Verdict, diagnose, judge, verdicts
from gan_viz.diagnostics.thresholds import DEFAULTS
from gan_viz.diagnostics.wording import VERDICT_KINDS
from gan_viz.distributions import Latent, target
from gan_viz.distributions.modes import Mode
from gan_viz.recording import Recording, Scalars, Writer

Array = NDArray[np.float64]

STEPS = list(range(1, 2001))
TWO = target("0.3*norm(-1.5, 0.5) + 0.7*norm(1.5, 0.5)")


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
        "g_diversity": np.where(late & (t < 1800), 0.1, 0.9).tolist(),
        "g_tv": np.select([t > 1900, late, t > 500], [0.4, 0.6, 0.02], 0.2).tolist(),
        "d_off": np.full(len(t), 0.01).tolist(),
        "g_between": np.where((t > 900) & ~late, 0.4, 0.0).tolist(),
        "g_mode_1": np.where(late & (t < 1800), 0.01, 0.3).tolist(),
        "g_mode_2": np.where(late & (t < 1800), 0.99, 0.7).tolist(),
        "other": t.tolist(),
    }


def series_of(values: dict[str, list[float]], steps: list[int] = STEPS) -> dict[str, Scalars]:
    """Numbers at these steps."""
    return {
        name: Scalars(np.array(steps), np.array(column, np.float64))
        for name, column in values.items()
    }


def given_of(series: dict[str, Scalars], modes: Sequence[Mode] = ()) -> list[Verdict]:
    """The verdicts on some numbers."""
    return [span.verdict for span in judge(series, modes)]


ILL = ill_training()
EXPECTED = given_of(series_of(ILL), TWO.modes)


def test_every_kind_is_found_and_named() -> None:
    assert sorted({verdict.kind for verdict in EXPECTED}) == sorted(VERDICT_KINDS)
    assert all(f"(step {verdict.step})" in verdict.text for verdict in EXPECTED)
    texts = {verdict.kind: verdict.text for verdict in EXPECTED}
    assert texts["overpowered"].startswith("D saturated: D(x) 0.9")
    assert texts["equilibrium"] == "equilibrium: TV below 0.05 (step 561)"
    assert texts["lost-mode"] == "mode at -1.5 lost: 1% of the samples, 30% of the data (step 1061)"
    assert [verdict.kind for verdict in EXPECTED if verdict.good] == ["near", "equilibrium"]
    assert {verdict.short for verdict in EXPECTED} >= {
        "D saturated",
        "D's loss is nan",
        "equilibrium: TV below 0.05",
        "mode at -1.5 lost",
    }


@settings(max_examples=20)
@given(st.integers(1, 2000), st.integers(1, 60))
def test_what_comes_later_changes_nothing(end: int, every: int) -> None:
    """Judged at any step, a training gets the verdicts up to it that it gets in the end."""
    ill = series_of(ILL)
    for name in ("g_diversity", "g_tv", "g_between", "g_mode_1", "g_mode_2"):
        ill[name] = Scalars(*(column[::every] for column in ill[name]))
    so_far = {
        name: Scalars(*(column[one.steps <= end] for column in one)) for name, one in ill.items()
    }
    spans = [span for span in judge(ill, TWO.modes) if span.start <= end]
    expected = [one if one.end <= end else one._replace(end=np.inf) for one in spans]
    assert judge(so_far, TWO.modes) == expected


def test_a_recording_gives_the_same(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.ganviz", {"target": TWO.describe()}) as writer:
        writer.write_scalars(STEPS, ILL)
    with Recording(tmp_path / "a.ganviz") as recording:
        assert verdicts(recording) == EXPECTED


def test_it_is_computed_once_until_there_is_something_new(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.ganviz") as writer:
        writer.write_scalars([1], {"d_loss": [1.0]})
        writer.flush()
        with Recording(writer.path) as recording:
            before = diagnose(recording)
            assert before.verdicts == ()
            writer.write_scalars([2], {"d_loss": [np.nan]})
            writer.flush()
            assert diagnose(recording) is before
            recording.refresh()
            assert [verdict.kind for verdict in diagnose(recording).verdicts] == ["nan"]


def test_series_at_other_steps_are_put_in_order(tmp_path: Path) -> None:
    frames = {"g_diversity": ILL["g_diversity"][::20]}
    with Writer(tmp_path / "a.ganviz") as writer:
        writer.write_scalars(STEPS[::20], frames)
        writer.write_scalars(STEPS, {"g_loss": ILL["g_loss"]})
    parts = [
        *given_of(series_of({"g_loss": ILL["g_loss"]})),
        *given_of(series_of(frames, STEPS[::20])),
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
    assert found == [("collapse", 600), ("collapse", 600), ("collapse", 650)]


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


def test_what_cannot_be_used_is_passed_over(tmp_path: Path) -> None:
    header = {"target": {"kind": "nonsense"}}
    with Writer(tmp_path / "a.ganviz", header) as writer:
        writer.add_channel("generator", (9,), "float32")
        writer.add_channel("discriminator", (5,), "float32", output="logit")
        writer.add_constant("x", np.zeros(5))
        for step in range(0, 900, 50):
            writer.write_frame(step, {"generator": np.zeros(9), "discriminator": np.zeros(5)})
    with Recording(tmp_path / "a.ganviz") as recording:
        assert diagnose(recording) == ((), ((),) * 18)


@pytest.fixture
def rising(tmp_path: Path) -> Path:
    """G finds both modes, loses the left one from step 500 to 1000, and rests from then on."""
    q = TWO.ppf((np.arange(200) + 0.5) / 200)
    x, z = np.linspace(-4, 4, 41), Latent("uniform", 1)
    header = {"target": TWO.describe(), "latent": z.describe()}
    with Writer(tmp_path / "r.ganviz", header) as writer:
        writer.add_constant("latents", z.stratified(200))
        writer.add_channel("generator", (200,), "float64")
        writer.add_channel("discriminator", x.shape, "float64", output="logit")
        writer.add_constant("x", x)
        for step in range(0, 2000, 20):
            lost = 500 <= step < 1000
            logits = 20.0 * (x < 0) - 10.0 if lost else np.zeros(len(x))
            writer.write_frame(
                step, {"generator": np.abs(q) if lost else q, "discriminator": logits}
            )
    return tmp_path / "r.ganviz"


def test_what_holds_at_each_frame(rising: Path) -> None:
    with Recording(rising) as recording:
        said, held = diagnose(recording)
        steps = recording.steps.tolist()
    assert [(one.short, one.step) for one in said] == [
        ("equilibrium: TV below 0.05", 60),
        ("mode at -1.5 lost", 560),
        ("equilibrium: TV below 0.05", 1060),
    ]
    for step, ones in zip(steps, held, strict=True):
        kinds = [one.kind for one in ones]
        assert ("lost-mode" in kinds) == (560 <= step < 1000)
        assert ("equilibrium" in kinds) == (60 <= step < 500 or step >= 1060)


TEN = "+".join(f"0.1*norm({k}, 0.05)" for k in range(10))


@pytest.mark.parametrize(
    ("data", "made", "d", "kinds"),
    [
        ("norm(0, 1)", lambda q: target("norm(0, 1)").ppf(q), 0.0, {"equilibrium"}),
        ("norm(0, 1)", lambda q: target("norm(0, 1)").ppf(q), 0.5, {"near"}),
        ("norm(0, 1)", lambda q: target("norm(0.25, 1)").ppf(q), 0.0, {"near"}),
        ("norm(0, 1)", lambda q: target("norm(0, 1)").ppf(np.ceil(30 * q) / 30.5), 0.0, {"far"}),
        (TEN, lambda q: target(TEN).ppf(q), 0.0, {"equilibrium"}),
        (TEN, lambda q: target(TEN).ppf(0.9 * q), 0.0, {"lost-mode"}),
        (
            "0.991*norm(0, 1) + 0.009*norm(5, 0.2)",
            lambda q: target("norm(0, 1)").ppf(q),
            0.0,
            {"lost-mode"},
        ),
        (
            "0.5*norm(-10, 0.5) + 0.5*norm(10, 0.5)",
            lambda q: 0.1 * target("norm(0, 1)").ppf(q),
            0.0,
            {"lost-mode", "between-modes", "collapse"},
        ),
        ("cauchy()", lambda q: target("norm(0, 1)").ppf(q), 0.0, {"far"}),
    ],
)
def test_what_is_said_of_generators_that_one_knows(
    tmp_path: Path, data: str, made: Callable[[Array], Array], d: float, kinds: set[str]
) -> None:
    z = Latent("normal", 1).stratified(1024)
    outputs = made((np.arange(1024) + 0.5) / 1024)
    x = np.linspace(-30, 30, 601)
    header = {"target": target(data).describe(), "latent": Latent("normal", 1).describe()}
    with Writer(tmp_path / "a.ganviz", header) as writer:
        writer.add_channel("generator", (1024,), "float64")
        writer.add_channel("discriminator", x.shape, "float64", output="logit")
        writer.add_constant("latents", z)
        writer.add_constant("x", x)
        for step in range(0, 2000, 40):
            scores = d * np.sign(np.sin(x))  # as often above 1/2 as below
            writer.write_frame(step, {"generator": outputs, "discriminator": scores})
    with Recording(tmp_path / "a.ganviz") as recording:
        assert {verdict.kind for verdict in diagnose(recording).held[-1]} == kinds


def test_one_value_far_away_makes_no_equilibrium(tmp_path: Path) -> None:
    """The distance is small relative to a standard deviation that this value makes."""
    values = np.append(np.random.default_rng(0).normal(170, 10, 500), 1e6)
    header = {"target": target(values).describe()}
    with Writer(tmp_path / "a.ganviz", header) as writer:
        writer.add_channel("generator", (1024,), "float64")
        for step in range(0, 2000, 40):
            writer.write_frame(step, {"generator": np.linspace(500, 600, 1024)})
    with Recording(tmp_path / "a.ganviz") as recording:
        assert {verdict.kind for verdict in verdicts(recording)} == {"far"}


def test_of_many_frames_some_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan_viz.diagnostics.diagnosis.MOST_FRAMES", 20)
    monkeypatch.setattr("gan_viz.diagnostics.diagnosis.BLOCK", 7)
    with Writer(tmp_path / "a.ganviz", {"target": target("norm(0, 1)").describe()}) as writer:
        writer.add_channel("generator", (9,), "float64")
        for step in range(400):
            writer.write_frame(step, {"generator": np.linspace(-1, 1, 9) * (step < 200)})
    with Recording(tmp_path / "a.ganviz") as recording:
        (one,) = verdicts(recording)
    assert one.kind == "collapse"
    assert 260 <= one.step <= 300


@pytest.mark.parametrize("output", ["logit", "probability", "critic"])
def test_a_saturated_d_is_seen_along_x(tmp_path: Path, output: str) -> None:
    x = np.linspace(-4, 4, 41)
    scores = 10 * np.sign(x) if output == "logit" else np.where(x > 0, 0.995, 0.005)
    header = {"target": target("norm(2, 0.3)").describe()}
    with Writer(tmp_path / "a.ganviz", header) as writer:
        writer.add_channel("generator", (50,), "float64")
        writer.add_channel("discriminator", x.shape, "float64", output=output)
        writer.add_constant("x", x)
        for step in range(0, 500, 50):
            writer.write_frame(step, {"generator": np.full(50, -2.0), "discriminator": scores})
    with Recording(tmp_path / "a.ganviz") as recording:
        found = [one.text for one in verdicts(recording) if one.kind == "overpowered"]
    certain = "1.000, D(G(z)) 0.000" if output == "logit" else "0.995, D(G(z)) 0.005"
    text = f"D saturated: D(x) {certain} (step {DEFAULTS.hold})"
    expected = [] if output == "critic" else [text]
    assert found == expected


@pytest.mark.parametrize("name", ["samples", "generator", "discriminator", "class_counts"])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (7,), (3, 0), (0, 3), (4, 3), (12, 5, 5)])
def test_a_channel_of_any_shape_can_be_judged(
    tmp_path: Path, name: str, shape: tuple[int, ...]
) -> None:
    """A file may say anything: what is not of the shape of its name has no figures."""
    x = np.linspace(-4, 4, 7)
    shapes = {"generator": (7,), "discriminator": (7,), name: shape}
    with Writer(tmp_path / "a.ganviz", {"target": TWO.describe()}) as writer:
        for channel, its in shapes.items():
            writer.add_channel(channel, its, "float32")
        writer.add_constant("x", x)
        for step in range(3):
            writer.write_frame(step, {channel: np.ones(its) for channel, its in shapes.items()})
    with Recording(tmp_path / "a.ganviz") as recording:
        assert isinstance(verdicts(recording), list)
