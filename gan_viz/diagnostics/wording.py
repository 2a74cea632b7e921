"""Verdicts and their wording."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gan_viz.distributions.modes import Mode

TEXTS = {
    "loss not finite": ("nan", "{network}'s loss is {value:g}"),
    "outputs not finite": ("nan", "G's outputs are not finite"),
    "certain D": ("overpowered", "D saturated: D(x) {real:.3f}, D(G(z)) {fake:.3f}"),
    "low loss of D": ("overpowered", "D saturated: D's loss {loss:.3f}"),
    "vanished gradient": (
        "vanished-gradient",
        "G's gradient vanished: norm {norm:.2g}, {early:.2g} at the start",
    ),
    "g_coverage": ("collapse", "mode collapse: samples cover {figure:.0%} of the classes"),
    "g_diversity": (
        "collapse",
        "mode collapse: samples differ {figure:.2f} times as much as real ones",
    ),
    "g_spread": ("collapse", "mode collapse: samples spread {figure:.2f} times as far as the data"),
    "recall": (
        "collapse",
        "mode collapse: recall {recall:.2f} while precision {precision:.2f}",
    ),
    "g_covered": ("collapse", "mode collapse: modes that G makes hold {figure:.0%} of the data"),
    "between modes": (
        "between-modes",
        "samples between the modes: {share:.0%} more than of the data",
    ),
    "mode lost": (
        "lost-mode",
        "mode at {place} lost: {share:.0%} of the samples, {mass:.0%} of the data",
    ),
    "mode not found": (
        "lost-mode",
        "mode at {place} not found: {share:.0%} of the samples, {mass:.0%} of the data",
    ),
    "mode comes and goes": ("lost-mode", "mode at {place} comes and goes: lost {times} times"),
    "g_centre": (
        "oscillation",
        (
            "oscillation: the middle of G's outputs, in widths of the data, swings by {size:.2g} "
            "every {period:.0f} steps"
        ),
    ),
    "g_loss": (
        "oscillation",
        "oscillation: G's loss swings by {size:.2g} every {period:.0f} steps",
    ),
    "equilibrium": ("equilibrium", "equilibrium: TV below {tv:g}"),
    "near": ("near", "p_g near p_data: TV below {tv:g}"),
    "differs": ("differs", "p_g differs from p_data: TV {tv:.2f}"),
    "far": ("far", "p_g far from p_data: TV {tv:.2f}, W1 {w1:.2f} of the middle 98%"),
}
"""The kind of each verdict and what it says: a short name and, after a colon, the figures."""
VERDICT_KINDS = sorted({kind for kind, _ in TEXTS.values()})
GOOD_KINDS = ("equilibrium", "near")
"""Those that say that a training is as it should be."""


@dataclass(frozen=True)
class Verdict:
    """What went wrong in a training, or well.

    Attributes
    ----------
    kind : str
        One of `VERDICT_KINDS`.
    step : int
        The step at which it became clear.
    text : str
        What happened, with its figures and the step.
    """

    kind: str
    step: int
    text: str

    def __str__(self) -> str:
        return self.text  # so that ``HealthHook(say=print)`` prints words

    @property
    def good(self) -> bool:
        """Whether the training is as it should be."""
        return self.kind in GOOD_KINDS

    @property
    def short(self) -> str:
        """The text without the step and, if something went wrong, without figures.

        Examples
        --------
        >>> Verdict("overpowered", 600, "D saturated: D's loss 0.001 (step 600)").short
        'D saturated'
        """
        said = self.text.removesuffix(f" (step {self.step})")
        return said if self.good else said.partition(": ")[0]


def verdict(step: int, text: str, **figures: object) -> Verdict:
    """Put a verdict into the words of `TEXTS`."""
    kind, words = TEXTS[text]
    return Verdict(kind, int(step), f"{words.format(**figures)} (step {step})")


def mode_labels(modes: Sequence[Mode]) -> list[str]:
    """Write the locations of modes with as many digits as it takes to tell them apart."""
    gaps = [right.location - left.location for left, right in pairwise(modes)]
    digits = 1 - math.floor(math.log10(min(gaps, default=1.0)))
    return [f"{round(mode.location, digits) + 0.0:.12g}" for mode in modes]
