"""The recorder in a training loop of one's own: three lines.

Run it as ``python examples/02_own_loop.py``; a number as argument shortens the training.
"""

from __future__ import annotations

import sys

import torch
from torch import nn

import gan_viz

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2000

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
D = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 1))
bce = nn.BCEWithLogitsLoss()
g_optimizer = torch.optim.Adam(G.parameters(), lr=1e-3)
d_optimizer = torch.optim.Adam(D.parameters(), lr=1e-3)

recorder = gan_viz.Recorder("own.ganviz", G, D, data="norm(3, 1)", latent_dim=8)  # line one

for _ in range(steps):
    real, fake = 3 + torch.randn(128, 1), G(torch.randn(128, 8))

    d_loss = bce(D(real), torch.ones(128, 1)) + bce(D(fake.detach()), torch.zeros(128, 1))
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()

    g_loss = bce(D(fake), torch.ones(128, 1))
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()

    recorder.step(d_loss=d_loss, g_loss=g_loss)  # line two

recorder.close()  # line three

gan_viz.render("own.ganviz", "own.gif")
