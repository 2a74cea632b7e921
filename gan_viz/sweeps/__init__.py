"""Sweeps: many toy GANs over a grid or a sample of settings, summed up."""

from gan_viz.sweeps.grid import Range
from gan_viz.sweeps.run import record_run, sweep
from gan_viz.sweeps.store import SweepResults

__all__ = ["Range", "SweepResults", "record_run", "sweep"]
