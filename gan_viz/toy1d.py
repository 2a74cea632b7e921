"""``python -m gan_viz.toy1d``: train, record and render the toy 1-D GAN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from gan_viz import console
from gan_viz.errors import UsageError
from gan_viz.look_options import OUT, with_look
from gan_viz.toy_race import run_race

if TYPE_CHECKING:
    from gan_viz.distributions import Distribution

__all__ = ["app", "main"]

app = console.new_app("Train a toy 1-D GAN, record it, and draw how p_g approaches p_data.")

GAME = "Game"
TRAINING = "Networks and training"
BY_STABILIZERS = "by stabilizers"


@app.command()
@with_look
def toy1d(
    *,
    out: Annotated[
        str | None,
        Option(help=f"{OUT} Of a race also a .csv.", show_default="anim.gif, race.gif, race.csv"),
    ] = None,
    data: Annotated[
        str | None,
        Option(
            help="gaussian, bimodal, trimodal, uniform, skewed, heavy-tailed; a scipy.stats "
            'expression like "0.3*norm(-1.5, 0.5) + 0.7*norm(1.5, 0.5)"; or a .csv, .txt or .npy.',
            show_default="gaussian",
        ),
    ] = None,
    column: Annotated[str | None, Option(help="Column of the data file, by name or index.")] = None,
    objective: Annotated[
        str | None,
        Option(
            help="non-saturating, minimax, lsgan, hinge, wgan or wgan-gp.",
            show_default="non-saturating",
        ),
    ] = None,
    preset: Annotated[
        str | None,
        Option(
            help="A well-known demonstration as its author has it: radford, jang, aylien or "
            "kremerj; other options override it.",
            show_default="none",
        ),
    ] = None,
    race: Annotated[
        str | None,
        Option(
            help="Objectives to be trained side by side from the same start, like "
            "non-saturating,minimax,wgan-gp; a .csv of --out gets statistics instead of pictures.",
            show_default="none",
        ),
    ] = None,
    seeds: Annotated[
        str | None, Option(help="Of a race: like 0,1,2 or 0-63.", show_default="--seed")
    ] = None,
    phases: Annotated[
        bool, Option("--phases", help="Show the turns of D and of G one after the other, slowly.")
    ] = False,
    steps: Annotated[int | None, Option(help="Rounds of the game.", show_default="3000")] = None,
    seed: Annotated[
        int | None, Option(help="Of weights, data and latents.", show_default="0")
    ] = None,
    every: Annotated[
        int | None, Option(help="Steps between frames.", show_default="about 200 frames")
    ] = None,
    record: Annotated[
        str | None,
        Option(
            help="Keep the recording, NAME.ganviz; of a race, a folder of them.",
            show_default="not kept",
        ),
    ] = None,
    r1: Annotated[
        float | None,
        Option(help="Weight of the penalty R1 on D.", show_default="none", rich_help_panel=GAME),
    ] = None,
    latent: Annotated[
        str | None,
        Option(help="normal or uniform.", show_default="normal", rich_help_panel=GAME),
    ] = None,
    latent_dim: Annotated[
        int | None, Option(help="Features of z.", show_default="1", rich_help_panel=GAME)
    ] = None,
    stabilizers: Annotated[
        str | None,
        Option(
            help="all, none (the bare game), or some of standardize,two-rates,ema,decay.",
            show_default="all",
            rich_help_panel=TRAINING,
        ),
    ] = None,
    hidden: Annotated[
        str | None,
        Option(help="Widths of the hidden layers.", show_default="16,16", rich_help_panel=TRAINING),
    ] = None,
    g_activation: Annotated[
        str | None,
        Option(
            help="elu, leaky_relu, relu, silu, softplus or tanh.",
            show_default="tanh",
            rich_help_panel=TRAINING,
        ),
    ] = None,
    d_activation: Annotated[
        str | None,
        Option(help="Likewise, of D.", show_default="leaky_relu", rich_help_panel=TRAINING),
    ] = None,
    batch: Annotated[
        int | None,
        Option(help="Samples in a batch.", show_default="256", rich_help_panel=TRAINING),
    ] = None,
    d_steps: Annotated[
        int | None,
        Option(help="Updates of D in a step.", show_default="1", rich_help_panel=TRAINING),
    ] = None,
    g_steps: Annotated[
        int | None,
        Option(help="Updates of G in a step.", show_default="1", rich_help_panel=TRAINING),
    ] = None,
    g_lr: Annotated[
        float | None,
        Option(
            "--g-lr",
            "--g-rate",
            help="Learning rate of G.",
            show_default=BY_STABILIZERS,
            rich_help_panel=TRAINING,
        ),
    ] = None,
    d_lr: Annotated[
        float | None,
        Option(
            "--d-lr",
            "--d-rate",
            help="Learning rate of D.",
            show_default=BY_STABILIZERS,
            rich_help_panel=TRAINING,
        ),
    ] = None,
    betas: Annotated[
        str | None,
        Option(
            help="Adam's betas, like 0,0.9.", show_default=BY_STABILIZERS, rich_help_panel=TRAINING
        ),
    ] = None,
    optimizer: Annotated[
        str | None,
        Option(
            help="adam, rmsprop, or sgd with the first of the betas as momentum.",
            show_default="adam",
            rich_help_panel=TRAINING,
        ),
    ] = None,
    look: dict[str, Any],
    quiet: console.Quiet = False,
) -> None:
    """Train a toy 1-D GAN, record it, and draw how p_g approaches p_data."""
    options = {
        "objective": objective,
        "r1": r1,
        "steps": steps,
        "seed": seed,
        "stabilizers": _stabilizers(stabilizers),
        "latent": latent,
        "latent_dim": latent_dim,
        "hidden": hidden and console.number_list("--hidden", hidden, int),
        "activations": (g_activation, d_activation),
        "batch": batch,
        "d_steps": d_steps,
        "g_steps": g_steps,
        "g_lr": g_lr,
        "d_lr": d_lr,
        "betas": betas and _two(console.number_list("--betas", betas, float), betas),
        "optimizer": optimizer,
        "every": every,
    }
    given = {name: value for name, value in options.items() if value is not None}
    _check_modes({"--preset": preset, "--race": race or seeds, "--phases": phases or None})
    learnt = _target(data, column, preset)
    if race is not None or seeds is not None:
        run_race(learnt, race, seeds, given, out=out, record=record, look=look, quiet=quiet)
    else:
        mode = {"preset": preset, "phases": phases}
        _run(learnt, mode, given, out=out or "anim.gif", record=record, look=look, quiet=quiet)


def _run(
    learnt: Distribution | None,
    mode: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    out: str,
    record: str | None,
    look: Mapping[str, Any],
    quiet: bool,
) -> None:
    """Train once, and draw it."""
    from gan_viz import api

    preset, phases = mode["preset"], mode["phases"]
    how = api.Look(**{**({"fps": api.PHASES_FPS} if phases else {}), **look})
    path = api.check_output(out, how)
    console.say(_told(preset, {**api.PHASES, **given} if phases else given), quiet)
    with console.recording_place(record, path) as place, console.progress_bar(quiet) as progress:

        def train() -> None:
            if preset is None:
                api.train(learnt, place, phases=phases, progress=progress, **given)
            else:
                api.train_classic(preset, place, progress=progress, data=learnt, **given)

        failure = console.train_or_stop(train)
        console.report(api.render(place, path, how, progress=progress), quiet)
    if failure is not None:
        raise failure


def _told(preset: str | None, given: Mapping[str, Any]) -> str:
    """What is said before the training."""
    from gan_viz.api import STABILIZERS

    if preset is not None:
        from gan_viz.registry import CLASSICS

        return f"preset {preset}: {CLASSICS[preset].source}"
    on = given.get("stabilizers", STABILIZERS)
    active = [text for name, text in STABILIZERS.items() if name in on]
    return f"stabilizers: {'; '.join(active) or 'none, the bare game'}"


def _check_modes(modes: Mapping[str, Any]) -> None:
    asked = [option for option, value in modes.items() if value is not None]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} cannot be had together: expected one of them")


def _target(data: str | None, column: str | None, preset: str | None) -> Distribution | None:
    """What is learnt; None for what a preset learns."""
    from gan_viz.distributions import target

    if preset is not None and data is None and column is None:
        return None
    return target(data or "gaussian", column)


def _stabilizers(text: str | None) -> list[str] | None:
    from gan_viz.api import STABILIZERS

    all_or_none = {"all": list(STABILIZERS), "none": []}
    return console.words(text) if text not in all_or_none else all_or_none[text]


def _two(values: list[float], text: str) -> tuple[float, float]:
    if len(values) != 2:
        raise UsageError(f"--betas {text!r}: expected two numbers, like 0,0.9")
    return values[0], values[1]


def main() -> None:
    """Run the command."""
    console.run(app)


if __name__ == "__main__":
    main()
