"""Training while recording, the same for every GAN of this package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz.progress import Progress, Reporter

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
    in_step: bool = True,
    updates: int = 1,
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
    in_step : bool
        Whether the networks are always those after the last step that was yielded. If they may be
        ahead, a training that is interrupted or fails gets no last frame. It is unfinished then.
    updates : int
        How many times a step is yielded: progress is reported after whole steps alone.
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
    with ExitStack() as stack:
        stack.push(lambda kind, *_: recorder.close(complete=kind is None, last=in_step or None))
        if networks is not None:
            from gan_viz.training.threads import suitable_threads

            stack.enter_context(suitable_threads(*networks))
        for made, (number, figures) in enumerate(steps, 1):
            recorder.step(**figures)
            latest.update(figures)
            if made % updates == 0 and reporter.due(number):
                values = {label: float(latest[name]) for label, name in shown.items()}
                reporter.report(number, values)
    return recorder.path
