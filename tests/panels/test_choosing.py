"""Panels by name, by text, by class; what a recording's header asks for; and bad values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_viz.errors import RecordingError, UsageError
from gan_viz.panels.artists import Curve
from gan_viz.panels.base import Panel, Style
from gan_viz.panels.choosing import make_panels, usual_panels, with_options
from gan_viz.panels.density import DensityPanel
from gan_viz.panels.losses import LossesPanel
from gan_viz.panels.parameters import Interval
from gan_viz.recording import Recording, Writer
from gan_viz.registry import PANEL_ALIASES, PANELS

Make = Callable[..., Recording]


@dataclass(eq=False)
class LinePanel(Panel):
    """A panel of somebody's own."""

    needs = ("generator", "note")

    color: Literal["red", "blue"] = "red"
    width: float = 1.0
    label: str = ""
    points: int | None = None
    limits: Interval | None = None
    anything: Any = None

    def load(self) -> None:
        self.means = [values.mean() for values in self.recording.frames("generator")]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        self._line = Curve(axes, self.color, self.width)
        return [self._line]

    def update(self, frame: int) -> None:
        self._line.set_points([0, 1], [0, self.means[frame]])


def given_parameters(panel: Panel) -> dict[str, Any]:
    """Those that are not the default."""
    defaults = {one.name: one.default for one in fields(panel) if one.init}
    values = {name: getattr(panel, name) for name in defaults}
    return {name: value for name, value in values.items() if value != defaults[name]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("density", [{}]),
        ("density(kde), losses", [{"density": "kde"}, {}]),
        (" density ( kde , map ) ,losses,", [{"density": "kde", "arrows": "map"}, {}]),
        ("density(arrows=gradient, dstar=yes)", [{"arrows": "gradient", "dstar": True}]),
        ("density(xlim=-5:5.5,bins=12)", [{"xlim": (-5.0, 5.5), "bins": 12}]),
        ("density(bins=none), losses()", [{}, {}]),
        ("figure1(kde)", [{"arrows": "map", "density": "kde"}]),
        ("density-plain", [{"rug": False}]),
        ("losses(strip=yes)", [{"strip": True}]),
        ("figure1-gradient,density-kde", [{"arrows": "gradient"}, {"density": "kde"}]),
    ],
)
def test_texts_name_panels_and_parameters(text: str, expected: list[dict[str, Any]]) -> None:
    panels = make_panels(text)
    assert [given_parameters(panel) for panel in panels] == expected
    assert [given_parameters(panel) for panel in make_panels([text])] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no panels: expected at least one of coverage, "),
        ("dens", "unknown panel 'dens': did you mean 'density'"),
        ("density(kd)", "unknown density of the panel density 'kd': did you mean 'kde'"),
        ("density(arows=map)", "unknown parameter of the panel density 'arows': did you mean 'arr"),
        ("density(bins=many)", "panel density: bins is 'many', expected a whole number"),
        ("density(bins=0)", "panel density: bins is 0, expected 1 to 400"),
        ("density(bins=yes)", "panel density: bins is yes, expected a whole number"),
        ("density(dstar=7)", "panel density: dstar is 7, expected yes or no"),
        ("density(xlim=5:-5)", r"xlim is \(5, -5\), expected two numbers with the lower first"),
        ("density(xlim=1:2:3)", "expected two numbers with the lower first, like -5:5"),
        ("density(ylim=-2:-1)", "ylim ends at -1, expected more than 0"),
        ("density(kde, density=exact)", "density is given twice"),
        ("losses(kde)", "panel losses: strip is 'kde', expected yes or no"),
        ("grid(7)", "panel grid: it has no parameters, but '7' is given"),
        ("density(kde", r"panels 'density\(kde': expected names and parameters, like density\(kde"),
        ("density((kde))", "expected names and parameters"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        make_panels(text)
    assert "\n" not in str(error.value)


@given(st.text("density(kd,xlim=-:0.5)", max_size=30))
def test_any_text_is_understood_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert all(isinstance(panel, Panel) for panel in make_panels(text))


def test_classes_and_panels_are_taken_alone_or_in_a_list() -> None:
    panel = DensityPanel(bins=np.int64(7), xlim=(np.float32(0), np.int32(2)))  # type: ignore[arg-type]
    assert panel.xlim == (0.0, 2.0)
    assert make_panels(panel) == make_panels([panel]) == [panel]
    assert [type(one) for one in make_panels(LossesPanel)] == [LossesPanel]
    for wrong in ([3], [int], [None]):
        with pytest.raises(UsageError, match="expected a name, like density"):
            make_panels(wrong)  # type: ignore[arg-type]


def test_every_alias_names_a_panel() -> None:
    for name in PANEL_ALIASES:
        (panel,) = make_panels(name)
        assert given_parameters(panel)
        assert name not in PANELS


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"color": "green"}, "unknown color of the panel line 'green'"),
        ({"color": 7}, "unknown color of the panel line '7'"),
        ({"width": "1"}, "panel line: width is '1', expected a number"),
        ({"width": float("nan")}, "width is nan, expected a number"),
        ({"label": None}, "label is none, expected a word"),
        ({"points": 1.5}, "points is 1.5, expected a whole number"),
        ({"points": True}, "points is yes, expected a whole number"),
        ({"limits": [0, 1e300]}, "expected two numbers"),
        ({"limits": [1.0, 1.0 + 1e-12]}, "expected two numbers"),
        ({"limits": "ab"}, "limits is 'ab', expected two numbers"),
    ],
)
def test_values_are_checked_against_annotations(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        LinePanel(**values)


def test_a_panel_is_bound_to_several_recordings(make_recording: Make, tmp_path: Path) -> None:
    with Writer(tmp_path / "a.ganviz", {"note": "known"}) as writer:
        writer.add_channel("generator", (2,), "float64")
        writer.write_frame(0, {"generator": np.array([1.0, 3.0])})
    panel = LinePanel("blue", limits=(0, 2), anything=object())
    with Recording(writer.path) as recording:
        bound = panel.bind(recording)
        again = bound.bind(recording)
    assert bound.means == again.means == [2.0]
    assert bound.anything is panel.anything
    assert not hasattr(panel, "means")
    assert repr(bound).startswith("LinePanel(color='blue'")
    with pytest.raises(RecordingError, match="the panel line needs note, but the recording has"):
        panel.bind(make_recording())


def test_limits_are_changed_only_where_they_are_parameters() -> None:
    assert DensityPanel("kde").with_limits(xlim=(0, 1), ylim=(0, 2)).xlim == (0.0, 1.0)
    assert given_parameters(LossesPanel().with_limits(xlim=(0, 1))) == {}


LOOK: Mapping[str, Any] = {
    "density": "histogram",
    "bins": 99,
    "span": [-8, 8],
    "xlim": [-6.0, 6.0],
    "dashed": True,
    "critic": [0, 1],
    "common": True,
    "optimal": True,
    "panels": ["density"],
}


def test_the_header_gives_what_is_left_open() -> None:
    header = {"look": LOOK}
    asked = {
        "density": "histogram",
        "dstar": True,
        "bins": 99,
        "span": (-8.0, 8.0),
        "xlim": (-6.0, 6.0),
        "dashed": True,
        "common_scale": True,
        "critic_range": (0.0, 1.0),
    }
    named, explicit, by_class, whole = make_panels(
        ["density", "density(kde, dashed=no)", DensityPanel, DensityPanel(bins=5)], header
    )
    assert given_parameters(named) == given_parameters(by_class) == asked
    assert given_parameters(explicit) == {
        **{name: value for name, value in asked.items() if name != "dashed"},
        "density": "kde",
    }
    assert given_parameters(whole) == {"bins": 5}
    assert given_parameters(make_panels("losses", header)[0]) == {}


@pytest.mark.parametrize(
    "look",
    [
        None,
        [],
        {"density": "mean", "bins": "x", "span": [1]},
        {"bins": -4, "xlim": [5, -5], "ylim": [0, -1]},
        {"xlim": [1e300, 2e300], "ylim": [0, float("inf")], "bins": True},
        {"xlim": "wide", "ylim": [0, "1"], "dashed": "yes", "density": ["kde"]},
        {"xlim": [0, 10**400], "ylim": [None, 1], "critic": {"0": 1}, "density": {}},
    ],
)
def test_strange_wishes_in_the_header_are_passed_over(look: Any) -> None:
    assert given_parameters(make_panels("density", {"look": look})[0]) == {}


def test_usual_panels_are_those_that_find_what_they_need(make_recording: Make) -> None:
    names = [type(panel) for panel in usual_panels(make_recording())]
    assert names == [PANELS[name] for name in ("density", "grid", "losses")]
    without = make_recording(pictures={"samples": None, "scores_real": None}, means={})
    assert [type(panel) for panel in usual_panels(without)] == [DensityPanel, LossesPanel]


def test_options_are_parameters_of_the_panels_that_have_them() -> None:
    panels = make_panels("density(exact, dstar=yes), losses")
    density, losses = with_options(panels, "kde", "map")
    assert given_parameters(density) == {"density": "kde", "dstar": True, "arrows": "map"}
    assert isinstance(losses, LossesPanel)
    assert with_options([losses], density="kde")
    with pytest.raises(UsageError, match=r"arrows 'map': the panel density draws .*losses"):
        with_options([losses], arrows="map")
