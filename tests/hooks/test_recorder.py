"""The recorder in loops of all lengths, with numbers of all kinds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn

from gan_viz.errors import RecordingError, UsageError
from gan_viz.hooks import Recorder
from gan_viz.hooks.buffering import ScalarBuffer, _fetch
from gan_viz.hooks.cadence import Cadence
from gan_viz.hooks.distribution import DistributionHook
from gan_viz.recording import Recording, Writer


class Slope(nn.Module):
    """G(z) = a z + b, so that one knows what is recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.tensor(2.0))
        self.b = nn.Parameter(torch.tensor(0.0))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.a * z + self.b


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


def test_records_what_the_networks_do(path: Path) -> None:
    g, d = Slope(), nn.Linear(1, 1)
    with Recorder(path, g, d, data="norm(4, 0.5)", latent="uniform", every=1) as recorder:
        with torch.no_grad():
            g.b.fill_(1.0)
            d.weight.fill_(3.0)
            d.bias.fill_(-1.0)
        recorder.step()
    with Recording(path) as recording:
        z, x = recording.constants["latents"], recording.constants["x"]
        np.testing.assert_allclose(recording.array("generator", 0), 2 * z[:, 0], rtol=1e-6)
        np.testing.assert_allclose(recording.array("generator", 1), 2 * z[:, 0] + 1, rtol=1e-6)
        np.testing.assert_allclose(recording.array("discriminator", 1), 3 * x - 1, rtol=1e-5)
        assert recording.channels["discriminator"].attributes["output"] == "logit"
        assert z.shape == (1024, 1)
        assert abs(float(z.mean())) < 1e-6
        assert recording.header["target"]["expression"] == "norm(4, 0.5)"
        assert recording.header["latent"] == {"kind": "uniform", "dim": 1}
        assert recording.complete


def test_the_grid_holds_the_data_and_the_start_of_g(path: Path) -> None:
    Recorder(path, Slope(), data="norm(40, 0.5)").close()
    with Recording(path) as recording:
        x = recording.constants["x"]
        assert x[-1] > 42
        assert x[0] < 36
    Recorder(path, Slope(), data="norm(8, 1)").close()
    with Recording(path) as recording:
        assert recording.constants["x"][0] < -3


@pytest.mark.parametrize(
    ("last", "output"), [(nn.Sigmoid(), "probability"), (nn.Identity(), "logit")]
)
def test_probabilities_are_told_from_logits(path: Path, last: nn.Module, output: str) -> None:
    Recorder(path, Slope(), nn.Sequential(nn.Linear(1, 1), last), data="norm(0, 1)").close()
    with Recording(path) as recording:
        assert recording.channels["discriminator"].attributes["output"] == output


def test_a_critic_is_named(path: Path) -> None:
    hook = DistributionHook(interval=(-1, 1), output="critic", points=3, latents=4)
    Recorder(path, Slope(), nn.Linear(1, 1), hooks=[hook]).close()
    with Recording(path) as recording:
        assert recording.channels["discriminator"].attributes["output"] == "critic"
        assert recording.constants["x"].tolist() == [-1, 0, 1]
    with pytest.raises(UsageError, match="logit, probability, critic, margin"):
        DistributionHook(output="odds")


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_other_precisions(path: Path, dtype: torch.dtype) -> None:
    class Cast(nn.Module):
        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return z.to(dtype)

    d = nn.Linear(1, 1).double() if dtype is torch.float64 else nn.Linear(1, 1)
    Recorder(path, Cast(), d, data=scipy.stats.norm(0, 1)).close()
    with Recording(path) as recording:
        expected = "float64" if dtype is torch.float64 else "float32"
        assert recording.channels["generator"].dtype == expected


def test_all_kinds_of_numbers(path: Path) -> None:
    tensor = torch.tensor([1.5], requires_grad=True)
    with Recorder(path, Slope(), data="norm(0, 1)") as recorder:
        recorder.step(a=tensor.sum(), b=np.float32(2), c=3)
        recorder.step(a=float("nan"), b=float("inf"), c=True)
        recorder.step(a=4.0)
        recorder.step()
    with Recording(path) as recording:
        steps, values = recording.scalars["a"]
        assert steps.tolist() == [1, 2, 3]
        np.testing.assert_array_equal(values, [1.5, np.nan, 4.0])
        np.testing.assert_array_equal(recording.scalars["b"].values, [2, np.inf])


def test_device_tensors_are_fetched_in_batches_and_as_they_were(path: Path) -> None:
    """On the meta device nothing can be fetched: holding a number must not try to."""
    with Writer(path) as writer:
        buffer = ScalarBuffer(writer)
        buffer.hold(1, {"loss": torch.zeros((), device="meta")})
        assert buffer._values[0][0].device.type == "meta"


def test_a_column_may_mix_floats_and_tensors() -> None:
    column = [torch.tensor([1.5]), 2.0, torch.tensor(3, dtype=torch.int32), np.float64(4)]
    assert _fetch("loss", column) == [1.5, 2, 3, 4]
    with pytest.raises(RecordingError, match="'loss': expected tensors of one element"):
        _fetch("loss", [torch.zeros(2)])


@pytest.mark.parametrize(
    "bad", [torch.zeros(3), torch.zeros(0), torch.tensor(1j), np.zeros(2), [1.0], "low", None]
)
def test_what_is_no_number_is_refused_and_nothing_is_lost(path: Path, bad: object) -> None:
    with Recorder(path, Slope(), data="norm(0, 1)") as recorder:
        recorder.step(loss=1.0)
        with pytest.raises(RecordingError, match="one number a step"):
            recorder.step(loss=bad)
        recorder.step(loss=np.array([[3.0]]))
    with Recording(path) as recording:
        assert recording.scalars["loss"].values.tolist() == [1.0, 3.0]


def test_networks_of_the_wrong_shape_are_named(path: Path) -> None:
    with pytest.raises(RecordingError, match=r"generator maps \(1024, 1\) to \(1024, 2\)"):
        Recorder(path, nn.Linear(1, 2), data="norm(0, 1)")
    with pytest.raises(UsageError, match=r"data=\.\.\. or the hook interval"):
        Recorder(path.with_name("b.ganviz"), Slope())


def test_an_exception_keeps_what_was_recorded(path: Path) -> None:
    def fail() -> None:
        with Recorder(path, Slope(), data="norm(0, 1)") as recorder:
            for _ in range(5):
                recorder.step(d_loss=1.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with Recording(path) as recording:
        assert not recording.complete
        assert recording.scalars["d_loss"].steps.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("steps", [1, 7, 400, 3001])
def test_by_default_frames_are_close_together_early_on(path: Path, steps: int) -> None:
    with Recorder(path, Slope(), hooks=[]) as recorder:
        for _ in range(steps):
            recorder.step()
    with Recording(path) as recording:
        frames = recording.steps.tolist()
    cadence, due = Cadence(), []
    for step in range(1, steps + 1):
        if cadence.due(step):
            cadence.took(step, 0.0, 0.0)
            due.append(step)
    assert frames == sorted({0, *due, steps})
    assert len(frames) < 100 or np.diff(frames)[:9].max() == 1 < np.diff(frames)[-9:-1].min()


def test_chosen_steps(path: Path) -> None:
    with Recorder(path, Slope(), hooks=[], every=[2, 3, 5]) as recorder:
        for _ in range(7):
            recorder.step()
        recorder.close()
        recorder.close()
    with Recording(path) as recording:
        assert recording.steps.tolist() == [0, 2, 3, 5, 7]


@pytest.mark.parametrize("bad", [{"every": 0}, {"steps": -3}])
def test_impossible_cadences_are_refused(path: Path, bad: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="positive whole number of steps"):
        Recorder(path, Slope(), data="norm(0, 1)", **bad)
    assert not path.exists()
