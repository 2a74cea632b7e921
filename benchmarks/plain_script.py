"""The yardstick of `command.py`: the usual script for the animation, plain PyTorch and pyplot.

``python plain_script.py OUT.gif STEPS FRAMES``
"""

from __future__ import annotations

import sys
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.animation import FuncAnimation, PillowWriter
from scipy.stats import gaussian_kde, norm
from torch import nn

out, steps, frames = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
batch = 256
x = np.linspace(2, 6, 300)

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
D = nn.Sequential(
    *(nn.Linear(1, 16), nn.LeakyReLU(0.2), nn.Linear(16, 16), nn.LeakyReLU(0.2)),
    *(nn.Linear(16, 1), nn.Sigmoid()),
)
g_optimizer, d_optimizer = torch.optim.Adam(G.parameters()), torch.optim.Adam(D.parameters())
bce, ones, zeros = nn.BCELoss(), torch.ones(batch, 1), torch.zeros(batch, 1)
fixed = torch.randn(1024, 1)
grid = torch.from_numpy(x[:, None]).float()
snapshots, d_losses, g_losses = [], [], []
due = set(np.linspace(1, steps, frames).round().astype(int).tolist())

for step in range(1, steps + 1):
    real, z = 4 + 0.5 * torch.randn(batch, 1), torch.randn(batch, 1)
    d_optimizer.zero_grad()
    d_loss = bce(D(real), ones) + bce(D(G(z).detach()), zeros)
    d_loss.backward()
    d_optimizer.step()
    g_optimizer.zero_grad()
    g_loss = bce(D(G(torch.randn(batch, 1))), ones)
    g_loss.backward()
    g_optimizer.step()
    d_losses.append(d_loss.item())
    g_losses.append(g_loss.item())
    if step in due:
        with torch.no_grad():
            snapshots.append((step, G(fixed).numpy().ravel(), D(grid).numpy().ravel()))

figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 5.4), dpi=100, width_ratios=[1.55, 1])


def draw(number: int) -> list[Any]:
    """Draw a frame as scripts do: clear and plot again."""
    step, samples, d = snapshots[number]
    left.clear()
    left.plot(x, norm.pdf(x, 4, 0.5), ":", label="p_data")
    left.plot(x, gaussian_kde(samples)(x), label="G(z)")
    left.plot(x, d, "--", label="D(x)")
    left.set(xlim=(2, 6), ylim=(0, 1.1), xlabel="x", title=f"step {step}")
    left.legend()
    right.clear()
    right.plot(d_losses[:step], label="D loss")
    right.plot(g_losses[:step], label="G loss")
    right.set(xlim=(0, steps), ylim=(0, 2), xlabel="step")
    right.legend()
    return []


animation = FuncAnimation(figure, draw, frames=len(snapshots), blit=False)
animation.save(out, writer=PillowWriter(fps=20))
