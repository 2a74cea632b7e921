"""Training in several processes: one of them records, and none is kept waiting."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


def writes_here() -> bool:
    """Whether this process records: always, but where `torch.distributed` runs, rank 0 alone."""
    distributed = sys.modules.get("torch.distributed")  # not loaded, it does not run
    here = distributed is not None and distributed.is_available() and distributed.is_initialized()
    return distributed is None or not here or distributed.get_rank() == 0


def unwrapped(module: nn.Module) -> nn.Module:
    """The network inside of what spreads it over devices, if it is wrapped.

    The forward pass of `torch.nn.parallel.DistributedDataParallel` may broadcast buffers, for which
    it would wait for the other processes; that of the network itself never does.
    """
    from torch import nn

    while isinstance(module, nn.DataParallel | nn.parallel.DistributedDataParallel):
        module = module.module
    return module
