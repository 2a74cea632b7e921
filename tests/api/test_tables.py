"""Tables of metrics, read back with other libraries."""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from gan_viz.analysis import metrics
from gan_viz.api import write_metrics
from gan_viz.cli import main
from gan_viz.distributions import target
from gan_viz.errors import MissingExtraError, RecordingError, UsageError
from gan_viz.recording import Recording, Writer

COLUMNS = [
    "step",
    "w1",
    "w1_relative",
    "w1_middle",
    "js",
    "kl_data_g",
    "kl_g_data",
    "tv",
    "ks",
    "is_estimate",
    "value",
]


@pytest.fixture
def drifting(tmp_path: Path) -> Path:
    """A G that drifts, of data with two modes."""
    with Writer(tmp_path / "run.ganviz", {"target": target("bimodal").describe()}) as writer:
        writer.add_channel("generator", (64,), "float32")
        for step in (0, 10, 25):
            writer.write_frame(step, {"generator": np.linspace(-3, -1, 64) + 0.1 * step})
    return writer.path


def test_csv(drifting: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.csv"
    assert write_metrics(drifting, out) == out
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    modes = ["mass_of_mode_1", "mass_of_mode_2", "mass_between_modes"]
    assert list(rows[0]) == [*COLUMNS, *modes]
    assert [row["step"] for row in rows] == ["0", "10", "25"]
    with Recording(drifting) as recording:
        for row, (_, one) in zip(rows, metrics(recording), strict=True):
            assert float(row["w1"]) == one.w1
            assert float(row["kl_data_g"]) == one.kl_data_g
            assert float(row["value"]) == 2 * one.js - math.log(4)
            assert (float(row["mass_of_mode_1"]), float(row["mass_of_mode_2"])) == one.masses
    assert float(rows[0]["mass_of_mode_1"]) > float(rows[-1]["mass_of_mode_1"])


def test_the_command(drifting: Path, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    out = tmp_path / "m.csv"
    monkeypatch.setattr(sys, "argv", ["gan-viz", "metrics", str(drifting), "--out", str(out)])
    main()
    assert capsys.readouterr().err == f"{out}: a row for each frame\n"
    assert len(out.read_text(encoding="utf-8").splitlines()) == 4


def test_parquet(drifting: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    table = pandas.read_parquet(write_metrics(drifting, tmp_path / "m.parquet"))
    assert table["step"].tolist() == [0, 10, 25]
    assert list(table.columns)[: len(COLUMNS)] == COLUMNS


@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
def test_parquet_without_its_libraries(
    drifting: Path, tmp_path: Path, library: str, monkeypatch: Any
) -> None:
    for name in ("pandas", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None if name == library else ModuleType(name))
    with pytest.raises(MissingExtraError, match=rf"{library}.*pip install 'gan-viz\[parquet\]'"):
        write_metrics(drifting, tmp_path / "m.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["run.ganviz"]


@pytest.mark.parametrize(
    ("out", "message"),
    [("m.xlsx", "expected .csv or .parquet"), ("m", "unknown extension"), ("no/m.csv", "no")],
)
def test_bad_names(drifting: Path, tmp_path: Path, out: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        write_metrics(drifting, tmp_path / out)


def test_nothing_is_left_behind_where_nothing_can_be_measured(tmp_path: Path) -> None:
    out = tmp_path / "m.csv"
    out.write_text("as it was", encoding="utf-8")
    with Writer(tmp_path / "empty.ganviz", {"target": target("bimodal").describe()}) as writer:
        writer.add_channel("generator", (4,), "float32")
    with pytest.raises(RecordingError, match="holds no frames"):
        write_metrics(writer.path, out)
    assert out.read_text(encoding="utf-8") == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.ganviz", "m.csv"]
