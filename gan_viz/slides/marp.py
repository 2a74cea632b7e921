"""Marp's Markdown, to be edited by hand; clips and posters lie beside it."""

from __future__ import annotations

import re
import shutil
from html import escape
from pathlib import Path
from typing import ClassVar

from gan_viz.api.look import Look
from gan_viz.api.output import Output
from gan_viz.encoders.publish import PartialFolder
from gan_viz.errors import UsageError
from gan_viz.slides.base import Deck, DeckWriter, Slide

MARK = b"---\nmarp: true\n"
HEAD = """\
---
marp: true
paginate: true
style: |
  section {{ background: {background}; color: {ink}; justify-content: start; }}
  h1, h2 {{ color: {ink}; }}
  video, img {{ display: block; width: 100%; max-height: 560px; object-fit: contain; }}
---
"""


class Marp(DeckWriter):
    """``talk.md``, and ``talk_files/`` with the clips.

    ``marp --html talk.md`` makes HTML of it, ``--pptx`` and ``--pdf`` show the posters; without
    ``--html`` Marp shows no videos.
    """

    def check(self, output: Output, look: Look) -> None:
        """Refuse to replace a text that is no deck, or clips that are others'."""
        super().check(output, look)
        if output.replaces and not _is_deck(output.path):
            raise UsageError(f"{output.path} is a text of another kind: give another name")
        _Clips.check(_folder(output))

    def write(self, deck: Deck, place: Path, output: Output) -> None:
        """Write the clips, then the text."""
        folder = _folder(output)
        clips = _Clips(folder)
        try:
            for one in deck.slides:
                for file in {one.clip, one.poster}:
                    shutil.copyfile(file, clips.path / file.name)
            clips.publish()
        finally:
            clips.discard()
        title = [f"# {_text(deck.title)}", _text(deck.subtitle), _notes(deck.notes)]
        pages = ["\n\n".join(filter(None, title))]
        pages += [_page(one, folder.name, autoplay=deck.look.autoplay) for one in deck.slides]
        head = HEAD.format_map(deck.theme.roles)
        place.write_text(head + "\n\n---\n\n".join(pages) + "\n", encoding="utf-8")


class _Clips(PartialFolder):
    own: ClassVar[re.Pattern[str]] = re.compile(r"\d{2,}\.(mp4|gif|png)")


def _is_deck(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


def _folder(output: Output) -> Path:
    return output.path.with_name(f"{output.path.stem}_files")


def _page(one: Slide, folder: str, *, autoplay: bool) -> str:
    clip, poster = (escape(f"{folder}/{file.name}") for file in (one.clip, one.poster))
    if one.clip.suffix == ".gif":
        shown = f'<img src="{clip}" alt="{escape(one.title)}">'
    else:
        how = "autoplay muted" if autoplay else "controls muted"
        shown = f'<video src="{clip}" poster="{poster}" {how} playsinline></video>'
    return "\n\n".join([f"## {_text(one.title)}", shown, _notes(one.notes)])


def _text(text: str) -> str:
    """A text that Markdown shows as it is: a title from a recording is neither markup nor code."""
    line = escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]()#+.!|~^$-])", r"\\\1", line)


def _notes(text: str) -> str:
    """What Marp shows to the speaker: a comment, which must not end early."""
    return f"<!--\n{text.replace('>', '›')}\n-->"
