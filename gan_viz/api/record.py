"""Training while recording, the same for every GAN of this package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz.api.progress import Progress, Reporter
from gan_viz.training.threads import suitable_threads

if TYPE_CHECKING:
    from torch import nn

    from gan_viz.hooks import Recorder

__all__ = ["LOSSES", "record_training"]

LOSSES: Mapping[str, str] = {"D loss": "d_loss", "G loss": "g_loss"}
"""What progress shows, and the names of the figures it is taken from."""


def record_training(
    recorder: Recorder,
    steps: Iterable[tuple[int, Mapping[str, Any]]],
    total: int,
    progress: Progress | None = None,
    *,
    networks: Iterable[nn.Module] | None = None,
    shown: Mapping[str, str] = LOSSES,
) -> Path:
    """Train by iterating, record every step, report progress, and close the recorder.

    Parameters
    ----------
    recorder : Recorder
    steps : iterable of (int, mapping of str to number or tensor)
        Trains while it is iterated over, and yields after each step, or each update of one player,
        the number of the step and figures by name.
    total : int
        Steps.
    progress : Progress, optional
    networks : iterable of torch.nn.Module, optional
        Small networks, which learn faster with one thread; see `suitable_threads`.
    shown : mapping of str to str
        Label to the name of the figure that progress shows under it.

    Returns
    -------
    pathlib.Path
        The recording.

    Raises
    ------
    TrainingError
        A loss is no longer finite.
    """
    reporter = Reporter(progress, "training", total)
    latest: dict[str, Any] = {}
    # the recorder closes the recording of an interrupted or failed training as unfinished: what
    # the networks have become since the last frame is then of no step in particular
    with recorder, nullcontext() if networks is None else suitable_threads(*networks):
        for number, figures in steps:
            recorder.step(**figures)
            latest.update(figures)
            if reporter.due(number):
                reporter.report(number, _labelled(latest, shown))
    return recorder.path


def _labelled(figures: Mapping[str, Any], shown: Mapping[str, str]) -> dict[str, float]:
    return {label: float(figures[name]) for label, name in shown.items() if name in figures}
