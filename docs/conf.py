"""The documentation site: Markdown pages, and the reference from the docstrings."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from types import GenericAlias
from typing import TYPE_CHECKING, Any

from sphinx.util import logging

if TYPE_CHECKING:
    from docutils.nodes import Element, TextElement
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
    "export": ["-m", "gan_viz", "export"],
    "info": ["-m", "gan_viz", "info"],
    "dirac": ["-m", "gan_viz", "dirac"],
    "watch": ["-m", "gan_viz", "watch"],
    "sweep": ["-m", "gan_viz", "sweep"],
    "atlas": ["-m", "gan_viz", "atlas"],
}

project = "gan_viz"
author = "the gan_viz authors"
copyright = f"2026 {author}"  # noqa: A001 - the name that Sphinx reads
release = version = installed_version("gan-viz")
extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_generated/*.txt"]
html_theme = "furo"
html_title = "gan_viz"
myst_enable_extensions = ["colon_fence", "fieldlist"]
myst_heading_anchors = 3

# Docstrings name code in single backticks, which this role turns into links.
default_role = "py:obj"
autodoc_typehints = "none"  # numpydoc's sections give the types
autodoc_member_order = "bysource"
autodoc_mock_imports = ["ignite", "lightning"]  # adapters import frameworks that may be missing
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
            env={"COLUMNS": "80", "PYTHONIOENCODING": "utf-8", "TERM": "dumb", "NO_COLOR": "1"},
        )
        Path(folder, f"{name}.txt").write_text(shown.stdout, encoding="utf-8")


def write_gallery(app: Sphinx) -> None:
    """Write the page of ``animations/`` as one of the site's; its links lead there."""
    page = Path(ROOT, "animations", "README.md").read_text(encoding="utf-8")
    linked = re.sub(r"\]\((?!https?:)", "](../../animations/", page)
    Path(app.srcdir, "_generated", "gallery.md").write_text(linked, encoding="utf-8")


def resolve_reference(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: TextElement
) -> Element | None:
    """Link a name to where its object is defined; warn where there is no such object.

    Other words in backticks, like the names of parameters, are no links and need none.
    """
    target = node.get("reftarget", "")
    if not target.startswith("gan_viz."):
        return None
    try:
        found = pkgutil.resolve_name(target)
    except (AttributeError, ImportError):
        logger.warning("nothing is named %r", target, location=node)
        return None
    home = f"{getattr(found, '__module__', '')}.{getattr(found, '__qualname__', '')}"
    python, document = env.get_domain("py"), node.get("refdoc", "index")
    return python.resolve_xref(env, document, app.builder, "obj", home, node, content)


def skip_aliases(
    app: Sphinx, what: str, name: str, member: object, skip: bool, options: object
) -> bool | None:
    """Leave out aliases of types, which autodoc cannot write, and what matplotlib generates."""
    foreign = str(getattr(member, "__module__", "")).startswith("matplotlib")
    return True if foreign or isinstance(member, GenericAlias) else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the functions above to the build."""
    app.connect("builder-inited", write_help)
    app.connect("builder-inited", write_gallery)
    app.connect("missing-reference", resolve_reference)
    app.connect("autodoc-skip-member", skip_aliases)
    return {"parallel_read_safe": True}
