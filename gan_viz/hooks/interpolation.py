"""Ways from one latent to another.

References
----------
White (2016), Sampling Generative Networks, section 2.1: a straight line between two normal
latents of many dimensions passes through norms that hardly any sample has; great circles do not.
Shoemake (1985), Animating Rotation with Quaternion Curves, section 3.3: `slerp`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gan_viz.errors import UsageError

Array = npt.NDArray[np.float64]

PARALLEL = 1e-7
"""Sine of the angle below which two latents count as parallel or opposite."""


def lerp(a: npt.ArrayLike, b: npt.ArrayLike, t: npt.ArrayLike) -> Array:
    """Straight from `a` to `b`, latents of the same shape.

    `t`, of any shape (k...), says how far: 0 gives `a` and 1 gives `b`, both exactly. The result
    has shape (k..., ...).
    """
    start, end = np.asarray(a, np.float64), np.asarray(b, np.float64)
    part = _beside(t, start)
    return np.asarray((1 - part) * start + part * end)


def slerp(a: npt.ArrayLike, b: npt.ArrayLike, t: npt.ArrayLike) -> Array:
    """From `a` to `b` along an arc, at a constant angular speed; shapes as for `lerp`.

    The direction turns in the plane of both, the short way; the norm changes linearly. Between
    latents of the same norm this is Shoemake's formula,
    ``(sin((1 - t) w) a + sin(t w) b) / sin(w)`` with w the angle between them. Between opposite
    latents every arc is as short: it passes the axis along which they have the least. In one
    dimension, and from or to the origin, the way is straight.
    """
    start, end = np.asarray(a, np.float64), np.asarray(b, np.float64)
    norms = float(np.linalg.norm(start)), float(np.linalg.norm(end))
    angle, here, across = _plane(start, end, norms)
    if not angle:
        return lerp(start, end, t)
    part = _beside(t, start)
    norm = (1 - part) * norms[0] + part * norms[1]
    on_arc = norm * (np.cos(part * angle) * here + np.sin(part * angle) * across)
    return np.where(part == 0, start, np.where(part == 1, end, on_arc))


def closed_walk(latents: npt.ArrayLike, frames: int) -> npt.NDArray[np.float32]:
    """A loop through latents along arcs, evenly paced, for an animation without a seam.

    `latents`, shape (m, ...), are passed in this order, and back to the first; the result has shape
    (frames, ...), starts at ``latents[0]``, and the step from its last to its first is as long as
    the others. UsageError if there are no latents or no frames.
    """
    anchors = np.asarray(latents, np.float64)
    if not anchors.size or frames < 1:
        raise UsageError(
            f"a walk of {frames} frames through latents of shape {anchors.shape}: at least one "
            "of each is needed"
        )
    following = np.roll(anchors, -1, axis=0)
    lengths = np.array([_length(*ends) for ends in zip(anchors, following, strict=True)])
    passed = np.concatenate([[0.0], np.cumsum(lengths)])
    walked = np.arange(frames) / frames * passed[-1]
    leg = np.clip(np.searchsorted(passed, walked, side="right") - 1, 0, len(anchors) - 1)
    part = (walked - passed[leg]) / np.where(lengths[leg] > 0, lengths[leg], 1.0)
    steps = [slerp(anchors[k], following[k], t) for k, t in zip(leg, part, strict=True)]
    return np.asarray(steps, np.float32)


def _beside(t: npt.ArrayLike, latent: Array) -> Array:
    """`t` with as many axes more as a latent has."""
    part = np.asarray(t, np.float64)
    return part.reshape(*part.shape, *(1,) * latent.ndim)


def _plane(a: Array, b: Array, norms: tuple[float, float]) -> tuple[float, Array, Array]:
    """The angle from `a` to `b`, 0 if the way is straight, and two unit vectors of their plane.

    The first points along `a`; the second, at a right angle to it, towards `b`.
    """
    if not all(norms):
        return 0.0, a, b
    here, there = a / norms[0], b / norms[1]
    along = float(np.vdot(here, there))
    across = there - along * here
    sine = float(np.linalg.norm(across))
    if sine > PARALLEL:
        return float(np.arctan2(sine, along)), here, across / sine
    if along > 0 or here.size == 1:
        return 0.0, here, across
    return float(np.pi), here, _orthogonal(here)


def _orthogonal(unit: Array) -> Array:
    """A unit vector at a right angle to `unit`, next to the axis it has the least of."""
    axis = np.zeros_like(unit)
    axis.flat[np.argmin(np.abs(unit))] = 1.0
    across = axis - np.vdot(axis, unit) * unit
    return np.asarray(across / np.linalg.norm(across))


def _length(a: Array, b: Array) -> float:
    """How long the way of `slerp` is: exactly if norm or direction stays, else nearly."""
    norms = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    angle = _plane(a, b, norms)[0]
    straight = float(np.linalg.norm(b - a))
    return float(np.hypot(sum(norms) / 2 * angle, norms[1] - norms[0])) if angle else straight
