"""The way between the scale on which networks learn and the data's units, for PyTorch."""

from __future__ import annotations

import torch
from torch import nn

from gan_viz.training.scaling import Scaling


class FromScale(nn.Module):
    """`Scaling.units`, after G; in double precision: data like 1.7e9 ± 1 needs it."""

    def __init__(self, scaling: Scaling) -> None:
        super().__init__()
        self.scaling = scaling

    def forward(self, u: torch.Tensor) -> torch.Tensor:
        """Map a tensor of any shape."""
        u = u.double()
        return self.scaling.location + self.scaling.scale * (
            torch.sinh(u) if self.scaling.bends else u
        )

    def extra_repr(self) -> str:
        """Show the scale in the module's repr."""
        return str(self.scaling)


class ToScale(FromScale):
    """`Scaling.scaled`, before D; to single precision, in which networks learn."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map a tensor of any shape."""
        u = (x.double() - self.scaling.location) / self.scaling.scale
        return (torch.asinh(u) if self.scaling.bends else u).float()
