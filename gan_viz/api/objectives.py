"""Objectives by name or as they are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gan_viz.diagnostics.thresholds import CERTAIN
from gan_viz.errors import UsageError
from gan_viz.registry import OBJECTIVES

if TYPE_CHECKING:
    from gan_viz.objectives import Objective


def find_objective(objective: str | Objective, r1: float = 0.0, *, toy: bool = False) -> Objective:
    """Make an objective: the same for the same arguments, so that runs of one can be told.

    It has a name in `gan_viz.registry.OBJECTIVES`, or is given as it is. `r1` is the weight γ of
    the penalty R1 (Mescheder et al. 2018), 0 for none; `toy` says that it is for one-dimensional
    data, see `gan_viz.objectives.Objective.toy_arguments`. Raises UnknownNameError if there is no
    objective of that name; UsageError if it is neither a name nor an objective, or the weight is
    negative.
    """
    from gan_viz.objectives import Objective

    if isinstance(objective, str):
        return _made(OBJECTIVES[objective], r1, toy)
    if not isinstance(objective, Objective):
        raise UsageError(
            f"objective {objective!r}: expected a name ({', '.join(OBJECTIVES)}) or an instance of "
            "a subclass of gan_viz.objectives.Objective"
        )
    return _penalized(objective, r1) if r1 else objective


def judging_each(objective: Objective, what: str) -> Objective:
    """The same, unless its D judges several samples at once, which `what` has no D for."""
    if objective.pack > 1:
        raise UsageError(
            f"objective {objective.name}: its D judges {objective.pack} samples at once, which the "
            f"toy's does alone; expected another one for {what}, like non-saturating"
        )
    return objective


@cache
def _made(kind: type[Objective], r1: float, toy: bool) -> Objective:
    objective = kind(**kind.toy_arguments()) if toy else kind()
    return _penalized(objective, r1) if r1 else objective


@cache
def _penalized(objective: Objective, r1: float) -> Objective:
    from gan_viz.objectives import R1

    return R1(objective, r1)


def describe_objective(objective: Objective) -> dict[str, Any]:
    """What a recording tells about an objective, JSON-ready."""
    losses = {f"{p:g}": objective.d_loss_at(p) for p in CERTAIN}
    return {
        "name": objective.name,
        "formula": objective.formula,
        "equilibrium": dict(objective.equilibrium),
        "output": objective.output,
        **({"penalties": dict(objective.penalties)} if objective.penalties else {}),
        **({} if None in losses.values() else {"d_loss_at": losses}),
    }
