"""G and D as hooks ask them: whatever they take and return, one tensor comes back."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_viz.errors import GanVizError, RecordingError, UsageError
from gan_viz.hooks.watching import device_of, is_module, looking, watching

if TYPE_CHECKING:
    import torch
    from torch import nn

LABELS = "label", "target", "class"
"""What the names of arguments that are classes contain."""


class Generate:
    """G, or the function that takes its place: latents ``(n, ...)`` to samples ``(n, ...)``.

    The parameters of the `network` give the device and the precision of the latents; without one
    the `function`, which takes z, z and labels, or nothing, gets NumPy arrays. The `things` are
    watched while it is asked; it needs at `least`, and takes at `most`, so many positional
    arguments. Raises UsageError if there is nothing to ask, or the network is none.
    """

    def __init__(
        self, network: nn.Module | None, function: Callable[..., Any] | None = None
    ) -> None:
        _check_is_module("G", network, "what makes samples of latents as generate=lambda z: ...")
        if network is None and function is None:
            raise UsageError("there is no G: give the Recorder a torch.nn.Module or generate=...")
        self.network: nn.Module | None = network
        self.function: Any = function or network
        self.things = (network, function)
        self.least, self.most = _arguments(self.function)
        self._works = False

    def __call__(self, z: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Samples, as the network is now; an error of the first time is explained in one line."""
        given: list[Any] = [_like(z, self.network), _on(labels, self.network)]
        if self.network is None:
            given = [None if one is None else one.cpu().numpy() for one in given]
        wanted = [one for one in given if one is not None][: self.most]
        if not self._works:
            made = self._checked(_asked(self.function, wanted, self._cure(z, labels), "G"))
            self._works = True
            return made
        return self._checked(self.function(*wanted))

    def evaluated(self, z: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """The same in evaluation mode, without gradients and without a trace."""
        with watching(*self.things):
            return self(z, labels).detach()  # traced networks may make a graph all the same

    def _cure(self, z: torch.Tensor, labels: torch.Tensor | None) -> str:
        if self.least > 1 and labels is None:
            return (
                f"it takes {', '.join(_names(self.function))}: if one of them is a class, give "
                "labels=... of real=... (and conditional=True), else generate=lambda z: ..."
            )
        plain = None if self.network is None else plain_shape(self.network)
        if plain is not None and plain != tuple(z.shape[1:]):
            return f"its first layer takes {plain}: give latent_dim={_short(plain)}"
        return "give latent_dim=..., the shape of one z as G takes it, or generate=lambda z: ..."

    def _checked(self, made: Any) -> torch.Tensor:
        import torch

        if isinstance(made, tuple | list | Mapping):
            key = repr(next(iter(made), "key")) if isinstance(made, Mapping) else "0"
            raise UsageError(
                f"G returns a {type(made).__name__} of {len(made)}: say which part is the samples, "
                f"like generate=lambda z: G(z)[{key}]"
            )
        if not isinstance(made, torch.Tensor):
            made = torch.from_numpy(_array(made, "G", "samples of shape (n, ...)"))
        samples: torch.Tensor = made
        _check_is_real("G", samples, "generate=lambda z: G(z).abs()")
        if not samples.ndim:
            raise UsageError("G returns one number: expected samples of shape (n, ...)")
        return samples


class Score:
    """D, or the function that takes its place: samples ``(n, ...)`` to numbers ``(k,)``.

    The first part counts of a D that returns several; patches and times are averaged. The
    `function` takes samples, or samples and labels: NumPy `arrays`, where G is no network of
    PyTorch either. The `things` are watched while it is asked. `takes_labels` says whether a second
    argument is for classes; `outputs` are what D gave last, before patches and times were averaged,
    flat.
    """

    def __init__(
        self,
        network: nn.Module | None,
        function: Callable[..., Any] | None = None,
        *,
        arrays: bool = False,
    ) -> None:
        _check_is_module("D", network, "what judges samples as score=lambda x: ...")
        self.network: nn.Module | None = network
        self.function: Any = function or network
        self.things = (network, function)
        self._arrays, self._works = arrays and network is None, False
        self._least, _ = _arguments(self.function)
        self.takes_labels = self._least > 1 or _has_labels(self.function)

    def __call__(
        self, samples: torch.Tensor, labels: torch.Tensor | None = None, *, exact: bool = False
    ) -> torch.Tensor:
        """Numbers, as the network is now; an error of the first time is explained in one line.

        Samples get D's precision, unless they are to be taken `exact` as they are.
        """
        if exact:
            x = samples if self.network is None else samples.to(device_of(self.network))
        else:
            x = _like(samples, self.network)
        told = labels is not None and self.takes_labels
        given: list[Any] = [x, _on(labels, self.network)] if told else [x]
        if self._arrays:
            given = [one.detach().cpu().numpy() for one in given]
        cure = "give score=lambda x: ..., which makes one number of each sample"
        if self._least > 1 and labels is None:
            cure = (
                f"it takes {', '.join(_names(self.function))}: if one of them is a class, give "
                "labels=... of real=... (and conditional=True), else score=lambda x: ..."
            )
        made = self.function(*given) if self._works else _asked(self.function, given, cure, "D")
        found = numbers_of(made, samples)
        self.outputs, self._works = found.detach().flatten(), True
        return found if found.ndim < 2 else found.flatten(1).mean(1)

    def asked(
        self,
        samples: torch.Tensor,
        labels: torch.Tensor | None = None,
        *,
        as_it_is: bool = False,
    ) -> torch.Tensor:
        """The same without gradients and without a trace, in evaluation mode or `as_it_is`."""
        with looking(*self.things) as modules:
            if not as_it_is or not _can_train(modules, len(samples)):
                for module in modules:
                    module.training = False
            return self(samples, labels).detach()


def numbers_of(outputs: Any, samples: torch.Tensor) -> torch.Tensor:
    """One number a sample, or for each of some packs of samples; or several, ``(n, ...)``.

    Several are those of patches, (n, 1, h, w), and of times, (n, t, 1) or (n, 1, t). Raises
    UsageError if it is not clear which.
    """
    import torch

    if isinstance(outputs, Mapping):
        outputs = list(outputs.values())
    while isinstance(outputs, tuple | list) and len(outputs):
        outputs = outputs[0]
    if not isinstance(outputs, torch.Tensor):
        outputs = torch.from_numpy(_array(outputs, "D", "one number a sample")).float()
    found: torch.Tensor = outputs
    _check_is_real("D", found, "score=lambda x: D(x).abs()")
    shape, n = tuple(found.shape), len(samples)
    packs = len(shape) > 0 and 0 < shape[0] <= n and n % shape[0] == 0
    if packs and found.numel() == shape[0]:
        return found.reshape(-1)
    if shape == tuple(samples.shape) and len(shape) > 2:
        raise UsageError(
            f"D maps {shape} to as much: if it is an autoencoder, give the Recorder "
            "score=lambda x: -(D(x) - x).abs().flatten(1).mean(1), else score=lambda x: "
            "D(x).flatten(1).mean(1)"
        )
    if packs and len(shape) > 2 and 1 in (shape[1], shape[-1]):
        return found
    raise UsageError(
        f"D maps {tuple(samples.shape)} to {shape}: expected one number a sample; say which, like "
        "score=lambda x: D(x)[:, 0]"
    )


def _array(made: Any, name: str, expected: str) -> np.ndarray[Any, Any]:
    """A copy, which can be written, of what JAX, Keras or NumPy made."""
    try:
        found = np.array(made)
    except (TypeError, ValueError):
        found = np.array(None)
    if found.dtype.kind not in "fiub":
        raise UsageError(f"{name} returns {type(made).__name__}: expected {expected}")
    return found


def plain_shape(network: nn.Module) -> tuple[int, ...] | None:
    """The shape of what a network takes, where its first layer tells."""
    from torch import nn

    first = next(
        (m for m in network.modules() if next(m.parameters(False), None) is not None), None
    )
    if isinstance(first, nn.Linear):
        return (first.in_features,)
    for axes, kind in enumerate((nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d), 1):
        if isinstance(first, kind):
            return (first.in_channels, *(1,) * axes)
    return None


def _asked(function: Any, given: list[Any], cure: str, name: str) -> Any:
    try:
        return function(*given)
    except GanVizError:
        raise
    except Exception as error:
        shapes = " and ".join(str(tuple(one.shape)) for one in given) or "nothing"
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise RecordingError(f"{name} cannot take {shapes} ({reason}): {cure}") from error


def _can_train(modules: list[nn.Module], n: int) -> bool:
    """Whether a forward pass in training mode neither waits for other processes nor lacks data."""
    from torch import nn

    return n > 1 and not any(isinstance(module, nn.SyncBatchNorm) for module in modules)


def _like(values: torch.Tensor, network: nn.Module | None) -> torch.Tensor:
    """Values where a network is, and, if they are no whole numbers, in its precision."""
    if network is None:
        return values.float() if values.is_floating_point() else values
    first = next((p for p in network.parameters() if p.is_floating_point()), None)
    dtype = first.dtype if first is not None and values.is_floating_point() else values.dtype
    return values.to(device_of(network), dtype)


def _on(labels: torch.Tensor | None, network: nn.Module | None) -> torch.Tensor | None:
    return labels if labels is None or network is None else labels.to(device_of(network))


def _parameters(function: Any) -> list[inspect.Parameter]:
    """The positional parameters of a function or of a network's forward pass."""
    try:
        found = inspect.signature(
            function.forward if is_module(function) else function
        ).parameters.values()
    except (TypeError, ValueError):  # a function of C, a scripted network
        return [inspect.Parameter("x", inspect.Parameter.POSITIONAL_ONLY)]
    if any(one.kind is one.VAR_POSITIONAL for one in found):
        return [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in ("x",)]
    return [one for one in found if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]


def _arguments(function: Any) -> tuple[int, int]:
    """How many positional arguments a function needs, and how many it takes."""
    known = _parameters(function)
    return sum(one.default is one.empty for one in known), len(known)


def _names(function: Any) -> list[str]:
    return [one.name for one in _parameters(function) if one.default is one.empty]


def _has_labels(function: Any) -> bool:
    return any(word in one.name for one in _parameters(function)[1:] for word in LABELS)


def _check_is_real(name: str, outputs: torch.Tensor, like: str) -> None:
    if outputs.is_complex():
        raise UsageError(
            f"{name} returns complex numbers: say what is to be seen of them, like {like}"
        )


def _check_is_module(name: str, network: Any, instead: str) -> None:
    if network is None or is_module(network):
        return
    if is_module(getattr(network, "module", None)):
        raise UsageError(f"{name} is {_kind(network)}, around a torch.nn.Module: give its .module")
    raise UsageError(
        f"{name} is {_kind(network)}, not a torch.nn.Module: give {instead}, and {name}=None"
    )


def _kind(value: Any) -> str:
    return "a function" if inspect.isroutine(value) else f"of {type(value).__module__}"


def _short(shape: tuple[int, ...]) -> str:
    return str(shape[0] if len(shape) == 1 else shape)
