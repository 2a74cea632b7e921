"""Sweeps: many toy GANs over a grid or a sample of settings, summed up."""

from gan_viz.sweeps.grid import Range
from gan_viz.sweeps.pictures import VALUES, atlas, sweep_curves
from gan_viz.sweeps.run import BACKENDS, record_run, sweep
from gan_viz.sweeps.store import SweepResults

__all__ = [
    "BACKENDS",
    "VALUES",
    "Range",
    "SweepResults",
    "atlas",
    "record_run",
    "sweep",
    "sweep_curves",
]
