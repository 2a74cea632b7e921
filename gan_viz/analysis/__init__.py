"""What a recording means: densities, distances, smoothed curves."""

from gan_viz.analysis.curves import smooth
from gan_viz.analysis.density import bandwidth, kernel_density
from gan_viz.analysis.distances import wasserstein1

__all__ = ["bandwidth", "kernel_density", "smooth", "wasserstein1"]
