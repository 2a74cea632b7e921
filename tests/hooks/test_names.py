"""Hooks and adapters are found by their names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from torch import nn

import gan_viz.adapters
import gan_viz.hooks
from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.hooks import GradientsHook, Recorder
from gan_viz.recording import Recording
from gan_viz.registry import ADAPTERS, HOOKS, Registry


@pytest.mark.parametrize(
    ("package", "registry", "others"),
    [
        (gan_viz.hooks, HOOKS, {"Hook", "HookContext", "Recorder"}),
        (gan_viz.adapters, ADAPTERS, set()),
    ],
)
def test_all_that_is_registered_is_exported(package, registry: Registry, others: set[str]) -> None:
    assert set(package.__all__) == {*registry.attributes, *others}
    assert package.__all__ == sorted(package.__all__) == dir(package)
    for attribute, name in registry.attributes.items():
        assert getattr(package, attribute) is registry[name]


def test_an_unknown_export_names_the_nearest() -> None:
    with pytest.raises(AttributeError, match="'GradientHook': did you mean 'GradientsHook'"):
        _ = gan_viz.hooks.GradientHook
    with pytest.raises(ImportError, match="GanVizCalback"):
        from gan_viz.adapters import GanVizCalback  # noqa: F401


def test_hooks_are_imported_when_they_are_used() -> None:
    program = """
import sys, gan_viz.hooks
assert "gan_viz.hooks.coverage" not in sys.modules and "torch" not in sys.modules
from gan_viz.hooks import CoverageHook
assert "gan_viz.hooks.coverage" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_names_and_hooks_mix(tmp_path: Path) -> None:
    path = tmp_path / "a.ganviz"
    hooks = ["scalars", GradientsHook(every=1)]
    parameter = nn.Linear(1, 1)
    with Recorder(path, parameter, hooks=hooks) as recorder:
        parameter(parameter.weight).sum().backward()
        recorder.step(d_loss=0.5)
    with Recording(path) as recording:
        assert set(recording.scalars) == {"d_loss", "g_grad_norm"}


def test_one_name_is_enough(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.ganviz", nn.Linear(1, 1), hooks="scalars") as recorder:
        recorder.step(d_loss=0.5)
    with Recording(tmp_path / "a.ganviz") as recording:
        assert list(recording.scalars) == ["d_loss"]


def test_what_is_no_hook_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.ganviz"
    with pytest.raises(UnknownNameError, match="hook 'scalar': did you mean 'scalars'"):
        Recorder(path, nn.Linear(1, 1), hooks=["scalar"])
    with pytest.raises(UsageError, match=r"GradientsHook.*expected a name .*or a Hook"):
        Recorder(path, nn.Linear(1, 1), hooks=[GradientsHook])
    assert not path.exists()


def test_a_misspelt_option_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "a.ganviz"
    message = r"^Recorder\(\) has no option 'latnt': did you mean 'latent'\? It takes: path, .*_at$"
    with pytest.raises(UsageError, match=message):
        Recorder(path, nn.Linear(1, 1), latnt="normal")
    assert not path.exists()
