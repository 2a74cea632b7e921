"""A GAN in JAX: its parameters are new objects after each step, which the recorder asks for.

Run it as ``python examples/08_jax.py``; a number as argument shortens the training.
"""

from __future__ import annotations

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import gan_viz

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000


def layers(key: Any, widths: tuple[int, ...]) -> Any:
    """Weights and biases of a perceptron."""
    keys = jax.random.split(key, len(widths) - 1)
    pairs = zip(keys, widths[:-1], widths[1:], strict=True)
    return [(jax.random.normal(k, (a, b)) / np.sqrt(a), jnp.zeros(b)) for k, a, b in pairs]


def apply(parameters: Any, x: Any) -> Any:
    """Apply a perceptron."""
    for weights, bias in parameters[:-1]:
        x = jnp.tanh(x @ weights + bias)
    weights, bias = parameters[-1]
    return x @ weights + bias


def d_loss(d: Any, g: Any, x: Any, z: Any) -> Any:
    """-log D(x) - log(1 - D(G(z))), of logits."""
    return (jax.nn.softplus(-apply(d, x)) + jax.nn.softplus(apply(d, apply(g, z)))).mean()


def g_loss(g: Any, d: Any, z: Any) -> Any:
    """-log D(G(z))."""
    return jax.nn.softplus(-apply(d, apply(g, z))).mean()


@jax.jit  # type: ignore[untyped-decorator]
def step(g: Any, d: Any, key: Any) -> Any:
    """One update of D and one of G, by gradient descent."""
    keys = jax.random.split(key)
    x = 4 + 0.5 * jax.random.normal(keys[0], (128, 1))
    z = jax.random.normal(keys[1], (128, 1))
    d_value, gradient = jax.value_and_grad(d_loss)(d, g, x, z)
    d = jax.tree.map(lambda p, slope: p - 0.1 * slope, d, gradient)
    g_value, gradient = jax.value_and_grad(g_loss)(g, d, z)
    g = jax.tree.map(lambda p, slope: p - 0.02 * slope, g, gradient)
    return g, d, d_value, g_value


g, d = (layers(jax.random.key(seed), (1, 32, 1)) for seed in (0, 1))
with gan_viz.Recorder(
    "jax.ganviz",
    data="norm(4, 0.5)",
    generate=lambda z: apply(g, z),
    score=lambda x: apply(d, x),
    latent_dim=1,
    steps=STEPS,
) as recorder:
    for number in range(STEPS):
        g, d, d_value, g_value = step(g, d, jax.random.key(number))
        recorder.step(d_loss=d_value, g_loss=g_value)

print(gan_viz.render("jax.ganviz", "jax.gif"))
