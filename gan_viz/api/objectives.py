"""Objectives by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gan_viz.registry import OBJECTIVES

if TYPE_CHECKING:
    from gan_viz.objectives import Objective

__all__ = ["describe_objective", "find_objective"]


def find_objective(name: str, r1: float = 0.0, **arguments: float) -> Objective:
    """Make an objective.

    Parameters
    ----------
    name : str
        A name in `gan_viz.registry.OBJECTIVES`.
    r1 : float
        Weight γ of the penalty R1 (Mescheder et al. 2018); 0 for none.
    **arguments
        Of the objective itself, like the weight of its penalty.

    Returns
    -------
    Objective

    Raises
    ------
    UnknownNameError
        There is no objective of that name.
    UsageError
        The weight is negative.
    """
    objective: Objective = OBJECTIVES[name](**arguments)
    if not r1:
        return objective
    from gan_viz.objectives.r1 import R1

    return R1(objective, r1)


def describe_objective(objective: Objective) -> dict[str, Any]:
    """What a recording tells about an objective.

    Parameters
    ----------
    objective : Objective

    Returns
    -------
    dict
        JSON-ready.
    """
    return {
        "name": objective.name,
        "formula": objective.formula,
        "equilibrium": dict(objective.equilibrium),
        "output": objective.output,
    }
