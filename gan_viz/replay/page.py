"""The page itself: one file with its script, its style and the recording in it."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from functools import cache
from importlib.resources import files

MODULES = (
    "numbers",
    "plot",
    "unpack",
    "link",
    "clock",
    "words",
    "densities",
    "arrows",
    "axes",
    "density",
    "sheet",
    "pictures",
    "walk",
    "plane",
    "panes",
    "strip",
    "surface",
    "marks",
    "labels",
    "moment",
    "app",
    "saving",
    "settings",
    "pointers",
    "keys",
    "controls",
    "start",
)
"""Each after those that it imports."""
FOLLOWING = "growing", "live"
"""Those that follow a recording while it is written."""
IMPORT = re.compile(r"^import [^;]+;\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=async function|function|class|const)", re.MULTILINE)
POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src blob: data:; "
    "base-uri 'none'; form-action 'none'"
)


def page(data: bytes, title: str, language: str = "en", *, live: bool = False) -> str:
    """Write a page that plays a recording; it needs no server, no network and no other file.

    The data is as `gan_viz.replay.payload` makes it. The page's content policy allows its own
    script and style, by their hashes, and nothing else. All that comes from the recording is in
    `data`, except for the title, which may be any text and is escaped. `live` says whether the page
    asks where it came from for what is new; see `gan_viz.watching`.
    """
    title = title.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
    code, style, body = script(live), _asset("page.css"), _asset("page.html")
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{html.escape(language)}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy(live)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',
            f"<title>{html.escape(title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            body.rstrip("\n"),
            '<script type="text/plain" id="recording">',
            base64.b64encode(data).decode("ascii"),
            "</script>",
            f"<script>{code}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


@cache
def policy(live: bool = False) -> str:
    """The content policy of a page: its own script and style, and where it came from if live."""
    allowed = POLICY.format(script=_hash(script(live)), style=_hash(_asset("page.css")))
    return f"{allowed}; connect-src 'self'" if live else allowed


@cache
def script(live: bool = False) -> str:
    """All modules as one classic script: pages opened from files load no modules."""
    names = (*MODULES, *(FOLLOWING if live else ()))
    parts = [EXPORT.sub("", IMPORT.sub("", _asset(f"{name}.js"))) for name in names]
    return '(() => {\n"use strict";\n' + "".join(parts) + "})();\n"


@cache
def _asset(name: str) -> str:
    return (files("gan_viz.replay") / "web" / name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
