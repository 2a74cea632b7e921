from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording import Recording, Writer, files


def names(path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


def seed_of(path) -> object:
    with Recording(path) as recording:
        return recording.header["seed"]


def test_a_free_path_is_recorded_to_at_once(path):
    with Writer(path, {"seed": 1}) as writer:
        assert writer.path == path
        assert seed_of(path) == 1


def test_an_empty_file_is_as_good_as_none(path):
    path.touch()
    with Writer(path, {"seed": 1}) as writer:
        assert writer.path == path
        assert seed_of(path) == 1


def test_an_existing_recording_is_replaced_by_a_complete_one_only(sample):
    with Writer(sample, {"seed": 8}) as writer:
        assert writer.path == sample.with_name("run.new.ganviz")
        writer.flush()
        assert seed_of(sample) == 7
        assert seed_of(writer.path) == 8
    assert writer.path == sample
    assert seed_of(sample) == 8
    assert names(sample) == ["run.ganviz"]


def test_an_incomplete_recording_stays_beside_the_old_one_until_the_next(sample):
    for seed in (8, 9):
        writer = Writer(sample, {"seed": seed})
        writer.close(complete=False)
        assert (seed_of(sample), seed_of(writer.path)) == (7, seed)
        assert names(sample) == ["run.ganviz", "run.new.ganviz"]


def test_a_complete_recording_under_the_sibling_name_is_not_lost(sample):
    sibling = sample.with_name("run.new.ganviz")
    shutil.copy(sample, sibling)
    with pytest.raises(RecordingError, match=r"run.new.ganviz is a complete recording"):
        Writer(sample)
    sibling.write_bytes(b"GIF89a")
    with pytest.raises(RecordingError, match=r"run.new.ganviz exists and is not"):
        Writer(sample)
    assert sibling.read_bytes() == b"GIF89a"


def killed(path, source) -> None:
    """Leave at `path` what a process leaves that is killed while it records."""
    writer = Writer(source, {"seed": "killed"})
    writer.write_frame(1, {})
    writer.flush()
    for suffix in ("", "-wal"):
        shutil.copy(f"{source}{suffix}", f"{path}{suffix}")
    writer.close()
    assert path.with_name(f"{path.name}-wal").stat().st_size > 0


@pytest.mark.parametrize("name", ["run.ganviz", "run.new.ganviz"])
def test_a_log_left_by_a_kill_does_not_get_into_the_recording_that_follows(path, name):
    killed(path.with_name(name), path.with_name("other.ganviz"))
    with Writer(path, {"seed": 8}):
        pass
    assert names(path) == ["other.ganviz", "run.ganviz"]
    with Recording(path) as recording:
        assert recording.header["seed"] == 8
        assert len(recording) == 0


def test_a_log_left_without_its_file_is_removed(path):
    killed(path, path.with_name("other.ganviz"))
    path.unlink()
    with Writer(path, {"seed": 8}):
        pass
    assert seed_of(path) == 8


def test_what_a_killed_constructor_leaves_is_no_obstacle(sample):
    sibling = sample.with_name("run.new.ganviz")
    with closing(sqlite3.connect(sibling)) as database:
        database.execute(f"PRAGMA application_id = {files.APPLICATION_ID}")
    with Writer(sample, {"seed": 8}):
        pass
    assert seed_of(sample) == 8


def test_a_foreign_file_is_never_replaced(path):
    path.write_bytes(b"GIF89a" + bytes(2000))
    with pytest.raises(RecordingError, match=r"run.ganviz exists and is not a gan_viz recording"):
        Writer(path)
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE mine (x)")
    content = path.read_bytes()
    with pytest.raises(RecordingError, match="is not a gan_viz recording"):
        Writer(path)
    assert path.read_bytes() == content
    assert names(path) == ["run.ganviz"]


def test_a_damaged_recording_is_not_replaced_unseen(sample):
    content = sample.read_bytes()
    sample.write_bytes(content[: len(content) // 2])
    with pytest.raises(RecordingError, match="malformed; delete it"):
        Writer(sample)


def test_two_writers_of_one_path(path):
    with Writer(path), pytest.raises(UsageError, match="still being recorded"):
        Writer(path)


def test_two_writers_of_one_sibling(sample):
    with Writer(sample), pytest.raises(UsageError, match=r"new.ganviz: it is still being recorded"):
        Writer(sample)


ANOTHER = """
import sys
from gan_viz.errors import UsageError
from gan_viz.recording import Writer
try:
    Writer(sys.argv[1])
except UsageError as error:
    print(error)
"""


def test_reading_does_not_unlock_what_the_same_process_writes(path, run):
    """POSIX drops all of a process's locks on a file when it closes any handle on it."""
    with Writer(path):
        with Recording(path) as recording:
            recording.refresh()
        assert "still being recorded" in run(ANOTHER, path).stdout


def test_a_recording_that_is_in_use_at_the_end_is_kept(path, make_sample):
    killed(path, path.with_name("other.ganviz"))
    writer = Writer(path, {"seed": 8})
    old = sqlite3.connect(path)  # someone else writes the old one again
    old.execute("PRAGMA journal_mode = WAL")
    old.execute("SELECT * FROM header").fetchall()
    with pytest.raises(RecordingError, match=r"still being recorded.*complete and is .*new.ganviz"):
        writer.close()
    old.close()
    assert seed_of(path) == "killed"
    assert seed_of(writer.path) == 8
    assert writer.path == path.with_name("run.new.ganviz")


def test_a_follower_of_the_old_recording_keeps_it(sample):
    with Recording(sample) as old, Writer(sample, {"seed": 8}) as writer:
        writer.write_frame(1, {})
        writer.close()
        assert old.header["seed"] == 7
        assert [int(array[0]) for array in old.frames("generator")] == list(range(0, 200, 10))
        assert seed_of(sample) == 8


def test_a_follower_of_the_new_recording_goes_on(sample):
    writer = Writer(sample, {"seed": 8})
    with Recording(writer.path) as follower:
        writer.write_frame(1, {})
        writer.close()
        follower.refresh()
        assert follower.complete
        assert seed_of(sample) == 8
    assert seed_of(sample) == 8
    with Writer(sample, {"seed": 9}):
        pass
    assert seed_of(sample) == 9
    assert names(sample) == ["run.ganviz"]


def test_what_is_in_the_log_is_not_left_behind(sample, monkeypatch):
    writer = Writer(sample, {"seed": 8})
    with Recording(writer.path) as follower:
        follower._connection.execute("BEGIN")
        follower._connection.execute("SELECT * FROM header").fetchall()
        writer.write_frame(1, {})
        with pytest.raises(RecordingError, match=r"complete and is .*run.new.ganviz"):
            writer.close()
    assert seed_of(sample) == 7
    with Recording(writer.path) as recording:
        assert recording.complete
        assert len(recording) == 1


def test_a_damaged_incomplete_sibling_is_no_obstacle(sample):
    writer = Writer(sample, {"seed": 8})
    writer.close(complete=False)
    with closing(sqlite3.connect(writer.path)) as database:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'header'"
        (root,) = database.execute(query).fetchone()
    content = bytearray(writer.path.read_bytes())
    content[4096 * (root - 1)] = 99
    writer.path.write_bytes(content)
    with Writer(sample, {"seed": 9}):
        pass
    assert seed_of(sample) == 9


def test_a_link_is_followed(sample):
    link = sample.with_name("link.ganviz")
    link.symlink_to(sample.name)
    with Writer(link, {"seed": 8}):
        pass
    assert link.is_symlink()
    assert seed_of(sample) == 8


def test_the_working_directory_may_change(sample, monkeypatch):
    monkeypatch.chdir(sample.parent)
    with Writer("run.ganviz", {"seed": 8}):
        monkeypatch.chdir("/")
    assert seed_of(sample) == 8


@pytest.mark.parametrize("name", ["a b?mode=ro#c%20.ganviz", "ünï.ganviz", "no suffix", ":memory:"])
def test_strange_names(path, name):
    for seed in (1, 2):
        with Writer(path.with_name(name), {"seed": seed}):
            pass
        assert seed_of(path.with_name(name)) == seed
        assert names(path) == [name]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "is a directory; give the name of a file"),
        ("missing/run.ganviz", "missing does not exist"),
        ("a\0b", "null"),
        ("x" * 300, "name too long"),
        ("x" * 240 + ".ganviz", "name too long"),
        ("loop", "loop|symbolic links"),
    ],
)
def test_unusable_places(tmp_path, name, message):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match=f"(?i)cannot record to .*{message}"):
        Writer(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["loop"]


def test_the_longest_name(tmp_path):
    path = tmp_path / ("x" * 236 + ".ganviz")
    for seed in (1, 2):
        with Writer(path, {"seed": seed}) as writer:
            writer.write_frame(0, {})
    assert seed_of(path) == 2


def test_a_pipe_is_no_place_for_a_recording(path):
    os.mkfifo(path)
    with pytest.raises(UsageError, match="not a regular file"):
        Writer(path)
    assert path.is_fifo()


@pytest.fixture
def unprivileged(tmp_path):
    """No one's rights, for a superuser may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    folders = [folder for folder in (tmp_path, *tmp_path.parents) if folder.stat().st_uid == 0]
    modes = {folder: folder.stat().st_mode for folder in folders if "pytest" in str(folder)}
    for folder, mode in modes.items():
        folder.chmod(mode | 0o055)
    os.chown(tmp_path, 65534, -1)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for folder, mode in modes.items():
            folder.chmod(mode)


def test_places_that_are_write_protected(path, unprivileged):
    with Writer(path):
        pass
    path.chmod(0o444)
    with pytest.raises(UsageError, match="the file is write-protected"):
        Writer(path)
    path.parent.chmod(0o555)
    with pytest.raises(UsageError, match="is not writable"):
        Writer(path.with_name("other.ganviz"))
    path.parent.chmod(0o755)


def test_reading_where_nothing_can_be_written(path, unprivileged):
    with Writer(path, {"seed": 1}) as writer:
        writer.write_frame(1, {})
        writer.flush()
        follower = Recording(path)  # keeps the file in the mode of a write-ahead log
    follower.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    with Recording(path) as recording:
        assert recording.complete
        assert recording.steps.tolist() == [1]
    path.parent.chmod(0o755)


def test_reading_what_a_kill_left_where_nothing_can_be_written(path, unprivileged):
    killed(path, path.with_name("other.ganviz"))
    path.parent.chmod(0o555)
    assert seed_of(path) == "killed"
    path.parent.chmod(0o755)


def test_reading_what_may_not_be_read(sample, unprivileged):
    if sample.stat().st_uid == 0:
        os.seteuid(0)
        os.chown(sample, 65534, -1)
        os.seteuid(65534)
    sample.chmod(0)
    with pytest.raises(RecordingError, match=r"run.ganviz cannot be opened"):
        Recording(sample)


class NoLog(sqlite3.Connection):
    def execute(self, query, *parameters):
        if "wal" in query:
            raise sqlite3.OperationalError("locking protocol")
        return super().execute(query, *parameters)


def without_shared_memory(path, mode):
    return CONNECT(path, f"{mode}&vfs=unix-dotfile")


def without_locks(path, mode):
    options = {"uri": True, "isolation_level": None, "check_same_thread": False}
    return sqlite3.connect(f"{path.as_uri()}?mode={mode}", factory=NoLog, **options)


CONNECT = files.connect


@pytest.mark.parametrize(
    ("connect", "reason"),
    [(without_shared_memory, "journal mode delete"), (without_locks, "locking protocol")],
)
def test_without_a_write_ahead_log(path, monkeypatch, connect, reason):
    monkeypatch.setattr(files, "connect", connect)
    with pytest.warns(RuntimeWarning, match=f"write-ahead log .*{reason}.*rollback") as caught:
        writer = Writer(path)
    assert caught[0].filename == __file__
    with writer:
        writer.write_frame(1, {})
        writer.flush()
        with Recording(path) as recording:
            assert recording.steps.tolist() == [1]
            writer.write_frame(2, {})
            writer.flush()
            recording.refresh()
            assert recording.steps.tolist() == [1, 2]
    assert names(path) == ["run.ganviz"]


def test_a_commit_that_was_interrupted_by_a_kill_is_undone(path, monkeypatch):
    """A hot rollback journal, which cannot be read without writing."""
    monkeypatch.setattr(files, "connect", without_locks)
    with pytest.warns(RuntimeWarning):
        writer = Writer(path.with_name("other.ganviz"))
    monkeypatch.undo()
    writer.write_frame(1, {})
    writer.flush()
    connection = writer._connection
    connection.execute("PRAGMA cache_size = 1")  # let it spill into the file before the commit
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO frame VALUES (?)", [(step,) for step in range(2, 9000)])
    for suffix in ("", "-journal"):
        shutil.copy(f"{writer.path}{suffix}", f"{path}{suffix}")
    connection.execute("ROLLBACK")
    writer.close()
    assert path.stat().st_size > writer.path.stat().st_size
    with Recording(path) as recording:
        assert recording.steps.tolist() == [1]


def without_locking(monkeypatch) -> None:
    """A file system on which no file can be locked, as ours and SQLite's calls see it."""
    import fcntl

    def refuse(*arguments: object) -> None:
        raise OSError(38, "Function not implemented")

    def connect(address: str, *arguments: object, **options: object):
        if "nolock=1" not in address:
            address += "&vfs=unix-none" if "immutable" in address else "&vfs=unix-lacking"
        return REAL_CONNECT(address, *arguments, **options)

    monkeypatch.setattr(fcntl, "lockf", refuse)
    monkeypatch.setattr(sqlite3, "connect", connect)


REAL_CONNECT = sqlite3.connect


def test_where_files_cannot_be_locked(path, monkeypatch):
    without_locking(monkeypatch)
    monkeypatch.setattr(files, "_LOCKLESS", set())
    for seed in (1, 2):
        with pytest.warns(RuntimeWarning, match="files cannot be locked: recording with a rollbac"):
            writer = Writer(path, {"seed": seed})
        with writer:
            writer.write_frame(1, {})
    assert seed_of(path) == 2
    assert names(path) == ["run.ganviz"]


@pytest.mark.parametrize("writable", [True, False])
@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_BUSY])
def test_reading_where_files_cannot_be_locked(sample, monkeypatch, code, writable):
    import fcntl

    from gan_viz.recording import opening

    opened, opens = [], opening._open

    def refuse(*arguments: object) -> None:
        raise OSError(37, "No locks available")

    def first_fail(path, place, mode, **options):
        opened.append((mode, options))
        if len(opened) == 1:
            error = sqlite3.OperationalError("what SQLite says")
            error.sqlite_errorcode = code
            raise error
        return opens(path, place, mode, **options)

    monkeypatch.setattr(fcntl, "lockf", refuse)
    monkeypatch.setattr(files, "_LOCKLESS", set())
    monkeypatch.setattr(opening, "_open", first_fail)
    monkeypatch.setattr(opening.os, "access", lambda *_: writable)
    assert seed_of(sample) == 7
    assert opened == [
        ("ro&readonly_shm=1", {"patience": 0}),  # ENOLCK looks like a lock: it is not waited for
        ("ro" if writable else "ro&immutable=1", {}),
    ]


def test_reading_what_is_locked_for_a_moment(sample, monkeypatch):
    import threading

    with closing(sqlite3.connect(sample, check_same_thread=False, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        threading.Timer(0.1, lambda: other.execute("ROLLBACK")).start()
        assert seed_of(sample) == 7
