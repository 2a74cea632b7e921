"""A GAN trained by Lightning, watched by a callback (``pip install 'gan-viz[lightning]'``).

Run it as ``python examples/04_lightning.py``; a number as argument shortens the training.
"""

from __future__ import annotations

import sys

import lightning.pytorch as pl
import torch
from torch import nn
from torch.nn.functional import softplus
from torch.utils.data import DataLoader, TensorDataset

import gan_viz
from gan_viz.adapters import GanVizCallback
from gan_viz.datasets import load

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2000


class GAN(pl.LightningModule):
    """Two networks, two optimisers."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False  # the two updates are made in training_step
        self.generator = nn.Sequential(
            nn.Linear(64, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Linear(256, 784), nn.Tanh()
        )
        self.discriminator = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 1))

    def training_step(self, batch: list[torch.Tensor], batch_idx: int) -> None:
        """One update of D and one of G."""
        G, D, real = self.generator, self.discriminator, batch[0]
        g_optimizer, d_optimizer = self.optimizers()  # type: ignore[attr-defined]
        fake = G(torch.randn(len(real), 64, device=self.device))
        d_loss = softplus(-D(real)).mean() + softplus(D(fake.detach())).mean()
        d_optimizer.zero_grad()
        self.manual_backward(d_loss)
        d_optimizer.step()
        g_loss = softplus(-D(fake)).mean()
        g_optimizer.zero_grad()
        self.manual_backward(g_loss)
        g_optimizer.step()
        self.log_dict({"d_loss": d_loss, "g_loss": g_loss})  # which the callback picks up

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Adam for each network."""
        networks = self.generator, self.discriminator
        return [torch.optim.Adam(net.parameters(), 2e-4, betas=(0.5, 0.999)) for net in networks]


images = torch.tensor(load("digits").images).flatten(1) / 127.5 - 1
callback = GanVizCallback("lightning.ganviz", latent_dim=64)
trainer = pl.Trainer(max_steps=2 * steps, accelerator="cpu", logger=False, callbacks=[callback])
trainer.fit(GAN(), DataLoader(TensorDataset(images), batch_size=64, shuffle=True))

gan_viz.render("lightning.ganviz", "lightning.gif")
