"""Fonts: the one asked for, and others for the scripts that it lacks."""

from __future__ import annotations

import difflib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.font_manager import (
    FontProperties,
    findfont,
    findSystemFonts,
    fontManager,
    get_font,
)
from matplotlib.text import Text

from gan_viz.errors import UsageError

FONT = "DejaVu Sans"
"""The font of all texts: it comes with matplotlib, so pictures are the same everywhere."""
FALLBACKS = (
    *("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Hiragino Kaku Gothic ProN"),
    *("Yu Gothic", "Meiryo", "IPAexGothic", "IPAGothic", "MS Gothic", "TakaoGothic", "VL Gothic"),
    *("Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Noto Sans CJK TC", "Microsoft JhengHei"),
    *("Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "NanumGothic"),
    *("Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Bengali"),
    *("Noto Sans Tamil", "Noto Sans Telugu", "Noto Sans Thai", "Noto Sans Khmer"),
    *("Noto Sans Georgian", "Noto Sans Armenian", "Noto Sans Ethiopic", "Arial Unicode MS"),
    *("Nirmala UI", "Segoe UI", "Noto Sans Symbols", "Noto Sans Symbols2", "Noto Emoji"),
)
"""Fonts of the usual systems, those of Japanese before those of Chinese: they share characters."""


@lru_cache(maxsize=16)
def families(font: str = "") -> tuple[str, ...]:
    """List the fonts in which characters are looked for, the first that has one writes it.

    Parameters
    ----------
    font : str
        A family that is installed, or a font file; empty for `FONT` alone.

    Returns
    -------
    tuple of str
        That one, `FONT`, and what is installed of `FALLBACKS`.

    Raises
    ------
    UsageError
        There is no such font.
    """
    installed = {entry.name for entry in fontManager.ttflist}
    own = [_family(font)] if font else []
    return tuple(dict.fromkeys([*own, FONT, *(name for name in FALLBACKS if name in installed)]))


def _family(font: str) -> str:
    """The name of a family or of a font file, which is made known to matplotlib."""
    try:
        if Path(font).suffix.lower() in (".ttf", ".otf", ".ttc"):
            fontManager.addfont(font)
            return FontProperties(fname=font).get_name()
        if not any(entry.name.lower() == font.lower() for entry in fontManager.ttflist):
            _list_new_fonts()
        return get_font(findfont(font, fallback_to_default=False)).family_name
    except (ValueError, OSError, RuntimeError):  # whatever it is that FreeType cannot read
        names = sorted({entry.name for entry in fontManager.ttflist})
        near = difflib.get_close_matches(font, names, 3) or [FONT]
        raise UsageError(
            f"font {font!r} is not installed: expected a name like {' or '.join(map(repr, near))}, "
            "or a font file"
        ) from None


def _list_new_fonts() -> None:
    """Make fonts known that were installed after matplotlib wrote its list, which it keeps."""
    known = {entry.fname for entry in fontManager.ttflist}
    for file in set(findSystemFonts()) - known:
        with suppress(OSError, RuntimeError):  # a file that FreeType cannot read
            fontManager.addfont(file)


def not_written(figure: Figure) -> str:
    """Say which characters of a figure's texts no font has; empty if there are none."""
    texts = {text.get_text(): tuple(text.get_fontfamily()) for text in figure.findobj(Text)}
    lacking = {c for text, names in texts.items() for c in text if not _is_written(c, names)}
    if not lacking:
        return ""
    shown = "".join(sorted(lacking)[:6]) + "…" * (len(lacking) > 6)
    return (
        f"no font was found for {shown}: install one, like Noto Sans CJK, or name one with --font"
    )


def _is_written(character: str, names: tuple[str, ...]) -> bool:
    return character.isspace() or any(ord(character) in _characters(name) for name in names)


@lru_cache(maxsize=64)
def _characters(family: str) -> frozenset[int]:
    return frozenset(get_font(findfont(family)).get_charmap())
