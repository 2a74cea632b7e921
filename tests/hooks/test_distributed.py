"""In several processes, and on an accelerator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from gan_viz.hooks import Recorder
from gan_viz.hooks.distributed import unwrapped, writes_here
from gan_viz.recording import Recording

PROCESS = '''
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from gan_viz.hooks import Recorder

folder, rank = Path(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(1)
dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
bce = nn.BCEWithLogitsLoss()


def train(path, alone):
    """Eight steps; the recorder of rank 0 is alone for the first, or every rank has one."""
    torch.manual_seed(5)
    g = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
    d = nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.2), nn.LeakyReLU(0.2), nn.Linear(8, 1))
    g, d = DistributedDataParallel(g), DistributedDataParallel(d)
    torch.manual_seed(10 + rank)
    optimizers = [torch.optim.Adam(net.parameters()) for net in (g, d)]
    recorder = None
    if path is not None and not (alone and rank):
        recorder = Recorder(path, g, d, data="norm(0, 1)", latent_dim=2, every=2)
    for _ in range(8):
        fake = g(torch.randn(16, 2))
        d_loss = bce(d(torch.randn(16, 1)), torch.ones(16, 1))
        d_loss = d_loss + bce(d(fake.detach()), torch.zeros(16, 1))
        optimizers[1].zero_grad()
        d_loss.backward()
        optimizers[1].step()
        g_loss = bce(d(fake), torch.ones(16, 1))
        optimizers[0].zero_grad()
        g_loss.backward()
        optimizers[0].step()
        if recorder is not None:
            recorder.step(d_loss=d_loss, g_loss=g_loss)
    if recorder is not None:
        assert recorder.steps_made == 8
        recorder.close()
    return [*g.state_dict().values(), *d.state_dict().values(), torch.get_rng_state()]


def refuse(*args, **kwargs):
    raise AssertionError("a collective, or an evaluation, on rank 1")


bare = train(None, False)
both = train(folder / f"both{rank}.ganviz", False)
alone = train(folder / "alone.ganviz", True)
for other in (both, alone):
    assert all(torch.equal(a, b) for a, b in zip(bare, other, strict=True))

if rank == 1:
    # without the other process a collective would wait for ever
    net = DistributedDataParallel.__new__(DistributedDataParallel)
    nn.Module.__init__(net)
    net.module = nn.Linear(1, 1)
    net.module.forward = refuse
    with Recorder(folder / "none.ganviz", net, data="norm(0, 1)") as recorder:
        recorder.step(loss=1.0)
dist.barrier()
dist.destroy_process_group()
print("done")
'''


def test_two_processes(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROCESS, str(tmp_path), str(rank)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        said = [process.communicate(timeout=60) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [out for out, _ in said] == ["done\n", "done\n"], said
    made = sorted(path.name for path in tmp_path.glob("*.ganviz*"))
    assert made == ["alone.ganviz", "both0.ganviz"]
    for name in made:
        with Recording(tmp_path / name) as recording:
            assert recording.complete
            assert recording.steps.tolist() == [0, 2, 4, 6, 8]
            assert recording.scalars["d_loss"].steps.tolist() == list(range(1, 9))


def test_alone_a_process_records() -> None:
    assert writes_here()


def test_wrappers_are_taken_off() -> None:
    net = nn.Linear(1, 1)
    assert unwrapped(net) is net
    assert unwrapped(nn.DataParallel(net)) is net


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu(tmp_path: Path) -> None:
    torch.manual_seed(0)
    g, d = nn.Linear(2, 1).cuda(), nn.Sequential(nn.Linear(1, 4), nn.Dropout(), nn.Linear(4, 1))
    d.cuda()
    before = torch.cuda.get_rng_state()
    with Recorder(tmp_path / "run.ganviz", g, d, data="norm(0, 1)", latent_dim=2) as recorder:
        for step in range(1, 6):
            loss = d(g(torch.ones(4, 2, device="cuda"))).mean()
            generator_state = torch.cuda.get_rng_state()
            recorder.step(d_loss=loss, g_loss=torch.full((), step, device="cuda"))
            assert torch.equal(generator_state, torch.cuda.get_rng_state())
    assert not torch.equal(before, torch.cuda.get_rng_state())  # of D's dropout
    with Recording(tmp_path / "run.ganviz") as recording:
        assert recording.scalars["g_loss"].values.tolist() == [1, 2, 3, 4, 5]
        assert recording.steps.tolist() == [0, 1, 2, 3, 4, 5]
