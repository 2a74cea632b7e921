"""``gan-viz dirac``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gan_viz.analysis.dirac import METHODS


def test_the_command_plays_one_method_or_several(
    tmp_path: Path, call_here: Callable[..., Any]
) -> None:
    small = ("--steps", "30", "--size", "480x270", "--duration", "0.5", "--hold", "0")
    done = call_here("gan_viz", "dirac", "--method", "r1", *small)
    assert done.returncode == 0, done.stderr
    assert "r1: at rest it rotates inwards: Im/Re 3.2" in done.stderr
    assert "0.9747" in done.stderr
    with Image.open(tmp_path / "dirac.gif") as image:
        assert image.size == (480, 270)
    several = "--method", "wgan-gp,r1", "--record", "kept", "--out", "two.png"
    done = call_here("gan_viz", "dirac", *several, "--steps", "30")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        "r1.ganviz",
        "wgan-gp.ganviz",
    ]
    assert "wgan-gp: its field jumps" in done.stderr
    assert (tmp_path / "two.png").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--method", "r1,r1"], "each once"),
        (["--method", ","], "expected names"),
        (["--method", "hing"], "unknown method 'hing'"),
        (["--start", "1"], "two numbers"),
        (["--out", "a.jpg"], "unknown extension"),
    ],
)
def test_the_command_refuses_in_one_line(
    words: list[str], message: str, tmp_path: Path, call_here: Callable[..., Any]
) -> None:
    done = call_here("gan_viz", "dirac", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_help_names_every_method(call_here: Callable[..., Any]) -> None:
    shown = call_here("gan_viz", "dirac", "--help").stdout
    words = set(shown.replace("│", " ").replace(",", " ").replace(".", " ").split())
    assert set(METHODS) <= words
