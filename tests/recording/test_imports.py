from __future__ import annotations

BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "matplotlib", "scipy", "xarray", "pandas", "PIL"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Block())
from gan_viz.errors import MissingExtraError
from gan_viz.recording import Recording, Writer

with Writer(sys.argv[1]) as writer:
    writer.add_channel("c", (2,), "float32")
    writer.write_frame(0, {"c": [1, 2]})
    writer.write_scalars([0], {"a": [1.5]})
with Recording(sys.argv[1]) as recording:
    print(recording.array("c", 0).tolist(), recording.scalars["a"].values.tolist())
    try:
        recording.to_xarray()
    except MissingExtraError as error:
        print(error)
"""


def test_recordings_need_numpy_only(path, run):
    process = run(BLOCKED, path)
    assert process.stderr == ""
    assert process.stdout == (
        "[1.0, 2.0] [1.5]\n"
        "to_xarray() needs xarray, which is not installed: pip install 'gan-viz[xarray]'\n"
    )
