"""Adapters turn a training framework's events into steps of a recorder; one file a framework.

``GanVizCallback`` for Lightning and ``attach`` for Ignite are imported, with their framework, when
they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gan_viz.registry import ADAPTERS

if TYPE_CHECKING:
    from gan_viz.adapters.ignite import attach
    from gan_viz.adapters.lightning import GanVizCallback

__all__ = ["GanVizCallback", "attach"]


def __getattr__(name: str) -> Any:
    return ADAPTERS.exported(__name__, name)


def __dir__() -> list[str]:
    return __all__
