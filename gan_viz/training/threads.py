"""How many threads PyTorch uses for one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from gan_viz.training.loop import Gan

LARGE = 50_000
"""Parameters from which on a second thread has something to do. Below, it waits: of no use on idle
processors, and many times slower than one thread where another program wants them, too."""


@contextmanager
def suitable_threads(*networks: nn.Module) -> Iterator[None]:
    """Keep PyTorch to one thread while small networks learn, or, given none, whatever learns.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> before = torch.get_num_threads()
    >>> with suitable_threads(nn.Linear(1, 16), nn.Linear(16, 1)):
    ...     torch.get_num_threads()
    1
    >>> torch.get_num_threads() == before
    True
    """
    import torch

    before = torch.get_num_threads()
    if sum(p.numel() for network in networks for p in network.parameters()) < LARGE:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def threads_for(gans: Sequence[Gan], *, one: bool = False) -> AbstractContextManager[None]:
    """The same for GANs, of which PyTorch may train some; where it trains none, it is not loaded.

    `one` says that one thread is best whatever their size.
    """
    by_torch = [gan for gan in gans if gan.learns_by_torch]
    if not by_torch:
        return nullcontext()
    return suitable_threads(*(() if one else by_torch[0].modules()))
