"""What cannot be recorded is refused in one line that says what to do, and leaves no file."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from gan_viz.errors import GanVizError, UsageError
from gan_viz.hooks import Recorder
from gan_viz.hooks.naming import named
from gan_viz.hooks.real import kind_of
from gan_viz.recording import Recording

PICTURES = torch.rand(20, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1


def make_g(inputs: int = 6) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, 64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8)))


def make_d() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


class Labelled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = make_g(9)

    def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return self.layers(torch.cat([z, nn.functional.one_hot(labels, 3).float()], 1))


class Returning(nn.Module):
    """Returns samples within something."""

    def __init__(self, wrap: Callable[[torch.Tensor], Any]) -> None:
        super().__init__()
        self.layers, self.wrap = make_g(), wrap

    def forward(self, z: torch.Tensor) -> Any:
        return self.wrap(self.layers(z))


class Embedded(nn.Module):
    """Its first layer does not tell what z is."""

    def __init__(self) -> None:
        super().__init__()
        self.scale, self.layers = nn.Embedding(2, 1), make_g()

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.layers(z)


class Around:
    """A network wrapped by something that is none."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module


class Flax:
    """What has no parameters of its own."""

    def apply(self, parameters: Any, z: Any) -> Any:
        return z


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "labels missing": ({"generator": Labelled(), "latent_dim": 6}, r"z, labels.*labels=.*condit"),
    "classes missing": ({"conditional": True}, "needs labels="),
    "wrong size": ({"latent_dim": 5}, r"G cannot take \(64, 5\).*first layer takes \(6,\).*=6"),
    "size unknown": ({"generator": Embedded()}, r"cannot take \(64, 1\).*give latent_dim="),
    "tuple": (
        {"generator": Returning(lambda x: (x, x))},
        r"tuple of 2.*generate=lambda z: G\(z\)\[0",
    ),
    "dict": ({"generator": Returning(lambda x: {"out": x})}, r"dict of 1.*G\(z\)\['out'\]"),
    "lambda": ({"generator": lambda z: z}, "G is a function, not a torch.nn.Module.*generate="),
    "flax": ({"generator": Flax()}, "not a torch.nn.Module.*generate="),
    "around g": ({"generator": Around(make_g())}, r"G is .* around a .*: give its \.module"),
    "around d": ({"discriminator": Around(make_d())}, r"D is .* around a .*: give its \.module"),
    "complex g": ({"generator": Returning(lambda x: x + 0j)}, r"complex .* G\(z\)\.abs"),
    "complex d": ({"score": lambda x: x.flatten(1).mean(1) + 0j}, r"complex .* D\(x\)\.abs"),
    "no g": ({"generator": None}, "there is no G.*generate="),
    "d is a function": ({"discriminator": lambda x: x}, "D is a function.*score="),
    "d of another size": ({"discriminator": nn.Linear(5, 1)}, "D cannot take.*score="),
    "bytes": ({"real": (PICTURES * 100).to(torch.uint8)}, r"real is uint8.*/ 127\.5 - 1"),
    "a text for data": ({"real": "mnist"}, "real is str: expected a tensor"),
    "noise of two": (
        {"latent": (torch.zeros(3, 6), torch.zeros(3, 6))},
        "several tensors",
    ),
    "nothing from g": ({"generator": Returning(lambda x: None)}, "G returns NoneType: expected"),
    "nothing from d": ({"discriminator": Returning(lambda x: None)}, "D (returns|cannot take)"),
    "a function of nothing": ({"latent": lambda: torch.zeros(3, 6)}, "cannot make 1024 latents"),
    "no real ones": ({"real": PICTURES[:0]}, r"real of shape \(0, .*holds no samples"),
    "not finite": ({"real": PICTURES / 0}, "real holds values that are not finite"),
    "too few labels": ({"labels": [0, 1]}, "2 labels for .* samples of real"),
    "fractions": ({"labels": torch.rand(len(PICTURES))}, "labels of real: expected classes"),
    "below zero": ({"labels": -np.arange(len(PICTURES))}, "labels of real: expected classes"),
    "half a step": ({"every": 1.5}, "every 1.5: expected a whole number"),
    "steps in words": ({"steps": "9"}, "steps '9': expected a whole number"),
    "no latent": ({"latent": "gauss"}, "unknown latent 'gauss'"),
    "no output": ({"output": "odds"}, "expected auto or logit"),
    "no samples": ({"samples": 0}, "samples 0: expected a whole number from 1 to 4096"),
    "samples below zero": ({"samples": -1}, "samples -1: expected a whole"),
    "too many samples": ({"samples": 10**6}, "samples 1000000: expected .* to 4096, more than"),
    "samples in words": ({"samples": "64"}, "samples '64': expected a whole"),
    "half a sample": ({"samples": 9.5}, "samples 9.5: expected a whole"),
    "samples as a switch": ({"samples": True}, "samples True: expected a whole"),
    "lazy": ({"generator": nn.Sequential(nn.LazyLinear(64))}, "run it once before"),
    "autoencoder": ({"discriminator": nn.Identity()}, "if it is an autoencoder, give"),
    "many numbers": ({"discriminator": nn.Flatten()}, r"score=lambda x: D\(x\)\[:, 0\]"),
    "columns": ({"data": np.random.default_rng(0).normal(size=(50, 3)), "real": None}, "column"),
    "a hook": ({"hooks": ["signals"]}, "no signals.*choose other hooks"),
    "points": ({"hooks": ["points"]}, "points hook is for"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_line_and_without_a_file(name: str, path: Path) -> None:
    options, message = REFUSED[name]
    usual = {"generator": make_g(), "discriminator": make_d(), "real": PICTURES}
    with pytest.raises(GanVizError, match=message) as error:
        Recorder(path, **{**usual, **options})
    assert "\n" not in str(error.value)
    assert list(path.parent.iterdir()) == []


def test_a_failed_start_keeps_what_was_there(path: Path) -> None:
    Recorder(path, make_g(), real=PICTURES).close()
    before = path.read_bytes()
    with pytest.raises(GanVizError):
        Recorder(path, make_g(), real=PICTURES, latent_dim=5)
    assert path.read_bytes() == before
    with pytest.raises(GanVizError):
        Recorder(path, make_g(), real=PICTURES, latent_dim=5, resume_at=0)
    with Recording(path) as recording:
        assert recording.complete
        assert recording.steps.tolist() == [0]
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["run.gif", "run.MP4", "a.png", "b.html"])
def test_a_picture_is_no_recording(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a recording is a file like .*\.ganviz"):
        Recorder(tmp_path / name, make_g(), real=PICTURES)


def test_the_size_of_z_follows_from_the_first_layer(tmp_path: Path) -> None:
    for number, (g, shape) in enumerate(
        [
            (make_g(6), [64, 6]),
            (nn.Sequential(nn.ConvTranspose2d(5, 1, 8)), [64, 5, 1, 1]),
            (nn.Sequential(nn.Unflatten(1, (6, 1, 1)), nn.ConvTranspose2d(6, 1, 8)), None),
        ]
    ):
        options = {} if shape else {"latent_dim": 6}
        with Recorder(tmp_path / f"{number}.ganviz", g, real=PICTURES, **options) as recorder:
            found = list(recorder._hooks[1]._fixed.latents.shape)
        assert found == (shape or [64, 6])


LATENTS: dict[str, tuple[Any, float, float]] = {
    "text": ("uniform(0, 1)", 0, 1),
    "scipy": (scipy.stats.uniform(0, 1), 0, 1),
    "torch": (torch.distributions.Uniform(0.0, 1.0), 0, 1),
    "torch of z": (torch.distributions.Uniform(torch.zeros(6), torch.ones(6)), 0, 1),
    "function": (lambda n: 2 + torch.rand(n, 6), 2, 3),
    "tensor": (torch.rand(12, 6), 0, 1),
    "array": (np.random.default_rng(0).random((12, 6)), 0, 1),
    "usual": ("uniform", -1, 1),
}


@pytest.mark.parametrize("name", LATENTS)
def test_latents(name: str, path: Path) -> None:
    latent, low, high = LATENTS[name]
    g, before = make_g(), torch.get_rng_state()
    with Recorder(path, g, real=PICTURES, latent=latent) as recorder:
        z = recorder._hooks[1]._fixed.latents
        recorder.step()
    assert torch.equal(before, torch.get_rng_state())
    assert z.shape == (12 if name in ("tensor", "array") else 64, 6)
    assert z.dtype == torch.float32
    assert low <= z.min() < low + 0.2 < high - 0.2 < z.max() <= high
    with Recording(path) as recording:
        assert recording.header["latent"]["dim"] == 6
        assert recording.channels["samples"].shape == (len(z), 8, 8)


def test_a_generator_without_arguments(path: Path) -> None:
    g, noise = make_g(), torch.randn(10, 6)
    Recorder(path, g, make_d(), real=PICTURES, generate=lambda: g(noise)).close()
    with Recording(path) as recording:
        assert recording.channels["samples"].shape == (10, 8, 8)
        assert recording.channels["scores_real"].shape == (10,)


class Augmented(Dataset[Any]):
    """Draws from all random states, as transforms do."""

    def __len__(self) -> int:
        return 30

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        shift = float(torch.rand(())) + random.random() + np.random.random()  # noqa: NPY002
        return PICTURES[index % 20] + shift, index % 3


@pytest.mark.parametrize(
    "make",
    [
        lambda: PICTURES,
        lambda: PICTURES.numpy().astype(np.float64),
        lambda: PICTURES.tolist(),
        lambda: [*PICTURES],
        lambda: PICTURES.flatten(1),
        lambda: [PICTURES, torch.arange(20) % 3],
        lambda: TensorDataset(PICTURES, torch.arange(20) % 3),
        lambda: DataLoader(TensorDataset(PICTURES), batch_size=4, shuffle=True),
    ],
)
def test_real_samples_as_people_have_them(make: Callable[[], Any], path: Path) -> None:
    g, d, real = make_g(), make_d(), make()
    state = torch.get_rng_state()
    Recorder(path, g, d, real=real).close()
    assert torch.equal(state, torch.get_rng_state())
    with Recording(path) as recording:
        shown = recording.constants["real_samples"]
        np.testing.assert_allclose(shown / 127.5 - 1, PICTURES[:, 0].numpy(), atol=0.01)
        assert recording.array("scores_real", 0).shape == (20,)


def test_a_loader_is_read_without_a_trace(path: Path) -> None:
    g, d = Labelled(), make_d()
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    loader = DataLoader(Augmented(), batch_size=4, shuffle=True)
    Recorder(path, g, d, real=loader, latent_dim=6).close()
    after = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    assert torch.equal(states[0], after[0])
    assert states[1:] == after[1:]
    with Recording(path) as recording:
        assert recording.header["classes"] == ["0", "1", "2"]
        assert "sample_labels" in recording.constants  # G needs two arguments: it is conditional


def test_larger_pictures_are_fewer(tmp_path: Path) -> None:
    found = {}
    for side in (8, 64, 128, 256):
        g = nn.Sequential(nn.Linear(1, 1), nn.Unflatten(1, (1, 1, 1)), nn.Upsample(side))
        path = tmp_path / f"{side}.ganviz"
        Recorder(path, g, real=torch.rand(9, 1, side, side)).close()
        with Recording(path) as recording:
            found[side] = recording.channels["samples"].shape[0]
    assert found == {8: 64, 64: 32, 128: 8, 256: 8}
    Recorder(tmp_path / "a.ganviz", make_g(), real=PICTURES, samples=10).close()
    with Recording(tmp_path / "a.ganviz") as recording:
        assert recording.channels["samples"].shape[0] == 10


@pytest.mark.parametrize("names", ["errD errG", "loss_D loss_G", "lossD lossG", "D_loss G_loss"])
@pytest.mark.parametrize("start", ["", "train/"])
def test_losses_under_other_names(names: str, start: str) -> None:
    d, g = names.split()
    assert named({start + d: 1, start + g: 2, "d_real": 3}) == {
        "d_loss": 1,
        "g_loss": 2,
        "d_real": 3,
    }
    for same in ({"disc_loss": 1, "gen_loss": 2}, {"critic_loss": 1, "loss/generator": 2}):
        assert set(named(same)) == {"d_loss", "g_loss"}


@pytest.mark.parametrize(
    "name", ["errD_real", "d_accuracy", "loss", "gan_loss", "info_loss", "dg_loss"]
)
def test_other_numbers_keep_their_names(name: str) -> None:
    assert list(named({name: 1.0})) == [name]


def test_a_flat_picture_and_a_row_of_a_table_are_told_apart() -> None:
    assert kind_of((10, 784)) == kind_of((10, 3 * 64)) == kind_of((10, 64)) == "pictures"
    assert kind_of((10, 16)) == kind_of((10, 30)) == kind_of((10, 784), column=0) == "table"
    assert kind_of((10, 16), in_range=True) == "pictures"
    assert kind_of((10,)) == "number"


def test_an_unknown_source_of_chance_is_said(path: Path) -> None:
    calls = iter(range(1000))

    class Counting(nn.Module):
        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return torch.tanh(z + next(calls)).reshape(-1, 1, 8, 8)

    with pytest.warns(UserWarning, match=r"G \(Counting\) makes other samples of the same latents"):
        Recorder(path, Counting(), real=PICTURES, latent_dim=64).close()


@pytest.mark.filterwarnings("ignore:.torch.jit")
def test_traced_networks(path: Path) -> None:
    g = torch.jit.trace(make_g(), torch.randn(2, 6))
    d = torch.jit.script(nn.Sequential(make_d(), nn.LeakyReLU(), nn.Linear(1, 1)))
    with Recorder(path, g, d, real=PICTURES, latent_dim=6, every=1) as recorder:
        recorder.step()
    with Recording(path) as recording:
        assert recording.array("samples", 1).shape == (64, 8, 8)


def test_networks_that_were_made_in_inference_mode(path: Path) -> None:
    with torch.inference_mode():
        g, d = make_g(), make_d()
    before = [p.clone() for p in g.parameters()]
    with Recorder(path, g, d, real=PICTURES, every=1) as recorder:
        recorder.step()
    assert all(map(torch.equal, before, g.parameters()))
    with Recording(path) as recording:
        assert recording.array("scores_fake", 1).std() > 0
