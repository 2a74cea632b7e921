"""Pictures of a sweep."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest

import gan_viz
from gan_viz.api.look import Look
from gan_viz.api.stabilizers import STABILIZERS
from gan_viz.errors import RecordingError, UsageError
from gan_viz.rendering import Canvas
from gan_viz.rendering.atlas import Atlas, AtlasPicture
from gan_viz.sweeps import SweepResults, atlas, sweep, sweep_curves
from gan_viz.sweeps.cells import Summary
from gan_viz.sweeps.pictures import _Table, _text
from gan_viz.sweeps.store import SweepWriter


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> SweepResults:
    grid = "objective=lsgan,hinge; g_lr=1e-3,1e-2,1e-1; d_lr=1e-3,1e-2; seed=0-1; data=bimodal"
    return sweep(grid, tmp_path_factory.mktemp("s") / "sweep.db", steps=20, jobs=1)


def test_a_cell_is_the_median_over_its_runs(results: SweepResults) -> None:
    table = _Table(results)
    axes = table.axes(None, None, None)
    assert [axis.name for axis in axes] == ["g_lr", "d_lr", "objective"]
    drawn = table.atlas(axes, "tv")
    assert drawn.values.shape == (2, 1, 2, 3)
    own = [
        row["tv"]
        for row in results.rows()
        if (row["objective"], row["d_lr"], row["g_lr"]) == ("hinge", 1e-2, 1e-1)
    ]
    assert len(own) == 2
    assert drawn.values[1, 0, 1, 2] == pytest.approx(np.median(own))
    assert drawn.x_labels == ["0.001", "0.01", "0.1"]
    assert "median of 2 runs a cell" in drawn.value_name
    assert (drawn.x_name, drawn.better) == ("learning rate of G (g_lr)", "less is better")
    assert drawn.diagonal == ""  # the rates of D are others


def test_equal_rates_are_on_a_line(tmp_path: Path) -> None:
    rates = [1e-3, 1e-2]
    runs = [{"g_lr": g, "d_lr": d} for g in rates for d in rates]
    with closing(SweepWriter(tmp_path / "a.db", runs, {}, resume=False)) as file:
        figures = {"w1": 0.1, "w1_best": 0.1, "modes": 1, "modes_covered": 1}
        file.put([(k, Summary("done", figures)) for k in range(4)])
    table = _Table(SweepResults(tmp_path / "a.db"))
    drawn = table.atlas(table.axes("g_lr", "d_lr", None), "w1")
    assert drawn.diagonal == "dashed: g_lr = d_lr"
    axes, bar = AtlasPicture(drawn, Canvas()).figure.axes
    assert [line.get_xdata()[-1] for line in axes.lines] == [1.5, 1.5]
    assert bar.get_ylabel() == "less is better · dashed: g_lr = d_lr"


def test_the_scale_of_colours_is_in_plain_numbers(results: SweepResults) -> None:
    table = _Table(results)
    drawn = table.atlas(table.axes(None, None, None), "w1")
    spread = replace(
        drawn, values=np.geomspace(0.02, 20, drawn.values.size).reshape(drawn.values.shape)
    )
    bar = AtlasPicture(spread, Canvas()).figure.axes[-1]
    written = [text.get_text() for text in bar.get_yticklabels() + bar.get_yticklabels(minor=True)]
    assert {"0.1", "1", "10"} <= {*written}
    assert not any("e" in text or "$" in text for text in written)


@pytest.mark.parametrize(
    "value", ["w1", "w1_best", "js", "covered", "diverged", "verdict:collapse"]
)
def test_every_value_can_be_drawn(value: str, results: SweepResults, tmp_path: Path) -> None:
    done = atlas(results, tmp_path / "a.png", value=value, size=(640, 360))
    assert iio.imread(done.path).shape == (360, 640, 3)


def test_an_animation_ends_with_the_still(results: SweepResults, tmp_path: Path) -> None:
    moving = atlas(results, f"{tmp_path / 'frames'}/", size=(480, 320), fps=10)
    pictures = sorted(moving.path.iterdir())
    assert moving.frames == len(pictures) == len(next(results.curves())[1])
    table = _Table(results)
    axes = table.axes(None, None, None)
    last, still = table.moving_atlas(axes), table.atlas(axes, "w1")
    np.testing.assert_allclose(last.values[:, -1], still.values[:, 0], rtol=1e-6)
    assert (iio.imread(pictures[0]) != iio.imread(pictures[-1])).any()


def test_words_of_frames_are_true(results: SweepResults) -> None:
    table = _Table(results)
    moving = table.moving_atlas(table.axes("g_lr", "d_lr", "objective"))
    assert moving.frames[0] == "step 0"
    assert all(name.removeprefix("step ").isdigit() for name in moving.frames)
    assert _text("+".join(STABILIZERS)) == "all"
    assert _text("two-rates+ema") == "two-rates+ema"
    for by in ("objective", "seed"):
        each = table.atlas(table.axes("g_lr", "d_lr", by), "w1")
        assert each.value_name.endswith("median of 2 runs a cell")
    table._rows = [row for row in table._rows if row["seed"] == 0]
    each = table.atlas(table.axes("g_lr", "d_lr", "objective"), "w1")
    assert each.value_name.endswith("at the end, one run a cell")


@pytest.mark.parametrize("size", [(480, 270), (960, 540)])
def test_long_names_neither_overlap_nor_leave_the_picture(size: tuple[int, int]) -> None:
    names = [f"{'+'.join(list(STABILIZERS)[:4])} {k}" for k in "abc"]
    drawn = Atlas(
        np.ones((3, 1, 2, 3)), names, "data", "ema", "a name that is long enough " * 4,
        ["0.5*norm(-2,1)+0.5*norm(2,1)", "cauchy(0,1)", "uniform(0,1)"], ["0", "1"], ["step 10"],
    )  # fmt: skip
    figure = AtlasPicture(drawn, Look(size=size, title="A title").canvas).figure
    with figure.context():
        figure.canvas.draw()
        maps = [one for one in figure.axes if one.get_title()]
        boxes = [one.title.get_window_extent() for one in maps]
        assert len(maps) == 3
        assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
        above = figure._suptitle.get_window_extent()
        assert not any(above.overlaps(box) for box in boxes)
        assert 0 <= above.x0 < above.x1 <= size[0]
        assert all(one.get_position().height > 0.05 for one in maps)
        assert all(len(text.get_text()) > 3 for text in maps[-1].get_xticklabels())
        assert len(maps[-1].get_xticklabels()) == 3


def test_colours_are_those_of_the_values() -> None:
    values = np.array([[[[0.1, np.nan], [0.5, 1.0]]]])
    drawn = Atlas(values, [""], "x", "y", "value", ["1", "2"], ["3", "4"], [""])
    picture = AtlasPicture(drawn, Canvas(640, 360))
    (image,) = picture._images
    assert np.ma.getmaskarray(image.get_array()).tolist() == [[False, True], [False, False]]
    low, high = image.norm([0.1, 1.0])
    assert (low, high) == (0, 1)
    colors = image.to_rgba(np.array([0.1, 1.0]))
    assert colors[0].sum() > colors[1].sum()  # what one hopes for is bright


def test_many_values_are_put_into_bins(tmp_path: Path) -> None:
    runs = sweep(
        "g_lr=log(1e-4,1e-1); d_steps=1,2; seed=0", tmp_path / "s.db",
        sample="latin", number=25, steps=3, jobs=1,
    )  # fmt: skip
    x, y, _ = _Table(runs).axes("g_lr", "d_steps", None)
    assert len(x.labels) == 20
    assert set(x.bins.tolist()) <= set(range(20))
    order = np.argsort([row["g_lr"] for row in runs.rows()])
    assert (np.diff(x.bins[order]) >= 0).all()
    assert y.labels == ["1", "2"]
    assert atlas(runs, tmp_path / "a.svg").path.read_text().startswith("<?xml")


def test_curves_have_bands_over_the_runs(results: SweepResults, tmp_path: Path) -> None:
    bands = _Table(results).bands("objective")
    assert [band.name for band in bands] == ["objective lsgan (n = 12)", "objective hinge (n = 12)"]
    for band in bands:
        assert (band.low <= band.middle).all()
        assert (band.middle <= band.high).all()
    assert sweep_curves(results, tmp_path / "c.png", "objective").size == (960, 540)
    assert sweep_curves(results, tmp_path / "c.pdf").bytes > 1000


@pytest.mark.parametrize(
    ("out", "options", "said"),
    [
        ("a.png", {"x": "g_rl"}, "did you mean 'g_lr'"),
        ("a.png", {"by": "batch"}, "unknown setting of this sweep"),
        ("a.png", {"value": "loss"}, "unknown value 'loss'"),
        ("a.png", {"value": "verdict:colapse"}, "did you mean 'collapse'"),
        ("a.png", {"x": "g_lr", "y": "g_lr"}, "expected each setting once"),
        ("a.png", {"x": "g_lr", "by": "g_lr"}, "expected each setting once"),
        ("a.gif", {"value": "tv"}, "animations show w1"),
        ("a.txt", {}, "unknown extension"),
    ],
)
def test_what_cannot_be_drawn_is_named(
    out: str, options: dict[str, Any], said: str, results: SweepResults, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        atlas(results, tmp_path / out, **options)


def test_a_sweep_that_has_just_begun_has_nothing_to_draw(tmp_path: Path) -> None:
    SweepWriter(tmp_path / "s.db", [{"seed": 0}], {}).close()
    with pytest.raises(RecordingError, match="none of its runs is done yet"):
        gan_viz.atlas(tmp_path / "s.db", tmp_path / "a.png")
