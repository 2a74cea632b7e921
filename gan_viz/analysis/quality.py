"""How good generated samples are, by figures on their features.

Features are numbers that a network makes of a sample: here the last hidden layer of a classifier of
the very data, so that what is near looks alike to it. Every figure is biased by the number of
samples: compare figures of equal numbers alone, and with the floor, which is what real samples
that were not learnt from would get.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.errors import UsageError

Array = NDArray[np.float64]

IN_MANIFOLD, IN_DENSITY = 3, 5
"""Neighbours that make a sample's ball: for precision and recall (Kynkäänniemi et al. 2019), and
for density and coverage (Naeem et al. 2020)."""
PER_FEATURE = 2
"""Samples for each feature, at least: of fewer a covariance says little."""
RESAMPLED = 30
"""Bootstrap samples for the error of the Fréchet distance."""
BLOCK = 2**24
"""Numbers in a block of distances."""
NAMES = "frechet", "kernel", "precision", "recall", "density", "coverage"
"""What `Quality` measures."""


class Figure(NamedTuple):
    """A figure and its standard error over the samples."""

    value: float
    error: float


Figures: TypeAlias = dict[str, Figure]


class Quality:
    """Compares samples with real ones, by their features.

    The features of real samples, shape (n, features), are twice as many as features at least; a
    thousand are usual, and make the shares certain to about 0.015. Raises UsageError if there are
    too few, or a feature is not finite.
    """

    def __init__(self, real: ArrayLike) -> None:
        self._real = _checked(real)
        own = squared_distances(self._real, self._real)
        self._radii = _radii(own, IN_MANIFOLD)
        self._wide = _radii(own, IN_DENSITY)

    def of(self, made: ArrayLike, seed: int = 0) -> Figures:
        """Measure generated samples, shape (m, features), by name.

        ``frechet``, at least 0: see `frechet_distance`. ``kernel``: see `kernel_distance`.
        ``precision``, the share of generated samples within the ball of some real one, whose radius
        is the distance to its third neighbour; ``recall``, the share of real samples within that of
        some generated one (Kynkäänniemi et al. 2019, equations 1 and 2). ``density``, in how many
        of the balls of fifth neighbours around real samples a generated one is, relative to 5: near
        1 where both are alike; ``coverage``, the share of these balls that hold some (Naeem et al.
        2020, equations 4 and 5), which is ``1 - prod_i (n - i) / (2 n - i)`` for i from 1 to 5
        where both are alike and n each. Errors of shares are those of means of so many samples.
        Raises UsageError if there are too few, or they have other features.
        """
        samples = _checked(made, self._real.shape[1])
        between = squared_distances(self._real, samples)
        radii = _radii(squared_distances(samples, samples), IN_MANIFOLD)
        within = between <= self._wide[:, None]
        shares = {
            "precision": (between <= self._radii[:, None]).any(axis=0),
            "recall": (between <= radii).any(axis=1),
            "density": within.sum(axis=0) / IN_DENSITY,
            "coverage": within.any(axis=1),
        }
        return {
            "frechet": _frechet(self._real, samples, seed),
            "kernel": kernel_distance(self._real, samples),
            **{name: _mean(values) for name, values in shares.items()},
        }


def frechet_distance(one: ArrayLike, other: ArrayLike) -> float:
    """The squared Fréchet distance of normal distributions with the samples' moments.

    ``|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))`` (Dowson & Landau 1982, Heusel et al. 2017): in
    one dimension the squared differences of means and of deviations. It is the FID only where the
    features are those of the Inception network.
    """
    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    (means, roots) = zip(*((each.mean(axis=0), _covariance(each)) for each in (a, b)), strict=True)
    root = _root(roots[0])
    inner = np.linalg.eigvalsh(root @ roots[1] @ root).clip(0.0)
    spread = np.trace(roots[0]) + np.trace(roots[1]) - 2 * np.sqrt(inner).sum()
    return float(max(0.0, np.sum((means[0] - means[1]) ** 2) + spread))


def kernel_distance(one: ArrayLike, other: ArrayLike) -> Figure:
    """The squared maximum mean discrepancy by the kernel ``(x·y / features + 1)^3``.

    Unbiased, so it may be below 0 (Bińkowski et al. 2018, section 4, who call it KID with features
    of the Inception network). The standard error is that of a U-statistic of pairs, of both orders
    (Hoeffding 1948), so that it holds where the distance is 0, too. Of unequal
    numbers as many are taken as there are of the fewer.
    """
    n = min(len(np.asarray(one)), len(np.asarray(other)))
    x, y = np.asarray(one, np.float64)[:n], np.asarray(other, np.float64)[:n]
    crossed, within = _kernel(x, y), _kernel(x, x) + _kernel(y, y)
    number = n * (n - 1)
    value = (within.sum() - within.trace()) / number - 2 * crossed.mean()
    pairs = within - crossed - crossed.T
    np.fill_diagonal(pairs, 0.0)
    of_each = pairs.sum(axis=1) / (n - 1)
    of_pairs = np.square(pairs).sum() / number - (pairs.sum() / number) ** 2
    # a mean over n - 1 pairs varies by these, too
    first = max(0.0, 4 * (of_each.var(ddof=1) - of_pairs / (n - 1)) / n)
    return Figure(float(value), float(np.sqrt(first + 2 * of_pairs / number)))


def classifier_score(chances: ArrayLike) -> Figure:
    """``exp(mean KL(p(y|x) || p(y)))`` of a classifier's probabilities, shape (n, classes).

    From 1, where all samples look alike to it, to the number of classes, where it is sure of each
    sample and finds all classes equally often (Salimans et al. 2016, who used the Inception
    network).
    """
    p = np.asarray(chances, np.float64).clip(1e-16)
    gains = (p * (np.log(p) - np.log(p.mean(axis=0)))).sum(axis=1)
    score = float(np.exp(gains.mean()))
    return Figure(score, float(score * gains.std(ddof=1) / np.sqrt(len(gains))))


def nearest(samples: ArrayLike, known: ArrayLike) -> tuple[Array, NDArray[np.intp]]:
    """Distance from each sample to the nearest known one, and which it is; both of shape (n,).

    Arrays of shape (n, ...) and (m, ...) are compared as they are, all numbers alike.
    """
    a = np.asarray(samples, np.float32).reshape(len(np.asarray(samples)), -1)
    b = np.asarray(known, np.float32).reshape(len(np.asarray(known)), -1)
    least, which = np.full(len(a), np.inf), np.zeros(len(a), np.intp)
    size = max(1, BLOCK // max(len(a), 1))
    for start in range(0, len(b), size):
        squares = squared_distances(a, b[start : start + size])
        place = squares.argmin(axis=1)
        value = squares[np.arange(len(a)), place]
        closer = value < least
        least[closer], which[closer] = value[closer], place[closer] + start
    return np.sqrt(least), which


def copied(made: ArrayLike, test: ArrayLike, level: float = 0.01) -> float:
    """Share of generated samples that are nearer to a training sample than nearly all test ones.

    A G that has learnt by heart has a share near 1; one that has not, about `level`, the share of
    the test samples that are as near. Distances to the nearest training sample are those of
    `nearest`, of shape (n,) for generated and (m,) for test samples.
    """
    return float((np.asarray(made) <= np.quantile(np.asarray(test), level)).mean())


def squared_distances(one: NDArray[np.floating], other: NDArray[np.floating]) -> Array:
    """Of each row to each, shape (n, m), at least 0."""
    squares = np.square(one).sum(axis=1)[:, None] + np.square(other).sum(axis=1)
    return np.asarray((squares - 2 * (one @ other.T)).clip(0.0))


def _radii(squares: Array, neighbours: int) -> Array:
    """Squared distance of each sample to such a neighbour, itself not counted."""
    return np.asarray(np.partition(squares, neighbours, axis=1)[:, neighbours])


def _mean(values: NDArray[np.generic]) -> Figure:
    numbers = values.astype(np.float64)
    return Figure(float(numbers.mean()), float(numbers.std(ddof=1) / np.sqrt(len(numbers))))


def _frechet(real: Array, made: Array, seed: int) -> Figure:
    """With the error of the bootstrap over the generated samples."""
    source = np.random.default_rng(seed)
    again = [
        frechet_distance(real, made[source.integers(0, len(made), len(made))])
        for _ in range(RESAMPLED)
    ]
    return Figure(frechet_distance(real, made), float(np.std(again, ddof=1)))


def _kernel(x: Array, y: Array) -> Array:
    return np.asarray((x @ y.T / x.shape[1] + 1) ** 3)


def _covariance(values: Array) -> Array:
    return np.atleast_2d(np.cov(values, rowvar=False))


def _root(matrix: Array) -> Array:
    """The symmetric root of a covariance."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(values.clip(0.0))) @ vectors.T)


def _checked(values: ArrayLike, features: int | None = None) -> Array:
    rows = np.asarray(values, np.float64)
    if rows.ndim != 2 or features not in (None, rows.shape[-1]):
        wanted = features or "features"
        raise UsageError(f"features of shape {rows.shape}: expected (samples, {wanted})")
    least = max(IN_DENSITY + 1, PER_FEATURE * rows.shape[1])
    if len(rows) < least:
        raise UsageError(
            f"{len(rows)} samples of {rows.shape[1]} features: expected at least {least}, for a "
            "covariance and neighbours"
        )
    if not np.isfinite(rows).all():
        raise UsageError("features are not finite: expected numbers")
    return rows
