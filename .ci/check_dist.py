"""Check what the wheel and the sdist in a folder hold: all of the package, and nothing else."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main(folder: Path) -> None:
    """Check the only wheel and the only sdist in a folder."""
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "gan_viz").rglob("*.py")}
    assets = {str(path.relative_to(ROOT)) for path in (ROOT / "gan_viz/replay/web").iterdir()}
    expected = sources | assets | {"gan_viz/py.typed"}
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        about = {name.partition("/")[2] for name in names if ".dist-info/" in name}
        entry_points = next(name for name in names if name.endswith("entry_points.txt"))
        scripts = archive.read(entry_points).decode()
    packaged = {name for name in names if ".dist-info/" not in name}
    compare("wheel", packaged, expected)
    if (
        not {"METADATA", "licenses/LICENSE"} <= about
        or "gan-viz = gan_viz.__main__:process" not in scripts
    ):
        raise SystemExit(f"wheel: metadata, licence or command missing: {sorted(about)}")
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    missing = expected | {"README.md", "LICENSE", "pyproject.toml"}
    if not missing <= names:
        raise SystemExit(f"sdist: lacks {sorted(missing - names)}")
    print(f"{wheel.name}, {sdist.name}: {len(expected)} files of the package, nothing else")


def compare(what: str, found: set[str], expected: set[str]) -> None:
    """Stop with the differences, if there are any."""
    if found != expected:
        raise SystemExit(
            f"{what}: too much: {sorted(found - expected)}, too little: {sorted(expected - found)}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
