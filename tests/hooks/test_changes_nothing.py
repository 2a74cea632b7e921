"""A training with hooks is bit for bit the training without them."""

from __future__ import annotations

import random
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.hooks import Hook, Recorder
from gan_viz.hooks.watching import watching
from gan_viz.registry import HOOKS


def plain() -> tuple[nn.Module, nn.Module]:
    return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1)), nn.Linear(1, 1)


def with_state() -> tuple[nn.Module, nn.Module]:
    """Batch norm, one of them frozen, and dropout: all that could give a hook away."""
    g = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
    d = nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.5), nn.BatchNorm1d(8), nn.Linear(8, 1))
    d[2].eval()
    return g, d


class Drawing(nn.Module):
    """A generator that draws noise in its forward pass, even in evaluation mode."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.layer(z) + 0.1 * torch.randn(len(z), 1)


def noisy() -> tuple[nn.Module, nn.Module]:
    return Drawing(), nn.Sequential(nn.Linear(1, 4), nn.Dropout(0.2), nn.Linear(4, 1))


def train(
    build: Callable[[], tuple[nn.Module, nn.Module]], path: Path | None, hooks: list[Hook] | None
) -> dict[str, Any]:
    """Twelve steps as a user would write them; returns everything that could differ."""
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002 - the global state is what is tested
    random.seed(3)
    g, d = build()
    bce = nn.BCEWithLogitsLoss()
    optimizers = [torch.optim.Adam(m.parameters()) for m in (g, d)]
    recorder = (
        nullcontext()
        if path is None
        else Recorder(path, g, d, data="norm(1, 2)", latent_dim=2, every=3, hooks=hooks)
    )
    with recorder as watcher:
        for _ in range(12):
            fake = g(torch.randn(16, 2))
            d_loss = bce(d(torch.randn(16, 1) + 1), torch.ones(16, 1))
            d_loss = d_loss + bce(d(fake.detach()), torch.zeros(16, 1))
            optimizers[1].zero_grad()
            d_loss.backward()
            optimizers[1].step()
            g_loss = bce(d(fake), torch.ones(16, 1))
            optimizers[0].zero_grad()
            g_loss.backward()
            optimizers[0].step()
            if watcher is not None:
                watcher.step(d_loss=d_loss, g_loss=g_loss)
    modules = [*g.modules(), *d.modules()]
    return {
        "weights": [*g.state_dict().values(), *d.state_dict().values()],
        "gradients": [p.grad for p in (*g.parameters(), *d.parameters())],
        "optimizers": deepcopy([o.state_dict()["state"] for o in optimizers]),
        "flags": [m.training for m in modules],
        "torch": torch.get_rng_state(),
        "numpy": np.random.get_state()[1].tolist(),  # noqa: NPY002
        "python": random.getstate(),
    }


def assert_same(a: Any, b: Any) -> None:
    if isinstance(a, torch.Tensor):
        assert torch.equal(a, b)
    elif isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, list):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    else:
        assert a == b


@pytest.mark.parametrize("build", [plain, with_state, noisy])
@pytest.mark.parametrize("name", [*sorted(HOOKS), None])
def test_bit_identical(
    build: Callable[[], tuple[nn.Module, nn.Module]], name: str | None, tmp_path: Path
) -> None:
    hooks = None if name is None else [HOOKS[name]()]
    assert_same(train(build, None, None), train(build, tmp_path / "run.ganviz", hooks))


def test_this_test_would_notice(tmp_path: Path) -> None:
    """The comparison fails for a hook that does what hooks must not."""

    class Careless(Hook):
        def start(self, run: Any) -> None:
            self.generator = run.generator

        def on_frame(self, step: int) -> dict[str, Any]:
            self.generator(torch.randn(4, 2))
            return {}

    bare = train(with_state, None, None)
    watched = train(with_state, tmp_path / "a.ganviz", [Careless()])
    with pytest.raises(AssertionError):
        assert_same(bare, watched)


def test_flags_are_restored_after_a_failure() -> None:
    g, d = with_state()
    flags = [m.training for m in (*g.modules(), *d.modules())]
    with pytest.raises(ZeroDivisionError), watching(g, None, d):
        assert not any(m.training for m in (*g.modules(), *d.modules()))
        raise ZeroDivisionError
    assert [m.training for m in (*g.modules(), *d.modules())] == flags


def test_no_graph_is_kept_alive(tmp_path: Path) -> None:
    """A loss given to the recorder is let go of, with the graph behind it."""

    class Saved:
        """What the graph keeps of a tensor."""

        def __init__(self, tensor: torch.Tensor) -> None:
            self.tensor = tensor

    kept: list[weakref.ref[Saved]] = []

    def pack(tensor: torch.Tensor) -> Saved:
        saved = Saved(tensor)
        kept.append(weakref.ref(saved))
        return saved

    parameter = nn.Parameter(torch.ones(3))
    with Recorder(tmp_path / "a.ganviz", nn.Linear(1, 1), data="norm(0, 1)") as recorder:
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved.tensor):
            loss = (parameter * parameter).sum()
        recorder.step(d_loss=loss)
        assert any(ref() is not None for ref in kept)
        del loss
        assert all(ref() is None for ref in kept)
