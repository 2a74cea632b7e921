"""Small recordings of invented trainings, and axes to draw on; `tests/rendering` uses them too."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import ndtri

from gan_viz.distributions import target
from gan_viz.panels.base import Style
from gan_viz.recording import Recording, Writer
from gan_viz.rendering.theme import theme

Arrays = tuple[NDArray[Any], dict[str, Any]]
LATENTS = 256
X = np.linspace(-8.0, 12.0, 101)
Z_OF_GRADIENTS = np.linspace(-2.6, 2.6, 9)
PLACES = np.stack(np.meshgrid(np.linspace(-2, 2, 5), np.linspace(-2, 2, 5)), -1).reshape(-1, 2)
BEYOND = {
    "map_x": np.linspace(-4, 4, 20),
    "map_y": np.linspace(-3, 5, 24),
    "field_places": PLACES,
    "field": PLACES[:, ::-1] * [-1, 1],
    "eigenvalues_at_rest": np.array([[0.0, -1.0], [0.0, 1.0]]),
    "landscape": np.column_stack([np.linspace(0, 1, 9), np.sin(np.linspace(0, 4, 9))]),
}
"""Constants of GANs that make no pictures."""


def normal_outputs(frames: int, start: float = -3.0, end: float = 4.0) -> NDArray[np.float32]:
    """A normal p_g that wanders from one mean to another, shape (frames, LATENTS)."""
    z = quantiles_of_z(LATENTS)
    return (np.linspace(start, end, frames)[:, None] + 0.5 * z).astype(np.float32)


def quantiles_of_z(number: int) -> NDArray[np.float64]:
    """A normal latent, stratified, shape (number,)."""
    return np.asarray(ndtri((np.arange(number) + 0.5) / number), np.float64)


def settling_losses(points: int, scale: float = 1.0) -> dict[str, NDArray[np.float64]]:
    """Noisy losses that settle where theory says."""
    noise = np.random.default_rng(0).normal(0, 0.1, (2, points)) * scale
    return {
        "d_loss": 2 * np.log(2) * scale - np.linspace(1, 0, points) * scale + noise[0],
        "g_loss": np.log(2) * scale + np.linspace(2, 0, points) * scale + noise[1],
    }


def sharpening_pictures(frames: int, output: str | None = "logit") -> dict[str, Arrays]:
    """What an image GAN leaves at each frame, by channel, with the channels' attributes."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (frames, 16, 9, 7))
    clear = np.linspace(0, 1, frames)[:, None, None, None]
    samples = ((1 - clear) * noise + clear * 255 * (noise[:1] > 128)).astype(np.uint8)
    apart = np.linspace(3, 0, frames)[:, None]
    counts = rng.multinomial(100, [0.4, 0.3, 0.2, 0.1, 0.0], frames).astype(np.int32)
    return {
        "samples": (samples, {"columns": 8}),
        "walk": (samples[:, :10].reshape(frames, 2, 5, 9, 7), {"kind": ["slerp", "lerp"]}),
        "scores_real": (rng.normal(apart, 1, (frames, 40)).astype("f4"), {"output": output}),
        "scores_fake": (rng.normal(-apart, 1, (frames, 16)).astype("f4"), {"output": output}),
        "sample_gradient": (apart * np.linspace(1, -1, len(Z_OF_GRADIENTS)), {}),
        "class_counts": (counts, {"samples": 100}),
        "class_unsure": (counts[:, 1:2], {"samples": 100, "threshold": 0.5}),
    }


def beyond_pictures(frames: int, output: str | None = "logit") -> dict[str, Arrays]:
    """What GANs of points and of signals leave at each frame."""
    rng = np.random.default_rng(2)
    apart = np.linspace(3, 0, frames)[:, None, None]
    plane = np.linspace(-4, 4, 20)[None, None, :] + np.linspace(-1, 1, 24)[None, :, None]
    return {
        "signals": (rng.normal(apart[..., None], 1, (frames, 3, 2, 40)).astype("f4"), {}),
        "points": (rng.normal(apart, 1, (frames, 60, 2)).astype("f4"), {}),
        "discriminator_map": ((0.2 + apart) * plane, {"output": output}),
        "weights": (rng.normal(0, 1, (frames, 2)), {}),
        "eigenvalues": (rng.normal(0, 1, (frames, 4, 2)), {}),
        "on_landscape": (rng.uniform(0, 1, (frames, 2)), {}),
    }


LEVELS = np.array([[1.0, 0.0, 9.0], [1.0, 0.0, 0.6], [1.0, 0.0, 0.15], [1.0, 0.0, 0.0]])
"""Levels of noise: alpha, shift, sigma."""


def learning_to_denoise(frames: int) -> dict[str, Arrays]:
    """Ways from noise to N(4, 0.5), and a score that comes to be that of the noised data."""
    part = np.linspace(0.5, 1, frames)[:, None, None]
    z = quantiles_of_z(9)
    wide = np.hypot(0.5, LEVELS[:, 2])[:, None]
    x = places_of_scores()
    exact = (4 - x) / (0.25 + LEVELS[:-1, 2:] ** 2)
    return {
        "ways": (part * (4 + wide * z), {}),
        "score": ((part * exact).astype("f4"), {}),
    }


def places_of_scores() -> NDArray[np.float64]:
    """Where these scores are known, shape (levels, points)."""
    wide = np.hypot(0.5, LEVELS[:-1, 2:])
    return np.asarray(4 + wide * np.linspace(-3, 3, 41))


def improving_quality(frames: int) -> dict[str, NDArray[np.float64]]:
    """Figures on pictures, with the errors of some."""
    better = np.linspace(0.1, 0.9, 2 * frames)
    names = ("precision", "recall", "coverage", "precision_error")
    return {f"quality_{name}": better * (1 - 0.1 * k) for k, name in enumerate(names)}


def mean_outputs(points: int) -> dict[str, NDArray[np.float64]]:
    """D's outputs, as probabilities, on their way to 1/2."""
    near = 0.5 - 0.4 * np.linspace(1, 0, points) + np.random.default_rng(1).normal(0, 0.03, points)
    return {"d_real": 1 - near, "d_fake": near, "d_fake_after": near - 0.05}


def write_recording(
    path: Path,
    *,
    frames: int = 5,
    last: int = 3000,
    data: Any = "norm(4, 0.5)",
    label: str | None = None,
    outputs: NDArray[Any] | None = None,
    logits: NDArray[Any] | None = None,
    output: str | None = "logit",
    losses: Mapping[str, Sequence[float] | NDArray[np.float64]] | None = None,
    equilibrium: Mapping[str, float] | None = None,
    missing: Sequence[int] = (),
    pictures: Mapping[str, Arrays | None] | None = None,
    constants: Mapping[str, NDArray[Any]] | None = None,
    means: Mapping[str, Sequence[float] | NDArray[np.float64]] | None = None,
    classes: Sequence[str] | None = None,
    beyond: bool = False,
    penalties: Mapping[str, float] | None = None,
) -> Path:
    """Write a recording that panels find something in; some do only in what is `beyond` pictures.

    `missing` frames have no arrays, `output=None` leaves D out; `pictures` and `constants` are
    added to those there are, or replace them, and None leaves them out.
    """
    header: dict[str, Any] = {} if classes is None else {"classes": list(classes)}
    if data is not None:
        described = target(data).describe()
        header["target"] = described | ({"label": label} if label else {})
    level = {"d_loss": 2 * np.log(2), "g_loss": np.log(2)} if equilibrium is None else equilibrium
    header["latent"] = {"kind": "normal", "dim": 1}
    told = {} if penalties is None else {"penalties": dict(penalties)}
    header["objective"] = {"name": "non-saturating", "equilibrium": dict(level), **told}
    outputs = normal_outputs(frames) if outputs is None else np.asarray(outputs)
    slopes = np.linspace(2, 0, frames)[:, None]
    logits = np.clip(slopes * (X - 2), -20, 20) if logits is None else np.asarray(logits)
    losses = settling_losses(min(last, 700)) if losses is None else losses
    means = mean_outputs(min(last, 500)) if means is None else means
    known: dict[str, Arrays | None] = dict(sharpening_pictures(frames, output))
    if beyond:
        known |= beyond_pictures(frames, output) | learning_to_denoise(frames)
    known |= pictures or {}
    shown = {name: arrays for name, arrays in known.items() if arrays is not None}
    fixed: dict[str, NDArray[Any]] = {
        "latents": quantiles_of_z(outputs.shape[1]).astype("f4")[:, None],
        "gradient_latents": Z_OF_GRADIENTS,
        "real_samples": np.arange(630, dtype=np.uint8).reshape(10, 9, 7),
        **(BEYOND if beyond else {}),
        **({"noise_levels": LEVELS, "score_x": places_of_scores()} if beyond else {}),
        **(constants or {}),
    }
    with Writer(path, header) as writer:
        writer.add_channel("generator", outputs.shape[1:], outputs.dtype)
        if output is not None:
            writer.add_constant("x", X)
            writer.add_channel("discriminator", X.shape, "float64", output=output)
        for name, (stacked, attributes) in shown.items():
            writer.add_channel(name, stacked.shape[1:], stacked.dtype, **attributes)
        for name, values in fixed.items():
            writer.add_constant(name, values)
        steps = np.linspace(0, last, frames).astype(int) if frames > 1 else [last]
        for number, step in enumerate(steps):
            arrays = {"generator": outputs[number]}
            arrays |= {name: stacked[number] for name, (stacked, _) in shown.items()}
            if output is not None:
                arrays["discriminator"] = logits[number]
            writer.write_frame(step, {} if number in missing else arrays)
        quality = improving_quality(frames) if beyond else {}
        for name, values in {**losses, **means, **quality}.items():
            at = np.linspace(1, last, len(values)).astype(int) if len(values) else []
            writer.write_scalars(at, {name: values})
    return path


@pytest.fixture(scope="session", name="write_recording")
def give_write_recording() -> Callable[..., Path]:
    """`write_recording`, for tests that share what they write."""
    return write_recording


@pytest.fixture
def make_recording(tmp_path: Path) -> Iterator[Callable[..., Recording]]:
    """Write and open recordings of some properties; see `write_recording`."""
    opened: list[Recording] = []
    numbers = itertools.count()

    def make(**properties: Any) -> Recording:
        path = tmp_path / f"{next(numbers)}.ganviz"
        opened.append(Recording(write_recording(path, **properties)))
        return opened[-1]

    yield make
    for recording in opened:
        recording.close()


@pytest.fixture
def style() -> Style:
    return theme("light").style(960, 540)


@pytest.fixture
def axes() -> Axes:
    """Empty axes of 400 x 300 pixels in a figure of 500 x 400."""
    figure = Figure(figsize=(5, 4), dpi=100)
    FigureCanvasAgg(figure)
    return figure.add_axes((0.1, 0.125, 0.8, 0.75))
