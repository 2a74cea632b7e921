"""Whatever the public functions are given: it works, or one clear line says what was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import gan_viz
from gan_viz import api
from gan_viz.api.options import ImageOptions, PresetOptions, SweepOptions, ToyOptions
from gan_viz.arguments import checked, fitted, kinds_of
from gan_viz.datasets import ImageSet
from gan_viz.errors import GanVizError, UsageError
from gan_viz.registry import HOOKS, OBJECTIVES
from gan_viz.sweeps.grid import cells
from gan_viz.training import Settings

WRONG: Mapping[str, Any] = {
    "a number": 5,
    "a negative number": -1,
    "a fraction": 2.5,
    "True": True,
    "a word": "abc",
    "no text": "",
    "numbers as text": "1,2",
    "bytes": b"x",
    "None": None,
    "nothing": [],
    "numbers": [1],
    "words": ["a"],
    "a mapping": {"a": 1},
    "a thing": object(),
    "a class": dict,
    "a scalar of NumPy": np.float64(2.5),
    "an array": np.array([1, 2]),
    "an array of no dimensions": np.array(3),
    "three": (1, 2, 3),
    "NaN": float("nan"),
    "a huge number": 10**400,
    "a set": {1},
    "a complex number": 1j,
}
REFUSED = object(), 1j, b"x", {"a": 1}
"""None of what the functions below take; they are tried where what is right would take long."""

CHEAP: Mapping[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    **{f"hook {name}": (HOOKS[name], ()) for name in HOOKS},
    **{f"objective {name}": (OBJECTIVES[name], ()) for name in OBJECTIVES},
    "ImageSet": (ImageSet, ("a", np.zeros((1, 2, 2), np.uint8), np.zeros(1, np.int64), ("a",))),
    "Latent": (gan_viz.Latent, ()),
    "Look": (gan_viz.Look, ()),
    "Recording": (gan_viz.Recording, ("none.ganviz",)),
    "Settings": (Settings, ()),
    "check_output": (api.check_output, ("a.gif",)),
    "compare": (gan_viz.compare, (["none.ganviz"], "a.png")),
    "export": (gan_viz.export, ("none.ganviz", "csv")),
    "keep_apart": (api.keep_apart, (["a.gif"], ["b"])),
    "metrics": (gan_viz.metrics, ("none.ganviz",)),
    "preset": (api.preset, ("slides", "a.gif", {})),
    "race_statistics": (gan_viz.race_statistics, (["none.ganviz"],)),
    "record_run": (gan_viz.record_run, ("none.db", 0, "a.ganviz")),
    "render": (gan_viz.render, ("none.ganviz", "a.png")),
    "write_metrics": (api.write_metrics, ("none.ganviz", "a.csv")),
    "write_race_statistics": (api.write_race_statistics, ([], "a.csv")),
}
"""Functions that have done nothing yet when they meet what is not there, and their arguments."""
COSTLY: Mapping[str, tuple[Callable[..., Any], tuple[Any, ...], Any]] = {
    "Recorder": (gan_viz.Recorder, ("a.ganviz", nn.Linear(1, 1)), None),
    "atlas": (gan_viz.atlas, ("none.db",), None),
    "live": (gan_viz.live, ("a.ganviz",), None),
    "race": (gan_viz.race, (), ToyOptions),
    "record_dirac": (gan_viz.record_dirac, ("a.ganviz",), None),
    "record_landscape": (gan_viz.record_landscape, ("a.ganviz",), None),
    "record_walk": (gan_viz.record_walk, (nn.Linear(1, 4), "a.ganviz"), None),
    "sweep": (gan_viz.sweep, ({"seed": [0]},), SweepOptions),
    "sweep_curves": (gan_viz.sweep_curves, ("none.db",), None),
    "train": (gan_viz.train, (), ToyOptions),
    "train_classic": (gan_viz.train_classic, ("jang",), PresetOptions),
    "train_images": (gan_viz.train_images, (), ImageOptions),
    "verdicts": (gan_viz.verdicts, ("none.ganviz",), None),
}
FREE = {"data", "real", "labels", "latent", "header", "conditional", "model", "dataset", "hooks"}
"""Arguments of many kinds, which are read by what they are for, and tested there."""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def parameters(function: Callable[..., Any]) -> Iterator[str]:
    for one in signature(function).parameters.values():
        if one.kind is Parameter.POSITIONAL_OR_KEYWORD or one.kind is Parameter.KEYWORD_ONLY:
            yield one.name


def call(function: Callable[..., Any], given: tuple[Any, ...], name: str, value: Any) -> str | None:
    """What is said of a value; AttributeError and the like pass."""
    named = dict(zip(parameters(function), given, strict=False))
    try:
        function(**{**named, name: value})
    except GanVizError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", CHEAP)
def test_no_value_is_a_riddle(name: str) -> None:
    function, given = CHEAP[name]
    for parameter in parameters(function):
        for value in WRONG.values():
            said = call(function, given, parameter, value)
            assert said is None or (said and "\n" not in said)


@pytest.mark.parametrize("name", COSTLY)
def test_what_is_of_the_wrong_kind_is_refused_before_anything_is_done(name: str) -> None:
    function, given, options = COSTLY[name]
    asked = {*parameters(function), *getattr(options, "__annotations__", ())} - FREE
    assert asked
    for parameter in asked:
        for value in REFUSED:
            if parameter == "settings" and isinstance(value, dict):
                continue
            said = call(function, given, parameter, value)
            assert said is not None
            assert "\n" not in said
    assert not [*Path().iterdir()]


@pytest.mark.parametrize("name", SweepOptions.__annotations__)
def test_the_settings_of_a_sweep_are_of_the_kinds_that_train_takes(name: str) -> None:
    for value in WRONG.values():
        for values in (value, [value]):
            call(cells, (), "settings", {name: values})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": 16}, r"hidden 16: expected a sequence of whole numbers, like \(32, 32\) or"),
        ({"betas": 0.5}, r"betas 0\.5: expected \(a number, a number\), like \(0, 0\.9\) or"),
        ({"betas": "0.5"}, r"betas '0\.5': expected two numbers, like 0,0\.9"),
        ({"hidden": "16,x"}, "hidden '16,x': expected whole numbers, like 10,100"),
        ({"steps": "100"}, "steps '100': expected a whole number"),
        ({"steps": 2.0}, r"steps 2\.0: expected a whole number"),
        ({"steps": True}, "steps True: expected a whole number"),
        ({"seed": "1"}, "seed '1': expected a whole number"),
        ({"batch": 2.5}, r"batch 2\.5: expected a whole number"),
        ({"g_lr": "1e-3"}, "g_lr '1e-3': expected a number"),
        ({"every": "10"}, "every '10': expected a whole number"),
        ({"stabilizers": "ema,nose"}, "unknown stabilizer 'nose': did you mean 'noise'"),
        ({"activations": "tanh"}, r"activations 'tanh': expected \(text, text\)"),
        ({"phases": "yes"}, "phases 'yes': expected True or False"),
        ({"progress": "bar"}, "progress 'bar': expected a function"),
        ({"generator": 5}, "generator 5: expected a Module"),
        ({"record": 5}, "record 5: expected a path"),
    ],
)
def test_train_says_what_it_expected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        gan_viz.train(**options)
    assert not [*Path().iterdir()]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": 2}, r"seeds 2: expected a sequence of whole numbers, like \(0, 1, 2\) or"),
        ({"seeds": "2-0"}, "seeds '2-0': expected whole numbers of at least 0"),
        ({"objectives": "lsgan,wgen"}, "unknown objective 'wgen': did you mean 'wgan'"),
        ({"objectives": "lsgan,lsgan"}, "a race of 2 runs: expected"),
        ({"seed": 2}, "seed 2: a race has several; give seeds="),
        ({"objective": "wgan"}, "objective 'wgan': a race has several; give objectives="),
    ],
)
def test_a_race_says_what_it_expected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        gan_viz.race(**options)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ({"size": "640x360"}, {"size": (640, 360)}),
        ({"at": "100,200"}, {"at": [100, 200]}),
        ({"max_bytes": "1MB"}, {"max_bytes": 1_000_000}),
        ({"pause": "100,500:2"}, {"pause": [(100, 1.0), (500, 2.0)]}),
        ({"slow": "0-200:3"}, {"slow": [(0, 200, 3.0)]}),
        ({"show": "dstar"}, {"show": ["dstar"]}),
        ({"show": "dstar,bound"}, {"show": ["dstar", "bound"]}),
        ({"label": "data=heights"}, {"label": {"data": "heights"}}),
        ({"colors": "data=orange"}, {"colors": {"data": "orange"}}),
        ({"colors": "32"}, {"max_colors": 32}),
        ({"size": np.array([640, 360])}, {"size": (640, 360)}),
        ({"columns": np.int64(3), "scale": np.float32(1.5)}, {"columns": 3, "scale": 1.5}),
        ({"fps": np.array(10), "poster": np.True_}, {"fps": 10, "poster": True}),
    ],
)
def test_a_look_is_the_same_as_typed_and_as_made(
    text: dict[str, Any], value: dict[str, Any]
) -> None:
    assert gan_viz.Look(**text) == gan_viz.Look(**value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": "640"}, "size '640': expected width x height in pixels, like 960x540"),
        ({"size": 640}, r"size 640: expected \(a whole number, a whole number\), like"),
        ({"at": 100}, "at 100: expected a sequence of whole numbers, like"),
        ({"fps": "20"}, "fps '20': expected a number"),
        ({"title": 3}, "title 3: expected text"),
        ({"scalars": ["a"]}, r"scalars \['a'\]: expected text, like \"g_loss,d_loss\""),
        ({"panels": 5}, "panel 5: expected a name"),
        ({"theme": []}, r"unknown theme \[\]: Known: classic"),
        ({"max_bytes": "big"}, r"max_bytes \(--max-size\) 'big': expected a number of bytes"),
        ({"columns": True}, "columns True: expected a whole number"),
        ({"colors": "²"}, "colors '²': expected names and values"),
    ],
)
def test_a_look_says_what_it_expected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        gan_viz.Look(**options)


def test_training_is_the_same_as_typed_and_as_made(tmp_path: Path) -> None:
    both = [
        api.toy.build_toy(hidden="4,4", betas="0.5,0.9", stabilizers="none", steps=np.int64(3)),
        api.toy.build_toy(hidden=(4, 4), betas=(0.5, 0.9), stabilizers=(), steps=3),
    ]
    assert both[0].settings == both[1].settings
    assert both[0].header == both[1].header


def test_one_text_is_one_title_and_one_class(tmp_path: Path) -> None:
    run = gan_viz.record_landscape(tmp_path / "a.ganviz")
    for out in ("a.png", "a.html", "a.md"):
        with pytest.raises(UsageError, match="1 titles for 2 recordings: expected one for each"):
            gan_viz.compare([run, run], tmp_path / out, titles="ab")
    with pytest.raises(UsageError, match="labels up to 2"):
        gan_viz.Recorder(
            tmp_path / "b.ganviz",
            nn.Linear(1, 2),
            real=torch.zeros(3, 2),
            labels=[0, 1, 2],
            classes="abc",
        )


def test_only_wrong_arguments_of_the_callers_are_renamed() -> None:
    @checked
    def half(number: int, *rest: int, of: Sequence[int] | None = None, **more: Any) -> Any:
        """Its own docstring."""
        return number, rest, of, more

    assert half(np.int8(4), 5, of=(1, 2), unknown="x") == (4, (5,), (1, 2), {"unknown": "x"})
    assert half.__doc__ == "Its own docstring."
    assert half(number=1) == (1, (), None, {})
    with pytest.raises(UsageError, match="number '4': expected a whole number"):
        half("4")


def test_what_fits_is_not_copied() -> None:
    kind = kinds_of(ToyOptions)["hidden"]
    given = [16, 16]
    assert fitted("hidden", given, kind) is given
