"""Colors that everybody can tell apart and read."""

from __future__ import annotations

import itertools
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_viz.errors import UnknownNameError
from gan_viz.panels.density import GAP
from gan_viz.rendering.theme import THEMES, theme

ROLES = ("data", "generated", "discriminator")
LOSSES = ("d_loss", "g_loss")

_folder = Path(__file__).parents[2] / "benchmarks"
with pytest.MonkeyPatch.context() as _patch:
    _patch.syspath_prepend(_folder)
    _measures = runpy.run_path(str(_folder / "picture.py"))
linear, lab, contrast = (_measures[name] for name in ("linear", "lab", "contrast"))
ciede2000, difference, blended = (
    _measures[name] for name in ("ciede2000", "difference", "blended")
)
VISION = _measures["VISION"]


def test_the_measures_agree_with_known_values() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    red_and_green = [difference("#c00000", "#007000", vision) for vision in VISION]
    assert red_and_green[0] > 60
    assert red_and_green[2] < 20


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # Sharma, Wu & Dalal (2005), table 1: pairs 1, 7, 13, 17, 25, 34
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, -0.001, 2.49), (50.0, 0.0011, -2.49), 4.7461),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_differences_are_those_of_the_published_table(
    one: tuple[float, ...], other: tuple[float, ...], expected: float
) -> None:
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-4)
    assert ciede2000(np.array(other), np.array(one)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", sorted(THEMES))
def test_roles_are_told_apart_by_everybody(name: str, vision: str) -> None:
    look = theme(name)
    for group in (ROLES, LOSSES):
        for one, other in itertools.combinations(group, 2):
            assert difference(getattr(look, one), getattr(look, other), vision) >= 30


def test_classic_has_the_hues_everybody_knows() -> None:
    look = theme("classic")
    for role, strongest in (("data", 2), ("generated", 1), ("discriminator", 0)):
        assert linear(getattr(look, role)).argmax() == strongest


@pytest.mark.parametrize("name", sorted(THEMES))
def test_contrast_is_enough(name: str) -> None:
    look = theme(name)
    paper = look.background
    for role in (*ROLES, *LOSSES, "muted", "ink", "good", "bad"):
        assert contrast(getattr(look, role), paper) >= 4.5  # WCAG 1.4.3
    assert 3 <= contrast(look.faint, paper) < contrast(look.muted, paper)  # WCAG 1.4.11
    assert contrast(blended(look.muted, paper, GAP), paper) > 1.7  # a projector shows it


@pytest.mark.parametrize("name", sorted(THEMES))
def test_gives_its_colors_for_a_palette(name: str) -> None:
    look = theme(name)
    colors = look.colors()
    assert colors.dtype == np.uint8
    assert colors.shape[1] == 3
    assert len(np.unique(colors, axis=0)) == len(colors)
    assert bytes(colors[0]).hex() == look.background[1:]
    assert {getattr(look, role) for role in ROLES} <= {f"#{bytes(c).hex()}" for c in colors}


def test_sizes_follow_the_picture_but_stay_readable() -> None:
    look = theme("light")
    usual, double, tiny = (look.style(w, h) for w, h in ((960, 540), (1920, 1080), (320, 180)))
    assert double.font == 2 * usual.font
    assert double.line == 2 * usual.line
    assert tiny.font == 12
    tall, low = look.style(540, 960), look.style(1500, 300)
    assert 0.85 * usual.font < tall.font <= usual.font
    assert 0.85 * usual.font < low.font <= usual.font
    assert look.style(960, 540, 1.5).font == 1.5 * usual.font


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UnknownNameError, match=r"'drak'.*'dark'.*classic, dark, light"):
        theme("drak")


def test_settings_are_known_to_matplotlib() -> None:
    import matplotlib as mpl

    look = theme("dark")
    settings: dict[Any, Any] = look.settings(look.style(960, 540))
    assert set(settings) <= set(mpl.rcParamsDefault)
