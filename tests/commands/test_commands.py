"""The commands as a user calls them."""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gan_viz.api import STABILIZERS, Look
from gan_viz.recording import Recording

HEAVY = ("torch", "matplotlib", "scipy", "PIL", "av", "numpy")


def call(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=cwd, capture_output=True, text=True, check=False
    )


Done = subprocess.CompletedProcess[str]


def modules_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*[m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()) if done.stdout.strip() else set()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a GIF and a recording made by the command."""
    folder = tmp_path_factory.mktemp("place")
    done = call(
        "gan_viz.toy1d",
        *("--out", "anim.gif", "--record", "run.ganviz", "--data", "0.5*norm(-2, 1) + 0.5*t(3, 3)"),
        *("--steps", "40", "--size", "480x270", "--theme", "classic", "--duration", "1"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "stabilizers: data standardized" in done.stderr
    assert "anim.gif:" in done.stderr
    return folder


def test_the_toy_command_makes_a_gif_and_a_recording(place: Path) -> None:
    assert sorted(p.name for p in place.iterdir()) == ["anim.gif", "run.ganviz"]
    with Image.open(place / "anim.gif") as image:
        assert image.size == (480, 270)
        assert image.n_frames > 10


def test_info_and_render(place: Path, tmp_path: Path, call_here: Callable[..., Done]) -> None:
    run = str(place / "run.ganviz")
    done = call_here("gan_viz", "info", run)
    assert done.returncode == 0
    assert "non-saturating" in done.stdout
    assert "complete" in done.stdout
    done = call_here("gan_viz", "info", run, "--json")
    contents = json.loads(done.stdout)
    assert contents["channels"]["generator"]["shape"] == [1024]
    assert contents["scalars"] == {"d_loss": 40, "g_loss": 40}
    done = call_here(
        *("gan_viz", "render", run, "--out", "b.mp4", "--quiet", "--size", "480x270"),
        *("--panels", "density(kde, dstar=no), losses", "--duration", "0.5"),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "b.mp4").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["gan_viz.toy1d", "--out", "a.jpg"], 2, "unknown extension '.jpg'"),
        (["gan_viz.toy1d", "--out", "no/a.gif"], 2, "no"),
        (["gan_viz.toy1d", "--out", "."], 2, "folder"),
        (["gan_viz.toy1d", "--out", "x" * 300 + ".gif"], 2, "File name too long"),
        (["gan_viz.toy1d", "--out", "bad.ganviz/"], 2, "bad.ganviz is a file"),
        (["gan_viz.toy1d", "--out", "loop.gif"], 2, "symbolic links"),
        (["gan_viz.toy1d", "--seeds", "0-9", "--out", "x" * 300 + ".csv"], 2, "name too long"),
        (["gan_viz", "render", "none.ganviz", "--preset", "slides", "--out", "."], 2, "folder"),
        (["gan_viz.toy1d", "--fps", "0"], 2, "fps 0"),
        (["gan_viz.toy1d", "--size", "big"], 2, "size 'big'"),
        (["gan_viz.toy1d", "--panels", "density(kd)"], 2, "did you mean 'kde'"),
        (["gan_viz.toy1d", "--steps", "-5"], 2, "steps -5"),
        (["gan_viz.toy1d", "--data", "norm(0, -1)"], 2, "norm"),
        (["gan_viz.toy1d", "--data", "__import__('os')"], 2, "__import__"),
        (["gan_viz.toy1d", "--objective", "minmax"], 2, "did you mean 'minimax'"),
        (["gan_viz.toy1d", "--betas", "0.9"], 2, "two numbers"),
        (["gan_viz.toy1d", "--model", "flwo"], 2, "did you mean 'flow'"),
        (["gan_viz.toy1d", "--model", "flow", "--race", "wgan"], 2, "--race and --model"),
        (["gan_viz.toy1d", "--reverse", "--preset", "jang"], 2, "--preset and --reverse"),
        (["gan_viz.toy1d", "--reverse"], 2, "samples in one step"),
        (["gan_viz.toy1d", "--model", "flow", "--d-lr", "0.1"], 2, "plays no game"),
        (["gan_viz.toy1d", "--model", "flow", "--arrows", "gradient"], 2, "flow has no D"),
        (["gan_viz.toy1d", "--model", "flow", "--show", "dstar"], 2, "flow has no D"),
        (["gan_viz.toy1d", "--race", "wgan,flow", "--arrows", "gradient"], 2, "flow has no D"),
        (["gan_viz.toy1d", "--latent-dim", "2", "--arrows", "map"], 2, "z of one dimension"),
        (["gan_viz.toy1d", "--latent-dim", "2", "--show", "bound"], 2, "z of one dimension"),
        (["gan_viz.toy1d", "--hidden", "16,x"], 2, "hidden '16,x'"),
        (["gan_viz.toy1d", "--record", "no/run.ganviz"], 2, "no"),
        (["gan_viz.toy1d", "--column", "height"], 2, "column"),
        (["gan_viz.toy1d", "--steps", "many"], 2, "--steps"),
        (["gan_viz.toy1d", "--density", "kdf"], 2, "did you mean 'kde'"),
        (["gan_viz.toy1d", "--preset", "radfort"], 2, "did you mean 'radford'"),
        (["gan_viz.toy1d", "--preset", "jang", "--stabilizers", "all"], 2, "stabilizers"),
        (["gan_viz.toy1d", "--preset", "jang", "--race", "hinge"], 2, "--preset and --race"),
        (["gan_viz.toy1d", "--race", "hinge", "--objective", "wgan"], 2, "--objective wgan"),
        (["gan_viz.toy1d", "--race", "hinge", "--seeds", "5-1"], 2, "--seeds '5-1'"),
        (["gan_viz.toy1d", "--race", "hing", "--out", "a.csv"], 2, "did you mean 'hinge'"),
        (["gan_viz.toy1d", "--seeds", "0-9", "--out", "no/a.csv"], 2, "no does not exist"),
        (["gan_viz", "render", "none.ganviz"], 1, "none.ganviz"),
        (["gan_viz", "info", "bad.ganviz"], 1, "bad.ganviz"),
        (["gan_viz.mnist", "--resume"], 2, "expected both"),
        (["gan_viz.mnist", "--checkpoint", "a.pt"], 2, "like run.safetensors"),
        (["gan_viz.mnist", "--neighbours", "a.txt"], 2, "unknown extension '.txt'"),
        (["gan_viz", "rendr"], 2, "rendr"),
    ],
)
def test_bad_input_gets_a_clear_line(
    words: Sequence[str], code: int, message: str, tmp_path: Path, call_here: Callable[..., Done]
) -> None:
    (tmp_path / "bad.ganviz").write_bytes(b"GIF89a, not a recording")
    (tmp_path / "loop.gif").symlink_to("loop.gif")
    done = call_here(*words)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.ganviz", "loop.gif"]
    if "error: " in done.stderr:  # ours; Typer's own usage errors are drawn in a box
        assert len([line for line in done.stderr.splitlines() if "error: " in line]) == 1


def test_the_slides_preset(place: Path, tmp_path: Path, call_here: Callable[..., Done]) -> None:
    done = call_here(
        *("gan_viz", "render", str(place / "run.ganviz"), "--out", "talk.gif"),
        *("--preset", "slides", "--duration", "0.5", "--size", "640x360"),
    )
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["talk.gif", "talk.mp4", "talk.png"]
    for name in ("talk.gif", "talk.png"):
        with Image.open(tmp_path / name) as image:
            assert image.size == (640, 360)
    assert (tmp_path / "talk.gif").stat().st_size < 5_000_000


def test_bad_data_is_refused_before_training(
    tmp_path: Path, call_here: Callable[..., Done]
) -> None:
    (tmp_path / "m.csv").write_text("height\n1\n2\nnan\n", encoding="utf-8")
    done = call_here("gan_viz.toy1d", "--data", "m.csv")
    assert done.returncode == 1
    assert "nan" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_training_that_diverges_is_drawn_and_fails(
    tmp_path: Path, call_here: Callable[..., Done]
) -> None:
    done = call_here(
        "gan_viz.toy1d",
        *("--g-lr", "1e30", "--d-lr", "1e30", "--out", "a.gif", "--size", "320x180"),
        *("--duration", "0.5", "--stabilizers", "none", "--steps", "500"),
    )
    assert done.returncode == 1
    assert "try lower learning rates" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "a.gif").exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_draws_what_there_is(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gan_viz.toy1d", "--steps", "100000000", "--out", "a.gif"),
            *("--size", "320x180", "--record", "run.ganviz", "--duration", "0.5"),
        ],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "run.ganviz").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "training stopped; drawing what was recorded" in errors
    assert (tmp_path / "a.gif").exists()


@pytest.mark.parametrize("module", ["gan_viz.toy1d", "gan_viz", "gan_viz.cli"])
def test_help_imports_nothing_heavy(module: str, tmp_path: Path) -> None:
    done = call(module, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Usage" in done.stdout or module == "gan_viz.cli"
    assert modules_after(f"import {module}".replace("gan_viz.__main__", "gan_viz")) == set()


def test_importing_the_package_is_light() -> None:
    assert modules_after("import gan_viz") == set()


def test_drawing_never_imports_torch(small_run: Path, tmp_path: Path) -> None:
    run, out = str(small_run), str(tmp_path / "a.gif")
    found = modules_after(
        f"import gan_viz; gan_viz.render({run!r}, {out!r}, size=(320, 180), duration=0.2); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    assert "torch" not in found
    assert "matplotlib" in found


@pytest.mark.parametrize("debug", ["", "1"])
def test_even_a_bug_gets_one_line(debug: str, tmp_path: Path) -> None:
    code = "from gan_viz import console; console.run(lambda **_: 1 / 0)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "GAN_VIZ_DEBUG": debug},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert ("Traceback" in done.stderr) == bool(debug)
    assert "ZeroDivisionError: division by zero" in done.stderr


def test_the_mnist_command(tmp_path: Path, call_here: Callable[..., Done]) -> None:
    pytest.importorskip("sklearn")
    done = call_here(
        "gan_viz.mnist",
        *("--model", "mlp", "--dataset", "digits", "--epochs", "1", "--no-coverage", "--fps", "50"),
        *("--out", "a.gif", "--record", "a.ganviz", "--save-every-epoch", "e", "--walk", "w.apng"),
        *("--size", "320x180", "--max-size", "9MB", "--every", "8"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["a.ganviz", "a.gif", "e", "w.apng"]
    assert {p.name for p in (tmp_path / "e").iterdir()} == {"epoch-001.png", "real_samples.png"}
    with Image.open(tmp_path / "w.apng") as image:
        assert (image.n_frames, image.size) == (200, (320, 180))
    done = call_here("gan_viz", "info", "a.ganviz", "--json")
    contents = json.loads(done.stdout)
    assert contents["header"]["dataset"] == "digits"
    assert contents["channels"]["samples"]["shape"] == [64, 28, 28]
    assert contents["verdicts"] == []


def test_neighbours_are_one_above_the_other(
    tmp_path: Path, call_here: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gan_viz import api

    def draw(recording: Path, out: str, look: api.Look, **options: Any) -> api.Rendered:
        drawn = render(recording, out, look, **options)
        if out == "near.png":
            again = dataclasses.replace(look, poster=True)
            render(recording, tmp_path / "again.png", again)
        return drawn

    render = api.render
    monkeypatch.setattr(api, "render", draw)
    done = call_here(
        "gan_viz.mnist", "--dataset", "digits", "--model", "mlp", "--steps", "2", "--no-coverage",
        "--size", "480x270", "--out", "o.png", "--neighbours", "near.png",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "near.png").read_bytes() == (tmp_path / "again.png").read_bytes()


def test_the_summary_of_a_model(tmp_path: Path, call_here: Callable[..., Done]) -> None:
    done = call_here("gan_viz.mnist", "--model", "dcgan", "--summary")
    assert done.returncode == 0
    for words in ("ConvTranspose2d", "n x 512 x 3 x 3", "2,169,473", "1,713,025"):
        assert words in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--model", "dcgann"], 2, "did you mean 'dcgan'"),
        (["--data-dir", "."], 1, "train-images-idx3-ubyte"),
        (["--walk", "w.gi"], 2, "w.gi"),
    ],
)
def test_bad_input_to_mnist(
    words: Sequence[str], code: int, message: str, tmp_path: Path, call_here: Callable[..., Done]
) -> None:
    done = call_here("gan_viz.mnist", *words)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_preset_with_something_of_ones_own(
    tmp_path: Path, call_here: Callable[..., Done]
) -> None:
    words = ("--preset", "kremerj", "--steps", "3", "--batch", "8", "--g-activation", "tanh")
    done = call_here("gan_viz.toy1d", *words, "--out", "a.png", "--record", "a.ganviz")
    assert done.returncode == 0, done.stderr
    assert "preset kremerj: Jan Kremer" in done.stderr
    with Recording(tmp_path / "a.ganviz") as recording:
        header = recording.header
    assert header["preset"] == "kremerj"
    assert (header["settings"]["steps"], header["settings"]["batch"]) == (3, 8)
    assert "Tanh" in header["networks"]["generator"]
    assert "Tanh" not in header["networks"]["discriminator"]


def test_a_race_is_drawn_or_summed_up(tmp_path: Path, call_here: Callable[..., Done]) -> None:
    race = ("--race", "minimax,hinge", "--steps", "4", "--batch", "8", "--data", "bimodal")
    small = ("--fps", "5", "--size", "480x270")
    drawn = call_here("gan_viz.toy1d", *race, "--seeds", "0,1", "--record", "runs", *small)
    assert drawn.returncode == 0, drawn.stderr
    with Image.open(tmp_path / "race.gif") as image:
        assert (image.n_frames, image.size) == (5, (480, 270))
    names = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert names == [f"{name}-{seed}.ganviz" for name in ("hinge", "minimax") for seed in (0, 1)]
    table = call_here("gan_viz.toy1d", *race, "--seeds", "0-7")
    assert table.returncode == 0, table.stderr
    assert "hinge" in table.stdout
    assert len((tmp_path / "race.csv").read_text(encoding="utf-8").splitlines()) == 3
    again = ("runs/hinge-0.ganviz", "runs/minimax-1.ganviz", "--out", "two.png")
    assert call_here("gan_viz", "compare", *again, "--titles", "a,b").returncode == 0
    with Image.open(tmp_path / "two.png") as image:
        assert image.size == (960, 540)


def test_the_defaults_in_the_help_are_those_of_the_functions() -> None:
    from gan_viz.api.toy import build_toy
    from gan_viz.toy1d import TRAINING
    from gan_viz.training import Settings

    defaults = {f.name: f.default for f in dataclasses.fields(Settings)}
    for name, parameter in inspect.signature(build_toy).parameters.items():
        defaults[name] = parameter.default
    shown = {name: row.default for name, row in TRAINING.items()}
    for name in ("objective", "steps", "seed", "latent", "latent_dim", "batch", "optimizer"):
        assert shown[name] == defaults[name], name
    assert (shown["d_steps"], shown["g_steps"]) == (defaults["d_steps"], defaults["g_steps"])
    assert shown["hidden"] == ",".join(map(str, defaults["hidden"]))
    assert set(defaults["stabilizers"]) == set(STABILIZERS)
    assert shown["stabilizers"] == "all"


@pytest.mark.parametrize("names", [("--g-lr", "--d-lr"), ("--g-rate", "--d-rate")])
def test_old_names_of_options_still_work(
    names: Sequence[str], tmp_path: Path, call_here: Callable[..., Done]
) -> None:
    g_lr, d_lr = names
    done = call_here(
        "gan_viz.toy1d",
        *("--steps", "2", g_lr, "0.5", d_lr, "0.25", "--betas", "0.1,0.2", "--stabilizers", "none"),
        *("--out", "a.png", "--record", "a.ganviz"),
    )
    assert done.returncode == 0, done.stderr
    assert "the bare game" in done.stderr
    with Recording(tmp_path / "a.ganviz") as recording:
        told = recording.header["settings"]
    assert (told["g_lr"], told["d_lr"], told["betas"]) == (0.5, 0.25, [0.1, 0.2])


def test_every_field_of_the_look_is_an_option(call_here: Callable[..., Done]) -> None:
    typed = {"max_bytes": "--max-size"}
    done = call_here("gan_viz", "render", "--help")
    for field in dataclasses.fields(Look):
        assert typed.get(field.name, f"--{field.name.replace('_', '-')}") in done.stdout
