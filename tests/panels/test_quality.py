"""Figures of quality over the steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes

from gan_viz.errors import UsageError
from gan_viz.panels.base import Style
from gan_viz.panels.choosing import make_panels
from gan_viz.panels.quality import QualityPanel
from gan_viz.recording import Recording, Writer


def test_bands_are_two_errors_and_the_floor_is_a_line(
    tmp_path: Path, axes: Axes, style: Style
) -> None:
    steps, values, errors = [0, 5, 9], np.array([0.1, 0.4, 0.7]), np.array([0.01, 0.02, 0.03])
    floor = {"precision": [0.8, 0.01], "recall": "wrong", "coverage": None}
    with Writer(tmp_path / "a.ganviz", {"quality": {"floor": floor}}) as writer:
        for step in steps:
            writer.write_frame(step, {})
        row = {f"quality_{name}": values for name in ("precision", "recall", "coverage")}
        writer.write_scalars(steps, {**row, "quality_precision_error": errors})
    with Recording(writer.path) as recording:
        panel = QualityPanel().bind(recording)
        assert panel.floor == {"precision": 0.8}
        panel.setup(axes, style)
        assert 0.8 in [line.get_ydata()[0] for line in axes.lines]
        band = panel._bands["precision"].points[:, 1]
        assert np.nanmax(band) == pytest.approx(0.76)
        assert np.nanmin(band) == pytest.approx(0.08)


def test_a_distance_has_a_scale_of_its_own(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.ganviz") as writer:
        writer.write_frame(0, {})
        writer.write_scalars([0, 5], {"quality_frechet": [40.0, 3.0]})
    (panel,) = make_panels("quality(frechet)")
    with Recording(writer.path) as recording:
        low, high = panel.bind(recording).limits  # type: ignore[attr-defined]
        assert low <= 0
        assert high > 40
        assert QualityPanel().lacking(recording)
    with pytest.raises(UsageError, match="figure"):
        make_panels("quality(fid)")
