"""What a recording says of the objective and of D's outputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.recording import Recording

UNBOUNDED = ("critic", "margin")
"""Kinds of output of D that are not probabilities and cannot be turned into them."""


def probability(outputs: ArrayLike, output: object = "logit") -> NDArray[np.float64]:
    """Turn logits into probabilities that a sample is real; leave D's other outputs unchanged.

    `output` is ``"logit"``, ``"probability"``, ``"critic"`` or ``"margin"``.

    Examples
    --------
    >>> probability([0.0, float("-inf")]).tolist()
    [0.5, 0.0]
    """
    values = np.asarray(outputs, np.float64)
    return 0.5 + 0.5 * np.tanh(0.5 * values) if output == "logit" else values


def is_critic(recording: Recording) -> bool:
    """Whether D returns values of a critic, or margins, rather than probabilities."""
    objective = _objective(recording)
    if "output" in objective:
        return objective["output"] in UNBOUNDED
    channels = (recording.channels.get(name) for name in ("scores_real", "scores_fake"))
    return any(one is not None and one.attributes.get("output") in UNBOUNDED for one in channels)


def objective_name(recording: Recording) -> str:
    """Name of the objective in a recording's header, or of a model without; empty without both."""
    name = (_objective(recording) or _entries(recording, "model")).get("name")
    return name if isinstance(name, str) else ""


def _objective(recording: Recording) -> Mapping[str, object]:
    return _entries(recording, "objective")


def _entries(recording: Recording, group: str) -> Mapping[str, object]:
    entries = recording.header.get(group)
    return entries if isinstance(entries, Mapping) else {}
