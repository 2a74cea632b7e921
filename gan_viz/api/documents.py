"""The contract of what is made of recordings themselves, not of frames: pages and decks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from gan_viz.api.look import Look
from gan_viz.api.output import Output, Rendered, encoder_options, published
from gan_viz.errors import UsageError
from gan_viz.recording import Recording

if TYPE_CHECKING:
    from gan_viz.progress import Progress


class Document(ABC):
    """Writes a file of open recordings; a format is a subclass in `gan_viz.registry.DOCUMENTS`.

    Attributes
    ----------
    known_options : collection of str
        Those of `gan_viz.Look` that only some formats have: ``max_bytes``, ``opaque``, ``lossy``
        and ``colors``.
    """

    known_options: ClassVar[Collection[str]] = ()

    @abstractmethod
    def render(
        self,
        recordings: Sequence[Recording],
        output: Output,
        look: Look,
        progress: Progress | None = None,
        titles: Sequence[str] | None = None,
    ) -> Rendered:
        """Write the file.

        Parameters
        ----------
        recordings : sequence of Recording
            Open, at least one, each with at least one frame.
        output : Output
            Where it goes, see `published`.
        look : Look
        progress : Progress, optional
        titles : sequence of str, optional
            Of several recordings; by default what they differ in.

        Raises
        ------
        OutputError
            It cannot be written; what was there before is left as it was.
        """

    def check(self, output: Output, look: Look) -> None:
        """Refuse, before anything is read, what could not be written.

        Raises UsageError if the format has none of the options that were given.
        """
        given = encoder_options(look).keys() - {*self.known_options}
        if given:
            names = ", ".join(map(repr, sorted(given)))
            raise UsageError(f"{output.path}: this format has no option {names}; leave it out")

    @staticmethod
    def published(output: Output) -> AbstractContextManager[Path]:
        """A place beside the file, which becomes the file once all is written."""
        return published(output.path)
