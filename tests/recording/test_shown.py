"""What a stranger's recording may ask of memory and time."""

from __future__ import annotations

import numpy as np
import pytest

from gan_viz import api
from gan_viz.errors import RecordingError
from gan_viz.recording import Recording, Writer
from gan_viz.recording.shown import MOST_CHARACTERS, MOST_ELEMENTS, MOST_FRAMES, check_shown


def written(path, *, channels=(), constants=(), header=None):
    with Writer(path, header or {}) as writer:
        for name, dtype, shape in channels:
            writer.add_channel(name, shape, dtype)
        for name, array in constants:
            writer.add_constant(name, array)
        writer.write_frame(0, {})
    return path


@pytest.mark.parametrize(
    ("channel", "fits"),
    [
        (("mine", "uint8", (MOST_ELEMENTS,)), True),
        (("mine", "uint8", (MOST_ELEMENTS + 1,)), False),
        (("samples", "uint8", (16_385, 32, 32)), False),
        (("generator", "float32", (2**20,)), True),
        (("generator", "float32", (2**20 + 1,)), False),
        (("class_counts", "int32", (10_001,)), False),
    ],
)
def test_larger_arrays_are_refused_with_their_size(path, channel, fits):
    with Recording(written(path, channels=[channel])) as recording:
        if fits:
            check_shown(recording)
        else:
            elements = f"{np.prod(channel[2]):,}"
            with pytest.raises(RecordingError, match=f"{channel[0]!r} has {elements} elements"):
                check_shown(recording)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("real_samples", np.zeros((3, 4)), "float64 of the shape .3, 4., expected pictures"),
        ("real_samples", np.zeros((0, 4, 4), np.uint8), "expected pictures"),
        ("real_samples", np.uint8(7), "expected pictures"),
        ("real_labels", np.zeros((3, 1), np.int64), "a row of whole numbers"),
        ("sample_labels", np.zeros(3), "a row of whole numbers"),
        ("x", np.zeros((2, 2)), "a row of numbers"),
        ("x", np.array([0.0, np.nan]), "not finite and ascending"),
        ("x", np.array([1.0, 0.0]), "not finite and ascending"),
        ("latents", np.float64(1), "latents"),
        ("gradient_latents", np.zeros((2, 2)), "a row of numbers"),
    ],
)
def test_constants_are_what_their_names_say(path, name, array, message):
    written(path, constants=[(name, array)])
    with Recording(path) as recording, pytest.raises(RecordingError, match=message):
        check_shown(recording)
    with pytest.raises(RecordingError, match=message):
        api.render(path, path.with_name("a.gif"))
    assert [file.name for file in path.parent.iterdir()] == ["run.ganviz"]


@pytest.mark.parametrize(
    ("name", "shape", "panel", "expected"),
    [
        ("class_counts", (2, 3), "coverage", "a number for each class"),
        ("class_counts", (0,), "coverage", "a number for each class"),
        ("points", (4,), "points", r"\(n, 2\)"),
        ("points", (4, 3), "points", r"\(n, 2\)"),
        ("signals", (4, 5), "signals", r"\(n, channels, t\)"),
        ("signals", (4, 0, 5), "signals", r"\(n, channels, t\)"),
    ],
)
def test_channels_have_the_shape_that_their_panel_needs(path, name, shape, panel, expected):
    with Writer(path) as writer:
        writer.add_channel(name, shape, "float32")
        writer.write_frame(0, {name: np.zeros(shape)})
        writer.write_scalars([0, 1], {"d_loss": [1, 2], "g_loss": [2, 1]})
    with pytest.raises(
        RecordingError, match=f"{name} has the shape .*, expected {expected}; choose"
    ):
        api.render(path, path.with_name("a.gif"), panels=[panel])
    with pytest.raises(RecordingError, match="choose other panels"):
        api.render(path, path.with_name("a.png"), panels=[panel])


def test_many_frames_and_long_texts_are_cut(path):
    header = {
        "title": "t" * 10_000,
        "classes": ["c" * 10_000] * 2,
        "target": {"label": "l" * 9_999},
    }
    with Writer(path, {**header, "values": [1.5] * 9_999}) as writer:
        for step in range(0, 3 * MOST_FRAMES, 2):
            writer.write_frame(step, {})
    with Recording(path) as recording:
        recording.limit(MOST_FRAMES, MOST_CHARACTERS, 100)
        steps = recording.steps
        assert (len(recording), recording.recorded_frames) == (MOST_FRAMES, 15_000)
        assert (steps[0], steps[-1]) == (0, 29_998)
        assert set(np.diff(steps).tolist()) == {2, 4}
        assert recording.header["title"] == "t" * MOST_CHARACTERS
        assert recording.header["classes"] == ["c" * MOST_CHARACTERS] * 2
        assert recording.header["target"]["label"] == "l" * MOST_CHARACTERS
        assert len(recording.header["values"]) == 9_999
        recording.refresh()
        assert len(recording) == 15_000
        assert recording.header["title"] == "t" * 10_000


@pytest.mark.parametrize("distance", [1, 7, 64])
def test_of_long_series_scattered_values_are_read(path, distance):
    steps = np.arange(20_000) * distance
    with Writer(path) as writer:
        writer.write_scalars(steps, {"d_loss": np.sqrt(steps), "few": steps, "last": steps})
        writer.write_frame(0, {})
    with Recording(path) as recording:
        assert dict(recording.scalar_counts) == dict.fromkeys(["d_loss", "few", "last"], 20_000)
        recording.limit(10, 10, 2000)
        found = recording.scalars["d_loss"]
        assert 1500 < len(found.steps) < 2500
        assert (found.steps[0], found.steps[-1]) == (0, steps[-1])
        assert (found.values == np.sqrt(found.steps)).all()
        places = found.steps / steps[-1]  # even: within 4 standard errors, at most 6
        assert np.abs(places - np.linspace(0, 1, len(places))).max() < 2 / np.sqrt(len(places))
        recording.refresh()
        assert len(recording.scalars["d_loss"].steps) == 20_000


def test_frames_left_out_are_told_of(path, monkeypatch):
    from gan_viz.api import drawing

    monkeypatch.setattr(drawing, "MOST_FRAMES", 5)
    with Writer(path) as writer:
        writer.write_scalars(range(9), {"d_loss": np.ones(9), "g_loss": np.ones(9)})
        for step in range(9):
            writer.write_frame(step, {})
    assert api.render(path, path.with_name("a.gif")).notice == "of 9 frames 5 were read"


def test_of_very_many_frames_those_of_the_clip_are_read(path, monkeypatch):
    from gan_viz.api import drawing

    monkeypatch.setattr(drawing, "FRAMES_AT_ONCE", 40)
    with Writer(path) as writer:
        writer.write_scalars(range(400), {"d_loss": np.ones(400), "g_loss": np.ones(400)})
        for step in range(400):
            writer.write_frame(step, {})
    made = api.render(path, path.with_name("a.gif"), duration=2, fps=10, size=(320, 180))
    assert made.frames == 20
    read = int(made.notice.split()[3])  # those shown, and ten more
    assert made.notice == f"of 400 frames {read} were read"
    assert 20 <= read <= 30
    with Recording(path) as recording:
        assert "were read" not in api.render(recording, path.with_name("a.gif"), duration=2).notice
        assert len(recording) == 400


def test_half_a_character_is_replaced(path):
    with Writer(path, {"title": "a\ud800b", "pair": "\U0001f600", "d": {"k\udfff": ["\udc00"]}}):
        pass
    with Recording(path) as recording:
        header = dict(recording.header)
    assert header["title"] == "a?b"
    assert header["pair"] == "\U0001f600"
    assert header["d"] == {"k?": ["?"]}
