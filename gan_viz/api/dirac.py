"""Dirac-GAN: played and recorded for the panels ``dirac``, ``plane`` and ``spectrum``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.dirac import DiracGame, Steps, method_of
from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.recording import Writer
from gan_viz.texts import two_numbers

Array = NDArray[np.float64]

REST = (0.0, 0.0)
ARROWS = 15
"""Arrows of the field along either axis."""
FARTHEST = 3.0
"""The picture ends so many times as far from 0 as the start is, at most."""
MARGIN = 1.1
STRONGEST = 1e6
MOST_STEPS = 10_000
"""As many frames as are drawn; each step is one."""


@checked
def record_dirac(
    record: str | os.PathLike[str],
    method: str = "non-saturating",
    *,
    strength: float | None = None,
    update: str = "simultaneous",
    rule: str | None = None,
    lr: float = 0.2,
    steps: int = 500,
    start: Sequence[float] | str = (1.0, 1.0),
    g_steps: int = 1,
    d_steps: int = 1,
) -> Path:
    """Play the Dirac-GAN of Mescheder, Geiger & Nowozin (2018), and record it.

    The data is the point 0, G makes the point θ, and ``D(x) = ψ x``.

    Parameters
    ----------
    record : path-like
        The recording to write, ``NAME.ganviz``: a frame for each step.
    method : str
        A name in `gan_viz.analysis.dirac.METHODS`.
    strength : float, optional
        Of what the method adds: the weight of a penalty, the standard deviation of instance noise,
        the bound of clipping, D's rate over G's; up to a million. By default the method's own.
    update : {"simultaneous", "alternating"}
        Whether both move at once, or first G and then D.
    rule : {"plain", "optimistic", "extra-gradient"}, optional
        How they move along the gradients; by default the method's own.
    lr : float
        Learning rate of both.
    steps : int
        Up to 10,000; fewer are made where the weights run away.
    start : (float, float)
        θ and ψ at first; ``"1,1"`` is the same as ``(1, 1)``.
    g_steps, d_steps : int
        Moves of each in a step of alternating updates.

    Returns
    -------
    pathlib.Path
        The recording: ``weights`` (θ, ψ) and ``eigenvalues`` of the Jacobian at each step, the
        scalar ``radius``, the field on a grid.

    Raises
    ------
    UsageError
        A value cannot be used.

    Examples
    --------
    ::

        gan_viz.render(gan_viz.record_dirac("r1.ganviz", "r1"), "r1.gif")
    """
    known = method_of(method)
    how = Steps(lr, update, rule or known.rule, g_steps, d_steps)
    game = known.make(_checked_strength(method, strength))
    begin = _checked_start(start)
    if not 1 <= steps <= MOST_STEPS:
        raise UsageError(f"steps {steps}: expected a whole number from 1 to {MOST_STEPS:,}")
    way = how.play(game, begin, steps)
    words = f"{method} · {update}"
    header = {
        "kind": "dirac",
        "title": f"Dirac-GAN · {words}" + (f" · {how.rule}" if how.rule != known.rule else ""),
        "method": method,
        "about": known.about,
        "settings": {
            **({known.means: strength or known.strength} if known.means else {}),
            "lr": lr,
            "update": update,
            "rule": how.rule,
            "g_steps": g_steps,
            "d_steps": d_steps,
            "steps": steps,
        },
        "growth": None if game.jumps else how.radius(game.jacobian(REST)),
        "look": {"panels": ["plane", "dirac", "spectrum"]},
        **({"step_size": lr} if (update, how.rule) == ("simultaneous", "plain") else {}),
    }
    with Writer(Path(record), header) as writer:
        _write(writer, game, way, begin)
    return Path(record)


def _write(writer: Writer, game: DiracGame, way: Array, start: Array) -> None:
    """Write the field, and a frame for each place."""
    reach = MARGIN * np.minimum(np.abs(way).max(), FARTHEST * np.abs(start).max())
    line = np.linspace(-reach, reach, ARROWS)
    places = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    writer.add_constant("field_places", places)
    writer.add_constant("field", game.field(places))
    if not game.jumps:
        writer.add_constant("eigenvalues_at_rest", _parts(game.eigenvalues(REST)))
    writer.add_channel("weights", (2,), "float64", names=["θ", "ψ"])
    writer.add_channel("eigenvalues", (2, 2), "float64", parts=["real", "imaginary"])
    for step, (place, values) in enumerate(zip(way, _parts(game.eigenvalues(way)), strict=True)):
        writer.write_frame(step, {"weights": place, "eigenvalues": values})
    writer.write_scalars(range(len(way)), {"radius": np.hypot(*way.T)})


def _parts(values: NDArray[np.complex128]) -> Array:
    """Real and imaginary parts, along a new last axis."""
    return np.stack([values.real, values.imag], axis=-1)


def _checked_strength(method: str, strength: float | None) -> float:
    known = method_of(method)
    if strength is None:
        return known.strength
    if not known.means:
        raise UsageError(f"strength {strength:g}: the method {method} has none; leave it out")
    if not 0 < strength <= STRONGEST:
        raise UsageError(
            f"strength {strength:g}: expected the {known.means} of {method}, above 0 and up to "
            f"{STRONGEST:,.0f}, like {known.strength:g}"
        )
    return strength


def _checked_start(start: Sequence[float] | str) -> Array:
    begin = np.asarray(two_numbers("start", start) if isinstance(start, str) else start, np.float64)
    if begin.shape != (2,) or not (np.abs(begin) <= 1e6).all() or not begin.any():
        raise UsageError(
            f"start {', '.join(f'{value:g}' for value in begin.ravel())}: expected θ and ψ, two "
            "numbers up to a million that are not both 0, like 1,1"
        )
    return begin
