"""Random numbers that networks draw themselves, as dropout does, apart from the global state."""

from __future__ import annotations

import torch


class OwnDraws:
    """A context in which PyTorch's default sources are a training's own.

    Layers like `torch.nn.Dropout` draw from the global state and take no other source. Here they go
    on where the context was left last, in `states`, and the global state is put back behind them: a
    training is the same whatever has been drawn before, and nobody notices that it draws. On the
    CPU and on CUDA what networks on the device draw is their own; elsewhere what is drawn on the
    CPU is.

    Examples
    --------
    >>> own = OwnDraws(0, torch.device("cpu"))
    >>> before = torch.get_rng_state()
    >>> with own:
    ...     first = torch.rand(1)
    >>> torch.equal(torch.get_rng_state(), before)
    True
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._cuda = device if device.type == "cuda" else None
        self.states = [torch.Generator().manual_seed(seed).get_state()]
        if self._cuda is not None:
            self.states.append(torch.Generator(device).manual_seed(seed).get_state())

    def __enter__(self) -> None:
        self._others = self._states()
        self._set(self.states)

    def __exit__(self, *_: object) -> None:
        self.states = self._states()
        self._set(self._others)

    def _states(self) -> list[torch.Tensor]:
        of_cuda = [] if self._cuda is None else [torch.cuda.get_rng_state(self._cuda)]
        return [torch.get_rng_state(), *of_cuda]

    def _set(self, states: list[torch.Tensor]) -> None:
        torch.set_rng_state(states[0])
        if self._cuda is not None:
            torch.cuda.set_rng_state(states[1], self._cuda)
