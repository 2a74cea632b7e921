"""Verdicts on a training: what went wrong, when, and by which figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, repeat
from operator import itemgetter

from gan_viz.analysis.health import Gauge
from gan_viz.analysis.symptoms import all_rules
from gan_viz.distributions import from_description
from gan_viz.recording import Recording

__all__ = ["KINDS", "Judge", "Verdict", "verdicts"]

KINDS = ("collapse", "nan", "oscillation", "overpowered", "vanished-gradient")
"""What verdicts there are."""
MEASURED = ("samples", "generator", "class_counts")
"""Channels with figures of health in them."""

Series = Iterator[tuple[int, str, float]]


@dataclass(frozen=True)
class Verdict:
    """Something that went wrong in a training.

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


class Judge:
    """Judges a training by its numbers, as they come or afterwards.

    The verdicts depend on the numbers and their order alone, not on how many are told at once.
    Numbers that one rule looks at together are to be told together, as a recorder's step does.

    Examples
    --------
    >>> judge = Judge()
    >>> judge.on_scalars(range(1, 5), {"d_loss": [1.4, 1.2, 0.9, float("nan")]})
    [Verdict(kind='nan', step=4, text="D's loss is nan (step 4)")]
    """

    def __init__(self) -> None:
        self._rules = all_rules()
        self.names = frozenset(name for rule in self._rules for name in rule.names)

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
        names = self.names & values.keys()
        rules = [rule for rule in self._rules if not names.isdisjoint(rule.names)]
        found = []
        for at, step in enumerate(steps if rules else ()):
            row = {name: values[name][at] for name in names}
            for rule in rules:
                text = rule.judge(step, row)
                if text is not None:
                    found.append(Verdict(rule.kind, step, f"{text} (step {step})"))
        return found


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
    judge = Judge()
    found = []
    recorded = [_recorded(recording, name) for name in recording.scalars if name in judge.names]
    series = merge(*recorded, _measured(recording), key=itemgetter(0))
    for step, numbers in groupby(series, itemgetter(0)):
        found += judge.on_scalars([step], {name: [value] for _, name, value in numbers})
    return found


def _recorded(recording: Recording, name: str) -> Series:
    scalars = recording.scalars[name]
    return zip(scalars.steps.tolist(), repeat(name), scalars.values.tolist(), strict=False)


def _measured(recording: Recording) -> Series:
    """Figures of the frames, but none that was recorded."""
    there = [name for name in MEASURED if name in recording.channels]
    gauge = _gauge(recording)
    for frame, step in enumerate(recording.steps.tolist() if there else ()):
        arrays = {
            name: recording.array(name, frame) for name in there if recording.has(name, frame)
        }
        for name, value in gauge.read(arrays).items():
            if name not in recording.scalars:
                yield step, name, value


def _gauge(recording: Recording) -> Gauge:
    description = recording.header.get("target")
    target = from_description(description) if isinstance(description, dict) else None
    real = recording.constants.get("real_samples")
    return Gauge(target, real)
