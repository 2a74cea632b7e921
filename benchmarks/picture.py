"""Whether a picture can be read from the tenth row, in numbers.

``python benchmarks/picture.py`` prints the contrasts of every theme and how far apart its roles are
for every kind of sight; and for the default picture, the gallery's and the presets' sizes, which
part of the area is used and how small the smallest type is at 480 pixels of width.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from numpy.typing import NDArray
from results import table, write

from gan_viz.api.drawing import make_renderer
from gan_viz.api.look import PRESETS, Look
from gan_viz.recording import Recording
from gan_viz.rendering import THEMES, FrameRenderer
from gan_viz.rendering.theme import Theme

Array: TypeAlias = NDArray[np.float64]

ROLES = "data", "generated", "discriminator"
TEXT = (*ROLES, "d_loss", "g_loss", "ink", "muted", "good", "bad")

# Machado, Oliveira & Fernandes (2009), A Physiologically-based Model for Simulation of Color Vision
# Deficiency, severity 1.0; for linear RGB.
VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
D65 = np.array([0.95047, 1.0, 1.08883])


def linear(color: str) -> Array:
    """Linear RGB, 0 to 1 (IEC 61966-2-1)."""
    encoded = np.asarray(to_rgb(color))
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lab(rgb: Array) -> Array:
    """CIELAB of linear RGB (CIE 15:2004)."""
    ratio = XYZ @ np.clip(rgb, 0, 1) / D65
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    """WCAG 2.1 contrast ratio."""
    dark, light = sorted(float(XYZ[1] @ linear(color)) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def blended(color: str, paper: str, opacity: float) -> str:
    """A tint as it is seen on paper."""
    mixed = opacity * np.asarray(to_rgb(color)) + (1 - opacity) * np.asarray(to_rgb(paper))
    return "#" + bytes(np.rint(255 * mixed).astype(np.uint8)).hex()


def ciede2000(one: Array, other: Array) -> float:
    """Color difference of two CIELAB colors (Sharma, Wu & Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    middle = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    lightness, mean = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(middle - 30))
        + 0.24 * np.cos(np.radians(2 * middle))
        + 0.32 * np.cos(np.radians(3 * middle + 6))
        - 0.20 * np.cos(np.radians(4 * middle - 63))
    )
    s_l = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean, 1 + 0.015 * mean * t
    rotation = -2 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    rotation *= np.sin(np.radians(60 * np.exp(-(((middle - 275) / 25) ** 2))))
    parts = np.array([(l2 - l1) / s_l, (c2 - c1) / s_c, hue / s_h])
    return float(np.sqrt(parts @ parts + rotation * parts[1] * parts[2]))


def difference(one: str, other: str, vision: str) -> float:
    """How far two colors are apart for a kind of sight, in units of CIEDE2000."""
    first, second = (lab(VISION[vision] @ linear(color)) for color in (one, other))
    return ciede2000(first, second)


def nearest_roles(theme: Theme, vision: str) -> float:
    """The least difference of two roles."""
    pairs = itertools.combinations((getattr(theme, role) for role in ROLES), 2)
    return min(difference(one, other, vision) for one, other in pairs)


def colors() -> str:
    rows = []
    for name, theme in THEMES.items():
        paper = theme.background
        least = min(contrast(getattr(theme, role), paper) for role in TEXT)
        row = [name, f"{least:.1f}", f"{contrast(theme.faint, paper):.1f}"]
        rows.append([*row, *(f"{nearest_roles(theme, vision):.0f}" for vision in VISION)])
    head = ["theme", "curves, text", "reference lines", *VISION]
    return table(head, rows)


def used_area(renderer: FrameRenderer, frames: Sequence[int] = (0, -1)) -> float:
    """Part of the picture in which there is something: panels with their labels, and the head.

    Of panels without axes, such as grids of pictures, what is drawn counts, not the axes' box.
    """
    width, height = renderer.canvas.width, renderer.canvas.height
    used = np.zeros((height, width), np.bool_)
    ink = np.zeros_like(used)
    for frame in frames:
        picture = renderer.full(frame % len(renderer.steps))
        ink |= (picture != picture[-1, -1]).any(axis=2)
    figure = renderer.figure(0)
    agg: Any = FigureCanvasAgg(figure).get_renderer()
    tops = []
    for axes in figure.axes:
        box = axes.get_tightbbox(agg, bbox_extra_artists=axes.texts)
        assert box is not None
        rows = slice(max(0, height - round(box.y1)), height - round(max(box.y0, 0)))
        columns = slice(max(0, round(box.x0)), round(box.x1))
        if axes.axison:
            used[rows, columns] = True
        else:
            drawn = np.argwhere(ink[rows, columns])
            if len(drawn):
                (top, left), (bottom, right) = drawn.min(axis=0), drawn.max(axis=0)
                start, across = rows.start + top, columns.start + left
                used[start : rows.start + bottom + 1, across : columns.start + right + 1] = True
        tops.append(rows.start)
    used[np.flatnonzero(ink.any(axis=1))[0] : min(tops)] = True
    return float(used.mean())


def smallest_type(renderer: FrameRenderer) -> float:
    """Pixels of the smallest type, were the picture 480 pixels wide; low and high letters aside."""
    shown = [text for text in renderer.figure(0).findobj(Text) if text.get_visible()]
    sizes = [float(text.get_fontsize()) * 100 / 72 for text in shown if text.get_text().strip()]
    return min(sizes) * min(1.0, 480 / renderer.canvas.width)


SIZES = (960, 540), (480, 270), (720, 405), (640, 360), (1920, 1080), (540, 960), (720, 720)


def pictures(folder: Path) -> str:
    """Measure the default picture in many sizes, and what the presets make."""
    import gan_viz

    toy, digits = folder / "toy.ganviz", folder / "digits.ganviz"
    gan_viz.train("bimodal", toy, steps=600, seed=1)
    gan_viz.train_images("mlp", "digits", digits, steps=60, seed=1)
    looks = {f"{width}x{height}": Look(size=(width, height)) for width, height in SIZES}
    looks["960x540, scale 3"] = Look(size=(960, 540), scale=3.0)
    for name, files in PRESETS.items():
        for suffix, options in files.items():
            known = {key: options[key] for key in ("size", "scale") if key in options}
            if suffix in (".gif", ".mp4"):
                looks[f"preset {name}, {suffix}"] = Look(**known)
    rows = []
    for name, look in looks.items():
        row = [name]
        for path in (toy, digits):
            with Recording(path) as recording:
                renderer = make_renderer(recording, look)
                row += [f"{used_area(renderer):.0%}", f"{smallest_type(renderer):.1f}"]
        rows.append(row)
    head = ["picture", "toy: used area", "smallest type", "digits: used area", "smallest type"]
    return table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sections = {
            "Colors of the themes: contrast to the paper, least CIEDE2000 of roles": colors(),
            "Pictures: used area, smallest type in pixels at 480 wide": pictures(Path(folder)),
        }
    for text in sections.values():
        print(f"\n{text}")
    if arguments.write:
        write(sections)


if __name__ == "__main__":
    main()
