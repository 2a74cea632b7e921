"""Whether G was recorded at enough latents to be known between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.recording import Recording

Array = NDArray[np.float64]

MOST = 0.1
"""p_g counts as known if G is doubtful at no more than this part of the latents: its total
variation error is then about a fifth of that."""
BEND = 0.5
"""Steps between neighbouring outputs differ by more than this part of both where G is doubtful: one
is three times the other, or they lead back."""
FLAT = 1e-5
"""Steps that are smaller than this, relative to all outputs, are no bends but rounding."""


def doubtful(outputs: ArrayLike) -> NDArray[np.bool_]:
    """At which latents, but the first and last of n >= 3, G bends so much that it is not known."""
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.diff(np.asarray(outputs, np.float64))
        both = np.abs(steps[1:]) + np.abs(steps[:-1])
        bends = np.abs(np.diff(steps)) >= BEND * both
        return np.asarray(bends & (both > FLAT * np.ptp(outputs)))


class Resolution:
    """Tells whether p_g of a recording, with G's outputs at ascending latents, can be computed.

    Two things speak against it: that G bends sharply at many latents, and that it is not on the way
    between their outputs at the latents that were recorded to check that, if there are any.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        channel = recording.channels.get("generator_between")
        known = recording.constant_channels.get("latents_between")
        number = recording.channels["generator"].shape[0]
        self._checked = (
            channel is not None and known is not None and number > 1
        ) and known.shape == (*channel.shape, 1)
        if self._checked:
            latents = np.ravel(recording.constants["latents"])
            between = np.ravel(recording.constants["latents_between"])
            self._gap = np.searchsorted(latents, between, side="right") - 1
            self._gap = self._gap.clip(0, len(latents) - 2)
            here, there = latents[self._gap], latents[self._gap + 1]
            self._part = np.asarray((between - here) / (there - here), np.float64)

    def unresolved(self, frame: int) -> float:
        """Part of the latents at which G is doubtful at a frame, 0 to 1; 0 without outputs."""
        if not self._recording.has("generator", frame):
            return 0.0
        outputs = np.asarray(self._recording.array("generator", frame), np.float64)
        share = float(np.mean(doubtful(outputs))) if len(outputs) > 2 else 0.0
        if self._checked and self._recording.has("generator_between", frame):
            return max(share, self._missed(outputs, frame))
        return share

    def _missed(self, outputs: Array, frame: int) -> float:
        """Part of the latents between whose outputs are off the way by half its length."""
        found = np.asarray(self._recording.array("generator_between", frame), np.float64)
        near = np.stack([outputs[(self._gap + k).clip(0, len(outputs) - 1)] for k in (-1, 0, 1, 2)])
        with np.errstate(over="ignore", invalid="ignore"):
            expected = near[1] + self._part * (near[2] - near[1])
            rounding = FLAT * np.maximum(np.abs(found), np.abs(expected))
            return float(np.mean(np.abs(found - expected) > BEND * np.ptp(near, axis=0) + rounding))
