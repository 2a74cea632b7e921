"""What a discriminator's outputs mean: told, seen by how they are made, or judged by its loss."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import UsageError
from gan_viz.hooks.watching import watching
from gan_viz.objectives.base import OUTPUTS

if TYPE_CHECKING:
    import torch

    from gan_viz.hooks.asking import Score
    from gan_viz.recording import Writer

    Judged: TypeAlias = tuple[torch.Tensor | NDArray[Any], torch.Tensor | None]

Array = NDArray[np.float64]

BOUNDED = "Sigmoid", "Softmax"
"""Last operations of a D that gives probabilities, as autograd names them."""
ENERGIES = "Abs", "Mse", "Neg", "Norm", "Pow", "Sqrt", "Sub"
"""Last operations of a function that makes an energy or a distance of what D returns."""
ARRANGING = (
    "Alias",
    "AsStrided",
    "Clone",
    "Expand",
    "Mean",
    "Permute",
    "Reshape",
    "Select",
    "Slice",
    "Squeeze",
    "Sum",
    "ToCopy",
    "Transpose",
    "Unsafe",
    "Unsqueeze",
    "View",
    "CppFunction",
)
"""Operations that leave values as they are, or average them."""
FRAMES = 12
"""Frames in which the loss may tell a critic's values from logits."""
ENOUGH = 3
"""Frames that must do so."""
PARTS = 1.0, 0.5
"""Parts of its usual formula that a loss may be: some halve it."""
SHARES = 0.25, 0.125
"""And of cross entropy, that of one of several batches whose gradients are added."""
NEAR = 0.15
"""Relative difference up to which a loss is taken for one of the formulas below."""
FAR = 30.0
"""A logit beyond this is a probability of 1 - 1e-13."""


def checked_output(output: str) -> str:
    """One of `OUTPUTS` or ``"auto"``; UsageError if it is something else."""
    if output not in ("auto", *OUTPUTS):
        raise UsageError(f"discriminator output {output!r}: expected auto or {', '.join(OUTPUTS)}")
    return output


class OutputKind:
    """What D's outputs are: ``"logit"``, ``"probability"``, ``"critic"`` or ``"margin"``.

    ``"auto"`` is settled by the last operation that makes them, or, where that is not known, by
    whether they all lie from 0 to 1. Nothing tells logits from a critic's values but D's loss: in
    the first frames it is compared with the formulas of cross entropy, least squares, hinge and
    Wasserstein; and no cross entropy is negative. The `writer`'s channels are corrected when the
    `kind` is found out later; while it `is_open`, the loss may still tell.
    """

    def __init__(self, output: str, writer: Writer) -> None:
        self.kind = output
        self._writer, self._channels = writer, list[str]()
        self.is_open = False
        self._losses: dict[int, float] = {}
        self._votes: list[str] = []

    def settle(self, score: Score, *samples: Judged, channel: str = "") -> str:
        """Find the kind, if it is not given, by looking at D; a `channel` will hold its outputs.

        `samples` are pairs: some, and the classes that D is told, or None.
        """
        self._channels += [channel] if channel else []
        resumed = self._writer.resumed_from
        if self.kind == "auto":
            self.kind = _seen(score, samples)
            known = None if resumed is None else resumed.catalog.channels.get(channel)
            if self.kind == "logit" and known and known.attributes.get("output") == "critic":
                self.kind = "critic"  # as was found out then
            elif self.kind == "logit":
                self.is_open = True
                self._writer.listen(self._listen)
        return self.kind

    def _listen(self, steps: list[int], values: Mapping[str, list[float]]) -> None:
        if self.is_open and "d_loss" in values:
            self._losses = dict(zip(steps, values["d_loss"], strict=True))

    def judge(self, step: int, real: Array, fake: Array) -> None:
        """Compare D's loss at a step with its outputs there, on real and on generated samples."""
        loss = self._losses.get(step, math.nan)
        if not self.is_open or not (len(real) and len(fake) and math.isfinite(loss)):
            return
        self._votes.append(_fitting_loss(loss, real, fake))
        critics = self._votes.count("critic")
        if loss < 0 or (critics >= ENOUGH and critics > len(self._votes) / 2):
            self._correct("critic")
        elif len(self._votes) == FRAMES:
            self._warn(max(abs(real).max(), abs(fake).max()))

    @property
    def is_known(self) -> bool:
        """Whether the kind is told or seen, or so many losses have not spoken against it."""
        return not self.is_open or (len(self._votes) >= ENOUGH and "critic" not in self._votes)

    def _correct(self, kind: str) -> None:
        self.kind, self.is_open = kind, False
        for channel in self._channels:
            self._writer.amend_channel(channel, output=kind)

    def _warn(self, farthest: float) -> None:
        if "logit" not in self._votes or farthest > FAR:
            warnings.warn(
                "D's outputs are drawn as logits, but neither they nor its loss say so: give the "
                'Recorder output="logit", "probability" or "critic"',
                stacklevel=6,
            )


def _seen(score: Score, samples: tuple[Judged, ...]) -> str:
    import torch

    tensors = [(torch.as_tensor(each), labels) for each, labels in samples]
    operation = _last_operation(score, *tensors[0])
    if operation.startswith(BOUNDED):
        return "probability"
    if score.function is not score.network and operation.startswith(ENERGIES):
        return "critic"
    if operation:
        return "logit"
    real, labels = tensors[0]
    noise = torch.randn(real.shape, generator=torch.Generator().manual_seed(0)).to(real)
    wide = [(factor * noise, labels) for factor in (1, -10, 100)]
    outputs = torch.cat([score.asked(*one).float().cpu() for one in (*tensors, *wide)])
    within = bool(((outputs >= 0) & (outputs <= 1)).all()) and float(outputs.std()) > 0
    return "probability" if within else "logit"


def _last_operation(score: Score, samples: torch.Tensor, labels: torch.Tensor | None) -> str:
    """The operation that makes D's outputs, by autograd's name for it; none if it has none."""
    import torch

    frozen = score.network is not None and any(p.is_inference() for p in score.network.parameters())
    if frozen or not samples.is_floating_point():
        return ""
    with watching(*score.things), torch.enable_grad():
        outputs = score(samples.detach().clone().requires_grad_(), labels)
        node: Any = outputs.grad_fn
        while node is not None and node.name().startswith(ARRANGING):
            node = next((one for one, _ in node.next_functions if one is not None), None)
        name = "" if node is None else str(node.name())
    return "" if "Compiled" in name or name.startswith("torch::") else name


def _fitting_loss(loss: float, real: Array, fake: Array) -> str:
    """What D's outputs are if `loss` is one of the usual ones; nothing if none fits."""
    positive = np.maximum
    formulas = (
        ("logit", np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean()),
        ("critic", ((real - 1) ** 2).mean() + (fake**2).mean()),
        ("critic", positive(0, 1 - real).mean() + positive(0, 1 + fake).mean()),
        ("critic", fake.mean() - real.mean()),
    )
    scale = abs(loss) + 0.02
    misses = [
        (abs(factor * value - loss) / scale, kind)
        for kind, value in formulas
        for factor in (*PARTS, *(SHARES if kind == "logit" else ()))
    ]
    miss, kind = min(misses)
    return kind if miss < NEAR else ""
