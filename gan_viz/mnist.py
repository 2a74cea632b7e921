"""``python -m gan_viz.mnist``: train, record and render a GAN of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from gan_viz import console
from gan_viz.api.options import MODEL
from gan_viz.api.output import known_options
from gan_viz.command_options import LOOK, SHARED, OptionRow, Out, one_of, with_options
from gan_viz.errors import UsageError
from gan_viz.registry import DATASETS, MODELS
from gan_viz.watcher_process import watch_beside

if TYPE_CHECKING:
    from gan_viz.api import Look
    from gan_viz.api.images import ImageRun

app = console.new_app(
    "Train a GAN on handwritten digits or other small pictures, record it, and draw its samples."
)


THE_MODELS = "the model's"
TRAINING: Mapping[str, OptionRow] = {
    **{name: SHARED[name]._replace(default=THE_MODELS) for name in ("objective", "latent")},
    "r1": SHARED["r1"],
    "steps": OptionRow(int, "Updates of G.", f"{THE_MODELS}: 1000 to 5000"),
    "epochs": OptionRow(float, "Passes of D over all the data, instead of --steps."),
    "seed": OptionRow(int, "Random seed of weights, order of the data and latents.", 0),
    **{
        name: SHARED[name]._replace(default=THE_MODELS)
        for name in ("batch", "d_steps", "g_lr", "d_lr")
    },
    "ema": OptionRow(
        float,
        "Decay a step of the moving average of G that is drawn, like 0.99.",
        THE_MODELS,
        names=("--ema", "--average"),
    ),
    "device": OptionRow(str, "cpu or cuda.", "cuda where there is one"),
    "precision": OptionRow(
        str,
        "float32, or bf16: products in 16 bits, faster if the processor has them.",
        "float32",
    ),
    "data_dir": OptionRow(
        str, "Folder with the files of the data set.", "GAN_VIZ_DATA, or downloaded"
    ),
}


@app.command()
@with_options(given=TRAINING, look=LOOK)
def mnist(
    *,
    out: Out = "samples.gif",
    model: Annotated[str, Option(help=f"{one_of(MODELS)}.")] = MODEL,
    dataset: Annotated[
        str, Option(help=f"{one_of(DATASETS)}; digits is scikit-learn's, without a download.")
    ] = "mnist",
    every: Annotated[
        int | None, Option(help="Steps between frames.", show_default="about 120 frames")
    ] = None,
    record: Annotated[
        str | None, Option(help="Keep the recording as NAME.ganviz.", show_default="not kept")
    ] = None,
    coverage: Annotated[
        bool,
        Option(help="Count the classes of the samples with a classifier that is trained once."),
    ] = True,
    quality: Annotated[
        bool,
        Option(
            "--quality",
            help="Measure Fréchet distance, precision, recall and others on the classifier's "
            "features, in 2 % of the time; the panel quality and gan-viz metrics show them.",
        ),
    ] = False,
    checkpoint: Annotated[
        str | None,
        Option(
            help="Save the state of the training as NAME.safetensors once a minute, for --resume.",
            show_default="not kept",
        ),
    ] = None,
    resume: Annotated[
        bool,
        Option("--resume", help="Continue from --checkpoint, with the recording of --record."),
    ] = False,
    neighbours: Annotated[
        str | None,
        Option(
            help="Also draw samples above the nearest training pictures, in a file like near.png, "
            "and measure whether G has memorized them."
        ),
    ] = None,
    save_every_epoch: Annotated[
        str | None, Option(help="Folder in which to save a picture of samples after each epoch.")
    ] = None,
    walk: Annotated[
        str | None, Option(help="Also draw a walk through the latents of the trained G: walk.gif.")
    ] = None,
    summary: Annotated[
        bool, Option("--summary", help="Print layers, shapes and parameters; train nothing.")
    ] = False,
    live: Annotated[bool, Option("--live", help="Follow the training in the browser.")] = False,
    given: dict[str, Any],
    look: dict[str, Any],
    quiet: console.Quiet = False,
) -> None:
    """Train a GAN on small pictures, record it, and draw how its samples become real."""
    from gan_viz import api

    if summary:
        _summarize(model)
        return
    how = api.Look(**look)
    path = api.check_output(out, how).path
    for picture in filter(None, (walk, neighbours)):
        api.check_output(picture, _walk_look(how, picture))
    if resume and (checkpoint is None or record is None):
        raise UsageError("--resume continues from --checkpoint with --record: expected both")
    if checkpoint is not None:
        from gan_viz.api.checkpoints import check_checkpoint

        check_checkpoint(checkpoint)
    sheets = _sheets(save_every_epoch, out, walk, neighbours)
    api.keep_apart([out, record, checkpoint, walk, neighbours, *sheets])
    with (
        console.recording_path(record, path) as place,
        console.progress_bar(quiet) as progress,
    ):
        run = api.build_images(model, dataset, progress=progress, **given)
        for note in run.data.notes:
            console.say(f"note: {note}", quiet)
        if live:
            watch_beside(place)
        failure = console.train_tolerantly(
            lambda: api.record_images(
                run,
                place,
                every=every,
                coverage=coverage,
                quality=quality,
                checkpoint=checkpoint,
                resume=resume,
                epochs_to=save_every_epoch,
                warn=lambda text: console.say(f"warning: {text}", quiet),
                progress=progress,
            ),
            place,
        )
        drawn = api.render(console.recorded_at(place), path, how, progress=progress)
        console.report(drawn, quiet)
        if walk is not None:
            _draw_walk(run, walk, how, quiet)
        if neighbours is not None:
            _draw_neighbours(run, neighbours, how, quiet)
    if failure is not None:
        raise failure


def _sheets(folder: str | None, *outs: str | None) -> list[Path]:
    """Those pictures of epochs in a folder that other pictures might be in the way of."""
    if folder is None:
        return []
    from gan_viz.api.epochs import NAMES  # loads torch

    names = [Path(out).name for out in outs if out is not None]
    return [Path(folder, name) for name in {*NAMES.findall("\n".join(names)), "real_samples.png"}]


def _walk_look(look: Look, out: str) -> Look:
    """A walk is a grid that goes round and round; a format without `max_bytes` gets none."""
    budget = known_options(Path(out).suffix.lower(), {"max_bytes": look.max_bytes}).get("max_bytes")
    if look.size is not None:  # a walk is twice as wide as high
        width, height = look.size
        look = replace(look, size=(width, min(height, 9 * width // 16)))
    look = replace(look, pause=(), slow=(), boomerang=False)  # its steps are not the training's
    return replace(look, panels=["grid"], hold=0.0, pace="recorded", max_bytes=budget)


def _draw_walk(run: ImageRun, out: str, look: Look, quiet: bool) -> None:
    """Draw a walk through the latents of what was trained."""
    from gan_viz import api

    model = run.model
    with console.recording_path(None, Path(out)) as place:
        api.record_walk(
            run.training.game.g_ema,
            place,
            run.latent,
            model.latent_shape,
            classes=model.classes,
            title=f"{run.header['title']} · a walk through z",
        )
        console.report(api.render(place, out, _walk_look(look, out)), quiet)


def _draw_neighbours(run: ImageRun, out: str, look: Look, quiet: bool) -> None:
    """Draw samples above the nearest training pictures, and say how near they are."""
    from gan_viz import api
    from gan_viz.api.quality import held_out, record_neighbours

    test = held_out(run.data, run.data_dir)
    with console.recording_path(None, Path(out)) as place:
        told = record_neighbours(
            run.training.game.g_ema,
            place,
            run.latent,
            run.model.latent_shape,
            run.data,
            test,
            classes=run.model.classes,
            title=f"{run.header['title']} · samples above their nearest training pictures",
        )
        # a strip has one row of them, and tells a step
        how = replace(_walk_look(look, out), poster=True)
        console.report(api.render(place, out, how), quiet)
    console.say(str(told), quiet)


def _summarize(name: str) -> None:
    """Print the layers of a model."""
    import torch
    from rich.table import Table

    from gan_viz.models.summary import summary

    model = MODELS[name]
    generator, discriminator = model.build(torch.Generator().manual_seed(0))
    labels = (torch.zeros(2, dtype=torch.long),) if model.conditional else ()
    inputs = {
        "G": (generator, torch.zeros(2, *model.latent_shape)),
        "D": (discriminator, torch.zeros(2, 1, 28, 28)),
    }
    print(f"{name}: {model.source}")
    for player, (network, example) in inputs.items():
        table = Table("layer", "output", "parameters", title=player, title_justify="left")
        rows = summary(network, example, *labels)
        for layer, shape, parameters in rows:
            table.add_row(layer, " x ".join(["n", *map(str, shape[1:])]), f"{parameters:,}")
        table.add_section()
        table.add_row("total", "", f"{sum(p.numel() for p in network.parameters()):,}")
        console.print_table(table)


def main() -> None:
    """Run the command."""
    console.run(app)


if __name__ == "__main__":
    console.as_process(main)
