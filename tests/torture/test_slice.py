"""A short slice of each attack of ``make torture``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "benchmarks" / "torture"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="attacks run in forks")
@pytest.mark.parametrize(
    "only", ["mutants", "expressions,server", "options,signals", "data files,kill,disk"]
)
def test_attacks_fail(only: str, tmp_path: Path) -> None:
    command = [sys.executable, str(BENCH), "--slice", "--only", only]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 " in done.stdout
