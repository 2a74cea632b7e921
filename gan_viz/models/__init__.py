"""Generators and discriminators, one file a family."""

from gan_viz.models.base import ImageModel
from gan_viz.models.mlp import Affine, mlp
from gan_viz.models.summary import Layer, summary
from gan_viz.registry import ACTIVATIONS

__all__ = ["ACTIVATIONS", "Affine", "ImageModel", "Layer", "mlp", "summary"]
