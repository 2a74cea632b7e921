"""What the commands read and print."""

from __future__ import annotations

import math

import pytest

from gan_viz.console import print_statistics


def test_a_sheet_is_printed_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    row = {
        "objective": "wgan-gp",
        "runs": 64,
        "w1_median": 0.0421,
        "w1_low": 0.01,
        "w1_high": 0.5,
        "covered": 0.875,
        "w1_below_tenth": 0.25,
        "steps_median": math.inf,
        "steps_within": 50,
    }
    print_statistics([row, row | {"objective": "hinge", "steps_median": 1350.0}])
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    (first,) = (line.split() for line in lines if "wgan-gp" in line)
    shown = ["wgan-gp", "64", "0.042", "(0.010–0.500)", "88%", "25%", "—"]
    assert [word for word in first if word != "│"] == shown
    assert "≤ 1,350" in next(line for line in lines if "hinge" in line)
