"""The keywords that the training functions take: checked by these kinds, completed by editors.

None is everywhere as if not given. A text that stands for several values is as on the command line:
``hidden="32,32"``, ``betas="0,0.9"``, ``stabilizers="none"``.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from torch import nn

    from gan_viz.objectives import Objective


MODEL = "mlp-improved"
"""The image model, unless another is asked for."""


class SettingOptions(TypedDict, total=False):
    """Fields of `gan_viz.training.Settings`."""

    batch: int | None
    d_steps: int | None
    g_lr: float | None
    d_lr: float | None
    betas: tuple[float, float] | str | None
    optimizer: str | None
    ema: float | None
    decay: bool | None


class ToyOptions(SettingOptions, total=False):
    """What `gan_viz.train` takes; see `gan_viz.api.toy.build_toy`."""

    objective: str | Objective | None
    r1: float | None
    latent: str | None
    latent_dim: int | None
    hidden: Sequence[int] | str | None
    activations: tuple[str | None, str | None] | None
    generator: nn.Module | None
    discriminator: nn.Module | None
    stabilizers: Collection[str] | str | None
    start: float | None
    noise: float | None
    seed: int | None
    steps: int | None
    g_steps: int | None


class ImageOptions(SettingOptions, total=False):
    """What `gan_viz.train_images` takes; see `gan_viz.api.images.build_images`."""

    data_dir: str | os.PathLike[str] | None
    objective: str | Objective | None
    r1: float
    latent: str | None
    steps: int | None
    epochs: float | None
    seed: int
    device: str | None
    precision: str


class PresetOptions(SettingOptions, total=False):
    """What can be overridden in a preset; see `gan_viz.api.presets.build_preset`."""

    data: Any
    objective: str | Objective | None
    r1: float | None
    latent: str | None
    hidden: Sequence[int] | str | None
    activations: tuple[str | None, str | None] | None


class SweepOptions(SettingOptions, total=False):
    """Settings that can be swept, `gan_viz.sweeps.grid.SETTINGS`, kept as JSON."""

    data: str | os.PathLike[str] | None
    objective: str | None
    r1: float | None
    latent: str | None
    latent_dim: int | None
    hidden: Sequence[int] | str | None
    stabilizers: Collection[str] | str | None
    start: float | None
    noise: float | None
    seed: int | None
    steps: int | None
    g_steps: int | None
