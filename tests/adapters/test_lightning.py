"""The callback, with the real Lightning."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording import Recording
from gan_viz.registry import ADAPTERS

pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{message}")
    for message in (
        "The '.*_dataloader' does not have many workers",
        "`isinstance.treespec, LeafSpec.` is deprecated:FutureWarning",  # Lightning's own use of it
    )
]

BATCHES = 6


@cache
def lightning() -> Any:
    """Loaded by the process that runs these tests, and not by all that collect them: 4 s."""
    return pytest.importorskip("lightning.pytorch")


def callback_of(*arguments: Any, **options: Any) -> Any:
    return ADAPTERS["lightning"](*arguments, **options)


def new_gan(*arguments: Any, **options: Any) -> Any:
    return _gan()(*arguments, **options)


@cache
def _gan() -> type:
    class GAN(lightning().LightningModule):  # type: ignore[misc]
        """As in Lightning's own example: two optimisers, manual optimisation, losses logged."""

        def __init__(self, prefix: str = "", returns: bool = False, fail_at: int = -1) -> None:
            super().__init__()
            self.automatic_optimization = False
            self.generator = nn.Sequential(
                nn.Linear(4, 16), nn.BatchNorm1d(16), nn.Unflatten(1, (1, 4, 4))
            )
            self.discriminator = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(16, 1))
            self.inner = nn.ModuleDict({"g": self.generator})
            self.prefix, self.returns, self.fail_at = prefix, returns, fail_at
            self.bce = nn.BCEWithLogitsLoss()

        def training_step(self, batch: list[torch.Tensor], batch_idx: int) -> dict[str, Any] | None:
            images, _ = batch
            g_optimizer, d_optimizer = self.optimizers()
            fake = self.generator(torch.randn(len(images), 4))
            self.toggle_optimizer(d_optimizer)
            real_loss = self.bce(self.discriminator(images), torch.ones(len(images), 1))
            d_loss = real_loss + self.bce(
                self.discriminator(fake.detach()), torch.zeros(len(images), 1)
            )
            self.manual_backward(d_loss)
            d_optimizer.step()
            d_optimizer.zero_grad()
            self.untoggle_optimizer(d_optimizer)
            self.toggle_optimizer(g_optimizer)
            g_loss = self.bce(self.discriminator(fake), torch.ones(len(images), 1))
            self.manual_backward(g_loss)
            g_optimizer.step()
            g_optimizer.zero_grad()
            self.untoggle_optimizer(g_optimizer)
            if batch_idx == self.fail_at:
                raise ZeroDivisionError
            if self.returns:
                return {"g_loss": g_loss.detach(), "d_loss": d_loss.detach(), "note": "x"}
            self.log(f"{self.prefix}d_loss", d_loss, on_step=True, on_epoch=True)
            self.log_dict({f"{self.prefix}g_loss": g_loss, "epoch": float(self.current_epoch)})
            return None

        def configure_optimizers(self) -> list[torch.optim.Optimizer]:
            return [
                torch.optim.Adam(net.parameters()) for net in (self.generator, self.discriminator)
            ]

    return GAN


def fit(model: Any, callback: Any, epochs: int = 1, ckpt: Path | None = None) -> Any:
    """Train on the same batches each time."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(8 * BATCHES, 1, 4, 4, generator=generator) * 2 - 1
    data = TensorDataset(images, torch.arange(8 * BATCHES) % 3)
    trainer = lightning().Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[] if callback is None else [callback],
    )
    trainer.fit(model, DataLoader(data, batch_size=8), ckpt_path=ckpt, weights_only=False)
    return trainer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


def scalars(path: Path) -> dict[str, list[float]]:
    with Recording(path) as recording:
        return {name: series.values.tolist() for name, series in recording.scalars.items()}


def test_a_training_is_recorded_and_not_changed(path: Path) -> None:
    finals = []
    for callback in (None, callback_of(path, latent_dim=4, every=1)):
        torch.manual_seed(1)
        model = new_gan()
        fit(model, callback, epochs=2)
        finals.append([*model.state_dict().values(), torch.get_rng_state()])
    assert all(torch.equal(a, b) for a, b in zip(*finals, strict=True))
    with Recording(path) as recording:
        assert recording.complete
        assert recording.steps.tolist() == list(range(2 * BATCHES + 1))
        assert recording.channels["samples"].shape == (64, 4, 4)
        assert recording.constants["real_labels"].tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
        assert set(recording.scalars) >= {"d_loss", "g_loss", "epoch"}
        assert not any(name.endswith(("_step", "_epoch")) for name in recording.scalars)
        steps, epochs = recording.scalars["epoch"]
        assert epochs.tolist() == [0] * BATCHES + [1] * BATCHES
        assert steps.tolist() == list(range(1, 2 * BATCHES + 1))


def test_losses_are_those_of_the_step(path: Path) -> None:
    """Logged or returned, they are the same."""
    found = []
    for name, returns in (("a", False), ("b", True)):
        torch.manual_seed(1)
        fit(new_gan(returns=returns), callback_of(path.with_name(f"{name}.ganviz"), latent_dim=4))
        found.append(scalars(path.with_name(f"{name}.ganviz")))
    for loss in ("d_loss", "g_loss"):
        assert len(set(found[0][loss])) == BATCHES
        np.testing.assert_allclose(found[0][loss], found[1][loss], rtol=1e-6)


def test_other_names(path: Path) -> None:
    names = {"g_loss": "train/g_loss", "d_loss": "train/d_loss"}
    callback = callback_of(
        path, "inner.g", "", scalars=names, real=None, data="norm(0, 1)", hooks=[]
    )
    fit(new_gan("train/"), callback)
    assert scalars(path) == {}  # without a hook for them
    callback = callback_of(path, "inner.g", latent_dim=4, scalars=names)
    fit(new_gan("train/"), callback)
    assert scalars(path).keys() == names.keys()


def test_a_checkpoint_resumes_the_recording(path: Path, tmp_path: Path) -> None:
    straight = tmp_path / "straight.ganviz"
    torch.manual_seed(1)
    fit(new_gan(), callback_of(straight, latent_dim=4), epochs=2)

    torch.manual_seed(1)
    callback = callback_of(path, latent_dim=4)
    trainer = fit(new_gan(), callback)
    state = torch.get_rng_state()
    trainer.save_checkpoint(tmp_path / "a.ckpt")
    fit(new_gan(), callback, epochs=2)  # another training, recorded over it
    assert callback.recorder.steps_made == 2 * BATCHES

    resumed, model = callback_of(path, latent_dim=4), new_gan()
    torch.set_rng_state(state)
    fit(model, resumed, epochs=2, ckpt=tmp_path / "a.ckpt")
    assert resumed.recorder.steps_made == 2 * BATCHES
    with Recording(path) as one, Recording(straight) as other:
        assert one.complete
        assert one.header["resumed_at"] == [BATCHES]
        assert one.steps.tolist() == other.steps.tolist()
        np.testing.assert_array_equal(one.array("samples", -1), other.array("samples", -1))
        values = [recording.scalars["g_loss"].values[BATCHES:] for recording in (one, other)]
        np.testing.assert_array_equal(*values)

    path.unlink()
    with pytest.raises(RecordingError, match="no recording"):
        fit(new_gan(), callback_of(path, latent_dim=4), epochs=2, ckpt=tmp_path / "a.ckpt")
    fresh = callback_of(path, latent_dim=4, resume=False)
    fit(new_gan(), fresh, epochs=2, ckpt=tmp_path / "a.ckpt")
    with Recording(path) as recording:
        assert recording.steps.tolist() == list(range(BATCHES + 1))


def test_an_exception_leaves_an_unfinished_recording(path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        fit(new_gan(fail_at=3), callback_of(path, latent_dim=4))
    with Recording(path) as recording:
        assert not recording.complete
        assert recording.steps.tolist() == [0, 1, 2, 3]
        assert recording.scalars["g_loss"].steps.tolist() == [1, 2, 3]


def test_what_cannot_be_found_is_named(path: Path) -> None:
    with pytest.raises(UsageError, match="GAN has no network 'netG'"):
        fit(new_gan(), callback_of(path, "netG", latent_dim=4))
    with pytest.raises(UsageError, match="nothing is logged as G: the step logged"):
        fit(new_gan(), callback_of(path, latent_dim=4, scalars={"g_loss": "G"}))
    callback = callback_of(path, latent_dim=4)
    with pytest.raises(UsageError, match="a batch is dict"):
        callback.on_train_batch_start(
            type("Trainer", (), {"is_global_zero": True})(), new_gan(), {"x": 1}, 0
        )


def test_only_rank_zero_records(path: Path) -> None:
    trainer: Any = type("Trainer", (), {"is_global_zero": False})()
    callback = callback_of(path, latent_dim=4)
    callback.on_train_batch_start(trainer, new_gan(), None, 0)
    callback.on_train_batch_end(trainer, new_gan(), None, None, 0)
    callback.on_train_end(trainer, new_gan())
    callback.on_exception(trainer, new_gan(), ZeroDivisionError())
    assert callback.state_dict() == {"steps_made": 0}
    assert not path.exists()
