"""What D's outputs mean."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.recording import Recording

__all__ = ["UNBOUNDED", "is_critic", "probability"]

UNBOUNDED = ("critic", "margin")
"""Outputs of D that are no probabilities, nor turned into them."""


def probability(outputs: ArrayLike, output: object = "logit") -> NDArray[np.float64]:
    """Turn outputs of D into what can be compared with 1/2.

    Parameters
    ----------
    outputs : array_like
    output : {"logit", "probability", "critic", "margin"}
        What they are; all but logits are left as they are.

    Returns
    -------
    ndarray
        Probabilities from 0 to 1 that a sample is real, or the values of a critic or a margin.

    Examples
    --------
    >>> probability([0.0, float("-inf")]).tolist()
    [0.5, 0.0]
    """
    values = np.asarray(outputs, np.float64)
    return 0.5 + 0.5 * np.tanh(0.5 * values) if output == "logit" else values


def is_critic(recording: Recording) -> bool:
    """Say whether D's outputs are no probabilities but values of a critic, or margins."""
    objective = recording.header.get("objective")
    if isinstance(objective, Mapping) and "output" in objective:
        return objective["output"] in UNBOUNDED
    channels = (recording.channels.get(name) for name in ("scores_real", "scores_fake"))
    return any(one is not None and one.attributes.get("output") in UNBOUNDED for one in channels)
