"""What the page draws and tells is what the arrays and `gan-viz metrics` say."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan_viz import api
from gan_viz.analysis.density import kernel_density
from gan_viz.analysis.generated import GeneratedDensity
from gan_viz.panels.density import D_TOP, DensityPanel
from gan_viz.recording import Recording
from gan_viz.rendering import Canvas, Renderer

Open = Callable[..., Any]
SETTLED = """() => new Promise((done) => requestAnimationFrame(() =>
    requestAnimationFrame(() => requestAnimationFrame(done))))"""
INK_OF_D = 0x40, 0x0C, 0x2A
SCALES = """() => { const {xScale, yScale, dScale} = replay.panes.all[0].view;
    return [xScale, yScale, dScale].map(({low, high, start, end}) => [low, high, start, end]); }"""


@pytest.fixture
def panel(run: Path) -> Any:
    with Recording(run) as recording:
        yield DensityPanel().bind(recording)


def pixels(values: Any, scale: list[float]) -> Any:
    low, high, start, end = scale
    return start + (np.asarray(values) - low) * (end - start) / (high - low)


def test_curves_are_where_the_arrays_say(open_page: Open, toy: Path, panel: DensityPanel) -> None:
    page = open_page(toy, "#step=0")
    _, up, d_up = page.evaluate(SCALES)
    known = "replay.panes.all[0].view.known"
    assert panel.d is not None
    for number in (0, 17, 39):
        for name, scale, expected in [
            ("generated", up, panel.densities[number].clip(0, 3.9 * panel.top)),
            ("d", d_up, panel.d.at(number)),
            ("best", d_up, panel.best(number)),
        ]:
            view = ", replay.view" if name == "generated" else ""
            found = page.evaluate(f"[...{known}.{name}({number}{view})]")
            there = np.array([np.nan if one is None else one for one in found], float)
            np.testing.assert_allclose(pixels(there, scale), pixels(expected, scale), atol=0.1)


def middles(picture: Any, columns: Any, near: Any) -> Any:
    """Height of D's curve in some columns, from the top: the middle of pixels of its colour.

    Words are of that colour, too: only pixels up to 12 away from where it may be count.
    """
    away = np.abs(picture[..., :3].astype(int) - INK_OF_D).sum(axis=-1)[:, columns]
    rows = np.arange(len(picture))[:, None] + 0.5
    weight = np.clip(60 - away, 0, None) * (np.abs(rows - near) < 12)
    assert (weight.sum(axis=0) > 60).all()
    return (weight * rows).sum(axis=0) / weight.sum(axis=0)


def test_the_curve_in_pixels_agrees_with_the_renderer(
    open_page: Open, toy: Path, run: Path
) -> None:
    """D's curve is found in both pictures by its colour, where no other is near, to one pixel."""
    page = open_page(toy, "#step=769&hide=data,generated,rug&theme=light", device_scale_factor=1)
    number = page.evaluate("replay.frame")
    across, _, up = page.evaluate(SCALES)
    url = page.evaluate("document.querySelector('canvas[role=img]').toDataURL()")
    picture = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGBA")
    shown = np.asarray(Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture))
    with Recording(run) as recording:
        own = DensityPanel(rug=False).bind(recording)
        renderer = Renderer(recording, [own], Canvas(1920, 1080))
        drawn = renderer.frame(number)
        axes = renderer.figure(number).axes[0]
        assert own.d is not None
        d = own.d.at(number)
    box, (low, high) = axes.bbox, axes.get_ylim()
    assert own.p_data is not None
    height = d / D_TOP * own.top
    alone = (np.abs(own.densities[number] - height) > 0.15 * own.top) & (
        np.abs(own.p_data - height) > 0.15 * own.top
    )
    alone &= np.abs(d - 0.5) > 0.05  # where the line at 1/2 is
    chosen = np.flatnonzero(alone & (np.abs(np.gradient(d)) < 0.02))[10:-10:7]
    part = chosen / (len(d) - 1)
    expected = d[chosen] / D_TOP * (up[2] - up[3])
    columns = np.round(across[2] + part * (across[3] - across[2]) - 0.5).astype(int)
    of_page = up[2] - middles(shown, columns, up[2] - expected)
    columns = np.round(box.x0 + part * box.width - 0.5).astype(int)
    rows = len(drawn) - box.y0 - (height[chosen] - low) / (high - low) * box.height
    of_renderer = (len(drawn) - box.y0 - middles(drawn, columns, rows)) / box.height
    scaled = (of_renderer * (high - low) + low) / own.top * (up[2] - up[3])
    assert len(chosen) > 20
    np.testing.assert_allclose(of_page, expected, atol=1.0)
    np.testing.assert_allclose(scaled, expected, atol=1.0)
    np.testing.assert_allclose(of_page, scaled, atol=1.0)


def test_kernels_and_bars_of_the_page_are_those_of_python(
    open_page: Open, toy: Path, panel: DensityPanel
) -> None:
    page = open_page(toy, "#step=0")
    known = "replay.panes.all[0].view.known"
    peak = panel.top
    for way in ("kde", "histogram"):
        density = GeneratedDensity(panel.recording, way)
        for number in (0, 20, 39):
            outputs = panel.recording.array("generator", number)
            view = f"{{density: '{way}', bandwidth: 1, bins: 80}}"
            found = np.array(page.evaluate(f"[...{known}.generated({number}, {view})]"))
            expected = density.along(outputs, panel.x)
            if way == "histogram":  # outputs at the edge of a bin may fall on either side of it
                assert np.mean(np.abs(found - expected)) < 0.02 * peak
            else:
                np.testing.assert_allclose(found, expected, atol=2e-3 * peak)
    samples = np.array(page.evaluate(f"[...{known}.found.outputs.row(20)]"))
    view = "{density: 'kde', bandwidth: 0.5, bins: 80}"
    found = np.array(page.evaluate(f"[...{known}.generated(20, {view})]"))
    width = 0.5 * page.evaluate(f"{known}.found.scott[20]")
    np.testing.assert_allclose(found, kernel_density(samples, panel.x, width), atol=1e-6 * peak)


def test_values_under_the_pointer(open_page: Open, toy: Path, panel: DensityPanel) -> None:
    page = open_page(toy, "#step=3000")
    box = page.locator(".picture").bounding_box()
    (low, high, start, end), _, _ = page.evaluate(SCALES)
    assert panel.d is not None
    assert panel.p_data is not None
    for number in (150, 200, 260):
        px = start + (panel.x[number] - low) * (end - start) / (high - low)
        page.mouse.move(box["x"] + px, box["y"] + 200)
        cells = page.locator("#tip td:last-child").all_text_contents()
        found = [float(cell.replace("−", "-").replace("–", "nan")) for cell in cells]
        expected = [
            panel.x[number],
            panel.p_data[number],
            panel.densities[-1][number],
            panel.d.at(39)[number],
            panel.best(39)[number],
        ]
        assert len(found) == len(expected)
        for one, cell, value in zip(found, cells, expected, strict=True):
            digits = len(cell.partition(".")[2])
            error = 0.51 * 10.0**-digits + 2e-4 * abs(float(value))
            assert one == pytest.approx(float(value), abs=error, nan_ok=True), cell
    page.mouse.move(5, 5)
    assert not page.is_visible("#tip")


def test_figures_are_those_of_the_metrics(open_page: Open, toy: Path, run: Path) -> None:
    rows = api.metrics(run)
    page = open_page(toy, "#step=0")
    for number in (0, 13, 39):
        page.evaluate(f"replay.goto({number})")
        page.evaluate(SETTLED)
        shown = dict(
            page.evaluate("replay.figuresAt(replay.run, replay.step).map(([k, v]) => [k, v])")
        )
        for name in ("w1", "js", "tv"):
            assert float(f"{shown[name]:.4g}") == float(f"{rows[number][name]:.4g}")
        text = page.text_content("#figures")
        written = text.split("W1 ")[1].split("JS")[0].replace("−", "-")
        assert float(written) == float(f"{rows[number]['w1']:.4g}")
