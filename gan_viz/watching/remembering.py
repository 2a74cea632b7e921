"""Where a recording was watched last, so that open pages find a watcher that is started again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple


class Address(NamedTuple):
    """A port of this machine, and the token that opens it."""

    port: int
    token: str


def recalled(path: Path) -> Address | None:
    """Return the address of the last watcher of a recording; None if it is not known."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        found = json.loads(_place(path).read_text(encoding="utf-8"))
        address = Address(found["port"], found["token"])
        if 0 < address.port < 2**16 and len(address.token) >= 24:
            return address
    return None


def remember(path: Path, address: Address) -> None:
    """Keep an address where no other user can read it; where that cannot be, forget it."""
    place = _place(path)
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.unlink(missing_ok=True)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - of a descriptor
            json.dump(address._asdict(), file)


def _place(path: Path) -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    name = hashlib.sha256(os.fsencode(Path(path).resolve())).hexdigest()[:32]
    return Path(cache).expanduser() / "gan_viz" / "watch" / f"{name}.json"
