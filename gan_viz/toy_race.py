"""The toy's options ``--race`` and ``--seeds``: runs side by side, or in figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz import console
from gan_viz.encoders.publish import check_file
from gan_viz.errors import UsageError
from gan_viz.texts import seeds as seeds_of
from gan_viz.texts import words

if TYPE_CHECKING:
    from gan_viz.distributions import Distribution

MANY = 6
"""Seeds above which a race goes to a table, unless something else is asked for."""
COARSE = 50
"""Steps between the frames that a table is made from."""


def run_race(
    data: Distribution | None,
    race: str | None,
    seeds: str | None,
    given: Mapping[str, Any],
    *,
    read: str | None,
    out: str | None,
    record: str | None,
    look: Mapping[str, Any],
    quiet: bool,
) -> None:
    """Train once for each objective and seed; draw all runs as small multiples, or sum them up.

    `race` and `seeds` are what was typed, lists with commas, or None; `given` are options of
    `gan_viz.race`, and `look` fields of `gan_viz.Look`. A name in .csv asks for statistics. `read`
    is what `data` may have been read from.
    """
    from gan_viz import api

    options = dict(given)
    for several, single in ((race, "objective"), (seeds, "seed")):
        if several is not None and single in options:
            raise UsageError(f"--{single} {options[single]} beside {several}: expected one of them")
    objective, seed = options.pop("objective", "non-saturating"), options.pop("seed", 0)
    objectives = [objective] if race is None else words(race)
    numbers = seeds_of("--seeds", seeds) if seeds is not None else [seed]
    out = out or ("race.csv" if len(numbers) > MANY else "race.gif")
    table, how = out.lower().endswith(".csv"), api.Look(**look)
    if table:
        options = {"every": COARSE, **options}
        check_file(Path(out))
    else:
        api.check_output(out, how)
    api.keep_apart([out, None if record is None else Path(record)], [read])
    with console.recordings_folder(record, out) as folder, console.progress_bar(quiet) as progress:
        runs = api.race(
            data, objectives, numbers, folder, jobs=how.jobs, progress=progress, **options
        )
        if not table:
            console.report(api.compare([*runs.values()], out, how, progress=progress), quiet)
            return
        rows = api.race_statistics(runs.values())
        written = api.write_race_statistics(rows, out)
    console.print_statistics(rows)
    console.say(f"{written}: a row for each objective", quiet)
