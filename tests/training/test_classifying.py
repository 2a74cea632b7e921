"""The classifier learns what is easy to learn, and touches nothing else."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.errors import DataError
from gan_viz.models.classifier import classifier
from gan_viz.training.classifying import accuracy, train_classifier

Data = tuple[np.ndarray, np.ndarray]


def bars(n: int, seed: int) -> Data:
    """Noisy pictures of bars: four classes, lying or upright, on either side."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, n)
    images = random.integers(0, 120, (n, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        upright = image if label < 2 else image.T
        at = int(random.integers(2, 10)) + 14 * int(label % 2)
        upright[:, at : at + 3] = 230
    return images, labels


@pytest.fixture(scope="module")
def trained() -> nn.Module:
    return train_classifier(classifier(4), *bars(600, 0), steps=40)


def test_learns_pictures_it_has_not_seen(trained: nn.Module) -> None:
    assert accuracy(trained, *bars(1200, 1)) > 0.97
    assert accuracy(classifier(4), *bars(1200, 1)) < 0.6


def test_accuracy_is_a_share(trained: nn.Module) -> None:
    images, _ = bars(100, 1)
    with torch.no_grad():
        found = trained(torch.from_numpy(images[:, None] / np.float32(127.5) - 1)).argmax(1).numpy()
    assert accuracy(trained, images, found) == 1
    assert accuracy(trained, images, np.where(np.arange(100) < 30, found, (found + 1) % 4)) == 0.3


def test_the_same_seed_gives_the_same_weights_and_global_states_stay() -> None:
    data = bars(200, 0)
    torch.manual_seed(0)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    first = train_classifier(classifier(4), *data, steps=3)
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    torch.manual_seed(9)
    again = train_classifier(classifier(4), *data, steps=3)
    other = train_classifier(classifier(4), *data, steps=3, seed=1)
    assert torch.equal(first[-1].weight, again[-1].weight)
    assert not torch.equal(first[-1].weight, other[-1].weight)
    assert not any(module.training for module in first.modules())


def test_progress_counts_the_steps() -> None:
    told = []
    train_classifier(
        classifier(4), *bars(20, 0), steps=4, progress=lambda *about: told.append(about)
    )
    assert [about[:3] for about in told] == [("classifier", k, 4) for k in range(1, 5)]
    assert all(about[3]["loss"] > 0 for about in told)


def test_each_picture_once_before_any_comes_again() -> None:
    seen: list[float] = []

    class Noting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 2)

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            seen.extend(pictures[:, 0, 0, 0].tolist())
            return self.layer(pictures.flatten(1))

    images = np.repeat(np.arange(256, dtype=np.uint8), 4).reshape(256, 2, 2)
    train_classifier(Noting(), images, np.zeros(256, np.int64), steps=4)
    values = (images[:, 0, 0] / np.float32(127.5) - 1).tolist()
    assert sorted(seen[:256]) == sorted(seen[256:]) == pytest.approx(values)


@pytest.mark.parametrize(("pictures", "labels"), [(0, 0), (3, 2)])
def test_labels_must_fit(pictures: int, labels: int) -> None:
    images = np.zeros((pictures, 28, 28), np.uint8)
    with pytest.raises(DataError, match=f"{pictures} pictures with {labels} labels"):
        train_classifier(classifier(), images, np.zeros(labels, np.int64))


def test_weights_come_from_the_generator_alone() -> None:
    state = torch.get_rng_state()
    first = classifier(7, torch.Generator().manual_seed(5))
    assert torch.equal(torch.get_rng_state(), state)
    again = classifier(7, torch.Generator().manual_seed(5))
    for a, b in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)
    assert first(torch.zeros(2, 1, 28, 28)).shape == (2, 7)


def test_weights_are_distributed_as_torch_does_it() -> None:
    ours, theirs = classifier(), copy.deepcopy(classifier())
    torch.manual_seed(0)
    for layer in theirs:
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
    for a, b in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        if a.numel() > 100:
            assert float(a.abs().max()) == pytest.approx(float(b.abs().max()), rel=0.02)
            assert float(a.std()) == pytest.approx(float(b.std()), rel=0.1)


def test_the_number_of_threads_is_restored_after_a_failure() -> None:
    def fail(*about: object) -> None:
        assert torch.get_num_threads() == 1
        raise ZeroDivisionError

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with pytest.raises(ZeroDivisionError):
            train_classifier(classifier(4), *bars(20, 0), steps=1, progress=fail)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
