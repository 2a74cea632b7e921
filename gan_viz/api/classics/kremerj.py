"""Jan Kremer's example of the penalized Wasserstein GAN."""

from __future__ import annotations

from functools import partial

from gan_viz.api.classics.base import Appearance, Classic, Latents
from gan_viz.models.classics import KREMERJ as NETWORKS
from gan_viz.objectives.wgan_gp import PenalizedWasserstein

__all__ = ["KREMERJ"]

KREMERJ = Classic(
    name="kremerj",
    title="1D generative adversarial network example (WGAN-GP)",
    source="Jan Kremer 2017, https://github.com/kremerj/gan",
    networks=NETWORKS,
    data="norm(4, 0.5)",
    latents=Latents("normal"),
    objective=partial(PenalizedWasserstein, 0.1),
    settings={
        "steps": 1450,
        "batch": 64,
        "d_steps": 5,
        "g_lr": 1e-3,
        "d_lr": 1e-3,
        "betas": (0.5, 0.9),
    },
    look=Appearance("kde", (-8.0, 8.0), (0.0, 1.0), shaded=True, critic=(0.0, 1.0)),
    seed=173,
)
