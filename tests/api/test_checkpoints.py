"""Trainings that go on from a file."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from gan_viz.api import build_images, checkpoints, record_images
from gan_viz.api.images import ImageRun
from gan_viz.datasets import ImageSet
from gan_viz.errors import DataError, MissingExtraError, UsageError
from gan_viz.models.base import ImageModel, settings
from gan_viz.recording import Recording


def dots() -> ImageSet:
    images = np.random.default_rng(0).integers(0, 256, (40, 4, 4), np.uint8)
    return ImageSet("dots", images, np.arange(40) % 4, ("a", "b", "c", "d"))


def _layers(source: torch.Generator, _: tuple[int, int, int]) -> tuple[nn.Module, nn.Module]:
    """Networks with buffers, and one that draws random numbers of its own."""
    with torch.random.fork_rng():
        torch.manual_seed(source.initial_seed())
        g = nn.Sequential(
            nn.Linear(5, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Unflatten(1, (1, 4, 4))
        )
        return g, nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(16, 1))


MODEL = partial(
    ImageModel,
    name="small",
    source="a test",
    latent_shape=(5,),
    layers=_layers,
    objective="wgan-gp",
)(settings={**settings(batch=12, rate=1e-3), "steps": 11, "d_steps": 2, "ema": 0.9})


def run_to(steps: int, **options: Any) -> ImageRun:
    return build_images(replace(MODEL, **options), dots(), steps=steps, seed=3)


EARLIER = {
    name: value
    for name, value in checkpoints._identity(run_to(2)).items()
    if name not in checkpoints.LATER
}
"""What checkpoints told before they told of penalties and latents."""


def trained(run: ImageRun, folder: Path, **options: Any) -> dict[str, torch.Tensor]:
    """Train with a checkpoint, and give what is in it at the end."""
    place = folder / "run.safetensors"
    record_images(run, folder / "run.ganviz", every=1, coverage=False, checkpoint=place, **options)
    return load_file(place)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
def test_a_training_in_two_parts_is_one_bit_for_bit(optimizer: str, tmp_path: Path) -> None:
    """In the middle of an epoch of three batches, with penalties, dropout and a moving average."""
    how = {"settings": {**MODEL.settings, "optimizer": optimizer, "betas": (0.5, 0.9)}}
    ends = []
    for name, parts in (("whole", (11,)), ("parts", (4, 11))):
        folder = tmp_path / name
        folder.mkdir()
        for number, steps in enumerate(parts):
            found = trained(run_to(steps, **how), folder, resume=number > 0)
        ends.append(found)
    assert ends[0].keys() == ends[1].keys()
    assert {"source.latents", "source.penalty", "order", "own.0"} <= ends[0].keys()
    for name, values in ends[0].items():
        assert torch.equal(values, ends[1][name]), name
    runs = [Recording(tmp_path / name / "run.ganviz") for name in ("whole", "parts")]
    with runs[0], runs[1]:
        assert runs[0].steps.tolist() == runs[1].steps.tolist() == list(range(12))
        for name in ("d_loss", "g_loss"):
            losses = [run.scalars[name] for run in runs]
            assert losses[0].steps.tolist() == losses[1].steps.tolist()
            np.testing.assert_array_equal(losses[0].values, losses[1].values)
        for frame in range(12):
            np.testing.assert_array_equal(*(run.array("samples", frame) for run in runs))


def test_a_training_that_was_cut_off_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came after the last checkpoint is made again; the recording has each step once."""
    monkeypatch.setattr(checkpoints, "PERIOD", -1.0)  # a checkpoint at every step
    run, made = run_to(11), itertools.count(1)
    step = run.training.game.step

    def cut_off(*given: Any) -> Any:
        if next(made) == 7:
            raise KeyboardInterrupt
        return step(*given)

    monkeypatch.setattr(run.training.game, "step", cut_off)
    with pytest.raises(KeyboardInterrupt):
        trained(run, tmp_path)
    assert int(load_file(tmp_path / "run.safetensors")["made"]) == 6
    found = trained(run_to(11), tmp_path, resume=True)
    (tmp_path / "whole").mkdir()
    for name, values in trained(run_to(11), tmp_path / "whole").items():
        assert torch.equal(values, found[name]), name
    with Recording(tmp_path / "run.ganviz") as recording:
        assert recording.complete
        assert recording.scalars["d_loss"].steps.tolist() == list(range(1, 12))


def test_resuming_where_there_is_nothing_begins(tmp_path: Path) -> None:
    assert int(trained(run_to(2), tmp_path, resume=True)["made"]) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "other"}, "model 'small', not 'other'"),
        ({"settings": {**MODEL.settings, "batch": 8}}, "batch 12, not 8"),
        ({"objective": "hinge"}, "objective 'wgan-gp', not 'hinge'"),
    ],
)
def test_the_checkpoint_of_another_run_is_refused(
    options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    trained(run_to(2), tmp_path)
    before = (tmp_path / "run.ganviz").read_bytes()
    with pytest.raises(UsageError, match=words):
        trained(run_to(4, **options), tmp_path, resume=True)
    assert (tmp_path / "run.ganviz").read_bytes() == before


@pytest.mark.parametrize(
    ("begun", "options", "words"),
    [
        ({"r1": 0.1}, {"r1": 1.0}, "penalties .*0.1.*, not .*1.0"),
        ({"latent": "uniform"}, {"latent": "normal"}, "latent 'uniform', not 'normal'"),
    ],
)
def test_the_checkpoint_of_another_game_is_refused(
    begun: dict[str, Any], options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    trained(build_images(MODEL, dots(), steps=2, seed=3, **begun), tmp_path)
    with pytest.raises(UsageError, match=words):
        trained(build_images(MODEL, dots(), steps=4, seed=3, **options), tmp_path, resume=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("made", torch.tensor(-5)),
        ("made", torch.tensor(2.5)),
        ("dealt", torch.tensor(99)),
        ("dealt", torch.tensor(-1)),
        ("order", torch.zeros(3)),
        ("own.0", None),
        ("own.0", torch.zeros(4)),
        ("optimizer.g.0.exp_avg", torch.zeros(7, 7)),
        ("optimizer.g.99.exp_avg", torch.zeros(3)),
        ("generator.0.bias", torch.zeros(16, dtype=torch.float64)),
    ],
)
def test_tensors_of_another_training_are_refused(
    name: str, value: torch.Tensor | None, tmp_path: Path
) -> None:
    tensors, place = trained(run_to(2), tmp_path), tmp_path / "run.safetensors"
    changed = {key: one for key, one in tensors.items() if key != name}
    changed |= {} if value is None else {name: value}
    save_file(changed, place, {"gan_viz": checkpoints.json.dumps(EARLIER)})
    with pytest.raises(DataError, match="one of other networks"):
        trained(run_to(4), tmp_path, resume=True)
    save_file(tensors, place, {"gan_viz": checkpoints.json.dumps(EARLIER)})
    assert trained(run_to(4), tmp_path, resume=True)["made"] == 4


def test_what_is_no_checkpoint_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    trained(run_to(2), tmp_path)
    place, recording = tmp_path / "run.safetensors", (tmp_path / "run.ganviz").read_bytes()
    kept = place.read_bytes()
    with pytest.raises(UsageError, match="of step 2: expected more steps"):
        trained(run_to(2), tmp_path, resume=True)
    for content in (b"", b"rubbish" * 9, kept[: len(kept) // 2]):
        place.write_bytes(content)
        with pytest.raises(DataError, match="is no checkpoint"):
            trained(run_to(4), tmp_path, resume=True)
    about = {"gan_viz": checkpoints.json.dumps(checkpoints._identity(run_to(4)))}
    save_file({"made": torch.tensor(1)}, place, about)
    with pytest.raises(DataError, match="other networks"):
        trained(run_to(4), tmp_path, resume=True)
    place.unlink()
    with pytest.raises(DataError, match="is no checkpoint"):
        trained(run_to(4), tmp_path, resume=True)  # the recording there would be lost
    assert (tmp_path / "run.ganviz").read_bytes() == recording


def test_names_and_the_library_are_checked_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, record = run_to(2), tmp_path / "a.ganviz"
    with pytest.raises(UsageError, match=r"like run\.safetensors"):
        record_images(run, record, checkpoint=tmp_path / "a.pt")
    with pytest.raises(UsageError, match="without a checkpoint"):
        record_images(run, record, resume=True)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(MissingExtraError, match=r"gan-viz\[checkpoints\]"):
        record_images(run, record, checkpoint=tmp_path / "a.safetensors")
    assert not record.exists()
