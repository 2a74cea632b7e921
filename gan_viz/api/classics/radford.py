"""Alec Radford's animation of a GAN that learns a Gaussian."""

from __future__ import annotations

from gan_viz.api.classics.base import Appearance, Classic, Latents, Schedule
from gan_viz.models.classics import RADFORD as NETWORKS
from gan_viz.objectives.non_saturating import NonSaturating

__all__ = ["RADFORD"]


RADFORD = Classic(
    name="radford",
    title="GAN learning a Gaussian",
    source="Alec Radford 2015, an animation and its Theano script",
    networks=NETWORKS,
    data="norm(1, 1)",
    latents=Latents("uniform", drawn=500),
    objective=NonSaturating,
    # 1000 steps of ten turns are the script's 10,000 iterations
    settings={"steps": 1000, "batch": 128, "d_steps": 9, "g_lr": 1e-3, "d_lr": 1e-3},
    look=Appearance("kde", (-5.0, 5.0), (0.0, 1.0), dashed=True, common=True),
    g_first=True,
    schedule=Schedule(0.9999, 1, "turn"),
)
