"""The density panel against closed forms and scipy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch
from scipy import stats
from scipy.special import expit

from gan_viz.errors import RecordingError
from gan_viz.panels.base import Style
from gan_viz.panels.density import D_TOP, FAINT, HEADROOM, POINTS, DensityPanel
from gan_viz.recording import Recording, Writer
from gan_viz.rendering import Canvas, Renderer

Make = Callable[..., Recording]
X = np.linspace(-8.0, 12.0, 101)


def shown(panel: DensityPanel, axes: Axes, style: Style, frame: int = 0) -> tuple[Any, Any]:
    """Points of p_g and of D, the latter as probability."""
    panel.setup(axes, style)
    panel.update(frame)
    d = panel._d.points * [1, D_TOP / panel.top]
    return panel._curve.points, d


def test_p_g_is_the_density_of_the_outputs(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = DensityPanel().bind(make_recording())
    for frame, mean in ((0, -3.0), (4, 4.0)):
        x, density = shown(panel, axes, style, frame)[0].T
        assert np.allclose(density, stats.norm(mean, 0.5).pdf(x), atol=0.02)


def test_p_g_of_a_one_dimensional_latent_is_exact(make_recording: Make, style: Style) -> None:
    panel = DensityPanel().bind(make_recording())
    assert "*p*_g_" in [entry.text for entry in panel.legend(style)]
    oracle = stats.norm(4, 0.5).pdf(panel.x)
    assert np.allclose(panel.densities[4], oracle, atol=0.01 * oracle.max())
    assert np.trapezoid(panel.densities[4], panel.x) == pytest.approx(1, abs=1e-3)


def test_a_collapsed_mode_is_a_spike_of_the_right_area(make_recording: Make) -> None:
    outputs = np.where(np.arange(200) < 80, 3.5, np.linspace(2.5, 5.5, 200))
    exact = DensityPanel().bind(make_recording(outputs=np.tile(outputs, (5, 1))))
    cell = exact.x[1] - exact.x[0]
    area = exact.densities[0][np.abs(exact.x - 3.5) < 1.5 * cell].sum() * cell
    assert area == pytest.approx(79.5 / 200, abs=0.02)
    blurred = DensityPanel(density="kde").bind(make_recording(outputs=np.tile(outputs, (5, 1))))
    assert blurred.densities.max() < 0.5 * exact.densities.max()


@pytest.mark.parametrize("density", ["kde", "histogram"])
def test_estimates_say_so(make_recording: Make, style: Style, density: Any) -> None:
    drawn = DensityPanel(density).bind(make_recording())
    assert "*p*_g_ (estimate)" in [entry.text for entry in drawn.legend(style)]
    assert np.allclose(drawn.densities[4], stats.norm(4, 0.5).pdf(drawn.x), atol=0.12)


def test_wide_latents_are_random_samples(make_recording: Make, style: Style) -> None:
    samples = np.random.default_rng(3).normal(4, 0.5, 256)
    recording = make_recording(
        outputs=np.tile(samples, (5, 1)), constants={"latents": np.zeros((256, 2), "f4")}
    )
    panel = DensityPanel().bind(recording)
    assert panel.legend(style)[1].text == "*p*_g_ (estimate)"
    oracle = stats.gaussian_kde(samples, "silverman")(panel.x)
    assert np.allclose(panel.densities[0], oracle, atol=0.1)  # a third as wide, it is all ripples
    assert np.sum(np.diff(np.sign(np.diff(panel.densities[0]))) < 0) <= 3


def test_the_best_d_is_that_of_the_two_densities(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = DensityPanel().bind(make_recording())
    panel.setup(axes, style)
    panel.update(3)
    x, best = (panel._best.points * [1, D_TOP / panel.top]).T
    p_data, p_g = stats.norm(4, 0.5).pdf(x), stats.norm(2.25, 0.5).pdf(x)
    shown = np.isfinite(best)
    assert np.allclose(best[shown], (p_data / (p_data + p_g))[shown], atol=0.02)
    exact = p_data + panel.densities[3]
    assert np.array_equal(shown, exact > FAINT * panel.top)
    assert 0.2 < shown.mean() < 0.9


def test_the_gap_is_between_d_and_the_best_d(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = DensityPanel().bind(make_recording())
    panel.setup(axes, style)
    panel.update(3)
    x, y = panel._gap.points.T
    apart = np.flatnonzero(np.isnan(x))
    area = 0.0
    for start, end in zip([0, *apart[:-1] + 1], apart, strict=True):
        part = slice(start, end)
        middle = start + (end - start) // 2
        assert np.array_equal(x[start:middle], x[middle:end][::-1])
        area += np.trapezoid(np.abs(y[start:middle] - y[middle:end][::-1]), x[start:middle])
        assert np.isfinite(y[part]).all()
    between = np.nan_to_num(panel.d.at(3) - panel.best(3)) * panel.top / D_TOP
    assert area == pytest.approx(np.abs(between).sum() * (panel.x[1] - panel.x[0]), rel=0.05)


def test_bins_give_no_best_d(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = DensityPanel(density="histogram").bind(make_recording())
    assert len(panel.setup(axes, style)) == 2
    assert [entry.text for entry in panel.legend(style)][-1] == "*D(x)*"


def test_without_data_there_is_no_best_d(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = DensityPanel().bind(make_recording(data=None))
    assert len(panel.setup(axes, style)) == 2
    assert [entry.text for entry in panel.legend(style)] == ["*p*_g_", "*D(x)*"]


def test_limits_are_as_asked_for(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = DensityPanel(xlim=(-5, 5), ylim=(0, 1)).bind(make_recording())
    assert len(panel.x) == POINTS
    panel.setup(axes, style)
    assert axes.get_xlim() == (-5, 5)
    assert axes.get_ylim() == (0, 1)


def test_ripples_of_sparse_samples_are_not_shown(make_recording: Make) -> None:
    # Evenly spread over 0..10 and 200 times as dense in the middle: the flanks are level.
    outputs = np.sort(np.concatenate([np.linspace(0, 10, 60), np.linspace(4.9, 5.1, 400)]))
    panel = DensityPanel().bind(
        make_recording(outputs=np.tile(outputs, (5, 1)), data="uniform(0, 10)")
    )
    flank = panel.densities[0][(panel.x > 1.5) & (panel.x < 4)]
    assert flank.std() < 0.02 * flank.mean()


@pytest.mark.parametrize(
    ("output", "recorded", "expected"),
    [
        ("logit", np.linspace(-9, 9, 101), expit(np.linspace(-9, 9, 101))),
        ("probability", np.linspace(0, 1, 101), np.linspace(0, 1, 101)),
    ],
)
def test_d_is_a_probability_in_dashes(
    make_recording: Make, axes: Axes, style: Style, output: str, recorded: Any, expected: Any
) -> None:
    recording = make_recording(output=output, logits=np.tile(recorded, (5, 1)))
    x, d = shown(DensityPanel().bind(recording), axes, style)[1].T
    there = np.isfinite(d)
    assert 0.4 < there.mean() < 0.8
    assert np.allclose(d[there], np.interp(x[there], X, expected), atol=1e-12)


def test_the_dashes_of_d_stay_where_they_are(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = DensityPanel().bind(make_recording())
    panel.setup(axes, style)
    gaps = []
    for frame in range(5):
        panel.update(frame)
        gaps.append(np.isnan(panel._d.points[:, 1]).tolist())
    assert all(gap == gaps[0] for gap in gaps)


def test_d_ends_where_it_was_recorded(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = DensityPanel().bind(make_recording(data="norm(4, 4)"))
    x, d = shown(panel, axes, style)[1].T
    outside = (x < X[0]) | (x > X[-1])
    assert outside.any()
    assert np.isnan(d[outside]).all()


def test_where_d_was_not_recorded_there_are_only_densities(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = DensityPanel().bind(make_recording(output=None))
    assert len(panel.setup(axes, style)) == 1
    assert [entry.text for entry in panel.legend(style)] == ["*p*_data_", "*p*_g_"]
    assert not axes.texts


def marked(axes: Axes) -> dict[float, float]:
    """The numbers of the right scale, and their heights."""
    numbers = [text for text in axes.texts if text.get_rotation() == 0]
    return {float(t.get_text().replace("−", "-")): t.get_position()[1] for t in numbers}


def test_a_critic_has_a_scale_of_its_own(make_recording: Make, axes: Axes, style: Style) -> None:
    critic = 3 * (X - 4) + np.array([[0.0], [7.0], [-90.0], [5.0], [1.0]])
    panel = DensityPanel().bind(make_recording(output="critic", logits=critic))
    assert len(panel.setup(axes, style)) == 2
    assert panel.legend(style)[-1].text == "critic *f(x)*"
    heights = marked(axes)
    assert 3 <= len(heights) <= 8
    assert 0 in heights
    assert {"critic − mean"} < {text.get_text() for text in axes.texts}
    for frame in (0, 2):  # whatever constant the critic drifts by
        panel.update(frame)
        x, y = panel._d.points.T
        known = np.isfinite(y)
        values = np.interp(y[known], sorted(heights.values()), sorted(heights))
        inside = (y[known] > min(heights.values())) & (y[known] < max(heights.values()))
        assert inside.sum() > 20
        assert np.allclose(values[inside], 3 * (x[known] - 4)[inside], atol=0.01)


@pytest.mark.parametrize("slope", [-0.003, 0.4, 7e5])
def test_the_numbers_of_a_critic_leave_room_for_its_name(
    make_recording: Make, axes: Axes, style: Style, slope: float
) -> None:
    recording = make_recording(output="critic", logits=np.tile(slope * X, (5, 1)))
    DensityPanel().bind(recording).setup(axes, style)
    axes.get_figure(root=True).canvas.draw()
    (name,) = [text for text in axes.texts if text.get_rotation()]
    numbers = [text.get_window_extent() for text in axes.texts if text is not name]
    assert max(box.x1 for box in numbers) <= name.get_window_extent().x0


DRAWN = {"dashed": True, "shaded": True, "common_scale": True, "critic_range": (0.2, 0.7)}


@pytest.mark.parametrize(("output", "density"), [("logit", "kde"), ("critic", "histogram")])
def test_all_parameters_are_drawn_in_the_fast_way_too(
    make_recording: Make, output: str, density: str
) -> None:
    recording = make_recording(output=output)
    parameters: dict[str, Any] = {**DRAWN, "density": density, "bins": 9}
    panel = DensityPanel(**parameters).bind(recording)
    renderer = Renderer(recording, [panel], Canvas(320, 180))
    for frame in (3, 0):
        assert np.array_equal(renderer.frame(frame), renderer.full(frame))


def test_d_on_the_scale_of_the_densities(make_recording: Make, axes: Axes, style: Style) -> None:
    described = DensityPanel(common_scale=True, dstar=False, ylim=(0, 0.5))
    panel = described.bind(make_recording())
    assert len(panel.setup(axes, style)) == 2
    panel.update(0)
    assert axes.get_ylim() == (0.0, D_TOP)  # nothing of D is cut off
    assert not axes.texts
    x, d = panel._d.points[np.isfinite(panel._d.points[:, 1])].T
    assert np.allclose(d, np.interp(x, X, expit(np.clip(2 * (X - 2), -20, 20))))


def test_a_critic_stretched_at_each_frame(make_recording: Make, axes: Axes, style: Style) -> None:
    recording = make_recording(output="critic", logits=np.geomspace(1, 1e6, 5)[:, None] * X)
    panel = DensityPanel(critic_range=(0, 1)).bind(recording)
    panel.setup(axes, style)
    assert not axes.texts
    lines = []
    for frame in (0, 4):
        panel.update(frame)
        lines.append(panel._d.points[:, 1])
    assert np.allclose(*lines, equal_nan=True)
    assert 0 <= np.nanmin(lines[0]) < 0.03
    assert 0.97 < np.nanmax(lines[0]) <= 1


@pytest.mark.parametrize("arrows", [None, "map"])
@pytest.mark.parametrize("dstar", [None, True, False])
def test_the_best_d_can_be_done_without(
    make_recording: Make, style: Style, dstar: Any, arrows: Any
) -> None:
    panel = DensityPanel(dstar=dstar, arrows=arrows).bind(make_recording())
    wanted = arrows is None if dstar is None else dstar
    texts = ["*p*_data_", "*p*_g_", "*D(x)*", "*D*∗*(x)*"][: 4 if wanted else 3]
    assert [entry.text for entry in panel.legend(style)] == texts


@pytest.mark.parametrize("wish", ["dashed", "shaded"])
def test_p_data_may_be_dashed_and_areas_shaded(
    make_recording: Make, axes: Axes, style: Style, wish: str
) -> None:
    panel = DensityPanel(dashed=wish == "dashed", shaded=wish == "shaded").bind(make_recording())
    moving = panel.setup(axes, style)
    data, generated, d = panel.legend(style)[:3]
    assert {data.linestyle, generated.linestyle, d.linestyle} == {":", "-", "--"}
    assert (data.linestyle == "--") == (wish == "dashed")
    assert [entry.filled for entry in (data, generated)] == [wish == "shaded"] * 2
    assert len(axes.collections) == (wish == "shaded")
    if wish == "shaded":
        panel.update(4)
        outline = moving[0].points[: 2 * POINTS]
        area = 0.5 * abs(
            np.sum(
                outline[:, 0] * np.roll(outline[:, 1], 1)
                - np.roll(outline[:, 0], 1) * outline[:, 1]
            )
        )
        assert area == pytest.approx(1, abs=0.01)


def test_a_frame_without_arrays_shows_nothing(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = DensityPanel().bind(make_recording(missing=[2]))
    p_g, d = shown(panel, axes, style, 2)
    assert not p_g[:, 1].any()
    assert np.isnan(d[:, 1]).all()
    assert np.allclose(
        shown(panel, axes, style, 3)[0],
        shown(DensityPanel().bind(make_recording()), axes, style, 3)[0],
        atol=0.05,
    )


def test_the_window_holds_the_data_and_g(make_recording: Make) -> None:
    outputs = np.tile(np.linspace(1.0, 6.5, 99), (5, 1))
    panel = DensityPanel().bind(make_recording(outputs=outputs))
    assert 0.0 < panel.x[0] < 1.1
    assert 6.4 < panel.x[-1] < 7.5
    assert np.allclose(np.diff(panel.x), panel.x[1] - panel.x[0])


def test_a_g_that_diverges_does_not_shrink_the_data(make_recording: Make) -> None:
    panel = DensityPanel().bind(make_recording(outputs=np.full((5, 9), 1e6)))
    low, high = panel.target.window
    assert panel.x[0] <= low
    assert panel.x[-1] - panel.x[0] <= 2.0001 * (high - low)
    assert not panel.densities.any()


def test_a_spike_is_cut_and_the_data_stays_large(make_recording: Make) -> None:
    panel = DensityPanel().bind(make_recording(outputs=np.full((5, 9), 4.1)))
    peak = stats.norm(4, 0.5).pdf(4)
    assert panel.densities.max() > 5 * peak
    assert panel.top == pytest.approx(2 * peak, rel=1e-3)


@pytest.mark.parametrize("apart", [100, 1000, 1e5])
def test_needles_far_apart_are_no_poles(make_recording: Make, apart: float) -> None:
    data = f"0.5*norm(0,1)+0.5*norm({apart},1)"
    panel = DensityPanel().bind(make_recording(data=data, outputs=np.full((5, 9), np.nan)))
    assert panel.top == pytest.approx(HEADROOM * stats.norm.pdf(0) / 2, rel=0.02)


def test_a_pole_of_the_density_is_cut(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = DensityPanel().bind(make_recording(data="chi2(1)"))
    panel.setup(axes, style)
    assert panel.top < 3
    assert all(np.isfinite(line.get_ydata()).all() for line in axes.lines)


def test_real_data_is_a_histogram_and_says_so(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    values = np.random.default_rng(0).normal(4, 0.5, 300)
    panel = DensityPanel().bind(make_recording(data=values))
    panel.setup(axes, style)
    assert panel.legend(style)[0].text == "*p*_data_ (estimate)"
    (bars,) = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
    heights, edges, _ = bars.get_data()
    assert np.sum(heights * np.diff(edges)) == pytest.approx(1, abs=0.02)
    assert heights.max() < panel.top  # no bar is cut off


def test_an_exact_density_is_no_histogram(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = DensityPanel().bind(make_recording())
    panel.setup(axes, style)
    assert panel.legend(style)[0].text == "*p*_data_"
    assert not axes.patches
    curve, _, half = sorted(axes.lines, key=lambda line: -len(line.get_xdata()))
    x, y = curve.get_data()
    assert np.allclose(y, stats.norm(4, 0.5).pdf(x))
    assert half.get_ydata()[0] == pytest.approx(0.5 / D_TOP * panel.top)


@pytest.mark.parametrize("shapes", [((3, 28, 28), (5,), (5,)), ((3,), (5,), (6,))])
def test_arrays_of_other_shapes_are_refused(tmp_path: Any, shapes: Any) -> None:
    generator, discriminator, x = shapes
    with Writer(tmp_path / "run.ganviz") as writer:
        writer.add_channel("generator", generator, "float32")
        writer.add_channel("discriminator", discriminator, "float32", output="logit")
        writer.add_constant("x", np.zeros(x))
        writer.write_frame(0, {"generator": np.zeros(generator)})
    with (
        Recording(writer.path) as recording,
        pytest.raises(RecordingError, match=r"one-dimensional data.* shapes .*choose other"),
    ):
        DensityPanel().bind(recording)
