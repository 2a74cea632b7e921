"""Where the loss of G pushes a generated sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.scores import probability
from gan_viz.errors import UnknownNameError

__all__ = ["push"]

Array = NDArray[np.float64]

SURE = 1e-7
"""Probabilities nearer to 0 and 1 have no logit in single precision."""


def _one(scores: Array) -> Array:
    return np.ones_like(scores)


WEIGHTS: Mapping[str, Callable[[Array], Array]] = {
    "hinge": _one,
    "lsgan": lambda s: 1 - s,
    "minimax": lambda s: probability(s),
    "non-saturating": lambda s: probability(-s),
    "wgan": _one,
    "wgan-gp": _one,
}
"""``-∂L_G/∂s`` for one sample of score s, by objective."""
LOGISTIC = {"minimax", "non-saturating"}
"""Objectives whose scores are logits."""


def push(
    outputs: ArrayLike, x: ArrayLike, at: ArrayLike, objective: str, output: object = "logit"
) -> Array:
    """The negative gradient of G's loss with respect to single samples.

    With s the score of D, ``-∂L_G/∂x = w(s) s'(x)``: ``w = σ(s)`` for minimax, where a sample that
    D is sure of is hardly pushed, and ``w = σ(-s)`` for the non-saturating loss (Goodfellow et al.
    2014, section 3); ``w = 1 - s`` for least squares (Mao et al. 2017, eq. 9); ``w = 1`` for the
    critics of Arjovsky et al. (2017), Gulrajani et al. (2017) and the hinge loss (Lim & Ye 2017).

    Parameters
    ----------
    outputs : array_like, shape (m,)
        Of D along `x`.
    x : array_like, shape (m,)
        Ascending.
    at : array_like, shape (n,)
        Samples.
    objective : str
        As in `gan_viz.registry.OBJECTIVES`; a penalty behind a ``+`` is of D alone, and ignored.
    output : {"logit", "probability", "critic"}
        What the outputs are.

    Returns
    -------
    ndarray, shape (n,)
        In units of the loss per unit of x, for a loss that is the sum over samples; NaN beyond `x`.
        Slopes are central differences, exact for parabolas inside an even `x`.

    Raises
    ------
    UnknownNameError
        The formula of the objective is not known here.

    Examples
    --------
    >>> push([0.0, 2.0, 4.0], [0.0, 1.0, 2.0], [0.0, 1.5, 2.5], "wgan").tolist()
    [2.0, 2.0, nan]
    """
    name = objective.partition("+")[0].strip()
    if name not in WEIGHTS:
        raise UnknownNameError("objective", objective, WEIGHTS)
    scores = _scores(np.asarray(outputs, np.float64), name, output)
    places, samples = np.asarray(x, np.float64), np.asarray(at, np.float64)
    if len(places) < 2:
        return np.full(len(samples), np.nan)
    with np.errstate(all="ignore"):  # a D that diverges pushes nowhere
        slopes = np.gradient(scores, places)
        slope = np.interp(samples, places, slopes, left=np.nan, right=np.nan)
        return np.asarray(WEIGHTS[name](np.interp(samples, places, scores)) * slope, np.float64)


def _scores(outputs: Array, objective: str, output: object) -> Array:
    """What the formulas are of: logits, if D was recorded as a probability."""
    if objective in LOGISTIC and output == "probability":
        sure = np.clip(outputs, SURE, 1 - SURE)
        return np.asarray(np.log(sure / (1 - sure)))
    return outputs
