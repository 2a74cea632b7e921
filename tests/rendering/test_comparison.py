"""Several recordings in one picture."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.diagnostics.status import Status
from gan_viz.errors import UsageError
from gan_viz.panels.choosing import make_panels
from gan_viz.panels.density import DensityPanel
from gan_viz.recording import Recording
from gan_viz.rendering import Canvas, Comparison
from gan_viz.rendering.comparison import _ways, columns_for
from gan_viz.rendering.theme import theme
from gan_viz.rendering.timeline import SharedSteps
from gan_viz.rendering.titles import CellTitles, common_header

Make = Callable[..., Recording]


def compare(
    recordings: list[Recording],
    panel: str = "density",
    size: tuple[int, int] = (800, 450),
    look: str = "light",
    **options: Any,
) -> Comparison:
    return Comparison(
        recordings,
        make_panels([panel] * len(recordings)),
        Canvas(*size, theme=theme(look)),
        **options,
    )


@pytest.fixture
def unlike(make_recording: Make) -> list[Recording]:
    """Of different lengths, cadences, places and heights."""
    narrow = np.random.default_rng(0).normal(4, 0.2, (7, 64))
    return [
        make_recording(last=100),
        make_recording(frames=7, last=3000, outputs=narrow),
        make_recording(last=1000, output="critic"),
        make_recording(frames=1, last=50),
    ]


class Steps:
    """As much of a recording as is read here."""

    def __init__(self, steps: list[int], **header: Any) -> None:
        self.steps, self.header = np.array(steps), header


@given(st.lists(st.sets(st.integers(0, 40), min_size=1), min_size=1, max_size=4))
def test_each_shows_its_last_frame_at_or_before_the_step(steps: list[set[int]]) -> None:
    recordings: list[Any] = [Steps(sorted(one)) for one in steps]
    shared = SharedSteps(recordings)
    assert shared.steps.tolist() == sorted(set().union(*steps))
    for index, now in enumerate(shared.steps):
        for one, frame in zip(steps, shared.frames(index), strict=True):
            past = [step for step in one if step <= now] or [min(one)]
            assert sorted(one)[frame] == max(past)


def test_the_title_names_the_data_only_if_all_have_the_same() -> None:
    one, other = Steps([0], target={"label": "a"}), Steps([0], target={"label": "b"})
    alike: list[Any] = [one, one]
    unalike: list[Any] = [one, other]
    assert common_header(alike) == {"target": {"label": "a"}}
    assert common_header(unalike) == {}


@pytest.mark.parametrize(
    ("panel", "look"), [("density", "dark"), ("losses", "light"), ("grid", "classic")]
)
def test_the_fast_way_equals_the_full_one(unlike: list[Recording], look: str, panel: str) -> None:
    comparison = compare(unlike[:3], panel, (641, 363), look)
    for tick in (3, 0):
        assert np.array_equal(comparison.frame(tick), comparison.full(tick))


def test_frames_depend_on_the_tick_alone(unlike: list[Recording]) -> None:
    comparison = compare(unlike[:2], size=(480, 270))
    alone = [comparison.frame(tick) for tick in range(6)]
    for tick, picture in zip((5, 0, 2), comparison.frames([5, 0, 2]), strict=True):
        assert np.array_equal(picture, alone[tick])
    assert len({picture.tobytes() for picture in alone}) == 6


@pytest.mark.parametrize("panel", ["density", "losses"])
def test_scales_are_shared_and_hold_what_each_shows(unlike: list[Recording], panel: str) -> None:
    axes = compare(unlike[1:3], panel)._figure.axes
    assert len({(one.get_xlim(), one.get_ylim()) for one in axes}) == 1
    (own,) = compare([unlike[1]], panel)._figure.axes
    for shared, alone in (
        (axes[0].get_xlim(), own.get_xlim()),
        (axes[0].get_ylim(), own.get_ylim()),
    ):
        assert shared[0] <= alone[0]
        assert shared[1] >= alone[1]


def test_what_is_scaled_by_the_panel_follows_the_shared_scale(unlike: list[Recording]) -> None:
    """D = 1 stands at the same height in all pictures."""
    comparison = compare(unlike[:2])
    assert len({panel.top for panel in comparison.panels}) == 1  # type: ignore[attr-defined]
    assert comparison.panels[0].top == comparison._figure.axes[0].get_ylim()[1]  # type: ignore[attr-defined]


def test_each_picture_has_its_title_and_they_do_not_overlap(unlike: list[Recording]) -> None:
    names = ["one", "two", "three", "a very long title that is cut off " * 5]
    comparison = compare(unlike, titles=names, columns=2)
    written = [text.get_text() for text in comparison._figure.texts]
    assert {"one", "two", "three"} < set(written)
    assert any(text.startswith("a very long") and text.endswith("…") for text in written)
    boxes = [one.bbox for one in comparison._figure.axes]
    assert len({box.x0 for box in boxes}) == len({box.y0 for box in boxes}) == 2
    for one, other in itertools.combinations(boxes, 2):
        assert one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 or other.y1 < one.y0


class Told:
    """As much of a recording as titles are made of."""

    def __init__(self, path: str, name: str = "hinge", data: str = "a", **header: Any) -> None:
        self.path = Path(path)
        self.header = {"objective": {"name": name}, "target": {"label": data}, **header}


def titles(*recordings: Any, columns: int | None = None) -> CellTitles:
    return CellTitles.of(list(recordings), columns)


def test_by_default_titles_say_what_recordings_differ_in() -> None:
    seeds = [Told("x", seed=seed) for seed in (3, 1)]
    assert titles(*seeds).titles == ["seed 3", "seed 1"]
    assert titles(Told("x"), Told("y", "wgan")).titles == ["hinge GAN", "WGAN"]
    both = Told("x", seed=0), Told("x", "lsgan", seed=1)
    assert titles(*both).titles == ["hinge GAN", "LSGAN"]  # that is enough
    odd = *both, Told("x", seed=1)
    assert titles(*odd).titles == ["hinge GAN · seed 0", "LSGAN · seed 1", "hinge GAN · seed 1"]
    assert titles(Told("x", data="b"), Told("x")).titles == ["b", "a"]
    assert titles(Told("u/x.ganviz"), Told("v/y.ganviz")).titles == ["x", "y"]
    assert titles(Told("u/x.ganviz"), Told("v/x.ganviz")).titles == ["u/x", "v/x"]
    assert titles(Told("u/x.ganviz")).titles == ["x"]


def test_all_combinations_in_order_have_headings() -> None:
    runs = [Told("x", name, seed=seed) for name in ("wgan", "hinge") for seed in (2, 0, 1)]
    heads = CellTitles((), ["WGAN", "hinge"], ["seed 2", "seed 0", "seed 1"])
    assert titles(*runs) == titles(*runs, columns=3) == heads
    sources: list[Any] = runs
    assert columns_for(sources) == 3
    for others in (titles(*runs, columns=2), titles(*runs[::-1][1:]), titles(*runs[:5])):
        assert others.titles
        assert not others.rows


def test_a_model_without_a_game_has_the_heading_of_its_name() -> None:
    flow: dict[str, Any] = {"objective": None, "model": {"name": "flow"}}
    runs = [Told("x", seed=seed, **model) for model in ({}, flow) for seed in (0, 1)]
    del runs[2].header["objective"], runs[3].header["objective"]
    assert titles(*runs) == CellTitles((), ["hinge", "flow"], ["seed 0", "seed 1"])
    assert titles(*runs[::2]).titles == ["hinge GAN", "flow"]


@given(st.integers(1, 200), st.none() | st.integers(1, 64))
def test_columns_hold_all_and_none_is_empty(number: int, asked: int | None) -> None:
    sources: list[Any] = [Told(str(k)) for k in range(number)]
    columns = columns_for(sources, asked)
    rows = -(-number // columns)
    assert columns == min(asked or columns, number)
    assert columns <= 3 or columns - 1 <= rows or asked
    assert -(-number // rows) == columns or asked


def test_headings_stand_beside_rows_and_above_columns(
    make_recording: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    recordings = [make_recording(frames=1)] * 4
    heads = CellTitles((), ["upper", "a lower one that is far too long"], ["left", "right"])
    monkeypatch.setattr(CellTitles, "of", lambda *_: heads)
    comparison = compare(recordings, "losses", (480, 270))
    figure, renderer = comparison._figure, comparison._agg.get_renderer()
    written = {text.get_text(): text.get_window_extent(renderer) for text in figure.texts}
    boxes = [one.bbox for one in figure.axes]
    for head, box in (("left", boxes[0]), ("right", boxes[1])):
        assert written[head].y0 > box.y1
        assert (written[head].x0 + written[head].x1) / 2 == pytest.approx(
            (box.x0 + box.x1) / 2, abs=2
        )
    (cut,) = (text for text in written if text.startswith("a lower") and text.endswith("…"))
    for head, box in (("upper", boxes[0]), (cut, boxes[2])):
        assert 0 <= written[head].x0 < written[head].x1 < box.x0
        assert (written[head].y0 + written[head].y1) / 2 == pytest.approx(
            (box.y0 + box.y1) / 2, abs=2
        )
    assert written["upper"].y0 > written[cut].y1


def test_titles_that_begin_alike_are_cut_in_front(unlike: list[Recording]) -> None:
    names = ["the same beginning of a name of a run that is very long, " + end for end in "ab"]
    comparison = compare(unlike[:2], titles=names, size=(480, 270))
    written = [text.get_text() for text in comparison._figure.texts]
    cut = [text for text in written if text.startswith("…")]
    assert [text[-3:] for text in cut] == [", a", ", b"]


def test_scales_that_differ_are_labelled_at_each_picture(make_recording: Make) -> None:
    """D's scale is the same in all, as that of critics is, and labelled once."""
    slopes = np.linspace(1, 2, 5)[:, None] * np.linspace(-1, 1, 101)
    critics = [make_recording(output="critic", logits=factor * slopes) for factor in (1, 50)]
    d, labels = make_recording(), []
    for pair in ([d, d], critics, [d, critics[0]], [critics[0], d]):
        first = compare(pair, "density-plain")._figure.axes[0]
        labels.append([t.get_text() for t in first.texts if t.get_visible()])
    assert labels[:2] == [[], []]
    assert labels[2] == ["0", "1/2", "1"]
    assert labels[3]
    assert not any(character.isalpha() for label in labels[3] for character in label)


def test_the_step_is_that_of_all(unlike: list[Recording]) -> None:
    comparison = compare(unlike[:2])
    comparison.figure(len(comparison.steps) - 1)
    shown = "".join(artist.get_text() for artist in comparison._texts[0].artists)
    assert shown == "3,000"


def test_what_cannot_be_compared_is_refused(make_recording: Make) -> None:
    recording = make_recording()
    with pytest.raises(UsageError, match="no recordings"):
        Comparison([], [], Canvas(640, 360))
    with pytest.raises(UsageError, match="2 titles for 1 recordings"):
        compare([recording], titles=["a", "b"])
    with pytest.raises(UsageError, match="100x100"):
        compare([recording], size=(100, 100))
    with pytest.raises(UsageError, match=r"160x60 pixels each.* at most 4 pictures in 2 columns"):
        compare([recording] * 6, columns=2, size=(320, 180))


def test_critics_are_on_one_scale(make_recording: Callable[..., Recording]) -> None:
    slopes = (1.0, 4.0)
    x = np.linspace(-8.0, 12.0, 101)
    recordings = [
        make_recording(output="critic", logits=np.tile(slope * x, (5, 1))) for slope in slopes
    ]
    own = [DensityPanel().bind(recording)._scale_of_d for recording in recordings]
    comparison = Comparison(recordings, [DensityPanel(), DensityPanel()], Canvas(960, 540))
    shared = [panel._scale_of_d for panel in comparison.panels]
    assert own[0] != own[1]
    assert shared[0] == shared[1]
    assert shared[0] == (min(low for low, _ in own), max(high for _, high in own))


def test_a_run_that_is_over_says_so(make_recording: Callable[..., Recording]) -> None:
    recordings = [make_recording(last=500), make_recording(last=1000)]
    comparison = Comparison(recordings, [DensityPanel(), DensityPanel()], Canvas(960, 540))
    ends = {}
    for step in (400, 500, 1000):
        frame = int(np.searchsorted(comparison.steps, step, side="right")) - 1
        comparison.figure(frame)
        texts = [text for one in comparison._texts[1:] for text in one.artists]
        ends[step] = [text.get_text() for text in texts if text.get_text()]
        assert np.array_equal(comparison.frame(frame), comparison.full(frame))
    assert ends[400] == []
    assert len(ends[500]) == 1
    assert ends[500][0].startswith("ended at step 500 · ")
    assert ends[1000][1].endswith(" σ")


@pytest.mark.parametrize(("size", "columns"), [((960, 540), 2), ((540, 960), 1)])
def test_a_tall_picture_has_fewer_columns(
    make_recording: Callable[..., Recording], size: tuple[int, int], columns: int
) -> None:
    recordings = [make_recording(), make_recording()]
    comparison = Comparison(recordings, [DensityPanel(), DensityPanel()], Canvas(*size))
    lefts = {round(axes.bbox.x0) for axes in comparison._figure.axes}
    assert len(lefts) == columns


@pytest.mark.parametrize("size", [(960, 540), (540, 960), (1280, 720)])
def test_panels_of_a_run_stand_one_above_the_other(
    unlike: list[Recording], size: tuple[int, int]
) -> None:
    names = ["density", "losses(strip=yes)"] * 2
    comparison = Comparison(unlike[:2], make_panels(names), Canvas(*size))
    axes = comparison._figure.axes
    boxes = [one.bbox for one in axes]
    for upper, lower in zip(boxes[::2], boxes[1::2], strict=True):
        assert (upper.x0, upper.x1) == (lower.x0, lower.x1)
        assert lower.y1 < upper.y0
        assert 2 * lower.height < upper.height * 1.2
    for one, other in itertools.combinations(boxes, 2):
        assert one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 or other.y1 < one.y0
    assert axes[0].get_xlim() == axes[2].get_xlim() != axes[1].get_xlim() == axes[3].get_xlim()
    for tick in (3, 0):
        assert np.array_equal(comparison.frame(tick), comparison.full(tick))


def test_numbers_between_stacked_panels_are_not_covered(unlike: list[Recording]) -> None:
    names = ["density", "losses(strip=yes)"] * 2
    comparison = Comparison(unlike[:2], make_panels(names), Canvas(960, 540))
    renderer = comparison._agg.get_renderer()
    upper, lower = comparison._figure.axes[:2]
    tick_labels = [label.get_window_extent(renderer) for label in upper.get_xticklabels()]
    assert any(label.width > 0 for label in tick_labels)
    assert min(label.y0 for label in tick_labels) > lower.bbox.y1


def test_a_run_says_in_words_how_it_ended(
    make_recording: Callable[..., Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    recordings = [make_recording(), make_recording()]
    words = {id(recordings[0]): "equilibrium", id(recordings[1]): "D saturated"}
    kinds = {"equilibrium": "equilibrium", "D saturated": "overpowered"}
    monkeypatch.setattr(
        "gan_viz.rendering.comparison.ending",
        lambda one: [Status(words[id(one)], kinds[words[id(one)]], 3000)],
    )
    comparison = Comparison(recordings, [DensityPanel(), DensityPanel()], Canvas(960, 540))
    comparison.figure(len(comparison.steps) - 1)
    said = [text for one in comparison._texts[1:] for text in one.artists]
    assert [text.get_text().partition(" · ")[0] for text in said] == ["equilibrium", "D saturated"]
    style = comparison.canvas.style
    assert [text.get_color() for text in said] == [style.good, style.bad]
    assert all(text.get_text().endswith(" σ") for text in said)
    comparison.figure(0)
    assert not any(text.get_text() for text in said)


def test_an_ending_without_words_says_what_its_figure_is(
    make_recording: Callable[..., Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gan_viz.rendering.comparison.ending", lambda one: [])
    comparison = Comparison(
        [make_recording()] * 2, [DensityPanel(), DensityPanel()], Canvas(1920, 540)
    )
    comparison.figure(len(comparison.steps) - 1)
    said = [text for one in comparison._texts[1:] for text in one.artists]
    texts = [text.get_text() for text in said]
    assert [re.sub("[0-9]", "0", text) for text in texts] == ["distance to the data 0.000 σ"] * 2


def test_what_is_too_long_to_be_said_is_shortened() -> None:
    words = "mode at 0 lost · mode collapse"
    assert _ways("ended at step 5", words, "0.3 σ") == [
        "ended at step 5 · mode at 0 lost · mode collapse · 0.3 σ",
        "ended at step 5 · mode at 0 lost · 0.3 σ",
        "mode at 0 lost · mode collapse · 0.3 σ",
        "mode at 0 lost · 0.3 σ",
        "mode at 0 lost",
        "ended at step 5 · 0.3 σ",
        "0.3 σ",
    ]
    assert not any(_ways("", "", ""))
