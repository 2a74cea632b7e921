"""No command writes over what it reads, over its own other output, or over a bystander."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

import gan_viz
from gan_viz.errors import RecordingError, UsageError

TOY = ["gan_viz.toy1d", "--steps", "4", "--quiet"]
SWEEP = ["gan_viz", "sweep", "--steps", "2", "--quiet", "--grid", "seed=0-1"]
MNIST = ["gan_viz.mnist", "--dataset", "digits", "--model", "mlp", "--steps", "2", "--no-coverage"]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "words",
    [
        "gan_viz render a.gif --out a.gif",
        "gan_viz render a.gif --out ./x/../a.gif",
        "gan_viz render a.gif --out link.gif",
        "gan_viz render link.gif --out a.gif",
        "gan_viz render link.gif --out hard.gif",
        "gan_viz render a.gif --preset readme --out a.mp4",
        "gan_viz render a.gif --preset slides --out a.ganviz",
        "gan_viz render frames/frames-0001.png --out frames/",
        "gan_viz compare a.gif b.gif --out b.gif",
        "gan_viz metrics a.csv --out a.csv",
        "gan_viz metrics a.csv --out link.csv",
        "gan_viz render a.csv --out a.csv",
    ],
)
def test_recordings_are_not_drawn_over(words, call_here, run_here, tmp_path) -> None:
    for name in ("a.gif", "b.gif", "a.csv"):
        run_here(name)
    (tmp_path / "x").mkdir()
    (tmp_path / "frames").mkdir()
    run_here("frames/frames-0001.png")
    (tmp_path / "link.gif").symlink_to("a.gif")
    (tmp_path / "link.csv").symlink_to("a.csv")
    os.link(tmp_path / "a.gif", tmp_path / "hard.gif")
    before = contents(tmp_path)
    done = call_here(*words.split())
    assert (done.returncode, contents(tmp_path)) == (2, before), done.stderr
    assert "which is read: give another name" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([*TOY, "--record", "same.gif", "--out", "same.gif"], "both be written"),
        ([*TOY, "--record", "f/../same.gif", "--out", "same.gif"], "both be written"),
        ([*TOY, "--data", "d.csv", "--race", "lsgan", "--out", "d.csv"], "which is read"),
        ([*TOY, "--data", "d.gif", "--out", "d.gif"], "which is read"),
        ([*TOY, "--data", "d.csv", "--record", "d.csv"], "which is read"),
        ([*TOY, "--race", "lsgan", "--record", "r.csv", "--out", "r.csv"], "both be written"),
        ([*TOY, "--race", "lsgan", "--record", "f", "--out", "f/"], "both be written"),
        ([*SWEEP, "--data", "d.csv", "--table", "d.csv"], "which is read"),
        ([*SWEEP[:-1], "data=gaussian,d.csv", "--table", "x/../d.csv"], "which is read"),
        ([*SWEEP, "--data", "d.csv", "--out", "d.csv", "--resume"], "which is read"),
        ([*SWEEP, "--out", "s.csv", "--table", "s.csv"], "both be written"),
        ([*SWEEP, "--out", "s.csv", "--record", "0:s.csv"], "both be written"),
        ([*SWEEP, "--table", "s.csv", "--record", "0:s.csv"], "both be written"),
        ([*SWEEP, "--record", "0:r.ganviz,1:./r.ganviz"], "both be written"),
        ([*SWEEP, "--record", "0:a.ganviz,0:b.ganviz"], "given twice"),
        ([*SWEEP, "--record", "0:r.gif"], "a recording is a file like r.ganviz"),
        ([*SWEEP, "--out", "f"], "is a directory"),
        ([*MNIST, "--walk", "w.gif", "--out", "w.gif"], "both be written"),
        ([*MNIST, "--record", "w.gif", "--walk", "w.gif"], "both be written"),
        ([*MNIST, "--save-every-epoch", "f", "--out", "f/epoch-001.png"], "both be written"),
        ([*MNIST, "--save-every-epoch", "f", "--out", "f/"], "both be written"),
    ],
)
def test_nothing_is_written_twice_or_over_data(words, message, call_here, tmp_path) -> None:
    (tmp_path / "f").mkdir()
    for name in ("d.csv", "d.gif"):
        (tmp_path / name).write_text("x\n1\n2\n4\n")
    before = contents(tmp_path)
    done = call_here(*words)
    assert (done.returncode, contents(tmp_path)) == (2, before), done.stderr
    assert message in done.stderr


def test_a_sweep_is_not_drawn_over(call_here, tmp_path) -> None:
    place = tmp_path / "s.csv"
    results = gan_viz.sweep("seed=0-1", place, steps=2, jobs=1)
    (tmp_path / "atlas.png").symlink_to(place)
    before = place.read_bytes()
    for words in ((), ("--curves",), ("--out", "./atlas.png")):
        done = call_here("gan_viz", "atlas", "s.csv", *words)
        assert (done.returncode, place.read_bytes()) == (2, before)
        assert "which is read" in done.stderr
    done = call_here(*SWEEP, "--record", "0:s.csv", "--out", "new.db")
    assert (done.returncode, len([*tmp_path.iterdir()])) == (1, 2)
    with pytest.raises(UsageError, match="which is read"):
        results.write("s.csv")
    with pytest.raises(RecordingError, match="not a gan_viz recording"):
        gan_viz.record_run("s.csv", 0, "s.csv")
    assert place.read_bytes() == before


def test_a_table_may_lie_among_the_recordings(call_here, tmp_path) -> None:
    (tmp_path / "f").mkdir()
    words = [*TOY, "--race", "lsgan,hinge", "--record", "f/", "--out", "f/race.csv"]
    assert call_here(*words).returncode == 0
    names = sorted(path.name for path in (tmp_path / "f").iterdir())
    assert names == ["hinge-0.ganviz", "lsgan-0.ganviz", "race.csv"]


def test_a_walk_leaves_no_recording_and_takes_no_name(call_here, tmp_path) -> None:
    bystander = tmp_path / "k-walk.ganviz"
    bystander.write_bytes(b"mine")
    done = call_here(*MNIST, "--record", "k.ganviz", "--walk", "w.png", "--out", "o.png", "--quiet")
    assert done.returncode == 0, done.stderr
    assert bystander.read_bytes() == b"mine"
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["k-walk.ganviz", "k.ganviz", "o.png", "w.png"]


@pytest.mark.parametrize("lost", [False, True])
def test_the_recordings_of_a_race_are_rescued(lost, call_here, monkeypatch, tmp_path) -> None:
    from gan_viz import api
    from gan_viz.errors import OutputError

    def fail(*args: object, **options: object) -> None:
        raise OutputError("no luck")

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(api, "compare", fail)
    if lost:
        monkeypatch.setattr(shutil, "copytree", full)
    (tmp_path / "o").write_bytes(b"mine")
    done = call_here(*TOY, "--race", "lsgan,hinge", "--out", "o.gif")
    assert done.returncode == 1
    assert ("the recordings are lost: o-2" if lost else "kept: o-2") in done.stderr
    assert (tmp_path / "o").read_bytes() == b"mine"
    kept = sorted(path.name for path in tmp_path.glob("o-2/*"))
    assert kept == ([] if lost else ["hinge-0.ganviz", "lsgan-0.ganviz"])


def test_a_recording_is_rescued_under_a_free_name(call_here, monkeypatch, tmp_path) -> None:
    from gan_viz import api
    from gan_viz.errors import OutputError

    def fail(*args: object, **options: object) -> None:
        raise OutputError("no luck")

    monkeypatch.setattr(api, "render", fail)
    (tmp_path / "o.ganviz").write_bytes(b"mine")
    done = call_here(*TOY, "--out", "o.gif")
    assert done.returncode == 1
    assert "the recording is kept: o-2.ganviz" in done.stderr
    assert (tmp_path / "o.ganviz").read_bytes() == b"mine"
    assert call_here("gan_viz", "info", "o-2.ganviz").returncode == 0
