"""Verdicts on a training, while it goes on or from its recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from gan_viz.diagnostics.figures import HealthFigures
from gan_viz.diagnostics.rules import Chunk, Rule, Span, all_rules
from gan_viz.diagnostics.wording import Verdict
from gan_viz.distributions import Distribution, from_description
from gan_viz.distributions.modes import Mode
from gan_viz.errors import GanVizError
from gan_viz.recording import Recording, Scalars

__all__ = ["Diagnosis", "Monitor", "diagnose", "verdicts"]

FIGURES_OF_CHANNELS = {
    "samples": {"g_diversity"},
    "generator": set(),
    "class_counts": {"g_coverage"},
    "discriminator": {"d_real", "d_fake"},
}
"""Channels that figures of health are measured from. Where all those named here are recorded, the
channel is not read."""


CHUNK = 1 << 14
"""Steps judged at a time: the arrays of this many stay in the processor's cache."""


class Diagnosis(NamedTuple):
    """All that is said of a recorded training.

    Attributes
    ----------
    verdicts : tuple of Verdict
        By step.
    held : tuple of tuple of Verdict
        For each frame those that held at its step, by the step they were given at.
    """

    verdicts: tuple[Verdict, ...]
    held: tuple[tuple[Verdict, ...], ...]


class Monitor:
    """Judges a training by its numbers, chunk by chunk or all at once.

    Parameters
    ----------
    modes : sequence of Mode
        Modes of the data to be watched one by one; see `HealthFigures.modes`.

    Attributes
    ----------
    names : frozenset of str
        The series it goes by.

    Examples
    --------
    >>> losses = Scalars(np.arange(1, 5), np.array([1.4, 1.2, 0.9, np.nan]))
    >>> Monitor().add({"d_loss": losses})
    [Verdict(kind='nan', step=4, text="D's loss is nan (step 4)")]
    """

    def __init__(self, modes: Sequence[Mode] = ()) -> None:
        self._rules = all_rules(modes)
        self.names = frozenset(name for rule in self._rules for name in rule.names)

    def add(self, chunk: Chunk) -> list[Verdict]:
        """Take in numbers of steps after all those before.

        Parameters
        ----------
        chunk : mapping of str to Scalars
            By series; those not in `names` are ignored. It must not end between numbers of the
            same step.

        Returns
        -------
        list of Verdict
            The new ones, by step.
        """
        new = [span.verdict for rule in self._rules for span in _added(rule, chunk) if span.is_new]
        return sorted(new, key=lambda verdict: verdict.step)

    def held_at(self, steps: NDArray[np.int64]) -> tuple[tuple[Verdict, ...], ...]:
        """For each of some ascending steps, the verdicts that held, by the step of each."""
        held: list[list[Verdict]] = [[] for _ in steps]
        spans = [span for rule in self._rules for span in rule.spans]
        for span in sorted(spans, key=lambda span: span.verdict.step):
            end = np.inf if span.end is None else span.end
            for frame in range(*np.searchsorted(steps, [span.start, end]).tolist()):
                held[frame].append(span.verdict)
        return tuple(map(tuple, held))


def _added(rule: Rule, chunk: Chunk) -> list[Span]:
    """The spans that a chunk adds to a rule's."""
    known = len(rule.spans)
    rule.add(chunk)
    return rule.spans[known:]


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
    """Judge a recorded training, once for all who ask.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    Diagnosis
    """
    # Refreshing a recording gives it a new array of steps: what was said before is then outdated.
    steps, known = _DIAGNOSES.get(recording, (None, None))
    if known is None or steps is not recording.steps:
        known = _diagnosed(recording)
        _DIAGNOSES[recording] = recording.steps, known
    return known


def _diagnosed(recording: Recording) -> Diagnosis:
    figures = _figures_of(recording)
    monitor = Monitor(figures.modes)
    recorded = {name: recording.scalars[name] for name in monitor.names & {*recording.scalars}}
    chunks = _in_chunks(_measured(recording, figures) | recorded)
    found = tuple(verdict for chunk in chunks for verdict in monitor.add(chunk))
    return Diagnosis(found, monitor.held_at(recording.steps))


def _in_chunks(series: Chunk) -> Iterator[Chunk]:
    """Cut all series at the same steps."""
    longest = max((one.steps for one in series.values()), key=len, default=np.empty(0))
    borders = longest[CHUNK::CHUNK]
    ends = {name: np.searchsorted(one.steps, borders) for name, one in series.items()}
    cut = {
        name: zip(np.split(one.steps, ends[name]), np.split(one.values, ends[name]), strict=True)
        for name, one in series.items()
    }
    for _ in range(len(borders) + 1):
        yield {name: Scalars(*next(pieces)) for name, pieces in cut.items()}


def _measured(recording: Recording, figures: HealthFigures) -> dict[str, Scalars]:
    """Figures of the frames."""
    recorded = {*recording.scalars}
    needed = [
        name
        for name, named in FIGURES_OF_CHANNELS.items()
        if name in recording.channels
        and recording.channels[name].shape
        and not (named and recorded.issuperset(named))
    ]
    found: dict[str, list[tuple[int, float]]] = {}
    for frame, step in enumerate(recording.steps.tolist() if needed else ()):
        arrays = {
            name: recording.array(name, frame) for name in needed if recording.has(name, frame)
        }
        for name, value in figures.of(arrays).items():
            found.setdefault(name, []).append((step, value))
    columns = {name: np.array(pairs).T for name, pairs in found.items()}
    return {
        name: Scalars(steps.astype(np.int64), values) for name, (steps, values) in columns.items()
    }


def _figures_of(recording: Recording) -> HealthFigures:
    real = recording.constants.get("real_samples")
    real = real if real is not None and real.ndim else None
    discriminator = recording.channels.get("discriminator")
    output = None if discriminator is None else discriminator.attributes.get("output")
    x = None if output == "critic" else _grid(recording)
    return HealthFigures(_target(recording), real, x, output)


def _target(recording: Recording) -> Distribution | None:
    """The distribution of the data; None where the header does not give one that can be used."""
    description = recording.header.get("target")
    try:
        return from_description(description) if isinstance(description, dict) else None
    except GanVizError:
        return None


def _grid(recording: Recording) -> NDArray[np.float64] | None:
    """Where D was evaluated, if it was along x."""
    channel, x = recording.channels.get("discriminator"), recording.constants.get("x")
    if channel is None or x is None or channel.shape != x.shape or x.ndim != 1:
        return None
    return x.astype(np.float64) if len(x) and (np.diff(x) > 0).all() else None
