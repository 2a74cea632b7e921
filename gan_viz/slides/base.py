"""What is in a deck, and the contract of what writes one."""

from __future__ import annotations

import tempfile
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PIL import Image

from gan_viz.api.documents import Document
from gan_viz.api.drawing import Animation, make_renderer, told_of_frames_left_out
from gan_viz.api.look import Look
from gan_viz.api.output import Output, Rendered, encoder_options
from gan_viz.api.pages import page_of
from gan_viz.diagnostics import diagnose
from gan_viz.encoders.base import Clip
from gan_viz.recording import Recording
from gan_viz.registry import ENCODERS
from gan_viz.slides.chapters import chapters
from gan_viz.slides.command import command_of

if TYPE_CHECKING:  # these load matplotlib
    from gan_viz.progress import Progress
    from gan_viz.rendering.theme import Theme

SIZE, SCALE = (1920, 920), 1.25
"""Of the clips, by default: what is left of a slide of 16:9 below its title, and larger type."""
HOLD = 1.0
"""Seconds that the last picture of a clip stays on: players show the poster at once after it."""


@dataclass(frozen=True)
class Slide:
    """A slide with a clip."""

    title: str
    notes: str
    """What is above the clip, and what the speaker sees."""
    clip: Path
    poster: Path
    """An MP4 or a GIF, and a PNG of its last picture."""
    size: tuple[int, int]
    """Width and height of both, in pixels."""
    seconds: float


@dataclass(frozen=True)
class Deck:
    """A title and slides."""

    title: str
    subtitle: str
    notes: str
    """Of the first slide."""
    slides: Sequence[Slide]
    theme: Theme
    look: Look
    """`Look.template` and `Look.autoplay` say how slides are."""
    page: str = ""
    """A page that plays the recordings, for decks that can show one; else empty."""


class DeckWriter(Document):
    """Renders recordings into a deck; subclasses write it.

    Attributes
    ----------
    shows_pages : bool
        Whether such a deck can show a page that plays.
    """

    shows_pages: ClassVar[bool] = False

    @abstractmethod
    def write(self, deck: Deck, place: Path, output: Output) -> None:
        """Write a deck under a temporary name; `output` has the one that it will get."""

    def check(self, output: Output, look: Look) -> None:
        """Refuse clips that cannot be, before any is drawn."""
        canvas = look.canvas
        clip = Clip(canvas.width, canvas.height, look.fps, look.hold, alpha=look.transparent)
        ENCODERS[f".{look.clip}"].check(clip, **encoder_options(look))

    def render(
        self,
        recordings: Sequence[Recording],
        output: Output,
        look: Look,
        progress: Progress | None = None,
        titles: Sequence[str] | None = None,
    ) -> Rendered:
        """Draw the clips, of one recording in chapters or of several, and write the deck."""
        asked = look
        look = replace(
            look, size=look.size or SIZE, scale=SCALE * look.scale, hold=HOLD, boomerang=False
        )
        with tempfile.TemporaryDirectory(prefix="gan_viz-") as folder:
            drawn = _Drawing(Path(folder), look, progress)
            slides = [*drawn.slides(recordings, titles)]
            deck = _deck(recordings, slides, output, asked)
            if self.shows_pages:
                page = page_of(recordings, replace(asked, max_bytes=None), titles=titles)
                deck = replace(deck, page=page)
            with self.published(output) as place:
                self.write(deck, place, output)
        seconds = sum(slide.seconds for slide in slides)
        size = (look.canvas.width, look.canvas.height)
        facts = drawn.frames, size, look.fps, seconds, output.bytes, drawn.notice, output.replaces
        made = Rendered(output.path, *facts)
        return made if len(recordings) > 1 else told_of_frames_left_out(made, recordings[0])


class _Drawing:
    """Draws clips and their posters into a folder."""

    def __init__(self, folder: Path, look: Look, progress: Progress | None) -> None:
        self._folder, self._look, self._progress = folder, look, progress
        self.frames, self.notice = 0, ""

    def slides(
        self, recordings: Sequence[Recording], titles: Sequence[str] | None
    ) -> Iterator[Slide]:
        """Draw one recording in chapters, or several as a whole."""
        if len(recordings) == 1:
            animation = self._animation(recordings[0])
            found = chapters(recordings[0], self._look.canvas.words)
            for number, one in enumerate(found, 1):
                part = animation.between(one.first, one.last)
                yield self._slide(number, one.title, one.notes, part)
            return
        from gan_viz.rendering.titles import CellTitles, check_titles

        check_titles(titles, recordings)
        named = titles or CellTitles.of(recordings, columns=1).titles
        for number, (title, recording) in enumerate(zip(named, recordings, strict=True), 1):
            notes = " ".join(one.text + "." for one in diagnose(recording).verdicts)
            yield self._slide(number, title, notes, self._animation(recording))

    def _animation(self, recording: Recording) -> Animation:
        look = self._look if self._look.title is not None else replace(self._look, title="")
        return Animation(make_renderer(recording, look), look)

    def _slide(self, number: int, title: str, notes: str, animation: Animation) -> Slide:
        suffix = f".{self._look.clip}"
        place, poster = (self._folder / f"{number:02}{end}" for end in (suffix, ".png"))
        clip = animation.write(Output(place, suffix), self._progress)
        last = animation.renderer.frame(int(animation.timeline.frames[-1]))
        Image.fromarray(last).save(poster)
        self.frames += clip.frames
        self.notice = clip.notice
        return Slide(title, notes, place, poster, clip.size, clip.duration)


def _deck(
    recordings: Sequence[Recording], slides: Sequence[Slide], output: Output, look: Look
) -> Deck:
    """Put a title in front: what was learnt and how, and what made the deck."""
    from gan_viz.rendering.titles import common_header, title_of

    header = recordings[0].header if len(recordings) == 1 else common_header(recordings)
    title = look.title or title_of(header) or output.path.stem
    steps = max(int(recording.steps[-1]) for recording in recordings)
    facts = [f"{steps:,} {look.canvas.words.say('step')}s" if look.language == "en" else ""]
    facts += [f"seed {header['seed']}"] if isinstance(header.get("seed"), int) else []
    subtitle = look.subtitle or " · ".join(filter(None, facts))
    notes = f"Made by: {command_of([one.path for one in recordings], output.path, look)}"
    return Deck(title, subtitle, notes, slides, look.canvas.theme, look)
