"""The toy 1-D GAN in Python: train once, draw as often as one likes.

Run it as ``python examples/01_toy.py``; a number as argument shortens the training.
"""

from __future__ import annotations

import sys

import scipy.stats

import gan_viz

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 3000

# Any continuous scipy.stats distribution can be learnt, or a name, an expression, a data file.
recording = gan_viz.train(scipy.stats.gumbel_r(2, 1), "gumbel.ganviz", steps=steps, seed=1)

# Nothing is trained again to change a theme, a speed or a format.
gan_viz.render(recording, "gumbel.gif", theme="dark", size=(720, 405))
gan_viz.render(recording, "gumbel.png")

with gan_viz.Recording(recording) as run:
    print(f"{len(run)} frames; last loss of G: {run.scalars['g_loss'].values[-1]:.3f}")
