"""An offline run of Weights & Biases: nothing is sent until ``wandb sync`` is called."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import wandb

from gan_viz.exports.base import Contents, Exporter


class WandbExporter(Exporter):
    """A folder ``wandb`` with one offline run: series, metrics, histograms, sheets of pictures.

    The header is its config. ``wandb sync FOLDER/wandb/offline-run-*`` uploads it.
    """

    def write(self, contents: Contents, place: Path) -> None:
        """Write the run: all that is known of a step at once, as steps have to ascend."""
        settings = wandb.Settings(
            console="off", disable_git=True, silent=True, x_disable_meta=True, x_disable_stats=True
        )
        run = wandb.init(
            project="gan_viz",
            name=contents.recording.path.stem,
            config=contents.header,
            dir=str(place),
            mode="offline",
            settings=settings,
        )
        try:
            logged = _by_step(contents)
            for step in sorted(logged):
                run.log(logged[step], step=step)
        finally:
            run.finish()


def _by_step(contents: Contents) -> dict[int, dict[str, Any]]:
    logged: dict[int, dict[str, Any]] = defaultdict(dict)
    for name, series in contents.series.items():
        for step, value in zip(series.steps.tolist(), series.values.tolist(), strict=True):
            logged[step][name] = value
    for step, name, values in contents.outputs():
        if len(values):
            logged[step][name] = wandb.Histogram(np_histogram=np.histogram(values, 64))
    for step, name, sheet in contents.pictures():
        logged[step][name] = wandb.Image(sheet)
    return logged
