"""The toy's options ``--race`` and ``--seeds``: runs side by side, or in figures."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz import console
from gan_viz.errors import OutputError, UsageError

if TYPE_CHECKING:
    from gan_viz.distributions import Distribution

__all__ = ["run_race"]

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
    out: str | None,
    record: str | None,
    look: Mapping[str, Any],
    quiet: bool,
) -> None:
    """Train once for each objective and seed; draw all runs as small multiples, or sum them up.

    `race` and `seeds` are what was typed, lists with commas, or None; `given` are options of
    `gan_viz.race`, and `look` fields of `gan_viz.Look`. A name in .csv asks for statistics.

    Raises
    ------
    UsageError
        A value cannot be used.
    """
    from gan_viz import api

    options = dict(given)
    for several, single in ((race, "objective"), (seeds, "seed")):
        if several is not None and single in options:
            raise UsageError(f"--{single} {options[single]} beside {several}: expected one of them")
    objective, seed = options.pop("objective", "non-saturating"), options.pop("seed", 0)
    objectives = [objective] if race is None else console.words(race) or []
    numbers = console.seeds(seeds) if seeds is not None else [seed]
    out = out or ("race.csv" if len(numbers) > MANY else "race.gif")
    table = out.lower().endswith(".csv")
    if table:
        options = {"every": COARSE, **options}
        _check_table(out)
    how = api.Look(**look)
    if not table:
        api.check_output(out, how)
    with _folder(record) as folder, console.progress_bar(quiet) as progress:
        runs = api.race(
            data, objectives, numbers, folder, jobs=how.jobs, progress=progress, **options
        )
        if not table:
            console.report(api.compare([*runs.values()], out, how, progress=progress), quiet)
            return
        rows = api.race_statistics(runs.values())
    console.print_statistics(rows)
    console.say(f"{api.write_race_statistics(rows, out)}: a row for each objective", quiet)


def _check_table(out: str) -> None:
    """Refuse a table that cannot be written, before any work is done for it."""
    path = Path(out)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise OutputError(f"{out} cannot be written: expected a file in a folder that is there")


@contextmanager
def _folder(record: str | None) -> Iterator[Path]:
    """Where the recordings go: as asked, or for the time being."""
    if record is not None:
        yield Path(record)
        return
    with tempfile.TemporaryDirectory(prefix="gan_viz-") as folder:
        yield Path(folder)
