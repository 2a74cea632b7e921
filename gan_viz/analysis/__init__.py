"""What a recording means: densities, distances, smoothed curves, verdicts."""

from gan_viz.analysis.change import change
from gan_viz.analysis.coverage import Coverage, coverage
from gan_viz.analysis.curves import smooth
from gan_viz.analysis.density import (
    bandwidth,
    gap_widths,
    kernel_density,
    quantiles,
)
from gan_viz.analysis.distances import wasserstein1
from gan_viz.analysis.diversity import diversity
from gan_viz.analysis.scores import is_critic, probability
from gan_viz.analysis.verdicts import Judge, Verdict, verdicts

__all__ = [
    "Coverage",
    "Judge",
    "Verdict",
    "bandwidth",
    "change",
    "coverage",
    "diversity",
    "gap_widths",
    "is_critic",
    "kernel_density",
    "probability",
    "quantiles",
    "smooth",
    "verdicts",
    "wasserstein1",
]
