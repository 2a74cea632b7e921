"""A thousand frames take no more memory than a hundred: all of it, not only Python's."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gan_viz.registry import ENCODERS

ANIMATED = sorted(set(ENCODERS) - {".png"})

# Lines that move over a background; a copy of each frame kept would be 40 kB of 50 MB.
CODE = """
import json, pathlib, resource, sys, tempfile
import numpy as np
from gan_viz.encoders.base import Clip
from gan_viz.encoders.background import open_encoder
from gan_viz.encoders.still import FolderEncoder

name, jobs = {name!r}, {jobs}
kind = FolderEncoder if name == "folder" else None
who = resource.RUSAGE_SELF if jobs == 1 else resource.RUSAGE_CHILDREN

def frame(number):
    picture = np.full((90, 160, 3), 255, dtype=np.uint8)
    picture[number % 90] = picture[:, (3 * number) % 160] = (number % 250, 0, 99)
    return picture

def peak(count):
    samples = [frame(i) for i in range(0, 1000, 125)]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "a" + name)
        clip = Clip(160, 90, 25.0, samples=samples)
        with open_encoder(path, clip, kind=kind, jobs=jobs) as encoder:
            for number in range(count):
                encoder.write(frame(number))
    return resource.getrusage(who).ru_maxrss

print(json.dumps([peak(100), peak(1000)]))
"""


@pytest.mark.parametrize(
    ("name", "jobs"), [*((name, 1) for name in [*ANIMATED, "folder"]), (".gif", 2), (".webp", 2)]
)
def test_peak(run_python: Callable[[str], str], name: str, jobs: int) -> None:
    few, many = json.loads(run_python(CODE.format(name=name, jobs=jobs)))
    assert few >= 20_000  # it was measured
    assert many <= 1.15 * few
