"""``python -m gan_viz.toy1d``: train, record and render the toy 1-D GAN."""

from __future__ import annotations

from typing import Annotated, Any

from typer import Option

from gan_viz import console
from gan_viz.errors import UsageError
from gan_viz.look_options import Out, with_look

__all__ = ["app", "main"]

app = console.new_app("Train a toy 1-D GAN, record it, and draw how p_g approaches p_data.")


@app.command()
@with_look
def toy1d(
    *,
    out: Out = "anim.gif",
    data: Annotated[
        str,
        Option(
            help="gaussian, bimodal, trimodal, uniform, skewed, heavy-tailed; a scipy.stats "
            'expression like "0.3*norm(-1.5, 0.5) + 0.7*norm(1.5, 0.5)"; or a .csv, .txt or .npy.'
        ),
    ] = "gaussian",
    column: Annotated[str | None, Option(help="Column of the data file, by name or index.")] = None,
    objective: Annotated[
        str, Option(help="non-saturating, minimax, lsgan, hinge, wgan or wgan-gp.")
    ] = "non-saturating",
    r1: Annotated[float, Option(help="Weight of the penalty R1 on D.", show_default="none")] = 0.0,
    steps: Annotated[int, Option(help="Updates of G.")] = 3000,
    seed: Annotated[int, Option(help="Of weights, data and latents.")] = 0,
    stabilizers: Annotated[
        str,
        Option(help="all, none (the bare game), or some of standardize,two-rates,average,decay."),
    ] = "all",
    latent: Annotated[str, Option(help="normal or uniform.")] = "normal",
    latent_dim: Annotated[int, Option(help="Features of z.")] = 1,
    hidden: Annotated[str, Option(help="Widths of the hidden layers.")] = "16,16",
    g_activation: Annotated[
        str, Option(help="elu, leaky_relu, relu, silu, softplus or tanh.")
    ] = "tanh",
    d_activation: Annotated[str, Option(help="Likewise, of D.")] = "leaky_relu",
    batch: Annotated[int, Option(help="Samples in a batch.")] = 256,
    d_steps: Annotated[int, Option(help="Updates of D for each of G.")] = 1,
    g_rate: Annotated[
        float | None, Option(help="Learning rate of G.", show_default="by stabilizers")
    ] = None,
    d_rate: Annotated[
        float | None, Option(help="Learning rate of D.", show_default="by stabilizers")
    ] = None,
    betas: Annotated[
        str | None, Option(help="Adam's betas, like 0,0.9.", show_default="by stabilizers")
    ] = None,
    every: Annotated[
        int | None, Option(help="Steps between frames.", show_default="about 200 frames")
    ] = None,
    record: Annotated[
        str | None, Option(help="Keep the recording, NAME.ganviz.", show_default="not kept")
    ] = None,
    look: dict[str, Any],
    quiet: console.Quiet = False,
) -> None:
    """Train a toy 1-D GAN, record it, and draw how p_g approaches p_data."""
    from gan_viz import api
    from gan_viz.distributions import target

    how = api.Look(**look)
    path = api.check_output(out, how)
    learnt = target(data, column)
    all_or_none = {"all": list(api.STABILIZERS), "none": []}
    on = all_or_none.get(stabilizers, console.words(stabilizers) or [])
    options: dict[str, Any] = {
        "objective": objective,
        "r1": r1,
        "steps": steps,
        "seed": seed,
        "stabilizers": on,
        "latent": latent,
        "latent_dim": latent_dim,
        "hidden": console.number_list("--hidden", hidden, int),
        "activations": (g_activation, d_activation),
        "batch": batch,
        "d_steps": d_steps,
        "g_rate": g_rate,
        "d_rate": d_rate,
        "betas": betas and _two(console.number_list("--betas", betas, float), betas),
        "every": every,
    }
    active = [text for name, text in api.STABILIZERS.items() if name in on]
    console.say(f"stabilizers: {'; '.join(active) or 'none, the bare game'}", quiet)
    with console.recording_place(record, path) as place, console.progress_bar(quiet) as progress:
        failure = console.train_or_stop(
            lambda: api.train(learnt, place, progress=progress, **options)
        )
        console.report(api.render(place, path, how, progress=progress), quiet)
    if failure is not None:
        raise failure


def _two(values: list[float], text: str) -> tuple[float, float]:
    if len(values) != 2:
        raise UsageError(f"--betas {text!r}: expected two numbers, like 0,0.9")
    return values[0], values[1]


def main() -> None:
    """Run the command."""
    console.run(app)


if __name__ == "__main__":
    main()
