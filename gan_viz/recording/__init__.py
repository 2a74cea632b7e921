"""The door between the training and the viewing wing: recordings, written and read.

Recording needs numpy and the standard library only; reading needs no more.
"""

from gan_viz.recording.format import (
    APPLICATION_ID,
    FORMAT_VERSION,
    Channel,
    NotRecordedError,
    Scalars,
)
from gan_viz.recording.reader import Recording
from gan_viz.recording.writer import Writer

__all__ = [
    "APPLICATION_ID",
    "FORMAT_VERSION",
    "Channel",
    "NotRecordedError",
    "Recording",
    "Scalars",
    "Writer",
]
