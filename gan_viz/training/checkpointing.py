"""All that a game on tensors is made of at a step, as named tensors, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import nn
from torch.optim import Optimizer

from gan_viz.errors import DataError
from gan_viz.training.batches import Pictures
from gan_viz.training.tensor_loop import TensorTraining

Tensors = dict[str, torch.Tensor]
PLAYERS = "g", "d"


def tensors_of(
    training: TensorTraining, pictures: Pictures, sources: Mapping[str, torch.Generator]
) -> Tensors:
    """What has to be kept of a training between two steps, to go on bit for bit the same.

    Weights, buffers and moving average; what the optimizers have gathered; states of the `sources`
    of random numbers, which are all that it draws from, but for those of `pictures`; and how many
    steps and batches were made. On the CPU.
    """
    game = training.game
    found = {
        f"{name}.{key}": value
        for name, network in _networks(training).items()
        for key, value in network.state_dict().items()
    }
    for player, optimizer in zip(PLAYERS, game.optimizers, strict=True):
        found |= {f"optimizer.{player}.{name}": value for name, value in _gathered(optimizer)}
    found |= {f"source.{name}": source.get_state() for name, source in sources.items()}
    found |= {f"own.{k}": state for k, state in enumerate(game.own_states)}
    order, dealt = pictures.position
    found |= {"order": order, "dealt": torch.tensor(dealt), "made": torch.tensor(training.made)}
    # copies, as tied weights may not share memory in the file
    return {name: value.detach().cpu().contiguous().clone() for name, value in found.items()}


def restore(
    training: TensorTraining,
    pictures: Pictures,
    sources: Mapping[str, torch.Generator],
    tensors: Mapping[str, torch.Tensor],
) -> None:
    """Put a training that has not begun where another was; see `tensors_of`.

    Raises DataError if the tensors are those of another training.
    """
    try:
        for name, network in _networks(training).items():
            network.load_state_dict(_part(tensors, f"{name}."))
        for player, optimizer in zip(PLAYERS, training.game.optimizers, strict=True):
            _give_back(optimizer, _part(tensors, f"optimizer.{player}."))
        for name, source in sources.items():
            source.set_state(tensors[f"source.{name}"])
        training.game.own_states = [*_part(tensors, "own.").values()]
        pictures.go_on(tensors["order"], int(tensors["dealt"]))
        training.made = int(tensors["made"])
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        why = f"{error}".splitlines()[0]
        raise DataError(f"the checkpoint is one of other networks ({why}): give its own") from None


def _networks(training: TensorTraining) -> dict[str, nn.Module]:
    game = training.game
    networks = {"generator": game.generator, "discriminator": game.discriminator}
    return networks if game.g_ema is game.generator else {**networks, "g_ema": game.g_ema}


def _part(tensors: Mapping[str, torch.Tensor], prefix: str) -> Tensors:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def _gathered(optimizer: Optimizer) -> Iterator[tuple[str, torch.Tensor]]:
    """What an optimizer knows of each parameter, like ``0.exp_avg``."""
    for index, known in optimizer.state_dict()["state"].items():
        for name, value in known.items():
            if isinstance(value, torch.Tensor):
                yield f"{index}.{name}", value


def _give_back(optimizer: Optimizer, tensors: Tensors) -> None:
    state: dict[int, Tensors] = {}
    for name, value in tensors.items():
        index, _, kind = name.partition(".")
        state.setdefault(int(index), {})[kind] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
