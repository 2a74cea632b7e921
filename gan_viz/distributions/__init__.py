"""What is to be learnt and what it is made from: 1-D targets and latents.

::

    target("bimodal")                           a short name, one of SHORT_NAMES
    target("0.3*norm(-2, 1) + 0.7*t(3)")        scipy.stats names, weighted
    target(scipy.stats.norm(4, 0.5))            a frozen continuous distribution
    target("measurements.csv", "height")        real data, also from arrays
    Latent("normal", dim=1)                     z

Both wings use this; it knows neither torch nor matplotlib, and importing it loads no scipy.
"""

from __future__ import annotations

from gan_viz.distributions.base import Distribution
from gan_viz.distributions.latent import Latent
from gan_viz.distributions.modes import Mode
from gan_viz.distributions.scipy_backed import SHORT_NAMES
from gan_viz.distributions.targets import (
    from_description,
    from_file,
    recorded_target,
    target,
)

__all__ = [
    "SHORT_NAMES",
    "Distribution",
    "Latent",
    "Mode",
    "from_description",
    "from_file",
    "recorded_target",
    "target",
]
