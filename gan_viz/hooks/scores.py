"""What D says of real and of generated samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from gan_viz.errors import UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.outputs import checked_output, kind_of_output, scores
from gan_viz.hooks.watching import evaluate

if TYPE_CHECKING:
    import torch

__all__ = ["ScoresHook"]


class ScoresHook(Hook):
    """Record D's outputs on fixed real samples and on those G makes of the fixed latents.

    Channels, float32 and with the attribute ``output``: ``scores_fake``, shape ``(n,)``, and,
    where the recorder has real samples, ``scores_real``, shape ``(m,)``, of as many of them at
    most. A D that judges patches gives one number a patch. Both are D's raw outputs in evaluation
    mode. Without a discriminator nothing is recorded.

    Parameters
    ----------
    output : {"auto", "logit", "probability", "critic"}
        What D returns. ``"auto"``: a probability if its last module is a `torch.nn.Sigmoid`,
        else a logit.
    """

    def __init__(self, output: str = "auto") -> None:
        self.output = checked_output(output)

    def start(self, context: HookContext) -> None:
        """Take the real samples, declare the channels."""
        self._discriminator, self._fixed = context.discriminator, context.fixed
        if context.discriminator is None:
            return
        self._real = None if context.real is None else context.real[: len(context.fixed)]
        self._labels = self._labels_of_real(context)
        kind = kind_of_output(context.discriminator, self.output)
        for name, array in self.on_frame(0).items():
            context.writer.add_channel(name, array.shape, "float32", output=kind)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Ask D; apart about real and generated, for it may judge a batch as a whole."""
        if self._discriminator is None:
            return {}
        arrays = {}
        if self._real is not None:
            arrays["scores_real"] = self._scores(self._real, self._labels)
        arrays["scores_fake"] = self._scores(self._fixed.generated(step), self._fixed.labels)
        return arrays

    @staticmethod
    def _labels_of_real(context: HookContext) -> torch.Tensor | None:
        """What a conditional D is told of the real samples."""
        if context.real is None or context.fixed.labels is None:
            return None
        if context.labels is None:
            raise UsageError(
                "a conditional discriminator has to be told the classes of real=...: give the "
                "Recorder labels=..."
            )
        return context.labels[: len(context.fixed)].long()

    def _scores(self, samples: torch.Tensor, labels: torch.Tensor | None) -> NDArray[Any]:
        assert self._discriminator is not None
        outputs = evaluate(self._discriminator, samples, labels)
        found: NDArray[Any] = scores(outputs, samples).cpu().numpy()
        return found
