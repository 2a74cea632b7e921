"""Loops of the kinds that people have, each with a few lines added: bit-identical, and right."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  its usual name

from gan_viz.hooks import Recorder
from gan_viz.recording import Recording

Options = Mapping[str, Any]


def mlp(*sizes: int, last: nn.Module | None = None) -> nn.Sequential:
    layers: list[nn.Module] = []
    for a, b in pairwise(sizes):
        layers += [nn.Linear(a, b), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1], *([last] if last else []))


@dataclass
class Loop:
    """Two networks, what G is called with, data, losses, and what the recorder is told."""

    g: nn.Module
    d: nn.Module
    data: Callable[[], torch.Tensor]
    noise: Callable[[], tuple[Any, ...]]
    options: Options
    shows: set[str]
    output: str | None = "logit"
    judge: Callable[..., torch.Tensor] = lambda d, x, *told: d(x)
    losses: str = "bce"
    after: Callable[[nn.Module, nn.Module], None] = lambda g, d: None
    kept: list[nn.Module] = field(default_factory=list)


BCE = F.binary_cross_entropy_with_logits


def d_loss_of(kind: str, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    if kind == "wasserstein":
        return fake.mean() - real.mean()
    if kind == "ls":
        return 0.5 * (((real - 1) ** 2).mean() + (fake**2).mean())
    if kind == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    bce = F.binary_cross_entropy if kind == "probability" else BCE
    return bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))


def g_loss_of(kind: str, fake: torch.Tensor) -> torch.Tensor:
    if kind in ("wasserstein", "hinge"):
        return -fake.mean()
    if kind == "ls":
        return 0.5 * ((fake - 1) ** 2).mean()
    bce = F.binary_cross_entropy if kind == "probability" else BCE
    return bce(fake, torch.ones_like(fake))


def training(loop: Loop) -> Iterator[dict[str, torch.Tensor]]:
    """Make a step, and give its losses; again and again."""
    g, d, judge = loop.g, loop.d, loop.judge
    optimizers = [torch.optim.Adam(m.parameters(), 1e-3) for m in (g, d)]
    while True:
        z = loop.noise()
        fake = g(*z)
        real = judge(d, loop.data(), *z[1:])
        d_loss = d_loss_of(loop.losses, real, judge(d, fake.detach(), *z[1:]))
        optimizers[1].zero_grad()
        d_loss.backward()
        optimizers[1].step()
        g_loss = g_loss_of(loop.losses, judge(d, fake, *z[1:]))
        optimizers[0].zero_grad()
        g_loss.backward()
        optimizers[0].step()
        loop.after(g, d)
        yield {"errD": d_loss, "errG": g_loss}


def train(loop: Loop, path: Path | None, steps: int = 16) -> list[torch.Tensor]:
    torch.manual_seed(1)
    recorder = path and Recorder(path, every=2, **loop.options)
    for _, losses in zip(range(steps), training(loop), strict=False):
        if recorder:
            recorder.step(**losses)
    if recorder:
        recorder.close()
    modules = [loop.g, loop.d, *loop.kept]
    return [v.clone() for m in modules for v in m.state_dict().values()] + [torch.rand(3)]


def pictures() -> torch.Tensor:
    return torch.rand(16, 1, 8, 8) * 2 - 1


REAL = torch.rand(40, 1, 8, 8, generator=torch.Generator().manual_seed(5)) * 2 - 1
CLASSES = torch.arange(40) % 4


class Pictures(nn.Sequential):
    """An MLP whose outputs are pictures of 8 x 8."""

    def __init__(self, inputs: int, *last: nn.Module) -> None:
        super().__init__(*mlp(inputs, 16, 64), *(last or [nn.Tanh()]), nn.Unflatten(1, (1, 8, 8)))


class Judge(nn.Module):
    """A D on pictures of 8 x 8; a function in `forward`, none of it registered."""

    def __init__(self, inputs: int = 64, end: Callable[[Any], Any] = torch.sigmoid) -> None:
        super().__init__()
        self.layers, self.end = mlp(inputs, 16, 1), end

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.end(self.layers(x.flatten(1))).squeeze(1)


def dcgan() -> Loop:
    """Batch norm in both networks; D's sigmoid is a function."""

    class D(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(
                *[nn.Conv2d(1, 4, 4, 2, 1), nn.BatchNorm2d(4), nn.LeakyReLU(0.2)],
                nn.Conv2d(4, 1, 4),
            )

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.sigmoid(self.layers(x)).view(-1)

    g = nn.Sequential(
        *[nn.ConvTranspose2d(5, 4, 4), nn.BatchNorm2d(4), nn.ReLU()],
        *[nn.ConvTranspose2d(4, 1, 4, 2, 1), nn.Tanh()],
    )
    d = D()
    options = {"generator": g, "discriminator": d, "real": REAL}
    shown = {"samples", "scores_real", "scores_fake"}
    noise = lambda: (torch.randn(16, 5, 1, 1),)  # noqa: E731
    return Loop(g, d, pictures, noise, options, shown, "probability", losses="probability")


def conditional() -> Loop:
    """Labels are the second argument of both networks."""

    class WithLabel(nn.Module):
        def __init__(self, network: nn.Module) -> None:
            super().__init__()
            self.embedding, self.network = nn.Embedding(4, 3), network

        def forward(self, x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return self.network(torch.cat([x.flatten(1), self.embedding(labels)], 1))

    g, d = WithLabel(Pictures(9)), WithLabel(Judge(67, lambda x: x))
    options = {"generator": g, "discriminator": d, "real": REAL, "labels": CLASSES, "latent_dim": 6}
    return Loop(
        *(g, d, pictures, lambda: (torch.randn(16, 6), torch.arange(16) % 4), options),
        {"samples", "scores_real", "scores_fake"},
        judge=lambda d, x, labels: d(x, labels),
    )


def labels_first_one_hot() -> Loop:
    """G takes one-hot labels, first; D takes no labels."""

    class G(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = Pictures(10)

        def forward(self, labels: torch.Tensor, *, noise: torch.Tensor) -> torch.Tensor:
            return self.network(torch.cat([noise, labels], 1))

    class AsPair(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = G()

        def forward(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return self.inner(F.one_hot(y, 4).float(), noise=z)

    g, d = AsPair(), Judge(end=lambda x: x)
    options = {
        "generator": g.inner,
        "discriminator": d,
        "real": REAL,
        "labels": F.one_hot(CLASSES, 4),
        "latent_dim": 6,
        "generate": lambda z, y: g.inner(F.one_hot(y, 4).float(), noise=z),
    }
    noise = lambda: (torch.randn(16, 6), torch.arange(16) % 4)  # noqa: E731
    return Loop(g, d, pictures, noise, options, {"samples", "scores_real", "scores_fake"})


def two_heads() -> Loop:
    """ACGAN: a probability and a class, of a sigmoid and of a softmax that is registered last."""

    class D(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = mlp(64, 16, 16)
            self.real = nn.Sequential(nn.Linear(16, 1), nn.Sigmoid())
            self.kind = nn.Sequential(nn.Linear(16, 4), nn.Softmax(dim=1))

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            body = self.body(x.flatten(1))
            return self.real(body), self.kind(body)

    g, d = Pictures(6), D()
    options = {"generator": g, "discriminator": d, "real": REAL}
    return Loop(
        *(g, d, pictures, lambda: (torch.randn(16, 6),), options),
        {"samples", "scores_real", "scores_fake"},
        "probability",
        judge=lambda d, x: d(x)[0],
        losses="probability",
    )


def a_dict() -> Loop:
    """D returns a dict whose first value is the logit."""

    class D(Judge):
        def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"logit": super().forward(x), "code": x.flatten(1)}

    g, d = Pictures(6), D(end=lambda x: x)
    options = {"generator": g, "discriminator": d, "real": REAL}
    return Loop(
        *(g, d, pictures, lambda: (torch.randn(16, 6),), options),
        {"samples", "scores_real", "scores_fake"},
        judge=lambda d, x: d(x)["logit"],
    )


def clip(_: nn.Module, d: nn.Module) -> None:
    for parameter in d.parameters():
        parameter.data.clamp_(-0.3, 0.3)


def critic(losses: str, after: Any = lambda g, d: None) -> Loop:
    g, d = Pictures(6), Judge(end=lambda x: x)
    options = {"generator": g, "discriminator": d, "real": REAL}
    return Loop(
        *(g, d, pictures, lambda: (torch.randn(16, 6),), options),
        {"samples", "scores_real", "scores_fake"},
        "critic",
        losses=losses,
        after=after,
    )


def wgan() -> Loop:
    return critic("wasserstein", clip)


def least_squares() -> Loop:
    return critic("ls")


def hinge() -> Loop:
    return critic("hinge")


def energy(d: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return -(d(x) - x).abs().flatten(1).mean(1)


def autoencoder() -> Loop:
    """BEGAN and EBGAN: the energy is the error of reconstruction."""
    g = Pictures(6)
    d = nn.Sequential(nn.Flatten(), mlp(64, 8, 64), nn.Unflatten(1, (1, 8, 8)))
    options = {
        "generator": g,
        "discriminator": d,
        "real": REAL,
        "score": lambda x: energy(d, x),
    }
    return Loop(
        *(g, d, pictures, lambda: (torch.randn(16, 6),), options),
        {"samples", "scores_real", "scores_fake"},
        "critic",
        judge=energy,
        losses="hinge",
    )


def patches() -> Loop:
    g, d = Pictures(6), nn.Sequential(nn.Conv2d(1, 4, 3, 2, 1), nn.ReLU(), nn.Conv2d(4, 1, 3, 1, 1))
    options = {"generator": g, "discriminator": d, "real": REAL}
    return Loop(
        *(g, d, pictures, lambda: (torch.randn(16, 6),), options),
        {"samples", "scores_real", "scores_fake"},
    )


def packs() -> Loop:
    """PacGAN: D judges two samples at once."""
    g, d = Pictures(6), Judge(128, lambda x: x)
    options = {
        "generator": g,
        "discriminator": d,
        "real": REAL,
        "score": lambda x: d(x.reshape(-1, 2, 8, 8)),
    }
    return Loop(
        *(g, d, pictures, lambda: (torch.randn(16, 6),), options),
        {"samples", "scores_real", "scores_fake"},
        judge=lambda d, x: d(x.reshape(-1, 2, 8, 8)),
    )


def averaged() -> Loop:
    """The moving average of G is what is shown; G returns a tuple besides."""

    class G(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = Pictures(6)

        def forward(self, z: torch.Tensor) -> tuple[torch.Tensor, None]:
            return self.network(z), None

    class First(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = G()

        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return self.inner(z)[0]

    g, ema, d = First(), G(), Judge(end=lambda x: x)

    def follow(g: Any, _: nn.Module) -> None:
        with torch.no_grad():
            for mean, now in zip(ema.parameters(), g.inner.parameters(), strict=True):
                mean.lerp_(now, 0.1)

    options = {
        "generator": ema,
        "discriminator": d,
        "real": REAL,
        "latent_dim": 6,
        "generate": lambda z: ema(z)[0],
    }
    return Loop(
        *(g, d, pictures, lambda: (torch.randn(16, 6),), options),
        {"samples", "scores_real", "scores_fake"},
        after=follow,
        kept=[ema],
    )


def translation() -> Loop:
    """CycleGAN: G turns pictures of one kind into such of another."""
    g = nn.Sequential(nn.Conv2d(1, 4, 3, 1, 1), nn.InstanceNorm2d(4), nn.ReLU())
    g.extend([nn.Conv2d(4, 1, 3, 1, 1), nn.Tanh()])
    d = nn.Conv2d(1, 1, 4, 2)
    options = {"generator": g, "discriminator": d, "real": REAL, "latent": -REAL[:12]}
    return Loop(
        *(g, d, pictures, lambda: (pictures(),), options),
        {"samples", "scores_real", "scores_fake"},
        "critic",
        losses="ls",
    )


def series() -> Loop:
    """A recurrent GAN: D returns a probability for each time."""

    class Recurrent(nn.Module):
        def __init__(self, inputs: int, outputs: int, end: Any = None) -> None:
            super().__init__()
            self.rnn, self.head = nn.GRU(inputs, 8, batch_first=True), nn.Linear(8, outputs)
            self.end = end

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            made = self.head(self.rnn(x)[0])
            return made if self.end is None else self.end(made)

    g, d = Recurrent(2, 3), Recurrent(3, 1, torch.sigmoid)
    real = torch.randn(20, 24, 3, generator=torch.Generator().manual_seed(1))
    options = {"generator": g, "discriminator": d, "real": real, "latent_dim": (24, 2)}
    return Loop(
        *(g, d, lambda: torch.randn(16, 24, 3), lambda: (torch.randn(16, 24, 2),), options),
        {"signals", "scores_real", "scores_fake"},
        "probability",
        losses="probability",
    )


def audio() -> Loop:
    g = nn.Sequential(mlp(6, 16, 2048), nn.Tanh(), nn.Unflatten(1, (1, 2048)))
    d = nn.Sequential(nn.Conv1d(1, 4, 25, 16), nn.LeakyReLU(), nn.Flatten(), nn.LazyLinear(1))
    d(torch.zeros(2, 1, 2048))
    real = torch.rand(10, 1, 2048, generator=torch.Generator().manual_seed(1)) * 2 - 1
    options = {"generator": g, "discriminator": d, "real": real}
    return Loop(
        *(g, d, lambda: torch.randn(8, 1, 2048), lambda: (torch.randn(8, 6),), options),
        {"signals", "scores_real", "scores_fake"},
    )


def table() -> Loop:
    g, d = mlp(6, 16, 5), mlp(5, 16, 1)
    real = torch.randn(200, 5, generator=torch.Generator().manual_seed(1)) * 3
    options = {"generator": g, "discriminator": d, "real": real, "column": 2}
    return Loop(
        *(g, d, lambda: torch.randn(16, 5) * 3, lambda: (torch.randn(16, 6),), options),
        {"generator", "scores_real", "scores_fake"},
    )


def points() -> Loop:
    g, d = mlp(2, 16, 2), mlp(2, 16, 1)
    real = torch.randn(200, 2, generator=torch.Generator().manual_seed(1))
    options = {"generator": g, "discriminator": d, "real": real, "latent": "uniform(0, 1)"}
    return Loop(
        *(g, d, lambda: torch.randn(16, 2), lambda: (torch.rand(16, 2),), options),
        {"points", "discriminator_map", "scores_real", "scores_fake"},
    )


def numbers() -> Loop:
    """The 1-D toy, in double precision, with a latent from 0 to 1, and D's sigmoid in forward."""

    class D(Judge):
        pass

    g, d = mlp(1, 8, 1).double(), D(1).double()
    options = {
        "generator": g,
        "discriminator": d,
        "data": "norm(4, 0.5)",
        "latent": "uniform(0, 1)",
    }
    return Loop(
        *(g, d, lambda: torch.randn(16, 1).double() + 4, lambda: (torch.rand(16, 1).double(),)),
        options,
        {"generator", "generator_between", "discriminator"},
        "probability",
        losses="probability",
    )


def wgan_of_numbers() -> Loop:
    g, d = mlp(1, 8, 1), mlp(1, 8, 1)
    options = {"generator": g, "discriminator": d, "data": "norm(4, 0.5)"}
    return Loop(
        *(g, d, lambda: torch.randn(16, 1) + 4, lambda: (torch.randn(16, 1),), options),
        {"generator", "generator_between", "discriminator"},
        "critic",
        losses="wasserstein",
        after=clip,
    )


def judge_of_a_batch() -> Loop:
    """As devnag's: D judges all numbers of a batch at once, so there is no D of x to show."""
    g, d = mlp(1, 8, 1), mlp(16, 8, 1)
    options = {"generator": g, "data": "norm(4, 1.25)", "latent": "uniform(0, 1)"}
    return Loop(
        *(g, d, lambda: 4 + 1.25 * torch.randn(16, 1), lambda: (torch.rand(16, 1),), options),
        {"generator", "generator_between"},
        judge=lambda d, x: d(x.t()),
    )


def spectral_norm_in_forward() -> Loop:
    """D's power iteration assigns its vector at every forward, whatever the mode."""

    class Normed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight, self.last = nn.Parameter(torch.randn(16, 64)), nn.Linear(16, 1)
            self.u = nn.Parameter(torch.randn(16), requires_grad=False)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                v = F.normalize(self.weight.t() @ self.u, dim=0)
                self.u.data = F.normalize(self.weight @ v, dim=0)
            norm = self.u @ self.weight @ v
            return self.last(F.relu(x.flatten(1) @ (self.weight / norm).t()))

    g, d = Pictures(6), Normed()
    options = {"generator": g, "discriminator": d, "real": REAL}
    return Loop(
        *(g, d, pictures, lambda: (torch.randn(16, 6),), options),
        {"samples", "scores_real", "scores_fake"},
    )


def keras_on_pytorch() -> Loop:
    """Networks of Keras are PyTorch's modules where that is its backend."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "torch":
        pytest.skip("Keras is set to another backend than PyTorch")
    keras.utils.set_random_seed(0)
    g, d = (
        keras.Sequential([keras.Input((1,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
        for _ in range(2)
    )
    options = {"generator": g, "discriminator": d, "data": "norm(4, 0.5)", "latent_dim": 1}
    return Loop(
        *(g, d, lambda: torch.randn(16, 1) + 4, lambda: (torch.randn(16, 1),), options),
        {"generator", "generator_between", "discriminator"},
    )


LOOPS = [
    *[judge_of_a_batch, keras_on_pytorch, spectral_norm_in_forward],
    *[a_dict, audio, autoencoder, averaged, conditional, dcgan, hinge, labels_first_one_hot],
    *[least_squares, numbers, packs, patches, points, series, table, translation, two_heads],
    *[wgan, wgan_of_numbers],
]


@pytest.mark.parametrize("make", LOOPS, ids=lambda make: make.__name__)
def test_a_loop(make: Callable[[], Loop], tmp_path: Path) -> None:
    torch.manual_seed(0)
    bare = train(make(), None)
    torch.manual_seed(0)
    loop, path = make(), tmp_path / "run.ganviz"
    watched = train(loop, path)
    assert len(bare) == len(watched)
    assert all(map(torch.equal, bare, watched))
    with Recording(path) as recording:
        assert set(recording.channels) == loop.shows
        assert {"d_loss", "g_loss"} == set(recording.scalars)
        assert recording.complete
        for name in loop.shows & {"discriminator", "discriminator_map", "scores_fake"}:
            channel = recording.channels[name]
            assert channel.attributes["output"] == loop.output, name
            assert np.isfinite(recording.array(name, -1)).all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_latents_follow_the_networks(dtype: torch.dtype, tmp_path: Path) -> None:
    g, d = Pictures(6).to(dtype), Judge(end=lambda x: x).to(dtype)
    Recorder(tmp_path / "a.ganviz", g, d, real=REAL).close()
    with Recording(tmp_path / "a.ganviz") as recording:
        assert recording.array("samples", 0).std() > 0
        assert recording.array("scores_real", 0).shape == (40,)


def test_networks_that_are_no_modules(tmp_path: Path) -> None:
    """A generator of JAX, Keras or NumPy: given and giving arrays."""
    state = {"weights": np.ones((3, 64), np.float32)}
    generate = lambda z: np.tanh(z @ state["weights"]).reshape(-1, 8, 8)  # noqa: E731
    score = lambda x: x.mean((1, 2))  # noqa: E731
    path, real = tmp_path / "a.ganviz", REAL[:, 0].numpy()
    options = {"generate": generate, "score": score, "latent_dim": 3, "output": "critic"}
    with Recorder(path, real=real, every=1, **options) as recorder:
        state["weights"] = -2 * state["weights"]
        recorder.step(d_loss=1.0, g_loss=0.5)
    with Recording(path) as recording:
        assert recording.array("samples", 0).shape == (64, 8, 8)
        assert not np.array_equal(recording.array("samples", 0), recording.array("samples", 1))
        found = recording.array("scores_real", 0)
        np.testing.assert_allclose(found, real.mean((1, 2)), rtol=1e-5)


def test_numbers_judged_by_arrays(tmp_path: Path) -> None:
    """As JAX's functions do: they take NumPy arrays, and autograd knows nothing of them."""
    generate, score = (lambda z: 2 * np.asarray(z)), (lambda x: 3 * np.asarray(x))
    path = tmp_path / "a.ganviz"
    options = {"generate": generate, "score": score, "latent_dim": 1, "data": "norm(0, 2)"}
    with Recorder(path, **options) as recorder:
        recorder.step(d_loss=1.0, g_loss=0.5)
    with Recording(path) as recording:
        latents, x = recording.constants["latents"], recording.constants["x"]
        np.testing.assert_allclose(recording.array("generator", 1), 2 * latents[:, 0], rtol=1e-6)
        np.testing.assert_allclose(recording.array("discriminator", 1), 3 * x, rtol=1e-6)


def test_what_becomes_of_pictures_is_shown_beside_them(tmp_path: Path) -> None:
    g, path = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False)), tmp_path / "a.ganviz"
    nn.init.constant_(g[0].weight, -1)
    Recorder(path, g, real=REAL, latent=REAL[:10]).close()
    with Recording(path) as recording:
        pairs = recording.array("samples", 0).astype(float)
    assert pairs.shape == (10, 8, 16)
    np.testing.assert_allclose(pairs[:, :, :8] / 127.5 - 1, REAL[:10, 0].numpy(), atol=0.01)
    np.testing.assert_allclose(pairs[:, :, 8:], 255 - pairs[:, :, :8], atol=1)
