"""A palette for a whole animation, and the way from colors to it.

Line plots consist of a few theme colors and, where edges are smoothed, of their blends.  The theme
colors and the colors of large areas are taken as they are; the blends are gathered from sample
frames and quantized.  There is no dithering: it flickers and does not compress.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.encoders.base import Frame

LIMIT = 255
"""The most colors of a palette: a GIF's 256 less the transparent one."""

_SIZES = (31, 63, 127)
"""Numbers of colors that are tried: with the transparent one they fill 5, 6 and 7 bits."""

_ENOUGH = 1.25
"""Root mean square error, in levels of 255, at which more colors are not worth their bytes.

It is 46 dB, taken over the whole picture: smoothed edges may be rough, large areas may not.
"""

_LARGE = 1e-3
"""Share of the picture from which a color counts as an area and is kept exactly."""


MOSTLY = 0.5
"""Part of the pixels from which a picture counts as grey."""
_SMALL = 63
"""A palette up to this size has no place for colors that do not occur."""

_FEW = 1024
"""So many colors are looked for sooner than the equal ones among them."""


class Palette:
    """A fixed list of colors and the map from any color to the nearest; a grey becomes a grey.

    The map is a function of the color alone: equal pixels get equal indices in every frame.

    Parameters
    ----------
    colors : ndarray of uint8, shape (n, 3)
        From 1 to 255 different colors.  The color in row ``i`` has index ``i + 1``; index 0 is
        never used for a color, a GIF takes it for "transparent".

    Examples
    --------
    >>> palette = Palette(np.array([[255, 255, 255], [0, 0, 255]], dtype=np.uint8))
    >>> palette.indices(pack(np.array([[250, 250, 255], [1, 2, 255]], dtype=np.uint8)))
    array([1, 2], dtype=uint8)
    """

    def __init__(self, colors: NDArray[np.uint8]) -> None:
        self.colors = colors
        self._centers = colors.astype(np.float32)
        self._greys = np.flatnonzero(_is_grey(colors))
        # An entry for each of the 2^24 colors, filled in when a color is met.  The system gives
        # memory only to the parts that are touched, near the colors that occur.
        self._table = np.zeros(1 << 24, dtype=np.uint8)
        self._table[pack(colors)] = np.arange(1, len(colors) + 1, dtype=np.uint8)

    def indices(self, codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Map packed colors, shape (n,), to palette indices from 1, shape (n,)."""
        found = self._table.take(codes)
        if not found.all():
            new = codes[found == 0]
            new = np.unique(new) if len(new) > _FEW else new
            self._table[new] = self._nearest(unpack(new)) + 1
            found = self._table.take(codes)
        return found

    def _nearest(self, colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Row number of the nearest color for each; a grey is not tinted if there are two greys."""
        found = _nearest(colors.astype(np.float32), self._centers)
        grey = _is_grey(colors)
        if len(self._greys) > 1 and grey.any():
            own = _nearest(colors[grey].astype(np.float32), self._centers[self._greys])
            found[grey] = self._greys[own]
        return found


def _is_grey(colors: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether red, green and blue are the same, shape (n,)."""
    return np.asarray((colors[:, 0] == colors[:, 1]) & (colors[:, 1] == colors[:, 2]))


def pack(colors: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Turn contiguous colors, shape (..., 3), into numbers ``red + 256 * green + 65536 * blue``."""
    flat = colors.reshape(-1)
    count = len(flat) // 3
    out = np.empty(count, dtype=np.uint32)
    if count:
        # Four bytes at every third place, without the fourth: several times as fast as shifting
        # and adding three strided channels.  The last color has no fourth byte.
        fours = np.ndarray((count - 1,), dtype="<u4", buffer=flat, strides=(3,))
        np.bitwise_and(fours, 0xFFFFFF, out=out[:-1])
        out[-1] = int.from_bytes(flat[-3:].tobytes(), "little")
    return out


def unpack(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Undo `pack`: numbers, shape (n,), to colors, shape (n, 3)."""
    return np.stack([codes, codes >> 8, codes >> 16], axis=-1).astype(np.uint8)


def distinct(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rows without their repetitions, in the order of first appearance."""
    _, first = np.unique(pack(np.ascontiguousarray(colors)), return_index=True)
    return np.ascontiguousarray(colors[np.sort(first)])


def build(colors: NDArray[np.uint8], samples: Sequence[Frame], limit: int = LIMIT) -> Palette:
    """Make a palette of some exact colors and of what the samples consist of besides.

    Parameters
    ----------
    colors : ndarray of uint8, shape (n, 3)
        Colors to keep exactly, at most 255 different ones.
    samples : sequence of Frame
        Frames that stand for the whole animation, at least one.
    limit : int, default 255
        The most colors in all.

    Returns
    -------
    Palette
        Exact for every color of the samples if they fit.  Otherwise the colors of large areas are
        exact too, and the others are chosen so that 31, 63, 127 or `limit` in all, the fewest that
        can, bring the root mean square error to 1.25 levels (of 255).  If not even the colors to
        be exact fit, the first is, and of the others those of the largest areas are.  The same
        arguments give the same palette on every machine.
    """
    census = _census(samples)
    exact = _first(_occurring(distinct(colors), census, limit), census, limit)
    everything = _join(exact, census.colors)
    if len(everything) <= limit:
        return Palette(everything)
    large = census.counts >= _LARGE * census.counts.sum()
    exact = _join(exact, census.colors[large])[: max(len(exact), limit // 2)]
    exact = _join(exact, _greys(exact, census, limit))
    return Palette(_join(exact, _spread(exact, _thin(census), limit)))


def _greys(exact: NDArray[np.uint8], census: _Census, limit: int) -> NDArray[np.uint8]:
    """Pick greys for as large a part of the free places as grey pixels are of those not exact.

    None where these are the smaller part: among the curves of a plot each costs bytes.
    """
    other = ~np.isin(pack(census.colors), pack(exact))
    grey = other & _is_grey(census.colors)
    share = census.counts[grey].sum() / max(census.counts[other].sum(), 1.0)
    number = round(share * (limit - len(exact))) if share > MOSTLY else 0
    own = _Census(census.colors[grey], census.counts[grey])
    return _spread(exact[_is_grey(exact)], own, number + int(_is_grey(exact).sum()))


def _occurring(exact: NDArray[np.uint8], census: _Census, limit: int) -> NDArray[np.uint8]:
    """Of colors that take more than half of a small palette, keep the first and those in use."""
    if limit > _SMALL or len(exact) <= limit // 2:
        return exact
    used = np.isin(pack(exact), pack(census.colors))
    used[0] = True
    return exact[used]


def _first(exact: NDArray[np.uint8], census: _Census, limit: int) -> NDArray[np.uint8]:
    """Choose as many colors as fit: the first, then those that most pixels have."""
    if len(exact) <= limit:
        return exact
    counts = dict(zip(pack(census.colors).tolist(), census.counts.tolist(), strict=True))
    used = np.array([counts.get(code, 0.0) for code in pack(exact).tolist()])
    used[0] = np.inf
    return exact[np.sort(np.argsort(-used, kind="stable")[:limit])]


class _Census(NamedTuple):
    """Different colors, shape (n, 3), and how many pixels have each, shape (n,)."""

    colors: NDArray[np.uint8]
    counts: NDArray[np.float64]


def _census(samples: Sequence[Frame]) -> _Census:
    """Count the colors of the samples, the most frequent first."""
    codes, lengths = [], []
    for sample in samples:
        packed = pack(np.ascontiguousarray(sample))
        # Sorting the runs of equal pixels is much quicker than sorting the pixels.
        starts = np.concatenate([[0], np.flatnonzero(packed[1:] != packed[:-1]) + 1])
        codes.append(packed[starts])
        lengths.append(np.diff(starts, append=len(packed)))
    found, owner = np.unique(np.concatenate(codes), return_inverse=True)
    counts = np.bincount(owner, np.concatenate(lengths)).astype(np.float64)
    order = np.argsort(-counts, kind="stable")
    return _Census(unpack(found[order]), counts[order])


def _thin(census: _Census) -> _Census:
    """Put colors together that differ in the last three bits only, if there are very many."""
    if len(census.colors) <= 8192:
        return census
    _, owner = np.unique(pack(census.colors & np.uint8(0xF8)), return_inverse=True)
    counts = np.bincount(owner, census.counts).astype(np.float64)
    channels = [np.bincount(owner, census.counts * c) / counts for c in census.colors.T]
    return _Census(np.rint(np.stack(channels, axis=-1)).astype(np.uint8), counts)


def _join(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return distinct(np.concatenate([first, second]))


def _spread(exact: NDArray[np.uint8], census: _Census, limit: int) -> NDArray[np.uint8]:
    """Pick colors of the census one by one, each where the error left by the others is largest.

    This is Gonzalez' farthest-point clustering (1985), weighted.  K-means, started from its
    result, was measured to gain nothing on line plots.
    """
    colors = census.colors.astype(np.float32)
    # Between error per pixel and error per color: thin curves matter to the eye.
    weights = np.sqrt(census.counts).astype(np.float32)
    error = np.full(len(colors), np.float32(3 * 255**2))
    for color in exact.astype(np.float32):
        np.minimum(error, _squares(colors, color), out=error)
    chosen: list[int] = []
    for count in range(len(exact), limit):
        if count in _SIZES and np.average(error, weights=census.counts) <= 3 * _ENOUGH**2:
            break
        chosen.append(int((weights * error).argmax()))
        np.minimum(error, _squares(colors, colors[chosen[-1]]), out=error)
    return census.colors[chosen]


def _squares(colors: NDArray[np.float32], color: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances, shape (n,): whole numbers, so they are the same on every machine."""
    apart = colors - color
    squares: NDArray[np.float32] = np.einsum("nc,nc->n", apart, apart)
    return squares


def _nearest(colors: NDArray[np.float32], centers: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Row number of the nearest center for each color, the first among equals."""
    out = np.empty(len(colors), dtype=np.uint8)
    half = (centers**2).sum(axis=1) / 2
    for start in range(0, len(colors), 4096):  # the distances of a block fit into the cache
        block = slice(start, start + 4096)
        out[block] = (half - colors[block] @ centers.T).argmin(axis=1)
    return out
