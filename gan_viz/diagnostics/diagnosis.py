"""Verdicts on a training, while it goes on or from its recording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.exact import latent_line
from gan_viz.arguments import checked
from gan_viz.diagnostics.figures import HealthFigures
from gan_viz.diagnostics.rules import judge, series_names
from gan_viz.diagnostics.thresholds import thresholds_of
from gan_viz.diagnostics.wording import Verdict
from gan_viz.distributions import Distribution, from_description
from gan_viz.errors import GanVizError
from gan_viz.recording import Recording, Scalars
from gan_viz.recording.shown import has_its_shape

Array = NDArray[Any]

FIGURES_OF_CHANNELS = {
    "samples": {"g_diversity"},
    "generator": {"g_spread", "g_centre", "g_w1", "g_tv"},
    "class_counts": {"g_coverage"},
    "discriminator": {"d_real", "d_fake", "d_off"},
}
"""Channels that figures of health are measured from. A channel need not be read if the figures
named here were recorded."""
MOST_FRAMES = 1024
"""Of more frames so many are measured, evenly spread."""
BLOCK = 16
"""Frames measured at a time: their arrays stay in the processor's cache."""


class Diagnosis(NamedTuple):
    """The verdicts on a training by step and, for each frame, those that held at its step."""

    verdicts: tuple[Verdict, ...]
    held: tuple[tuple[Verdict, ...], ...]


@checked
def verdicts(recording: Recording) -> list[Verdict]:
    """Judge a recorded training.

    Parameters
    ----------
    recording : Recording
        Figures of health that were not recorded are measured from its frames.

    Returns
    -------
    list of Verdict
        By step; the same that `gan_viz.hooks.health.HealthHook` gave while it was recorded.
    """
    return [*diagnose(recording).verdicts]


_DIAGNOSES: WeakKeyDictionary[Recording, tuple[NDArray[np.int64], Diagnosis]] = WeakKeyDictionary()
"""Diagnoses of recordings in use, each with the steps that the recording had."""


def diagnose(recording: Recording) -> Diagnosis:
    """Judge a recorded training; the diagnosis is kept for whoever asks next."""
    # Refreshing a recording gives it a new array of steps: an older diagnosis is then outdated.
    steps, known = _DIAGNOSES.get(recording, (None, None))
    if known is None or steps is not recording.steps:
        known = _diagnosed(recording)
        _DIAGNOSES[recording] = recording.steps, known
    return known


def _diagnosed(recording: Recording) -> Diagnosis:
    figures = _figures_of(recording)
    names = series_names(figures.modes) & {*recording.scalars}
    recorded = {name: recording.scalars[name] for name in names}
    series = _measured(recording, figures) | recorded
    spans = judge(series, figures.modes, thresholds_of(recording.header))
    held: list[list[Verdict]] = [[] for _ in recording.steps]
    for span in spans:
        for frame in range(*np.searchsorted(recording.steps, [span.start, span.end]).tolist()):
            held[frame].append(span.verdict)
    found = dict.fromkeys(span.verdict for span in spans)
    return Diagnosis(tuple(found), tuple(map(tuple, held)))


def _measured(recording: Recording, figures: HealthFigures) -> dict[str, Scalars]:
    """Measure the figures of the frames that have the channels for them."""
    found: dict[str, list[tuple[NDArray[np.int64], NDArray[np.float64]]]] = {}
    for steps, arrays in _blocks(recording):
        for name, values in figures.of_frames(arrays).items():
            found.setdefault(name, []).append((steps, values))
    return {
        name: Scalars(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        for name, parts in found.items()
    }


def _blocks(recording: Recording) -> Iterator[tuple[NDArray[np.int64], dict[str, Array]]]:
    """Steps of frames that have arrays of the same channels, and these, stacked."""
    recorded, channels = {*recording.scalars}, recording.channels
    needed = [
        name
        for name, named in FIGURES_OF_CHANNELS.items()
        if name in channels
        and channels[name].shape
        and has_its_shape(channels[name])
        and not recorded.issuperset(named)
    ]
    last = len(recording) - 1
    chosen = np.unique(np.linspace(0, last, min(last + 1, MOST_FRAMES)).astype(int))
    steps: list[int] = []
    stacks: dict[str, list[Array]] = {}
    columns = [recording.arrays(name, chosen) for name in needed]
    for frame, *arrays in zip(chosen.tolist() if needed else (), *columns, strict=True):
        found = zip(needed, arrays, strict=True)
        there = {name: array for name, array in found if array is not None}
        if steps and (len(steps) == BLOCK or there.keys() != stacks.keys()):
            yield np.array(steps), {name: np.stack(stack) for name, stack in stacks.items()}
            steps, stacks = [], {}
        steps.append(int(recording.steps[frame]))
        for name, array in there.items():
            stacks.setdefault(name, []).append(array)
    if steps:
        yield np.array(steps), {name: np.stack(stack) for name, stack in stacks.items()}


def _figures_of(recording: Recording) -> HealthFigures:
    real = recording.constants.get("real_samples")
    discriminator = recording.channels.get("discriminator")
    counts = recording.channels.get("class_counts")
    classified = None if counts is None else counts.attributes.get("samples")
    line = latent_line(recording) if "generator" in recording.channels else None
    return HealthFigures(
        _target(recording),
        real if real is not None and real.ndim else None,
        _grid(recording),
        None if discriminator is None else discriminator.attributes.get("output"),
        None if line is None else line.weights,
        classified if isinstance(classified, int) else None,
    )


def _target(recording: Recording) -> Distribution | None:
    """The distribution of the data; None where the header does not give one that can be used."""
    with suppress(GanVizError):
        return from_description(recording.header.get("target", {}))
    return None


def _grid(recording: Recording) -> NDArray[np.float64] | None:
    """Where D was evaluated, if it was along x."""
    channel, x = recording.channels.get("discriminator"), recording.constants.get("x")
    if channel is None or x is None or channel.shape != x.shape or x.ndim != 1:
        return None
    return x.astype(np.float64) if len(x) and (np.diff(x) > 0).all() else None
