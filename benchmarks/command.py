"""The whole command, from the shell to the file, against the usual script that does the same work.

``python benchmarks/command.py`` runs both in turn, as processes, and prints seconds, ratios and
peaks of memory; then where the time of our command goes, by stage.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from results import INSTALLED, table, write

STEPS = 3000
FRAMES = 198
SAME = ["--steps", str(STEPS), "--hidden", "16,16", "--stabilizers", "none", "--pace", "recorded"]
"""The game of the usual script; the defaults play a longer one, of wider networks."""
HERE = Path(__file__).parent
TOLD = """
import json, sys, time
began = [time.time()]
from gan_viz import api, console, toy1d
from gan_viz.api.drawing import Animation
began.append(time.time())

def noting(function, before=False):
    def noted(*given, **options):
        if before and len(began) == 3:
            began.append(time.time())
        made = function(*given, **options)
        if not before:
            began.append(time.time())
        return made
    return noted

api.train, api.render = noting(api.train), noting(api.render)
Animation.write = noting(Animation.write, before=True)

def told():
    toy1d.main()
    print(json.dumps(began), flush=True)

console.as_process(told)
"""
"""Runs the command, and prints when its stages began."""
STAGES = "start of Python", "imports", "training", "setting up the picture", "drawing", "exit"


def run(words: list[str], folder: str) -> tuple[float, float, str]:
    """Seconds, peak of memory in MB, and what was printed."""
    started = time.perf_counter()
    command, environment = [sys.executable, *words], {**os.environ, **INSTALLED}
    pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=pipe, stderr=quiet, text=True
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} failed")
    return time.perf_counter() - started, usage.ru_maxrss / 1000, printed


def stages(folder: str) -> list[float]:
    """Seconds of each stage."""
    started = time.time()
    _, _, printed = run(["-c", TOLD, "--out", "d.gif", *SAME], folder)
    moments = [started, *json.loads(printed.splitlines()[-1]), time.time()]
    return [after - before for before, after in pairwise(moments)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    commands = {
        "usual script": [str(HERE / "plain_script.py"), "a.gif", str(STEPS), str(FRAMES)],
        "gan_viz.toy1d, the same game": ["-m", "gan_viz.toy1d", "--out", "b.gif", *SAME],
        "gan_viz.toy1d, its defaults": ["-m", "gan_viz.toy1d", "--out", "c.gif"],
    }
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(arguments.rounds):
            for name, words in commands.items():
                runs[name].append(run(words, folder)[:2])
            parts.append(stages(folder))
        sizes = [(Path(folder) / name).stat().st_size for name in ("a.gif", "b.gif", "c.gif")]
    median = {
        name: [statistics.median(values) for values in zip(*all_, strict=True)]
        for name, all_ in runs.items()
    }
    usual = median["usual script"][0]
    rows = [
        [name, f"{took:.1f}", f"{usual / took:.1f}", f"{peak:.0f}", f"{size / 1e6:.2f}"]
        for (name, (took, peak)), size in zip(median.items(), sizes, strict=True)
    ]
    head = ["from the shell to the GIF", "s", "times as fast", "peak MB", "MB of GIF"]
    tables = {f"The whole command, {STEPS} steps, {FRAMES} frames": table(head, rows)}
    spent = [f"{statistics.median(values):.2f}" for values in zip(*parts, strict=True)]
    tables["Where the time of the command goes"] = table(
        ["stage, of the same game", "s"], [list(row) for row in zip(STAGES, spent, strict=True)]
    )
    print("\n\n".join(tables.values()))
    if arguments.write:
        write(tables)


if __name__ == "__main__":
    main()
