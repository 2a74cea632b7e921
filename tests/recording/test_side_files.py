"""What lies beside a recording may come from a stranger, too."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from gan_viz import api
from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording import Recording, Writer

MAGIC = bytes.fromhex("d9d505f920a163d7")


def snapshot(folder) -> dict[str, tuple[bytes, int, int]]:
    """Content, inode and time of all files."""
    files = {path: path.stat() for path in folder.iterdir() if path.is_file()}
    return {p.name: (p.read_bytes(), s.st_ino, s.st_mtime_ns) for p, s in files.items()}


def leave_hot_journal(path) -> None:
    """Leave what a process leaves that is killed in the middle of a commit."""
    source = path.with_name("source.ganviz")
    with Writer(source, {"seed": 7}) as writer:
        writer.write_frame(1, {})
    with closing(sqlite3.connect(source, isolation_level=None)) as database:
        database.execute("PRAGMA cache_size = 1")  # let it spill into the file before the commit
        database.execute("BEGIN")
        database.executemany("INSERT INTO frame VALUES (?)", [(step,) for step in range(2, 9000)])
        for suffix in ("", "-journal"):
            shutil.copy(f"{source}{suffix}", f"{path}{suffix}")
        database.execute("ROLLBACK")
    source.unlink()


def name_another(journal, victim) -> None:
    """Make a journal name a file as its super-journal, which SQLite deletes."""
    name = os.fsencode(victim)
    check = struct.pack(">i", sum(byte - 256 * (byte > 127) for byte in name))
    page = struct.pack(">I", 2**30 // 4096 + 1)
    with journal.open("ab") as file:
        file.write(page + name + struct.pack(">I", len(name)) + check + MAGIC)


@pytest.fixture
def hot(path):
    leave_hot_journal(path)
    return path


def test_a_hot_journal_is_rolled_back_in_a_copy(hot):
    before = snapshot(hot.parent)
    temporary = tempfile.gettempdir()
    copies = set(Path(temporary).glob("gan_viz-*"))
    with Recording(hot) as recording:
        assert recording.steps.tolist() == [1]
        assert recording.header["seed"] == 7
    assert snapshot(hot.parent) == before
    assert set(Path(temporary).glob("gan_viz-*")) <= copies


@pytest.mark.parametrize("use", [Recording, Writer, lambda path: Writer(path, resume_at=1)])
def test_a_journal_that_names_another_file_is_refused(hot, use):
    victim = hot.with_name("thesis.txt")
    victim.write_text("years of work")
    name_another(hot.with_name("run.ganviz-journal"), victim)
    before = snapshot(hot.parent)
    with pytest.raises(RecordingError, match="ganviz-journal names another file"):
        use(hot)
    assert snapshot(hot.parent) == before


def test_sqlite_deletes_what_such_a_journal_names(hot):
    """Else the test above would prove nothing."""
    victim = hot.with_name("thesis.txt")
    victim.write_text("years of work")
    name_another(hot.with_name("run.ganviz-journal"), victim)
    with closing(sqlite3.connect(hot)) as database:
        database.execute("SELECT * FROM header").fetchall()
    assert not victim.exists()


def leave_log(path, *suffixes) -> None:
    """Leave what a process leaves that is killed while it records, or a part of that."""
    source = path.with_name("source.ganviz")
    with Writer(source, {"seed": 7}) as writer:
        writer.write_frame(1, {})
        writer.flush()
        for suffix in ("", *suffixes):
            shutil.copy(f"{source}{suffix}", f"{path}{suffix}")
    source.unlink()


@pytest.mark.parametrize("suffixes", [("-wal", "-shm"), ("-wal",), ()])
def test_reading_what_a_kill_left_writes_nothing(path, suffixes):
    leave_log(path, *suffixes)
    before = snapshot(path.parent)
    for _ in range(2):
        with Recording(path) as recording:
            assert recording.steps.tolist() == ([1] if suffixes else [])
            recording.refresh()
            assert recording.header["seed"] == 7
    assert snapshot(path.parent) == before


def test_an_index_that_came_along_is_not_believed(path):
    leave_log(path, "-wal", "-shm")
    index = path.with_name("run.ganviz-shm")
    index.write_bytes(bytes(range(256)) * (index.stat().st_size // 256))
    before = snapshot(path.parent)
    with Recording(path) as recording:
        assert recording.steps.tolist() == [1]
    assert snapshot(path.parent) == before


def test_a_recording_is_found_with_its_log_through_a_link(path, tmp_path_factory):
    leave_log(path, "-wal")
    link = tmp_path_factory.mktemp("elsewhere") / "link.ganviz"
    link.symlink_to(path)
    with Recording(link) as recording:
        assert recording.steps.tolist() == [1]


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("kind", ["pipe", "link", "folder", "dead link"])
def test_side_files_that_are_no_files(path, suffix, kind):
    leave_log(path, "-wal", "-shm")
    file, victim = path.with_name(path.name + suffix), path.with_name("mine")
    file.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    else:
        file.symlink_to(victim)
        if kind == "link":
            victim.write_bytes(b"mine" * 1000)
    before = snapshot(path.parent)
    for use in (Recording, Writer):
        with pytest.raises(RecordingError, match=f"{suffix} is no ordinary file"):
            use(path)
    assert snapshot(path.parent) == before


def test_a_copy_that_has_no_room_says_so(path, monkeypatch):
    leave_log(path, "-wal")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 9))
    with pytest.raises(
        RecordingError, match=r"has no room \([\d,]+ bytes\): name another folder with TMP"
    ):
        Recording(path)


def test_a_log_that_was_not_copied_is_named(path):
    leave_log(path)
    with Recording(path) as recording:
        assert recording.split.endswith("run.ganviz-wal is missing: copy it, too")
    with pytest.raises(RecordingError, match=r"no frames; .*run.ganviz-wal is missing: copy"):
        api.render(path, path.with_name("a.gif"))


def test_a_killed_recording_is_made_whole(path):
    leave_log(path, "-wal")
    with Recording(path) as recording:
        assert recording.split.startswith("its last part is in run.ganviz-wal: keep both, or make")
        whole = recording.save(path.with_name("whole.ganviz"))
        with pytest.raises(UsageError, match="exists: give the name of a new file"):
            recording.save(whole)
        with pytest.raises(RecordingError, match="cannot be written"):
            recording.save(path.with_name("no") / "whole.ganviz")
    with Recording(whole) as copy:
        assert (copy.steps.tolist(), copy.header["seed"], copy.split) == ([1], 7, "")
    assert sorted(snapshot(path.parent)) == ["run.ganviz", "run.ganviz-wal", "whole.ganviz"]


def test_a_complete_recording_needs_nothing_beside_it(sample):
    with Recording(sample) as recording:
        assert recording.split == ""


def test_an_index_that_is_left_half_written_is_done_without(sample, monkeypatch):
    def half_written(*_):
        error = sqlite3.OperationalError("locking protocol")
        error.sqlite_errorcode = sqlite3.SQLITE_PROTOCOL
        raise error

    with Recording(sample) as recording:
        steps = recording.steps.tolist()
    monkeypatch.setattr("gan_viz.recording.opening._open_locked", half_written)
    with Recording(sample) as recording:
        assert recording.steps.tolist() == steps
