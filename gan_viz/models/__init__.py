"""Generators and discriminators, one file a family."""

from gan_viz.models.base import ImageModel
from gan_viz.models.mlp import ACTIVATIONS, Affine, mlp
from gan_viz.models.summary import Layer, summary

__all__ = ["ACTIVATIONS", "Affine", "ImageModel", "Layer", "mlp", "summary"]
