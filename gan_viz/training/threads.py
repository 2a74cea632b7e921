"""How many threads PyTorch uses for one step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

__all__ = ["LARGE", "suitable_threads"]

LARGE = 50_000
"""Parameters from which on a second thread has something to do. Below, it waits: of no use on idle
processors, and many times slower than one thread where another program wants them, too."""


@contextmanager
def suitable_threads(*networks: nn.Module) -> Iterator[None]:
    """Keep PyTorch to one thread while small networks learn.

    Parameters
    ----------
    *networks : torch.nn.Module
        Those that learn; none where one thread is best whatever their size.

    Examples
    --------
    >>> before = torch.get_num_threads()
    >>> with suitable_threads(nn.Linear(1, 16), nn.Linear(16, 1)):
    ...     torch.get_num_threads()
    1
    >>> torch.get_num_threads() == before
    True
    """
    before = torch.get_num_threads()
    if sum(p.numel() for network in networks for p in network.parameters()) < LARGE:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
