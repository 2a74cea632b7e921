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
    """What D returns.

    Parameters
    ----------
    discriminator : torch.nn.Module
    output : {"auto", "logit", "probability", "critic", "margin"}
        What is known of it. ``"auto"``: a probability if its last module is a `torch.nn.Sigmoid`,
        else a logit; a critic or a margin cannot be told from it.

    Returns
    -------
    str
        One of `OUTPUTS`.
    """
    if output != "auto":
        return output
    from torch import nn

    last = list(discriminator.modules())[-1]
    return "probability" if isinstance(last, nn.Sigmoid) else "logit"


def scores(outputs: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """D's outputs as a row of numbers.

    Parameters
    ----------
    outputs : torch.Tensor
        Shape ``(n,)``, or ``(n, 1, ...)`` as of a network that judges each patch of a picture.
    inputs : torch.Tensor, shape (n, ...)

    Returns
    -------
    torch.Tensor of float32

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
