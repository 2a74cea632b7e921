"""Recordings as for the panels, and a reader of what the page carries, written apart from it."""

from __future__ import annotations

import base64
import gzip
import json
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

_rendering = runpy.run_path(str(Path(__file__).parents[1] / "rendering" / "conftest.py"))
make_recording, write_recording, make_recording_of_pictures = (
    _rendering[name] for name in ("make_recording", "write_recording", "make_recording_of_pictures")
)
DATA = re.compile(r'<script type="text/plain" id="recording">\n([A-Za-z0-9+/=]+)\n</script>')


@pytest.fixture(scope="session")
def unpack() -> Callable[[bytes], Any]:
    """Read what `Block.compressed` wrote: the JSON, with arrays in place of their descriptions."""
    return _unpacked


@pytest.fixture(scope="session")
def unpack_page() -> Callable[[str], Any]:
    """Read the data block of a page."""

    def read(text: str) -> Any:
        found = DATA.search(text)
        assert found is not None
        return _unpacked(base64.b64decode(found[1]))

    return read


def _unpacked(data: bytes) -> Any:
    whole = gzip.decompress(data)
    length = int.from_bytes(whole[:4], "little")
    return _filled(json.loads(whole[4 : 4 + length]), whole[4 + length :])


def _filled(value: Any, data: bytes) -> Any:
    if isinstance(value, list):
        return [_filled(one, data) for one in value]
    if not isinstance(value, dict):
        return value
    if {"kind", "shape", "at"} <= value.keys():
        return _decoded(data[value["at"] :], **value)
    return {name: _filled(one, data) for name, one in value.items()}


def _decoded(
    data: bytes,
    *,
    kind: str,
    shape: list[int],
    at: int,
    low: float = 0.0,
    step: float = 1.0,
    drop: int = 0,
) -> np.ndarray[Any, Any]:
    count = int(np.prod(shape))
    if kind in ("f4", "f8"):
        return np.frombuffer(data, f"<{kind}", count).reshape(shape).astype(float)
    if kind == "u1":
        levels = np.frombuffer(data, "u1", count).reshape(shape).astype(int).cumsum(axis=0) % 256
        return (levels << drop) | (levels >> (8 - 2 * drop)) if drop else levels
    low_bytes, high_bytes = np.frombuffer(data, "u1", 2 * count).reshape(2, -1).astype(int)
    zigzag = low_bytes + 256 * high_bytes
    second = np.where(zigzag % 2, -(zigzag + 1) // 2, zigzag // 2).reshape(shape)
    levels = second.cumsum(axis=-1).cumsum(axis=-1) % 65536
    return np.where(levels == 65535, np.nan, low + step * levels)
