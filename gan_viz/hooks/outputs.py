"""What a discriminator's outputs mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gan_viz.errors import RecordingError, UsageError
from gan_viz.objectives.base import OUTPUTS

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["checked_output", "kind_of_output", "scores"]


def checked_output(output: str) -> str:
    """One of `OUTPUTS` or ``"auto"``.

    Raises
    ------
    UsageError
        It is something else.
    """
    if output not in ("auto", *OUTPUTS):
        raise UsageError(f"discriminator output {output!r}: expected auto or {', '.join(OUTPUTS)}")
    return output


def kind_of_output(discriminator: nn.Module, output: str = "auto") -> str:
    """What D returns; ``"auto"`` is a probability if its last module is a sigmoid, else a logit."""
    if output != "auto":
        return output
    from torch import nn

    last = list(discriminator.modules())[-1]
    return "probability" if isinstance(last, nn.Sigmoid) else "logit"


def scores(outputs: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """D's outputs, shape (n,) or (n, 1, ...) as of a D that judges patches, as a row of numbers.

    Raises
    ------
    RecordingError
        Of another shape.
    """
    shape = tuple(getattr(outputs, "shape", ()))
    if shape[:1] != (len(inputs),) or shape[1:2] not in ((), (1,)):
        raise RecordingError(
            f"the discriminator maps {tuple(inputs.shape)} to {shape or type(outputs).__name__}: "
            "the scores hook needs one number a sample; choose other hooks"
        )
    return outputs.reshape(-1).float()
