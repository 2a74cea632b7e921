"""From what a user gives a recorder to what its hooks are told."""

from __future__ import annotations

import operator
import platform
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gan_viz.distributions import Distribution, target
from gan_viz.errors import UsageError
from gan_viz.hooks.asking import Generate, Score, plain_shape
from gan_viz.hooks.base import Hook, HookContext, Networks
from gan_viz.hooks.distributed import unwrapped
from gan_viz.hooks.fixed import FixedLatents
from gan_viz.hooks.latents import LatentSource, latents_of
from gan_viz.hooks.outputs import checked_output
from gan_viz.hooks.real import batch_of, fitting, kind_of
from gan_viz.recording import Writer
from gan_viz.registry import HOOKS

if TYPE_CHECKING:
    import torch
    from torch import nn

HookChoice: TypeAlias = str | Hook
Network: TypeAlias = "nn.Module"
GRID_SEED = 0
GRID_SAMPLES = 64
"""Samples in a grid: a square of 8 x 8."""
GRID_SAMPLES_WITH_CLASSES = 80
"""With classes, as many whole rows of them as fit into this."""
GRID_ROW = 8
GRID_PIXELS = 2**17
"""Of larger pictures fewer are recorded, down to a row: more would not fit a picture of them."""
MOST_SAMPLES = 4096
"""Samples that may be asked for: 64 x 64 of the smallest pictures fill a large frame."""
USUAL = {
    "number": "distribution",
    "pictures": "samples",
    "points": "points",
    "signals": "signals",
    "table": "statistic",
}
"""The hook for each kind of samples."""


@dataclass
class Asked:
    """What is recorded, as the user described it; see `gan_viz.hooks.Recorder`.

    Raises UsageError or RecordingError when it is made, if a value cannot be used, or G cannot take
    the latents.
    """

    generator: Any
    discriminator: Any
    data: Any
    real: Any
    labels: Any
    classes: Sequence[str] | None
    conditional: bool | None
    latent: Any
    latent_dim: int | tuple[int, ...] | None
    generate: Callable[..., Any] | None
    score: Callable[..., Any] | None
    output: str | None
    column: int | str | None
    samples: int | None
    networks: Networks | None = None

    def __post_init__(self) -> None:
        networks = [
            one if one is None or not hasattr(one, "modules") else unwrapped(one)
            for one in (self.generator, self.discriminator)
        ]
        known = self.networks
        if known is not None:
            self.generate = known.generate
            self.score = (lambda x: known.judge(x.ravel())) if known.judged else None
        self.ask_g = Generate(networks[0], self.generate)
        judged = networks[1] is not None or self.score is not None
        arrays = networks[0] is None
        self.ask_d = Score(networks[1], self.score, arrays=arrays) if judged else None
        self.kind_of_output = checked_output(self.output or "auto")
        for name, ask in (("G", self.ask_g), ("D", self.ask_d)):
            _check_is_made(name, None if ask is None else ask.network)
        samples, labels = batch_of(self.real, self.labels)
        self.target = self._target(samples)
        self.names = _class_names(labels, self.classes)
        self.told = len(self.names) if self._is_conditional() else 0
        self.latents, self.fixed = self._fixed_latents(samples)
        self.samples_of_data, self.labels_of_data = samples, labels

    def _target(self, real: torch.Tensor | None) -> Distribution | None:
        """The distribution of the data, where a sample is one number."""
        if self.data is not None:
            return target(self.data, self.column)
        if real is None or kind_of(tuple(real.shape)) != "number":
            return None
        return target(real.double().cpu().numpy().ravel())

    def _is_conditional(self) -> bool:
        """Whether G is told a class: as the user says, else if it needs two arguments."""
        if self.conditional and not self.names:
            raise UsageError("a conditional GAN needs labels=... or classes=...")
        if self.conditional is not None:
            return self.conditional
        return bool(self.names) and self.ask_g.least == 2

    def _fixed_latents(self, real: torch.Tensor | None) -> tuple[LatentSource, FixedLatents]:
        network, given = self.ask_g.network, self.latent_dim
        if given is None:
            plain = None if network is None else plain_shape(network)
            shape = plain or (1,)
        else:
            shape = (given,) if isinstance(given, int) else tuple(given)
        source, shape = latents_of(self.latent, shape)
        if not self.ask_g.most:
            n = len(self.ask_g.evaluated(_zeros((1, *shape))))
            return source, FixedLatents(self.ask_g, np.zeros((n, *shape), np.float32), shape)
        most = getattr(self.latent, "shape", (None,))[0] if self.samples is None else None
        n = self._number(None if real is None else tuple(real.shape), most)
        grid = source.sample(n, np.random.default_rng(GRID_SEED))
        return source, FixedLatents(self.ask_g, grid, shape, self.told)

    def _number(self, shape: tuple[int, ...] | None, given: int | None) -> int:
        """How many samples a grid has."""
        if self.samples is not None:
            return _checked_number(self.samples)
        if self.told:
            return max(1, GRID_SAMPLES_WITH_CLASSES // self.told) * self.told
        n = GRID_SAMPLES if given is None else min(given, GRID_SAMPLES)
        if shape is not None and kind_of(shape) == "pictures" and len(shape) > 2:
            rows = GRID_PIXELS // (GRID_ROW * int(np.prod(sorted(shape[1:])[-2:])))
            n = min(n, GRID_ROW * max(1, rows))
        return n

    def context(self, writer: Writer, header: Mapping[str, Any]) -> HookContext:
        """What hooks are told, once the recording is open; G is asked for the first time."""
        real, labels = self.samples_of_data, self.labels_of_data
        if self.networks is None:
            made = self.fixed.generated(0)
            _check_repeats(self.ask_g, self.fixed, made)
            if real is not None:
                real = fitting(real, made).to(made.device)
                labels = None if labels is None else labels.to(made.device)
        return HookContext(
            writer=writer,
            generator=self.ask_g.network,
            discriminator=None if self.ask_d is None else self.ask_d.network,
            generate=self.ask_g,
            score=self.ask_d,
            target=self.target,
            latent=self.latents,
            fixed=self.fixed,
            real=real,
            labels=labels,
            classes=self.names,
            output=self.kind_of_output,
            column=self.column if isinstance(self.column, int) else None,
            networks=self.networks,
            header=header,
        )

    def usual_hooks(self) -> list[str]:
        """The hooks for samples of this kind."""
        if self.target is not None:
            return ["scalars", "distribution"]
        real = self.samples_of_data
        shape = self.fixed.generated(0).shape if real is None else real.shape
        in_range = real is not None and bool((real.abs() <= 1).all())
        kind = kind_of(tuple(shape), self.column, in_range=in_range)
        judged = [] if kind == "number" or self.ask_d is None else ["scores"]
        return ["scalars", USUAL[kind], *judged]

    def header(self, header: Mapping[str, Any] | None) -> dict[str, Any]:
        """What the recording says of the run."""
        about = {"latent": self.latents.describe(), "versions": _versions(), **(header or {})}
        if self.target is not None:
            about["target"] = self.target.describe()
        if self.names:
            about["classes"] = list(self.names)
        return about


def built_hooks(hooks: Iterable[HookChoice]) -> list[Hook]:
    """Hooks, each given as one or by the name of one; UsageError if it is neither."""
    built = [HOOKS[hook]() if isinstance(hook, str) else hook for hook in hooks]
    for hook in built:
        if not isinstance(hook, Hook):
            raise UsageError(
                f"hook {hook!r:.60}: expected a name ({', '.join(HOOKS)}) or a Hook, made like"
                " ScalarsHook()"
            )
    return built


def _checked_number(samples: Any) -> int:
    try:
        number = 0 if isinstance(samples, bool) else operator.index(samples)
    except TypeError:
        number = 0
    if not 1 <= number <= MOST_SAMPLES:
        raise UsageError(
            f"samples {samples!r:.60}: expected a whole number from 1 to {MOST_SAMPLES}, "
            "more than most pictures can show"
        )
    return number


def _check_is_made(name: str, network: nn.Module | None) -> None:
    if network is None:
        return
    from torch.nn.parameter import is_lazy

    if any(is_lazy(one) for one in network.parameters()):
        raise UsageError(
            f"{name} has layers whose weights are made at its first forward pass: run it once "
            "before it is given to the Recorder, which must not draw them"
        )


def _check_repeats(ask: Generate, fixed: FixedLatents, made: torch.Tensor) -> None:
    """Say if G's samples of the same latents differ: something moves that was not put back."""
    import torch

    if not made.is_floating_point():
        return
    again, slack = ask.evaluated(fixed.latents, fixed.labels), 0.01 * float(made.float().std())
    same = made.shape == again.shape
    if not same or not torch.allclose(made, again, rtol=0.01, atol=slack, equal_nan=True):
        warnings.warn(
            f"G ({type(ask.network or ask.function).__name__}) makes other samples of the same "
            "latents the second time: it uses something that a look cannot put back, such as a "
            "counter or a source of random numbers outside of it; the training may differ by that",
            stacklevel=6,
        )


def _class_names(labels: torch.Tensor | None, names: Sequence[str] | None) -> tuple[str, ...]:
    classes = 0 if labels is None else int(labels.max()) + 1
    if names is None:
        return tuple(map(str, range(classes)))
    if 0 < len(names) < classes:
        raise UsageError(
            f"classes {', '.join(names):.60}: {len(names)} for labels up to {classes - 1}; expected"
            " a name for each, like ('a', 'b')"
        )
    return tuple(names)


def _zeros(shape: tuple[int, ...]) -> torch.Tensor:
    import torch

    return torch.zeros(shape)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("gan-viz", "numpy", "scipy", "torch"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a bare checkout, or a torch built by hand
            found[name] = "unknown"
    return found
