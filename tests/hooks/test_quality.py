"""Figures of quality while a training goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz import api
from gan_viz.analysis.quality import Figure, Quality, classifier_score
from gan_viz.errors import UsageError
from gan_viz.hooks import QualityHook, Recorder, quality
from gan_viz.recording import Recording


class TwoKinds(nn.Module):
    """Pictures of 2 x 2 whose first pixel tells the kind; `share` of them are dark there."""

    def __init__(self, share: float = 0.5) -> None:
        super().__init__()
        self.share = share

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        kind = torch.where(z[:, :1] < float(torch.tensor(self.share).erfinv()), -0.6, 0.6)
        return torch.cat([kind + 0.05 * z[:, :1], 0.05 * z[:, 1:4]], 1).reshape(-1, 1, 2, 2)


class Pixels(nn.Module):
    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.flatten(1)


def classifier() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(Pixels(), nn.Linear(4, 2))


def real(seed: int, n: int = 200) -> Any:
    source = np.random.default_rng(seed)
    kind = np.where(source.random(n) < 0.5, -0.6, 0.6)
    rest = 0.05 * source.normal(size=(n, 4)) + kind[:, None] * [1, 0, 0, 0]
    return np.rint((rest + 1) * 127.5).astype(np.uint8).reshape(-1, 2, 2)


def record(path: Path, hook: QualityHook, g: nn.Module, steps: int = 4, **options: Any) -> None:
    with Recorder(path, g, latent_dim=4, hooks=[hook], every=1, **options) as recorder:
        for _ in range(steps):
            recorder.step()


def test_figures_are_those_of_the_features_and_the_floor_is_that_of_the_test(
    tmp_path: Path,
) -> None:
    given = classifier()
    hook = QualityHook(given, real(0), real(1), 200, 1e9, accuracy=0.9, value_range=(-1, 1))
    record(tmp_path / "a.ganviz", hook, TwoKinds(), steps=2)
    features = [(each.reshape(200, 4) / np.float32(127.5) - 1) for each in (real(0), real(1))]
    expected = Quality(features[0]).of(features[1])
    with torch.no_grad():
        chances = given(torch.from_numpy(features[1])).softmax(1).numpy()
    with Recording(tmp_path / "a.ganviz") as recording:
        about = recording.header["quality"]
        assert (about["samples"], about["features"], about["accuracy"]) == (200, 4, 0.9)
        for name, figure in expected.items():
            assert about["floor"][name] == pytest.approx(list(figure), rel=1e-3, abs=1e-6), name
        score = about["floor"]["classifier_score"]
        assert score == pytest.approx(list(classifier_score(chances)), rel=1e-4)
        assert recording.scalars["quality_recall"].steps.tolist() == [0, 1, 2]
        assert recording.scalars["quality_precision"].values[0] > 0.5
        rows = api.metrics(recording)
        assert [row["step"] for row in rows] == [0, 1, 2]
        assert rows[0]["recall"] == recording.scalars["quality_recall"].values[0]
        assert rows[0]["frechet_error"] >= 0


def test_a_dropped_kind_is_called_collapse(tmp_path: Path) -> None:
    """One kind of two alone has a recall near a half; a narrow part of it, near 0."""
    hook = QualityHook(classifier(), real(0), None, 200, 1e9, value_range=(-1, 1))

    class Narrowing(TwoKinds):
        narrow = False

        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return super().forward(0.02 * z.abs() if self.narrow else z)

    g, path = Narrowing(), tmp_path / "a.ganviz"
    with Recorder(path, g, latent_dim=4, hooks=[hook], every=1) as recorder:
        g.narrow = True
        for _ in range(4):
            recorder.step()
    with Recording(tmp_path / "a.ganviz") as recording:
        (found,) = [v for v in api.verdicts(recording) if "recall" in v.text]
        assert found.kind == "collapse"
        assert found.text.startswith("mode collapse: recall 0.0")
        assert found.short == "mode collapse"
        assert "floor" not in recording.header["quality"]


def test_it_takes_its_share_of_the_time_and_no_more(tmp_path: Path) -> None:
    """With hardly any, the first frame and the last are measured all the same."""
    hook = QualityHook(classifier(), real(0), None, 100, 1e-9)
    record(tmp_path / "a.ganviz", hook, TwoKinds(), 5, header={"settings": {"steps": 5}})
    with Recording(tmp_path / "a.ganviz") as recording:
        assert recording.scalars["quality_recall"].steps.tolist() == [0, 5]


def test_a_measurement_that_was_interrupted_does_not_silence_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes a second of a hundred, but one an hour, in which the process was stopped."""
    clock = [0.0]
    monkeypatch.setattr(quality.time, "perf_counter", lambda: clock[0])
    hook = QualityHook(classifier(), real(0), None, 100, 0.02)
    measured = hook._measured

    def slowly(*seen: Any) -> dict[str, Figure]:
        clock[0] += 3600 if len(hook._costs) == 3 else 1
        return measured(*seen)

    monkeypatch.setattr(hook, "_measured", slowly)
    with Recorder(tmp_path / "a.ganviz", TwoKinds(), latent_dim=4, hooks=[hook], every=1) as each:
        for _ in range(20):
            clock[0] += 100
            each.step()
    with Recording(tmp_path / "a.ganviz") as recording:
        assert recording.scalars["quality_recall"].steps.tolist() == [*range(21)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"classifier": None}, "needs a classifier"),
        ({"real": None}, "needs a classifier"),
        ({"share": 0.0}, "share 0"),
        ({"samples": 999}, "samples 999"),
        ({"real": np.zeros((3, 4))}, "bytes"),
    ],
)
def test_what_cannot_be_used_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        QualityHook(**{"classifier": classifier(), "real": real(0), "samples": 9, **options})


def test_too_few_samples_for_the_features_are_refused(tmp_path: Path) -> None:
    hook = QualityHook(classifier(), real(0), samples=5)
    with pytest.raises(UsageError, match="5 samples of 4 features"):
        record(tmp_path / "a.ganviz", hook, TwoKinds())


def test_pictures_of_another_size_are_refused(tmp_path: Path) -> None:
    hook = QualityHook(classifier(), np.zeros((50, 3, 3), np.uint8), samples=30)
    with pytest.raises(UsageError, match=r"the shape \(2, 2\) and the real ones \(3, 3\)"):
        record(tmp_path / "a.ganviz", hook, TwoKinds())
