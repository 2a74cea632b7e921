"""The toy's own networks against those of PyTorch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import gan_viz
from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.models import ACTIVATIONS, mlp
from gan_viz.training.perceptrons import Perceptron, uniform_source


@given(seed=st.integers(0, 2**63 - 1), numbers=st.lists(st.integers(1, 40), min_size=1, max_size=3))
def test_the_source_draws_what_pytorch_does(seed: int, numbers: list[int]) -> None:
    ours, theirs = uniform_source(seed), torch.Generator().manual_seed(seed)
    for n in numbers:
        np.testing.assert_array_equal(ours(n), torch.rand(n, generator=theirs))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@given(
    inputs=st.integers(1, 4), hidden=st.lists(st.integers(1, 33), max_size=3), seed=st.integers(0)
)
def test_weights_and_name_are_those_of_pytorch(
    activation: str, inputs: int, hidden: list[int], seed: int
) -> None:
    seed %= 2**63
    ours = Perceptron([inputs, *hidden, 1], activation, uniform_source(seed))
    theirs = mlp(inputs, hidden, 1, activation, torch.Generator().manual_seed(seed))
    x = torch.linspace(-3, 3, 5 * inputs).reshape(5, inputs)
    pairs = zip(ours.module().parameters(), theirs.parameters(), strict=True)
    assert all(torch.equal(mine, other) for mine, other in pairs)
    torch.testing.assert_close(ours.module()(x), theirs(x))
    assert str(ours) == str(theirs) == str(ours.module())


def test_a_module_shares_the_memory_wherever_it_goes() -> None:
    network = Perceptron([1, 3, 1], "tanh", uniform_source(0))
    copy, module = network.copy(), network.module()
    rows = np.concatenate([network.theta, network.theta])
    network.bind(rows[1:])
    rows[:] = 0
    assert all((p == 0).all() for p in module.parameters())
    assert not any((p == 0).all() for p in copy.module().parameters())
    network.shift(2.5)
    assert module(torch.ones(1, 1)).item() == 2.5


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match=r"widths \[1, 0, 1\]"):
        Perceptron([1, 0, 1], "tanh", uniform_source(0))
    with pytest.raises(UnknownNameError, match="did you mean 'tanh'"):
        Perceptron([1, 1], "tanhh", uniform_source(0))


def test_a_recording_is_the_same_without_pytorch(tmp_path: Path) -> None:
    """Torch is loaded here, and never there."""
    program = (
        "import sys, gan_viz;"
        "gan_viz.train('bimodal', 'there.ganviz', steps=60, seed=3);"
        "gan_viz.race('bimodal', ['lsgan'], seeds=[1], record='race', steps=5, jobs=1);"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    gan_viz.train("bimodal", tmp_path / "here.ganviz", steps=60, seed=3)
    with (
        gan_viz.Recording(tmp_path / "here.ganviz") as here,
        gan_viz.Recording(tmp_path / "there.ganviz") as there,
    ):
        assert {**here.header, "created": 0} == {**there.header, "created": 0}
        assert {*here.scalars} == {*there.scalars} == {"d_loss", "g_loss"}
        for name, series in here.scalars.items():
            np.testing.assert_array_equal(series.values, there.scalars[name].values)
        for channel in here.channels:
            np.testing.assert_array_equal(here.array(channel, -1), there.array(channel, -1))
