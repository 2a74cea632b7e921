"""When the rules call a training ill, or well."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

CERTAIN = (0.98, 0.9)
"""Probabilities of being right at which recordings tell D's loss, for verdicts on it."""


@dataclass(frozen=True)
class Thresholds:
    """When the rules call a training ill, or well.

    Attributes are explained where they stand.
    """

    smoothing: float = 100.0
    """Steps after which a moving average keeps 1/e of a number: single batches do not count."""
    hold: int = 150
    """Steps for which averaged numbers must have been wrong: one and a half times the smoothing."""
    persist: int = 60
    """Steps for which figures of frames must have been, which are exact or nearly so."""
    least: int = 3
    """Numbers in a row that must have been wrong; of p_g, which is known exactly or nearly so, one
    is enough where the number before is as far away as `persist` says."""
    warm_up: int = 1000
    """Steps before which a G that was never diverse may still be learning: before training, its
    pictures are nearly the same."""
    sure: float = 0.97
    """D overpowers G above this mean probability of being right, on real and on generated samples.
    The minimax loss of G, log(1 - D(G(z))), then falls with D's logit at a rate of 0.03, a
    seventeenth of that at equilibrium. In trainings that go well, 0.9 is common."""
    unsure: float = 0.9
    """D no longer overpowers G below this probability."""
    faint: float = 1e-3
    """G's gradient has vanished below this norm relative to its early median. With Adam, which
    rescales gradients, a smaller decrease goes unnoticed."""
    restored: float = 1e-2
    """G's gradient is back above this relative norm."""
    early: int = 20
    """The median of so many first norms is the early one."""
    diversity: tuple[float, float] = (0.4, 0.6)
    """Samples have collapsed below the first, and no longer above the second: distance between
    them, relative to that between real ones. Pictures of one digit of MNIST are still 0.66 to 1.0
    times as far apart as those of all ten: a low diversity shows copies."""
    coverage: tuple[float, float] = (0.5, 0.7)
    """As `diversity`, for the share of classes among the samples."""
    spread: tuple[float, float] = (0.3, 0.5)
    """As `diversity`, for the width of G's outputs relative to the data's. One of two equal modes
    that are well apart has about a quarter of the width of both."""
    recall: tuple[float, float] = (0.1, 0.2)
    """As `diversity`, for the share of real samples within what G makes (recall), where half of
    G's samples at least are within the real ones (precision): a G that makes noise has neither."""
    lost: float = 0.2
    """G has lost a mode below this share of the mass where the mode is: outputs on the way between
    two other modes, or in a neighbour's tail, often make a tenth of it, seldom a quarter."""
    found: float = 0.35
    """G has found a mode above this share of its mass."""
    often: int = 3
    """A mode lost so many times comes and goes; its later losses are not reported one by one."""
    covered: tuple[float, float] = (0.55, 0.85)
    """As `diversity`, for the data's mass in modes that G makes, if it makes any: one of two equal
    modes is a collapse, two of three are not."""
    between: tuple[float, float] = (0.1, 0.07)
    """G puts too much mass between the modes above the first, and no longer below the second. A
    continuous G always puts some there: a few hundredths, in trainings that go well."""
    close: float = 0.05
    """p_g is p_data for an equilibrium below this total variation distance: the eye sees hardly a
    ripple, and D* is 0.0125 from 1/2 in the mean."""
    apart: float = 0.08
    """From this distance on, an equilibrium after it is a new one."""
    even: float = 0.05
    """D is 1/2 for an equilibrium if it is less than this from it in the mean over the data."""
    biased: float = 0.1
    """As `apart`, for this mean."""
    near: tuple[float, ...] = (0.15, 0.3)
    """p_g is near p_data below one of these total variation distances, which is then named."""
    far: tuple[float, float] = (0.5, 0.3)
    """p_g is far from p_data above either: total variation, and Wasserstein-1 distance relative to
    the data's scale."""
    left: float = 1.3
    """Ratio to such a distance above which p_g has left p_data: it is near anew after that."""
    swings: int = 8
    """Swings in a row, to and fro, that make an oscillation."""
    uneven: float = 0.2
    """Largest standard deviation of the swings' durations relative to their mean. In smoothed
    noise, so many swings in a row are so alike less than once in 100,000 steps."""
    fading: float = 0.5
    """Least ratio of the smallest swing to the largest: below it the swings come to rest."""
    loss_swing: float = 0.2
    """Least swing of G's smoothed loss, relative to its level."""
    centre_swing: float = 0.1
    """Least swing of the median of G's outputs, in widths of the data."""
    loss_smoothing: float = 20.0
    """Steps of smoothing that keep the swings of a loss and remove its noise."""
    at_rest: float = 3.0
    """An oscillation is over after so many mean durations of a swing without another."""

    low_loss: float = (1 - CERTAIN[0]) ** 2
    """D's loss at the first of `CERTAIN`. It depends on the objective; where this is not known, it
    is that of least squares, the lowest of all."""
    raised_loss: float = (1 - CERTAIN[1]) ** 2
    """D's loss at the second of `CERTAIN`."""


DEFAULTS = Thresholds()


def thresholds_of(header: Mapping[str, object]) -> Thresholds:
    """The thresholds for a recording: those on D's loss follow from the objective in its header.

    Without losses of D there, the rule on them is silent if D is a critic, which need not be right.
    """
    objective = header.get("objective")
    if not isinstance(objective, Mapping):
        return DEFAULTS
    losses = objective.get("d_loss_at")
    known = losses if isinstance(losses, Mapping) else {}
    low, raised = (known.get(f"{p:g}") for p in CERTAIN)
    if isinstance(low, float) and isinstance(raised, float):
        return replace(DEFAULTS, low_loss=low, raised_loss=raised)
    critic = objective.get("output") == "critic"
    return replace(DEFAULTS, low_loss=-math.inf) if critic else DEFAULTS
