"""Results of a sweep that are damaged, or made to do harm."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import gan_viz
from gan_viz.errors import GanVizError, RecordingError, UsageError

GRID = "objective=lsgan,hinge; g_lr=1e-3,1e-2"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("strange") / "sweep.db"
    gan_viz.sweep(GRID, place, steps=2, jobs=1)
    return place


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cells SET settings = '{'",
        "UPDATE cells SET settings = '[]'",
        """UPDATE cells SET settings = '{"objective": {}}'""",
        """UPDATE cells SET settings = '{"objective": "\\ud800"}'""",
        """UPDATE cells SET settings = '{"steps": -3}'""",
        """UPDATE cells SET settings = '{"g_lr": NaN}'""",
        f"""UPDATE cells SET settings = '{{"g_lr": {"9" * 400}}}'""",
        """UPDATE cells SET settings = '{"g_lr": 1e300}'""",
        """UPDATE cells SET settings = '{"id": 5}'""",
        """UPDATE cells SET settings = '{"g_lr": 1}' WHERE id = 1""",
        "UPDATE cells SET curve = x'00'",
        "UPDATE cells SET curve = 'abc'",
        "UPDATE cells SET curve = ''",
        "UPDATE cells SET curve = zeroblob(4000)",
        "UPDATE cells SET w1 = 'x'",
        "UPDATE cells SET modes = 0",
        "UPDATE cells SET modes = NULL",
        "UPDATE cells SET verdicts = 'x'",
        "UPDATE cells SET at_end = '[1]'",
        "UPDATE cells SET status = 'x'",
        "UPDATE sweep SET common = '['",
        "UPDATE sweep SET common = '[]'",
        "DELETE FROM sweep",
        "DELETE FROM cells",
        "ALTER TABLE cells ADD COLUMN more AS (w1 + 1)",
        "CREATE TRIGGER t AFTER UPDATE ON cells BEGIN DELETE FROM cells; END",
        "CREATE VIEW v AS SELECT 1",
    ],
)
def test_what_is_damaged_is_one_line(change: str, whole: Path, tmp_path: Path) -> None:
    place = Path(shutil.copy(whole, tmp_path / "sweep.db"))
    with closing(sqlite3.connect(place)) as database, database:
        database.execute(change)
    look = gan_viz.Look(size=(320, 180))
    calls = [
        lambda: gan_viz.atlas(place, tmp_path / "a.png", look=look),
        lambda: gan_viz.sweep_curves(place, tmp_path / "c.png", look=look),
        lambda: gan_viz.SweepResults(place).write(tmp_path / "t.csv"),
    ]
    failed = 0
    for call in calls:
        try:
            call()
        except GanVizError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017
            failed += 1
    assert failed
    before = place.read_bytes()
    with pytest.raises(GanVizError):
        gan_viz.sweep(GRID, place, steps=3, jobs=1, resume=True)
    assert place.read_bytes() == before


def test_a_journal_that_names_another_file_is_not_touched(whole: Path, tmp_path: Path) -> None:
    place, victim = Path(shutil.copy(whole, tmp_path / "sweep.db")), tmp_path / "mine.txt"
    victim.write_text("mine")
    name = str(victim).encode()
    journal = bytes.fromhex("d9d505f920a163d7") + bytes(504) + name
    journal += len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big")
    journal += bytes.fromhex("d9d505f920a163d7")
    (tmp_path / "sweep.db-journal").write_bytes(journal)
    for resume in (False, True):
        with pytest.raises(RecordingError, match="names another file"):
            if resume:
                gan_viz.sweep(GRID, place, steps=2, jobs=1, resume=True)
            else:
                gan_viz.SweepResults(place)
    assert victim.read_text() == "mine"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cells SET w1 = 1e308",
        "UPDATE cells SET w1 = -1e308 WHERE id = 0",
        "UPDATE cells SET w1 = 9e999 WHERE id = 1",
        "UPDATE cells SET w1 = 5e-324 WHERE id = 0",
        "UPDATE cells SET w1 = NULL",
        "UPDATE cells SET curve = x'ffff7f7fffff7fff'",  # the largest number, and the lowest
        "UPDATE cells SET curve = x'0000807f0000c07f'",  # infinite, and none
        "UPDATE cells SET curve = x'0000c07f'",
        "UPDATE cells SET curve = x'01000000' WHERE id = 0",
        "UPDATE cells SET curve = x'' WHERE id = 0",
        "UPDATE cells SET modes = 9e999, modes_covered = 9e999",
    ],
)
def test_numbers_beyond_all_measure_are_drawn_without_a_word(
    change: str, whole: Path, tmp_path: Path
) -> None:
    place = Path(shutil.copy(whole, tmp_path / "sweep.db"))
    with closing(sqlite3.connect(place)) as database, database:
        database.execute(change)
    look = gan_viz.Look(size=(320, 180))
    if "curve" in change:
        gan_viz.sweep_curves(place, tmp_path / "c.png", look=look)
        gan_viz.atlas(place, tmp_path / "a.gif", look=look)
    else:
        value = "covered" if "modes" in change else "w1"
        gan_viz.atlas(place, tmp_path / "a.png", value=value, look=look)
    gan_viz.SweepResults(place).write(tmp_path / "t.csv")


def test_long_and_many_names_are_cut_or_refused(whole: Path, tmp_path: Path) -> None:
    place, look = Path(shutil.copy(whole, tmp_path / "sweep.db")), gan_viz.Look(size=(320, 180))
    with closing(sqlite3.connect(place)) as database, database:
        long = """'{"objective": "' || hex(zeroblob(50000)) || id || '", "seed": 1}'"""
        database.execute(f"UPDATE cells SET settings = {long}")
    gan_viz.atlas(place, tmp_path / "a.png", look=look)
    with closing(sqlite3.connect(place)) as database, database:
        for _ in range(7):
            columns = "settings, status, w1, modes, modes_covered, curve"
            database.execute(f"INSERT INTO cells ({columns}) SELECT {columns} FROM cells")
        database.execute(
            """UPDATE cells SET settings = '{"objective": "' || id || '", "seed": 1}'"""
        )
    with pytest.raises(UsageError, match="objective has 512 names as values"):
        gan_viz.atlas(place, tmp_path / "a.png", look=look)
