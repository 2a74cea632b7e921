"""The whole command, from the shell to the file, against the usual script that does the same work.

``python benchmarks/command.py`` runs both in turn, as processes, and prints the ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import INSTALLED, table, write

STEPS = 3000
FRAMES = 198
SAME = ["--steps", str(STEPS), "--hidden", "16,16", "--stabilizers", "none", "--pace", "recorded"]
"""The game of the usual script; the defaults play a longer one, of wider networks."""
HERE = Path(__file__).parent


def seconds(words: list[str], folder: str) -> float:
    started = time.perf_counter()
    environment = {**os.environ, **INSTALLED}
    quiet = subprocess.DEVNULL
    subprocess.run([sys.executable, *words], cwd=folder, env=environment, check=True, stderr=quiet)
    return time.perf_counter() - started


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
    times: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(arguments.rounds):
            for name, words in commands.items():
                times[name].append(seconds(words, folder))
        sizes = [(Path(folder) / name).stat().st_size for name in ("a.gif", "b.gif", "c.gif")]
    median = {name: statistics.median(values) for name, values in times.items()}
    rows = [
        [name, f"{value:.1f}", f"{median['usual script'] / value:.1f}", f"{size / 1e6:.2f}"]
        for (name, value), size in zip(median.items(), sizes, strict=True)
    ]
    text = table(["from the shell to the GIF", "s", "times as fast", "MB"], rows)
    print(text)
    if arguments.write:
        write({f"The whole command, {STEPS} steps, {FRAMES} frames": text})


if __name__ == "__main__":
    main()
