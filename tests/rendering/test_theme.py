"""Colors that everybody can tell apart and read."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gan_viz.errors import UnknownNameError
from gan_viz.rendering.theme import THEMES, theme

ROLES = ("data", "generated", "discriminator")
LOSSES = ("d_loss", "g_loss")

# Machado, Oliveira & Fernandes (2009), A Physiologically-based Model for Simulation of Color Vision
# Deficiency, severity 1.0; for linear RGB.
VISION = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
D65 = np.array([0.95047, 1.0, 1.08883])


def linear(color: str) -> NDArray[np.float64]:
    """Linear RGB, 0 to 1 (IEC 61966-2-1)."""
    encoded = np.frombuffer(bytes.fromhex(color[1:]), np.uint8) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB of linear RGB (CIE 15:2004)."""
    ratio = XYZ @ np.clip(rgb, 0, 1) / D65
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: str, other: str, vision: str) -> float:
    seen = [lab(np.asarray(VISION[vision]) @ linear(color)) for color in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def contrast(one: str, other: str) -> float:
    """WCAG 2.1 contrast ratio."""
    dark, light = sorted(float(XYZ[1] @ linear(color)) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def test_the_measures_agree_with_known_values() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    red_and_green = [difference("#c00000", "#007000", vision) for vision in VISION]
    assert red_and_green[0] > 90
    assert red_and_green[2] < 25


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", sorted(set(THEMES) - {"classic"}))
def test_roles_are_told_apart_by_everybody(name: str, vision: str) -> None:
    look = theme(name)
    for group in (ROLES, LOSSES):
        for one, other in itertools.combinations(group, 2):
            assert difference(getattr(look, one), getattr(look, other), vision) > 20


def test_classic_has_the_colors_everybody_knows() -> None:
    look = theme("classic")
    for role, strongest in (("data", 2), ("generated", 1), ("discriminator", 0)):
        color = linear(getattr(look, role))
        assert color.argmax() == strongest
        assert sorted(color)[:2] == [0, 0]


@pytest.mark.parametrize("name", sorted(THEMES))
def test_contrast_is_enough(name: str) -> None:
    look = theme(name)
    paper = look.background
    for role in (*ROLES, *LOSSES, "muted"):
        assert contrast(getattr(look, role), paper) >= 3  # WCAG 1.4.11, graphics
    for role in ("ink", "discriminator"):  # text; D's scale is in D's color
        assert contrast(getattr(look, role), paper) >= 4.5  # WCAG 1.4.3
    assert 1.5 < contrast(look.faint, paper) < contrast(look.muted, paper)


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
    assert tiny.font == 10
    assert look.style(960, 2000).font == usual.font
    assert look.style(960, 540, 1.5).font == 1.5 * usual.font


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UnknownNameError, match=r"'drak'.*'dark'.*classic, dark, light"):
        theme("drak")


def test_settings_are_known_to_matplotlib() -> None:
    import matplotlib as mpl

    look = theme("dark")
    settings: dict[Any, Any] = look.settings(look.style(960, 540))
    assert set(settings) <= set(mpl.rcParamsDefault)
