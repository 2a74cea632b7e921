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
        _check_alike(tensors_of(training, pictures, sources), tensors)
        for name, network in _networks(training).items():
            network.load_state_dict(_part(tensors, f"{name}."))
        for player, optimizer in zip(PLAYERS, training.game.optimizers, strict=True):
            _give_back(optimizer, _part(tensors, f"optimizer.{player}."))
        for name, source in sources.items():
            source.set_state(tensors[f"source.{name}"])
        training.game.own_states = [*_part(tensors, "own.").values()]
        made, dealt = int(tensors["made"]), int(tensors["dealt"])
        if made < 0 or not 0 <= dealt <= pictures.per_epoch:
            raise ValueError(f"{dealt} batches of an epoch at step {made}")
        pictures.go_on(tensors["order"], dealt)
        training.made = made
    except (IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        why = f"{error}".splitlines()[0]
        raise DataError(f"the checkpoint is one of other networks ({why}): give its own") from None


def _check_alike(known: Tensors, given: Mapping[str, torch.Tensor]) -> None:
    """Refuse tensors that are not of the shapes and types of a training that has not begun.

    It has no tensors of optimizers yet: others may be there, too. Raises ValueError.
    """
    for name, like in known.items():
        one = given.get(name)
        if one is None or (one.shape, one.dtype) != (like.shape, like.dtype):
            raise ValueError(name if one is None else f"{name} {tuple(one.shape)} {one.dtype}")


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
    shapes = [parameter.shape for group in optimizer.param_groups for parameter in group["params"]]
    for name, value in tensors.items():
        index, _, kind = name.partition(".")
        if value.dim() and value.shape != shapes[int(index)]:
            raise ValueError(f"{name} {tuple(value.shape)}")
        state.setdefault(int(index), {})[kind] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
