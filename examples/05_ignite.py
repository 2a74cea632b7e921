"""A GAN trained by PyTorch-Ignite, watched by handlers (``pip install 'gan-viz[ignite]'``).

Run it as ``python examples/05_ignite.py``; a number as argument shortens the training.
"""

from __future__ import annotations

import sys

import torch
from ignite.engine import Engine
from torch import nn
from torch.nn.functional import softplus
from torch.utils.data import DataLoader, TensorDataset

import gan_viz
from gan_viz.adapters import attach
from gan_viz.datasets import load

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2000

images = torch.tensor(load("digits").images)[:, None] / 127.5 - 1

torch.manual_seed(0)
G = nn.Sequential(
    *[nn.Linear(64, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Linear(256, 28 * 28), nn.Tanh()],
    nn.Unflatten(1, (1, 28, 28)),
)
D = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1))
g_optimizer = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
d_optimizer = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))


def update(_: Engine, batch: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    """One update of D and one of G."""
    real = batch[0]
    fake = G(torch.randn(len(real), 64))
    d_loss = softplus(-D(real)).mean() + softplus(D(fake.detach())).mean()
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()
    g_loss = softplus(-D(fake)).mean()
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
    return {"d_loss": d_loss.detach(), "g_loss": g_loss.detach()}


trainer = Engine(update)
attach(gan_viz.Recorder("ignite.ganviz", G, D, real=images[:64], latent_dim=64), trainer)
trainer.run(DataLoader(TensorDataset(images), batch_size=64, shuffle=True), max_iters=steps)

gan_viz.render("ignite.ganviz", "ignite.gif")
