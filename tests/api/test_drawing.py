"""From a recording to files, read back with other libraries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

import gan_viz
from gan_viz import api
from gan_viz.api import Look, check_output
from gan_viz.api.drawing import Animation, make_renderer
from gan_viz.errors import GanVizError, OutputError, RecordingError, UsageError
from gan_viz.recording import Recording, Writer
from gan_viz.registry import ENCODERS
from gan_viz.rendering import THEMES, Canvas
from gan_viz.rendering import theme as theme_module


def duration_of(path: Path) -> float:
    with Image.open(path) as image:
        total = 0
        for frame in range(image.n_frames):
            image.seek(frame)
            total += image.info["duration"]
    return total / 1000


def test_gif(run: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    rendered = gan_viz.render(
        run,
        tmp_path / "a.gif",
        size=(480, 270),
        fps=10,
        hold=1,
        progress=lambda task, done, total, figures: told.append((task, done, total)),
    )
    assert rendered.frames == 31
    assert told[-1] == ("rendering", 31, 31)
    assert rendered.bytes == (tmp_path / "a.gif").stat().st_size
    with Image.open(tmp_path / "a.gif") as image:
        assert image.size == (480, 270)
        assert image.info["loop"] == 0
    assert duration_of(tmp_path / "a.gif") == pytest.approx(4.1, abs=0.02)
    assert rendered.duration == pytest.approx(4.1, abs=0.02)


def test_mp4(run: Path, tmp_path: Path) -> None:
    gan_viz.render(run, tmp_path / "a.MP4", size=(480, 270), fps=25, hold=0.4, theme="dark")
    with av.open(tmp_path / "a.MP4") as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (480, 270)
        assert sum(1 for _ in container.decode(video=0)) == 31 + 10


def test_sample_frames_are_drawn_once_and_for_encoders_that_look_ahead(run: Path) -> None:
    with Recording(run) as recording:
        look = Look(size=(320, 180), panels=["losses"])
        renderer = make_renderer(recording, look)
        animation = Animation(renderer, look)
        for suffix, kind in ENCODERS.items():
            samples = animation.clip_for(kind).samples
            assert len(samples) == (11 if suffix == ".gif" else 0)
        part = animation.between(3, 7).clip_for(ENCODERS[".gif"])
        assert part.samples is animation.clip_for(ENCODERS[".gif"]).samples
        assert part.frames == 5
        for sample, frame in zip(part.samples, range(0, 31, 3), strict=True):
            assert np.array_equal(sample, renderer.frame(frame))


def test_png(run: Path, tmp_path: Path) -> None:
    rendered = gan_viz.render(run, tmp_path / "a.png", size=(900, 500), panels=["density"])
    assert rendered.frames == 6
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (900, 500)
        assert len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) > 50


def test_the_same_recording_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    for name in ("a.gif", "b.gif"):
        gan_viz.render(run, tmp_path / name, size=(320, 180), duration=0.5)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


def test_an_open_recording_stays_open(run: Path, tmp_path: Path) -> None:
    with Recording(run) as recording:
        gan_viz.render(recording, tmp_path / "a.gif", size=(320, 180), duration=0.2)
        assert recording.array("generator", 0).shape == (1024,)


def test_a_duration_longer_than_the_frames_shows_them_for_longer(run: Path, tmp_path: Path) -> None:
    rendered = gan_viz.render(run, tmp_path / "a.gif", size=(320, 180), duration=10, fps=20)
    assert (rendered.frames, rendered.fps) == (200, 20)
    assert duration_of(tmp_path / "a.gif") == pytest.approx(12, abs=0.02)
    assert "the recording has 31" in rendered.notice
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames <= 31


def test_accents_take_time_in_addition(run: Path, tmp_path: Path) -> None:
    size, out = (320, 180), tmp_path / "a.gif"
    short = {"size": size, "duration": 1, "fps": 10}
    plain = gan_viz.render(run, out, **short)
    paused = gan_viz.render(run, out, **short, pause=[(10, 0.5), (60, 1.0)])
    assert paused.duration == pytest.approx(plain.duration + 1.5, abs=0.02)
    back = gan_viz.render(run, out, **short, boomerang=True)
    assert back.duration == pytest.approx(plain.duration + 0.8, abs=0.02)
    slow = gan_viz.render(run, out, size=size, slow=[(0, 60, 2.0)])
    assert slow.frames == 61


def test_what_was_there_is_replaced_only_by_a_complete_file(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.gif"
    out.write_bytes(b"precious")

    def interrupt(task: str, done: int, total: int, figures: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gan_viz.render(run, out, size=(320, 180), progress=interrupt)
    assert out.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir()] == ["a.gif"]
    rendered = gan_viz.render(run, out, size=(320, 180), duration=0.2)
    assert out.read_bytes().startswith(b"GIF89a")
    assert str(rendered).endswith(" MB, replaced an older one")


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.svg", "frames/"])
def test_what_is_replaced_is_said(run: Path, tmp_path: Path, name: str) -> None:
    look = {"size": (320, 180), "duration": 0.1, "panels": "losses"}
    first, second = (gan_viz.render(run, f"{tmp_path}/{name}", **look) for _ in range(2))
    assert str(first).endswith(" MB")
    assert (first.replaced, second.replaced) == (False, True)


@pytest.mark.parametrize(
    ("look", "message"),
    [
        ({"fps": 0}, "fps 0"),
        ({"fps": float("nan")}, "fps nan"),
        ({"fps": 60}, "50"),
        ({"duration": -1}, "duration -1"),
        ({"hold": -1}, "hold -1"),
        ({"size": (10, 10)}, "size 10x10"),
        ({"size": (10**6, 540)}, "size 1000000x540"),
        ({"theme": "drak"}, "did you mean 'dark'"),
        ({"panels": ["densty"]}, "did you mean 'density'"),
        ({"panels": []}, "no panels"),
        ({"loop": -1}, "loop -1"),
    ],
)
def test_unusable_looks_are_named(
    run: Path, tmp_path: Path, look: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        gan_viz.render(run, tmp_path / "a.gif", **look)
    with pytest.raises(UsageError, match=message):
        check_output(tmp_path / "a.gif", Look(**look))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.jpg", "unknown extension '.jpg'; expected one of .gif"),
        ("a", "no extension"),
        (".", "is a folder"),
        ("missing/a.gif", "missing"),
    ],
)
def test_unusable_places_are_named(run: Path, tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(GanVizError, match=message) as caught:
        gan_viz.render(run, tmp_path / name)
    assert caught.value.exit_code == 2


def test_every_format_refuses_a_folder_under_its_name(run: Path, tmp_path: Path) -> None:
    for suffix in ENCODERS:
        folder = tmp_path / f"folder{suffix}"
        folder.mkdir()
        with pytest.raises((UsageError, OutputError), match="folder"):
            gan_viz.render(run, folder)


def test_recordings_with_nothing_to_draw(tmp_path: Path) -> None:
    with Writer(tmp_path / "empty.ganviz"):
        pass
    with pytest.raises(RecordingError, match="no frames"):
        gan_viz.render(tmp_path / "empty.ganviz", tmp_path / "a.gif")
    with Writer(tmp_path / "other.ganviz") as writer:
        writer.write_frame(0, {})
    with pytest.raises(RecordingError, match="finds what it needs"):
        gan_viz.render(tmp_path / "other.ganviz", tmp_path / "a.gif")
    with pytest.raises(RecordingError, match="needs generator"):
        gan_viz.render(tmp_path / "other.ganviz", tmp_path / "a.gif", panels=["density"])
    with pytest.raises(RecordingError):
        gan_viz.render(tmp_path / "none.ganviz", tmp_path / "a.gif")


def test_a_look_is_checked_once(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its theme is looked up, and its canvas made, once for a GIF, a strip and a comparison."""
    calls: list[str] = []

    def count(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def counted(*arguments: Any) -> Any:
            calls.append(name)
            return original(*arguments)

        monkeypatch.setattr(owner, name, counted)

    count(theme_module, "theme")
    count(Canvas, "__post_init__")
    count(Look, "__post_init__")
    once = ["__post_init__", "theme", "__post_init__"]
    gan_viz.render(run, tmp_path / "a.gif", size=(480, 270), duration=0.2)
    assert calls == once
    calls.clear()
    gan_viz.render(run, tmp_path / "a.png", Look(size=(480, 270), poster=True))
    assert calls == once
    calls.clear()
    api.compare([run, run], tmp_path / "b.png", size=(480, 270), theme="dark")
    assert calls == once


def test_the_canvas_of_a_look_is_as_large_as_asked_for_or_usual() -> None:
    look = Look(theme="dark", scale=1.5)
    assert look.canvas == Canvas(960, 540, THEMES["dark"], 1.5)
    assert look.canvas_of((1500, 900)) == Canvas(1500, 900, THEMES["dark"], 1.5)
    assert Look(size=(640, 360)).canvas_of((1500, 900)) == Canvas(640, 360)
