"""What a recording means: densities, distances, smoothed curves."""

from gan_viz.analysis.change import change
from gan_viz.analysis.curves import smooth
from gan_viz.analysis.density import (
    bandwidth,
    gap_widths,
    kernel_density,
    quantiles,
)
from gan_viz.analysis.distances import wasserstein1

__all__ = [
    "bandwidth",
    "change",
    "gap_widths",
    "kernel_density",
    "quantiles",
    "smooth",
    "wasserstein1",
]
