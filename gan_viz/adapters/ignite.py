"""PyTorch-Ignite: a recorder that follows an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gan_viz.adapters.base import pick_numbers
from gan_viz.arguments import checked
from gan_viz.errors import MissingExtraError, UsageError
from gan_viz.hooks import Recorder

try:
    from ignite.engine import Engine, Events
except ModuleNotFoundError as error:
    raise MissingExtraError("the Ignite adapter", "ignite", "ignite") from error


@checked
def attach(
    recorder: Recorder,
    trainer: Engine,
    output_transform: Callable[[Any], Mapping[str, Any]] | None = None,
) -> Recorder:
    """Have a recorder follow a trainer: one step an iteration, closed when the run ends.

    A run that completes or is terminated closes the recording as complete. An exception closes it
    as unfinished and is raised, unless the trainer has other handlers of
    ``Events.EXCEPTION_RAISED``: then it is theirs.

    Parameters
    ----------
    recorder : Recorder
        To resume, one made with ``resume_at=`` the iterations made.
    trainer : ignite.engine.Engine
        Its process function updates D and G once.
    output_transform : callable, optional
        Turns ``trainer.state.output`` into the numbers to record, by name, like
        ``lambda output: {"d_loss": output[0], "g_loss": output[1]}``; by default every number in
        the output, which must then be a mapping.

    Returns
    -------
    Recorder
        The same.

    Raises
    ------
    UsageError
        At an iteration: the output is no mapping, and there is no `output_transform`.

    Examples
    --------
    ::

        recorder = Recorder("run.ganviz", G, D, real=images, latent_dim=100)
        attach(recorder, trainer)
        trainer.run(loader, max_epochs=10)
    """
    transform = _numbers_of if output_transform is None else output_transform

    def on_iteration(engine: Engine) -> None:
        recorder.step(**transform(engine.state.output))

    def on_end(_: Engine) -> None:
        recorder.close(complete=True)  # also within Ignite's own handling of its end

    def on_exception(engine: Engine, error: BaseException) -> None:
        if _handlers(engine) > 1:
            return
        recorder.close(complete=False)
        raise error  # with this handler alone Ignite would pass over it

    trainer.add_event_handler(Events.ITERATION_COMPLETED, on_iteration)
    for event in (Events.TERMINATE, Events.COMPLETED):
        trainer.add_event_handler(event, on_end)
    trainer.add_event_handler(Events.EXCEPTION_RAISED, on_exception)
    return recorder


def _numbers_of(output: object) -> dict[str, Any]:
    if not isinstance(output, Mapping):
        raise UsageError(
            f"the trainer's output is {type(output).__name__}: expected a mapping of names to "
            "numbers; give attach() an output_transform that makes one"
        )
    return pick_numbers(output)


def _handlers(engine: Engine) -> int:
    """How many handlers of exceptions there are, for which Ignite has no public question."""
    return len(engine._event_handlers[Events.EXCEPTION_RAISED])  # noqa: SLF001
