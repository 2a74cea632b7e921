"""The scale on which the networks of the toy learn, and the way to the data's units and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scaling:
    """The data is ``location + scale * u`` for the u that the networks learn, or it bends.

    Bent, it is ``location + scale * sinh(u)``: in the middle ``sinh(u)`` is u, far out it is
    ``exp(u) / 2``, so that a far mode or a heavy tail is within reach of weights of the size that
    networks start with. The game is the same on any scale: p_g, p_data and D* go along.

    Examples
    --------
    >>> on = Scaling(10.0, 2.0, bends=True)
    >>> on.units(on.scaled([10.0, 1e6])).round(6).tolist()
    [10.0, 1000000.0]
    """

    location: float
    scale: float
    bends: bool = False

    def scaled(self, x: ArrayLike) -> Array:
        """What the networks learn of data in its units, in the shape of `x`."""
        u = (np.asarray(x, np.float64) - self.location) / self.scale
        return np.arcsinh(u) if self.bends else u

    def units(self, u: ArrayLike) -> Array:
        """The data that some u stand for, in their shape."""
        u = np.asarray(u, np.float64)
        return self.location + self.scale * (np.sinh(u) if self.bends else u)

    def slope(self, x: ArrayLike) -> Array:
        """``du/dx``, in the shape of `x`."""
        x = np.asarray(x, np.float64)
        far = np.hypot(1.0, (x - self.location) / self.scale) if self.bends else np.ones_like(x)
        return 1 / (self.scale * far)


AS_IT_IS = Scaling(0.0, 1.0)
"""The scale of networks that learn the data in its own units."""
