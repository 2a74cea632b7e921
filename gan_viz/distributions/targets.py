"""From what a user has (a name, an expression, a file, an object) to the distribution meant."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_viz.distributions.base import Distribution, shorten
from gan_viz.distributions.columns import ColumnChoice, Values, as_array, column_of_array
from gan_viz.distributions.empirical import Empirical
from gan_viz.distributions.expression import parse
from gan_viz.distributions.fields import as_label, as_text
from gan_viz.distributions.files import EXTENSIONS, read_column
from gan_viz.distributions.mixture import Mixture
from gan_viz.distributions.scipy_backed import (
    SHORT_NAMES,
    Clock,
    ScipyDistribution,
    TooSlowError,
    explain_name,
    freeze,
    from_scipy,
)
from gan_viz.distributions.strange import strange_values
from gan_viz.distributions.tabulated import Tabulated
from gan_viz.errors import DataError, RecordingError, RecordingWarning, UsageError


def target(data: Any, column: ColumnChoice = None) -> Distribution:
    """Return the distribution that is to be learnt.

    Parameters
    ----------
    data : Distribution, str, path, scipy.stats distribution or array-like
        A short name (`SHORT_NAMES`), an expression such as
        ``"0.3*norm(-1.5, 0.5) + 0.7*norm(1.5, 0.5)"`` of continuous scipy.stats distributions,
        the path of a data file, a frozen continuous scipy.stats distribution, or values.
        An expression is parsed, never evaluated as code.
    column : str or int, optional
        The column of a file or array that has several, by name or by index from 0.

    Returns
    -------
    Distribution

    Raises
    ------
    UsageError
        If `data` cannot be understood.
    DataError
        If a file cannot be read or there is nothing to learn from the values.

    Examples
    --------
    >>> target("norm(4, 0.5)").mean
    4.0
    >>> [round(mode.mass, 3) for mode in target("bimodal").modes]
    [0.3, 0.7]
    >>> target([1.0, 2.0, 2.5]).is_estimate
    True
    """
    if isinstance(data, os.PathLike) or (isinstance(data, str) and _names_a_file(data)):
        return from_file(data, column)
    if column is not None and (isinstance(data, str) or _is_distribution(data)):
        raise UsageError(f"column {column!r} is given, but the data is no table: name a data file")
    if isinstance(data, str):
        return _from_text(data)
    if isinstance(data, Distribution):
        return data.checked()
    if _is_distribution(data):
        return from_scipy(data).checked()
    return _estimated(column_of_array(as_array(data), "the data", column))


def _estimated(values: Values) -> Distribution:
    found = Empirical(values.numbers, values.label).checked()
    found.notes = (*values.notes, *strange_values(values))
    return found


def _is_distribution(data: Any) -> bool:
    return hasattr(data, "rvs") or hasattr(data, "pdf") or hasattr(data, "icdf")


def _names_a_file(text: str) -> bool:
    """Tell a path from an expression: it exists, or has the extension of a data file."""
    if text in SHORT_NAMES:
        return False
    try:
        return Path(text).is_file() or text.lower().endswith(EXTENSIONS)
    except (OSError, ValueError):
        return False


def _from_text(text: str) -> Distribution:
    text = text.strip()
    if text in SHORT_NAMES:
        return _from_expression(SHORT_NAMES[text], text)
    if "(" not in text:
        raise UsageError(_neither(text))
    return _from_expression(text, shorten(text))


def _neither(text: str) -> str:
    """Return the message for what is neither an expression nor a file."""
    if text.replace("-", "_").isidentifier():
        return explain_name(shorten(text))
    return (
        f"{shorten(text)!r} is neither a file nor a distribution: write e.g. norm(4, 0.5), or one "
        f"of {', '.join(SHORT_NAMES)}"
    )


def _from_expression(text: str, label: str) -> Distribution:
    terms = parse(text)
    clock = Clock()
    if len(terms) == 1:
        return ScipyDistribution(freeze(terms[0]), label, text, clock).checked()
    parts = [ScipyDistribution(freeze(term), term.text, None, clock).checked() for term in terms]
    return Mixture([term.weight for term in terms], parts, label, text).checked()


def from_file(path: str | os.PathLike[str], column: ColumnChoice = None) -> Distribution:
    """Return the distribution of the values in a file.

    Parameters
    ----------
    path : str or path
        A .csv, .tsv, .txt or .dat file (comma, semicolon, tab, bar or white space between cells,
        with or without a line of names, ``#`` before comments, decimal points or commas) or a
        .npy file.
    column : str or int, optional
        Name or index, counted from 0; not needed where there is only one.

    Returns
    -------
    Distribution
        An estimate (`is_estimate`) from the values. Its `notes` tell how numbers with commas
        were read, what was skipped, and which values may stand for missing ones.

    Raises
    ------
    DataError
        If the file cannot be read, holds anything but finite numbers in that column (how many
        rows, and the first of them), fewer than two values, or no variance.
    UsageError
        If there is no such column, or several to choose from.
    """
    return _estimated(read_column(Path(path), column))


def from_description(description: Mapping[str, Any]) -> Distribution:
    """Build the distribution that `Distribution.describe` described.

    Nothing in the description is run, and its size is bounded: it may come from a stranger.

    Parameters
    ----------
    description : mapping
        As read from a recording's header.

    Returns
    -------
    Distribution
        With the same, or for real data and tables nearly the same, pdf, cdf and ppf.

    Raises
    ------
    RecordingError
        If it is not what `describe` gives.

    Examples
    --------
    >>> from_description(target("t(3)").describe()).label
    't(3)'
    """
    try:
        return _described(description).checked()
    except (UsageError, DataError) as error:
        raise RecordingError(f"the recorded target cannot be read: {error}") from error


def recorded_target(header: Mapping[str, Any]) -> Distribution | None:
    """Return the distribution of the data that a recording's header names, if it names one.

    One that takes too long to compute is left out, with a `gan_viz.errors.RecordingWarning`. Raises
    RecordingError if it cannot be read.
    """
    if "target" not in header:
        return None
    try:
        return from_description(header["target"])
    except RecordingError as error:
        if not isinstance(error.__cause__, TooSlowError):
            raise
        warnings.warn(f"{error.__cause__}; p_data is not shown", RecordingWarning, stacklevel=2)
        return None


def _described(description: Mapping[str, Any]) -> Distribution:
    if not isinstance(description, Mapping):
        raise UsageError("its description is no mapping")
    kind = as_text(description, "kind")
    if kind == "expression":
        return _from_expression(as_text(description, "expression"), as_label(description))
    if kind == "values":
        return Empirical.from_description(description)
    if kind == "table":
        return Tabulated.from_description(description)
    raise UsageError(f"its kind {shorten(kind)!r} is unknown; a newer gan_viz may know it")
