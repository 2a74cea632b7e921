"""A GAN of Keras networks on PyTorch: they are PyTorch's modules too, and are given as they are.

On other backends, give ``generate=lambda z: generator(z, training=False)`` and ``score=lambda x:
discriminator(x, training=False)`` instead. Run it as ``python examples/09_keras.py``; a number as
argument shortens the training.
"""

from __future__ import annotations

import os
import sys

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch
from keras import layers

import gan_viz

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000

keras.utils.set_random_seed(0)
generator = keras.Sequential([keras.Input((1,)), layers.Dense(32, "tanh"), layers.Dense(1)])
discriminator = keras.Sequential([keras.Input((1,)), layers.Dense(32, "tanh"), layers.Dense(1)])
loss = keras.losses.BinaryCrossentropy(from_logits=True)
g_optimizer = torch.optim.Adam(generator.parameters(), 1e-3, (0.5, 0.999))
d_optimizer = torch.optim.Adam(discriminator.parameters(), 1e-3, (0.5, 0.999))
ones, zeros = torch.ones(128, 1), torch.zeros(128, 1)

with gan_viz.Recorder(
    "keras.ganviz", generator, discriminator, data="norm(4, 0.5)", latent_dim=1, steps=STEPS
) as recorder:
    for _ in range(STEPS):
        x, z = 4 + 0.5 * torch.randn(128, 1), torch.randn(128, 1)
        fake = generator(z, training=True)

        d_loss = loss(ones, discriminator(x)) + loss(zeros, discriminator(fake.detach()))
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()

        g_loss = loss(ones, discriminator(fake))
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()

        recorder.step(d_loss=d_loss, g_loss=g_loss)

print(gan_viz.render("keras.ganviz", "keras.gif"))
