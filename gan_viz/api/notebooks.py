"""What recordings, and what is drawn of them, show of themselves in a notebook.

One output has what several frontends look for: HTML (Jupyter, VS Code, Colab, marimo), a PNG (a
site that shows notebooks without running anything, or one that is not trusted), and text.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections import deque
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import GanVizError

if TYPE_CHECKING:
    from gan_viz.api.output import Rendered
    from gan_viz.recording import Recording

MOST_BYTES = 2_000_000
"""Of an output, as text: Colab and marimo cut at 5 to 10 MB, and a notebook keeps every output."""
POSTER_ROOM = 200_000
"""Of these for a poster."""
PAGE_HEIGHT = 600
PICTURES = {
    ".gif": "image/gif",
    ".png": "image/png",
    ".apng": "image/apng",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
VIDEOS = {".mp4": "video/mp4", ".webm": "video/webm"}

Bundle = dict[str, Any]


def bundle_of_recording(recording: Recording, most_bytes: int = MOST_BYTES) -> Bundle:
    """Make the replay of a recording, with a poster: of its last frame.

    Frames are left out where it would be larger; the page says how many.
    """
    from gan_viz.api.pages import page_of

    text = {"text/plain": repr(recording)}
    if not len(recording):
        return text
    try:
        # within `srcdoc` a quotation mark takes six characters
        page = page_of(recording, max_bytes=int(0.9 * (most_bytes - POSTER_ROOM)))
        return {**text, "text/html": _frame(page), "image/png": _png(_last_frame(recording))}
    except GanVizError as error:
        return {"text/plain": f"{recording!r}\n{error}"}


def bundle_of_rendered(rendered: Rendered, most_bytes: int = MOST_BYTES) -> Bundle:
    """Show a file that was written; of one that is too large its last picture, and a word on it."""
    text = {"text/plain": repr(rendered)}
    suffix = rendered.path.suffix.lower()
    if not rendered.path.is_file() or suffix not in (*PICTURES, *VIDEOS, ".html"):
        return text
    if rendered.path.name.lower().endswith(".reveal.html"):
        return text
    size = rendered.path.stat().st_size
    if size * (4 / 3 if suffix != ".html" else 1.1) > most_bytes:
        return _too_large(rendered, most_bytes)
    return {**text, **_whole(rendered, suffix)}


def _whole(rendered: Rendered, suffix: str) -> Bundle:
    path = rendered.path
    poster = None if suffix == ".png" else _last_picture(rendered)
    shown = {} if poster is None else {"image/png": _png(poster)}
    if suffix == ".html":
        return {**shown, "text/html": _frame(path.read_text(encoding="utf-8"))}
    data = b64encode(path.read_bytes()).decode()
    if suffix == ".png":
        return {"image/png": data}
    kind = PICTURES.get(suffix) or VIDEOS[suffix]
    if suffix in PICTURES:
        return {**shown, "text/html": f'<img src="data:{kind};base64,{data}">'}
    video = f'<video src="data:{kind};base64,{data}" controls autoplay loop muted playsinline'
    return {**shown, "text/html": f'{video} style="max-width: 100%"></video>'}


def _too_large(rendered: Rendered, most_bytes: int) -> Bundle:
    note = (
        f"{rendered.path} is larger than the {most_bytes / 1e6:g} MB that an output of a notebook "
        "is given: this is its last picture; show(most_bytes=...) shows all of it"
    )
    text = {"text/plain": f"{rendered!r}\n{note}"}
    poster = _last_picture(rendered)
    if poster is None:
        return text
    data = _png(poster)
    image = f'<img src="data:image/png;base64,{data}">'
    return {**text, "image/png": data, "text/html": f"{image}<p>{escape(note)}</p>"}


def _frame(page: str) -> str:
    """A page in a frame of its own: its scripts run, and reach nothing of the notebook."""
    inside = escape(page).replace("\n", "&#10;")
    return (
        f'<iframe sandbox="allow-scripts" srcdoc="{inside}" '
        f'style="width: 100%; height: {PAGE_HEIGHT}px; border: 0"></iframe>'
    )


def _last_frame(recording: Recording) -> NDArray[np.uint8]:
    """The last frame as the renderer draws it."""
    from gan_viz.api.drawing import make_renderer
    from gan_viz.api.look import Look

    renderer = make_renderer(recording, Look())
    return renderer.frame(len(renderer.steps) - 1)


def _last_picture(rendered: Rendered) -> NDArray[np.uint8] | None:
    """What there is to see in the end; None of what is no animation, and of several recordings."""
    suffix = rendered.path.suffix.lower()
    if suffix == ".html" and rendered.source is not None:
        from gan_viz.api.drawing import opened

        with suppress(GanVizError), opened(rendered.source) as recording:
            return _last_frame(recording)
    if suffix in (".html", ".svg"):
        return None
    import imageio.v3 as iio

    pictures = iio.imiter(rendered.path, plugin="pyav" if suffix in VIDEOS else "pillow")
    return deque(pictures, maxlen=1).pop()  # a video does not tell before how many it has


def _png(picture: NDArray[np.uint8]) -> str:
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(picture).convert("RGB").quantize(64).save(data, "PNG", optimize=True)
    return b64encode(data.getvalue()).decode()
