"""The other process: trains a part of a race.

`gan_viz.api.racers` starts it. It is sent the part, once, and tells how far it is: the steps made,
0 as soon as it has understood, None when the recordings are closed, or an error. When the other end
is closed, whoever sent the part has died or given up, and the recordings are closed as they are.
"""

from __future__ import annotations

import contextlib
import pickle
import traceback
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

__all__ = ["Failure", "main"]


class Failure(NamedTuple):
    """An error on its way to another process.

    Attributes
    ----------
    kind : type
        Of the error.
    arguments : tuple
        Its own.
    trace : str
        Where it came from.
    """

    kind: type[BaseException]
    arguments: tuple[Any, ...]
    trace: str

    def revived(self) -> BaseException:
        """The error, of the same kind and with the same text."""
        # not by the constructor: some take other things than the text
        error = self.kind.__new__(self.kind, *self.arguments)
        if self.trace:
            error.add_note(self.trace)
        return error


def main(descriptor: str) -> None:
    """Train what is sent.

    Parameters
    ----------
    descriptor : str
        Number of the file descriptor of a `multiprocessing.connection.Connection`.
    """
    nobody_listens = contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError)
    with nobody_listens, Connection(int(descriptor)) as parent:
        _serve(parent)


def _serve(parent: Connection) -> None:
    def tell(done: int) -> None:
        if parent.poll():  # nothing more is ever sent
            raise BrokenPipeError
        parent.send(done)

    try:
        heat = pickle.loads(parent.recv_bytes())
        toys = heat.build()
        parent.send(0)
        heat.train(toys, tell)
        parent.send(None)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except BaseException as error:  # noqa: BLE001
        trace = "".join(traceback.format_exception(error))
        try:
            parent.send(Failure(type(error), error.args, trace))
        except (pickle.PicklingError, AttributeError, TypeError):
            parent.send(Failure(RuntimeError, (f"{type(error).__name__}: {error}",), trace))
