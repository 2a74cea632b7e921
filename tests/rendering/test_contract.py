"""Panels that would be drawn wrong are refused when a renderer is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from gan_viz.errors import UsageError
from gan_viz.panels.base import DYNAMIC, Panel, Style
from gan_viz.recording import Recording
from gan_viz.registry import PANELS
from gan_viz.rendering import Canvas, Comparison, Renderer

Make = Callable[..., Recording]
SMALL = Canvas(320, 180)


class Sound(Panel):
    """A line that moves up."""

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        self.axes = axes
        axes.set(xlim=(0, 1), ylim=(0, 10))
        (self.still,) = axes.plot([0, 1], [1, 1], color=style.muted)
        (self.line,) = axes.plot([0, 1], [0, 0], color=style.ink, zorder=DYNAMIC)
        return [self.line]

    def update(self, frame: int) -> None:
        self.line.set_ydata([frame, frame])


class TooLow(Sound):
    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        moving = super().setup(axes, style)
        self.line.set_zorder(2)
        return moving


class Forgetful(Sound):
    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        super().setup(axes, style)
        return []


class MovesAnother(Sound):
    def update(self, frame: int) -> None:
        super().update(frame)
        self.still.set_alpha(0.5)


class OnlyLate(Sound):
    """Changes what stands still at its last frame alone."""

    def update(self, frame: int) -> None:
        super().update(frame)
        if frame == len(self.recording) - 1:
            self.still.set_label("the end")
            self.still.set_visible(False)


class Renames(Sound):
    def update(self, frame: int) -> None:
        super().update(frame)
        self.axes.set_title(f"frame {frame}")


class Zooms(Sound):
    def update(self, frame: int) -> None:
        super().update(frame)
        self.axes.set_xlim(0, 1 + frame)


class Adds(Sound):
    def update(self, frame: int) -> None:
        super().update(frame)
        self.axes.add_line(Line2D([0, 1], [frame, frame]))


def test_a_sound_panel_is_drawn_as_by_a_full_redraw(make_recording: Make) -> None:
    recording = make_recording()
    renderer = Renderer(recording, [Sound().bind(recording)], SMALL)
    for frame in (3, 0, 4):
        assert np.array_equal(renderer.frame(frame), renderer.full(frame))


@pytest.mark.parametrize(
    ("panel", "message"),
    [
        (
            TooLow,
            r"^TooLow\.setup returns an artist \(Line2D\) of z-order 2, .*DYNAMIC \(10\) or more$",
        ),
        (
            Forgetful,
            r"^Forgetful\.update changes an artist \(Line2D\)",
        ),
        (
            MovesAnother,
            r"^MovesAnother\.update changes an artist \(Line2D\)",
        ),
        (
            OnlyLate,
            r"^OnlyLate\.update changes an artist \(Line2D 'the end'\)",
        ),
        (Renames, r"^Renames\.update changes an artist \(Text\)"),
        (Zooms, r"^Zooms\.update changes an artist \(XAxis\)"),
        (Adds, r"^Adds\.update changes an artist \(Line2D\)"),
    ],
)
def test_a_broken_panel_is_named(make_recording: Make, panel: type[Panel], message: str) -> None:
    recording = make_recording()
    with pytest.raises(UsageError, match=message):
        Renderer(recording, [Sound().bind(recording), panel().bind(recording)], SMALL)
    with pytest.raises(UsageError, match=message):
        Comparison([recording] * 2, [panel(), panel()], SMALL)


@pytest.mark.parametrize("panel", [MovesAnother, OnlyLate, Renames])
def test_what_is_refused_would_have_been_drawn_wrong(
    make_recording: Make, panel: type[Panel], monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = make_recording()
    monkeypatch.setattr(Renderer, "_check_updates", lambda *_: None)
    renderer = Renderer(recording, [panel().bind(recording)], SMALL)
    last = len(recording) - 1
    assert not np.array_equal(renderer.frame(last), renderer.full(last))


@pytest.mark.parametrize("name", sorted(PANELS))
def test_our_own_panels_keep_the_contract(make_recording: Make, name: str) -> None:
    recording = make_recording(frames=9)
    Renderer(recording, [PANELS[name]().bind(recording)], SMALL)


def test_a_recording_without_frames_or_with_one_is_checked_too(make_recording: Make) -> None:
    recording = make_recording(frames=1)
    Renderer(recording, [Sound().bind(recording)], SMALL)
    with pytest.raises(UsageError, match="Renames"):
        Renderer(recording, [Renames().bind(recording)], SMALL)
