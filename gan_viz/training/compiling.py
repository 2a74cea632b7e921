"""Which `torch.nn` networks can be stacked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from gan_viz.training.stacks import ACTIVATIONS, Activation, Stack

_NAMES: dict[type[nn.Module], str | None] = {
    nn.ELU: None,
    nn.LeakyReLU: "leaky_relu",
    nn.ReLU: "relu",
    nn.SiLU: None,
    nn.Softplus: "softplus",
    nn.Tanh: "tanh",
}
"""Elementwise activations, and their names in `ACTIVATIONS` where there is a form in NumPy."""
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def is_stackable(module: nn.Module) -> bool:
    """Whether a module is a plain multilayer perceptron, so that several can be one stack.

    That is a `torch.nn.Sequential` of `torch.nn.Linear` (with bias, single precision, on the CPU,
    with one output at the end), one elementwise activation between each two of them, and no hooks
    of `torch.nn.Module` anywhere.
    """
    if type(module) is not nn.Sequential or not _is_plain(module):
        return False
    layers, between = list(module)[::2], list(module)[1::2]
    kinds = {repr(part) for part in between}  # the repr holds the slope and other settings
    alike = len(kinds) <= 1 and all(type(part) in _NAMES for part in between)
    return alike and len(layers) == len(between) + 1 and _fit(layers)


def has_numpy_form(module: nn.Module) -> bool:
    """Whether a module is stackable and its activation has a form in NumPy."""
    return is_stackable(module) and _numpy_activation(module) is not None


def compile_mlp(module: nn.Module) -> Stack | None:
    """Copy a perceptron into a stack of one.

    None if it is not stackable, or if its activation has no form in NumPy.
    """
    activation = _numpy_activation(module) if is_stackable(module) else None
    if activation is None:
        return None
    layers = linear_layers(module)
    widths = [layers[0].in_features, *(layer.out_features for layer in layers)]
    size = sum(outputs * (inputs + 1) for inputs, outputs in pairwise(widths))
    stack = Stack(widths, np.empty((1, size), np.float32), activation)
    read(module, stack)
    return stack


def linear_layers(module: nn.Module) -> list[nn.Linear]:
    """The linear layers of a module, in order."""
    return [part for part in module.modules() if isinstance(part, nn.Linear)]


def read(module: nn.Module, stack: Stack) -> None:
    """Copy a module's parameters into the stack of one that was compiled from it."""
    for (matrix,), layer in zip(stack.layers, linear_layers(module), strict=True):
        matrix[:, :-1] = layer.weight.detach().numpy()
        matrix[:, -1] = layer.bias.detach().numpy()


def bind(module: nn.Module, stack: Stack, run: int = 0) -> None:
    """Make a module's parameters views of those of a run in a stack."""
    for matrices, layer in zip(stack.layers, linear_layers(module), strict=True):
        layer.weight.data = torch.from_numpy(matrices[run, :, :-1])
        layer.bias.data = torch.from_numpy(matrices[run, :, -1])


def _is_plain(module: nn.Module) -> bool:
    """Whether nothing watches the module's passes, and its parameters are ordinary."""
    parameters = list(module.parameters())
    return not any(getattr(m, name) for m in module.modules() for name in _HOOKS) and all(
        p.dtype is torch.float32 and p.device.type == "cpu" for p in parameters
    )


def _numpy_activation(module: nn.Module) -> Activation | None:
    between = list(module.children())[1::2]
    if not between:
        return ACTIVATIONS["relu"](0.0)  # never applied: there is no hidden layer
    name = _NAMES[type(between[0])]
    if isinstance(between[0], nn.Softplus) and (between[0].beta, between[0].threshold) != (1, 20):
        return None
    slope = getattr(between[0], "negative_slope", 0.0)
    return ACTIVATIONS[name](slope) if name is not None and 0 <= slope <= 1 else None


def _fit(layers: Sequence[nn.Module]) -> bool:
    """Whether all are distinct linear layers with biases that chain to one output."""
    if len(set(map(id, layers))) != len(layers):
        return False
    if any(type(layer) is not nn.Linear or layer.bias is None for layer in layers):
        return False
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    chained = all(a.out_features == b.in_features for a, b in pairwise(linear))
    return chained and linear[-1].out_features == 1
