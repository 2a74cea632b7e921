"""Figure 1 against generators and discriminators in closed form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray
from scipy import stats

from gan_viz.distributions.latent import ARROWS
from gan_viz.errors import RecordingError
from gan_viz.panels.artists import Arrows
from gan_viz.panels.base import Style
from gan_viz.panels.density import DensityPanel
from gan_viz.panels.figure1 import LONGEST
from gan_viz.panels.labels import CurveLabels
from gan_viz.recording import Recording, Writer

Make = Callable[..., Recording]
X = np.linspace(-8.0, 12.0, 101)
N = 500
NORMAL = stats.norm.ppf((np.arange(N) + 0.5) / N)
Z = np.linspace(*stats.norm.ppf([0.005, 0.995]), ARROWS)
UNIFORM = (2 * np.arange(N) + 1) / N - 1


def made(make: Make, generator: Callable[[Any], Any], z: Any = NORMAL, **properties: Any) -> Any:
    """A recording of one G at every frame."""
    outputs = np.tile(generator(z), (5, 1))
    return make(outputs=outputs, constants={"latents": z.reshape(-1, 1)}, **properties)


def arrows_of(panel: DensityPanel, axes: Axes, style: Style, frame: int = 0) -> Any:
    """Tails and tips, shape (n, 2, 2)."""
    panel.setup(axes, style)
    panel.update(frame)
    return panel._figure1.arrows.points


def pixels(axes: Axes, *artists: Arrows) -> NDArray[np.bool_]:
    """Where something is drawn; row 0 is at the bottom."""
    canvas = axes.get_figure(root=True).canvas
    assert isinstance(canvas, FigureCanvasAgg)
    renderer = canvas.get_renderer()
    renderer.clear()
    for artist in artists:
        artist.draw(renderer)
    return np.asarray(canvas.buffer_rgba())[::-1, :, 3] > 0


@pytest.mark.parametrize(
    ("z", "end"), [(NORMAL, stats.norm.ppf(0.995)), (UNIFORM, 0.99), (8 * UNIFORM, 7.92)]
)
def test_arrows_start_evenly_over_the_range_of_z(make_recording: Make, z: Any, end: float) -> None:
    panel = DensityPanel(arrows="map").bind(made(make_recording, lambda z: 4 + 0.1 * z, z))
    assert len(panel.mapping.z) == ARROWS
    assert np.allclose(panel.mapping.z, np.linspace(-end, end, ARROWS), atol=2e-3 * end)
    assert panel.mapping.ends[0] < panel.mapping.z[0]
    assert panel.mapping.ends[1] > panel.mapping.z[-1]


@pytest.mark.parametrize(
    "generator", [lambda z: 4 + 0.5 * z, lambda z: 4 + 0.1 * z**3, lambda z: 4 + np.tanh(3 * z)]
)
def test_arrows_end_at_g_of_z(make_recording: Make, generator: Callable[[Any], Any]) -> None:
    panel = DensityPanel(arrows="map").bind(made(make_recording, generator))
    assert np.allclose(panel.mapping.tips, generator(panel.mapping.z), atol=5e-3)


def test_the_order_of_the_latents_does_not_matter(make_recording: Make) -> None:
    mixed = np.random.default_rng(0).permutation(NORMAL)
    panel = DensityPanel(arrows="map").bind(made(make_recording, lambda z: 4 + np.sin(z), mixed))
    assert np.allclose(panel.mapping.tips, 4 + np.sin(panel.mapping.z), atol=5e-3)


def test_arrows_are_parallel_where_g_only_shifts_and_cross_where_it_folds(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    straight = DensityPanel(arrows="map").bind(made(make_recording, lambda z: 4 + 0.7 * z))
    tails, tips = np.swapaxes(arrows_of(straight, axes, style), 0, 1)
    assert np.ptp(np.diff(tails[:, 0])) < 1e-9
    assert np.ptp(np.diff(tips[:, 0])) < 1e-3
    axes.clear()
    folded = arrows_of(
        DensityPanel(arrows="map").bind(made(make_recording, lambda z: 3 + z * z / 3)), axes, style
    )
    assert np.allclose(folded[:, 1, 0], folded[::-1, 1, 0], atol=1e-3)
    assert (np.diff(folded[: ARROWS // 2, 1, 0]) < 0).all()
    assert (np.diff(folded[:, 0, 0]) > 0).all()


def test_arrows_reach_from_one_axis_to_the_other(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = DensityPanel(arrows="map").bind(make_recording())
    tails, tips = np.swapaxes(arrows_of(panel, axes, style, 4), 0, 1)
    low, high = axes.get_ylim()
    assert high == panel.top
    assert np.ptp(tails[:, 1]) == np.ptp(tips[:, 1]) == 0
    assert low < tails[0, 1] < low + 0.05 * (high - low)
    assert 0.5 * low < tips[0, 1] < 0
    axes.get_figure(root=True).canvas.draw()
    numbers = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
    top = panel._figure1.arrows.get_clip_box().y1
    assert numbers
    assert axes.transData.transform(tips)[:, 1].max() < top
    assert all(top <= box.y0 for box in numbers)


def test_z_is_marked_where_the_arrows_start(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = DensityPanel(arrows="map").bind(make_recording())
    tails = arrows_of(panel, axes, style)[:, 0, 0]
    numbers = [text for text in axes.texts if text.get_ha() == "center"]
    marks = {text.get_text(): text.get_position()[0] for text in numbers}
    assert list(marks) == ["−2", "−1", "0", "1", "2"]
    expected = np.interp([-2, -1, 0, 1, 2], panel.mapping.z, tails)
    assert np.allclose(list(marks.values()), expected)


def test_both_axes_have_names_and_no_density_is_negative(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    DensityPanel(arrows="map").bind(make_recording()).setup(axes, style)
    assert axes.get_xlabel() == "x"
    assert [text.get_text() for text in axes.texts if text.get_text() in "xz"] == ["z"]
    assert min(axes.get_yticks()) >= 0
    axes.locator_params(axis="y", nbins=5, steps=[1, 2, 5, 10])
    assert min(axes.get_yticks()) >= 0


def test_curves_stay_above_the_x_axis(make_recording: Make, axes: Axes, style: Style) -> None:
    """As does D of a least squares GAN, which may be negative."""
    panel = DensityPanel(arrows="map").bind(
        make_recording(output="probability", logits=np.full((5, 101), -0.4))
    )
    moving = panel.setup(axes, style)
    level = axes.transData.transform((0, 0))[1]
    for artist in moving:
        if isinstance(artist, CurveLabels):
            continue
        box = artist.get_clip_box()
        assert box.y1 <= level if isinstance(artist, Arrows) else box.y0 == pytest.approx(level)


def test_a_critic_has_its_scale_above_the_x_axis(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = DensityPanel(arrows="map").bind(
        make_recording(output="critic", logits=np.tile(-3 * X, (5, 1)))
    )
    panel.setup(axes, style)
    panel.update(0)
    numbers = {t.get_text(): t.get_position()[1] for t in axes.texts if t.get_position()[0] == 1}
    assert len(numbers) > 3
    assert all(0 <= height <= panel.top for height in numbers.values())
    x, y = panel._d.points[np.isfinite(panel._d.points[:, 1])].T
    assert np.interp(4.0, x, y) == pytest.approx(numbers["0"], abs=0.01 * panel.top)  # the data


def test_a_frame_without_outputs_shows_only_where_arrows_start(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = DensityPanel(arrows="map").bind(make_recording(missing=[2]))
    tails, tips = np.swapaxes(arrows_of(panel, axes, style, 2), 0, 1)
    assert np.isfinite(tails).all()
    assert np.isnan(tips[:, 0]).all()
    assert pixels(axes, panel._figure1.arrows).any(axis=1).sum() < 9


def test_arrows_to_far_away_leave_the_picture(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    z = np.linspace(-1, 1, 1001)
    panel = DensityPanel(arrows="map").bind(
        made(make_recording, lambda z: np.where(z < 0, -1e30, np.inf), z)
    )
    tips = arrows_of(panel, axes, style)[:, 1, 0]
    low, high = axes.get_xlim()
    assert (tips[panel.mapping.z < -0.01] < low).all()
    assert (tips[panel.mapping.z > 0.01] > high).all()
    assert np.abs(tips).max() < 1e3


def test_a_single_latent_has_a_single_arrow(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = DensityPanel(arrows="map").bind(made(make_recording, lambda z: z + 4, np.array([0.3])))
    assert arrows_of(panel, axes, style)[:, 1, 0].tolist() == pytest.approx([4.3])


@pytest.mark.parametrize(
    "latents", [np.zeros((256, 2)), np.zeros((255, 1)), np.full((256, 1), np.nan)]
)
def test_other_latents_are_refused(make_recording: Make, latents: Any) -> None:
    recording = make_recording(constants={"latents": latents})
    with pytest.raises(RecordingError, match=r"one number z .* 256 outputs.*; choose other panels"):
        DensityPanel(arrows="map").bind(recording)


def test_what_is_lacking_is_named(tmp_path: Any) -> None:
    with Writer(tmp_path / "run.ganviz") as writer:
        writer.add_channel("generator", (3,), "float32")
        writer.add_constant("x", X)
    with Recording(writer.path) as recording:
        assert DensityPanel(arrows="map").lacking(recording) == ["latents"]
        lacking = DensityPanel(arrows="gradient").lacking(recording)
    assert lacking == ["latents", "sample_gradient", "gradient_latents"]


def gradient_panel(make: Make, gradients: Any, z: Any = Z, **properties: Any) -> DensityPanel:
    """Of a fixed G, and the sample gradients at some z of each frame."""
    recording = make(
        outputs=np.tile(4 + 0.5 * NORMAL, (5, 1)),
        pictures={"sample_gradient": (np.asarray(gradients), {})},
        constants={"latents": NORMAL.reshape(-1, 1), "gradient_latents": np.asarray(z)},
        **properties,
    )
    return DensityPanel(arrows="gradient").bind(recording)


def test_gradient_arrows_lead_from_p_g_along_the_gradient(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = gradient_panel(make_recording, np.tile(-Z, (5, 1)))  # towards the mean
    panel.setup(axes, style)
    panel.update(0)
    tails, tips = np.swapaxes(panel._figure1.gradients.points, 0, 1)
    assert np.allclose(tails[:, 0], panel.mapping.tips[0])
    assert np.array_equal(tails[:, 1], tips[:, 1])
    assert np.allclose(tails[3:-3, 1], stats.norm(4, 0.5).pdf(tails[3:-3, 0]), atol=0.05)
    moved = (tips - tails)[:, 0]
    inner = np.abs(moved) < 0.99 * np.abs(moved).max()
    z = panel.mapping.z[inner]
    assert len(z) > ARROWS // 2
    assert np.allclose(moved[inner], moved[inner][0] / z[0] * z, atol=1e-6)


def test_gradients_are_interpolated_in_z(make_recording: Make) -> None:
    exact = gradient_panel(make_recording, np.tile(np.cos(Z), (5, 1)))
    dense = np.linspace(-4, 4, 300)
    other = gradient_panel(make_recording, np.tile(np.cos(dense), (5, 1)), dense)
    assert np.allclose(exact.mapping.z, Z, atol=2e-3)
    width = exact.x[-1] - exact.x[0]
    assert np.allclose(exact.mapping.reach, other.mapping.reach, atol=1e-3 * width)


def test_one_scale_gives_all_lengths(make_recording: Make) -> None:
    gradients = np.array([0.01, 0.5, 1.0, 1.0, 1.0])[:, None] * np.ones(len(Z))
    gradients[4, -3:] = 99.0
    panel = gradient_panel(make_recording, gradients)
    lengths = panel.mapping.reach / (panel.x[-1] - panel.x[0])
    assert lengths[2] == pytest.approx(2 * lengths[1], rel=0.01)
    assert lengths[4, -1] == LONGEST
    assert LONGEST > lengths[4, 0] == pytest.approx(lengths[3, 0])
    assert 0 < lengths[0].max() < 0.002


def test_without_gradients_there_are_dots(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = gradient_panel(make_recording, np.zeros((5, len(Z))))
    assert not panel.mapping.reach.any()
    panel.setup(axes, style)
    panel.update(0)
    assert pixels(axes, panel._figure1.gradients).any()


@pytest.mark.parametrize(
    ("output", "before"),
    [("logit", "D: how real it looks, "), ("critic", "critic: how real it looks, "), (None, "")],
)
def test_gradient_arrows_are_in_the_legend(
    make_recording: Make, style: Style, output: str | None, before: str
) -> None:
    legend = DensityPanel(arrows="gradient").bind(make_recording(output=output)).legend(style)
    (entry,) = [entry for entry in legend if entry.color == style.discriminator]
    assert entry.text == before + "where G's loss pushes x"


@pytest.mark.parametrize("z", [Z[::-1], Z[1:], Z[:, None]])
def test_gradients_at_unknown_latents_are_refused(make_recording: Make, z: Any) -> None:
    with pytest.raises(RecordingError, match=r"sample_gradient has the shape \(23,\).*ascending"):
        gradient_panel(make_recording, np.ones((5, len(Z))), z)


def test_arrows_are_drawn_from_dot_to_tip(axes: Axes) -> None:
    axes.set(xlim=(0, 400), ylim=(0, 300))  # one unit is one pixel
    arrows = Arrows(axes, "red", width=1, head=9, dot=7.2)
    arrows.set_points([[50, 50], [50, 150], [np.nan, 1]], [[250, 50], [50, np.nan], [9, 9]])
    drawn = pixels(axes, arrows)[50:350, 50:450]
    rows, columns = np.nonzero(drawn[:120])
    assert columns.min() == pytest.approx(45, abs=1)
    assert columns.max() == pytest.approx(250, abs=2)
    assert drawn[50, 60:240].all()
    assert drawn[:, 150].sum() <= 3
    assert np.ptp(np.nonzero(drawn[:, 239])[0]) > 4  # the head is wider than the shaft
    assert abs(rows.mean() - 50) < 1
    rows, columns = np.nonzero(drawn[120:])
    assert columns.mean() == pytest.approx(50, abs=1)
    assert np.ptp(columns) < 13
    arrows.set_visible(False)
    assert not pixels(axes, arrows).any()


def test_heads_of_short_arrows_are_small(axes: Axes) -> None:
    axes.set(xlim=(0, 400), ylim=(0, 300))
    arrows = Arrows(axes, "red", width=0.5, head=20, dot=0)
    arrows.set_points([[50, 50]], [[58, 50]])
    rows, columns = np.nonzero(pixels(axes, arrows))
    assert np.ptp(columns) <= 9
    assert np.ptp(rows) <= 5
