"""GANs of pictures from data to recording, on small pictures of our own."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import gan_viz
from gan_viz.api import build_images, record_images, record_walk, train_images, walks
from gan_viz.api.classifiers import classifier_for
from gan_viz.api.images import _by_turns, _moments
from gan_viz.datasets import ImageSet
from gan_viz.diagnostics import verdicts
from gan_viz.errors import GanVizWarning, OutputError, TrainingError, UsageError
from gan_viz.models.base import ImageModel, settings
from gan_viz.recording import Recording


def bars(n: int = 80) -> ImageSet:
    """Pictures of 28x28 with one bright bar; its place is the class."""
    labels = np.arange(n) % 4
    images = np.zeros((n, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, 7 * label : 7 * label + 5] = 200
    return ImageSet("bars", images, labels, ("a", "b", "c", "d"))


class Told(nn.Module):
    """A network that is told a class, beside features."""

    def __init__(self, inputs: int, outputs: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.embedding, self.layer = nn.Embedding(4, 3), nn.Linear(inputs + 3, outputs)
        self.shape = shape

    def forward(self, values: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        features = torch.cat([values.flatten(1), self.embedding(labels)], dim=1)
        return torch.tanh(self.layer(features)).unflatten(1, self.shape)


def _plain(source: torch.Generator, _: tuple[int, int, int]) -> tuple[nn.Module, nn.Module]:
    with torch.random.fork_rng():
        torch.manual_seed(source.initial_seed())
        g = nn.Sequential(nn.Linear(6, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
        return g, nn.Sequential(nn.Flatten(), nn.Linear(784, 1))


def _told(source: torch.Generator, _: tuple[int, int, int]) -> tuple[nn.Module, nn.Module]:
    with torch.random.fork_rng():
        torch.manual_seed(source.initial_seed())
        return Told(6, 784, (1, 28, 28)), Told(784, 1, (1,))


USUAL = {**settings(batch=16, rate=1e-3), "steps": 12}
make = partial(ImageModel, source="a test", latent_shape=(6,), objective="non-saturating")
PLAIN = make(name="plain", layers=_plain, settings=USUAL)
TOLD = make(name="told", layers=_told, settings=USUAL, classes=4)


@pytest.mark.parametrize("model", [PLAIN, TOLD], ids=["plain", "told"])
def test_what_is_recorded(model: ImageModel, tmp_path: Path) -> None:
    path = train_images(model, bars(), tmp_path / "a.ganviz", coverage=False)
    with Recording(path) as run:
        assert run.complete
        assert run.header["classes"] == ["a", "b", "c", "d"]
        assert run.header["title"] == f"bars · {model.name}"
        assert run.header["steps_per_epoch"] == 5
        assert {0, 5, 10, 12} <= set(run.steps.tolist())
        assert run.channels["samples"].shape == ((80 if model.classes else 64), 28, 28)
        assert run.channels["scores_fake"].attributes["output"] == "logit"
        for name in ("d_loss", "g_loss", "d_real", "d_fake", "d_fake_after"):
            assert run.scalars[name].steps.tolist() == list(range(1, 13))
        real = run.constants["real_samples"]
        assert run.constants["real_labels"].tolist() == (np.arange(64) % 4).tolist()
        assert (real[1] == bars().images[1]).all()
        if model.classes:
            assert run.constants["sample_labels"].tolist() == (np.arange(80) % 4).tolist()
        assert verdicts(run) == []


def test_the_same_seed_gives_the_same_run(tmp_path: Path) -> None:
    torch.manual_seed(7)
    state = torch.get_rng_state()
    samples = []
    for number, seed in enumerate((3, 3, 4)):
        path = tmp_path / f"{number}.ganviz"
        train_images(PLAIN, bars(), path, seed=seed, coverage=False)
        with Recording(path) as run:
            samples.append(run.array("samples", -1))
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(samples[0], samples[1])
    assert not np.array_equal(samples[0], samples[2])


@pytest.mark.parametrize("objective", ["lsgan", "hinge", "wgan", "wgan-gp"])
def test_any_objective_on_any_model(objective: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ganviz"
    train_images(PLAIN, bars(), path, objective=objective, r1=0.1, steps=3, coverage=False)
    with Recording(path) as run:
        assert run.header["objective"]["name"] == f"{objective} + R1"
        assert run.header["title"] == f"bars · plain · {objective} + R1"
        assert run.channels["scores_real"].attributes["output"] in (
            "critic",
            "margin",
            "probability",
        )


@pytest.mark.parametrize(
    ("features", "warned"),
    [
        ({"avx2": True, "avx512_bf16": False, "amx_bf16": False}, True),
        ({"avx2": True, "avx512_bf16": True, "amx_bf16": False}, False),
        ({"neon": True, "bf16": True}, False),
        ({}, False),
    ],
)
def test_a_processor_without_bf16_is_told_of(
    features: dict[str, bool], warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features, raising=False)
    expected = pytest.warns(GanVizWarning, match="float32 is faster here")
    with expected if warned else nullcontext():
        build_images(PLAIN, bars(), precision="bf16", steps=2)
    build_images(PLAIN, bars(), steps=2)


@pytest.mark.filterwarnings("ignore:precision 'bf16'")
def test_the_precision_is_recorded_where_it_is_not_the_usual(tmp_path: Path) -> None:
    headers = []
    for precision in ("float32", "bf16"):
        run = build_images(PLAIN, bars(), precision=precision, steps=2)
        with Recording(record_images(run, tmp_path / f"{precision}.ganviz", coverage=False)) as one:
            headers.append(one.header["settings"])
            assert one.channels["scores_real"].dtype == "float32"
        assert {p.dtype for p in run.training.game.generator.parameters()} == {torch.float32}
    assert headers[1] == {**headers[0], "precision": "bf16"}


def test_toys_have_no_other_precision(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no option 'precision'"):
        gan_viz.train("gaussian", tmp_path / "a.ganviz", precision="bf16")


def test_epochs_instead_of_steps() -> None:
    run = build_images(PLAIN, bars(), epochs=2.4)
    assert run.training.settings.steps == 12
    run = build_images(PLAIN, bars(), epochs=2, d_steps=5)
    assert (run.per_epoch, run.training.settings.steps) == (1, 2)


@pytest.mark.parametrize("latent", ["normal", "uniform", None])
def test_latents(latent: str | None) -> None:
    run = build_images(PLAIN, bars(), latent=latent)
    assert run.latent.kind == (latent or "normal")
    z = run.training._draw_latents(4000).values
    assert z.shape == (4000, 6)
    assert z.std().item() == pytest.approx(1 if latent != "uniform" else 3**-0.5, rel=0.05)
    assert (z.abs().max() <= 1) == (latent == "uniform")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 1.0, "steps": 3}, "give one of them"),
        ({"epochs": -1.0}, "epochs -1"),
        ({"seed": -1}, "seed -1"),
        ({"batch": 81}, "batch 81: there are only 80 pictures"),
        ({"device": "abacus"}, "device 'abacus'"),
        ({"steps": 0}, "steps 0"),
        ({"r1": -1.0}, "R1 penalty -1"),
        ({"optimizer": "adamm"}, "adamm"),
        ({"precision": "fp16"}, "precision 'fp16': expected float32 or bf16"),
        ({"precision": "bf16", "device": "meta"}, "meta has no autocast"),
    ],
)
def test_what_cannot_be_used(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build_images(PLAIN, bars(), **options)


def test_a_model_that_is_told_other_classes() -> None:
    with pytest.raises(UsageError, match="told one of 4 classes, but bars has 2"):
        data = bars()
        build_images(TOLD, ImageSet("bars", data.images, data.labels % 2, ("a", "b")))


def test_pictures_of_each_epoch(tmp_path: Path) -> None:
    run = build_images(PLAIN, bars())
    record_images(run, tmp_path / "a.ganviz", coverage=False, epochs_to=tmp_path / "e")
    names = sorted(path.name for path in (tmp_path / "e").iterdir())
    assert names == ["epoch-001.png", "epoch-002.png", "real_samples.png"]
    with Image.open(tmp_path / "e" / "real_samples.png") as image:
        pixels = np.asarray(image)
    assert pixels.shape == (3 * (8 * 30 - 2), 3 * (8 * 30 - 2), 3)
    assert (pixels[:84:3, 90:174:3, 0] == bars().images[1]).all()
    with Recording(tmp_path / "a.ganviz") as recording:
        at_5 = recording.array("samples", recording.steps.tolist().index(5))
    with Image.open(tmp_path / "e" / "epoch-001.png") as image:
        assert (np.asarray(image)[:84:3, :84:3, 0] == at_5[0]).all()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "e").write_text("a file")
    with pytest.raises(OutputError, match="cannot be made"):
        record_images(
            build_images(PLAIN, bars()),
            tmp_path / "a.ganviz",
            coverage=False,
            epochs_to=tmp_path / "e",
        )


def test_a_failed_training_leaves_a_recording(tmp_path: Path) -> None:
    warnings: list[str] = []
    run = build_images(PLAIN, bars(), g_lr=1e30, d_lr=1e30, steps=60)
    with pytest.raises(TrainingError, match="step 50"):
        record_images(run, tmp_path / "a.ganviz", coverage=False, warn=warnings.append)
    with Recording(tmp_path / "a.ganviz") as recording:
        assert recording.steps[-1] == 50
        assert "nan" in [verdict.kind for verdict in verdicts(recording)]
    assert any("finite" in text or "NaN" in text or "nan" in text for text in warnings)


def test_coverage_by_a_classifier_that_is_trained_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAN_VIZ_CACHE", str(tmp_path / "cache"))
    told: list[int] = []
    data = bars(40)
    first = classifier_for(data, lambda task, done, total, figures: told.append(done))
    assert told
    images = torch.tensor(data.images)[:, None] / 127.5 - 1
    with torch.no_grad():
        assert (first(images).argmax(1).numpy() == data.labels).all()
    told.clear()
    second = classifier_for(data, lambda task, done, total, figures: told.append(done))
    assert not told
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)
    (kept,) = (tmp_path / "cache" / "classifiers").iterdir()
    kept.write_bytes(b"rubbish")
    classifier_for(data, lambda task, done, total, figures: told.append(done))
    assert told


def test_classes_by_turns() -> None:
    labels = np.array([0, 0, 1, 2, 1, 0, 2, 1])
    assert labels[_by_turns(labels, 5)].tolist() == [0, 1, 2, 0, 1]
    assert labels[_by_turns(labels, 100)].tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("model", [PLAIN, TOLD], ids=["plain", "told"])
def test_a_walk_is_a_loop(model: ImageModel, tmp_path: Path) -> None:
    g, _ = model.build(torch.Generator().manual_seed(0))
    path = record_walk(g, tmp_path / "w.ganviz", "normal", 6, classes=model.classes, frames=40)
    with Recording(path) as run:
        assert len(run) == 40
        frames = [run.array("samples", k).astype(float) for k in range(40)]
    steps = [np.abs(a - b).mean() for a, b in zip(frames, [*frames[1:], frames[0]], strict=True)]
    assert min(steps) > 0
    assert steps[-1] < 1.5 * max(steps[:-1])
    assert np.abs(frames[0] - frames[20]).mean() > 3 * np.mean(steps)


def test_a_walk_through_uniform_latents_stays_among_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []

    class Seeing(walks.Generate):
        def evaluated(self, z: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
            seen.append(z)  # not by G: what it keeps is put back after a look
            return super().evaluated(z, labels)

    monkeypatch.setattr(walks, "Generate", Seeing)
    record_walk(nn.Unflatten(1, (1, 4, 4)), tmp_path / "w.ganviz", "uniform", 16, frames=20)
    latents = torch.stack(seen)
    assert latents.shape == (20, 32, 16)
    assert latents.abs().max() <= 1
    assert 0.5 < latents.std() / 3**-0.5 < 1.1


def test_the_picture_of_a_run(tmp_path: Path) -> None:
    path = train_images(PLAIN, bars(), tmp_path / "a.ganviz", coverage=False)
    made = gan_viz.render(path, tmp_path / "a.gif", fps=50, hold=0)
    assert made.frames == 13
    sheet = gan_viz.render(path, tmp_path / "a.png")
    assert sheet.frames == 2  # epochs
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == sheet.size
        colors = {color for _, color in image.convert("L").getcolors()}
    assert 200 in colors  # the bars of the real pictures, as they are


def test_a_contact_sheet_has_real_pictures_of_the_same_classes(tmp_path: Path) -> None:
    path = train_images(TOLD, bars(), tmp_path / "a.ganviz", coverage=False)
    gan_viz.render(path, tmp_path / "a.png", at=[0, 12], size=(900, 400))
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (900, 400)
        pixels = np.asarray(image.convert("L"))
    bright = np.flatnonzero((pixels == 200).any(axis=0))
    assert len(bright) > 50


@pytest.mark.parametrize(("model", "side"), [("mlp", 8), ("wgan", 8), ("cgan", 8), ("dcgan", 32)])
def test_pictures_of_other_sizes(model: str, side: int, tmp_path: Path) -> None:
    labels = np.arange(60) % 10
    images = np.random.default_rng(0).integers(0, 256, (60, side, side), np.uint8)
    own = ImageSet("own", images, labels, tuple("abcdefghij"))
    path = train_images(model, own, tmp_path / "run.ganviz", steps=2, batch=8, coverage=False)
    with Recording(path) as recording:
        assert recording.channels["samples"].shape[-2:] == (side, side)


def test_a_size_that_a_model_cannot_have(tmp_path: Path) -> None:
    images = np.zeros((60, 8, 8), np.uint8)
    own = ImageSet("own", images, np.zeros(60, np.int64), ("a",))
    with pytest.raises(UsageError, match=r"model dcgan makes pictures .* not of 8 x 8"):
        train_images("dcgan", own, tmp_path / "run.ganviz", steps=2, batch=8)


@pytest.mark.parametrize(("steps", "per_epoch"), [(600, 2), (1000, 10), (5000, 14), (7, 10)])
def test_frames_are_at_ends_of_epochs_however_many_there_are(steps: int, per_epoch: int) -> None:
    chosen = _moments(steps, per_epoch)
    ends = [step for step in chosen if step % per_epoch == 0]
    assert len(ends) >= min(steps // per_epoch, 50)
    assert len(chosen) <= 120 + 100
