"""The networks of four well-known 1-D demonstrations, layer by layer as their authors have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.models.initial import made
from gan_viz.models.mlp import Affine
from gan_viz.registry import ACTIVATIONS

Head = Callable[[], list[nn.Module]]
DEVIATION = 0.02
"""Standard deviation of the weights of `RADFORD`, the value that DCGAN took over."""


class Gain(nn.Module):
    """A learned gain and shift of each feature, ``y = gain * x + shift``.

    What is left of batch normalization without the normalization.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(features))
        self.shift = nn.Parameter(torch.zeros(features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``(batch, features)``."""
        return self.gain * x + self.shift


def _nothing() -> list[nn.Module]:
    return []


def _unit_normal(layer: nn.Module, source: torch.Generator) -> None:
    """N(0, 1) for weights, 0 for biases."""
    if isinstance(layer, nn.Linear):
        layer.weight.normal_(generator=source)
        layer.bias.zero_()


def _small_normal(layer: nn.Module, source: torch.Generator) -> None:
    """N(0, 0.02) for weights and shifts, N(1, 0.02) for gains."""
    if isinstance(layer, nn.Linear):
        layer.weight.normal_(0, DEVIATION, generator=source)
    elif isinstance(layer, Gain):
        layer.gain.normal_(1, DEVIATION, generator=source)
        layer.shift.normal_(0, DEVIATION, generator=source)


def _glorot(layer: nn.Module, source: torch.Generator) -> None:
    """Uniform weights of variance 2 / (fan_in + fan_out), as Keras draws them; 0 for biases."""
    if isinstance(layer, nn.Linear):
        nn.init.xavier_uniform_(layer.weight, generator=source)
        layer.bias.zero_()


@dataclass(frozen=True)
class Architecture:
    """How G and D of a demonstration are built."""

    rule: Callable[[nn.Module, torch.Generator], None]
    """``(layer, source) -> None``: sets the initial weights of one layer."""
    g_hidden: tuple[int, ...]
    d_hidden: tuple[int, ...]
    """Widths of the hidden layers."""
    g_activations: tuple[str, ...]
    d_activations: tuple[str, ...]
    """After each of them; names in `gan_viz.models.ACTIVATIONS`."""
    g_head: Head = _nothing
    d_head: Head = _nothing
    """``() -> list of torch.nn.Module``: what follows the last linear layer."""
    gains: bool = False
    """Whether linear layers have no bias, and hidden ones a `Gain` instead."""

    def build(
        self,
        sources: tuple[torch.Generator, torch.Generator],
        hidden: Sequence[int] | None = None,
        activations: tuple[str | None, str | None] | None = None,
        *,
        head: bool = True,
    ) -> tuple[nn.Sequential, nn.Sequential]:
        """Make both networks, each ``(batch, 1)`` to ``(batch, 1)``.

        Weights of G and of D are drawn from the two `sources`, and nothing else is. Other widths of
        the `hidden` layers are for both, other `activations` of G and of D the same after every
        hidden layer. Without its `head`, D ends with its last linear layer. Raises UsageError if a
        width is not positive, or an activation is unknown.
        """
        g_each, d_each = (None, None) if activations is None else activations
        g = _layers(hidden, self.g_hidden, g_each, self.g_activations)
        d = _layers(hidden, self.d_hidden, d_each, self.d_activations)
        return (
            self._made(*g, self.g_head, sources[0]),
            self._made(*d, self.d_head if head else _nothing, sources[1]),
        )

    def _made(
        self, hidden: Sequence[int], names: Sequence[str], head: Head, source: torch.Generator
    ) -> nn.Sequential:
        def build() -> nn.Sequential:
            layers: list[nn.Module] = []
            for (inputs, outputs), name in zip(pairwise([1, *hidden]), names, strict=True):
                gain = [Gain(outputs)] if self.gains else []
                linear = nn.Linear(inputs, outputs, bias=not self.gains)
                layers += [linear, *gain, ACTIVATIONS[name]()]
            last = nn.Linear([1, *hidden][-1], 1, bias=not self.gains)
            return nn.Sequential(*layers, last, *head())

        return made(build, source, self.rule)


def _layers(
    hidden: Sequence[int] | None, usual: Sequence[int], each: str | None, names: Sequence[str]
) -> tuple[list[int], list[str]]:
    """Widths and activations; where there are more layers than usual, the last one goes on."""
    widths = list(usual if hidden is None else hidden)
    if min(widths, default=1) < 1:
        raise UsageError(f"hidden layers {widths}: expected positive whole numbers")
    if each is not None and each not in ACTIVATIONS:
        raise UnknownNameError("activation", each, ACTIVATIONS)
    found = list(names) if each is None else [each]
    found += [found[-1]] * len(widths)
    return widths, found[: len(widths)]


RADFORD = Architecture(
    _small_normal,
    (2048, 2048),
    (2048, 2048),
    ("leaky_relu", "leaky_relu"),
    ("relu", "tanh"),
    gains=True,
)
"""D ends with logits: its sigmoid is in the objective, where nothing is lost to rounding."""

JANG = Architecture(
    _unit_normal,
    (6, 5),
    (6, 5),
    ("tanh", "tanh"),
    ("tanh", "tanh"),
    g_head=lambda: [nn.Tanh(), Affine(0.0, 5.0, torch.float32)],
    # a clamp: what is cut off has no gradient
    d_head=lambda: [nn.Tanh(), nn.Hardtanh(0.01, 0.99)],
)

AYLIEN = Architecture(
    _unit_normal,
    (4,),
    (8, 8, 8),
    ("softplus",),
    ("relu", "relu", "relu"),
    d_head=lambda: [nn.Sigmoid()],
)

KREMERJ = Architecture(_glorot, (4,), (4,), ("relu",), ("relu",))
