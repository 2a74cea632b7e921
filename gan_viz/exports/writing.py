"""Where an export goes, and how it gets there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from gan_viz.api.drawing import opened, place_of
from gan_viz.api.output import keep_apart, published
from gan_viz.arguments import checked
from gan_viz.encoders.publish import Partial, PartialFolder
from gan_viz.errors import UsageError
from gan_viz.exports.base import Contents
from gan_viz.recording import Recording
from gan_viz.registry import EXPORTS


@checked
def export(
    recording: str | os.PathLike[str] | Recording,
    to: str,
    out: str | os.PathLike[str] | None = None,
) -> Path:
    """Convert a recording for another tool: tables, arrays, LaTeX, TensorBoard or W&B.

    Parameters
    ----------
    recording : path-like or Recording
    to : str
        A name in `gan_viz.registry.EXPORTS`: ``csv`` or ``parquet`` (a row for each step: scalars,
        metrics, quantiles of the outputs), ``npz`` (all arrays), ``pgfplots`` (a LaTeX document),
        ``tensorboard`` or ``wandb`` (also histograms and sheets of pictures).
    out : path-like, optional
        The file or, of ``tensorboard`` and ``wandb``, a folder that is new or empty. By default
        beside the recording: ``run.csv``, or ``run-tensorboard`` for ``run.ganviz``.

    Returns
    -------
    pathlib.Path
        What was written.

    Raises
    ------
    UsageError
        There is no such export, or nothing can be written there.
    RecordingError
        The recording cannot be read, or has nothing to export.
    MissingExtraError
        The library of the tool is not installed.
    OutputError
        It cannot be written; what was there before is left as it was.
    """
    exporter = EXPORTS[to]()
    source = Path(place_of(recording))
    if not source.name:
        raise UsageError(f"recording {str(source)!r}: expected a file, like run.ganviz")
    usual = f"{source.stem}{exporter.suffix or f'-{to}'}"
    path = source.with_name(usual) if out is None else Path(out)
    draft_of = _draft_kind(path, exporter.suffix)
    keep_apart([path], [source])
    draft_of.check(path)
    with opened(recording) as found:
        contents = Contents(found)
        with published(path, draft_of) as place:
            exporter.write(contents, place)
    return path


def _draft_kind(path: Path, suffix: str) -> type[Partial]:
    if not suffix:
        return _NewFolder
    if path.suffix.lower() != suffix:
        raise UsageError(f"{path}: expected a file name ending in {suffix}")
    return Partial


class _NewFolder(PartialFolder):
    """A folder that is new or empty: what another tool keeps in one is not ours to replace."""

    @classmethod
    def _check_content(cls, path: Path) -> None:
        held = next(path.iterdir(), None)
        if held is not None:
            raise UsageError(f"{path} holds {held.name}: give the name of a new or empty folder")
