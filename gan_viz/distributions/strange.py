"""Values that look like codes for missing ones, such as 9999 among heights in centimetres."""

from __future__ import annotations

import re

import numpy as np

from gan_viz.distributions.base import IQR_OF_NORMAL
from gan_viz.distributions.columns import Values

_FAR, _CODE_FAR = 100.0, 20.0  # spreads from the median; codes are known by more than that
_ALONE = 2.0  # times as far out as the farthest of the other values
_CODE = re.compile(r"-?(9{2,}|9+8)(\.0)?|-?32768\.0|-1\.0")
_MOST_SHARE = 0.2  # beyond this a value is no exception
_MOST_SUSPECTED = 3
_ROWS_SHOWN = 3


def strange_values(values: Values) -> list[str]:
    """Return a warning for each value that lies absurdly far from all others.

    A value is far out beyond 100 spreads (interquartile range / 1.349) from the median; one that
    is repeated exactly, or is written with nines, is suspected beyond 20. In either case nothing
    else may lie more than half as far out, so that heavy tails are left alone, and no more than
    three different values may be suspected: more of them are a group of their own.
    """
    numbers = values.numbers
    low, middle, high = map(float, np.quantile(numbers, [0.25, 0.5, 0.75]))
    spread = (high - low) / IQR_OF_NORMAL
    if spread <= 0:
        return []
    away = np.abs(numbers - middle) / spread
    farthest = float(away[away <= _CODE_FAR].max())
    far, counts = np.unique(numbers[away > _CODE_FAR], return_counts=True)
    found = []
    for i in np.argsort(np.abs(far - middle)).tolist():
        value, count = float(far[i]), int(counts[i])
        distance = abs(value - middle) / spread
        coded = count > 1 or _CODE.fullmatch(str(value)) is not None
        alone = distance > _ALONE * farthest and count <= _MOST_SHARE * numbers.size
        if alone and distance > (_CODE_FAR if coded else _FAR):
            found.append(_warning(values, value, count, distance))
        else:
            farthest = distance
    return found if len(found) <= _MOST_SUSPECTED else []


def _warning(values: Values, value: float, count: int, distance: float) -> str:
    verb = "lies" if count == 1 else "lie"
    return (
        f"{values.label}: {count} of {values.numbers.size} values {verb} "
        f"{float(f'{distance:.2g}'):,.0f} spreads away: {value:.12g} ({_places(values, value)}): "
        "a missing-value code?"
    )


def _places(values: Values, value: float) -> str:
    rows = np.flatnonzero(values.numbers == value)
    shown = rows[:_ROWS_SHOWN].tolist()
    word = "row"
    if values.lines is not None:
        word, shown = "line", [values.lines[row] for row in shown]
    more = ", ..." if rows.size > len(shown) else ""
    return f"{word}{'s' if rows.size > 1 else ''} {', '.join(map(str, shown))}{more}"
