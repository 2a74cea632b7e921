"""What makes the toy learn reliably; each part can be left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from gan_viz.errors import UnknownNameError

__all__ = ["BARE", "STABILIZERS", "optimization"]

STABILIZERS: Mapping[str, str] = {
    "standardize": "data standardized for training",
    "two-rates": "Adam (0, 0.9), rate 0.002 for G and 0.02 for D",
    "average": "moving average of G drawn (0.998 a step)",
    "decay": "rates fall to 0 over the last quarter",
}
"""Name to explanation. Two rates after Heusel et al. (2017), betas as Miyato et al. (2018) use
them, averaging after Yazıcı et al. (2019)."""

BARE: Mapping[str, Any] = {
    "g_lr": 1e-3,
    "d_lr": 1e-3,
    "betas": (0.9, 0.999),
    "average": 0.0,
    "decay": False,
}
"""The bare game: Adam as PyTorch has it, and G drawn as it is."""

_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "standardize": {},
    "two-rates": {"g_lr": 2e-3, "d_lr": 2e-2, "betas": (0.0, 0.9)},
    "average": {"average": 0.998},
    "decay": {"decay": True},
}


def optimization(stabilizers: Collection[str]) -> dict[str, Any]:
    """Settings of the optimization with some stabilizers on.

    Parameters
    ----------
    stabilizers : collection of str
        Names in `STABILIZERS`.

    Returns
    -------
    dict
        Fields of `gan_viz.training.Settings`.

    Raises
    ------
    UnknownNameError
        There is no stabilizer of that name.

    Examples
    --------
    >>> optimization(["decay"])["decay"], optimization([])["g_lr"]
    (True, 0.001)
    """
    settings = dict(BARE)
    for name in stabilizers:
        if name not in STABILIZERS:
            raise UnknownNameError("stabilizer", name, STABILIZERS)
        settings |= _SETTINGS[name]
    return settings
