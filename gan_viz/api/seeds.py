"""Sources of random numbers made from a seed; the global random states are not touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gan_viz.errors import UsageError

if TYPE_CHECKING:
    import torch


def seed_sequence(seed: int) -> np.random.SeedSequence:
    """What independent sources are made from.

    Raises UsageError if the seed is negative.
    """
    if seed < 0:
        raise UsageError(f"seed {seed}: expected a whole number of at least 0")
    return np.random.SeedSequence(seed)


def streams(seed: int, number: int) -> list[np.random.Generator]:
    """Make independent sources. Raises UsageError where the seed is negative."""
    return [np.random.default_rng(one) for one in seed_sequence(seed).spawn(number)]


def torch_source(stream: np.random.Generator) -> torch.Generator:
    """Make a source for PyTorch, on the CPU, with a seed drawn from one for NumPy."""
    import torch

    return torch.Generator().manual_seed(drawn_seed(stream))


def drawn_seed(stream: np.random.Generator) -> int:
    """A seed for a source of another kind."""
    return int(stream.integers(2**63))
