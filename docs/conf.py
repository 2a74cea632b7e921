"""The documentation site: Markdown pages, and the reference from the docstrings."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.util import logging

if TYPE_CHECKING:
    from docutils.nodes import TextElement
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

ROOT = Path(__file__).parents[1]
COMMANDS = {
    "toy1d": ["-m", "gan_viz.toy1d"],
    "mnist": ["-m", "gan_viz.mnist"],
    "render": ["-m", "gan_viz", "render"],
    "compare": ["-m", "gan_viz", "compare"],
    "metrics": ["-m", "gan_viz", "metrics"],
    "info": ["-m", "gan_viz", "info"],
}

project = "gan_viz"
author = "the gan_viz authors"
release = version = installed_version("gan-viz")
extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_generated/*.txt"]
html_theme = "furo"
html_title = "gan_viz"
myst_enable_extensions = ["colon_fence", "dollarmath", "fieldlist"]
myst_heading_anchors = 3

# Docstrings name code in single backticks, which this role turns into links.
default_role = "py:obj"
autodoc_typehints = "none"  # numpydoc's sections give the types
autodoc_member_order = "bysource"
autodoc_mock_imports = ["ignite", "lightning"]  # adapters import frameworks that may be missing
autosummary_ignore_module_all = False
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

logger = logging.getLogger(__name__)


def write_help(app: Sphinx) -> None:
    """Write what each command prints with ``--help``, for ``commands.md`` to include."""
    folder = Path(app.srcdir, "_generated")
    folder.mkdir(exist_ok=True)
    for name, arguments in COMMANDS.items():
        shown = subprocess.run(
            [sys.executable, *arguments, "--help"],
            capture_output=True,
            check=True,
            cwd=ROOT,
            encoding="utf-8",
            env={"COLUMNS": "100", "PYTHONIOENCODING": "utf-8", "TERM": "dumb", "NO_COLOR": "1"},
        )
        Path(folder, f"{name}.txt").write_text(shown.stdout, encoding="utf-8")


def write_gallery(app: Sphinx) -> None:
    """Write the page of ``animations/`` as one of the site's; its links lead there."""
    page = Path(ROOT, "animations", "README.md").read_text(encoding="utf-8")
    linked = re.sub(r"\]\((?!https?:)", "](../../animations/", page)
    Path(app.srcdir, "_generated", "gallery.md").write_text(linked, encoding="utf-8")


def report_dead_reference(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: TextElement
) -> None:
    """Warn where a docstring names something of ours that does not exist.

    Other words in backticks, like the names of parameters, are no links and need none.
    """
    target = node.get("reftarget", "")
    if target.startswith("gan_viz."):
        logger.warning("nothing is named %r", target, location=node)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the functions above to the build."""
    app.connect("builder-inited", write_help)
    app.connect("builder-inited", write_gallery)
    app.connect("missing-reference", report_dead_reference)
    return {"parallel_read_safe": True}
