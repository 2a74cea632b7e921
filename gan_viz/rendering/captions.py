"""What pictures of several recordings are called: by what they have in common, and what not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from gan_viz.recording import Recording
from gan_viz.rendering.text import data_and_game

__all__ = ["Captions", "common_header"]

COMMON = ("title", "target", "objective", "clock")
"""What a title is made of."""


def common_header(recordings: Sequence[Recording]) -> dict[str, Any]:
    """What the headers say of all recordings alike, as far as a title is made of it.

    Parameters
    ----------
    recordings : sequence of Recording
        At least one.

    Returns
    -------
    dict
    """
    first, *others = (recording.header for recording in recordings)
    return {
        name: first[name]
        for name in COMMON
        if first.get(name) and all(header.get(name) == first[name] for header in others)
    }


@dataclass(frozen=True)
class Captions:
    """What is written at small multiples: a title above each, or headings of rows and columns.

    Attributes
    ----------
    titles : sequence of str
        One for each picture; empty where there are headings.
    rows, columns : sequence of str
        Headings; empty where there are titles.
    """

    titles: Sequence[str]
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()

    @classmethod
    def of(cls, recordings: Sequence[Recording], columns: int | None = None) -> Captions:
        """Name recordings by what they differ in: data, objective, seed, or else their files.

        Parameters
        ----------
        recordings : sequence of Recording
            In reading order.
        columns : int, optional
            Pictures beside one another, if that is given.

        Returns
        -------
        Captions
            With headings, if these are all combinations of two of these, row by row.
        """
        kinds = [list(one) for one in zip(*map(_facts, recordings), strict=True)]
        differing = [kind for kind in kinds if len(set(kind)) > 1]
        grid = _grid(differing[0], differing[1], columns) if len(differing) == 2 else None
        if grid is not None:
            return grid
        # the seed says least: it is told where the rest is not enough
        for told in (differing[:-1], differing):
            titles = [" · ".join(filter(None, one)) for one in zip(*told, strict=True)]
            if len(set(titles)) == len(recordings):
                return cls(titles)
        return cls(_files(recordings))


def _facts(recording: Recording) -> tuple[str, str, str]:
    """Data, objective and seed, as far as they are known."""
    header = recording.header
    return *data_and_game(recording), f"seed {header['seed']}" if "seed" in header else ""


def _grid(down: Sequence[str], across: Sequence[str], columns: int | None) -> Captions | None:
    """Headings, if pictures are all combinations of two things in the order of reading."""
    rows, heads = ([*dict.fromkeys(kind)] for kind in (down, across))
    if columns not in (None, len(heads)) or "" in (*rows, *heads):
        return None
    ordered = list(zip(down, across, strict=True)) == list(product(rows, heads))
    short = [[head.removesuffix(" GAN") for head in heads] for heads in (rows, heads)]
    return Captions((), *short) if ordered else None


def _files(recordings: Sequence[Recording]) -> list[str]:
    """Names of files, with their folders' where they are alike."""
    paths = [recording.path for recording in recordings]
    if len({path.stem for path in paths}) == len(paths):
        return [path.stem for path in paths]
    return [f"{path.absolute().parent.name}/{path.stem}" for path in paths]
