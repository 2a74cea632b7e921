"""The quality of pictures of a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.api.quality import held_out, record_neighbours
from gan_viz.datasets import ImageSet
from gan_viz.distributions import Latent
from gan_viz.errors import DataError
from gan_viz.recording import Recording


def pictures(seed: int, n: int = 200) -> ImageSet:
    images = np.random.default_rng(seed).integers(0, 256, (n, 4, 4), np.uint8)
    return ImageSet("noise", images, np.zeros(n, np.int64), ("a",))


class ByHeart(nn.Module):
    """Gives one of the pictures it knows for each z."""

    def __init__(self, known: np.ndarray) -> None:
        super().__init__()
        self.known = torch.tensor(known).float() / 127.5 - 1

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.known[(z[:, 0].abs() * 1e4).long() % len(self.known)][:, None]


@pytest.mark.parametrize(("source", "expected"), [(0, 1.0), (2, 0.01)])
def test_copies_are_told_from_likenesses(source: int, expected: float, tmp_path: Path) -> None:
    data, test = pictures(0), pictures(1)
    g = ByHeart(pictures(source).images)
    told = record_neighbours(g, tmp_path / "a.ganviz", Latent("normal", 2), (2,), data, test)
    assert told.copied == pytest.approx(expected, abs=0.04)
    assert told.ratio == pytest.approx(0.0 if source == 0 else 1.0, abs=0.1)
    assert "99%" in str(told)
    with Recording(tmp_path / "a.ganviz") as recording:
        shown = recording.array("samples", 0)
        assert shown.shape == (32, 8, 4)
        assert recording.channels["samples"].attributes["columns"] == 8
        known = data.images.reshape(200, -1).astype(float)
        for made, near in zip(
            shown[:, :4].reshape(32, -1), shown[:, 4:].reshape(32, -1), strict=True
        ):
            best = known[((known - made) ** 2).sum(1).argmin()]
            np.testing.assert_array_equal(near, best)
            assert (source == 0) == bool((made == near).all())


def test_pictures_of_ones_own_have_none_held_out() -> None:
    with pytest.raises(DataError, match="noise: no pictures are held out"):
        held_out(pictures(0))
