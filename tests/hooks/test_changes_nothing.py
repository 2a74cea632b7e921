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
from gan_viz.hooks.gradients import GradientsHook
from gan_viz.hooks.watching import watching

Choose = Callable[..., list[Hook] | None]
Make = Callable[[str], Any]


def train(game: Any, path: Path | None, choose: Choose = lambda *_: None) -> dict[str, Any]:
    """Twelve steps as a user would write them; returns everything that could differ."""
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002 - the global state is what is tested
    random.seed(3)
    g, d = game.generator, game.discriminator
    bce = nn.functional.binary_cross_entropy_with_logits
    optimizers = [torch.optim.Adam(m.parameters()) for m in (g, d)]
    recorder = (
        nullcontext()
        if path is None
        else Recorder(path, g, d, **game.options(), every=3, hooks=choose(*optimizers))
    )
    with recorder as watcher:
        for _ in range(12):
            of_g, of_d = game.batch(16)
            fake = (g(*of_g), *of_g[1:])
            real_score, fake_score = d(*of_d), d(fake[0].detach(), *fake[1:])
            d_loss = bce(real_score, torch.ones_like(real_score))
            d_loss = d_loss + bce(fake_score, torch.zeros_like(fake_score))
            optimizers[1].zero_grad()
            d_loss.backward()
            optimizers[1].step()
            judged = d(*fake)
            g_loss = bce(judged, torch.ones_like(judged))
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


def test_bit_identical(case: Any, tmp_path: Path) -> None:
    bare = train(case.build(), None)
    assert_same(bare, train(case.build(), tmp_path / "run.ganviz", lambda *_: [case.hook()]))


@pytest.mark.parametrize("kind", ["noisy", "pictures", "conditional"])
def test_bit_identical_with_the_usual_hooks(kind: str, make_game: Make, tmp_path: Path) -> None:
    bare = train(make_game(kind), None)
    assert_same(bare, train(make_game(kind), tmp_path / "run.ganviz"))


@pytest.mark.parametrize("kind", ["with_state", "conditional"])
def test_bit_identical_with_hooks_on_the_optimizers(
    kind: str, make_game: Make, tmp_path: Path
) -> None:
    def gradients(*optimizers: torch.optim.Optimizer) -> list[Hook]:
        return [GradientsHook(*optimizers, every=2)]

    bare = train(make_game(kind), None)
    assert_same(bare, train(make_game(kind), tmp_path / "run.ganviz", gradients))


@pytest.mark.parametrize("kind", ["with_state", "conditional"])
def test_this_test_would_notice(kind: str, make_game: Make, tmp_path: Path) -> None:
    """The comparison fails for a hook that does what hooks must not."""

    class Careless(Hook):
        def start(self, run: Any) -> None:
            self.run = run

        def on_frame(self, step: int) -> dict[str, Any]:
            fixed = self.run.fixed
            self.run.generator(*(t for t in (fixed.latents, fixed.labels) if t is not None))
            return {}

    bare = train(make_game(kind), None)
    watched = train(make_game(kind), tmp_path / "a.ganviz", lambda *_: [Careless()])
    with pytest.raises(AssertionError):
        assert_same(bare, watched)


def test_flags_are_restored_after_a_failure(make_game: Make) -> None:
    g, d = make_game("with_state").generator, make_game("with_state").discriminator
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
