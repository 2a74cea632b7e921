"""What is typed becomes runs."""

from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.api.options import ToyOptions
from gan_viz.errors import UsageError
from gan_viz.sweeps.grid import SETTINGS, Range, cells, read_grid


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("seed=0-3", {"seed": [0, 1, 2, 3]}),
        ("seed=7, 0-2,1", {"seed": [7, 0, 1, 2]}),
        ("g-lr=log(1e-4,1e-2,3)", {"g_lr": [1e-4, 1e-3, 1e-2]}),
        ("g_lr=1e-3,2.5e-3", {"g_lr": [1e-3, 2.5e-3]}),
        ("ema=lin(0,0.9,4)", {"ema": [0, 0.3, 0.6, 0.9]}),
        ("g_lr = log(1e-4,1e-2) ;; d_lr=lin(0.1,0.2);", {
            "g_lr": Range(1e-4, 1e-2, log=True), "d_lr": Range(0.1, 0.2),
        }),
        ("batch=lin(16,64)", {"batch": Range(16, 64, whole=True)}),
        ("batch=lin(16,64,3)", {"batch": [16, 40, 64]}),
        ("hidden=16x16,32", {"hidden": [[16, 16], [32]]}),
        ("betas=0:0.9,0.5:0.999", {"betas": [[0.0, 0.9], [0.5, 0.999]]}),
        ("decay=on,off", {"decay": [True, False]}),
        ("stabilizers=none,ema+decay", {"stabilizers": [[], ["ema", "decay"]]}),
        ("data=0.5*norm(-1,1)+0.5*norm(2,1),bimodal", {
            "data": ["0.5*norm(-1,1)+0.5*norm(2,1)", "bimodal"],
        }),
    ],
)  # fmt: skip
def test_text(text: str, values: dict[str, object]) -> None:
    assert read_grid(text) == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected settings"),
        (";", "expected settings"),
        ("seed", "expected name=values, like seed=0-9"),
        ("seed=", "expected name=values"),
        ("sed=1", "did you mean 'seed'"),
        ("seed=1;seed=2", "seed is there twice"),
        ("seed=5-1", "seed=5-1: expected values like 0-9"),
        ("g_lr=log(0,1,3)", "expected values like log"),
        ("g_lr=lin(1,0,3)", "expected values like log"),
        ("g_lr=log(1,2),3", "expected values like log"),
        ("g_lr=log(1,2,1)", "expected values like log"),
        ("g_lr=nan(1)", "expected values like log"),
        ("decay=maybe", "expected values like on,off"),
        ("betas=0.9", "expected values like 0.5:0.999"),
        ("hidden=16x", "expected values like 16x16"),
        ("seed=0-999999999999999", "expected at most"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        read_grid(text)


@given(st.text(max_size=40) | st.text("=;,()lgin0123456789-x:+ed_r", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert read_grid(text).keys() <= SETTINGS.keys()


def test_the_settings_are_options_of_train() -> None:
    assert SETTINGS.keys() - {"data"} <= ToyOptions.__annotations__.keys()
    for name, setting in SETTINGS.items():
        assert read_grid(f"{name}={setting.example}")[name]


def test_a_grid_is_the_product_with_seeds_together() -> None:
    found = cells({"seed": [0, 1], "objective": ["a", "b"], "g_lr": [1.0]})
    assert [(one["objective"], one["seed"]) for one in found] == [
        ("a", 0), ("a", 1), ("b", 0), ("b", 1),
    ]  # fmt: skip


def test_a_latin_hypercube_has_one_draw_in_each_part_of_each_setting() -> None:
    settings = {"g_lr": Range(1e-4, 1e-2, log=True), "ema": Range(0, 0.9), "objective": ["a", "b"]}
    found = cells(settings, "latin", 10, seed=3)
    parts = [int(math.log10(one["g_lr"] / 1e-4) / 2 * 10) for one in found]
    assert sorted(parts) == list(range(10))
    assert sorted(int(one["ema"] / 0.9 * 10) for one in found) == list(range(10))
    assert [one["objective"] for one in found].count("a") == 5
    assert all(one["seed"] == 0 for one in found)


def test_a_random_sample_is_even_in_the_scale_asked_for() -> None:
    settings = {"g_lr": Range(1e-4, 1e-2, log=True), "d_steps": Range(1, 4, whole=True)}
    found = cells({**settings, "seed": [5, 6]}, "random", 4000)
    assert found == cells({**settings, "seed": [5, 6]}, "random", 4000)
    logs = np.log10([one["g_lr"] for one in found[::2]])
    assert np.mean(logs < -3) == pytest.approx(0.5, abs=0.03)
    counts = np.bincount([one["d_steps"] for one in found[::2]])
    np.testing.assert_allclose(counts, [0, 1000, 1000, 1000, 1000], atol=120)
    assert [one["seed"] for one in found[:4]] == [5, 6, 5, 6]
    assert found[0]["g_lr"] == found[1]["g_lr"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (({"g_lr": Range(0, 1)},), "how many"),
        (({"g_lr": []},), "at least one value"),
        (({"rate": [1]},), "no option 'rate'"),
        (({"g_lr": [1]}, "sobol", 5), "expected random or latin"),
        (({"g_lr": [1]}, "random"), "positive whole number"),
        (({"seed": Range(0, 5)}, "random", 5), "run each combination with"),
        (({"seed": range(4000), "g_lr": range(1, 4001)},), "expected at most"),
    ],
)
def test_what_cannot_be_run_is_named(arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        cells(*arguments)  # type: ignore[arg-type]
