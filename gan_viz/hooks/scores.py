"""What D says of real and of generated samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.outputs import OutputKind, checked_output

if TYPE_CHECKING:
    import torch


class ScoresHook(Hook):
    """Record D's outputs on fixed real samples and on those G makes of the fixed latents.

    Channels, float32 and with the attribute ``output``: ``scores_fake``, shape ``(n,)``, and,
    where the recorder has real samples, ``scores_real``, shape ``(m,)``, of as many of them at
    most. Both are D's raw outputs in the mode in which the loop has D, real and generated samples
    each a batch of their own, as in the loop: with batch norm, evaluation mode may say the
    opposite of what the training sees. A D that judges patches or times gives their mean. Without a
    discriminator nothing is recorded.

    Parameters
    ----------
    output : {"auto", "logit", "probability", "critic"}
        What D returns; ``"auto"`` as the recorder's `output`, which is found out where it is not
        given, see `gan_viz.hooks.outputs.OutputKind`.
    """

    @checked
    def __init__(self, output: str = "auto") -> None:
        self.output = checked_output(output)

    def start(self, context: HookContext) -> None:
        """Take the real samples, declare the channels."""
        self._score, self._fixed = context.score, context.fixed
        if self._score is None:
            return
        asked = context.output if self.output == "auto" else self.output
        self._kind = OutputKind(asked, context.writer)
        self._real = None if context.real is None else context.real[: len(context.fixed)]
        self._labels = self._labels_of_real(context)
        fake = context.fixed.generated(0), context.fixed.labels
        for name, array in self.on_frame(0).items():
            real = fake if self._real is None else (self._real, self._labels)
            kind = self._kind.settle(self._score, real, fake, channel=name)
            context.writer.add_channel(name, array.shape, "float32", output=kind)

    @staticmethod
    def _labels_of_real(context: HookContext) -> torch.Tensor | None:
        """What D is told of the real samples, where G is told classes."""
        told = context.fixed.labels is not None
        takes = context.score is not None and context.score.takes_labels
        if context.real is None or not told or not takes:
            return None
        if context.labels is None:
            raise UsageError(
                "a conditional discriminator has to be told the classes of real=...: give the "
                "Recorder labels=..."
            )
        return context.labels[: len(context.fixed)]

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Ask D; apart about real and generated, for it may judge a batch as a whole."""
        if self._score is None:
            return {}
        asked = {"scores_fake": (self._fixed.generated(step), self._fixed.labels)}
        if self._real is not None:
            asked = {"scores_real": (self._real, self._labels), **asked}
        arrays, outputs = {}, []
        for name, given in asked.items():
            found = self._score.asked(*given, as_it_is=True)
            arrays[name] = found.float().cpu().numpy()
            if self._kind.is_open:
                outputs.append(self._score.outputs.double().cpu().numpy())
        if len(outputs) == 2:
            self._kind.judge(step, *outputs)
        return arrays
