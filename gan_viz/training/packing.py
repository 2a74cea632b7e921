"""A discriminator that judges several samples at once (PacGAN, Lin et al. 2018)."""

from __future__ import annotations

import torch
from torch import nn


class Packed(nn.Module):
    """Packs a `number` of samples one after the other: ``(batch, features)`` to ``(packs, 1)``.

    The network maps ``(packs, number * features)`` to ``(packs, 1)``.
    """

    def __init__(self, network: nn.Module, number: int) -> None:
        super().__init__()
        self.network, self.number = network, number

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One output a pack."""
        outputs: torch.Tensor = self.network(x.reshape(len(x) // self.number, -1))
        return outputs

    def one_by_one(self) -> nn.Module:
        """What D says of one sample, to be drawn."""
        return _OneByOne(self)


class _OneByOne(nn.Module):
    """The output on a pack of equal samples, over their number.

    The log-odds of a pack are the sum of those of its samples where D is optimal, so this is that
    of one of them.
    """

    def __init__(self, packed: Packed) -> None:
        super().__init__()
        self.packed = packed

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.packed.network(x.repeat(1, self.packed.number))
        return outputs / self.packed.number
