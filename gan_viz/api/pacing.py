"""On which scale frames are spread evenly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gan_viz.recording import Recording

__all__ = ["positions"]


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
    steps = recording.steps.astype(np.float64)
    if pace == "change":
        from gan_viz.analysis import change

        return np.cumsum(change(recording))
    scale = {
        "recorded": np.arange(len(steps), dtype=np.float64),
        "linear": steps,
        "sqrt": np.sqrt(steps),
        "log": np.log1p(steps),
    }[pace]
    return np.asarray(scale - scale[0])
