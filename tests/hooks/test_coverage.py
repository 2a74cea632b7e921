"""Counts of classes, of generators whose classes one knows."""

from __future__ import annotations

from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.diagnostics.diagnosis import _figures_of
from gan_viz.errors import UsageError
from gan_viz.hooks import Recorder
from gan_viz.hooks.coverage import CoverageHook
from gan_viz.panels.coverage import CoveragePanel
from gan_viz.recording import Recording


class Dots(nn.Module):
    """Pictures of one white pixel, the class told or the sign of z: class k is at pixel k."""

    def __init__(self, values: tuple[float, float] = (-1, 1)) -> None:
        super().__init__()
        self.values = values

    def forward(self, z: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        where = (z.flatten(1)[:, 0] > 0).long() if labels is None else labels
        pictures = torch.full((len(z), 4), float(self.values[0]))
        pictures[torch.arange(len(z)), where] = self.values[1]
        return pictures.reshape(-1, 1, 2, 2)


class ByPixel(nn.Module):
    """Knows class k by pixel k, with a logit of `certainty` for white and 0 for black."""

    def __init__(self, certainty: float = 10.0) -> None:
        super().__init__()
        self.certainty = certainty

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        assert set(pictures.unique().tolist()) <= {-1.0, 1.0}
        return self.certainty * (pictures.flatten(1) + 1) / 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


def record(path: Path, hook: CoverageHook, g: nn.Module, steps: int = 1, **options: Any) -> None:
    with Recorder(path, g, latent_dim=3, hooks=[hook], every=1, **options) as recorder:
        for _ in range(steps):
            recorder.step()


def test_counts_what_the_generator_makes(path: Path) -> None:
    record(path, CoverageHook(ByPixel(), samples=200), Dots())
    with Recording(path) as recording:
        counts = recording.array("class_counts", 0)
        assert counts.sum() == 200
        assert counts[:2].min() > 60
        assert not counts[2:].any()
        assert recording.array("class_unsure", 0).tolist() == [0]
        assert recording.scalars["g_coverage"].values.tolist() == [0.5]
        for name in ("class_counts", "class_unsure"):
            channel = recording.channels[name]
            assert channel.dtype == "int32"
            assert channel.attributes == {"samples": 200, "threshold": 0.9}


def test_classes_are_asked_for_in_turn(path: Path) -> None:
    hook = CoverageHook(ByPixel(), samples=22)
    record(path, hook, Dots(), conditional=True, classes=["a", "b", "c", "d"])
    with Recording(path) as recording:
        assert recording.array("class_counts", 0).tolist() == [6, 6, 5, 5]
        assert recording.scalars["g_coverage"].values.tolist() == [1.0]


def test_the_fixed_samples_cost_no_pass_through_g(path: Path) -> None:
    g, seen = Dots(), SimpleQueue[int]()  # unlike a list, it is not put back after a look
    g.register_forward_hook(lambda _, given, __: seen.put(len(given[0])))
    record(path, CoverageHook(ByPixel(), samples=None, every=2), g, steps=2)
    # twice at the start, to see that they are the same
    assert [seen.get() for _ in range(seen.qsize())] == [64, 64, 64]
    with Recording(path) as recording:
        assert recording.array("class_counts", 2).sum() == 64
        assert recording.channels["class_counts"].attributes["samples"] == 64


@pytest.mark.parametrize(("certainty", "unsure"), [(3.2, 50), (3.4, 0)])
def test_unsure_is_below_nine_tenths(path: Path, certainty: float, unsure: int) -> None:
    """Of four classes, ``e / (e + 3)`` is below 0.9 for e = exp(3.2), above for e = exp(3.4)."""
    record(path, CoverageHook(ByPixel(certainty), samples=50), Dots())
    with Recording(path) as recording:
        assert recording.array("class_unsure", 0).tolist() == [unsure]
        assert recording.array("class_counts", 0).sum() == 50 - unsure
        assert recording.scalars["g_coverage"].values.tolist() == [0.0 if unsure else 0.5]
        (panel, verdict_figures) = CoveragePanel().bind(recording), _figures_of(recording)
        counts = {"class_counts": recording.array("class_counts", 0)}
        assert verdict_figures.of(counts) == {"g_coverage": 0.0 if unsure else 0.5}
        assert panel.covered == ["0/4 classes" if unsure else "2/4 classes"] * 2
        assert panel.unsure == ["100% unsure" if unsure else "0% unsure"] * 2


def test_only_some_frames_are_counted_and_in_small_batches(path: Path) -> None:
    g, seen = Dots(), SimpleQueue[int]()
    g.register_forward_hook(lambda _, given, __: seen.put(len(given[0])))
    record(path, CoverageHook(ByPixel(), samples=300, every=3), g, steps=7)
    with Recording(path) as recording:
        there = [recording.has("class_counts", frame) for frame in range(8)]
        assert there == [True, False, False] * 2 + [True, False]
        assert recording.scalars["g_coverage"].steps.tolist() == [0, 3, 6]
        np.testing.assert_array_equal(*(recording.array("class_counts", k) for k in (0, 6)))
    assert max(seen.get() for _ in range(seen.qsize())) <= 128


@pytest.mark.parametrize("values", [(0, 1), (-1, 1), (0, 255)])
def test_the_classifier_sees_its_own_range(path: Path, values: tuple[float, float]) -> None:
    hook = CoverageHook(ByPixel(), value_range=values)
    record(path, hook, nn.Sequential(Dots(values), nn.Flatten()))
    with Recording(path) as recording:
        assert recording.array("class_counts", 0)[:2].min() > 0


def test_what_cannot_be_used_is_refused(path: Path) -> None:
    with pytest.raises(UsageError, match="needs a classifier"):
        CoverageHook()
    with pytest.raises(UsageError, match="samples 0: expected a positive"):
        CoverageHook(ByPixel(), samples=0)
    with pytest.raises(UsageError, match="every -1: expected a positive"):
        CoverageHook(ByPixel(), every=-1)
    with pytest.raises(UsageError, match="knows 4 classes and the recorder 2"):
        record(path, CoverageHook(ByPixel()), Dots(), classes=["a", "b"])
