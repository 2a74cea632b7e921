"""Every registered model: its shapes, its size, where its weights come from."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import torch
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.models import ImageModel
from gan_viz.models.classifier import classifier
from gan_viz.registry import MODELS, OBJECTIVES
from gan_viz.training import Settings


def linear(*widths: int) -> int:
    """Weights and biases of fully connected layers."""
    return sum((a + 1) * b for a, b in pairwise(widths))


def convolution(inputs: int, outputs: int, size: int) -> int:
    """Weights and biases; as many if it is transposed."""
    return inputs * outputs * size * size + outputs


def normal(*features: int) -> int:
    """Gain and shift of batch normalization."""
    return 2 * sum(features)


DCGAN_G = (convolution(100, 512, 3) + convolution(512, 256, 3) + convolution(256, 128, 4)) + (
    convolution(128, 1, 4) + normal(512, 256, 128)
)
CRITIC = (
    convolution(1, 128, 4) + convolution(128, 256, 4) + convolution(256, 512, 3)
) + convolution(512, 1, 3)
DCGAN_D = CRITIC + normal(256, 512)
WGAN = (linear(100, 512, 512, 512, 784), linear(784, 512, 512, 512, 1))

# Parameters of G and of D, by formula and as numbers.
SIZES = {
    "cgan": (
        (linear(110, 256, 512, 1024, 784) + 10 * 10, 1_489_012),
        (linear(794, 1024, 512, 256, 1) + 10 * 10, 1_470_565),
    ),
    "dcgan": ((DCGAN_G, 2_169_473), (DCGAN_D, 1_713_025)),
    "dcgan-7x7": (
        (DCGAN_G - convolution(100, 512, 3) + convolution(1, 512, 3), 1_713_281),
        (DCGAN_D, 1_713_025),
    ),
    "mlp": ((linear(32, 128, 256, 784), 238_736), (linear(784, 256, 128, 1), 233_985)),
    "mlp-improved": (
        (linear(32, 256, 512, 1024, 784) + normal(256, 512, 1024), 1_472_528),
        (linear(784, 512, 256, 1), 533_505),
    ),
    "wgan": ((WGAN[0], 979_216), (WGAN[1], 927_745)),
    "wgan-conv": ((DCGAN_G, 2_169_473), (DCGAN_D, 1_713_025)),
    "wgan-gp": ((WGAN[0], 979_216), (WGAN[1], 927_745)),
    "wgan-gp-conv": ((DCGAN_G, 2_169_473), (CRITIC, 1_711_489)),
}


@pytest.fixture(params=sorted(MODELS))
def model(request: pytest.FixtureRequest) -> ImageModel:
    found = MODELS[request.param]
    assert isinstance(found, ImageModel)
    return found


def built(model: ImageModel, seed: int = 0) -> tuple[nn.Module, nn.Module]:
    return model.build(torch.Generator().manual_seed(seed))


def test_every_model_has_its_size_here() -> None:
    assert set(SIZES) == set(MODELS)


def test_description(model: ImageModel) -> None:
    assert MODELS[model.name] is model
    assert model.objective in OBJECTIVES
    assert model.latent in ("normal", "uniform")
    assert model.conditional == (model.name == "cgan") == (model.classes == 10)
    assert json.loads(json.dumps(model.settings)) == model.settings
    usual = {"batch", "d_steps", "g_lr", "d_lr", "betas", "optimizer", "steps"}
    assert usual <= set(model.settings) <= {*usual, "ema"}
    assert Settings(**model.settings).batch == model.settings["batch"]


def test_size(model: ImageModel) -> None:
    for module, (formula, number) in zip(built(model), SIZES[model.name], strict=True):
        assert sum(p.numel() for p in module.parameters()) == formula == number
        assert all(p.requires_grad and p.dtype is torch.float32 for p in module.parameters())


@pytest.mark.parametrize("training", [False, True])
def test_shapes_and_ranges(model: ImageModel, training: bool) -> None:
    g, d = (module.train(training) for module in built(model))
    source = torch.Generator().manual_seed(1)
    z = torch.randn(3, *model.latent_shape, generator=source)
    labels = (torch.tensor([0, 5, 9]),) if model.conditional else ()
    with torch.no_grad(), torch.random.fork_rng():
        pictures = g(z, *labels)
        outputs = d(pictures, *labels)
    assert pictures.shape == (3, 1, 28, 28)
    assert outputs.shape == (3, 1)
    assert pictures.abs().max() <= 1
    assert pictures.flatten(1).std(0).max() > 0


def test_pictures_are_bounded_and_outputs_are_not(model: ImageModel) -> None:
    """Far from where it was meant to be used, G saturates at ±1 and D leaves 0..1."""
    g, d = (module.eval() for module in built(model))
    source = torch.Generator().manual_seed(1)
    z = 1e5 * torch.randn(3, *model.latent_shape, generator=source)
    x = 1e5 * torch.randn(3, 1, 28, 28, generator=source)
    labels = (torch.tensor([0, 5, 9]),) if model.conditional else ()
    with torch.no_grad():
        pictures, outputs = g(z, *labels), d(x, *labels)
    assert pictures.min() == -1
    assert pictures.max() == 1
    assert outputs.abs().min() > 1


def test_weights_come_from_the_source_alone(model: ImageModel) -> None:
    torch.manual_seed(0)
    state = torch.get_rng_state()
    first = built(model, 5)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(1)
    again, other = built(model, 5), built(model, 6)
    for ours, same, others in zip(first, again, other, strict=True):
        for name, value in ours.state_dict().items():
            assert torch.equal(value, same.state_dict()[name])
        assert not torch.equal(next(ours.parameters()), next(others.parameters()))


def test_a_conditional_model_listens_to_the_class() -> None:
    g, d = (module.eval() for module in built(MODELS["cgan"]))
    z, x = torch.zeros(10, 100), torch.zeros(10, 1, 28, 28)
    with torch.no_grad():
        pictures, outputs = g(z, torch.arange(10)), d(x, torch.arange(10))
    assert len(torch.unique(pictures.flatten(1), dim=0)) == 10
    assert len(torch.unique(outputs)) == 10


def test_only_the_penalized_critics_have_no_batch_normalization(model: ImageModel) -> None:
    _, d = built(model)
    found = any(isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) for layer in d.modules())
    assert found == (model.name in ("dcgan", "dcgan-7x7", "wgan-conv"))


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 32, 32), (1, 20, 24), (1, 33, 7), (3, 28, 28)])
def test_other_shapes(model: ImageModel, shape: tuple[int, int, int]) -> None:
    source = torch.Generator().manual_seed(0)
    if model.sides and not {*shape[1:]} <= {*model.sides}:
        with pytest.raises(UsageError, match=f"model {model.name} makes .* not of {shape[1]} x"):
            model.build(source, shape)
        return
    g, d = model.build(source, shape)
    labels = (torch.tensor([0, 5]),) if model.conditional else ()
    pictures = g(torch.randn(2, *model.latent_shape, generator=source), *labels)
    assert pictures.shape == (2, *shape)
    assert d(pictures, *labels).shape == (2, 1)


def test_which_models_have_sides_of_their_own() -> None:
    bound = {name for name in MODELS if MODELS[name].sides}
    assert bound == {"dcgan", "dcgan-7x7", "wgan-conv", "wgan-gp-conv"}
    for side in MODELS["dcgan"].sides:
        MODELS["dcgan"].build(torch.Generator(), (1, side, side))


@pytest.mark.parametrize("side", [(8, 8), (28, 28), (32, 32), (5, 60)])
def test_the_classifier_takes_pictures_of_any_size(side: tuple[int, int]) -> None:
    network = classifier(3, side=side)
    assert sum(p.numel() for p in network.parameters()) == 38_714 - 7 * 65
    assert network(torch.zeros(2, 1, *side)).shape == (2, 3)
