"""John Glover's introduction for AYLIEN."""

from __future__ import annotations

from functools import partial

from gan_viz.api.classics.base import Appearance, Classic, Latents
from gan_viz.api.classics.probabilities import Probabilities
from gan_viz.models.classics import AYLIEN as NETWORKS

__all__ = ["AYLIEN"]

AYLIEN = Classic(
    name="aylien",
    title="1D generative adversarial network",
    source="John Glover 2016, https://github.com/AYLIEN/gan-intro",
    networks=NETWORKS,
    data="norm(4, 0.5)",
    latents=Latents("uniform", reach=8.0, jitter=0.01, drawn=10_000),
    objective=partial(Probabilities, 1e-5),
    settings={"steps": 5000, "batch": 8, "g_lr": 1e-3, "d_lr": 1e-3},
    look=Appearance("histogram", (-6.0, 6.0), (0.0, 1.4), bins=99, span=(-8.0, 8.0), common=True),
    ordered=True,
    seed=1,
)
