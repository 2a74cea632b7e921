"""``make torture``: attacks on everything that takes something from a stranger.

It prints a table of attacks, seeds tried and failures, and with which status processes ended; what an attack failed with is kept in
``torture-failures/``. ``TORTURE=10`` tries ten times as often; ``--slice`` as often as `make test`;
``--only WORDS``, ``--first SEED`` and ``--times N`` choose.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from arena import keep, statuses
from attacks import ATTACKS, Attack
from inputs import write_bases

KEPT = Path("torture-failures")


def tried(name: str, attack: Attack, seed: int) -> str:
    """Try an attack once; return what went wrong."""
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        folder = Path(place)
        try:
            fault = attack(folder, seed)
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        if fault:
            keep(folder, KEPT, f"{name.replace(': ', '-').replace(' ', '-')}-{seed}")
    return fault


def main() -> int:
    """Try all attacks, and return 1 if one had success."""
    parser = argparse.ArgumentParser(description="Attack gan_viz as strangers would.")
    parser.add_argument("--slice", action="store_true", help="as often as make test does")
    parser.add_argument("--only", default="", help="attacks with one of WORD,WORD in their names")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--times", type=int, help="how often each is tried")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    warm_up(draw=not given.slice)
    many, failures = float(os.environ.get("TORTURE", "1")), 0
    print(f"{'attack':24} {'seeds':>13} {'failures':>9} {'seconds':>8}  ended with")
    for name, (attack, usual, few) in ATTACKS.items():
        if not any(word in name for word in given.only.split(",")):
            continue
        times = given.times or (few if given.slice else max(1, round(many * usual)))
        start, faults = time.monotonic(), []
        statuses.clear()
        done, stopped = given.first, False
        try:
            for seed in range(given.first, given.first + times):
                fault = tried(name, attack, seed)
                done = seed + 1
                if fault:
                    faults.append((seed, fault))
                    print(f"  {name}, seed {seed}: {fault}", file=sys.stderr)
        except KeyboardInterrupt:
            stopped = True
        seeds = f"{given.first}-{done - 1}"
        ended = ", ".join(f"{status}: {number}" for status, number in sorted(statuses.items()))
        took = time.monotonic() - start
        print(f"{name:24} {seeds:>13} {len(faults):9} {took:8.1f}  {ended}", flush=True)
        failures += len(faults)
        if stopped:
            return 130
    return min(failures, 1)


def warm_up(draw: bool) -> None:
    """Import what the commands need, once for all processes that are forked from this one."""
    import gan_viz.cli  # noqa: F401
    from gan_viz import Recording, api
    from gan_viz.registry import ENCODERS, PANELS

    with suppress(ImportError):  # what typer loads at the first option: half the time of an attack
        import_module("typer._adapters")
    for name in PANELS:
        PANELS[name]
    if not draw:  # which takes longer than a few attacks
        return
    with tempfile.TemporaryDirectory() as place:
        for base in write_bases(Path(place)):
            api.render(base, Path(place, "a.png"), size=(320, 180))
            api.render(base, Path(place, "a.gif"), size=(320, 180), duration=0.1, jobs=1)
            with Recording(base) as recording:
                api.verdicts(recording)
        api.metrics(Path(place, "numbers.ganviz"))
    for name in ENCODERS:
        ENCODERS[name]


if __name__ == "__main__":
    raise SystemExit(main())
