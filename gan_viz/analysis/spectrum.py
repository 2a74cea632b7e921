"""What the eigenvalues of a game's Jacobian say, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["spectrum_in_words"]

SLOWEST = 1e-3
"""Eigenvalues smaller than this part of the largest hardly move anything."""
ROUNDING = 1e-9
"""Smaller parts, relative to the eigenvalue, count as 0."""


def spectrum_in_words(eigenvalues: ArrayLike) -> str:
    """Whether small steps along a vector field rotate about a place, and where to.

    Told of the eigenvalue whose imaginary part is the largest beside its real part, among those of
    at least a thousandth of the largest modulus.

    Parameters
    ----------
    eigenvalues : array_like of complex, shape (n,)
        Of the field's Jacobian, in 1/unit of time; those not finite are left out.

    Examples
    --------
    >>> spectrum_in_words([-0.1 + 1.2j, -0.1 - 1.2j])
    'rotates inwards: Im/Re 12'
    >>> spectrum_in_words([0.5j, -0.5j]), spectrum_in_words([-1, -2]), spectrum_in_words([-1, 2])
    ('rotates for ever: Re 0', 'no rotation: draws in', 'no rotation: pushes away')
    """
    values = np.asarray(eigenvalues, np.complex128)
    values = values[np.isfinite(values)]
    moduli = np.abs(values)
    values = values[(moduli >= SLOWEST * moduli.max(initial=0.0)) & (moduli > 0)]
    if not len(values):
        return "stands still"
    real = np.where(np.abs(values.real) > ROUNDING * np.abs(values), np.abs(values.real), 0.0)
    with np.errstate(divide="ignore"):
        ratios = np.abs(values.imag) / real
    most = int(ratios.argmax())
    if ratios[most] <= ROUNDING:
        return "no rotation: " + ("pushes away" if values.real.max() > 0 else "draws in")
    if not np.isfinite(ratios[most]):
        return "rotates for ever: Re 0"
    way = "outwards" if values[most].real > 0 else "inwards"
    return f"rotates {way}: Im/Re {ratios[most]:.2g}"
