"""The command ``gan-viz dirac``."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Option

from gan_viz import console
from gan_viz.api.output import make_folder
from gan_viz.command_options import LOOK, OptionRow, Out, two_numbers, with_options
from gan_viz.errors import UsageError

__all__ = ["add_to"]

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
    "start": OptionRow(str, "Start of θ and ψ.", "1,1", parse=two_numbers),
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

    how, methods = api.Look(**look), console.words(method) or []
    if not methods or len(set(methods)) < len(methods):
        raise UsageError(f"--method {method!r}: expected names, each once, like r1,consensus")
    api.check_output(out, how)
    api.keep_apart([out, None if record is None else Path(record)], [])
    temporary = tempfile.TemporaryDirectory(prefix="gan_viz-") if record is None else nullcontext()
    with temporary as folder, console.progress_bar(quiet) as progress:
        kept = [*_places(methods, folder, record)]
        for name, place in zip(methods, kept, strict=True):
            api.record_dirac(place, name, **given)
            console.say(_told(name, place), quiet)
        draw = api.render if len(kept) == 1 else api.compare
        source: Any = kept[0] if len(kept) == 1 else kept
        console.report(draw(source, out, how, progress=progress), quiet)


def _places(methods: Sequence[str], folder: str | None, record: str | None) -> list[Path]:
    """Where each method is recorded."""
    if record is not None and len(methods) == 1:
        return [Path(record)]
    where = make_folder(folder or record or "")
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
            words = spectrum_in_words(parts[:, 0] + 1j * parts[:, 1])
            rest = (
                f"at rest it {words}; a step multiplies small distances by {header['growth']:.4f}"
            )
        ended = len(radius) - 1
        early = "" if ended == header["settings"]["steps"] else ": the weights ran away"
        went = f"radius {radius[0]:.3g}, then {radius[-1]:.3g} at step {ended:,}{early}"
        return f"{name}: {rest}; {went}"


def add_to(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command()(dirac)
