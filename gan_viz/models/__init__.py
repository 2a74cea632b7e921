"""Generators and discriminators, one file a family."""

from gan_viz.models.mlp import ACTIVATIONS, Affine, mlp

__all__ = ["ACTIVATIONS", "Affine", "mlp"]
