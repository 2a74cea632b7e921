"""What a writer has named so far: no name is given twice, and a reader's limits are kept."""

from __future__ import annotations

from collections.abc import Mapping

from gan_viz.errors import UsageError
from gan_viz.recording.format import MAX_HEADER_BYTES, MAX_NAMES, check_name


class Ledger:
    """The names that exist of each kind, and how long the JSON texts are that go with them.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.admit("channel", {"images": 20})
    >>> ledger.admit("channel", {"images": 20})
    Traceback (most recent call last):
    gan_viz.errors.UsageError: there is a channel 'images' already: give another name
    """

    def __init__(self) -> None:
        self._sizes: dict[str, dict[str, int]] = {}

    def admit(self, kind: str, sizes: Mapping[str, int], *, again: bool = False) -> None:
        """Enter names, all or none, with the bytes of JSON that belong to each.

        Raises UsageError if a name cannot be used, is taken (unless `again`), or there would be too
        much of a kind.
        """
        known = self._sizes.get(kind, {})
        for name in sizes:
            check_name(kind, name)
            if name in known and not again:
                raise UsageError(f"there is a {kind} {name!r} already: give another name")
        known = {**known, **sizes}
        if len(known) > MAX_NAMES:
            raise UsageError(f"there cannot be more than {MAX_NAMES} names of a {kind}")
        if sum(known.values()) > MAX_HEADER_BYTES:
            raise UsageError(
                f"what goes with each {kind} takes more than {MAX_HEADER_BYTES} bytes as JSON in"
                " total: record large values with add_constant()"
            )
        self._sizes[kind] = known
