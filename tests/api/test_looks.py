"""Budgets, paces, presets and stills."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import gan_viz
from gan_viz.api import Look, preset
from gan_viz.api.budget import best_fit, compromises
from gan_viz.api.look import PACES, PRESETS
from gan_viz.errors import OutputError, RecordingError, UsageError
from gan_viz.panels.density import DensityPanel
from gan_viz.recording import Writer
from gan_viz.rendering.timeline import SharedSteps

STRIP = "losses(strip=yes)"
SMALL: dict[str, Any] = {"size": (480, 270), "duration": 1.0}


def test_a_budget_is_kept_and_what_gave_way_is_said(run: Path, tmp_path: Path) -> None:
    free = gan_viz.render(run, tmp_path / "free.gif", **SMALL)
    assert free.notice == ""
    budget = free.bytes // 2
    tight = gan_viz.render(run, tmp_path / "tight.gif", max_bytes=budget, **SMALL)
    assert tight.bytes == (tmp_path / "tight.gif").stat().st_size <= budget
    assert tight.bytes > budget // 4, "far too much was given up"
    assert f"to fit into {budget:,} bytes" in tight.notice
    with Image.open(tmp_path / "tight.gif") as image:
        assert image.size == tight.size
    assert tight.duration == pytest.approx(free.duration, abs=0.05)
    ample = gan_viz.render(run, tmp_path / "ample.gif", max_bytes=10**8, **SMALL)
    assert (ample.bytes, ample.notice) == (free.bytes, "")


def test_an_impossible_budget_fails_and_leaves_nothing(run: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no GIF of this recording fits into 500 bytes"):
        gan_viz.render(run, tmp_path / "a.gif", max_bytes=500, **SMALL)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match=r"\.mp4 has no option 'max_bytes': only \.gif has it"):
        gan_viz.render(run, tmp_path / "a.mp4", max_bytes=500, **SMALL)


def test_compromises_start_with_what_was_asked_and_never_shrink_below_the_least() -> None:
    look = Look(size=(960, 540))
    choices = compromises(look, 10.0, (320, 180))
    assert choices[0].look is look
    assert len(set(choices)) == len(choices) > 20
    for choice in choices:
        width, height = choice.look.size or (0, 0)
        assert width >= 320
        assert height >= 180
        assert choice.look.fps >= 4
        assert width / height == pytest.approx(16 / 9, rel=0.01)


CHOICES = compromises(Look(), 10.0, (320, 180))[:30]


@pytest.mark.parametrize("fitting", range(1, 30))
def test_the_search_finds_the_first_that_fits(fitting: int) -> None:
    tries: list[int] = []

    def attempt(choice: Any) -> int | None:
        tries.append(CHOICES.index(choice))
        return tries[-1] if tries[-1] >= fitting else None

    choice, result = best_fit(CHOICES, attempt, 1)
    assert CHOICES.index(choice) == result == fitting
    assert len(tries) <= 7
    assert [t for t in tries if t >= fitting][-1] == fitting, "its file would not be in place"


@pytest.mark.parametrize("pace", sorted(PACES))
def test_paces(run: Path, tmp_path: Path, pace: str) -> None:
    with gan_viz.Recording(run) as recording:
        scale = SharedSteps([recording]).positions(pace)
        steps = recording.steps
    assert scale[0] == 0
    assert np.all(np.diff(scale) > 0)
    expected = {"linear": steps, "sqrt": np.sqrt(steps), "log": np.log(steps + 1)}
    if pace in expected:
        np.testing.assert_allclose(scale, expected[pace])
    rendered = gan_viz.render(run, tmp_path / "a.gif", pace=pace, **SMALL | {"duration": 0.5})
    assert rendered.frames == 10


def test_stills(run: Path, tmp_path: Path) -> None:
    strip = gan_viz.render(run, tmp_path / "a.png", at=[0, 7, 60], size=(900, 400))
    assert strip.frames == 3
    assert strip.notice == "no frame was recorded at step 7: shown are steps 0, 6, 60"
    poster = gan_viz.render(run, tmp_path / "b.png", poster=True, scale=1.3)
    assert (poster.frames, poster.size) == (1, (960, 540))
    gan_viz.render(run, tmp_path / "c.pdf", poster=True, at=[20])
    gan_viz.render(run, tmp_path / "d.svg", columns=2)
    assert (tmp_path / "c.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (tmp_path / "d.svg").read_text(encoding="utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "b.png", "c.pdf", "d.svg"]


def test_a_poster_is_the_frame_of_the_animation(run: Path, tmp_path: Path) -> None:
    look = SMALL | {"duration": 0.2}
    gan_viz.render(run, tmp_path / "a.png", poster=True, **look)
    gan_viz.render(run, tmp_path / "a.gif", **look)
    with Image.open(tmp_path / "a.png") as still, Image.open(tmp_path / "a.gif") as movie:
        movie.seek(movie.n_frames - 1)
        difference = np.abs(
            np.asarray(still.convert("RGB"), int) - np.asarray(movie.convert("RGB"), int)
        )
    assert difference.mean() < 1.5


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_say_what_they_make(name: str, tmp_path: Path) -> None:
    looks = preset(name, tmp_path / "talk.gif", {"theme": "dark"})
    assert {path.stem for path in looks} == {"talk"}
    assert {path.suffix for path in looks} == set(PRESETS[name])
    assert {look.theme for look in looks.values()} == {"dark"}
    for path, look in looks.items():
        gan_viz.api.check_output(path, look)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"pace": "fast"}, "unknown pace"),
        ({"scale": 9}, "scale 9"),
        ({"columns": 0}, "columns 0"),
        ({"jobs": 0}, "jobs 0"),
        ({"max_bytes": 0}, "a size like 5MB"),
        ({"at": [5, -1]}, "step -1"),
    ],
)
def test_bad_looks_are_named(bad: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Look(**bad)


def test_unknown_presets_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'slides'"):
        preset("slide", tmp_path / "a.gif", {})
    with pytest.raises(UsageError, match="expected a file name like"):
        preset("slides", "frames/", {})


def test_jobs_change_no_byte(run: Path, tmp_path: Path) -> None:
    for suffix in (".gif", ".mp4", ".webp"):
        outs = [tmp_path / f"{jobs}{suffix}" for jobs in (1, 2)]
        for jobs, out in enumerate(outs, 1):
            gan_viz.render(run, out, jobs=jobs, **SMALL)
        assert outs[0].read_bytes() == outs[1].read_bytes()


def test_a_folder_of_frames(run: Path, tmp_path: Path) -> None:
    small = SMALL | {"duration": 0.25}
    rendered = gan_viz.render(run, f"{tmp_path}/frames/", **small)
    names = sorted(p.name for p in (tmp_path / "frames").iterdir())
    assert names == [f"frames-{k:04d}.png" for k in range(1, 6)]
    assert rendered.frames == 5
    with Image.open(tmp_path / "frames" / names[-1]) as last:
        assert last.size == (480, 270)
    (tmp_path / "frames" / "mine.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(UsageError, match=r"mine\.txt"):
        gan_viz.render(run, f"{tmp_path}/frames/", **small)
    with pytest.raises(UsageError, match="does not exist"):
        gan_viz.render(run, f"{tmp_path}/none/frames/")


def poster(source: Any, out: Path, **look: Any) -> Any:
    gan_viz.render(source, out, poster=True, **SMALL, **look)
    return np.asarray(Image.open(out))


def test_densities_and_arrows_are_chosen_by_name(run: Path, tmp_path: Path) -> None:
    def drawn(**look: Any) -> Any:
        return poster(run, tmp_path / "a.png", **look)

    usual = drawn()
    assert (drawn(density="exact") == usual).all()
    for way in ("kde", "histogram"):
        same = drawn(panels=[f"density-{way}", STRIP])
        assert (drawn(density=way) == same).all()
        assert (drawn(panels=f"density({way}), {STRIP}") == same).all()
        assert (drawn(panels=[DensityPanel(way), STRIP]) == same).all()
        assert (same != usual).any()
    assert (drawn(arrows="map") == drawn(panels=["figure1", STRIP])).all()
    for wrong in ({"density": "exakt"}, {"arrows": "up"}):
        with pytest.raises(UsageError, match="unknown"):
            drawn(panels=["losses"], **wrong)
    with pytest.raises(UsageError, match="the panel density draws them"):
        drawn(panels=["losses"], arrows="map")
    with pytest.raises(UsageError, match="unknown density of the panel density 'kd'"):
        drawn(panels="losses, density(kd)")


def test_gradient_arrows_need_the_gradients(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.ganviz") as writer:
        writer.add_channel("generator", (50,), "float64")
        writer.add_constant("latents", np.linspace(-1, 1, 50)[:, None])
        writer.write_frame(0, {"generator": np.linspace(-1, 1, 50)})
    with pytest.raises(RecordingError, match="panel density needs sample_gradient, gradient_lat"):
        poster(tmp_path / "a.ganviz", tmp_path / "a.png", arrows="gradient")


@pytest.mark.parametrize("asked", [["losses", "no-such-panel", 3], 3, ["none"], None])
def test_a_recording_can_ask_for_its_panels(asked: Any, tmp_path: Path) -> None:
    with Writer(tmp_path / "a.ganviz", header={"look": {"panels": asked}}) as writer:
        writer.add_channel("generator", (50,), "float64")
        writer.write_frame(0, {"generator": np.linspace(-1, 1, 50)})
        writer.write_scalars([1], {"d_loss": [1.0], "g_loss": [1.0]})
    kept = ["losses"] if isinstance(asked, list) and "losses" in asked else ["density", STRIP]
    found = poster(tmp_path / "a.ganviz", tmp_path / "a.png")
    assert (found == poster(tmp_path / "a.ganviz", tmp_path / "b.png", panels=kept)).all()


def test_a_preset_gives_options_only_to_formats_that_have_them(tmp_path: Path) -> None:
    files = gan_viz.api.preset("slides", tmp_path / "talk", {"max_colors": 64, "scale": 1.5})
    assert {path.suffix: look.max_colors for path, look in files.items()} == {
        ".gif": 64,
        ".mp4": None,
        ".png": None,
    }
    assert {look.scale for look in files.values()} == {1.5}
