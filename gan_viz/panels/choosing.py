"""From names, classes and texts like ``density(kde)`` to panels of a recording."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias, cast

from gan_viz.errors import RecordingError, UnknownNameError, UsageError
from gan_viz.panels.base import Panel, missing, panel_name
from gan_viz.panels.parameters import typed
from gan_viz.recording import Recording
from gan_viz.registry import PANEL_ALIASES, PANELS

PanelChoice: TypeAlias = str | type[Panel] | Panel
LOSSES = "d_loss", "g_loss"
"""Without these all scalars are shown in their place."""
DEFAULT_PANELS = ("density", "process", "score", "grid", "points", "signals", "losses(strip=yes)")
"""All of these that a recording has something for are shown, unless others are asked for."""
LAST_PANELS = ("outputs", "scores", "walk", "coverage", "quality")
"""Those that are shown where it has something for none of the usual ones."""

Header: TypeAlias = Mapping[str, Any]
COMMA = re.compile(r",(?![^(]*\))")
"""A comma that no parentheses enclose."""
CHOICE = re.compile(r"\s*([\w-]+)\s*(?:\(([^()]*)\)\s*)?")
EXAMPLE = "like density(kde), losses"


def make_panels(
    choices: PanelChoice | Iterable[PanelChoice], header: Header | None = None
) -> list[Panel]:
    """Describe panels; UsageError if a panel, a parameter or a value is unknown, or there are none.

    `choices` are names in `gan_viz.registry.PANELS` or `gan_viz.registry.PANEL_ALIASES`, with
    parameters in parentheses if there are any, like ``"density(kde, xlim=-5:5)"``, and commas
    between them; classes; or panels, which are taken as they are. The ``look`` in the `header` of
    the recording that is to be drawn gives the parameters that a text or a class leaves open.
    """
    panels: list[Panel] = []
    single = isinstance(choices, str | Panel) or not isinstance(choices, Iterable)
    each: Iterable[Any] = [choices] if single else cast(Iterable[Any], choices)
    for choice in each:
        if isinstance(choice, Panel):
            panels.append(choice)
        elif isinstance(choice, str):
            parsed = (_parsed(text) for text in COMMA.split(choice) if text.strip())
            panels += [kind(**_asked(kind, header) | given) for kind, given in parsed]
        elif isinstance(choice, type) and issubclass(choice, Panel):
            panels.append(choice(**_asked(choice, header)))
        else:
            raise UsageError(f"panel {choice!r:.60}: expected a name, {EXAMPLE}, or a Panel")
    if not panels:
        raise UsageError(f"no panels: expected at least one of {', '.join(PANELS)}")
    return panels


def usual_panels(recording: Recording) -> list[Panel]:
    """The panels that a recording's header asks for, or else those it has something for."""
    asked = _look(recording.header).get("panels")
    for choices in (asked if isinstance(asked, list) else [], DEFAULT_PANELS, LAST_PANELS):
        possible: list[Panel] = []
        for choice in choices:
            with suppress(UsageError):  # whoever wrote the recording may have written anything
                possible += make_panels([choice], recording.header)
        possible = [panel for panel in possible if not panel.lacking(recording)]
        if choices is DEFAULT_PANELS and missing(recording, LOSSES):
            possible += [one for one in make_panels("scalars") if not one.lacking(recording)]
        if possible:
            return possible
    raise RecordingError(
        f"{recording.path}: none of the panels {', '.join(DEFAULT_PANELS)} finds what it needs"
    )


def with_options(
    panels: Iterable[Panel],
    density: str | None = None,
    arrows: str | None = None,
    show: Iterable[str] = (),
) -> list[Panel]:
    """Give all panels that have them some parameters; None leaves one as it is.

    `show` names parameters that are switched on. Raises UsageError if no panel draws the arrows, or
    has something to show of that name.
    """
    panels = list(panels)
    if arrows is not None and not any("arrows" in panel.parameters() for panel in panels):
        names = ", ".join(panel_name(type(panel)) for panel in panels)
        raise UsageError(
            f"arrows {arrows!r}: the panel density draws them, but the panels are {names}; "
            "leave out the option, or choose that panel"
        )
    switches = {name for panel in panels for name in panel.switches()}
    for name in show:
        if name not in switches:
            raise UnknownNameError("thing to show", name, sorted(switches))
    options: dict[str, Any] = {"density": density, "arrows": arrows} | dict.fromkeys(show, True)
    given = {name: value for name, value in options.items() if value is not None}
    own = [{k: v for k, v in given.items() if k in panel.parameters()} for panel in panels]
    return [replace(panel, **known) for panel, known in zip(panels, own, strict=True)]


def _look(header: Header | None) -> Header:
    look = (header or {}).get("look")
    return look if isinstance(look, Mapping) else {}


def _asked(kind: type[Panel], header: Header | None) -> dict[str, Any]:
    """Parameters that a header asks for; it may be a stranger's, so what is wrong is ignored."""
    look, found = _look(header), {}
    for entry, parameter in kind.from_header.items():
        with suppress(UsageError):
            if entry in look:
                kind(**{parameter: look[entry]})
                found[parameter] = look[entry]
    return found


def _parsed(text: str) -> tuple[type[Panel], dict[str, Any]]:
    """The panel that a text names, and the parameters it gives."""
    match = CHOICE.fullmatch(text)
    if match is None:
        raise UsageError(f"panels {text.strip()!r}: expected names and parameters, {EXAMPLE}")
    name, arguments = match.groups()
    if name in PANEL_ALIASES:
        kind, given = _parsed(PANEL_ALIASES[name])
    elif name in PANELS:
        kind, given = PANELS[name], {}
    else:
        raise UnknownNameError("panel", name, [*PANELS, *PANEL_ALIASES])
    return kind, given | _arguments(kind, arguments or "")


def _arguments(kind: type[Panel], text: str) -> dict[str, Any]:
    """Read ``kde, dstar=no``: values without a name belong to the parameters in their order."""
    names, given = kind.parameters(), {}
    for number, argument in enumerate(one for one in text.split(",") if one.strip()):
        name, equals, value = (part.strip() for part in argument.partition("="))
        if not names:
            raise UsageError(
                f"panel {panel_name(kind)}: it has no parameters, but {name!r} is given"
            )
        if not equals:
            name, value = names[min(number, len(names) - 1)], name
        if name not in names:
            raise UnknownNameError(f"parameter of the panel {panel_name(kind)}", name, names)
        if name in given:
            raise UsageError(f"panel {panel_name(kind)}: {name} is given twice")
        given[name] = typed(value)
    return given
