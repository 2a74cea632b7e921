"""What the page needs to draw pictures, points and signals at each frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.exact import LARGE
from gan_viz.analysis.scores import UNBOUNDED, probability
from gan_viz.panels.base import latest
from gan_viz.panels.points import PointsPanel
from gan_viz.panels.signals import BULK, SignalsPanel
from gan_viz.panels.tiles import picture_size
from gan_viz.recording import Recording
from gan_viz.replay.packing import Block

MOST = 128
"""Generated pictures of a frame that are shown, and real ones."""
LOSSLESS, FINE = 2**20, 2**22
"""Bytes of a recording's pictures that are kept as they are, and with 64 levels; of more, 32 levels
are kept."""
MOST_BYTES = 2**26
"""Bytes of pictures that a page unpacks; frames are left out where there would be more."""


def pictures(block: Block, recording: Recording, frames: NDArray[np.intp]) -> dict[str, Any]:
    """Describe G's pictures of the same latents, and the real ones."""
    channel = recording.channels["samples"]
    tall, wide = picture_size(recording, channel)
    number = min(channel.shape[0], MOST)
    found: dict[str, Any] = {
        "size": [wide, tall],
        "colors": 3 if len(channel.shape) == 4 else 1,
        "number": number,
        "images": _images(block, recording, "samples", frames, number),
        "classes": _names(recording),
    }
    constants = recording.constants
    known = recording.constant_channels
    if "real_samples" in known and known["real_samples"].shape[1:] == channel.shape[1:]:
        real = constants["real_samples"][:MOST]
        found["real"] = block.pictures(real[None])
        if "real_labels" in known and len(constants["real_labels"]) >= len(real):
            found["real_labels"] = constants["real_labels"][: len(real)].astype(int).tolist()
    if "sample_labels" in known and known["sample_labels"].shape == channel.shape[:1]:
        found["labels"] = constants["sample_labels"][:number].astype(int).tolist()
    return found


def walk(block: Block, recording: Recording, frames: NDArray[np.intp]) -> dict[str, Any]:
    """Describe pictures along walks between latents."""
    channel = recording.channels["walk"]
    tall, wide = picture_size(recording, channel, leading=2)
    kinds = channel.attributes.get("kind")
    return {
        "size": [wide, tall],
        "colors": 3 if len(channel.shape) == 5 else 1,
        "rows": channel.shape[0],
        "columns": channel.shape[1],
        "kinds": [str(kind) for kind in kinds][: channel.shape[0]]
        if isinstance(kinds, list)
        else [],
        "images": _images(block, recording, "walk", frames, channel.shape[0]),
    }


def _images(
    block: Block, recording: Recording, name: str, frames: NDArray[np.intp], number: int
) -> dict[str, Any]:
    """The pictures of each frame, or the last before it that has any; black before the first."""
    last, shape = latest(recording, name)[frames], recording.channels[name].shape[1:]
    images = np.zeros((len(frames), number, *shape), np.uint8)
    for row, frame in enumerate(last.tolist()):
        if frame >= 0:
            images[row] = recording.array(name, frame)[:number]
    whole = len(recording) * recording.channels[name].nbytes
    return block.pictures(images, 0 if whole <= LOSSLESS else 2 if whole <= FINE else 3)


def _names(recording: Recording) -> list[str]:
    names = recording.header.get("classes")
    return [str(one) for one in names] if isinstance(names, list) else []


def points(block: Block, recording: Recording, frames: NDArray[np.intp]) -> dict[str, Any]:
    """Describe points in the plane, real ones, and D's map under them."""
    panel = PointsPanel().bind(recording)
    (left, right), (low, high) = (map(float, ends) for ends in panel.window)
    last, number = latest(recording, "points")[frames], recording.channels["points"].shape[0]
    shown = np.full((len(frames), number, 2), np.nan)
    for row, frame in enumerate(last.tolist()):
        if frame >= 0:
            values = np.asarray(recording.array("points", frame), np.float64)
            shown[row] = np.where(np.abs(values) < LARGE, values, np.nan)
    found = {
        "window": [[left, right], [low, high]],
        "x": block.curves(shown[:, :, 0], left, right),
        "y": block.curves(shown[:, :, 1], low, high),
        "real": block.exact(panel.real),
    }
    return found | (_map_of_d(block, panel, frames) if panel.grid is not None else {})


def _map_of_d(block: Block, panel: PointsPanel, frames: NDArray[np.intp]) -> dict[str, Any]:
    """D at the places of a grid, rows from below; a critic between its quantiles."""
    channel = panel.recording.channels["discriminator_map"]
    output = channel.attributes.get("output")
    last = latest(panel.recording, "discriminator_map")[frames]
    shown = np.full((len(frames), *channel.shape), np.nan)
    for row, frame in enumerate(last.tolist()):
        if frame >= 0:
            scores = probability(panel.recording.array("discriminator_map", frame), output)
            shown[row] = np.where(np.abs(scores) < LARGE, scores, np.nan)
    levels = panel.levels if output in UNBOUNDED else np.array([0.0, 1.0])
    ends = float(levels[0]), float(levels[-1])
    return {"map": block.curves(shown, *ends), "ends": [*ends]}


def signals(block: Block, recording: Recording, frames: NDArray[np.intp]) -> dict[str, Any]:
    """Describe signals, a row each, and real ones beside them."""
    panel = SignalsPanel().bind(recording)
    channels, length = recording.channels["signals"].shape[1:]
    low, high = panel.middle - panel.reach, panel.middle + panel.reach
    last = latest(recording, "signals")[frames]
    shown = np.full((len(frames), panel.rows, channels, length), np.nan)
    for row, frame in enumerate(last.tolist()):
        if frame >= 0:
            shown[row] = recording.array("signals", frame)[: panel.rows]
    found = {
        "limits": [low, high],
        "values": block.curves(shown, low, high),
        "quantiles": BULK,
    }
    if panel.real is not None:
        found["real"] = block.curves(panel.real[: panel.rows], low, high)
    return found


Describe = Callable[[Block, Recording, NDArray[np.intp]], dict[str, Any]]
DRAWN: dict[str, tuple[str, Describe]] = {
    "grid": ("samples", pictures),
    "walk": ("walk", walk),
    "points": ("points", points),
    "signals": ("signals", signals),
}
"""Panels other than densities and curves: the channel each draws, and what describes it."""
