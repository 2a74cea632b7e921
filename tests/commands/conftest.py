from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_viz import api


@pytest.fixture
def call_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call a command in this process, which has the heavy imports behind it."""

    def run(module: str, *words: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", [module, *words])
        code: object = 0
        try:
            importlib.import_module({"gan_viz": "gan_viz.cli"}.get(module, module)).main()
        except SystemExit as leaving:
            code = leaving.code or 0
        assert isinstance(code, int)
        return subprocess.CompletedProcess(words, code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a few steps, not to be changed."""
    path = tmp_path_factory.mktemp("small") / "run.ganviz"
    return api.train("norm(0, 1)", path, steps=8)


@pytest.fixture
def run_here(small_run: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Put a copy of a small recording where the commands run, under any name."""
    return lambda name: Path(shutil.copy(small_run, tmp_path / name))
