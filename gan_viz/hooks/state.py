# ruff: noqa: SLF001 - tensors and modules have no public names for their versions and tables
"""What a forward pass may move, kept and put back.

Evaluation mode and a fork of the random state are not enough: a spectral norm may assign its vector
at every forward, a module may count its calls or draw from a generator of its own.
"""

from __future__ import annotations

import copy
import random
import sys
import types
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from operator import is_
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import nn

DEEPEST = 4
"""Steps from a module's attribute into what it holds."""
MANY = 64
"""Of a container with more items the items are kept, not what they hold."""
LARGE = 2**24
"""Arrays with more bytes, as data sets have, are not copied unless they are a network's own."""
OWN = frozenset(vars(nn.Module()))
"""Attributes that every module has."""
LIBRARIES = sys.stdlib_module_names | {"gan_viz"}
"""Packages whose objects are left alone, besides those that were installed."""
TABLES = "_parameters", "_buffers", "_modules"

_MOVING: WeakKeyDictionary[nn.Module, set[str]] = WeakKeyDictionary()
"""Parameters that an evaluation moved, by module, once it was watched for the first time: only
these are copied from then on. Others take no copy: their versions and addresses are compared."""


class Kept:
    """State of modules and functions, and of all that they hold, until it is put back.

    Kept are parameters, buffers and other tensors, training flags and attributes, containers and
    arrays in them, random generators, and what functions refer to outside of themselves. `modules`
    are all that were found; `accelerators` are where their parameters are, besides the CPU: these
    have random states of their own.
    """

    def __init__(self, *things: Any) -> None:
        self.modules: list[nn.Module] = []
        self.accelerators: set[torch.device] = set()
        self._seen: dict[int, Any] = {}
        self._restores: list[Callable[[], object]] = []
        for thing in things:
            self._keep(thing, 0)

    def put_back(self) -> None:
        """Make everything what it was."""
        for restore in reversed(self._restores):
            restore()

    def _keep(self, value: Any, depth: int) -> None:
        way = _way(type(value))  # type: ignore[arg-type]  # types are hashable
        if not way or depth > DEEPEST or id(value) in self._seen:
            return
        self._seen[id(value)] = value
        getattr(self, way)(value, depth)

    def _keep_module(self, module: nn.Module, depth: int) -> None:
        self.modules.append(module)
        held = vars(module)
        self._keep_entries(held)
        for table in TABLES:
            self._keep_entries(getattr(module, table))
        self._keep_parameters(module)
        for value in (*module._buffers.values(), *module._modules.values()):
            self._keep(value, 0)
        for hooks in (module._forward_pre_hooks, module._forward_hooks):
            self._keep_items(hooks.values(), depth)
        if not type(module).__module__.startswith("torch."):
            self._keep_function(type(module).forward, depth)
        for name in held.keys() - OWN:
            self._keep(held[name], depth + 1)

    def _keep_entries(self, held: Any) -> None:
        if isinstance(held, dict):  # a scripted module has tables of its own
            self._restores.append(partial(_refill, held, dict(held)))

    def _keep_parameters(self, module: nn.Module) -> None:
        known = _MOVING.get(module)
        if known is None:
            _warn_of_iterators(module)
        self._note_devices(module)
        own = {n: p for n, p in module._parameters.items() if p is not None}
        if known is None:
            kept = {name: (p, p.data, _version(p), p.detach().clone()) for name, p in own.items()}
            self._restores.append(partial(_learn, module, kept))
            return
        for name in known & own.keys():
            self._keep(own.pop(name), 0)
        places = [(name, p, p.data, _version(p)) for name, p in own.items()]
        if places:
            self._restores.append(partial(_check, module, places))

    def _note_devices(self, module: nn.Module) -> None:
        for parameter in module._parameters.values():
            if parameter is not None and parameter.is_cuda:
                self.accelerators.add(parameter.device)

    def _keep_tensor(self, tensor: torch.Tensor, depth: int) -> None:
        if depth and tensor.nbytes > LARGE:
            return
        if tensor.grad_fn is None and tensor.layout is torch.strided:
            data = tensor.data
            self._restores.append(partial(_restore_tensor, tensor, data, data.clone()))

    def _keep_torch_generator(self, generator: torch.Generator, depth: int) -> None:
        self._restores.append(partial(generator.set_state, generator.get_state()))

    def _keep_generator(self, generator: np.random.Generator, depth: int) -> None:
        bits = generator.bit_generator
        self._restores.append(partial(setattr, bits, "state", copy.deepcopy(bits.state)))

    def _keep_random_state(self, generator: np.random.RandomState, depth: int) -> None:
        self._restores.append(partial(generator.set_state, generator.get_state()))

    def _keep_random(self, generator: random.Random, depth: int) -> None:
        self._restores.append(partial(generator.setstate, generator.getstate()))

    def _keep_array(self, array: np.ndarray[Any, Any], depth: int) -> None:
        if array.nbytes <= LARGE and array.flags.writeable:
            self._restores.append(partial(np.copyto, array, array.copy()))

    def _keep_object(self, held: Any, depth: int) -> None:
        self._keep_dict(vars(held), depth)

    def _keep_dict(self, held: dict[Any, Any], depth: int) -> None:
        self._keep_entries(held)
        self._keep_items(held.values(), depth)

    def _keep_list(self, held: Any, depth: int) -> None:
        self._restores.append(partial(_refill_list, held, list(held)))
        self._keep_items(held, depth)

    def _keep_set(self, held: set[Any], depth: int) -> None:
        self._restores.append(partial(_refill_set, held, set(held)))

    def _keep_items(self, held: Any, depth: int) -> None:
        if len(held) <= MANY:
            for value in list(held):
                self._keep(value, depth + 1)

    def _keep_function(self, function: Any, depth: int) -> None:
        """Keep what a function refers to: free variables, globals, defaults, bound arguments."""
        if isinstance(function, partial):
            for value in (function.func, *function.args, *function.keywords.values()):
                self._keep(value, depth + 1)
            return
        if isinstance(function, types.MethodType):
            self._keep(function.__self__, depth)
            function = function.__func__
        if not isinstance(function, types.FunctionType):
            return
        outside = function.__globals__
        named = {name: outside[name] for name in _names(function.__code__) if name in outside}
        self._restores.append(partial(_rebind, outside, named))
        for cell in function.__closure__ or ():
            if not _is_empty(cell):
                self._restores.append(partial(setattr, cell, "cell_contents", cell.cell_contents))
                self._keep(cell.cell_contents, depth + 1)
        for value in (*named.values(), *(function.__defaults__ or ())):
            self._keep(value, depth + 1)


def _warn_of_iterators(module: nn.Module) -> None:
    """Say of iterators in a module's forward that nothing can put them back."""
    forward = getattr(type(module), "forward", None)  # a traced module has none
    code = getattr(forward, "__code__", None)
    used = set(_names(code)) if code else set()
    for name in sorted(used & vars(module).keys() - OWN):
        if isinstance(vars(module)[name], Iterator):
            warnings.warn(
                f"{type(module).__name__} takes from the iterator {name} in its forward, which a "
                "look at it cannot put back: the training differs from one without looks; count "
                "in a number or a buffer instead",
                stacklevel=2,
            )


@cache
def _way(kind: Any) -> str:
    """The method that keeps what is of this type; none for what has no state."""
    # not isinstance(): of torch.Generator it takes long
    found = [way for base in kind.__mro__ for known, way in WAYS.items() if base is known]
    if found:
        return found[0]
    package = kind.__module__.partition(".")[0]
    file = getattr(sys.modules.get(package), "__file__", None) or ""
    of_user = package not in LIBRARIES and "-packages" not in file
    return "_keep_object" if of_user and kind.__dictoffset__ and kind is not type else ""


WAYS: Mapping[type, str] = {
    nn.Module: "_keep_module",
    torch.Tensor: "_keep_tensor",
    torch.Generator: "_keep_torch_generator",
    np.random.Generator: "_keep_generator",
    np.random.RandomState: "_keep_random_state",
    random.Random: "_keep_random",
    np.ndarray: "_keep_array",
    dict: "_keep_dict",
    list: "_keep_list",
    deque: "_keep_list",
    set: "_keep_set",
    tuple: "_keep_items",
    types.FunctionType: "_keep_function",
    types.MethodType: "_keep_function",
    partial: "_keep_function",
}


def _names(code: types.CodeType) -> Iterator[str]:
    """Names of the globals and attributes that a function, or one inside of it, refers to."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _is_empty(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return True
    return False


def _refill(held: dict[Any, Any], before: dict[Any, Any]) -> None:
    if held.keys() != before.keys():
        held.clear()  # so that what was there keeps its order
        held.update(before)
    elif not all(map(is_, held.values(), before.values())):
        held.update(before)


def _rebind(held: dict[str, Any], before: dict[str, Any]) -> None:
    for name, value in before.items():
        if held.get(name, held) is not value:
            held[name] = value


def _refill_list(held: Any, before: list[Any]) -> None:
    if len(held) != len(before) or not all(map(is_, held, before)):
        held.clear()
        held.extend(before)


def _refill_set(held: set[Any], before: set[Any]) -> None:
    if held != before:
        held.clear()
        held.update(before)


def _restore_tensor(tensor: torch.Tensor, data: torch.Tensor, kept: torch.Tensor) -> None:
    """By way of `data`: an in-place change of the tensor itself would disturb a graph."""
    if tensor.data_ptr() != data.data_ptr() or tensor.shape != data.shape:
        tensor.data = data
    if data.is_cuda or not torch.equal(data, kept):  # to compare would wait for the device
        data.copy_(kept)


def _learn(module: nn.Module, before: dict[str, tuple[Any, Any, int, torch.Tensor]]) -> None:
    """Put all parameters back, and remember which of them an evaluation moved."""
    moved = set()
    for name, (parameter, data, version, kept) in before.items():
        if _differs(parameter, data, version) or not torch.equal(data, kept):
            moved.add(name)
            _restore_tensor(parameter, data, kept)
    _MOVING[module] = moved


def _check(module: nn.Module, before: list[tuple[str, Any, torch.Tensor, int]]) -> None:
    """Put back a parameter that got other data; say so if its own data changed.

    Of these there is no copy, unless an earlier evaluation moved them.
    """
    for name, parameter, data, version in before:
        if not _differs(parameter, data, version):
            continue
        _MOVING[module].add(name)
        if _version(parameter) != version:
            warnings.warn(
                f"{type(module).__name__} changed its {name} in evaluation mode, which a look at "
                "it could not put back: the training differs by this one change; let its forward "
                "change nothing unless self.training",
                stacklevel=2,
            )
        elif parameter.data_ptr() != data.data_ptr():
            parameter.data = data


def _differs(parameter: torch.Tensor, data: torch.Tensor, version: int) -> bool:
    return _version(parameter) != version or parameter.data_ptr() != data.data_ptr()


def _version(tensor: torch.Tensor) -> int:
    """How often it was changed in place; those made in inference mode do not count."""
    return 0 if tensor.is_inference() else tensor._version
