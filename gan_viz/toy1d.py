"""``python -m gan_viz.toy1d``: train, record and render the toy 1-D GAN."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from gan_viz import console
from gan_viz.errors import TrainingError, UsageError

if TYPE_CHECKING:
    from gan_viz.api import Progress

__all__ = ["app", "main"]

app = console.new_app("Train a toy 1-D GAN, record it, and draw how p_g approaches p_data.")


@app.command()
def toy1d(
    out: console.Out = "anim.gif",
    data: Annotated[
        str,
        Option(
            help="gaussian, bimodal, trimodal, uniform, skewed, heavy-tailed; a scipy.stats "
            'expression like "0.3*norm(-1.5, 0.5) + 0.7*norm(1.5, 0.5)"; or a .csv, .txt or .npy.'
        ),
    ] = "gaussian",
    column: Annotated[str | None, Option(help="Column of the data file, by name or index.")] = None,
    objective: Annotated[str, Option(help="non-saturating or minimax.")] = "non-saturating",
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
    size: console.Size = None,
    fps: console.Fps = None,
    duration: console.Duration = None,
    hold: console.Hold = None,
    pace: console.Pace = None,
    theme: console.ThemeName = None,
    panels: console.Panels = None,
    loop: console.Loop = None,
    opaque: console.Opaque = None,
    max_size: console.MaxSize = None,
    scale: console.Scale = None,
    at: console.At = None,
    columns: console.Columns = None,
    poster: console.Poster = None,
    jobs: console.Jobs = None,
    quiet: console.Quiet = False,
) -> None:
    """Train a toy 1-D GAN, record it, and draw how p_g approaches p_data."""
    from gan_viz.api import STABILIZERS, Look, check_output, render

    look = Look(
        **console.look_fields(
            size,
            panels,
            max_size,
            at,
            fps=fps,
            duration=duration,
            hold=hold,
            pace=pace,
            theme=theme,
            loop=loop,
            opaque=opaque,
            scale=scale,
            columns=columns,
            poster=poster,
            jobs=jobs,
        )
    )
    path = check_output(out, look)
    chosen = {"all": list(STABILIZERS), "none": []}.get(stabilizers, console.words(stabilizers))
    options: dict[str, Any] = {
        "objective": objective,
        "steps": steps,
        "seed": seed,
        "stabilizers": chosen,
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
    with _recording(record, path) as place, console.progress_bar(quiet) as progress:
        failure = _train(data, column, place, options, quiet, progress)
        console.report(render(place, path, look, progress=progress), quiet)
    if failure is not None:
        raise failure


def _two(values: list[float], text: str) -> tuple[float, float]:
    if len(values) != 2:
        raise UsageError(f"--betas {text!r}: expected two numbers, like 0,0.9")
    return values[0], values[1]


@contextmanager
def _recording(record: str | None, out: Path) -> Iterator[Path]:
    """Where to record: as asked, or for the time being; kept all the same if drawing fails."""
    if record is not None:
        yield Path(record)
        return
    with tempfile.TemporaryDirectory(prefix="gan_viz-") as folder:
        place = Path(folder) / "run.ganviz"
        try:
            yield place
        except BaseException:
            rescued = out.with_suffix(".ganviz")
            if place.exists() and not rescued.exists():
                shutil.copyfile(place, rescued)
                console.say(f"the recording is kept: {rescued}", quiet=False)
            raise


def _train(
    data: str,
    column: str | None,
    place: Path,
    options: dict[str, Any],
    quiet: bool,
    progress: Progress,
) -> TrainingError | None:
    """Train; what was recorded before an interruption or a failure is drawn nevertheless."""
    from gan_viz.api import STABILIZERS, train
    from gan_viz.distributions import target

    on = [text for name, text in STABILIZERS.items() if name in options["stabilizers"]]
    console.say(f"stabilizers: {'; '.join(on) or 'none, the bare game'}", quiet)
    try:
        train(target(data, column), place, progress=progress, **options)
    except KeyboardInterrupt:
        console.say("training stopped; drawing what was recorded", quiet=False)
    except TrainingError as error:
        console.say("training failed; drawing what was recorded", quiet=False)
        return error
    return None


def main() -> None:
    """Run the command."""
    console.run(app)


if __name__ == "__main__":
    main()
