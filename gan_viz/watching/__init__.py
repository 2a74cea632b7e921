"""Watching a training while it goes on: a page that follows its recording.

The training serves nothing and waits for nobody: a process of its own reads the recording, as any
reader does, and answers browsers of this machine.
"""

from gan_viz.watching.follower import Follower, State
from gan_viz.watching.server import Watcher
from gan_viz.watching.showing import Live, live

__all__ = ["Follower", "Live", "State", "Watcher", "live"]
