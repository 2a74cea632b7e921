"""The commands ``gan-viz sweep`` and ``gan-viz atlas``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from typer import Argument, Option

from gan_viz import console
from gan_viz.command_options import LOOK, with_options
from gan_viz.errors import UsageError
from gan_viz.texts import words

Results = Annotated[str, Argument(metavar="SWEEP.db", help="Results of a sweep.")]


def sweep(
    *,
    grid: Annotated[
        str,
        Option(
            help='Settings and their values, like "objective=non-saturating,lsgan; '
            'g_lr=log(1e-4,1e-2,20); d_steps=1,2,5; seed=0-49".',
        ),
    ],
    out: Annotated[str, Option(help="The file of the results.")] = "sweep.db",
    data: Annotated[
        str | None, Option(help="Data of all runs, as for toy1d.", show_default="gaussian")
    ] = None,
    steps: Annotated[
        int | None, Option(help="Training steps of each run.", show_default="8000")
    ] = None,
    random: Annotated[
        int | None, Option(help="Draw this many combinations at random.", show_default="run all")
    ] = None,
    latin: Annotated[
        int | None, Option(help="Draw this many as a Latin hypercube.", show_default="run all")
    ] = None,
    sample_seed: Annotated[int, Option(help="Random seed of --random and --latin.")] = 0,
    resume: Annotated[
        bool, Option("--resume", help="Continue the sweep in --out, if there is one.")
    ] = False,
    jobs: Annotated[
        int | None, Option(help="Tasks at a time.", show_default="one for each processor")
    ] = None,
    backend: Annotated[
        str | None, Option(help="What runs the tasks: loky, dask or ray.", show_default="loky")
    ] = None,
    address: Annotated[
        str | None,
        Option(help="Address of the Dask or Ray scheduler.", show_default="a local cluster"),
    ] = None,
    table: Annotated[
        str | None, Option(help="Also write a .csv or .parquet table, a row for each run.")
    ] = None,
    record: Annotated[
        str | None,
        Option(help="Train runs again and record them: ID:FILE.ganviz,...", metavar="TEXT"),
    ] = None,
    quiet: console.Quiet = False,
) -> None:
    """Train a toy GAN for each of many settings, and sum up each run."""
    from gan_viz import sweeps

    if random is not None and latin is not None:
        raise UsageError("--random and --latin exclude one another: expected one of them")
    recorded = _recorded(words(record or ""))
    sample = "random" if random is not None else "latin" if latin is not None else None
    number = latin if random is None else random
    try:
        with console.progress_bar(quiet) as progress:
            results = sweeps.sweep(
                grid, out, sample=sample, number=number, sample_seed=sample_seed,
                resume=resume, jobs=jobs, backend=backend, address=address, progress=progress,
                record=recorded, table=table, data=data, steps=steps,
            )  # fmt: skip
    except KeyboardInterrupt:
        console.say(f"note: {out} keeps the finished runs; --resume continues the sweep", quiet)
        raise
    counts = ", ".join(f"{number:,} {status}" for status, number in results.counts.items())
    console.say(f"{out}: {counts}", quiet)
    if "failed" in results.counts:
        first = next(row for row in results.rows() if row["status"] == "failed")
        console.say(f"note: run {first['id']} could not be made: {first['note']}", quiet)
    if table is not None:
        console.say(f"{table}: a row for each run", quiet)
    for number, place in recorded.items():
        console.say(f"{place}: run {number}", quiet)


@with_options(look=LOOK)
def atlas(
    results: Results,
    *,
    out: Annotated[
        str,
        Option(help="A still (.png, .svg, .pdf), or an animation of W1 over the steps (.gif ...)."),
    ] = "atlas.png",
    x: Annotated[
        str | None, Option(help="Setting along x.", show_default="the one with most values")
    ] = None,
    y: Annotated[str | None, Option(help="Setting along y.", show_default="the next one")] = None,
    by: Annotated[
        str | None,
        Option(help="Setting that gets a map for each value.", show_default="the next one"),
    ] = None,
    value: Annotated[
        str,
        Option(help="What to draw: w1, w1_best, tv, js, covered, diverged or verdict:KIND."),
    ] = "w1",
    curves: Annotated[
        bool, Option("--curves", help="Draw W1 over the steps for each value of --by, with bands.")
    ] = False,
    look: dict[str, Any],
    quiet: console.Quiet = False,
) -> None:
    """Draw a sweep: heat maps over two settings, or curves with bands over the runs."""
    from gan_viz import api, sweeps

    how = api.Look(**look)
    if curves:
        if x or y or value != "w1":
            raise UsageError("--curves beside --x, --y or --value: expected --by alone")
        console.report(sweeps.sweep_curves(results, out, by, look=how), quiet)
    else:
        console.report(sweeps.atlas(results, out, x, y, by=by, value=value, look=how), quiet)


def _recorded(texts: Sequence[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for text in texts:
        number, colon, place = text.partition(":")
        if not (re.fullmatch("[0-9]{1,9}", number) and colon and place):
            raise UsageError(f"--record {text!r}: expected ID:FILE.ganviz, like 17:best.ganviz")
        if int(number) in found:
            raise UsageError(f"--record: run {number} is given twice; expected one name for it")
        found[int(number)] = place
    return found
