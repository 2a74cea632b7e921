"""Which `torch.nn` networks the closed form can stand in for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

import torch
from torch import nn

from gan_viz.training.closed_form import ACTIVATIONS, Activation, Mlp

__all__ = ["bind", "compile_mlp"]

Module = TypeVar("Module", bound=nn.Module)

_NAMES: dict[type[nn.Module], str] = {
    nn.LeakyReLU: "leaky_relu",
    nn.ReLU: "relu",
    nn.Softplus: "softplus",
    nn.Tanh: "tanh",
}
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def compile_mlp(module: nn.Module) -> Mlp | None:
    """Take over the parameters of a plain multilayer perceptron.

    Parameters
    ----------
    module : torch.nn.Module
        Compiled if it is a `torch.nn.Sequential` of `torch.nn.Linear` (with bias, single
        precision, on the CPU, all learning, with one output at the end), one known activation
        between each two of them, and no hooks of `torch.nn.Module` anywhere.

    Returns
    -------
    Mlp or None
        With the module's parameters moved into it, so that both change together; None if the
        module is anything else (it is then left as it was).
    """
    if type(module) is not nn.Sequential or not _is_plain(module):
        return None
    layers, between = list(module)[::2], list(module)[1::2]
    activation = _common_activation(between)
    if activation is None or len(layers) != len(between) + 1 or not _fit(layers):
        return None
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    mlp = Mlp([linear[0].in_features, *(layer.out_features for layer in linear)], activation)
    for matrix, layer in zip(mlp.layers, linear, strict=True):
        matrix[:, :-1] = layer.weight.detach().numpy()
        matrix[:, -1] = layer.bias.detach().numpy()
    bind(module, mlp)
    return mlp


def bind(module: Module, mlp: Mlp) -> Module:
    """Make a module's parameters views of an `Mlp`'s.

    Parameters
    ----------
    module : torch.nn.Module
        Of the architecture that the `Mlp` was compiled from.
    mlp : Mlp

    Returns
    -------
    torch.nn.Module
        The same module.
    """
    linear = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    for matrix, layer in zip(mlp.layers, linear, strict=True):
        layer.weight.data = torch.from_numpy(matrix[:, :-1])
        layer.bias.data = torch.from_numpy(matrix[:, -1])
    return module


def _is_plain(module: nn.Module) -> bool:
    """Whether nothing watches the module's passes, and its parameters are its own and ordinary."""
    parameters = list(module.parameters())
    return not any(getattr(m, name) for m in module.modules() for name in _HOOKS) and all(
        p.requires_grad and p.dtype is torch.float32 and p.device.type == "cpu" for p in parameters
    )


def _common_activation(between: Sequence[nn.Module]) -> Activation | None:
    kinds = {repr(module) for module in between}  # the repr holds the slope and other settings
    if len(kinds) > 1 or any(type(module) not in _NAMES for module in between):
        return None
    if not between:
        return ACTIVATIONS["relu"](0.0)  # never applied: there is no hidden layer
    if isinstance(between[0], nn.Softplus) and (between[0].beta, between[0].threshold) != (1, 20):
        return None
    slope = getattr(between[0], "negative_slope", 0.0)
    return ACTIVATIONS[_NAMES[type(between[0])]](slope) if 0 <= slope <= 1 else None


def _fit(layers: Sequence[nn.Module]) -> bool:
    """Whether all are distinct linear layers with biases that chain to one output."""
    if len(set(map(id, layers))) != len(layers):
        return False
    if any(type(layer) is not nn.Linear or layer.bias is None for layer in layers):
        return False
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    chained = all(a.out_features == b.in_features for a, b in pairwise(linear))
    return chained and linear[-1].out_features == 1
