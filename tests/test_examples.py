"""The examples run, shortened."""

from __future__ import annotations

from collections.abc import Callable
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
EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


@pytest.mark.filterwarnings("ignore:The 'train_dataloader' does not have many workers")
@pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec.` is deprecated:FutureWarning")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example(example: Path, tmp_path: Path, run_program: Callable[..., None]) -> None:
    for library in NEEDED.get(example.name, ()):
        if find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    run_program(example, "20")
    assert list(tmp_path.glob("*.gif"))
    assert list(tmp_path.glob("*.ganviz"))
