"""What a recording means: densities, distances, smoothed curves, verdicts."""

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
from gan_viz.analysis.distances import wasserstein1
from gan_viz.analysis.divergences import jensen_shannon, kullback_leibler, total_variation
from gan_viz.analysis.diversity import diversity
from gan_viz.analysis.exact import LatentLine, Pieces, latent_line
from gan_viz.analysis.generated import GeneratedDensity
from gan_viz.analysis.metrics import Meter, Metrics, metrics
from gan_viz.analysis.push import push
from gan_viz.analysis.remarks import remarks
from gan_viz.analysis.scores import is_critic, probability
from gan_viz.analysis.verdicts import Judge, Verdict, history, verdicts

__all__ = [
    "Coverage",
    "GeneratedDensity",
    "Judge",
    "LatentLine",
    "Meter",
    "Metrics",
    "Pieces",
    "Verdict",
    "bandwidth",
    "change",
    "coverage",
    "diversity",
    "estimated_density",
    "gap_widths",
    "history",
    "is_critic",
    "jensen_shannon",
    "kernel_density",
    "kullback_leibler",
    "latent_line",
    "metrics",
    "optimal_discriminator",
    "probability",
    "push",
    "quantiles",
    "remarks",
    "smooth",
    "total_variation",
    "verdicts",
    "wasserstein1",
]
