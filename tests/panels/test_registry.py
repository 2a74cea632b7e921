"""Every registered panel keeps the contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gan_viz.errors import RecordingError
from gan_viz.panels.base import DYNAMIC, Key, Panel, Style
from gan_viz.recording import Recording, Writer
from gan_viz.registry import PANELS

pytestmark = pytest.mark.parametrize("name", sorted(PANELS))
Make = Callable[..., Recording]


def canvas_of(axes: Axes) -> FigureCanvasAgg:
    canvas = axes.get_figure(root=True).canvas
    assert isinstance(canvas, FigureCanvasAgg)
    return canvas


def everything(axes: Axes) -> Any:
    """Pixels of a full drawing."""
    canvas_of(axes).draw()
    return np.asarray(canvas_of(axes).buffer_rgba()).copy()


def drawn(moving: Sequence[Artist], axes: Axes) -> Any:
    """Pixels of what moves, on nothing."""
    renderer = canvas_of(axes).get_renderer()
    renderer.clear()
    for artist in moving:
        artist.draw(renderer)
    return np.asarray(renderer.buffer_rgba()).copy()


def test_is_a_documented_panel_that_says_what_it_needs(name: str) -> None:
    panel = PANELS[name]
    assert issubclass(panel, Panel)
    assert panel.__doc__
    assert panel.needs
    assert all(isinstance(need, str) for need in panel.needs)
    assert panel.share > 0


def test_refuses_a_recording_without_what_it_needs(name: str, tmp_path: Any) -> None:
    with Writer(tmp_path / "empty.ganviz") as writer:
        writer.add_channel("other", (2,), "float32")
    with Recording(writer.path) as recording, pytest.raises(RecordingError) as error:
        PANELS[name](recording)
    message = str(error.value)
    assert "\n" not in message
    assert all(need in message for need in PANELS[name].needs)
    assert "other" in message


def test_moves_only_what_is_above_the_rest_and_clipped(
    name: str, make_recording: Make, axes: Axes, style: Style
) -> None:
    moving = PANELS[name](make_recording()).setup(axes, style)
    assert moving
    for artist in moving:
        assert isinstance(artist, Artist)
        assert artist.get_zorder() >= DYNAMIC
        assert artist.axes is axes
        assert artist.get_clip_box().bounds == axes.bbox.bounds
    others = [artist for artist in axes.get_children() if artist not in moving]
    assert max(artist.get_zorder() for artist in others) < DYNAMIC


def test_shows_the_frame_and_nothing_of_the_frame_before(
    name: str, make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = PANELS[name](make_recording())
    moving = panel.setup(axes, style)
    seen = []
    for frame in range(5):
        panel.update(frame)
        seen.append(drawn(moving, axes))
    assert len({picture.tobytes() for picture in seen}) == 5
    for frame in (3, 0, 4, 4, 1, 2):
        panel.update(frame)
        assert np.array_equal(drawn(moving, axes), seen[frame])


def test_moves_nothing_but_what_it_says_and_no_scale(
    name: str, make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = PANELS[name](make_recording())
    moving = panel.setup(axes, style)
    limits = axes.get_xlim(), axes.get_ylim()
    for artist in moving:
        artist.set_visible(False)
    still = set()
    for frame in (0, 2, 4):
        panel.update(frame)
        still.add(everything(axes).tobytes())
        assert (axes.get_xlim(), axes.get_ylim()) == limits
    assert len(still) == 1


def test_keys_are_told_apart_without_color(name: str, make_recording: Make, style: Style) -> None:
    keys = PANELS[name](make_recording()).keys(style)
    assert all(isinstance(key, Key) for key in keys)
    assert len({key.text for key in keys}) == len(keys)
    assert len({key.color for key in keys}) == len(keys)
    assert len({replace(key, text="", color="") for key in keys}) == len(keys)


STRANGE: dict[str, dict[str, Any]] = {
    "nan": {"outputs": np.full((5, 9), np.nan), "logits": np.full((5, 101), np.nan)},
    "inf": {
        "outputs": np.tile([np.inf, -np.inf, 4.0], (5, 3)),
        "logits": np.full((5, 101), np.inf),
    },
    "diverging": {"outputs": np.geomspace(1, 1e30, 5)[:, None] * np.linspace(-1, 1, 9)},
    "huge": {"outputs": np.full((5, 9), 1.7e308)},
    "huge and opposite": {"outputs": np.tile([-1.7e308, 1.7e308], (5, 5))},
    "constant": {"outputs": np.full((5, 9), 4.25)},
    "constant, no target": {"outputs": np.full((5, 9), 4.25), "data": None},
    "zero, no target": {"outputs": np.zeros((5, 9)), "data": None},
    "nan, no target": {"outputs": np.full((5, 9), np.nan), "data": None},
    "one latent": {"outputs": np.arange(5.0)[:, None]},
    "one frame": {"frames": 1},
    "one step": {"last": 1, "frames": 2},
    "no target": {"data": None},
    "no discriminator": {"output": None},
    "critic": {"output": "critic"},
    "probability": {"output": "probability", "logits": np.tile(np.linspace(0, 1, 101), (5, 1))},
    "gaps": {"missing": [0, 3]},
    "losses nan": {"losses": {"d_loss": [np.nan] * 9, "g_loss": [np.nan] * 9}},
    "losses inf": {"losses": {"d_loss": [1, np.inf, -np.inf], "g_loss": [np.nan, 2, 3]}},
    "losses huge": {"losses": {"d_loss": [-1e300, 1e300, 1], "g_loss": [1e-300, 0, 0]}},
    "losses short": {"losses": {"d_loss": [1.0], "g_loss": [2.0, 3.0]}},
    "losses equal": {"losses": {"d_loss": [7.0] * 5, "g_loss": [7.0] * 5}, "equilibrium": {}},
    "losses zero": {"losses": {"d_loss": [0.0] * 5, "g_loss": [0.0] * 5}, "equilibrium": {}},
    "losses empty": {"losses": {"d_loss": [], "g_loss": []}, "equilibrium": {}},
    "equilibrium strange": {"equilibrium": {"d_loss": float("nan"), "w_loss": 3.0}},
    "spike": {"data": "chi2(0.5)"},
    "jump": {"data": "uniform(0, 1)"},
    "narrow": {"data": "norm(1000000, 0.01)", "outputs": np.full((5, 9), 1e6)},
    "real data": {"data": np.random.default_rng(1).gamma(2, 3, 200)},
}


@pytest.mark.parametrize("case", STRANGE)
def test_draws_whatever_was_recorded(
    name: str, case: str, make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = PANELS[name](make_recording(**STRANGE[case]))
    moving = panel.setup(axes, style)
    panel.update(0)
    first = drawn(moving, axes)
    panel.update(len(panel.recording) - 1)
    everything(axes)
    assert np.isfinite([axes.get_xlim(), axes.get_ylim()]).all()
    assert np.diff(axes.get_xlim()).item() > 0
    assert np.diff(axes.get_ylim()).item() > 0
    panel.update(0)
    assert np.array_equal(drawn(moving, axes), first)
