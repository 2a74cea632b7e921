"""Verdicts on a training: what went wrong, or came to rest, when, and by which figures."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, repeat
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.health import Gauge
from gan_viz.analysis.rules import Rule
from gan_viz.analysis.scores import UNBOUNDED
from gan_viz.analysis.symptoms import all_rules
from gan_viz.distributions import Distribution, from_description
from gan_viz.distributions.modes import Mode
from gan_viz.errors import GanVizError
from gan_viz.recording import Recording

__all__ = ["KINDS", "History", "Judge", "Verdict", "history", "verdicts"]

KINDS = (
    "collapse",
    "equilibrium",
    "lost-mode",
    "nan",
    "oscillation",
    "overpowered",
    "vanished-gradient",
)
"""What verdicts there are."""
GOOD = "equilibrium"
MEASURED = {
    "samples": ("g_diversity",),
    "generator": (),
    "class_counts": ("g_coverage",),
    "discriminator": ("d_real", "d_fake"),
}
"""Channels with figures of health in them, and where these make them needless if recorded."""

Series = Iterator[tuple[int, str, float]]


@dataclass(frozen=True)
class Verdict:
    """Something that went wrong in a training, or well.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    step : int
        When it had become clear.
    text : str
        In words, with its figures and the step.
    """

    kind: str
    step: int
    text: str

    @property
    def good(self) -> bool:
        """Whether it is as it should be."""
        return self.kind == GOOD

    @property
    def short(self) -> str:
        """The same without the step and, of what went wrong, without figures.

        Examples
        --------
        >>> Verdict("overpowered", 600, "D saturated: D's loss 0.001 (step 600)").short
        'D saturated'
        """
        said = self.text.removesuffix(f" (step {self.step})")
        return said if self.good else said.partition(": ")[0]


class History(NamedTuple):
    """All that is said of a recorded training.

    Attributes
    ----------
    verdicts : tuple of Verdict
        By step.
    held : tuple of tuple of Verdict
        For each frame those that held at its step, in the order they were given.
    """

    verdicts: tuple[Verdict, ...]
    held: tuple[tuple[Verdict, ...], ...]


class Judge:
    """Judges a training by its numbers, as they come or afterwards.

    The verdicts depend on the numbers and their order alone, not on how many are told at once.
    Numbers that one rule looks at together are to be told together, as a recorder's step does.

    Parameters
    ----------
    modes : sequence of Mode
        Of the data, where they are to be watched one by one; see `Gauge.modes`.

    Examples
    --------
    >>> judge = Judge()
    >>> judge.on_scalars(range(1, 5), {"d_loss": [1.4, 1.2, 0.9, float("nan")]})
    [Verdict(kind='nan', step=4, text="D's loss is nan (step 4)")]
    """

    def __init__(self, modes: Sequence[Mode] = ()) -> None:
        self._rules = all_rules(modes)
        self.names = frozenset(name for rule in self._rules for name in rule.names)
        self._concerned: dict[frozenset[str], list[Rule]] = {}
        self._given: dict[Rule, Verdict] = {}

    def on_scalars(
        self, steps: Sequence[int], values: Mapping[str, Sequence[float]]
    ) -> list[Verdict]:
        """Take in numbers of consecutive steps.

        Parameters
        ----------
        steps : sequence of int, length n
            Ascending.
        values : mapping of str to sequence of float, length n
            By series; those in `names` matter, others are passed over.

        Returns
        -------
        list of Verdict
            The new ones, by step.
        """
        names = self.names.intersection(values)
        rules = self._rules_for(names)
        found = []
        for at, step in enumerate(steps if rules else ()):
            row = {name: values[name][at] for name in names}
            for rule in rules:
                text = rule.judge(step, row)
                if text is not None:
                    verdict = Verdict(rule.kind, step, f"{text} (step {step})")
                    self._given.pop(rule, None)  # the order is that of the verdicts
                    self._given[rule] = verdict
                    found.append(verdict)
        return found

    def _rules_for(self, names: frozenset[str]) -> list[Rule]:
        if names not in self._concerned:
            concerned = [rule for rule in self._rules if not names.isdisjoint(rule.names)]
            self._concerned[names] = concerned
        return self._concerned[names]

    @property
    def held(self) -> tuple[Verdict, ...]:
        """The verdicts that still hold, in the order they were given."""
        return tuple(verdict for rule, verdict in self._given.items() if rule.holds)


def verdicts(recording: Recording) -> list[Verdict]:
    """Judge a recorded training.

    Parameters
    ----------
    recording : Recording
        Figures of health that were not recorded are measured from its frames.

    Returns
    -------
    list of Verdict
        By step; the same that a judge gave while it was recorded.
    """
    return [*history(recording).verdicts]


_KNOWN: dict[int, History] = {}
"""By the identity of the steps, which all views of a recording share until it is refreshed."""


def history(recording: Recording) -> History:
    """Judge a recorded training, once for all that ask.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    History
    """
    steps = recording.steps
    if id(steps) not in _KNOWN:
        _KNOWN[id(steps)] = _judged(recording)
        weakref.finalize(steps, _KNOWN.pop, id(steps), None)
    return _KNOWN[id(steps)]


def _judged(recording: Recording) -> History:
    gauge = _gauge(recording)
    judge = Judge(gauge.modes)
    found: list[Verdict] = []
    held: list[tuple[Verdict, ...]] = []
    frames = recording.steps.tolist()
    recorded = [_recorded(recording, name) for name in recording.scalars if name in judge.names]
    series = merge(*recorded, _measured(recording, gauge), key=itemgetter(0))
    for step, numbers in groupby(series, itemgetter(0)):
        while len(held) < len(frames) and frames[len(held)] < step:
            held.append(judge.held)
        found += judge.on_scalars([step], {name: [value] for _, name, value in numbers})
    held += [judge.held] * (len(frames) - len(held))
    return History(tuple(found), tuple(held))


def _recorded(recording: Recording, name: str) -> Series:
    scalars = recording.scalars[name]
    return zip(scalars.steps.tolist(), repeat(name), scalars.values.tolist(), strict=False)


def _measured(recording: Recording, gauge: Gauge) -> Series:
    """Figures of the frames, but none that was recorded."""
    recorded = {*recording.scalars}
    there = [
        name
        for name, figures in MEASURED.items()
        if name in recording.channels
        and recording.channels[name].shape
        and not (figures and recorded.issuperset(figures))
    ]
    for frame, step in enumerate(recording.steps.tolist() if there else ()):
        arrays = {
            name: recording.array(name, frame) for name in there if recording.has(name, frame)
        }
        for name, value in gauge.read(arrays).items():
            if name not in recorded:
                yield step, name, value


def _gauge(recording: Recording) -> Gauge:
    real = recording.constants.get("real_samples")
    real = real if real is not None and real.ndim else None
    discriminator = recording.channels.get("discriminator")
    output = None if discriminator is None else discriminator.attributes.get("output")
    x = None if output in UNBOUNDED else _along(recording)
    return Gauge(_target(recording), real, x, output)


def _target(recording: Recording) -> Distribution | None:
    """What was to be learnt; None where the recording does not say so that it can be used."""
    description = recording.header.get("target")
    try:
        return from_description(description) if isinstance(description, dict) else None
    except GanVizError:
        return None


def _along(recording: Recording) -> NDArray[np.float64] | None:
    """Where D was evaluated, if it was along x."""
    channel, x = recording.channels.get("discriminator"), recording.constants.get("x")
    if channel is None or x is None or channel.shape != x.shape or x.ndim != 1:
        return None
    return x.astype(np.float64) if len(x) and (np.diff(x) > 0).all() else None
