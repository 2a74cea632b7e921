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

from sphinx.ext.napoleon import Config, NumpyDocstring
from sphinx.util import logging

import gan_viz

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
    "landscape": ["-m", "gan_viz", "landscape"],
    "watch": ["-m", "gan_viz", "watch"],
    "sweep": ["-m", "gan_viz", "sweep"],
    "atlas": ["-m", "gan_viz", "atlas"],
}
SHOWN = ("members", "ignore-module-all", "show-inheritance")

project = "gan_viz"
author = "the gan_viz authors"
copyright = f"2026 {author}"  # noqa: A001 - the name that Sphinx reads
release = version = installed_version("gan-viz")
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
]
exclude_patterns = ["_build", "_generated/*.txt"]
html_theme = "furo"
html_title = "gan_viz"
myst_enable_extensions = ["colon_fence", "fieldlist"]
myst_heading_anchors = 3

# Docstrings name code in single backticks, which this role turns into links.
default_role = "py:obj"
autodoc_typehints = "none"  # the sections of docstrings give the types
autodoc_member_order = "bysource"
autodoc_mock_imports = ["ignite", "lightning"]  # adapters import frameworks that may be missing
autodoc_use_type_comments = False
autosummary_generate = False  # see write_reference
SECTIONS = Config(
    napoleon_use_param=False,
    napoleon_use_rtype=False,
    napoleon_custom_sections=[("Attributes", "params_style")],  # autodoc describes each, too
)

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


def write_reference(app: Sphinx) -> None:
    """Write a page of the reference for each room, or module outside of rooms.

    The theme repeats the list of all pages on each: a page for each module would take minutes.
    """
    folder = Path(app.srcdir, "generated")
    folder.mkdir(exist_ok=True)
    pages = {"gan_viz": ["gan_viz"]}
    for module in pkgutil.walk_packages(gan_viz.__path__, "gan_viz."):
        if not module.name.rpartition(".")[2].startswith("_"):
            pages.setdefault(".".join(module.name.split(".")[:2]), []).append(module.name)
    for page, modules in pages.items():
        parts = [f"{page}\n{'=' * len(page)}\n"]
        for name in modules:
            heading = "" if name == page else f"{name}\n{'-' * len(name)}\n\n"
            options = "".join(f"\n   :{option}:" for option in SHOWN)
            parts.append(f"{heading}.. automodule:: {name}{options}\n")
        Path(folder, f"{page}.rst").write_text("\n".join(parts), encoding="utf-8")


def format_sections(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Turn the sections of a docstring into fields.

    Napoleon's own handler takes what stands before a colon for the type of an attribute.
    """
    kind = "method" if what in ("attribute", "data", "property") else what
    lines[:] = NumpyDocstring(lines, SECTIONS, app, kind, name, obj, options).lines()


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
    app.connect("builder-inited", write_reference)
    app.connect("autodoc-process-docstring", format_sections)
    app.connect("missing-reference", resolve_reference)
    app.connect("autodoc-skip-member", skip_aliases)
    return {"parallel_read_safe": True}
