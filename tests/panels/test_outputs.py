"""The panels of D's outputs and of classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from scipy.special import expit

from gan_viz.analysis import is_critic, probability
from gan_viz.errors import RecordingError
from gan_viz.panels.base import Style
from gan_viz.panels.coverage import CoveragePanel
from gan_viz.panels.outputs import OutputsPanel
from gan_viz.panels.scores import BINS, ScoresPanel
from gan_viz.recording import Recording, Writer

Make = Callable[..., Recording]
RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 3, (5, 60))


def scores(real: Any, fake: Any, output: str = "logit") -> dict[str, Any]:
    attributes = {"output": output}
    return {"scores_real": (real, attributes), "scores_fake": (fake, attributes)}


def test_probabilities_are_those_of_scipy() -> None:
    x = np.array([-800.0, -3, 0, 0.5, 800])
    assert np.allclose(probability(x), expit(x))
    assert np.array_equal(probability(x, "critic"), x)
    assert np.array_equal(probability([0.25], "probability"), [0.25])


@pytest.mark.parametrize(
    ("objective", "scale", "critic"),
    [
        ({"output": "critic"}, "logit", True),
        ({"output": "logit"}, "critic", False),
        ({"name": "mine"}, "critic", True),
        (None, "critic", True),
        (None, "probability", False),
    ],
)
def test_the_objective_says_sooner_than_the_channel_what_d_is(
    tmp_path: Any, objective: Any, scale: str, critic: bool
) -> None:
    header = {} if objective is None else {"objective": objective}
    with Writer(tmp_path / "run.ganviz", header) as writer:
        writer.add_channel("scores_real", (2,), "float32", output=scale)
    with Recording(writer.path) as recording:
        assert is_critic(recording) == critic


def test_outputs_are_shown_up_to_the_cursor_against_one_half(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    means = {"d_real": np.full(400, 0.8), "d_fake": np.full(400, 0.3)}
    panel = OutputsPanel().bind(make_recording(last=400, means=means))
    panel.setup(axes, style)
    panel.update(2)
    assert axes.get_ylim()[0] < 0 < 1 < axes.get_ylim()[1]
    assert [line.get_ydata()[0] for line in axes.lines] == [0.5]
    ends = {name: curve.points[-1].tolist() for name, curve in panel._curves.items()}
    assert ends == {
        "d_real": pytest.approx([200, 0.8]),
        "d_fake": pytest.approx([200, 0.3]),
    }
    assert [entry.text for entry in panel.legend(style)] == ["D on real data", "D on G's samples"]


def test_outputs_after_the_update_are_shown_too(make_recording: Make, style: Style) -> None:
    panel = OutputsPanel().bind(make_recording())
    assert list(panel.raw) == ["d_real", "d_fake", "d_fake_after"]
    assert len(panel.legend(style)) == 3


def test_without_outputs_at_every_step_those_at_frames_do(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    pictures = scores(LOGITS + 1, LOGITS - 1)
    panel = OutputsPanel().bind(make_recording(means={}, pictures=pictures, missing=[1]))
    steps, real = panel.raw["d_real"]
    expected = expit(LOGITS + 1).mean(axis=1)
    expected[1] = np.nan
    assert np.allclose(real, expected, equal_nan=True)
    assert np.array_equal(steps, panel.recording.steps)
    panel.setup(axes, style)
    panel.update(4)
    assert panel._curves["d_fake"].points[-1, 0] == steps[-1]


def test_outputs_that_are_nowhere_are_missed(make_recording: Make) -> None:
    recording = make_recording(means={}, pictures={"scores_fake": None})
    with pytest.raises(RecordingError, match="needs d_real, d_fake,"):
        OutputsPanel().bind(recording)


def test_a_critic_has_a_scale_of_its_own(make_recording: Make, axes: Axes, style: Style) -> None:
    means = {"d_real": np.linspace(0, 40, 400), "d_fake": np.linspace(0, -60, 400)}
    panel = OutputsPanel().bind(make_recording(output="critic", means=means))
    panel.setup(axes, style)
    low, high = axes.get_ylim()
    assert -80 < low < -55
    assert 35 < high < 60
    assert axes.get_ylabel() == "critic"
    assert not axes.lines


def test_histograms_are_those_of_numpy(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = ScoresPanel().bind(make_recording(pictures=scores(LOGITS, -LOGITS[:, :20] - 2)))
    panel.setup(axes, style)
    for frame in (3, 0):
        panel.update(frame)
        for name, logits in (("scores_real", LOGITS), ("scores_fake", -LOGITS[:, :20] - 2)):
            counts, edges = np.histogram(expit(logits[frame]), BINS, (0, 1))
            x, y = panel._areas[name].points.T
            assert np.allclose(x[::2], edges)
            assert np.allclose(y[1:-1:2], counts / logits.shape[1])
            assert y[0] == y[-1] == 0
    assert [line.get_xdata()[0] for line in axes.lines] == [0.5]


def test_values_of_a_critic_are_in_bins_as_they_are(make_recording: Make, axes: Axes) -> None:
    values = RNG.normal(0, 1, (5, 1000)) * 100
    values[2, 0] = 1e6
    panel = ScoresPanel().bind(
        make_recording(pictures=scores(values, values - 50, "critic"), output=None)
    )
    assert panel.critic
    assert -400 < panel.edges[0] < -200
    assert 150 < panel.edges[-1] < 400
    for shares in panel.shares.values():
        assert np.allclose(shares.sum(axis=1), 1)  # the outermost bins hold what is beyond


def test_frames_without_scores_show_the_last(make_recording: Make) -> None:
    panel = ScoresPanel().bind(make_recording(pictures=scores(LOGITS, -LOGITS), missing=[0, 2, 3]))
    shares = panel.shares["scores_real"]
    assert not shares[0].any()
    assert np.array_equal(shares[1], shares[2])
    assert np.array_equal(shares[1], shares[3])
    assert not np.array_equal(shares[3], shares[4])


def counted(counts: Any, unsure: Any = None) -> dict[str, Any]:
    unsure = None if unsure is None else (np.array(unsure, np.int32)[:, None], {})
    return {"class_counts": (np.array(counts, np.int32), {}), "class_unsure": unsure}


COUNTS = [[10, 0, 0, 0], [5, 5, 0, 0], [4, 4, 2, 0], [4, 3, 2, 1], [1, 1, 1, 1]]


def test_bars_are_shares_and_words_count_the_classes(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = CoveragePanel().bind(make_recording(pictures=counted(COUNTS, [5, 4, 3, 2, 0])))
    panel.setup(axes, style)
    panel.update(2)
    bars = panel._bars.points.reshape(4, 5, 2)
    assert bars[:, 1, 1].tolist() == [0.4, 0.4, 0.2, 0.0]
    assert bars[:, [1, 2], 0].mean(axis=1).tolist() == [0, 1, 2, 3]
    assert [words.text for words in panel._texts] == ["3/4 classes", "30% unsure"]
    assert panel.covered == [f"{number}/4 classes" for number in (1, 2, 3, 4, 4)]
    assert [line.get_ydata()[0] for line in axes.lines] == [0.25]
    usual = np.quantile([1, 0.5, 0.4, 0.4, 0.25], 0.8)  # of the highest bars; higher ones are cut
    assert axes.get_ylim() == pytest.approx((0, 1.3 * usual))


def test_frames_without_counts_show_the_last_counts(make_recording: Make) -> None:
    panel = CoveragePanel().bind(make_recording(pictures=counted(COUNTS), missing=[0, 3]))
    assert panel.covered == ["", "2/4 classes", "3/4 classes", "3/4 classes", "4/4 classes"]
    assert panel.unsure == [""] * 5
    assert np.array_equal(panel.shares[3], panel.shares[2])


@pytest.mark.parametrize(
    ("names", "labels", "rotation"),
    [(None, "0123", 0), (["a", "b"], "ab23", 0), (["boot", "b", "c", "d"], None, 90)],
)
def test_classes_are_named(
    make_recording: Make, axes: Axes, style: Style, names: Any, labels: Any, rotation: float
) -> None:
    panel = CoveragePanel().bind(make_recording(pictures=counted(COUNTS), classes=names))
    panel.setup(axes, style)
    assert [text.get_text() for text in axes.texts] == list(labels or names)
    assert {text.get_rotation() for text in axes.texts} == {rotation}


def test_counts_of_no_classes_are_refused(make_recording: Make) -> None:
    recording = make_recording(pictures=counted(np.zeros((5, 2, 2))))
    with pytest.raises(RecordingError, match=r"class_counts has the shape \(2, 2\)"):
        CoveragePanel().bind(recording)
