from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from gan_viz.errors import MissingExtraError
from gan_viz.recording import Recording, Writer

xarray = pytest.importorskip("xarray")


def test_dataset(sample):
    with Recording(sample) as recording:
        dataset = recording.to_xarray()
        assert json.loads(dataset.attrs["header"]) == recording.header
        generator = dataset["generator"]
        assert generator.dims == ("frame", "generator_0")
        assert generator.dtype == np.float32
        assert generator.attrs == {"output": "x"}
        np.testing.assert_array_equal(generator, np.stack(list(recording.frames("generator"))))
        np.testing.assert_array_equal(dataset["frame"], recording.steps)
        assert dataset["generator"].sel(frame=50).values.tolist() == [50] * 64
        assert dataset["grid"].dims == ("grid_0",)
        np.testing.assert_array_equal(dataset["grid"], recording.constants["grid"])
        assert dataset["loss_D"].dims == ("step",)
        assert float(dataset["loss_D"].sel(step=7)) == 3.5
        images = dataset["images"]
        assert images.dtype == np.float16  # holds uint8 exactly
        assert np.isnan(images.isel(frame=1)).all()
        assert (images.sel(frame=180) == 180).all()


def test_scalars_at_different_steps_are_joined(path):
    with Writer(path) as writer:
        writer.write_scalars([1, 3], {"a": [1.0, 3.0]})
        writer.write_scalars([2, 3], {"b": [2.0, np.inf]})
    with Recording(path) as recording:
        dataset = recording.to_xarray()
    assert dataset["step"].values.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(dataset["a"], [1, np.nan, 3])
    np.testing.assert_array_equal(dataset["b"], [np.nan, 2, np.inf])


def test_names_that_clash(path):
    with Writer(path) as writer:
        for number, name in enumerate(["a_0", "a", "step", "frame"]):
            writer.add_channel(name, (number + 1,), "int8")
        writer.add_constant("a", np.zeros((2, 3)))
        writer.write_scalars([5], {"a": [1.0], "frame": [2.0]})
        writer.write_frame(0, {"a": [1, 2]})
        writer.write_frame(1, {})
    with Recording(path) as recording:
        dataset = recording.to_xarray()
    assert set(dataset.data_vars) == {
        "a_0", "a", "step_channel", "frame_channel", "a_constant", "a_scalar", "frame_scalar",
    }  # fmt: skip
    assert dataset["a"].shape == (2, 2)
    assert dataset["a_constant"].shape == (2, 3)
    assert dataset["frame"].values.tolist() == [0, 1]


def test_an_empty_recording(path):
    with Writer(path):
        pass
    with Recording(path) as recording:
        dataset = recording.to_xarray()
    assert dict(dataset.sizes) == {"frame": 0, "step": 0}


def test_without_xarray(sample, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with (
        Recording(sample) as recording,
        pytest.raises(MissingExtraError, match=r"to_xarray.*pip install 'gan-viz\[xarray\]'"),
    ):
        recording.to_xarray()
