"""Two time scales against one: where the toy GAN learns, over the two learning rates.

Heusel et al. (2017) train D faster than G. The sweep trains a GAN for each pair of learning rates
and seed, without the stabilizers but for standardized data, and draws how far p_g ends from p_data.
Above the dashed diagonal D is the faster one. Run it as ``python examples/07_sweep.py``; a number
as argument shortens the training.
"""

from __future__ import annotations

import sys

import numpy as np

import gan_viz

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
number = 8 if steps >= 1000 else 3
rates = np.geomspace(1e-4, 3e-2, number).tolist()


def main() -> None:
    """Run the sweep, and draw it."""
    results = gan_viz.sweep(
        {"g_lr": rates, "d_lr": rates, "seed": range(4)},
        "time_scales.db",
        data="bimodal",
        stabilizers=["standardize"],
        steps=steps,
        resume=True,  # run again, it goes on where it was stopped
    )
    gan_viz.atlas(results, "time_scales.png", "g_lr", "d_lr")
    gan_viz.atlas(results, "time_scales.gif", "g_lr", "d_lr", size=(640, 480))

    rows = list(results.rows())
    for name, faster in (("D", 1), ("G", -1)):
        chosen = [r["w1"] for r in rows if np.sign(r["d_lr"] - r["g_lr"]) == faster]
        print(f"{name} faster: median W1/σ {np.median(chosen):.3f}")
    best = min(rows, key=lambda row: row["w1"])
    gan_viz.record_run(results, best["id"], "best.ganviz")  # to be looked at as an animation


if __name__ == "__main__":  # processes of their own train: they import this file, too
    main()
