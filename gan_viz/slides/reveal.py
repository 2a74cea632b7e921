"""A deck of reveal.js in one file: clips are inside; reveal.js comes from the network, if it can.

Where it cannot, or scripts are not allowed, the slides stand below one another, and play as well.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from pathlib import Path
from typing import ClassVar

from gan_viz.api.output import Output
from gan_viz.slides.base import Deck, DeckWriter, Slide

HOME = "https://cdn.jsdelivr.net/npm/reveal.js@5.2.1"
FILES = {
    "dist/reveal.css": "tK61vs+AeByBmiQ/i6CLgp/PbaaoB/k7M4J5mlX70GVtBPGUk5avjbXhSwhsf3fS",
    "dist/reveal.js": "rZIIVPQD/+U9IL3I62KrBHuVtPgYv+xdXvER5RBiVQRszJEJfLKRrcrZwI7fhcHT",
    "plugin/notes/notes.js": "zaxVZlTGBPySa6IWC61g+1BgKaWp4jQ7Qcm/TrxRPMAziaAmE0ZbNGwRAGI2vmkk",
}
"""What is loaded, and the SHA-384 that a browser holds it against."""
PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" {style}>
<style>
body {{ margin: 0; background: {background}; color: {ink}; font-family: system-ui, sans-serif; }}
.reveal-viewport.reveal-viewport {{ background: {background}; color: {ink}; }}
h1, h2 {{ font-weight: 500; margin: .4em 0; }}
section {{ text-align: center; }}
section p {{ color: {muted}; }}
iframe {{ width: 100%; height: 90vh; border: 0; }}
.reveal iframe {{ height: 640px; max-width: none; max-height: none; }}
video, img {{ width: 100%; max-height: 80vh; object-fit: contain; }}
.reveal video, .reveal img {{ max-height: 560px; }}
body:not(.ready) section {{ min-height: 50vh; box-sizing: border-box; padding: 1em; }}
body:not(.ready) aside {{ color: {muted}; font-size: smaller; }}
</style>
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
<script {script}></script>
<script {plugin}></script>
<script>
if (window.Reveal) {{
  document.body.classList.add("ready");
  for (const clip of document.querySelectorAll("video")) {{
    clip.controls = false;  // they would hide the lower edge; a click does the same
    clip.addEventListener("click", () => (clip.paused ? clip.play() : clip.pause()));
  }}
  const plugins = window.RevealNotes ? [window.RevealNotes] : [];
  Reveal.initialize({{width: 1280, height: 720, hash: true, plugins}});
}}
</script>
</body>
</html>
"""
SECTION = """\
<section>
<h{level}>{title}</h{level}>
{body}
<aside class="notes">{notes}</aside>
</section>"""


class Reveal(DeckWriter):
    """``talk.reveal.html``, which ends with the replay; a plain ``.html`` is a replay alone."""

    shows_pages: ClassVar[bool] = True

    def write(self, deck: Deck, place: Path, output: Output) -> None:
        """Write the page."""
        first = _section(1, deck.title, f"<p>{escape(deck.subtitle)}</p>", deck.notes)
        rest = [
            _section(2, one.title, _clip(one, autoplay=deck.look.autoplay), one.notes)
            for one in deck.slides
        ]
        text = PAGE.format(
            **deck.theme.roles,
            **_sources(),
            language=deck.look.language,
            title=escape(deck.title),
            slides="\n".join([first, *rest, f"<section>{_frame(deck)}</section>"]),
        )
        place.write_text(text, encoding="utf-8")


def _sources() -> dict[str, str]:
    """Attributes of the elements that load reveal.js, by their names in `PAGE`."""
    attributes = [
        f'{"href" if name.endswith("css") else "src"}="{HOME}/{name}" '
        f'integrity="sha384-{digest}" crossorigin="anonymous"'
        for name, digest in FILES.items()
    ]
    return dict(zip(("style", "script", "plugin"), attributes, strict=True))


def _section(level: int, title: str, body: str, notes: str) -> str:
    return SECTION.format(level=level, title=escape(title), body=body, notes=escape(notes))


def _frame(deck: Deck) -> str:
    """The replay, which has no access to the deck."""
    return (
        f'<iframe sandbox="allow-scripts" title="{escape(deck.title)}" loading="lazy" '
        f'srcdoc="{escape(deck.page)}"></iframe>'
    )


def _clip(one: Slide, *, autoplay: bool) -> str:
    clip = _inside(one.clip, "image/gif" if one.clip.suffix == ".gif" else "video/mp4")
    if one.clip.suffix == ".gif":
        return f'<img src="{clip}" alt="{escape(one.title)}">'
    start = "data-autoplay muted" if autoplay else "muted"  # reveal.js starts it with its slide
    poster = _inside(one.poster, "image/png")
    return f'<video src="{clip}" poster="{poster}" controls playsinline {start}></video>'


def _inside(file: Path, kind: str) -> str:
    return f"data:{kind};base64,{b64encode(file.read_bytes()).decode()}"
