"""The status line: what it says, and for how long."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_viz.diagnostics import ending, statuses, turns
from gan_viz.diagnostics.status import READ, Status
from gan_viz.distributions import target
from gan_viz.recording import Recording, Writer


def said(path: Path, header: dict[str, Any], seconds: Any = None, **series: Any) -> list[str]:
    """The lines on 200 frames, one every 10 steps, of a training with these numbers."""
    steps = list(range(0, 2000, 10))
    with Writer(path, header) as writer:
        for step in steps:
            writer.write_frame(step, {})
        if series:
            columns = {name: [value(step) for step in steps] for name, value in series.items()}
            writer.write_scalars(steps, columns)
    with Recording(path) as recording:
        shown = statuses(recording, seconds)
    return [f"{one.words} (step {one.step:,})" if one.step >= 0 else one.words for one in shown]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.ganviz"


def changes(texts: list[str]) -> list[tuple[str, int]]:
    """Each text as long as it stays, and for how many frames."""
    return [(text, len(list(group))) for text, group in groupby(texts)]


def test_a_verdict_stays_while_it_holds(path: Path) -> None:
    logistic = {"objective": {"d_loss_at": {"0.98": 0.04, "0.9": 0.21}}}
    texts = said(path, logistic, d_loss=lambda t: 1.4 if t < 500 or t > 1500 else 0.0)
    ((_, before), (text, during), (none, _)) = changes(texts)
    step = before * 10
    assert text == f"D saturated (step {step:,})"
    assert none == ""
    assert during * 10 == pytest.approx(1510 - step, abs=20)


def test_a_line_is_true_of_its_frame_and_a_newer_one_comes_first(path: Path) -> None:
    """The left mode is lost from step 500 to 1000; D's loss is lost at 1900."""
    two = target("0.5*norm(-2, 0.5) + 0.5*norm(2, 0.5)").describe()
    texts = said(
        path,
        {"target": two},
        g_mode_1=lambda t: 0.0 if 500 <= t < 1000 else 0.5,
        g_mode_2=lambda t: 0.5,
        d_loss=lambda t: np.nan if t == 1900 else 1.4,
    )
    assert changes(texts) == [
        ("", 56),
        ("mode at −2 lost (step 560)", 44),
        ("", 90),
        ("D's loss is nan (step 1,900)", 10),
    ]


def test_what_holds_for_too_short_to_be_read_is_not_shown(path: Path) -> None:
    two = target("0.5*norm(-2, 0.5) + 0.5*norm(2, 0.5)").describe()
    series = {"g_mode_1": lambda t: 0.0 if 500 <= t < 1000 else 0.5, "g_mode_2": lambda t: 0.5}
    texts = said(path, {"target": two}, np.arange(200) / 40, **series)  # 44 frames: 1.1 seconds
    assert changes(texts) == [("", 200)]


def test_many_modes_lost_together_are_counted(path: Path) -> None:
    ten = " + ".join(f"0.1*norm({4 * k}, 0.3)" for k in range(10))
    series = {f"g_mode_{k}": lambda t, k=k: 0.1 * (k > 6 or t < 500) for k in range(1, 11)}
    texts = said(path, {"target": target(ten).describe()}, **series)
    assert texts[-1] == "6 modes missing (step 560)"


def test_modes_lost_together_are_told_together(path: Path) -> None:
    three = target("trimodal").describe()
    texts = said(
        path,
        {"target": three},
        **{f"g_mode_{k}": lambda t, k=k: 0.0 if k != 2 and t > 500 else 0.3 for k in (1, 2, 3)},
    )
    assert texts[-1] == "mode at −3 lost · mode at 3 lost (step 570)"


def test_what_is_shown_already_is_not_said_again_with_another_step(path: Path) -> None:
    texts = said(
        path,
        {},
        g_diversity=lambda t: 1.0 if t < 500 else 0.05,
        g_coverage=lambda t: 1.0 if t < 1000 else 0.1,
    )
    (_, (text, during)) = changes(texts)
    assert text.startswith("mode collapse (step 5")
    assert during > 140


def test_turns_go_round(path: Path) -> None:
    texts = said(path, {"turns": ["D's turn", "G's turn", ""]}, d_loss=lambda t: 0.0)
    assert texts[0] == ""
    assert texts[1:4] == ["D's turn", "G's turn", ""]  # steps 10, 20, 30


def test_verdicts_come_in_order_and_each_can_be_read(path: Path) -> None:
    """Three modes are lost one after the other, faster than they can be read."""
    three = target("trimodal").describe()
    levels = {f"g_mode_{k}": lambda t, k=k: 0.0 if t > 300 + 60 * k else 0.33 for k in (1, 2, 3)}
    for pace in (1 / 20, 1 / 5):
        texts = said(path, {"target": three}, np.arange(200) * pace, **levels)
        told = [(text, number) for text, number in changes(texts) if text]
        steps = [int(text.rpartition("step ")[2][:-1].replace(",", "")) for text, _ in told]
        assert steps == sorted(steps)
        assert len(told) == 3
        assert all(number * pace >= READ - pace for _, number in told[:-1])
        path.unlink()


def test_the_last_frame_shows_the_latest(path: Path) -> None:
    three = target("trimodal").describe()
    levels = {f"g_mode_{k}": lambda t, k=k: 0.0 if t > 1700 + 20 * k else 0.33 for k in (1, 2, 3)}
    texts = said(path, {"target": three}, np.arange(200) / 200, **levels)
    assert texts[-1].startswith("mode at 3 lost")


def test_turns_are_told_as_kinds(path: Path) -> None:
    with Writer(path, {"turns": ["D's turn", "G's turn", "rest"]}) as writer:
        for step in range(4):
            writer.write_frame(step, {})
    with Recording(path) as recording:
        assert turns(recording) == ["", "turn-d", "turn-g", ""]
        assert statuses(recording)[1] == Status("D's turn", "turn-d")


@pytest.mark.parametrize("turns", [[], "ab", {"a": 1}, ["a", 3], ["a" * 41], ["a\nb"], None, 7])
def test_strange_turns_are_passed_over(path: Path, turns: Any) -> None:
    assert said(path, {"turns": turns}) == [""] * 200


def test_the_end_has_all_that_is_true_then(path: Path) -> None:
    """D's loss is low from step 100 on; the left mode is lost from step 1500 on."""
    two = target("0.5*norm(-2, 0.5) + 0.5*norm(2, 0.5)").describe()
    series = {
        "d_loss": lambda t: 1.4 if t < 100 else 0.0,
        "g_mode_1": lambda t: 0.5 if t < 1500 else 0.0,
        "g_mode_2": lambda t: 0.5,
    }
    said(path, {"target": two, "objective": {"d_loss_at": {"0.98": 0.04, "0.9": 0.21}}}, **series)
    with Recording(path) as recording:
        assert [one.kind for one in ending(recording)] == ["overpowered", "lost-mode"]
        assert [one.words for one in ending(recording)] == ["D saturated", "mode at −2 lost"]


def test_turns_have_no_end(path: Path) -> None:
    said(path, {"turns": ["D's turn", "G's turn"]}, d_loss=lambda t: 0.0)
    with Recording(path) as recording:
        assert ending(recording) == []
