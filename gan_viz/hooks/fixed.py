"""Latents that G is given at every frame."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from gan_viz.hooks.watching import device_of

if TYPE_CHECKING:
    import torch

    from gan_viz.hooks.asking import Generate

CHUNK = 128
"""Samples that G makes at once, of many: more would take memory from the training."""


class FixedLatents:
    """Latents, shape (n, ...), fixed for the whole run, and what G makes of them.

    One has the `shape` that G takes. Where G is told one of some `classes`, the k-th sample is of
    class ``k % classes``.
    """

    def __init__(
        self, generate: Generate, latents: NDArray[Any], shape: tuple[int, ...], classes: int = 0
    ) -> None:
        self._given, self._generate, self._shape = latents, generate, shape
        self._classes = classes
        self._step = -1
        self._generated: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self._given)

    @cached_property
    def latents(self) -> torch.Tensor:
        """On G's device, shape ``(n, *shape)``."""
        import torch

        network = self._generate.network
        device = "cpu" if network is None else device_of(network)
        return torch.from_numpy(self._given).to(device).reshape(-1, *self._shape)

    @cached_property
    def labels(self) -> torch.Tensor | None:
        """Classes asked for, shape (n,), if there are any."""
        import torch

        device = self.latents.device
        return torch.arange(len(self), device=device) % self._classes if self._classes else None

    def others(self, latents: NDArray[Any]) -> FixedLatents:
        """Other latents for the same generator, shape (n, ...)."""
        return FixedLatents(self._generate, latents, self._shape, self._classes)

    def generated(self, step: int) -> torch.Tensor:
        """What G makes of the latents, in evaluation mode and without gradients.

        Hooks share it: at the same step G is not asked again, so it must not be changed.
        """
        if self._generated is None or step != self._step:
            self._generated = self._generate.evaluated(self.latents, self.labels)
            self._step = step
        return self._generated

    def chunks(self) -> Iterator[torch.Tensor]:
        """The same, `CHUNK` samples at a time, none of which is kept."""
        if not self._generate.most:  # it takes no latents
            yield self._generate.evaluated(self.latents)
            return
        for start in range(0, len(self), CHUNK):
            part = slice(start, start + CHUNK)
            labels = None if self.labels is None else self.labels[part]
            yield self._generate.evaluated(self.latents[part], labels)
