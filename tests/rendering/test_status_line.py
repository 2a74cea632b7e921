"""What is said of each frame, below the title."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from gan_viz.diagnostics.status import statuses
from gan_viz.recording import Recording
from gan_viz.rendering import Renderer
from gan_viz.rendering.changing_text import _fitted
from gan_viz.rendering.figure import rasterize
from gan_viz.rendering.head import _distances

Make = Callable[..., Renderer]
SATURATED = {"d_real": [0.999] * 400, "d_fake": [0.001] * 400}
PANELS = ("density", "losses")


@pytest.fixture
def ill(make_recording: Callable[..., Recording]) -> Recording:
    """D is saturated from the second frame on."""
    return make_recording(means=SATURATED)


@pytest.mark.parametrize("size", [(320, 180), (960, 540), (360, 640)], ids=str)
@pytest.mark.parametrize("look", ["dark", "classic"])
def test_the_fast_way_equals_the_full_one(
    make_renderer: Make, ill: Recording, size: tuple[int, int], look: str
) -> None:
    renderer = make_renderer(PANELS, look, size, recording=ill)
    out = renderer.frame(4)
    for frame in (0, 3, 1, 0):
        assert np.array_equal(renderer.frame(frame, out), renderer.full(frame))


def test_it_is_seen_where_something_is_said_and_nowhere_else(
    make_renderer: Make, ill: Recording
) -> None:
    assert [bool(one.words) for one in statuses(ill)] == [False, True, True, True, True]
    renderer = make_renderer(PANELS, size=(960, 540), recording=ill)
    region = renderer._texts[-1].region
    inked = [int((renderer.frame(frame)[region] < 200).any(axis=2).sum()) for frame in range(5)]
    assert inked[0] == 0
    assert min(inked[1:]) > 200
    still = rasterize(renderer.figure(3))[region]
    assert np.array_equal(still, renderer.frame(3)[region])
    rows, columns = region
    around = renderer.frame(3)[rows.start - 1 : rows.stop + 1, columns.start - 1 : columns.stop + 1]
    around[1:-1, 1:-1] = 255
    assert (around == 255).all()


@pytest.mark.parametrize(("size", "narrow"), [((360, 640), True), ((960, 540), False)], ids=str)
def test_step_and_figure_get_a_line_of_their_own_where_there_is_no_room(
    make_renderer: Make, ill: Recording, size: tuple[int, int], narrow: bool
) -> None:
    step, distance, said = (
        text.region for text in make_renderer(PANELS, size=size, recording=ill)._texts
    )
    assert said[0].start >= 20
    assert (step[0] == distance[0]) == narrow
    assert (step[0].start >= said[0].stop - 2) == narrow
    assert narrow or said[1].stop < distance[1].start


@pytest.mark.parametrize(
    ("outputs", "written"),
    [
        ([0.0, 1e3, math.nan, 40.0, 0.0], ["d.ddd", "dd.d", "dd.d", "dd.d", "d.ddd"]),
        ([1e3, math.inf, math.nan, math.nan, math.nan], ["dd.d"] * 5),
        ([math.nan] * 5, []),
    ],
)
def test_distances_are_measured_when_they_are_drawn(
    make_recording: Callable[..., Recording], outputs: list[float], written: list[str]
) -> None:
    recording = make_recording()
    asked: list[int] = []

    def find(channel: str, frame: int) -> NDArray[np.float64]:
        asked.append(frame)
        return np.full(recording.channels[channel].shape, outputs[frame])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recording, "find", find)
        tell, widest = _distances(recording)
        assert widest == max(["", *(one.replace("d", "0") for one in written)], key=len)
        assert (asked == [4]) == (outputs[4] == 0.0)
        found = [tell(frame) for frame in range(5)] if widest else []
    assert [re.sub(r"\d", "d", one) for one in found] == written
    assert len(asked) == len({*asked})


def test_what_goes_wrong_has_another_colour_than_what_goes_well(
    make_renderer: Make, ill: Recording
) -> None:
    renderer = make_renderer(PANELS, size=(960, 540), recording=ill)
    pixels = renderer.frame(1)[renderer._texts[-1].region].reshape(-1, 3).astype(int)
    darkest = pixels[pixels.sum(axis=1).argmin()]
    bad = renderer.canvas.theme.bad
    assert np.abs(darkest - [*bytes.fromhex(bad[1:])]).max() < 30


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (40, "mode at 1.5 lost (step 1,840)"),
        (20, "mode at 1.5 lost"),
        (9, "mode at…"),
    ],
)
def test_the_step_goes_before_the_words(room: int, text: str) -> None:
    assert _fitted("mode at 1.5 lost (step 1,840)", lambda one: len(one) <= room) == text
