"""Chapters follow one another, and each ends where its title has become true."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.diagnostics import verdicts
from gan_viz.diagnostics.wording import VERDICT_KINDS, Verdict
from gan_viz.panels.words import LANGUAGES, Words
from gan_viz.recording import Recording, Writer
from gan_viz.slides import chapters
from gan_viz.slides.chapters import MOST_VERDICTS, TITLES, _chosen


def test_they_cover_the_recording(run: Path) -> None:
    with Recording(run) as recording:
        found = chapters(recording)
        said = verdicts(recording)
        assert found[0].title == "Start"
        assert found[-1].title.startswith("End")
        assert [one.first for one in found] == [0, *(one.last + 1 for one in found[:-1])]
        assert found[-1].last == len(recording) - 1
        assert all(one.first <= one.last for one in found)
        assert said
        for verdict in said:
            (chapter,) = [one for one in found if verdict.text in one.notes]
            assert recording.steps[chapter.last] >= verdict.step
        assert "D's loss 1.25" in found[0].notes


def test_one_frame_is_one_chapter(tmp_path: Path) -> None:
    with Writer(tmp_path / "one.ganviz", {}) as writer:
        writer.add_channel("samples", (1, 2, 2), "uint8")
        writer.write_frame(3, {"samples": np.zeros((1, 2, 2), np.uint8)})
    with Recording(writer.path) as recording:
        (only,) = chapters(recording)
    assert (only.title, only.first, only.last) == ("End – Start", 0, 0)
    assert "Step 3." in only.notes


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_are_in_the_language_of_the_picture(run: Path, language: str) -> None:
    with Recording(run) as recording:
        found = chapters(recording, Words(language))
    start, _, end = TITLES[language]
    assert found[0].title == start
    assert found[-1].title.startswith(end)


@given(st.lists(st.sampled_from(VERDICT_KINDS), max_size=20))
def test_of_many_verdicts_every_kind_is_told(kinds: list[str]) -> None:
    given_ = [Verdict(kind, step, kind) for step, kind in enumerate(kinds)]
    chosen = _chosen(given_)
    assert chosen == sorted(chosen, key=lambda one: one.step)
    assert len(chosen) == min(len(given_), MOST_VERDICTS)
    assert len({one.kind for one in chosen}) == min(len(set(kinds)), MOST_VERDICTS)
