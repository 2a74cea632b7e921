"""Train and render: the only room that joins the two wings.

Each wing is imported when it is used: rendering never loads torch, training never matplotlib.
"""

from gan_viz.api.classics import train_classic
from gan_viz.api.comparing import compare
from gan_viz.api.drawing import check_output, preset, render
from gan_viz.api.images import build_images, record_images, train_images
from gan_viz.api.look import Look
from gan_viz.api.metrics import write_metrics
from gan_viz.api.opening import open_recording
from gan_viz.api.phases import FPS as PHASES_FPS
from gan_viz.api.phases import PHASES
from gan_viz.api.progress import Progress
from gan_viz.api.race_sheet import race_statistics, write_race_statistics
from gan_viz.api.racing import race
from gan_viz.api.rendered import Rendered
from gan_viz.api.stabilizers import STABILIZERS
from gan_viz.api.toy import train
from gan_viz.api.walks import record_walk
from gan_viz.diagnostics import verdicts

__all__ = [
    "PHASES",
    "PHASES_FPS",
    "STABILIZERS",
    "Look",
    "Progress",
    "Rendered",
    "build_images",
    "check_output",
    "compare",
    "open_recording",
    "preset",
    "race",
    "race_statistics",
    "record_images",
    "record_walk",
    "render",
    "train",
    "train_classic",
    "train_images",
    "verdicts",
    "write_metrics",
    "write_race_statistics",
]
