"""Names that files can have, and what killed processes leave of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gan_viz.encoders.publish import Partial, PartialFolder, check_file
from gan_viz.errors import UsageError


@pytest.mark.parametrize("name", ["x" * 255, "x" * 240, "é" * 127, "a[b]*?.gif", "-x", " "])
@pytest.mark.parametrize("kind", [Partial, PartialFolder])
def test_names_as_long_as_the_system_allows(kind, name, tmp_path):
    for _ in range(2):
        partial = kind(tmp_path / name)
        assert partial.path.parent == tmp_path
        partial.publish()
        assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x" * 256, "File name too long"),
        ("x" * 300 + "/a.gif", "File name too long"),
        ("a\0b.gif", "null"),
        ("loop", "symbolic links"),
        ("a/" * 3000, "File name too long"),
    ],
)
def test_impossible_names_are_refused_in_one_line(name, message, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match=f"(?s)cannot be written: .*{message}") as caught:
        check_file(tmp_path / name)
    assert len(str(caught.value)) < 400


KILLED = """
import os, sys
from pathlib import Path
from gan_viz.encoders import publish
partial = getattr(publish, sys.argv[2])(Path(sys.argv[1]))
print(partial.path, flush=True)
if len(sys.argv) > 3:
    sys.stdin.read()
os._exit(9)
"""


def killed(path: Path, kind: str) -> Path:
    command = [sys.executable, "-c", KILLED, str(path), kind]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Path(done.stdout.strip())


def age(path: Path) -> None:
    os.utime(path, (1e9, 1e9))


@pytest.mark.parametrize("kind", [Partial, PartialFolder])
def test_what_a_killed_process_left_is_swept_at_the_next_write(kind, tmp_path):
    path = tmp_path / "a.gif"
    left, fresh = killed(path, kind.__name__), killed(path, kind.__name__)
    age(left)
    others = [tmp_path / name for name in (".b.gif.01234567.part", ".a.gif.part", "a.gif.old")]
    for other in others:
        other.touch()
        age(other)
    kind(path).publish()
    assert sorted(tmp_path.iterdir()) == sorted([path, fresh, *others])


@pytest.mark.parametrize("kind", [Partial, PartialFolder])
def test_what_a_living_process_is_writing_stays(kind, tmp_path):
    path = tmp_path / "a.gif"
    command = [sys.executable, "-c", KILLED, str(path), kind.__name__, "wait"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        theirs = Path(process.stdout.readline().strip())
        ours = kind(path)
        for partial in (theirs, ours.path):
            age(partial)
        kind(path).publish()
        assert theirs.exists()
        assert ours.path.exists()
        process.stdin.close()


def test_a_folder_half_replaced_is_found_again(tmp_path):
    path = tmp_path / "frames"
    path.mkdir()
    (path / "frames-0001.png").write_text("old")
    path.rename(tmp_path / ".frames.01234567.old.part")  # and then the process was killed
    PartialFolder(path).discard()
    assert (path / "frames-0001.png").read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["frames"]
