"""Hooks: they watch any training loop, change nothing, and write what they see.

Every hook of the registry can be imported from here; its module is loaded at first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.recorder import Recorder
from gan_viz.registry import HOOKS

if TYPE_CHECKING:
    from gan_viz.hooks.coverage import CoverageHook
    from gan_viz.hooks.distribution import DistributionHook
    from gan_viz.hooks.gradients import GradientsHook
    from gan_viz.hooks.health import HealthHook
    from gan_viz.hooks.jacobian import JacobianHook
    from gan_viz.hooks.points import PointsHook
    from gan_viz.hooks.quality import QualityHook
    from gan_viz.hooks.samples import SamplesHook
    from gan_viz.hooks.scalars import ScalarsHook
    from gan_viz.hooks.scores import ScoresHook
    from gan_viz.hooks.signals import SignalsHook
    from gan_viz.hooks.statistic import StatisticHook
    from gan_viz.hooks.walk import WalkHook

__all__ = [
    "CoverageHook",
    "DistributionHook",
    "GradientsHook",
    "HealthHook",
    "Hook",
    "HookContext",
    "JacobianHook",
    "PointsHook",
    "QualityHook",
    "Recorder",
    "SamplesHook",
    "ScalarsHook",
    "ScoresHook",
    "SignalsHook",
    "StatisticHook",
    "WalkHook",
]


def __getattr__(name: str) -> Any:
    return HOOKS.exported(__name__, name)


def __dir__() -> list[str]:
    return __all__
