"""The page itself: one file with its script, its style and the recording in it."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from functools import cache
from importlib.resources import files

__all__ = ["page", "script"]

MODULES = (
    "numbers",
    "plot",
    "unpack",
    "link",
    "clock",
    "words",
    "density",
    "pictures",
    "plane",
    "panes",
    "strip",
    "surface",
    "app",
    "saving",
    "controls",
    "start",
)
"""Each after those that it imports."""
IMPORT = re.compile(r"^import [^;]+;\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=async function|function|class|const)", re.MULTILINE)
POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src blob: data:; "
    "base-uri 'none'; form-action 'none'"
)


def page(data: bytes, title: str, language: str = "en") -> str:
    """Write a page that plays a recording; it needs no server, no network and no other file.

    Parameters
    ----------
    data : bytes
        As `gan_viz.replay.payload` makes it.
    title : str
        Of the page; any text.
    language : str
        As in ``<html lang>``.

    Returns
    -------
    str
        HTML. Its content policy allows its own script and style, by their hashes, and nothing else.
        All that comes from the recording is in `data`, except for the title, which is escaped.
    """
    title = title.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
    code, style, body = script(), _asset("page.css"), _asset("page.html")
    policy = POLICY.format(script=_hash(code), style=_hash(style))
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{html.escape(language)}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
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
def script() -> str:
    """All modules as one classic script: pages opened from files load no modules."""
    parts = [EXPORT.sub("", IMPORT.sub("", _asset(f"{name}.js"))) for name in MODULES]
    return '(() => {\n"use strict";\n' + "".join(parts) + "})();\n"


@cache
def _asset(name: str) -> str:
    return (files("gan_viz.replay") / "web" / name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
