"""What a recording means: densities, distances, smoothed curves."""

from gan_viz.analysis.change import change
from gan_viz.analysis.coverage import Coverage, coverage
from gan_viz.analysis.curves import smooth
from gan_viz.analysis.density import (
    bandwidth,
    estimated_density,
    gap_widths,
    kernel_density,
    optimal_discriminator,
    quantiles,
)
from gan_viz.analysis.distances import (
    diversity,
    jensen_shannon,
    kullback_leibler,
    mode_shares,
    total_variation,
    wasserstein1,
)
from gan_viz.analysis.exact import LatentLine, Pieces, latent_line
from gan_viz.analysis.generated import GeneratedDensity
from gan_viz.analysis.metrics import Metrics, TargetMetrics, metrics
from gan_viz.analysis.scores import is_critic, probability

__all__ = [
    "Coverage",
    "GeneratedDensity",
    "LatentLine",
    "Metrics",
    "Pieces",
    "TargetMetrics",
    "bandwidth",
    "change",
    "coverage",
    "diversity",
    "estimated_density",
    "gap_widths",
    "is_critic",
    "jensen_shannon",
    "kernel_density",
    "kullback_leibler",
    "latent_line",
    "metrics",
    "mode_shares",
    "optimal_discriminator",
    "probability",
    "quantiles",
    "smooth",
    "total_variation",
    "wasserstein1",
]
