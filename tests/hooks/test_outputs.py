"""What D's outputs mean is found out, or doubt is said."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from gan_viz.diagnostics import Verdict
from gan_viz.hooks import Recorder
from gan_viz.recording import Recording, Writer

REAL = torch.rand(30, 64, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


def record(path: Path, d: nn.Module, losses: list[float], **options: Any) -> str:
    """The kind of output that the recording has in the end."""
    g = nn.Sequential(nn.Linear(3, 64), nn.Sigmoid())
    with Recorder(path, g, d, real=REAL, every=1, **options) as recorder:
        for loss in losses:
            recorder.step(d_loss=loss, g_loss=1.0)
    with Recording(path) as recording:
        kinds = {recording.channels[f"scores_{k}"].attributes["output"] for k in ("real", "fake")}
    (kind,) = kinds
    return str(kind)


class Ends(nn.Module):
    """A D with a function at its end."""

    def __init__(self, end: Callable[[torch.Tensor], torch.Tensor], scale: float = 1.0) -> None:
        super().__init__()
        self.layer, self.end = nn.Linear(64, 1), end
        with torch.no_grad():
            self.layer.weight.fill_(scale / 64)
            self.layer.bias.zero_()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.end(self.layer(x))


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (torch.sigmoid, "probability"),
        (lambda x: torch.sigmoid(x).squeeze(1), "probability"),
        (lambda x: torch.cat([x, -x], 1).softmax(1)[:, 0], "probability"),
        (lambda x: torch.sigmoid(x).detach(), "probability"),  # seen by its values alone
        (lambda x: x, "logit"),
        (lambda x: x.clone().view(-1), "logit"),
        (lambda x: x.detach(), "logit"),
    ],
)
def test_probabilities_are_seen(end: Callable[[Any], Any], kind: str, path: Path) -> None:
    assert record(path, Ends(end), []) == kind


def test_a_negative_loss_is_that_of_a_critic_whenever_it_comes(path: Path) -> None:
    assert record(path, Ends(lambda x: x), [9.0] * 5 + [-0.1] + [3.0]) == "critic"
    with Recording(path) as recording:
        assert recording.complete


def test_what_was_found_out_holds_where_the_recording_goes_on(path: Path) -> None:
    record(path, Ends(lambda x: x), [-1.0, -1.0])
    assert record(path, Ends(lambda x: x), [-1.0], resume_at=2) == "critic"


def test_what_is_given_is_taken(path: Path) -> None:
    assert record(path, Ends(lambda x: x), [-1.0], output="logit") == "logit"


def test_doubt_is_said_once(path: Path) -> None:
    with pytest.warns(UserWarning, match='output="logit", "probability" or "critic"') as told:
        record(path, Ends(lambda x: x, scale=200.0), [500.0] * 20)
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record(path.with_name("b.ganviz"), Ends(lambda x: x), [1.5] * 20, output="logit")


@pytest.mark.parametrize("batches", [1, 2, 4, 8])
def test_gradients_may_be_added_over_batches(batches: int, path: Path) -> None:
    """The loss of each is then divided by their number; no doubt is told."""
    loss = 2 * math.log(2) / batches
    assert record(path, Ends(lambda x: x, scale=0.01), [loss] * 20) == "logit"


def test_a_channel_is_amended(path: Path) -> None:
    with Writer(path) as writer:
        writer.add_channel("a", (1,), "float32", output="logit", n=3)
        writer.write_frame(0, {"a": [1.0]})
        writer.amend_channel("a", output="critic")
        writer.write_frame(1, {"a": [2.0]})
    with Recording(path) as recording:
        assert recording.channels["a"].attributes == {"output": "critic", "n": 3}
        assert recording.array("a", 1).tolist() == [2.0]


def test_a_verdict_is_printed_in_words() -> None:
    text = "D saturated: D's loss 0.001 (step 600)"
    assert str(Verdict("overpowered", 600, text)) == text
