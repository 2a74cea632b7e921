"""Every registered adapter."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from gan_viz.adapters.base import pick_numbers
from gan_viz.errors import MissingExtraError
from gan_viz.registry import ADAPTERS

FRAMEWORKS = {"ignite": "ignite.engine", "lightning": "lightning.pytorch"}


def test_every_adapter_is_tested_here() -> None:
    assert FRAMEWORKS.keys() == ADAPTERS.keys()


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_every_adapter_is_documented(name: str) -> None:
    pytest.importorskip(FRAMEWORKS[name])
    assert callable(ADAPTERS[name])
    assert "Parameters" in ADAPTERS[name].__doc__


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_without_the_framework(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, f"gan_viz.adapters.{name}", raising=False)
    for missing in (name, FRAMEWORKS[name]):
        monkeypatch.setitem(sys.modules, missing, None)
    cure = rf"needs {name}, .*pip install 'gan-viz\[{name}\]'"
    with pytest.raises(MissingExtraError, match=cure):
        ADAPTERS[name]


def test_no_framework_is_imported_before_it_is_asked_for() -> None:
    program = """
import sys
import gan_viz, gan_viz.registry, gan_viz.hooks, gan_viz.adapters
assert not {"lightning", "ignite"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_numbers_are_picked() -> None:
    values = {
        "a": 1,
        "b": np.float32(2),
        "c": torch.tensor([3.0]),
        "d": torch.zeros(2),
        "e": "4",
        "f": True,
        "g": None,
    }
    assert pick_numbers(values) == {"a": 1, "b": 2, "c": 3}
    assert pick_numbers(values, {"x": "b", "y": "d", "z": "nowhere"}) == {"x": 2}
