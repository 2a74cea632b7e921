"""A row for each step: all series, metrics, and quantiles of the outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from gan_viz.api.tables import table_writer
from gan_viz.errors import RecordingError
from gan_viz.exports.base import Contents, Exporter, free_name
from gan_viz.recording.dataset import rows_of


class CsvExporter(Exporter):
    """One table: the column ``step``, and one for each series; empty where it has no value.

    Infinity is ``inf``. As NaN is written as nothing, too, an ``.npz`` tells the two apart.
    """

    suffix: ClassVar[str] = ".csv"

    def __init__(self) -> None:
        self._write = table_writer(Path(f"table{self.suffix}"))  # looks for its libraries

    def write(self, contents: Contents, place: Path) -> None:
        """Write the table."""
        self._write(place, [*map(self._row, table_of(contents))])

    def _row(self, row: Mapping[str, float]) -> Mapping[str, Any]:
        return {name: "" if np.isnan(value) else value for name, value in row.items()}


class ParquetExporter(CsvExporter):
    """The same for pandas, Polars, DuckDB and R; NaN where there is no value."""

    suffix: ClassVar[str] = ".parquet"

    def _row(self, row: Mapping[str, float]) -> Mapping[str, Any]:
        return row


def table_of(contents: Contents) -> Sequence[Mapping[str, float]]:
    """Rows by step: all series, metrics and quantiles.

    Raises RecordingError if there are none.
    """
    steps, columns = rows_of({**contents.series, **contents.quantiles})
    if not columns:
        raise RecordingError(
            f"{contents.recording.path}: it has neither scalars nor outputs to make a table of; "
            "export --to npz writes its arrays"
        )
    first = free_name("step", columns)
    named = {first: steps, **columns}
    return [
        dict(zip(named, row, strict=True))
        for row in zip(*(column.tolist() for column in named.values()), strict=True)
    ]
