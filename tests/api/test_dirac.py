"""The Dirac-GAN recorded and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gan_viz
from gan_viz.analysis.dirac import METHODS, Steps
from gan_viz.errors import GanVizError, RecordingError
from gan_viz.recording import Recording, Writer


def test_what_is_recorded_is_what_is_played(tmp_path: Path) -> None:
    place = gan_viz.record_dirac(tmp_path / "r1.ganviz", "r1", strength=0.5, steps=40, lr=0.1)
    game = METHODS["r1"].make(0.5)
    way = Steps(0.1).play(game, (1, 1), 40)
    with Recording(place) as recording:
        assert recording.steps.tolist() == list(range(41))
        assert np.array_equal([recording.array("weights", k) for k in range(41)], way)
        parts = recording.array("eigenvalues", 7)
        assert np.allclose(parts[:, 0] + 1j * parts[:, 1], game.eigenvalues(way[7]))
        assert recording.scalars["radius"].values[-1] == pytest.approx(np.hypot(*way[-1]))
        places = recording.constants["field_places"]
        assert np.allclose(recording.constants["field"], game.field(places))
        assert recording.header["settings"]["weight γ"] == 0.5
        assert recording.header["growth"] == pytest.approx(Steps(0.1).radius(game.jacobian([0, 0])))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_recorded_either_way(method: str, tmp_path: Path) -> None:
    for update in ("simultaneous", "alternating"):
        place = gan_viz.record_dirac(tmp_path / "a.ganviz", method, update=update, steps=3)
        with Recording(place) as recording:
            assert len(recording) == 4
            assert recording.header["settings"]["rule"] == METHODS[method].rule


def test_no_eigenvalues_are_told_where_the_field_jumps(tmp_path: Path) -> None:
    with Recording(gan_viz.record_dirac(tmp_path / "a.ganviz", "wgan-gp", steps=3)) as recording:
        assert recording.header["growth"] is None
        assert "eigenvalues_at_rest" not in recording.constants
        assert recording.array("eigenvalues", 0)[0, 0] == pytest.approx(-0.35)


def test_a_game_that_runs_away_is_recorded_as_far_as_it_got(tmp_path: Path) -> None:
    place = gan_viz.record_dirac(tmp_path / "a.ganviz", "wasserstein", lr=10, steps=400)
    with Recording(place) as recording:
        assert 10 < len(recording) < 400
    assert gan_viz.render(place, tmp_path / "a.png", poster=True).path.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "r3"}, "unknown method 'r3'"),
        ({"method": "minimax", "strength": 1.0}, "the method minimax has none"),
        (
            {"method": "r1", "strength": -1.0},
            "above 0 and up to 1,000,000, like 0.3",
        ),
        ({"method": "r1", "strength": float("nan")}, "strength nan"),
        ({"steps": 0}, "steps 0"),
        ({"steps": 10_001}, "from 1 to 10,000"),
        ({"start": (0.0, 0.0)}, "not both 0"),
        ({"start": (1.0, 2.0, 3.0)}, "start 1, 2, 3"),
        ({"start": (float("inf"), 0.0)}, "start inf, 0"),
        ({"lr": 0.0}, "step size 0"),
        ({"d_steps": 3}, "alternating"),
    ],
)
def test_what_cannot_be_played(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(GanVizError) as error:
        gan_viz.record_dirac(tmp_path / "a.ganviz", **options)
    assert message in str(error.value)
    assert error.value.exit_code == 2
    assert not list(tmp_path.iterdir())


def test_weights_of_a_stranger_are_refused_in_one_line(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.ganviz") as writer:
        writer.add_channel("weights", (3,), "float32")
        writer.add_channel("eigenvalues", (3,), "float32")
        writer.write_frame(0, {"weights": [1, 2, 3], "eigenvalues": [1, 2, 3]})
    for panel in ("plane", "dirac", "spectrum"):
        with pytest.raises(RecordingError, match="choose other panels"):
            gan_viz.render(writer.path, tmp_path / "a.png", panels=panel)
