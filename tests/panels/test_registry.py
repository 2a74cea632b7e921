"""Every registered panel keeps the contract."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from gan_viz.api import drawing
from gan_viz.errors import GanVizError, RecordingError
from gan_viz.panels.base import DYNAMIC, LegendEntry, Panel, Style
from gan_viz.panels.choosing import make_panels
from gan_viz.recording import Recording, Writer
from gan_viz.registry import PANEL_ALIASES, PANELS
from gan_viz.rendering import Canvas, Renderer

SCORES = ("scores_real", "scores_fake")
ALL = sorted([*PANELS, *PANEL_ALIASES])
each_panel = pytest.mark.parametrize("name", ALL)
Make = Callable[..., Recording]


@pytest.fixture
def make_recording(make_recording: Make) -> Make:
    """Recordings that every panel finds something in."""
    return functools.partial(make_recording, beyond=True)


def panel_of(name: str) -> Panel:
    (panel,) = make_panels(name)
    return panel


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


@each_panel
def test_is_a_documented_panel_that_says_what_it_needs(name: str) -> None:
    panel = type(panel_of(name))
    assert panel.__doc__
    assert panel.needs
    assert all(isinstance(need, str) for need in panel.needs)
    assert panel.width_ratio > 0


@each_panel
def test_refuses_a_recording_without_what_it_needs(name: str, tmp_path: Any) -> None:
    with Writer(tmp_path / "empty.ganviz") as writer:
        writer.add_channel("other", (2,), "float32")
    with Recording(writer.path) as recording, pytest.raises(RecordingError) as error:
        panel_of(name).bind(recording)
    message = str(error.value)
    assert "\n" not in message
    assert all(need in message for need in panel_of(name).needs)
    assert "other" in message


@each_panel
def test_moves_only_what_is_above_the_rest_and_clipped(
    name: str, make_recording: Make, axes: Axes, style: Style
) -> None:
    moving = panel_of(name).bind(make_recording()).setup(axes, style)
    assert moving
    for artist in moving:
        assert isinstance(artist, Artist)
        assert artist.get_zorder() >= DYNAMIC
        assert artist.axes is axes
        clip, box = artist.get_clip_box(), axes.bbox
        assert box.x0 <= clip.x0 < clip.x1 <= box.x1
        assert box.y0 <= clip.y0 < clip.y1 <= box.y1
    others = [artist for artist in axes.get_children() if artist not in moving]
    assert max(artist.get_zorder() for artist in others) < DYNAMIC


@each_panel
def test_shows_the_frame_and_nothing_of_the_frame_before(
    name: str, make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = panel_of(name).bind(make_recording())
    moving = panel.setup(axes, style)
    seen = []
    for frame in range(5):
        panel.update(frame)
        seen.append(drawn(moving, axes))
    assert len({picture.tobytes() for picture in seen}) == 5
    for frame in (3, 0, 4, 4, 1, 2):
        panel.update(frame)
        assert np.array_equal(drawn(moving, axes), seen[frame])


@each_panel
def test_moves_nothing_but_what_it_says_and_no_scale(
    name: str, make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = panel_of(name).bind(make_recording())
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


@each_panel
def test_legend_entries_are_told_apart_without_color(
    name: str, make_recording: Make, style: Style
) -> None:
    entries = panel_of(name).bind(make_recording()).legend(style)
    assert all(isinstance(entry, LegendEntry) for entry in entries)
    assert len({entry.text for entry in entries}) == len(entries)
    assert len({entry.color for entry in entries}) == len(entries)
    assert len({replace(entry, text="", color="") for entry in entries}) == len(entries)


def noise(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


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
    "colour": {
        "pictures": {"samples": (noise(5, 9, 8, 6, 3), {}), "walk": (noise(5, 2, 3, 8, 6, 3), {})},
        "constants": {"real_samples": noise(4, 8, 6, 3)},
    },
    "one picture": {"pictures": {"samples": (noise(5, 1, 9, 7), {})}},
    "large pictures": {"pictures": {"samples": (noise(5, 2, 310, 210), {"columns": 2})}},
    "long walk": {"pictures": {"walk": (noise(5, 1, 300, 9, 7), {"kind": "slerp"})}},
    "columns strange": {"pictures": {"samples": (noise(5, 9, 9, 7), {"columns": -1})}},
    "real pictures of another size": {"constants": {"real_samples": noise(4, 8, 8)}},
    "by class": {
        "constants": {"sample_labels": np.arange(16) % 3, "real_labels": np.arange(10)},
        "classes": ["T-shirt/top", "bag"],
    },
    "by class, real ones unknown": {"constants": {"sample_labels": np.arange(16) % 3 - 1}},
    "labels too few": {"constants": {"sample_labels": np.arange(3)}},
    "scores nan": {
        "pictures": {
            "scores_real": (np.full((5, 9), np.nan), {}),
            "scores_fake": (np.full((5, 9), np.inf), {"output": "critic"}),
        }
    },
    "scores of a critic, equal": {
        "pictures": {name: (np.full((5, 9), 7e9), {"output": "critic"}) for name in SCORES}
    },
    "scores of a critic, huge": {
        "pictures": {name: (np.full((5, 9), 1.7e308), {"output": "critic"}) for name in SCORES}
    },
    "outputs strange": {"means": {"d_real": [np.nan, 3.0], "d_fake": [], "d_fake_after": [-1e9]}},
    "outputs at frames": {"means": {}},
    "no counts": {"pictures": {"class_counts": (np.zeros((5, 4), np.int32), {})}},
    "counts below 0": {"pictures": {"class_counts": (np.full((5, 4), -3, np.int32), {})}},
    "one class": {"pictures": {"class_counts": (np.full((5, 1), 9, np.int32), {})}},
    "ways lost": {"pictures": {"ways": (np.full((5, 4, 9), np.nan), {})}},
    "a wild score": {"pictures": {"score": (np.full((5, 3, 41), np.inf), {})}},
    "real data": {"data": np.random.default_rng(1).gamma(2, 3, 200)},
}


ALL_READ = {"frames", "last", "missing"}
READ = {
    "coverage": {"pictures", "classes"},
    "density": {"outputs", "logits", "output", "data"},
    "density-histogram": {"outputs", "logits", "output", "data"},
    "density-kde": {"outputs", "logits", "output", "data"},
    "density-plain": {"outputs", "logits", "output", "data"},
    "dirac": set(),
    "figure1": {"outputs", "logits", "output", "data"},
    "figure1-gradient": {"outputs", "logits", "output", "data", "pictures", "constants"},
    "grid": {"pictures", "constants", "classes"},
    "landscape": set(),
    "losses": {"losses", "equilibrium"},
    "metrics": {"outputs", "data"},
    "plane": set(),
    "spectrum": set(),
    "outputs": {"means", "output", "pictures"},
    "process": {"data", "pictures"},
    "score": {"data", "pictures"},
    "scores": {"output", "pictures"},
    "walk": {"pictures"},
}
"""What panels see of a recording; of one that is not listed, all."""
NEED_TARGET = "metrics", "process", "score"
PAIRS = [
    (name, case)
    for name, (case, properties) in itertools.product(ALL, STRANGE.items())
    if name not in READ or (READ[name] | ALL_READ) & set(properties)
    if name not in NEED_TARGET
    or properties.get("data", "given") is not None  # they compare with it
]


@pytest.fixture(scope="module")
def strange(
    tmp_path_factory: pytest.TempPathFactory, write_recording: Callable[..., Path]
) -> Iterator[Callable[[str], Recording]]:
    """Open recordings of `STRANGE`, each written once for all panels."""
    folder = tmp_path_factory.mktemp("strange")

    @functools.cache
    def recording(case: str) -> Recording:
        path = write_recording(folder / f"{case}.ganviz", beyond=True, **STRANGE[case])
        return opened.enter_context(Recording(path))

    with ExitStack() as opened:
        yield recording


@pytest.mark.parametrize(("name", "case"), PAIRS)
def test_draws_whatever_was_recorded(
    name: str, case: str, strange: Callable[[str], Recording], axes: Axes, style: Style
) -> None:
    panel = panel_of(name).bind(strange(case))
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


PLACES = ("channel", "constant", "scalar", "header")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", sorted(PANELS))
def test_what_a_panel_needs_may_be_anything_of_that_name(
    name: str, place: str, tmp_path: Path
) -> None:
    """A stranger's file: it is drawn, or refused in a line."""
    needs, values = PANELS[name].needs, np.linspace(0, 1, 4, dtype=np.float32)
    entries = dict.fromkeys(needs, 0.5) if place == "header" else {}
    with Writer(tmp_path / "a.ganviz", entries) as writer:
        channels = needs if place == "channel" else ("other",)
        for channel in channels:
            writer.add_channel(channel, (4,), "float32")
        for constant in needs if place == "constant" else ():
            writer.add_constant(constant, values)
        for step in range(3):
            writer.write_frame(step, dict.fromkeys(channels, values))
        writer.write_scalars([0, 1, 2], {n: [1.0, 2.0, 3.0] for n in needs if place == "scalar"})
    with suppress(GanVizError), drawing.opened(tmp_path / "a.ganviz") as recording:
        Renderer(recording, [PANELS[name]().bind(recording)], Canvas(320, 180)).frame(2)
