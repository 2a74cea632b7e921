"""The panels of the smallest games: plane, dirac, spectrum and landscape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

import gan_viz
from gan_viz.analysis.dirac import METHODS
from gan_viz.panels.base import Style
from gan_viz.panels.choosing import usual_panels
from gan_viz.panels.dirac import DiracPanel
from gan_viz.panels.landscape import LandscapePanel
from gan_viz.panels.plane import PlanePanel
from gan_viz.panels.spectrum import SpectrumPanel
from gan_viz.recording import Recording
from gan_viz.rendering import Canvas, Renderer

Make = Callable[..., Recording]
NAN, HUGE = np.full((5, 3, 2), np.nan), np.full((5, 3, 2), 1e300)
STRANGE: dict[str, dict[str, Any]] = {
    "weights run away": {
        "pictures": {"weights": (np.geomspace(1, 1e300, 5)[:, None] * [1, -1], {})}
    },
    "weights nan": {"pictures": {"weights": (NAN[:, 0], {})}},
    "weights zero": {"pictures": {"weights": (np.zeros((5, 2)), {})}},
    "field infinite": {"constants": {"field": np.full((25, 2), np.inf)}},
    "field zero": {"constants": {"field": np.zeros((25, 2)), "field_places": np.zeros((25, 2))}},
    "field of another size": {"constants": {"field": np.zeros((3, 2))}},
    "no field": {"constants": {"field": np.zeros(3), "eigenvalues_at_rest": np.zeros(3)}},
    "eigenvalues nan": {"pictures": {"eigenvalues": (NAN, {})}},
    "eigenvalues huge": {"pictures": {"eigenvalues": (HUGE, {})}},
    "eigenvalues zero": {"pictures": {"eigenvalues": (np.zeros((5, 3, 2)), {})}},
    "landscape nan": {"constants": {"landscape": NAN[0]}},
    "landscape level": {"constants": {"landscape": np.array([[0.0, 7e9], [1.0, 7e9]])}},
    "landscape of another size": {"constants": {"landscape": np.zeros(3)}},
    "place on it nan": {"pictures": {"on_landscape": (NAN[:, 0], {})}},
}


@pytest.mark.parametrize("case", STRANGE)
def test_draws_whatever_was_recorded(case: str, make_recording: Make, style: Style) -> None:
    from matplotlib.figure import Figure

    recording = make_recording(beyond=True, **STRANGE[case])
    for kind in (PlanePanel, DiracPanel, SpectrumPanel, LandscapePanel):
        figure = Figure(figsize=(5, 4), dpi=50)
        axes = figure.add_subplot()
        panel = kind().bind(recording)
        panel.setup(axes, style)
        for frame in (0, 4):
            panel.update(frame)
        figure.canvas.draw()
        limits = np.array([axes.get_xlim(), axes.get_ylim()])
        assert np.isfinite(limits).all()
        assert (np.diff(limits) > 0).all()


@pytest.fixture
def played(tmp_path: Path) -> Recording:
    place = gan_viz.record_dirac(tmp_path / "a.ganviz", "r1", steps=50)
    with Recording(place) as recording:
        yield recording


def test_the_way_ends_where_the_weights_are(played: Recording, axes: Axes, style: Style) -> None:
    panel = PlanePanel().bind(played)
    way, here = panel.setup(axes, style)
    for frame in (0, 30, 7):
        panel.update(frame)
        place = played.array("weights", frame)
        assert np.allclose(way.tip, place)
        assert len(way.points) == frame + 1
        assert np.allclose(here.points[:, 0], [place])


def test_arrows_of_the_field_point_along_it_and_touch_no_other(played: Recording) -> None:
    from gan_viz.panels.plane import _shown

    places, vectors = (played.constants[name] for name in ("field_places", "field"))
    shown = _shown(places, vectors)
    assert np.allclose(shown[:, 0] * vectors[:, 1], shown[:, 1] * vectors[:, 0], atol=1e-12)
    assert (np.sum(shown * vectors, axis=1) >= 0).all()
    apart = np.unique(places[:, 0])[1] - np.unique(places[:, 0])[0]
    lengths = np.hypot(*shown.T)
    assert lengths.max() == pytest.approx(0.85 * apart)


def test_g_stands_at_theta_and_d_has_the_slope_psi(
    played: Recording, axes: Axes, style: Style
) -> None:
    panel = DiracPanel().bind(played)
    d, g = panel.setup(axes, style)
    for frame in (0, 20):
        panel.update(frame)
        theta, psi = played.array("weights", frame)
        assert g.points[0, 0, 0] == g.points[0, 1, 0] == pytest.approx(theta)
        assert np.allclose(d.points[:, 1], psi * d.points[:, 0])


def test_eigenvalues_and_their_words(played: Recording, axes: Axes, style: Style) -> None:
    panel = SpectrumPanel().bind(played)
    dots, text = panel.setup(axes, style)
    panel.update(50)
    assert np.allclose(dots.points[:, 0], played.array("eigenvalues", 50))
    exact = METHODS["r1"].make(0.3).eigenvalues(played.array("weights", 50))
    assert text.text == f"rotates inwards: Im/Re {exact[1].imag / -exact[1].real:.2g}"
    assert [entry.linestyle for entry in panel.legend(style)] == ["--"]


def test_a_comparison_of_plays_shares_its_plane(tmp_path: Path) -> None:
    places = [gan_viz.record_dirac(tmp_path / f"{m}.ganviz", m, steps=20) for m in ("r1", "r2")]
    drawn = gan_viz.compare(places, tmp_path / "both.png")
    assert drawn.size == (960, 540)


@pytest.mark.parametrize(
    ("loss", "said"), [("separable", "barrier 0.129"), ("fixed-pairs", "no barrier")]
)
def test_a_landscape_names_its_places_and_its_barrier(
    loss: str, said: str, tmp_path: Path, axes: Axes, style: Style
) -> None:
    with Recording(gan_viz.record_landscape(tmp_path / "a.ganviz", loss)) as recording:
        panel = LandscapePanel().bind(recording)
        (here,) = panel.setup(axes, style)
        for frame in (60, 0):
            panel.update(frame)
            assert np.allclose(here.points[0, 0], recording.array("on_landscape", frame))
    texts = [text.get_text() for text in axes.texts]
    assert said in texts
    assert any(text.startswith("one matched\n−0.34") for text in texts)


def test_a_factor_of_all_ticks_is_told_once(tmp_path: Path) -> None:
    run = gan_viz.record_dirac(tmp_path / "d.ganviz", start=(1e6, 1.0), steps=2)
    with Recording(run) as recording:
        figure = Renderer(
            recording, [one.bind(recording) for one in usual_panels(recording)], Canvas()
        ).figure(0)
        axes = [axis for one in figure.axes for axis in (one.xaxis, one.yaxis)]
        names = [axis.get_label_text() for axis in axes]
    assert sum("times" in name for name in names) > 2
    assert all(name.count("times") < 2 for name in names), names
