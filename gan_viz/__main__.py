"""``python -m gan_viz``, and ``gan-viz``: the command line."""

from gan_viz.cli import main
from gan_viz.console import as_process


def process() -> None:
    """Run the command line as a process of its own."""
    as_process(main)


if __name__ == "__main__":
    process()
