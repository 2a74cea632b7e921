"""Batches of pictures, for ever."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from gan_viz.errors import UsageError
from gan_viz.training.tensor_game import Batch


class Pictures:
    """Pictures held once as bytes on the training device, and dealt in random order.

    Iterating gives batches for ever, with the labels where given; an epoch ends after `per_epoch`
    of them, where no whole batch is left. The images, of a `shape` (height, width) each, have the
    shape (n, height, width), the labels (n,). The order is drawn from `source`. Raises UsageError
    if there are fewer pictures than make a batch.
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64] | None,
        batch: int,
        source: torch.Generator,
        device: torch.device | str = "cpu",
    ) -> None:
        if len(images) < batch:
            raise UsageError(
                f"batch {batch}: there are only {len(images)} pictures; take a smaller batch"
            )
        self._images = torch.tensor(images, device=device)
        self._labels = None if labels is None else torch.tensor(labels, device=device)
        self._batch, self._source = batch, source
        self.per_epoch = len(images) // batch
        self.shape: tuple[int, int] = (images.shape[1], images.shape[2])
        self._order, self._dealt = source.get_state(), 0

    @property
    def position(self) -> tuple[torch.Tensor, int]:
        """The state of `source` where the epoch began, and batches dealt since."""
        return self._order, self._dealt

    def go_on(self, order: torch.Tensor, dealt: int) -> None:
        """Begin at a `position` that other pictures like these had."""
        self._source.set_state(order)
        self._dealt = dealt

    def __iter__(self) -> Iterator[Batch]:
        """Deal for ever: values of shape (batch, 1, height, width), from -1 to 1."""
        while True:
            self._order = self._source.get_state()
            order = torch.randperm(len(self._images), generator=self._source)
            batches = order.to(self._images.device).split(self._batch)[: self.per_epoch]
            for chosen in batches[self._dealt :]:
                self._dealt += 1
                values = scaled(self._images.index_select(0, chosen).unsqueeze(1))
                yield Batch(values, None if self._labels is None else self._labels[chosen])
            self._dealt = 0


def scaled(values: torch.Tensor) -> torch.Tensor:
    """Bytes as numbers from -1 to 1.

    Examples
    --------
    >>> scaled(torch.tensor([0, 255], dtype=torch.uint8)).tolist()
    [-1.0, 1.0]
    """
    return values.float().div_(127.5).sub_(1)
