"""On which scale frames are spread evenly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gan_viz.recording import Recording

__all__ = ["positions", "positions_together"]


def positions(recording: Recording, pace: str) -> NDArray[np.float64]:
    """Place each frame on the scale along which an animation moves evenly.

    Parameters
    ----------
    recording : Recording
    pace : str
        A name in `gan_viz.api.look.PACES`.

    Returns
    -------
    ndarray, shape (frames,)
        Ascending, from 0.
    """
    if pace == "recorded":
        return np.arange(len(recording), dtype=np.float64)
    if pace == "change":
        from gan_viz.analysis import change

        return np.cumsum(change(recording))
    return _along(recording.steps, pace)


def positions_together(
    recordings: Sequence[Recording], steps: NDArray[np.int64], pace: str
) -> NDArray[np.float64]:
    """Place the steps of several recordings' clock on the scale an animation moves evenly along.

    Parameters
    ----------
    recordings : sequence of Recording
    steps : ndarray of int, shape (n,)
        Those of all their frames, ascending.
    pace : str
        A name in `gan_viz.api.look.PACES`. Where it depends on the frames, the mean over the
        recordings of where each is by then.

    Returns
    -------
    ndarray, shape (n,)
        Not descending, from 0.
    """
    if pace not in ("recorded", "change"):
        return _along(steps, pace)
    each = [np.interp(steps, r.steps, positions(r, pace)) for r in recordings]
    return np.asarray(np.mean(each, axis=0))


def _along(steps: NDArray[np.int64], pace: str) -> NDArray[np.float64]:
    """A function of the steps, from 0."""
    at = steps.astype(np.float64)
    scale = {"linear": at, "sqrt": np.sqrt(at), "log": np.log1p(at)}[pace]
    return np.asarray(scale - scale[0])
