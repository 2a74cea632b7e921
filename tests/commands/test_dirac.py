"""``gan-viz dirac`` and ``gan-viz landscape``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gan_viz.analysis.dirac import METHODS
from gan_viz.analysis.landscape import LOSSES


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
        (["--start", "1"], "start '1': expected two numbers"),
        (["--method", "r1", "--strength", "1e300"], "up to 1,000,000"),
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


@pytest.mark.parametrize(("command", "names"), [("dirac", METHODS), ("landscape", LOSSES)])
def test_the_help_names_them_all(
    command: str, names: Iterable[str], call_here: Callable[..., Any]
) -> None:
    shown = call_here("gan_viz", command, "--help").stdout
    words = set(shown.replace("│", " ").replace(",", " ").replace(".", " ").split())
    assert set(names) <= words


def test_landscapes_are_drawn_side_by_side(tmp_path: Path, call_here: Callable[..., Any]) -> None:
    two = "--loss", "separable,fixed-pairs", "--record", "kept"
    done = call_here("gan_viz", "landscape", *two, "--size", "480x270", "--out", "two.png")
    assert done.returncode == 0, done.stderr
    assert {path.stem for path in (tmp_path / "kept").iterdir()} == {"separable", "fixed-pairs"}
    with Image.open(tmp_path / "two.png") as image:
        assert image.size == (480, 270)


def test_a_loss_that_is_none_is_refused_in_one_line(
    tmp_path: Path, call_here: Callable[..., Any]
) -> None:
    done = call_here("gan_viz", "landscape", "--loss", "separable,hinge")
    assert done.returncode == 2
    assert "unknown loss 'hinge'" in done.stderr
    assert not list(tmp_path.iterdir())
