"""Recordings of all kinds, ordinary and strange ones, make pages in which nothing goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_viz.api.pages import page_of

FAR = np.full((5, 8), 1e12)
FAR[:, 4:] = np.nan
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "one frame": ({"frames": 1}, {}),
    "two frames": ({"frames": 2, "last": 1}, {}),
    "no target": ({"data": None}, {}),
    "no D": ({"output": None}, {}),
    "a critic": ({"output": "critic"}, {}),
    "a margin": ({"output": "margin"}, {"arrows": "gradient"}),
    "missing frames": ({"missing": [0, 4]}, {"show": ["dstar"]}),
    "all frames missing": ({"missing": range(5)}, {}),
    "far away": ({"outputs": FAR}, {}),
    "one output": ({"outputs": np.zeros((5, 1))}, {"density": "histogram"}),
    "values": ({"data": np.random.default_rng(0).normal(size=200)}, {"density": "kde"}),
    "heavy tails": ({"data": "cauchy(0, 1)"}, {}),
    "losses that blow up": (
        {"losses": {"d_loss": [1, np.inf, np.nan], "g_loss": [1e300, -1, 0]}},
        {},
    ),
    "no losses": ({"losses": {}, "means": {}}, {}),
    "scalars alone": ({"data": None}, {"panels": "losses"}),
    "other pictures": ({}, {"panels": "grid"}),
    "a walk": ({}, {"panels": "walk"}),
    "points and signals": ({}, {"panels": "points, signals"}),
    "named classes": (
        {
            "classes": ["T-shirt/top", "b", "c", "d"],
            "constants": {"sample_labels": np.arange(16) % 4, "real_labels": np.arange(10) % 4},
        },
        {"panels": "grid"},
    ),
    "a common scale": ({}, {"panels": "density(common_scale=yes, dashed=yes, shaded=no)"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of(
    open_page: Callable[..., Any],
    write_recording: Callable[..., Path],
    tmp_path: Path,
    kind: str,
) -> None:
    properties, look = KINDS[kind]
    run = write_recording(tmp_path / "run.ganviz", **properties)
    made = tmp_path / "out.html"
    made.write_text(page_of(run, **look), "utf-8")
    page = open_page(made, viewport={"width": 800, "height": 600})
    assert page.locator("#trouble:visible").count() == 0
    page.keyboard.press("End")
    page.mouse.move(400, 200)
    page.click("#more")
    if page.locator('[data-choice="density"]').count():
        for way in ("kde", "histogram"):
            page.select_option('[data-choice="density"]', way)
            page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
    with page.expect_download():
        page.click('[data-choice="csv"]')
