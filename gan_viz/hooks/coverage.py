"""Which classes G's samples show, told by a classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.distances import covered_share
from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.pictures import PictureFormat
from gan_viz.hooks.watching import device_of, evaluate

if TYPE_CHECKING:
    import torch
    from torch import nn

SEED = 1
"""Not that of the sample grid's latents."""
THRESHOLD = 0.9
"""The classifier is unsure of a sample whose likeliest class is less probable than this: of 98 % of
MNIST's digits it is sure, of noise hardly ever."""


class CoverageHook(Hook):
    """Count how many of G's samples a classifier assigns to each class.

    Channels, at some frames: ``class_counts``, int32, shape ``(classes,)``, of the samples that the
    classifier is sure of, and ``class_unsure``, int32, shape ``(1,)``, how many others there are;
    with the attributes ``samples``, how many were classified, and ``threshold``. Scalar:
    ``g_coverage``, the share of classes that are covered
    (`gan_viz.analysis.distances.covered_share`).

    Parameters
    ----------
    classifier : torch.nn.Module
        Maps pictures ``(n, 1, h, w)`` in [-1, 1] to logits of the classes ``(n, classes)``.
    samples : int, optional
        How many, of latents that are fixed for the run; where G is conditional, of all classes in
        turn. None counts those few that the other hooks look at, which takes no pass through G.
    every : int
        Frames from one count to the next; the first frame is counted.
    value_range : (float, float) or "auto"
        The values that G draws black and white; see `gan_viz.hooks.samples.SamplesHook`.
    shape : (int, int), optional
        Height and width of flat pictures; by default they are square.

    Raises
    ------
    UsageError
        A value cannot be used, or there is no classifier.
    """

    @checked
    def __init__(
        self,
        classifier: nn.Module | None = None,
        samples: int | None = 256,
        every: int = 5,
        value_range: tuple[float, float] | str = "auto",
        shape: tuple[int, int] | None = None,
    ) -> None:
        if classifier is None:
            raise UsageError(
                "the coverage hook needs a classifier: a network that maps pictures (n, 1, h, w) "
                "in [-1, 1] to logits of the classes"
            )
        for name, value in (("samples", samples), ("every", every)):
            if value is not None and value < 1:
                raise UsageError(f"{name} {value}: expected a positive whole number")
        self.classifier, self.samples, self.every = classifier, samples, every
        self._format = PictureFormat(value_range, shape)
        self._frames = 0

    def start(self, context: HookContext) -> None:
        """Fix the latents, declare the channels."""
        self._writer, self._fixed = context.writer, context.fixed
        self._many = None
        if self.samples is not None:
            drawn = context.latent.sample(self.samples, np.random.default_rng(SEED))
            self._many = context.fixed.others(drawn)
        self._format.settle(context.real, context.fixed.generated(0))
        samples = self.samples or len(context.fixed)
        about: dict[str, Any] = {"samples": samples, "threshold": THRESHOLD}
        context.writer.add_channel("class_counts", (self._classes(context),), "int32", **about)
        context.writer.add_channel("class_unsure", (1,), "int32", **about)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Let G make its samples, and count them if it is time."""
        self._frames += 1
        if (self._frames - 1) % self.every:
            return {}
        parts = [self._fixed.generated(step)] if self._many is None else self._many.chunks()
        chances = np.concatenate([self._chances(samples) for samples in parts])
        sure = chances.max(axis=1) >= THRESHOLD
        counts = np.bincount(chances[sure].argmax(axis=1), minlength=chances.shape[1])
        covered = covered_share(counts, len(chances))
        self._writer.write_scalars([step], {"g_coverage": [covered]})
        return {
            "class_counts": counts.astype(np.int32),
            "class_unsure": np.array([(~sure).sum()], np.int32),
        }

    def _chances(self, generated: torch.Tensor) -> NDArray[np.float32]:
        """Probabilities of the classes, shape (n, classes)."""
        import torch

        levels = self._format.bytes(generated).astype(np.float32) / 127.5 - 1
        pictures = torch.from_numpy(levels).to(device_of(self.classifier))
        logits = evaluate(self.classifier, pictures[:, None])
        return np.asarray(logits.float().softmax(dim=1).cpu().numpy())

    def _classes(self, context: HookContext) -> int:
        classes = int(self._chances(context.fixed.generated(0)[:1]).shape[1])
        if context.classes and len(context.classes) != classes:
            raise UsageError(
                f"the classifier knows {classes} classes and the recorder {len(context.classes)}: "
                "give one that was trained on the same classes"
            )
        return classes
