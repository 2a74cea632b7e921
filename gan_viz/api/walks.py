"""A walk through the latent space of a trained generator, as a recording of its own."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gan_viz.api.seeds import seed_sequence
from gan_viz.arguments import checked
from gan_viz.distributions import Latent
from gan_viz.errors import UsageError
from gan_viz.hooks.asking import Generate
from gan_viz.hooks.interpolation import closed_walk
from gan_viz.hooks.pictures import PictureFormat
from gan_viz.recording import Writer

ROWS, COLUMNS = 4, 8
ANCHORS = 5
FRAMES = 200
SEED = 1


@checked
def record_walk(
    generator: nn.Module,
    record: str | os.PathLike[str],
    latent: str | Latent = "normal",
    latent_dim: int | tuple[int, ...] = 1,
    *,
    classes: int = 0,
    frames: int = FRAMES,
    seed: int = SEED,
    title: str = "a walk through the latents",
) -> Path:
    """Record G along a closed walk through the latents, which plays as a seamless loop.

    Parameters
    ----------
    generator : torch.nn.Module
        Maps latents to pictures from -1 to 1, or from 0 to 1.
    record : path-like
        The recording to write, ``NAME.ganviz``, for the panel ``grid``.
    latent : str or Latent
        ``"normal"`` or ``"uniform"``.
    latent_dim : int or tuple of int
        Features of z, or the shape of one z.
    classes : int
        Where G is told a class, how many there are: each picture keeps its own.
    frames : int
        Frames of the loop.
    seed : int
        Of the latents that are passed.
    title : str

    Returns
    -------
    pathlib.Path
        The recording.

    Raises
    ------
    UsageError
        A value cannot be used, or G does not take these latents.

    Notes
    -----
    Each picture passes latents of its own along great circles (White 2016), all back at the
    start at the same time. Uniform latents do so by their normal quantiles, and stay in their cube.
    """
    if frames < 1 or classes < 0:
        raise UsageError(f"{frames} frames of {classes} classes: expected at least 1 and 0")
    shape = (latent_dim,) if isinstance(latent_dim, int) else latent_dim
    source = latent if isinstance(latent, Latent) else Latent(latent, int(np.prod(shape)))
    columns = classes or COLUMNS
    walks = _walks(source, ROWS * columns, frames, seed).reshape(frames, -1, *shape)
    generate = Generate(generator)
    labels = torch.arange(ROWS * columns) % classes if classes else None
    picture = PictureFormat()
    with Writer(Path(record), {"kind": "walk", "title": title, "clock": ""}) as writer:
        for number, latents in enumerate(walks):
            made = generate.evaluated(torch.from_numpy(latents), labels)
            if not number:
                picture.settle(None, made)
                first = picture.bytes(made)
                writer.add_channel("samples", first.shape, "uint8", packed=True, columns=columns)
            writer.write_frame(number, {"samples": picture.bytes(made)})
    return Path(record)


def _walks(latent: Latent, number: int, frames: int, seed: int) -> NDArray[np.float32]:
    """A loop for each of some pictures, shape (frames, number, latent.dim)."""
    anchors = latent.sample(number * ANCHORS, np.random.default_rng(seed_sequence(seed)))
    normal = latent.as_normal(anchors).reshape(number, ANCHORS, -1)
    loops = np.stack([closed_walk(own, frames) for own in normal], axis=1)
    return latent.from_normal(loops).astype(np.float32)
