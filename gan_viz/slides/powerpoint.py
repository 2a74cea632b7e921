"""PowerPoint files, by python-pptx: clips, posters, notes, and the colours of the theme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.exc import PackageNotFoundError
from pptx.opc.constants import RELATIONSHIP_TYPE as RELATION
from pptx.oxml import parse_xml
from pptx.util import Emu, Inches

from gan_viz.api.look import Look
from gan_viz.api.output import Output
from gan_viz.errors import UsageError
from gan_viz.rendering.theme import Theme
from gan_viz.slides.base import Deck, DeckWriter, Slide

WIDE = Inches(40 / 3), Inches(7.5)
"""A slide of 16:9, as PowerPoint has it."""
TITLE_TOP, TITLE_HEIGHT, TITLE_SIZE = 0.02, 0.12, 3200
"""Of the titles above clips: relative to the height of a slide, and hundredths of points."""
MARGIN = 0.03
"""Relative to the width of a slide."""
TITLE_LAYOUT, CLIP_LAYOUT = 0, 5
"""Of PowerPoint's own design: a title slide, and a title alone."""
COLORS = {
    "dk1": "ink",
    "lt1": "background",
    "dk2": "muted",
    "lt2": "faint",
    "accent1": "data",
    "accent2": "generated",
    "accent3": "discriminator",
    "accent4": "good",
    "accent5": "bad",
    "accent6": "muted",
    "hlink": "data",
    "folHlink": "muted",
}
"""Colours of a PowerPoint theme by roles in ours."""

# What PowerPoint itself writes for Start: Automatically; ECMA-376 Part 1, 19.5.
TIMING = """\
<p:timing xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:tnLst><p:par>
<p:cTn id="1" dur="indefinite" restart="never" nodeType="tmRoot"><p:childTnLst>
<p:seq concurrent="1" nextAc="seek"><p:cTn id="2" dur="indefinite" nodeType="mainSeq"><p:childTnLst>
<p:par><p:cTn id="3" fill="hold"><p:stCondLst><p:cond delay="indefinite"/>
<p:cond evt="onBegin" delay="0"><p:tn val="2"/></p:cond></p:stCondLst><p:childTnLst>
<p:par><p:cTn id="4" fill="hold"><p:stCondLst><p:cond delay="0"/></p:stCondLst><p:childTnLst>
<p:par><p:cTn id="5" presetID="1" presetClass="mediacall" presetSubtype="0" fill="hold"
 nodeType="afterEffect"><p:stCondLst><p:cond delay="0"/></p:stCondLst><p:childTnLst>
<p:cmd type="call" cmd="playFrom(0.0)"><p:cBhvr><p:cTn id="6" dur="{milliseconds}" fill="hold"/>
<p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl></p:cBhvr></p:cmd>
</p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par>
</p:childTnLst></p:cTn>
<p:prevCondLst><p:cond evt="onPrev" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond>
</p:prevCondLst>
<p:nextCondLst><p:cond evt="onNext" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond>
</p:nextCondLst>
</p:seq>
<p:video><p:cMediaNode vol="80000"><p:cTn id="7" fill="hold" display="0"><p:stCondLst>
<p:cond delay="indefinite"/></p:stCondLst></p:cTn><p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl>
</p:cMediaNode></p:video></p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>"""


class PowerPoint(DeckWriter):
    """A ``.pptx`` of 16:9, or of the size and design of a template."""

    def check(self, output: Output, look: Look) -> None:
        """Refuse a template that is none."""
        super().check(output, look)
        if look.template is not None:
            _opened(look.template)

    def write(self, deck: Deck, place: Path, output: Output) -> None:
        """Write it."""
        template = deck.look.template
        file = _wide(deck.theme) if template is None else _opened(template)
        first = file.slides.add_slide(_layout(file, TITLE_LAYOUT))
        _fill(first, 0, deck.title)
        _fill(first, 1, deck.subtitle)
        first.notes_slide.notes_text_frame.text = deck.notes
        for one in deck.slides:
            self._add(file, one, autoplay=deck.look.autoplay)
        file.core_properties.title = deck.title
        with place.open("wb") as stream:
            file.save(stream)

    @staticmethod
    def _add(file: Any, one: Slide, *, autoplay: bool) -> None:
        slide = file.slides.add_slide(_layout(file, CLIP_LAYOUT))
        _fill(slide, 0, one.title)
        left, top, width, height = _box(file, slide, one.size)
        if one.clip.suffix == ".gif":
            shape = slide.shapes.add_picture(str(one.clip), left, top, width, height)
        else:
            about = {"poster_frame_image": str(one.poster), "mime_type": "video/mp4"}
            shape = slide.shapes.add_movie(str(one.clip), left, top, width, height, **about)
            if autoplay:
                _start_by_itself(slide, shape.shape_id, one.seconds)
        shape.name = one.clip.name
        # what a screen reader says of it
        shape._element.nvPicPr.cNvPr.set("descr", f"{one.title}. {one.notes}")  # noqa: SLF001
        slide.notes_slide.notes_text_frame.text = one.notes


def _opened(template: str) -> Any:
    """A user's file without its slides: its design is what is wanted."""
    try:
        file = Presentation(template)
    except (PackageNotFoundError, ValueError, KeyError, OSError) as error:
        raise UsageError(
            f"template {template}: expected a PowerPoint file (.pptx): {error}"
        ) from None
    listed = file.slides._sldIdLst  # noqa: SLF001
    for slide in list(listed):
        file.part.drop_rel(slide.rId)
        listed.remove(slide)
    return file


def _wide(theme: Theme) -> Any:
    """PowerPoint's own design, made wide, in the colours of a theme."""
    file = Presentation()
    ratio = WIDE[0] / file.slide_width
    file.slide_width, file.slide_height = WIDE
    for page in (file.slide_master, *file.slide_layouts):
        for shape in page.placeholders:
            if shape._element.spPr.xfrm is not None:  # noqa: SLF001 - else it is the master's
                shape.left, shape.width = (
                    Emu(int(shape.left * ratio)),
                    Emu(int(shape.width * ratio)),
                )
    title = _layout(file, CLIP_LAYOUT).placeholders[0]
    title.left, title.width = Emu(int(MARGIN * WIDE[0])), Emu(int((1 - 2 * MARGIN) * WIDE[0]))
    title.top, title.height = (Emu(int(part * WIDE[1])) for part in (TITLE_TOP, TITLE_HEIGHT))
    usual = file.slide_master._element.find(".//{*}titleStyle/{*}lvl1pPr/{*}defRPr")  # noqa: SLF001
    usual.set("sz", str(TITLE_SIZE))
    part = file.slide_master.part.part_related_by(RELATION.THEME)
    part._blob = _recolored(part.blob.decode(), theme).encode()  # noqa: SLF001
    return file


def _recolored(xml: str, theme: Theme) -> str:
    for name, role in COLORS.items():
        color = f'<a:{name}><a:srgbClr val="{theme.roles[role][1:].upper()}"/></a:{name}>'
        xml = re.sub(rf"<a:{name}>.*?</a:{name}>", color, xml, flags=re.DOTALL)
    return xml


def _layout(file: Any, usual: int) -> Any:
    """A layout by its place in PowerPoint's own design, which most others follow."""
    layouts = file.slide_layouts
    return layouts[usual if usual < len(layouts) else len(layouts) - 1]


def _fill(slide: Any, index: int, text: str) -> None:
    """Write into a placeholder, if the layout has it; an empty one is removed."""
    for shape in slide.placeholders:
        if shape.placeholder_format.idx == index:
            if text:
                shape.text_frame.text = text
            else:
                shape._element.getparent().remove(shape._element)  # noqa: SLF001


def _box(file: Any, slide: Any, size: tuple[int, int]) -> Iterator[Emu]:
    """Where a clip of some pixels is: as large as may be below the title, in the middle."""
    wide, tall = file.slide_width, file.slide_height
    title = slide.shapes.title
    top = int(TITLE_HEIGHT * tall) if title is None else int(title.top + title.height)
    room = wide * (1 - 2 * MARGIN), tall - top - wide * MARGIN
    scale = min(room[0] / size[0], room[1] / size[1])
    width, height = (side * scale for side in size)
    return (Emu(int(v)) for v in ((wide - width) / 2, top + (room[1] - height) / 2, width, height))


def _start_by_itself(slide: Any, shape: int, seconds: float) -> None:
    page = slide._element  # noqa: SLF001
    for timing in page.findall("{*}timing"):
        page.remove(timing)
    page.append(parse_xml(TIMING.format(shape=shape, milliseconds=round(1000 * seconds))))
