"""Frames that are appended make the page that there would be if all had been there at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_viz.panels.choosing import make_panels
from gan_viz.panels.density import DensityPanel
from gan_viz.recording import Recording
from gan_viz.rendering import Canvas
from gan_viz.rendering.theme import theme
from gan_viz.replay import payload
from gan_viz.replay.growing import newest

FRAMES, KNOWN = 8, 5
SHOWN = ["density(arrows=gradient)", "grid", "walk", "points", "signals", "losses"]


def _rows(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Arrays of a description, by where they are."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _rows(one, f"{name}.{key}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, one in enumerate(value):
            yield from _rows(one, f"{name}.{number}")
    elif isinstance(value, np.ndarray):
        yield name, value


@pytest.mark.parametrize("output", ["logit", "critic"])
def test_frames_that_are_appended_are_those_of_a_page_of_all(
    write_recording: Callable[..., Path],
    unpack: Callable[[bytes], Any],
    tmp_path: Path,
    output: str,
) -> None:
    path = write_recording(tmp_path / "run.ganviz", frames=FRAMES, output=output)
    look: dict[str, Any] = {"canvas": Canvas(960, 540), "themes": [theme("light")]}
    panels = make_panels(SHOWN)
    with Recording(path) as recording:
        recording.keep(np.arange(KNOWN))
        page = payload([recording], [panels], **look)
        recording.refresh()
        kept = [
            one.with_limits(**page.limits) if isinstance(one, DensityPanel) else one
            for one in panels
        ]
        expected = dict(_rows(unpack(payload([recording], [kept], **look).data)["runs"][0]))
        recording.keep(np.arange(KNOWN, FRAMES))
        more = newest(recording, panels, page)
    assert more is not None
    known = dict(_rows(unpack(page.data)["runs"][0]))
    found = dict(_rows(unpack(more)["runs"][0]))
    per_frame = {name for name, rows in expected.items() if len(rows) == FRAMES}
    curves = {name for name in per_frame if name.startswith(".groups") and name[-3:] != ".at"}
    assert {*found} == per_frame - curves - {".density.arrows.reach"}
    for name, rows in found.items():
        whole = expected[name]
        near = 2e-4 * np.nanmax(np.abs(whole), initial=1.0)  # a level of its scale
        cut = rows.clip(np.nanmin(whole), np.nanmax(whole))  # what is beyond is out of sight
        np.testing.assert_allclose(cut, whole[KNOWN:], atol=near, rtol=0, err_msg=name)
        np.testing.assert_allclose(known[name].shape[1:], rows.shape[1:])


def test_what_the_page_knows_nothing_of_is_not_appended(
    make_recording: Callable[..., Recording],
) -> None:
    look: dict[str, Any] = {"canvas": Canvas(960, 540), "themes": [theme("light")]}
    page = payload([make_recording(output=None)], [make_panels(["density"])], **look)
    assert newest(make_recording(), make_panels(["density"]), page) is None
