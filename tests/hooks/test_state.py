"""Networks whose forward pass moves something whatever the mode, looked at without a trace."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.hooks import Recorder
from gan_viz.hooks.state import Kept
from gan_viz.hooks.watching import evaluate, watching

GLOBAL_NUMPY = np.random.default_rng(5)
GLOBAL_CALLS = 0


class Layer(nn.Module):
    """A linear layer; those below add something that moves."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layer = nn.Linear(inputs, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)


class AssignsItsVector(Layer):
    """A spectral norm as it was often written: u is assigned, the weight replaced."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        weight = self.layer.weight
        del self.layer._parameters["weight"]
        self.layer.register_parameter("weight_bar", nn.Parameter(weight.data))
        start = nn.functional.normalize(torch.randn(outputs), dim=0)
        self.layer.register_parameter("weight_u", nn.Parameter(start, requires_grad=False))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        w, u = self.layer.weight_bar, self.layer.weight_u
        v = nn.functional.normalize(w.data.T @ u.data, dim=0)
        u.data = nn.functional.normalize(w.data @ v, dim=0)
        self.layer.weight = w / u.dot(w @ v)
        return self.layer(x)


class ChangesDataInPlace(Layer):
    """What neither a version nor an address tells: a change by way of ``.data``."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.scale = nn.Parameter(torch.ones(()), requires_grad=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.scale.data.mul_(1.01)
        return super().forward(x) * self.scale


class CountsInABuffer(Layer):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return super().forward(x) * (1 + 0.01 * self.calls)


class ReplacesABuffer(CountsInABuffer):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls = self.calls + 1
        return self.layer(x) * (1 + 0.01 * self.calls)


class CountsInAnAttribute(Layer):
    calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return super().forward(x) * (1 + 0.01 * self.calls)


class RemembersInAList(Layer):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.seen: dict[str, list[float]] = {"means": []}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen["means"].append(0.5)
        return super().forward(x) * (1 + 0.01 * len(self.seen["means"]))


class RemembersInAHook(Layer):
    """A forward hook of the user's keeps what it sees."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        seen: list[float] = []

        def note(_: nn.Module, __: object, output: torch.Tensor) -> torch.Tensor:
            seen.append(0.5)
            return output * (1 + 0.01 * len(seen))

        self.register_forward_hook(note)


class HoldsAnObject(Layer):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.counter = Counter()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.counter.calls += 1
        return super().forward(x) * (1 + 0.01 * self.counter.calls)


@dataclass
class Counter:
    calls: int = 0


class HoldsAnArray(Layer):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.state = np.ones(1, np.float32)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.state *= 1.01
        return super().forward(x) * float(self.state[0])


class HoldsAHiddenState(Layer):
    """A recurrent layer that goes on from where it was."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.hidden = torch.zeros(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        made = torch.tanh(super().forward(x) + self.hidden)
        self.hidden = made.detach().mean(0)
        return made


class DrawsFromNumpy(Layer):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) + float(np.random.normal())  # noqa: NPY002


class DrawsFromPython(Layer):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) + random.gauss(0, 1)


class DrawsFromAGenerator(Layer):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.source = torch.Generator().manual_seed(7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) + torch.randn(len(x), 1, generator=self.source)


class DrawsFromGenerators(Layer):
    """Three more kinds, in a list."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.sources = [np.random.default_rng(1), np.random.RandomState(2), random.Random(3)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a, b, c = self.sources
        return super().forward(x) + a.normal() + b.normal() + c.gauss(0, 1)


class DrawsFromAGlobal(Layer):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) + noise()


def noise() -> float:
    return float(GLOBAL_NUMPY.normal())


class CountsInAGlobal(Layer):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        global GLOBAL_CALLS
        GLOBAL_CALLS += 1
        return super().forward(x) * (1 + 0.01 * GLOBAL_CALLS)


class OfPyTorch(Layer):
    """PyTorch's own spectral norm in its older form, and a weight norm."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.layer = nn.utils.spectral_norm(self.layer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) * self.layer.weight.norm()


class NormalizesItself(Layer):
    """Batch norm that takes the statistics of every batch and learns them in every mode."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.norm.train()
        return self.norm(super().forward(x))


ZOO = [
    AssignsItsVector,
    ChangesDataInPlace,
    CountsInABuffer,
    CountsInAGlobal,
    CountsInAnAttribute,
    DrawsFromAGenerator,
    DrawsFromAGlobal,
    DrawsFromGenerators,
    DrawsFromNumpy,
    DrawsFromPython,
    HoldsAHiddenState,
    HoldsAnArray,
    HoldsAnObject,
    NormalizesItself,
    OfPyTorch,
    RemembersInAHook,
    RemembersInAList,
    ReplacesABuffer,
]


def train(kind: type[Layer], path: Path | None) -> list[torch.Tensor]:
    """Eight steps; everything that could differ, as tensors."""
    global GLOBAL_CALLS, GLOBAL_NUMPY
    GLOBAL_CALLS, GLOBAL_NUMPY = 0, np.random.default_rng(5)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002
    random.seed(0)
    g = nn.Sequential(kind(2, 4), nn.Tanh(), nn.Linear(4, 1))
    d = nn.Sequential(kind(1, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizers = [
        torch.optim.Adam([p for p in m.parameters() if p.requires_grad], 0.01) for m in (g, d)
    ]
    recorder = path and Recorder(path, g, d, data="norm(1, 1)", latent_dim=2, every=1)
    for _ in range(8):
        fake = g(torch.randn(8, 2))
        d_loss = (d(fake.detach()) - d(torch.randn(8, 1) + 1)).mean()
        optimizers[1].zero_grad()
        d_loss.backward()
        optimizers[1].step()
        g_loss = -d(fake).mean()
        optimizers[0].zero_grad()
        if recorder:
            recorder.step(d_loss=d_loss)  # G's graph is still to be used
        g_loss.backward()
        optimizers[0].step()
    if recorder:
        recorder.close()
    states = [o.state_dict()["state"] for o in optimizers]
    moments = [v for state in states for entry in state.values() for v in entry.values()]
    drawn = torch.tensor([float(np.random.random()), random.random(), float(torch.rand(()))])  # noqa: NPY002
    return [*map(deepcopy, (*g.state_dict().values(), *d.state_dict().values())), *moments, drawn]


@pytest.mark.parametrize("kind", ZOO, ids=lambda kind: kind.__name__)
def test_bit_identical(kind: type[Layer], tmp_path: Path) -> None:
    bare, watched = train(kind, None), train(kind, tmp_path / "run.ganviz")
    assert len(bare) == len(watched)
    assert all(map(torch.equal, bare, watched))


@pytest.mark.parametrize("kind", ZOO, ids=lambda kind: kind.__name__)
def test_a_forward_pass_of_the_zoo_does_leave_a_trace(kind: type[Layer]) -> None:
    """Each would fail the test above if it were only evaluated, or its outputs do not show it."""
    global GLOBAL_CALLS, GLOBAL_NUMPY
    GLOBAL_CALLS, GLOBAL_NUMPY = 0, np.random.default_rng(5)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002
    random.seed(0)
    network, x = kind(2, 4), torch.randn(8, 2)
    twice = [network.eval()(x).detach() for _ in range(2)]
    state = [deepcopy(t) for t in network.state_dict().values()]
    seen = [evaluate(network, x) for _ in range(3)]
    assert torch.equal(seen[0], seen[1])
    assert torch.equal(seen[1], seen[2])
    assert all(map(torch.equal, state, network.state_dict().values()))
    if kind not in (NormalizesItself, OfPyTorch, AssignsItsVector):
        assert not torch.equal(*twice)


@pytest.mark.parametrize("make", [lambda g: lambda z: g(z), lambda g: g.forward])
def test_functions_are_looked_into(make: Callable[..., Any]) -> None:
    g = nn.Sequential(CountsInABuffer(2, 1), nn.Dropout(0.5))
    function, z = make(g), torch.ones(64, 2)
    with watching(function):
        assert not g.training
        assert not g[1].training
        function(z)
    assert g.training
    assert float(g[0].calls) == 0


def test_what_could_not_be_put_back_is_said_once() -> None:
    class Late(Layer):
        """Moves its weight from the third look on, when no copy of it is made any more."""

        armed = False

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if self.armed:
                self.layer.weight.mul_(0.5)
            return super().forward(x)

    network, x = Late(1, 1), torch.ones(1, 1)
    before = network.layer.weight.detach().clone()
    evaluate(network, x)
    network.armed = True
    with pytest.warns(UserWarning, match="Linear changed its weight in evaluation mode"):
        evaluate(network, x)
    assert torch.equal(network.layer.weight, before / 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evaluate(network, x)
    assert torch.equal(network.layer.weight, before / 2)


def test_an_iterator_cannot_be_put_back_and_is_said_once() -> None:
    class Counting(Layer):
        def __init__(self) -> None:
            super().__init__(1, 1)
            self.numbers, self.unused = count(), count()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) + next(self.numbers)

    network, x = Counting(), torch.ones(1, 1)
    with pytest.warns(UserWarning, match="Counting takes from the iterator numbers"):
        evaluate(network, x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evaluate(network, x)


def test_new_data_is_put_back_without_a_copy() -> None:
    network = nn.Linear(2, 2)
    Kept(network).put_back()  # from now on its parameters are not copied
    before, kept = network.weight.detach().clone(), Kept(network)
    network.weight.data = torch.zeros(2, 2)
    kept.put_back()
    assert torch.equal(network.weight, before)


def test_autocast_keeps_no_weights_without_gradients() -> None:
    network, x = nn.Linear(2, 2), torch.ones(3, 2)
    with torch.autocast("cpu", torch.bfloat16):
        evaluate(network, x)
        network(x).sum().backward()
    assert network.weight.grad is not None
