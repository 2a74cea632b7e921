"""Lightning: a callback that records."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from gan_viz.adapters.base import pick_numbers
from gan_viz.arguments import checked
from gan_viz.errors import MissingExtraError, UsageError
from gan_viz.hooks import Recorder

if TYPE_CHECKING:
    from lightning.pytorch import LightningModule, Trainer

try:
    from lightning.pytorch import Callback
except ModuleNotFoundError as error:
    raise MissingExtraError("the Lightning adapter", "lightning", "lightning") from error


class GanVizCallback(Callback):
    """Record a GAN that Lightning trains: one step a training batch.

    The recording begins with the first training batch of `fit`, before any update, and is complete
    when `fit` ends well; after an exception it is kept as unfinished. A checkpoint holds the number
    of steps: `fit` with ``ckpt_path`` continues the recording from there. Only the process of
    global rank 0 records.

    Parameters
    ----------
    path : path-like
        The recording, ``NAME.ganviz``.
    generator, discriminator : str
        Attributes of the LightningModule that are the networks, like ``"model.generator"``; ``""``
        if there is no discriminator.
    scalars : mapping of str to str, optional
        What to record, and under which name ``training_step`` logs or returns it:
        ``{"g_loss": "train/g_loss"}``. By default all numbers that it logs or returns, under their
        own names; what a step does not log, such as a validation metric, counts as unchanged.
    real : torch.Tensor, "auto" or None
        Real pictures as `gan_viz.Recorder` takes them. ``"auto"``: those of the first batch, which
        is a tensor or begins with one, with their labels if whole numbers follow; none where the
        recorder is given `data`.
    resume : bool
        Whether to continue the recording when `fit` continues from a checkpoint; else it is
        replaced.
    **recorder_options
        Anything else that `gan_viz.Recorder` takes: ``latent_dim=100``.

    Attributes
    ----------
    recorder : Recorder or None
        The recorder, once there is one.

    Raises
    ------
    UsageError
        At the first batch: the module has no such attribute, or the batch has no pictures where
        they are looked for. At a step that logs none of `scalars`.
    """

    @checked
    def __init__(
        self,
        path: str | os.PathLike[str],
        generator: str = "generator",
        discriminator: str = "discriminator",
        *,
        scalars: Mapping[str, str] | None = None,
        real: torch.Tensor | str | None = "auto",
        resume: bool = True,
        **recorder_options: Any,
    ) -> None:
        self.path = Path(path)
        self.recorder: Recorder | None = None
        self._networks = generator, discriminator
        self._scalars, self._real, self._resume = scalars, real, resume
        self._options = recorder_options
        self._resume_at: int | None = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Forget the recorder of another run."""
        self.recorder = None

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Begin the recording, if this is the first batch."""
        if self.recorder is None and trainer.is_global_zero:
            networks = [_find(pl_module, name) for name in self._networks]
            shown = {**self._pictures(batch), **self._options}
            self.recorder = Recorder(self.path, *networks, resume_at=self._resume_at, **shown)
            self._resume_at = None

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Record a step."""
        if self.recorder is not None:
            returned = outputs if isinstance(outputs, Mapping) else {}
            logged = {**_without_twins(trainer.callback_metrics), **returned}
            self.recorder.step(**self._numbers(logged))

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Finish the recording."""
        if self.recorder is not None:
            self.recorder.close()

    def on_exception(
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        """Keep what was recorded, as unfinished."""
        if self.recorder is not None:
            self.recorder.close(complete=False)

    def state_dict(self) -> dict[str, Any]:
        """The number of steps made, for a checkpoint."""
        return {"steps_made": 0 if self.recorder is None else self.recorder.steps_made}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        if self._resume:
            self._resume_at = int(state_dict["steps_made"])

    def _numbers(self, logged: Mapping[str, Any]) -> dict[str, Any]:
        found = pick_numbers(logged, self._scalars)
        if self._scalars and not found:
            wanted, there = (", ".join(names) for names in (self._scalars.values(), logged))
            raise UsageError(
                f"nothing is logged as {wanted}: the step logged {there or 'nothing'}; give "
                "scalars= names of these"
            )
        return found

    def _pictures(self, batch: Any) -> dict[str, Any]:
        """What the recorder is to be shown of the data."""
        if self._real is None or "data" in self._options:
            return {}
        if not isinstance(self._real, str):
            return {"real": self._real}
        parts = batch if isinstance(batch, list | tuple) else [batch]
        if not parts or not isinstance(parts[0], torch.Tensor):
            raise UsageError(
                f"a batch is {type(batch).__name__}: expected pictures or (pictures, labels); "
                "give the callback real=... or real=None"
            )
        labels = parts[1] if len(parts) > 1 and _are_labels(parts[1], len(parts[0])) else None
        return {"real": parts[0], "labels": labels}


def _are_labels(values: Any, number: int) -> bool:
    if not isinstance(values, torch.Tensor):
        return False
    return tuple(values.shape) == (number,) and not values.is_floating_point()


def _find(module: Any, name: str) -> Any:
    """The network at a dotted attribute of a module; None for no name."""
    found = module if name else None
    for part in name.split(".") if name else ():
        if not hasattr(found, part):
            raise UsageError(
                f"{type(module).__name__} has no network {name!r}: give the callback the names of "
                "its generator and discriminator"
            )
        found = getattr(found, part)
    return found


def _without_twins(logged: Mapping[str, Any]) -> dict[str, Any]:
    """What was logged, without the copies that Lightning names after steps and epochs."""
    ends = ("_step", "_epoch")
    return {
        name: value
        for name, value in logged.items()
        if not (name.endswith(ends) and name.rpartition("_")[0] in logged)
    }
