"""What all rooms' tests share."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

# Small products gain nothing from threads, and a test run has other processes beside it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

SMALL = {"size": (320, 180), "duration": 0.3}

# Each run tries others; what one finds is kept and tried first.
settings.register_profile("default", deadline=None, max_examples=30, print_blob=True)
settings.load_profile("default")


@pytest.fixture
def run_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run a program of the documents in this process, which has the heavy imports behind it.

    It runs in `tmp_path`, and what it draws is smaller and shorter than it asks for.
    """
    from gan_viz import api

    def smaller(draw: Callable[..., object]) -> Callable[..., object]:
        return lambda *given, **options: draw(*given, **{**options, **SMALL})

    def run(program: Path, *words: str) -> None:
        for name in ("compare", "render"):
            monkeypatch.setattr(api, name, smaller(getattr(api, name)))
        monkeypatch.setattr(sys, "argv", [str(program), *words])
        monkeypatch.chdir(tmp_path)
        runpy.run_path(str(program), run_name="__main__")

    return run
