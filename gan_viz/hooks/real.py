"""Real samples as users have them, and what kind of samples they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_viz.errors import UsageError
from gan_viz.hooks.watching import looking

if TYPE_CHECKING:
    import torch

MOST = 256
"""Real samples kept at most."""
SIDE, SIDE_IN_RANGE = 8, 4
"""Rows of numbers are taken for flat pictures if these would be squares of at least this side, the
second where all numbers lie from -1 to 1."""
CHANNELS = 8
"""Signals have at most so many channels, and at least twice as many times; all else is pictures."""


def batch_of(real: Any, labels: Any = None) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """The first samples and, where they come with them or are given, their classes.

    `real` is a tensor, an array, a list, a batch ``(samples, labels)``, a data set or a
    `torch.utils.data.DataLoader`, whose data set is read directly: going through the loader would
    draw from the random state of the training. All are copies. Raises UsageError if it is none of
    these, is empty or not finite, or there is not a class for each.
    """
    if real is None and labels is None:
        return None, None
    source = getattr(real, "dataset", real)
    if _is_dataset(source):
        real = _first_of(source)
    if isinstance(real, list | tuple) and len(real) == 2 and _is_batch(*real):
        real, given = real
        labels = given if labels is None else labels
    samples = None if real is None else _samples(_tensor(real, "real"))
    if labels is None:
        return samples, None
    classes = _classes(_tensor(labels, "labels"))
    if samples is not None and len(classes) != len(samples):
        raise UsageError(
            f"{len(classes)} labels for {len(samples)} samples of real: expected one for each"
        )
    return samples, classes


def _samples(real: torch.Tensor) -> torch.Tensor:
    kept = real[:MOST].detach().clone() if real.ndim else real
    if not kept.numel():
        raise UsageError(f"real of shape {tuple(real.shape)} holds no samples")
    if kept.is_floating_point() and not bool(kept.isfinite().all()):
        raise UsageError("real holds values that are not finite: expected samples as D takes them")
    return kept


def _classes(labels: torch.Tensor) -> torch.Tensor:
    """Whole numbers from 0, shape (n,), of such or of one-hot rows."""
    rows = labels.argmax(1) if labels.ndim == 2 and labels.shape[1] > 1 else labels
    classes = rows.reshape(-1)[:MOST].detach().long().clone()
    if not len(classes) or bool((classes != rows.reshape(-1)[:MOST]).any()) or classes.min() < 0:
        raise UsageError("labels of real: expected classes, whole numbers from 0, or one-hot rows")
    return classes


def _is_dataset(source: Any) -> bool:
    plain = isinstance(source, Sequence | np.ndarray | Mapping) or hasattr(source, "detach")
    return not plain and hasattr(source, "__getitem__") and hasattr(source, "__len__")


def _first_of(dataset: Any) -> Any:
    """Some samples of a data set, without a trace of what its transforms draw."""
    import torch

    with looking(dataset):
        items = [dataset[k] for k in range(min(MOST // 4, len(dataset)))]
    parts = list(zip(*items, strict=True)) if isinstance(items[0], tuple | list) else [items]
    try:
        samples = torch.stack([torch.as_tensor(np.asarray(one)) for one in parts[0]])
    except (TypeError, ValueError, RuntimeError):
        raise UsageError(
            f"real is a data set whose items are {type(items[0]).__name__}: give its first samples "
            "as a tensor of shape (n, ...), as D takes them"
        ) from None
    labels = np.asarray(parts[1]) if len(parts) > 1 else np.empty(0)
    whole = labels.dtype.kind in "iu" and labels.ndim == 1
    return (samples, torch.from_numpy(labels)) if whole and len(labels) else samples


def _is_batch(samples: Any, labels: Any) -> bool:
    """Whether the second part can be the classes of the first."""
    shape, other = (tuple(getattr(one, "shape", ())) for one in (samples, labels))
    return len(shape) > 1 and len(other) == 1 and shape[0] == other[0]


def _tensor(values: Any, name: str) -> torch.Tensor:
    import torch

    if isinstance(values, torch.Tensor):
        return values
    if isinstance(values, list | tuple) and values and isinstance(values[0], torch.Tensor):
        values = [one.detach().cpu().numpy() for one in values]
    try:
        array = np.array(values)
        return torch.from_numpy(array.astype(np.float32) if array.dtype.kind == "f" else array)
    except (TypeError, ValueError):
        raise UsageError(
            f"{name} is {type(values).__name__}: expected a tensor or an array of shape (n, ...), "
            "a batch, a data set or its loader"
        ) from None


def fitting(real: torch.Tensor, made: torch.Tensor) -> torch.Tensor:
    """Real samples in the shape of generated ones, if they have as many numbers.

    Raises UsageError if they are bytes, and G's are not.
    """
    if made.is_floating_point() and not real.is_floating_point() and real.ndim > 1:
        raise UsageError(
            f"real is {str(real.dtype).removeprefix('torch.')} and what G makes is not: give it as "
            "D takes it, like real.float() / 127.5 - 1"
        )
    if real.shape[1:].numel() == made.shape[1:].numel():
        return real.reshape(-1, *made.shape[1:])
    return real


def kind_of(shape: Sequence[int], column: Any = None, *, in_range: bool = False) -> str:
    """What samples of shape (n, ...) are: number, points, table, signals or pictures.

    Rows are those of a table if a `column` is asked for; `in_range` tells that all numbers lie from
    -1 to 1, as those of pictures do.

    Examples
    --------
    >>> [kind_of((64, *one)) for one in [(1,), (2,), (784,), (4,), (1, 16384), (24, 3), (28, 28)]]
    ['number', 'points', 'pictures', 'table', 'signals', 'signals', 'pictures']
    """
    one = tuple(shape[1:])
    size = math.prod(one)
    if column is not None and len(one) == 1:
        return "table"
    if size == 1:
        return "number"
    if len(one) == 1:
        side = math.isqrt(size if math.isqrt(size) ** 2 == size else size // 3)
        square = side >= (SIDE_IN_RANGE if in_range else SIDE) and size in (side**2, 3 * side**2)
        return "points" if size == 2 else "pictures" if square else "table"
    long = len(one) == 2 and min(one) <= CHANNELS and max(one) >= 2 * min(one)
    return "signals" if long else "pictures"
