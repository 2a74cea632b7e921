"""The examples run, shortened."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

NEEDED = {
    "03_mnist_loop.py": ("sklearn",),
    "04_lightning.py": ("sklearn", "lightning"),
    "05_ignite.py": ("sklearn", "ignite"),
    "08_jax.py": ("jax",),
    "09_keras.py": ("keras",),
}
FOREIGN = (  # what the frameworks warn of
    "ignore:The 'train_dataloader' does not have many workers",
    "ignore:`isinstance(treespec, LeafSpec)` is deprecated:FutureWarning",
    "ignore:`torch.jit.:DeprecationWarning",
)
EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example(example: Path, tmp_path: Path) -> None:
    for library in NEEDED.get(example.name, ()):
        if find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    warnings = [word for rule in ("error", *FOREIGN) for word in ("-W", rule)]
    done = subprocess.run(
        [sys.executable, *warnings, str(example), "20"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.glob("*.gif"))
    assert list(tmp_path.glob("*.ganviz"))
