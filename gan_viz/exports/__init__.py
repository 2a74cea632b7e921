"""Recordings for tools that people already have: tables, arrays, TensorBoard, W&B, pgfplots."""

from gan_viz.exports.base import Contents, Exporter
from gan_viz.exports.writing import export

__all__ = ["Contents", "Exporter", "export"]
