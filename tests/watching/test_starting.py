"""Watchers that are started beside a training, and in a notebook."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import gan_viz
from gan_viz import watcher_process
from gan_viz.errors import OutputError, RecordingWarning

from .conftest import begin

TOY: dict[str, Any] = {"generate": lambda z: z[:, 0], "latent_dim": 1, "data": "norm(0, 1)"}


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """What would be started."""
    given: list[list[str]] = []

    def keep(command: list[str], **_: object) -> object:
        given.append(command)
        return object()

    monkeypatch.setattr(watcher_process.subprocess, "Popen", keep)
    yield given
    watcher_process._STARTED.clear()


def test_a_notebook_shows_the_page_of_a_watcher(tmp_path: Path) -> None:
    path = tmp_path / "run.ganviz"
    begin(path).close()
    shown = gan_viz.live(path)
    try:
        assert f'<iframe src="{shown.url}"' in shown._repr_html_()
        parts = urlsplit(shown.url)
        assert parts.hostname == "127.0.0.1"
        connection = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=20)
        connection.request("GET", f"{parts.path}state")
        assert json.load(connection.getresponse())["status"] == "complete"
        connection.close()
    finally:
        shown.stop()


def test_one_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(OutputError, match=r"see what gan-viz watch .*run\.ganviz says"):
        gan_viz.live(tmp_path / "run.ganviz")


def test_a_recorder_starts_one_and_serves_nothing_itself(
    tmp_path: Path, commands: list[list[str]]
) -> None:
    path = tmp_path / "run.ganviz"
    gan_viz.Recorder(tmp_path / "other.ganviz", **TOY).close()
    gan_viz.Recorder(path, **TOY, live=True).close()
    assert [command[1:] for command in commands] == [
        ["-m", "gan_viz", "watch", str(path), "--while-used"]
    ]


def test_a_training_goes_on_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> object:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(watcher_process.subprocess, "Popen", fails)
    with pytest.warns(RecordingWarning, match="Cannot allocate memory"):
        recorder = gan_viz.Recorder(tmp_path / "run.ganviz", **TOY, live=True)
    recorder.step(d_loss=1.0)
    recorder.close()


def test_pictures_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gan_viz import mnist

    seen: list[Path] = []
    monkeypatch.setattr(mnist, "watch_beside", seen.append)
    monkeypatch.chdir(tmp_path)
    words = "mnist --live --dataset digits --model mlp --steps 2 --batch 4 --no-coverage --quiet"
    options = ["--record", "run.ganviz", "--out", "a.png", "--size", "320x180"]
    monkeypatch.setattr(sys, "argv", [*words.split(), *options])
    mnist.main()
    assert seen == [Path("run.ganviz")]


def test_the_toy_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gan_viz import toy1d

    seen: list[bool] = []
    monkeypatch.setattr(toy1d, "watch_beside", lambda place: seen.append(place.exists()))
    monkeypatch.chdir(tmp_path)
    words = ["toy1d", "--live", "--steps", "3", "--out", "a.png", "--size", "320x180", "--quiet"]
    monkeypatch.setattr(sys, "argv", words)
    toy1d.main()
    assert seen == [False]  # before there is anything
    monkeypatch.setattr(sys, "argv", ["toy1d", "--live", "--race", "minimax,hinge"])
    with pytest.raises(SystemExit) as leaving:
        toy1d.main()
    assert leaving.value.code == 2
