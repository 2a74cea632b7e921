"""How good G's pictures are, by figures on a classifier's features."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.quality import Figure, Quality, classifier_score
from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.pictures import PictureFormat
from gan_viz.hooks.watching import device_of, evaluate

if TYPE_CHECKING:
    import torch
    from torch import nn

PREFIX = "quality_"
"""What the names of its scalars begin with."""
SEED = 2
"""Of the latents: not those of the sample grid, nor those whose classes are counted."""
SHARE = 0.02
"""Part of the training's time that measuring may take."""
SLICE = 500
"""Real pictures classified at once."""


class QualityHook(Hook):
    """Measure G's pictures against real ones, on what a classifier sees in them.

    Scalars, at some frames: those of `gan_viz.analysis.quality.Quality` and ``classifier_score``,
    each with the prefix ``quality_``, and the standard error of each, ``quality_frechet_error`` and
    so on. Header: ``quality``, with ``samples`` and ``features``, how many there are; ``accuracy``
    of the classifier, where it was given; and ``floor``, value and error of each figure for the
    test pictures in G's place.

    The first frame and the last of a training of known length are measured, and others as far as
    measuring takes no more than a part of the training's time.

    Parameters
    ----------
    classifier : torch.nn.Module
        Maps pictures ``(n, 1, h, w)`` in [-1, 1] to logits ``(n, classes)``. Of a
        `torch.nn.Sequential` the features are what its last layer takes, else the logits.
    real : ndarray of uint8, shape (n, h, w)
        Pictures that G learns from; as many as `samples` are compared with.
    test : ndarray of uint8, shape (m, h, w), optional
        Pictures that it does not learn from, for the floor.
    samples : int
        How many of each, at least twice as many as features.
    share : float
        Part of the training's time, above 0.
    accuracy : float, optional
        Of the classifier on the test pictures, from 0 to 1.
    value_range : (float, float) or "auto"
        The values that G draws black and white; see `gan_viz.hooks.samples.SamplesHook`.

    Raises
    ------
    UsageError
        There is no classifier, a value cannot be used, or there are too few pictures.
    """

    @checked
    def __init__(
        self,
        classifier: nn.Module | None = None,
        real: NDArray[np.uint8] | None = None,
        test: NDArray[np.uint8] | None = None,
        samples: int = 1000,
        share: float = SHARE,
        accuracy: float | None = None,
        value_range: tuple[float, float] | str = "auto",
    ) -> None:
        if classifier is None or real is None:
            raise UsageError(
                "the quality hook needs a classifier and real pictures: "
                "QualityHook(classifier, images), with bytes of shape (n, h, w)"
            )
        if not share > 0:
            raise UsageError(f"share {share:g}: expected a part of the training's time above 0")
        self.samples, self.share, self.accuracy = samples, share, accuracy
        self._classifier, self._format = classifier, PictureFormat(value_range)
        self._real, self._test = (
            _some(real, samples),
            None if test is None else _some(test, samples),
        )
        self._costs: list[float] = []

    def start(self, context: HookContext) -> None:
        """Fix the latents, and measure the test pictures."""
        self._writer, self._begun = context.writer, time.perf_counter()
        drawn = context.latent.sample(self.samples, np.random.default_rng(SEED))
        self._many = context.fixed.others(drawn)
        self._format.settle(context.real, context.fixed.generated(0))
        shape = self._format.bytes(context.fixed.generated(0)[:1]).shape[1:]
        if shape != self._real.shape[1:]:
            raise UsageError(
                f"G's pictures have the shape {shape} and the real ones {self._real.shape[1:]}: "
                "the quality hook compares grey pictures of one size"
            )
        settings = context.header.get("settings")
        self._end = settings.get("steps") if isinstance(settings, Mapping) else None
        features, _ = seen_by(self._classifier, self._real)
        self._measure = Quality(features)
        about: dict[str, Any] = {"samples": self.samples, "features": features.shape[1]}
        if self.accuracy is not None:
            about["accuracy"] = self.accuracy
        if self._test is not None:
            about["floor"] = {
                name: list(one)
                for name, one in self._measured(*seen_by(self._classifier, self._test)).items()
            }
        context.writer.update_header(quality=about)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Let G make its samples, and measure them, if there is time."""
        now = time.perf_counter()
        if step and step != self._end and not self._affordable(now - self._begun):
            return {}
        made = [self._format.bytes(samples) for samples in self._many.chunks()]
        parts = [seen_by(self._classifier, part) for part in made]
        features, chances = map(np.concatenate, zip(*parts, strict=True))
        row: dict[str, list[float]] = {}
        for name, (value, error) in self._measured(features, chances).items():
            row |= {f"{PREFIX}{name}": [value], f"{PREFIX}{name}_error": [error]}
        self._writer.write_scalars([step], row)
        self._costs.append(time.perf_counter() - now)
        return {}

    def _affordable(self, trained: float) -> bool:
        """Whether one more fits into the share; in medians, for one may have been interrupted."""
        usual = statistics.median(self._costs or [0.0])
        return (len(self._costs) + 1) * usual <= self.share * trained

    def _measured(
        self, features: NDArray[np.float64], chances: NDArray[np.float64]
    ) -> dict[str, Figure]:
        """All figures; none can be known of features that are not finite."""
        figures = {"classifier_score": classifier_score(chances)}
        return {**self._measure.of(np.nan_to_num(features)), **figures}


def seen_by(
    classifier: nn.Module, pictures: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a classifier makes of pictures, bytes of shape (n, h, w), as `QualityHook` has it.

    Features, shape (n, features), and probabilities of the classes, shape (n, classes).
    """
    import torch

    found = []
    for start in range(0, len(pictures), SLICE):
        levels = pictures[start : start + SLICE].astype(np.float32) / 127.5 - 1
        x = torch.from_numpy(levels).to(device_of(classifier))[:, None]
        found.append(_layers(classifier, x))
    features, logits = (torch.cat(each) for each in zip(*found, strict=True))
    return _numbers(features), _numbers(logits.float().softmax(dim=1))


def _layers(classifier: nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What the classifier's last layer takes, and what it gives."""
    from torch import nn

    if not isinstance(classifier, nn.Sequential) or len(classifier) < 2:
        logits: torch.Tensor = evaluate(classifier, x)
        return logits.flatten(1), logits
    features: torch.Tensor = evaluate(classifier[:-1], x)
    return features.flatten(1), evaluate(classifier[-1], features)


def _numbers(values: torch.Tensor) -> NDArray[np.float64]:
    return np.asarray(values.double().cpu().numpy())


def _some(pictures: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    """So many pictures, evenly chosen."""
    if pictures.dtype != np.uint8 or pictures.ndim != 3:
        raise UsageError(
            f"pictures of shape {pictures.shape} and type {pictures.dtype}: expected bytes of "
            "shape (n, h, w)"
        )
    if not 0 < number <= len(pictures):
        raise UsageError(f"samples {number}: expected 1 to {len(pictures)}, the pictures there are")
    return pictures[np.linspace(0, len(pictures) - 1, number).astype(np.intp)]
