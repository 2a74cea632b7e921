"""Checkpoints of GANs of pictures: files of safetensors, without pickles."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz.api.output import published
from gan_viz.encoders.publish import check_file
from gan_viz.errors import DataError, UsageError, reason
from gan_viz.registry import import_extra
from gan_viz.training.checkpointing import restore, tensors_of
from gan_viz.training.tensor_game import Figures

if TYPE_CHECKING:
    from gan_viz.api.images import ImageRun
    from gan_viz.hooks import Recorder

PERIOD = 60.0
"""Seconds between checkpoints: as much is lost at most."""
ABOUT = "gan_viz"
"""The entry of the file's metadata that tells of the run."""
Place = str | os.PathLike[str]


def check_checkpoint(path: Place) -> None:
    """Check that a checkpoint can be written, before anything is trained.

    Raises MissingExtraError if safetensors is not installed; UsageError if the name is not
    ``NAME.safetensors``, or nothing can be written there.
    """
    if Path(path).suffix.lower() != ".safetensors":
        raise UsageError(f"checkpoint {path}: expected a name like run.safetensors")
    import_extra("safetensors", "a checkpoint", "checkpoints")
    check_file(Path(path))


def checkpointed(run: ImageRun, recorder: Recorder, path: Place) -> Iterator[tuple[int, Figures]]:
    """Train, and keep a checkpoint once a minute and at the end.

    What was recorded is written first, so that the recording can go on from every checkpoint.
    """
    due = time.monotonic() + PERIOD
    for number, figures in run.training:
        yield number, figures
        if number == run.training.settings.steps or time.monotonic() >= due:
            recorder.flush()
            save_run(run, path)
            due = time.monotonic() + PERIOD


def save_run(run: ImageRun, path: Place) -> None:
    """Write a checkpoint of a training between two steps, as a whole or not at all.

    Raises OutputError if it cannot be written; what was there before is left as it was.
    """
    from safetensors.torch import save_file

    tensors = tensors_of(run.training, run.pictures, run.sources)
    about = {ABOUT: json.dumps(_identity(run))}
    with published(Path(path)) as place:
        save_file(tensors, place, about)


LATER = {"penalties", "latent"}
"""What earlier checkpoints do not tell."""


def resume_run(run: ImageRun, path: Place) -> int:
    """Put a run that was just built where a checkpoint was written; return the steps made so far.

    Raises DataError if the file cannot be read, or is no checkpoint of such a run; UsageError if it
    is one of another run, or no steps are left.
    """
    import_extra("safetensors", "a checkpoint", "checkpoints")
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            about = (file.metadata() or {}).get(ABOUT, "")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        known = json.loads(about)
    except (OSError, ValueError, SafetensorError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error) or "damaged"
        raise DataError(f"{path} is no checkpoint of gan_viz ({why}): give another") from None
    _compare(path, known, _identity(run))
    restore(run.training, run.pictures, run.sources, tensors)
    made, steps = run.training.made, run.training.settings.steps
    if made >= steps:
        raise UsageError(f"{path} is of step {made}: expected more steps than that, not {steps}")
    return made


def _identity(run: ImageRun) -> dict[str, Any]:
    """What has to be the same to go on."""
    header = run.header
    settings = {k: v for k, v in header["settings"].items() if k != "steps"}
    return {
        "model": header["model"]["name"],
        "dataset": header["dataset"],
        "objective": header["objective"]["name"],
        "penalties": header["objective"].get("penalties", {}),
        "latent": run.latent.kind,
        "seed": header["seed"],
        **settings,
    }


def _compare(path: Place, known: object, given: Mapping[str, Any]) -> None:
    kept = known if isinstance(known, Mapping) else {}
    for name in {**kept, **given}:
        if name in LATER and name not in kept:
            continue
        if kept.get(name) != given.get(name):
            raise UsageError(
                f"{path} is a checkpoint with {name} {kept.get(name)!r}, not {given.get(name)!r}: "
                "give what it was begun with, or another file"
            )
