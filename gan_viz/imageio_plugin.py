"""Recordings as imageio reads them: an animation, each frame of which is drawn when asked for.

imageio uses it for files that end in ``.ganviz`` once `gan_viz` is imported, before or after
imageio; for files of other names give ``plugin="gan_viz"``.  The keywords of `gan_viz.Look`
(size, theme, panels, ...) are keywords of every function::

    import gan_viz
    import imageio.v3 as iio

    last = iio.imread("run.ganviz", index=-1)
    for frame in iio.imiter("run.ganviz", size=(640, 360), theme="dark"):
        ...
"""

from __future__ import annotations

from collections.abc import Iterator
from types import EllipsisType
from typing import Any

import numpy as np
from imageio.core.request import InitializationError, IOMode, Request
from imageio.core.v3_plugin_api import ImageProperties, PluginV3
from numpy.typing import NDArray

from gan_viz.api.drawing import make_renderer, opened
from gan_viz.api.look import Look
from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording import Recording
from gan_viz.rendering import Renderer
from gan_viz.rendering.timeline import SharedSteps


class RecordingPlugin(PluginV3):
    """Reads a recording as `gan_viz.render` would draw it.

    Raises RecordingError if a ``.ganviz`` file cannot be read; InitializationError if another file
    is no recording, or the file is to be written: imageio tries other plugins.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self._recording: Recording | None = None
        if request.mode.io_mode == IOMode.write:
            raise InitializationError("a recording is written by gan_viz.Recorder, not by imageio")
        try:
            self._recording = Recording(request.get_local_filename())
        except RecordingError as error:
            if request.extension == ".ganviz":
                raise
            raise InitializationError(str(error)) from error

    def read(self, *, index: int | EllipsisType | None = None, **look: Any) -> NDArray[np.uint8]:
        """Draw a frame, or all.

        Parameters
        ----------
        index : int, optional
            Of the frames that an animation in this look shows, -1 for the last; all by default.
        **look
            Fields of `gan_viz.Look`.

        Returns
        -------
        ndarray of uint8, shape (height, width, 3) or (frames, height, width, 3)

        Raises
        ------
        UsageError
            There is no such frame, or the look cannot be used.
        RecordingError
            The recording has nothing to draw.
        """
        if index is None or index is ...:
            return np.stack(list(self.iter(**look)))
        renderer, frames = self._drawn(look)
        return renderer.frame(int(frames[_place(index, len(frames))]))

    def iter(self, **look: Any) -> Iterator[NDArray[np.uint8]]:
        """Draw the frames of an animation in this look one after another, each a new array."""
        renderer, frames = self._drawn(look)
        for frame in renderer.frames(frames.tolist()):
            yield frame.copy()

    def properties(self, index: int | EllipsisType | None = None, **look: Any) -> ImageProperties:
        """Give shape and type of what `read` returns, without drawing it."""
        canvas = Look(**look).canvas
        shape, dtype = (canvas.height, canvas.width, 3), np.dtype(np.uint8)
        count = len(self._frames(look))
        if index is None or index is ...:
            return ImageProperties((count, *shape), dtype, n_images=count, is_batch=True)
        _place(index, count)
        return ImageProperties(shape, dtype)

    def metadata(
        self, index: int | EllipsisType | None = None, exclude_applied: bool = True, **look: Any
    ) -> dict[str, Any]:
        """Tell the training step of a frame, or the header of the recording.

        Returns
        -------
        dict
            With an index ``step``, else the header's entries, ``complete`` (whether training
            ended) and ``steps``, one for each frame.
        """
        steps = self._open.steps[self._frames(look)].tolist()
        if index is None or index is ...:
            return {**self._open.header, "complete": self._open.complete, "steps": steps}
        return {"step": steps[_place(index, len(steps))]}

    def close(self) -> None:
        """Close the recording."""
        if self._recording is not None:
            self._recording.close()
            self._recording = None
        super().close()

    @property
    def _open(self) -> Recording:
        if self._recording is None:
            raise RecordingError("the recording is closed: open it again")
        return self._recording

    def _frames(self, look: dict[str, Any]) -> NDArray[np.intp]:
        asked = Look(**look)
        with opened(self._open) as source:
            shared = SharedSteps([source])
        return shared.timeline(**asked.timing).frames

    def _drawn(self, look: dict[str, Any]) -> tuple[Renderer, NDArray[np.intp]]:
        """What draws frames in a look, and those that an animation shows."""
        with opened(self._open) as source:
            return make_renderer(source, Look(**look)), self._frames(look)


def _place(index: int, count: int) -> int:
    if not -count <= index < count:
        raise UsageError(
            f"index {index}: there are {count} frames, expected {-count} to {count - 1}"
        )
    return index
