"""Event files of TensorBoard, by its own writer; neither torch nor TensorFlow is needed."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_STRING
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from gan_viz.exports.base import Contents, Exporter


class TensorBoardExporter(Exporter):
    """A log folder: scalars and metrics, histograms, sheets of pictures, the header as text.

    Series of a name with a slash are in one group, as TensorBoard has it. Steps are those of the
    training; all events are of the time at which it began, since single steps have none.
    """

    def write(self, contents: Contents, place: Path) -> None:
        """Write one event file."""
        began = _time(contents.header.get("created"))
        writer = EventFileWriter(str(place))
        try:
            for step, summary in _summaries(contents):
                writer.add_event(Event(wall_time=began, step=step, summary=summary))
            writer.flush()
        finally:
            writer.close()


def _summaries(contents: Contents) -> Iterator[tuple[int, Summary]]:
    yield 0, _text("header", json.dumps(contents.header, indent=2, ensure_ascii=False))
    for name, series in contents.series.items():
        for step, value in zip(series.steps.tolist(), series.values.tolist(), strict=True):
            yield step, scalar_pb(name, value)
    for step, name, values in contents.outputs():
        yield step, histogram_pb(name, values, buckets=50)
    for step, name, sheet in contents.pictures():
        yield step, _image(name, sheet)


def _time(created: object) -> float:
    try:
        return datetime.fromisoformat(str(created)).timestamp()
    except ValueError:
        return 0.0


def _text(tag: str, text: str) -> Summary:
    fenced = "\n".join(f"    {line}" for line in text.split("\n"))  # Markdown's way to say: as is
    return _strings(tag, "text", [fenced.encode()])


def _image(tag: str, sheet: NDArray[np.uint8]) -> Summary:
    height, width, _ = sheet.shape
    png = io.BytesIO()
    Image.fromarray(sheet).save(png, "PNG")
    return _strings(tag, "images", [str(width).encode(), str(height).encode(), png.getvalue()])


def _strings(tag: str, plugin: str, values: list[bytes]) -> Summary:
    """Put strings as the plugins of TensorBoard expect them, in a tensor of one dimension."""
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=len(values))])
    tensor = TensorProto(dtype=DT_STRING, string_val=values, tensor_shape=shape)
    about = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=plugin))
    return Summary(value=[Summary.Value(tag=tag, metadata=about, tensor=tensor)])
