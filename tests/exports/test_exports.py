"""Each export is read back by the tool that it is for."""

from __future__ import annotations

import csv
import json
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import gan_viz
from gan_viz import registry
from gan_viz.errors import MissingExtraError, UnknownNameError, UsageError
from gan_viz.exports import Contents
from gan_viz.exports.base import MOST_PICTURES
from gan_viz.exports.pgfplots import MOST_POINTS, escaped
from gan_viz.recording import Recording, Writer

METRIC, CLASHING = "metrics/tv", "metrics/w1_"


def test_csv_has_a_row_for_each_step(run: Path) -> None:
    out = gan_viz.export(run, "csv")
    assert out == run.with_suffix(".csv")
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == [*map(str, range(26)), "30"]
    assert float(rows[4]["d_loss"]) == 0.2
    assert rows[-1]["d_loss"] == "inf"
    assert rows[4][METRIC] == ""
    measured = gan_viz.metrics(run)
    assert [float(rows[step][METRIC]) for step in (0, 10, 25)] == [m["tv"] for m in measured]
    # a series that is named as a metric keeps its name, and the metric is told apart
    assert float(rows[10]["metrics/w1"]) == 7.0
    assert float(rows[10][CLASHING]) == measured[1]["w1"]
    assert float(rows[10]["outputs/generator/quantile_50"]) == pytest.approx(-1.0)


def test_parquet_is_the_same_table(run: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    table = pandas.read_parquet(gan_viz.export(run, "parquet", tmp_path / "t.parquet"))
    text = pandas.read_csv(gan_viz.export(run, "csv", tmp_path / "t.csv"))
    pandas.testing.assert_frame_equal(table, text, rtol=0)


def test_npz_has_everything_without_a_pickle(run: Path) -> None:
    with np.load(gan_viz.export(run, "npz")) as arrays, Recording(run) as recording:
        for frame in range(3):
            expected = recording.array("generator", frame)
            assert np.array_equal(arrays["channels/generator"][frame], expected)
        assert arrays["frames"].tolist() == [0, 10, 25]
        for part in ("steps", "values"):
            expected = getattr(recording.scalars["d_loss"], part)
            assert np.array_equal(arrays[f"scalars/d_loss/{part}"], expected)
        assert json.loads(str(arrays["header"]))["seed"] == 3
        assert "channels/generator/frames" in arrays
        assert "scalars/metrics/tv/values" in arrays


def test_tensorboard_reads_its_files(run: Path, pictures: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(gan_viz.export(run, "tensorboard")), {"tensors": 0})
    read.Reload()
    tags = read.Tags()["tensors"]
    assert {"d_loss", METRIC, CLASHING, "outputs/generator", "header"} <= {*tags}
    losses = read.Tensors("d_loss")
    assert [one.step for one in losses] == [*range(26), 30]
    assert losses[4].tensor_proto.float_val[0] == pytest.approx(0.2)
    (buckets, *_) = read.Tensors("outputs/generator")
    counts = np.frombuffer(buckets.tensor_proto.tensor_content, np.float64).reshape(-1, 3)[:, 2]
    assert counts.sum() == 64

    seen = EventAccumulator(str(gan_viz.export(pictures, "tensorboard")), {"tensors": 0})
    seen.Reload()
    width, height, png = seen.Tensors("pictures/samples")[1].tensor_proto.string_val
    plugin = seen.SummaryMetadata("pictures/samples").plugin_data.plugin_name
    assert (plugin, int(width), int(height)) == ("images", 3 * 4 - 1, 2 * 5 - 1)
    (tmp_path / "sheet.png").write_bytes(png)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (11, 9)
        assert sheet.getpixel((0, 0)) == (100, 100, 100)
        assert sheet.getpixel((3, 0)) == (255, 255, 255)  # between two
        assert sheet.getpixel((10, 8)) == (255, 255, 255)  # there is no sixth


def _wandb_records(file: Path) -> list[Any]:
    """The records of a run: a log as LevelDB's, whose records may be cut into fragments."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, at, found, part = file.read_bytes(), 7, [], b""
    while at + 7 <= len(data):
        left = 32768 - at % 32768
        if left < 7:
            at += left
            continue
        length, kind = struct.unpack_from("<4xHB", data, at)
        part += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # whole, or the last fragment
            found.append(Record.FromString(part))
            part = b""
    return found


def _wandb_history(file: Path) -> dict[int, dict[str, Any]]:
    """What was logged at each step."""
    logged = {}
    for record in _wandb_records(file):
        if record.WhichOneof("record_type") == "history":
            items = {i.key or "/".join(i.nested_key): i.value_json for i in record.history.item}
            logged[record.history.step.num] = items
    return logged


def test_wandb_writes_an_offline_run(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "online")  # what is asked of us is offline, whatever is set
    out = gan_viz.export(run, "wandb")
    (file,) = out.glob("wandb/offline-run-*/run-*.wandb")
    logged: dict[int, dict[str, Any]] = {}
    until = time.monotonic() + 20  # its process writes on for a moment
    while 30 not in logged and time.monotonic() < until:
        logged = _wandb_history(file)
    assert sorted(logged) == [*range(26), 30]
    assert json.loads(logged[4]["d_loss"]) == 0.2
    assert sum(json.loads(logged[10]["outputs/generator/values"])) == 64
    assert json.loads(logged[10]["metrics/w1"]) == 7.0
    assert CLASHING in logged[10]


def test_pgfplots_makes_a_document_that_tex_reads(run: Path) -> None:
    out = gan_viz.export(run, "pgfplots")
    text = out.read_text(encoding="utf-8")
    assert r"\input{x}" not in text
    assert escaped(r"\input{x}") in text
    assert "title={step 25}" in text
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed: the document is not set")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", out.name]
    done = subprocess.run(command, cwd=out.parent, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]


def test_thin_curves_keep_their_peaks(tmp_path: Path) -> None:
    values = np.sin(np.arange(5000) / 300.0)
    values[[1234, 4321]] = 50.0, -50.0
    with Writer(tmp_path / "long.ganviz", {}) as writer:
        writer.add_channel("scores_fake", (4,), "float32")
        writer.write_frame(0, {"scores_fake": np.zeros(4, np.float32)})
        writer.write_scalars(np.arange(5000), {"d_loss": values})
    text = gan_viz.export(writer.path, "pgfplots").read_text(encoding="utf-8")
    rows = [line for line in text.split("\n") if line[:1].isdigit()]
    assert {"1234 50", "4321 -50", "0 0"} <= {*rows}
    assert len(rows) <= MOST_POINTS + 2


def test_of_many_pictures_some_are_shown(tmp_path: Path) -> None:
    with Writer(tmp_path / "many.ganviz", {}) as writer:
        writer.add_channel("samples", (1, 1, 1), "uint8")
        for step in range(3 * MOST_PICTURES):
            writer.write_frame(step, {"samples": np.zeros((1, 1, 1), np.uint8)})
    with Recording(writer.path) as recording:
        steps = [step for step, *_ in Contents(recording).pictures()]
    assert len(steps) == MOST_PICTURES
    assert (steps[0], steps[-1]) == (0, 3 * MOST_PICTURES - 1)


def test_a_walk_is_a_sheet_of_its_rows(pictures: Path) -> None:
    with Recording(pictures) as recording:
        sheets = {name: sheet for _, name, sheet in Contents(recording).pictures()}
    assert sheets["pictures/walk"].shape == (2 * 5 - 1, 3 * 5 - 1, 3)


@pytest.mark.parametrize("to", registry.EXPORTS)
def test_every_export_leaves_what_was_there(run: Path, to: str, tmp_path: Path) -> None:
    if to in ("tensorboard", "wandb", "parquet"):
        pytest.importorskip({"parquet": "pyarrow"}.get(to, to))
    folder = not registry.EXPORTS[to].suffix
    place = tmp_path / ("log" if folder else "out.txt")
    if folder:
        place.mkdir()
        (place / "theirs").touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match="new or empty folder" if folder else "ending in"):
        gan_viz.export(run, to, place)
    assert sorted(tmp_path.rglob("*")) == before


class _Lacks:
    """Python without a library."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, name: str, *_: Any) -> None:
        if name == self._name:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_errors_name_the_cure(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'csv'"):
        gan_viz.export(run, "cvs")
    with pytest.raises(UsageError, match=r"run\.csv would be written over"):
        gan_viz.export(run.rename(tmp_path / "run.csv"), "csv")
    for name in ("wandb", "tensorboard"):
        for loaded in [m for m in sys.modules if m.startswith((name, f"gan_viz.exports.{name}"))]:
            monkeypatch.delitem(sys.modules, loaded)
        monkeypatch.setattr(sys, "meta_path", [_Lacks(name), *sys.meta_path])
        with pytest.raises(MissingExtraError, match=rf"pip install 'gan-viz\[{name}\]'"):
            gan_viz.export(tmp_path / "run.csv", name)
    assert [path.name for path in tmp_path.iterdir()] == ["run.csv"]
