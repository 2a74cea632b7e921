"""The recorder in a plain loop over pictures: sample grid, losses, and what D says.

Run it as ``python examples/03_mnist_loop.py``; a number as argument shortens the training.
"""

from __future__ import annotations

import sys

import torch
from torch import nn

import gan_viz
from gan_viz.datasets import load

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 4000

# scikit-learn's digits are there at once; "mnist" and "fashion-mnist" are downloaded.
data = load("digits")
images = torch.tensor(data.images)[:, None] / 127.5 - 1
labels = torch.tensor(data.labels)

torch.manual_seed(0)
G = nn.Sequential(
    *[nn.Linear(64, 256), nn.BatchNorm1d(256), nn.ReLU()],
    *[nn.Linear(256, 512), nn.BatchNorm1d(512), nn.ReLU()],
    *[nn.Linear(512, 28 * 28), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))],
)
D = nn.Sequential(
    *[nn.Flatten(), nn.Linear(28 * 28, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3)],
    nn.Linear(256, 1),
)
bce = nn.BCEWithLogitsLoss()
g_optimizer = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
d_optimizer = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))

# As a context manager it keeps what was recorded when the loop fails or is interrupted.
with gan_viz.Recorder(
    "digits.ganviz", G, D, real=images[:64], labels=labels[:64], latent_dim=64
) as recorder:
    for _ in range(steps):
        real, fake = images[torch.randint(len(images), (64,))], G(torch.randn(64, 64))

        real_logits, fake_logits = D(real), D(fake.detach())
        d_loss = bce(real_logits, torch.ones(64, 1)) + bce(fake_logits, torch.zeros(64, 1))
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()

        g_loss = bce(D(fake), torch.ones(64, 1))
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()

        d_real, d_fake = real_logits.sigmoid().mean(), fake_logits.sigmoid().mean()
        recorder.step(d_loss=d_loss, g_loss=g_loss, d_real=d_real, d_fake=d_fake)

gan_viz.render("digits.ganviz", "digits.gif")
