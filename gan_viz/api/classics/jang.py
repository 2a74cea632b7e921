"""Eric Jang's tutorial."""

from __future__ import annotations

from gan_viz.api.classics.base import Appearance, Classic, Latents, Schedule
from gan_viz.api.classics.probabilities import Probabilities
from gan_viz.models.classics import JANG as NETWORKS

__all__ = ["JANG"]


JANG = Classic(
    name="jang",
    title="Generative adversarial nets in TensorFlow",
    source="Eric Jang 2016, https://blog.evjang.com/2016/06/generative-adversarial-nets-in.html",
    networks=NETWORKS,
    data="norm(-1, 1)",
    latents=Latents("uniform", reach=5.0, jitter=0.01, drawn=1000),
    objective=Probabilities,
    settings={
        "steps": 10_000,
        "batch": 200,
        "g_lr": 1e-3,
        "d_lr": 1e-3,
        "optimizer": "sgd",
        "betas": (0.6, 0.999),
    },
    look=Appearance("histogram", (-5.0, 5.0), (0.0, 1.1), bins=10, common=True),
    ordered=True,
    schedule=Schedule(0.95, 2500),
    pretraining=1000,
)
