"""``python -m gan_viz.toy1d``: train, record and render the toy 1-D GAN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from gan_viz import console
from gan_viz.api.options import PresetOptions
from gan_viz.api.stabilizers import STABILIZERS, optimization, stabilizer_names, told
from gan_viz.command_options import (
    LOOK,
    OUT,
    SHARED,
    OptionRow,
    one_of,
    with_options,
)
from gan_viz.errors import UsageError
from gan_viz.registry import ACTIVATIONS, CLASSICS, OPTIMIZERS, PROCESSES
from gan_viz.texts import words
from gan_viz.toy_race import run_race
from gan_viz.watcher_process import watch_beside

if TYPE_CHECKING:
    from gan_viz.distributions import Distribution

app = console.new_app("Train a toy 1-D GAN, record it, and draw how p_g approaches p_data.")

GAME = "Game"
NETWORKS = "Networks and training"
BY_STABILIZERS = "by stabilizers"


# Defaults that are numbers or names are those of `gan_viz.train`: a test compares them.
TRAINING: Mapping[str, OptionRow] = {
    "objective": SHARED["objective"]._replace(
        text=f"{SHARED['objective'].text} Here wgan-gp has the penalty 0.1 and wgan clips at 0.3 "
        "(papers: 10 and 0.01, for pictures), because in one dimension D's slope must pass 0 to "
        "change sign, and narrow layers clipped at 0.01 are almost flat.",
        default="non-saturating",
    ),
    "steps": OptionRow(int, "Training steps.", 8000),
    "seed": OptionRow(int, "Random seed of weights, data and latents.", 0),
    "every": SHARED["every"]._replace(default="about 200 frames"),
    "r1": SHARED["r1"]._replace(panel=GAME),
    "latent": SHARED["latent"]._replace(default="normal", panel=GAME),
    "latent_dim": OptionRow(int, "Dimensions of z.", 1, GAME),
    "stabilizers": OptionRow(
        str,
        f"What makes the training stable: all, none (the bare game), or some of "
        f"{','.join(STABILIZERS)}.",
        "all",
        NETWORKS,
    ),
    "start": OptionRow(
        float,
        "Where G starts, in standard deviations of the data from its mean.",
        "-3; without standardize where its weights put it",
        GAME,
    ),
    "hidden": OptionRow(
        str,
        "Widths of the hidden layers.",
        "32,32",
        NETWORKS,
    ),
    "g_activation": OptionRow(str, f"Activation of G: {one_of(ACTIVATIONS)}.", "tanh", NETWORKS),
    "d_activation": OptionRow(
        str, "Activation of D, likewise.", "tanh; leaky_relu without resolution", NETWORKS
    ),
    "batch": SHARED["batch"]._replace(default=256, panel=NETWORKS),
    "d_steps": SHARED["d_steps"]._replace(default=1, panel=NETWORKS),
    "g_steps": OptionRow(int, "Updates of G in a step.", 1, NETWORKS),
    "g_lr": SHARED["g_lr"]._replace(default=BY_STABILIZERS, panel=NETWORKS),
    "d_lr": SHARED["d_lr"]._replace(default=BY_STABILIZERS, panel=NETWORKS),
    "betas": OptionRow(str, "Adam's betas, like 0,0.9.", BY_STABILIZERS, NETWORKS),
    "optimizer": OptionRow(
        str,
        f"{one_of(OPTIMIZERS)}; sgd takes the first of --betas as its momentum.",
        "adam",
        NETWORKS,
    ),
}


@app.command()
@with_options(given=TRAINING, look=LOOK)
def toy1d(
    *,
    out: Annotated[
        str | None,
        Option(
            help=f"{OUT} For a race also .csv: statistics.",
            show_default="anim.gif, race.gif, race.csv",
        ),
    ] = None,
    data: Annotated[
        str | None,
        Option(
            help="What G learns: gaussian, bimodal, trimodal, uniform, skewed or heavy-tailed; a "
            'scipy.stats expression like "0.3*norm(-1.5, 0.5) + 0.7*norm(1.5, 0.5)"; or a .csv, '
            ".txt or .npy file.",
            show_default="gaussian",
        ),
    ] = None,
    column: Annotated[
        str | None, Option(help="Column of the data file, by name or by number from 0.")
    ] = None,
    preset: Annotated[
        str | None,
        Option(
            help="A well-known demonstration with its author's settings: "
            f"{one_of(CLASSICS)}; other options override them.",
            show_default="none",
        ),
    ] = None,
    race: Annotated[
        str | None,
        Option(
            help="Objectives to train side by side from the same starts, like "
            f"non-saturating,minimax,wgan-gp; beside them {one_of(PROCESSES)}, without a game.",
            show_default="none",
        ),
    ] = None,
    seeds: Annotated[
        str | None, Option(help="Seeds of a race, like 0,1,2 or 0-63.", show_default="--seed")
    ] = None,
    model: Annotated[
        str,
        Option(
            help=f"gan, or, without a game, {one_of(PROCESSES)}: one network, by default with two "
            "hidden layers of 64, which turns noise into data. --latent, --hidden, "
            "--g-activation, --steps, --batch, --g-lr, --betas, --optimizer and --seed apply to it."
        ),
    ] = "gan",
    sampling_steps: Annotated[
        int | None,
        Option(
            help="Steps that a diffusion model or a flow takes from noise to a sample.",
            show_default="18; 72 with --reverse",
        ),
    ] = None,
    reverse: Annotated[
        bool,
        Option(
            "--reverse",
            help="Show how a trained diffusion model or flow turns noise into data, step by step.",
        ),
    ] = False,
    phases: Annotated[
        bool, Option("--phases", help="Show the turns of D and of G one after the other, slowly.")
    ] = False,
    jacobian: Annotated[
        bool,
        Option(
            "--jacobian",
            help="Show the eigenvalues of the game's Jacobian, which say whether it turns. The "
            "networks have --hidden 8,8 then, and may have 600 weights together.",
        ),
    ] = False,
    record: Annotated[
        str | None,
        Option(
            help="Keep the recording as NAME.ganviz; for a race, a folder of recordings.",
            show_default="not kept",
        ),
    ] = None,
    live: Annotated[bool, Option("--live", help="Follow the training in the browser.")] = False,
    given: dict[str, Any],
    look: dict[str, Any],
    quiet: console.Quiet = False,
) -> None:
    """Train a toy 1-D GAN, record it, and draw how p_g approaches p_data."""
    activations = given.pop("g_activation", None), given.pop("d_activation", None)
    if any(activations):
        given["activations"] = activations
    if live and (race or seeds):
        raise UsageError("--live beside --race or --seeds: expected one training to follow")
    game = {"--preset": preset, "--race": race or seeds, "--phases": phases or None}
    for option, value in (
        ("--model", None if model == "gan" else model),
        ("--reverse", reverse or None),
        ("--sampling-steps", sampling_steps),
        ("--jacobian", jacobian or None),
    ):
        _check_modes({**game, option: value})
    _check_drawable(look, model, words(race or ""), given.get("latent_dim", 1))
    learnt = _target(data, column, preset)
    for note in _notes(learnt) if learnt is not None else ():
        console.say(f"note: {note}", quiet)
    ways: dict[str, Any] = {"record": record, "look": look, "quiet": quiet}
    if race is not None or seeds is not None:
        run_race(learnt, race, seeds, given, read=data, out=out, **ways)
    else:
        mode: dict[str, Any] = {"model": model, "reverse": reverse, "phases": phases}
        mode |= {"sampling_steps": sampling_steps, "jacobian": jacobian}
        _run(learnt, preset, mode, given, read=data, out=out or "anim.gif", live=live, **ways)


def _notes(learnt: Distribution) -> list[str]:
    """What is worth knowing of the data, and what no G of the usual size makes of it."""
    from gan_viz.analysis.bound import limits_of

    return [*learnt.notes, *limits_of(learnt)]


def _run(
    learnt: Distribution | None,
    preset: str | None,
    mode: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    read: str | None,
    out: str,
    live: bool,
    record: str | None,
    look: Mapping[str, Any],
    quiet: bool,
) -> None:
    """Train once, and draw it."""
    from gan_viz import api

    phases = mode["phases"]
    if preset is not None:
        _check_overrides(given)
    how = api.Look(**{**({"fps": api.PHASES_FPS} if phases else {}), **look})
    path = api.check_output(out, how).path
    api.keep_apart([out, record], [read])
    if mode["model"] == "gan":
        console.say(_told(preset, {**api.PHASES, **given} if phases else given), quiet)
    with console.recording_path(record, path) as place, console.progress_bar(quiet) as progress:
        if live:
            watch_beside(place)

        def train() -> None:
            if preset is None:
                api.train(learnt, place, progress=progress, **mode, **given)
            else:
                api.train_classic(preset, place, progress=progress, data=learnt, **given)

        failure = console.train_tolerantly(train, place)
        drawn = api.render(console.recorded_at(place), path, how, progress=progress)
        console.report(drawn, quiet)
    if failure is not None:
        raise failure


def _told(preset: str | None, given: Mapping[str, Any]) -> str:
    """What is said before the training."""
    if preset is not None:
        return f"preset {preset}: {CLASSICS[preset].about}"
    from gan_viz.training.settings import Settings

    on = stabilizer_names(given.get("stabilizers", STABILIZERS))
    chosen = {field.name: given[field.name] for field in fields(Settings) if field.name in given}
    return told(on, Settings(**{**optimization(on), **chosen}))


def _check_modes(modes: Mapping[str, Any]) -> None:
    asked = [option for option, value in modes.items() if value is not None]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} exclude one another: expected one of them")


def _check_drawable(
    look: Mapping[str, Any], model: str, race: Sequence[str], latent_dim: int
) -> None:
    """Refuse, before anything is trained, to draw what will not be recorded."""
    arrows, show = look.get("arrows"), words(look.get("show", ""))
    for name in (model, *race):
        if name in PROCESSES and arrows == "gradient":
            raise UsageError(f"--arrows gradient: {name} has no D whose gradient moves samples")
    if model in PROCESSES and "dstar" in show:
        raise UsageError(f"--show dstar: {model} has no D to compare with the optimal one")
    for option, asked in (("--arrows", arrows), ("--show", "bound" if "bound" in show else None)):
        if latent_dim > 1 and asked not in (None, "none"):
            raise UsageError(
                f"{option} {asked} beside --latent-dim {latent_dim}: expected z of one dimension"
            )


def _check_overrides(given: Mapping[str, Any]) -> None:
    known = {"steps", "seed", "every", *PresetOptions.__annotations__}
    for name in given.keys() - known:
        option = name.replace("_", "-")
        raise UsageError(f"--{option} cannot be used with --preset: expected one of the two")


def _target(data: str | None, column: str | None, preset: str | None) -> Distribution | None:
    """What is learnt; None for what a preset learns."""
    from gan_viz.distributions import target

    if preset is not None and data is None and column is None:
        return None
    return target(data or "gaussian", column)


def main() -> None:
    """Run the command."""
    console.run(app)


if __name__ == "__main__":
    console.as_process(main)
