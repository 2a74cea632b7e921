"""What the eigenvalues of a game's Jacobian say, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

SLOWEST = 1e-2
"""Eigenvalues smaller than this part of the largest hardly move anything."""
ROUNDING = 1e-7
"""Smaller parts of an eigenvalue, relative to it, count as 0; of two that coincide, the halves of
the digits are lost."""
TURNINGS: Mapping[str, str] = {
    "still": "stands still",
    "draws-in": "no rotation: draws in",
    "pushes-away": "no rotation: pushes away",
    "turns": "rotates for ever",
    "turns-in": "rotates inwards",
    "turns-out": "rotates outwards",
}
"""What is said, by name."""


def spectrum_in_words(
    eigenvalues: ArrayLike, say: Callable[[str], str] = TURNINGS.__getitem__
) -> str:
    """Whether small steps along a vector field rotate about a place, and where to.

    Told of the eigenvalue of the field's Jacobian, in 1/unit of time, whose imaginary part is the
    largest beside its real part, among those of at least a hundredth of the largest modulus; those
    not finite are left out. `say` gives the words of a name in `TURNINGS`.
    """
    values = np.asarray(eigenvalues, np.complex128)
    values = values[np.isfinite(values)]
    moduli = np.abs(values)
    values = values[(moduli >= SLOWEST * moduli.max(initial=0.0)) & (moduli > 0)]
    if not len(values):
        return say("still")
    parts = np.abs(np.stack([values.real, values.imag]))
    parts[parts <= ROUNDING * np.abs(values)] = 0.0
    with np.errstate(divide="ignore"):
        ratios = parts[1] / parts[0]
    most = int(ratios.argmax())
    if not ratios[most]:
        return say("pushes-away" if values.real.max() > 0 else "draws-in")
    if not np.isfinite(ratios[most]):
        return f"{say('turns')}: Re 0"
    return f"{say('turns-out' if values[most].real > 0 else 'turns-in')}: Im/Re {ratios[most]:.2g}"
