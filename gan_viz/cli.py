"""The ``gan-viz`` commands: what can be done with a recording."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from gan_viz import console
from gan_viz.command_options import LOOK, Out, one_of, with_options
from gan_viz.dirac_command import dirac, landscape
from gan_viz.errors import GanVizError
from gan_viz.registry import EXPORTS
from gan_viz.sweep_commands import atlas, sweep
from gan_viz.terminal import plain
from gan_viz.texts import words
from gan_viz.watch_command import watch

if TYPE_CHECKING:
    from gan_viz.recording import Recording

app = console.new_app("See how a GAN learns: draw and inspect recordings of its training.")

Run = Annotated[str, Argument(metavar="RUN.ganviz", help="The recording.")]


@app.command()
@with_options(look=LOOK)
def render(
    run: Run,
    *,
    out: Out = "anim.gif",
    preset: Annotated[
        str | None,
        Option(
            help="Files to write under the name of --out: slides (GIF, MP4 and poster), readme "
            "(GIF under 1 MB) or paper (PDF and PNG); other options override it.",
        ),
    ] = None,
    look: dict[str, Any],
    quiet: console.Quiet = False,
) -> None:
    """Draw a recording; nothing is trained again."""
    from gan_viz import api

    looks = {out: api.Look(**look)} if preset is None else api.preset(preset, out, look)
    if preset is not None:  # all of its files, before the first is drawn
        for place, chosen in looks.items():
            api.check_output(place, chosen)
        api.keep_apart(looks, [run])
    with console.progress_bar(quiet) as progress:
        for place, chosen in looks.items():
            console.report(api.render(run, place, chosen, progress=progress), quiet)


@app.command()
@with_options(look=LOOK)
def compare(
    runs: Annotated[
        list[str], Argument(metavar="RUN.ganviz", help="The recordings, in reading order.")
    ],
    *,
    out: Out = "compare.gif",
    titles: Annotated[
        str | None,
        Option(help='One title for each, like "without,with".', show_default="what differs"),
    ] = None,
    look: dict[str, Any],
    quiet: console.Quiet = False,
) -> None:
    """Draw recordings side by side, on the same scales and one clock, aligned by step."""
    from gan_viz import api

    how, named = api.Look(**look), None if titles is None else words(titles)
    with console.progress_bar(quiet) as progress:
        console.report(api.compare(runs, out, how, titles=named, progress=progress), quiet)


@app.command()
def info(
    run: Run,
    as_json: Annotated[
        bool, Option("--json", help="Print the header and all names as JSON.")
    ] = False,
    whole: Annotated[
        str | None,
        Option(
            help="Write a copy as one file, NEW.ganviz, also of a recording that was cut off.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print what is inside a recording."""
    from gan_viz import Recording  # loads NumPy

    with Recording(run) as recording:
        if whole is not None:
            console.say(f"{recording.save(whole)}: a whole copy", quiet=False)
        if as_json:
            print(_json(_contents(recording)))
        else:
            _print(recording)


@app.command()
def metrics(
    run: Run,
    *,
    out: Annotated[
        str, Option(help="The table: .csv, or .parquet if pandas and pyarrow are installed.")
    ] = "metrics.csv",
    quiet: console.Quiet = False,
) -> None:
    """Write how near p_g is to p_data at each frame, or the --quality of pictures, as a table."""
    from gan_viz import api

    console.say(f"{api.write_metrics(run, out)}: a row for each frame", quiet)


@app.command()
def export(
    run: Run,
    *,
    to: Annotated[str, Option(help=f"The format: {one_of(EXPORTS)}.")],
    out: Annotated[
        str | None,
        Option(help="A file, or a new folder.", show_default="named after the recording"),
    ] = None,
    quiet: console.Quiet = False,
) -> None:
    """Write a recording for other tools: tables, arrays, TensorBoard, W&B, LaTeX."""
    from gan_viz import exports

    console.say(f"{exports.export(run, to, out)}: written", quiet)


for _command in (dirac, landscape, watch, sweep, atlas):
    app.command()(_command)


def _contents(recording: Recording) -> dict[str, Any]:
    found, remark = _verdicts(recording)
    return {
        "path": str(recording.path),
        "complete": recording.complete,
        "newer": None if recording.newer is None else str(recording.newer),
        **({"split": recording.split} if recording.split else {}),
        "frames": len(recording),
        "steps": [int(recording.steps[0]), int(recording.steps[-1])] if len(recording) else [],
        "channels": {
            name: {**c.attributes, "dtype": c.dtype, "shape": list(c.shape)}
            for name, c in recording.channels.items()
        },
        "constants": list(recording.constants),
        "scalars": dict(recording.scalar_counts),
        "verdicts": found,
        **({"remark": remark} if remark else {}),
        "header": dict(recording.header),
    }


def _verdicts(recording: Recording) -> tuple[list[dict[str, Any]], str]:
    """The verdicts, and why there are none where nothing can be measured."""
    from gan_viz import Recording, api

    try:
        api.check_shown(recording)
        with Recording(recording.path) as source:
            source.limit()  # not all is to be read
            found = api.verdicts(source)
    except GanVizError as error:
        return [], str(error)
    return [{"kind": v.kind, "step": v.step, "text": v.text, "good": v.good} for v in found], ""


def _print(recording: Recording) -> None:
    from rich.table import Table

    table = Table(title=plain(str(recording.path)), title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, text in _lines(_contents(recording)):
        table.add_row(plain(name), "\n".join(map(plain, text.split("\n"))))
    console.print_table(table)


def _json(contents: Mapping[str, Any]) -> str:
    """Write JSON for people and programs: what cannot be seen is escaped."""
    text = json.dumps(contents, indent=2, ensure_ascii=False)
    lines = (line if line.isprintable() else _escaped(line) for line in text.split("\n"))
    return "\n".join(lines)


def _escaped(line: str) -> str:
    return "".join(c if plain(c) == c else json.dumps(c)[1:-1] for c in line)


def _lines(contents: Mapping[str, Any]) -> list[tuple[str, str]]:
    state = "complete" if contents["complete"] else "not finished (or still being written)"
    if "split" in contents:
        state += f"; {contents['split']}"
        state += " with --whole NEW.ganviz" if state.endswith("one file of them") else ""
    lines = [("state", state), ("frames", str(contents["frames"]))]
    if contents["newer"]:
        lines.append(("newer, unfinished", contents["newer"]))
    if contents["steps"]:
        lines.append(("steps", "{} to {}".format(*contents["steps"])))
    lines += [("verdict", verdict["text"]) for verdict in contents["verdicts"]]
    lines += [("remark", contents["remark"])] if "remark" in contents else []
    for name, channel in contents["channels"].items():
        shape = " x ".join(map(str, channel["shape"])) or "one number"
        lines.append((f"channel {name}", f"{channel['dtype']}, {shape} a frame"))
    lines += [(f"scalar {name}", f"{n} steps") for name, n in contents["scalars"].items()]
    lines += [("constant", name) for name in contents["constants"]]
    return lines + [(name, _short(value)) for name, value in contents["header"].items()]


def _short(value: Any) -> str:
    """One header entry as a line or a few."""
    if isinstance(value, Mapping):
        return "\n".join(f"{k}: {_clip(v)}" for k, v in value.items())
    return _clip(value)


def _clip(value: Any, most: int = 300) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[:most]}..."


def main() -> None:
    """Run the command line."""
    console.run(app)
