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

    `steps` trains while it is iterated over, and yields after each of the `total` steps, or each
    update of one player, the number of the step and figures by name. Raises TrainingError if a loss
    is no longer finite.

    Small `networks` learn faster with one thread; see `suitable_threads`. With `in_step` they are
    always those after the last step that was yielded; if they may be ahead, a training that is
    interrupted or fails gets no last frame, and is unfinished. A step is yielded `updates` times:
    progress is reported after whole steps alone. `shown` has the label of each figure that progress
    shows, and the figure's name.
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
