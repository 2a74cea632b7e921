"""What makes the toy learn reliably; each part can be left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from gan_viz.errors import UnknownNameError

__all__ = ["BARE", "STABILIZERS", "optimization", "stabilizer_names"]

STABILIZERS: Mapping[str, str] = {
    "standardize": "data standardized for training",
    "two-rates": "Adam (0, 0.9), rate 0.002 for G and 0.02 for D",
    "ema": "moving average of G drawn (0.998 a step)",
    "decay": "rates fall to 0 over the last quarter",
}
"""Name to explanation. Two rates after Heusel et al. (2017), betas as Miyato et al. (2018) use
them, averaging after Yazıcı et al. (2019)."""

BARE: Mapping[str, Any] = {
    "g_lr": 1e-3,
    "d_lr": 1e-3,
    "betas": (0.9, 0.999),
    "ema": 0.0,
    "decay": False,
}
"""The bare game: Adam as PyTorch has it, and G drawn as it is."""

_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "standardize": {},
    "two-rates": {"g_lr": 2e-3, "d_lr": 2e-2, "betas": (0.0, 0.9)},
    "ema": {"ema": 0.998},
    "decay": {"decay": True},
}


def stabilizer_names(stabilizers: Collection[str]) -> list[str]:
    """Check names in `STABILIZERS`; ``"average"``, the old name of ``"ema"``, is still taken.

    Raises
    ------
    UnknownNameError
        There is no stabilizer of that name.
    """
    names = ["ema" if name == "average" else name for name in stabilizers]
    for name in names:
        if name not in STABILIZERS:
            raise UnknownNameError("stabilizer", name, STABILIZERS)
    return names


def optimization(stabilizers: Collection[str]) -> dict[str, Any]:
    """Settings of the optimization with some stabilizers on: fields of `gan_viz.training.Settings`.

    Examples
    --------
    >>> optimization(["decay"])["decay"], optimization([])["g_lr"]
    (True, 0.001)
    """
    settings = dict(BARE)
    for name in stabilizer_names(stabilizers):
        settings |= _SETTINGS[name]
    return settings
