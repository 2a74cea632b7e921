"""The replay: recordings as one page that plays them, and lets them be explored."""

from gan_viz.replay.page import page
from gan_viz.replay.payload import Payload, Play, payload

__all__ = ["Payload", "Play", "page", "payload"]
