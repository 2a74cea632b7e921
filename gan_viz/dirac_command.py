"""The commands ``gan-viz dirac`` and ``gan-viz landscape``: the smallest GANs, played."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from typer import Option

from gan_viz import console
from gan_viz.api.output import make_folder
from gan_viz.command_options import LOOK, OptionRow, Out, with_options
from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.texts import words

GAME: Mapping[str, OptionRow] = {
    "strength": OptionRow(
        float,
        "Strength of the method: the weight of a penalty, the standard deviation of instance "
        "noise, the bound of clipping, or the ratio of D's learning rate to G's.",
        "the method's own",
    ),
    "update": OptionRow(
        str, "Order of steps: simultaneous, or alternating, G first.", "simultaneous"
    ),
    "rule": OptionRow(
        str, "Kind of steps: plain, optimistic or extra-gradient.", "the method's own"
    ),
    "lr": OptionRow(float, "Learning rate of G and D.", 0.2),
    "steps": OptionRow(int, "Steps; each is a frame.", 500),
    "start": OptionRow(str, "Start of θ and ψ.", "1,1"),
    "g_steps": OptionRow(int, "Moves of G in an alternating step.", 1),
    "d_steps": OptionRow(int, "Moves of D in an alternating step.", 1),
}


@with_options(given=GAME, look=LOOK)
def dirac(
    *,
    method: Annotated[
        str,
        Option(
            help="One method, or several, with commas, drawn side by side: minimax, "
            "non-saturating, wasserstein, clipping, wgan-gp, instance-noise, r1, r2, consensus, "
            "relativistic, two-time-scales, optimistic, extra-gradient."
        ),
    ] = "non-saturating",
    out: Out = "dirac.gif",
    record: Annotated[
        str | None,
        Option(
            help="Keep the recording as NAME.ganviz; for several methods, a folder of recordings.",
            show_default="not kept",
        ),
    ] = None,
    given: dict[str, Any],
    look: dict[str, Any],
    quiet: console.Quiet = False,
) -> None:
    """Play the Dirac-GAN, whose two weights show why GANs circle, and draw it."""
    from gan_viz import api
    from gan_viz.analysis.dirac import METHODS

    def play(name: str, place: Path) -> None:
        api.record_dirac(place, name, **given)
        console.say(_told(name, place), quiet)

    methods = _names("method", method, METHODS, "r1,consensus")
    _draw_each(methods, play, out, record, look, quiet)


@with_options(look=LOOK)
def landscape(
    *,
    loss: Annotated[
        str,
        Option(
            help="One loss, or several, with commas, drawn side by side: separable, fixed-pairs, "
            "all-pairs."
        ),
    ] = "separable,fixed-pairs,all-pairs",
    out: Out = "landscape.gif",
    record: Annotated[
        str | None,
        Option(
            help="Keep the recording as NAME.ganviz; for several losses, a folder of recordings.",
            show_default="not kept",
        ),
    ] = None,
    look: dict[str, Any],
    quiet: console.Quiet = False,
) -> None:
    """Draw whether a G that makes two points can leave a collapse onto one, under the best D."""
    from gan_viz import api
    from gan_viz.analysis.landscape import LOSSES

    def compute(name: str, place: Path) -> None:
        api.record_landscape(place, name)

    losses = _names("loss", loss, LOSSES, "separable,fixed-pairs")
    titles = [LOSSES[name] for name in losses]
    title = {"title": "Can G leave a collapse?"} if len(losses) > 1 else {}
    _draw_each(losses, compute, out, record, {**title, **look}, quiet, titles)


def _names(what: str, given: str, known: Mapping[str, Any], like: str) -> list[str]:
    names = words(given)
    if not names or len(set(names)) < len(names):
        raise UsageError(f"--{what} {given!r}: expected names, each once, like {like}")
    for name in names:
        if name not in known:
            raise UnknownNameError(what, name, known)
    return names


def _draw_each(
    names: Sequence[str],
    make: Callable[[str, Path], None],
    out: str,
    record: str | None,
    look: Mapping[str, Any],
    quiet: bool,
    titles: Sequence[str] | None = None,
) -> None:
    """Record each of some names, and draw one alone, or all side by side."""
    from gan_viz import api

    how = api.Look(**look)
    api.check_output(out, how)
    api.keep_apart([out, None if record is None else Path(record)], [])
    with console.recordings_folder(record, out) as folder, console.progress_bar(quiet) as progress:
        kept = _places(names, folder, record)
        for name, place in zip(names, kept, strict=True):
            make(name, place)
        drawn = (
            api.render(kept[0], out, how, progress=progress)
            if len(kept) == 1
            else api.compare(kept, out, how, titles=titles, progress=progress)
        )
        console.report(drawn, quiet)


def _places(methods: Sequence[str], folder: Path, record: str | None) -> list[Path]:
    """Where each method is recorded."""
    if record is not None and len(methods) == 1:
        return [Path(record)]
    where = make_folder(folder)
    return [where / f"{name}.ganviz" for name in methods]


def _told(name: str, place: Path) -> str:
    """What the eigenvalues say, and how it went."""
    from gan_viz.analysis.spectrum import spectrum_in_words
    from gan_viz.recording import Recording

    with Recording(place) as recording:
        radius, header = recording.scalars["radius"].values, recording.header
        rest = "its field jumps at ψ = 0, where the game would be at rest"
        if header["growth"] is not None:
            parts = recording.constants["eigenvalues_at_rest"]
            turns = spectrum_in_words(parts[:, 0] + 1j * parts[:, 1])
            rest = (
                f"at rest it {turns}; a step multiplies small distances by {header['growth']:.4f}"
            )
        ended = len(radius) - 1
        early = "" if ended == header["settings"]["steps"] else ": the weights ran away"
        went = f"radius {radius[0]:.3g}, then {radius[-1]:.3g} at step {ended:,}{early}"
        return f"{name}: {rest}; {went}"
