"""What a page lacks of a recording that has grown since: its newest frames, and nothing else.

Frames are only ever appended, unless a training is resumed at an earlier step. So a page of a
recording that grows is told what each frame adds to its arrays, on the scales that it has;
`web/growing.js` appends that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gan_viz.panels.base import Panel
from gan_viz.panels.density import DensityPanel
from gan_viz.recording import Recording
from gan_viz.replay.packing import Block, Packed
from gan_viz.replay.payload import Payload, describe_run

ROWS: Mapping[str, Any] = {
    "steps": {},
    "density": {
        "generated": {"density": {}, "peak": {}},
        "turns": {},
        "outputs": {},
        "outside": {},
        "scott": {},
        "d": {"critic": {}, "common": {}, "values": {}, "best": {}},
        "arrows": {"tips": {}},  # along gradients come with a whole page: all frames scale them
    },
    "grid": {"images": {}},
    "walk": {"images": {}},
    "points": {"x": {}, "y": {}, "map": {}},
    "signals": {"values": {}},
    "metrics": {"names": {}, "values": {}},
    "groups": {"key": {}, "lines": {"key": {}, "at": {}}},
}
"""What a run has a row a frame of, and what has to be as it is in the page."""


def newest(recording: Recording, panels: Sequence[Panel], page: Payload) -> bytes | None:
    """Collect what the newest frames of a recording add to a page of it, on the page's scales.

    The recording has the newest frames alone, see `Recording.keep`; the panels are those of the
    page, described and not yet bound. Returns gzip as `gan_viz.replay.payload` makes it, with
    `ROWS` alone; None where the recording has got what the page knows nothing of, like a scalar.
    """
    block = Block(exactly=True)  # the scales of the page are not those of these frames alone
    kept = [
        one.with_limits(**page.limits) if isinstance(one, DensityPanel) else one for one in panels
    ]
    found = describe_run(block, recording, kept)
    rows = _only(found, ROWS)
    if _outline(rows) != _outline(_only(page.about["runs"][0], ROWS)):
        return None
    return block.compressed({"runs": [rows]})


def _only(value: Any, wanted: Mapping[str, Any]) -> Any:
    """What is wanted of a description, in each item of its lists."""
    if not wanted or isinstance(value, Packed):
        return value
    if isinstance(value, list):
        return [_only(one, wanted) for one in value]
    return {name: _only(value[name], more) for name, more in wanted.items() if name in value}


def _outline(value: Any) -> Any:
    """The same with the width of each array in its place, and without letters a frame."""
    if isinstance(value, Packed):
        return value["shape"][1:]
    if isinstance(value, list | tuple):
        return [_outline(one) for one in value]
    if isinstance(value, dict):
        return {name: _outline(one) for name, one in value.items() if name != "turns"}
    return value
