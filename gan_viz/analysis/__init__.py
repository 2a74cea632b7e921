"""What a recording means: densities, distances, smoothed curves."""

from gan_viz.analysis.bandwidths import quantiles
from gan_viz.analysis.change import change
from gan_viz.analysis.curves import smooth
from gan_viz.analysis.density import optimal_discriminator
from gan_viz.analysis.distances import diversity, wasserstein1
from gan_viz.analysis.generated import GeneratedDensity
from gan_viz.analysis.metrics import Metrics, distance_at, metrics, relative_w1
from gan_viz.analysis.scores import is_critic, objective_name, probability

__all__ = [
    "GeneratedDensity",
    "Metrics",
    "change",
    "distance_at",
    "diversity",
    "is_critic",
    "metrics",
    "objective_name",
    "optimal_discriminator",
    "probability",
    "quantiles",
    "relative_w1",
    "smooth",
    "wasserstein1",
]
