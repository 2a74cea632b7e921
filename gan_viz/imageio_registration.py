"""Telling imageio that there are recordings, without importing it.

imageio finds a plugin by name or by a file's ending in two tables of `imageio.config`.  It has no
entry points, and importing it here would load NumPy with every ``import gan_viz``.  So where it is
not imported yet, an import hook waits for that one module, enters the plugin and is gone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_CONFIG = "imageio.config"


def register() -> None:
    """Let imageio read recordings, at once or as soon as it is imported."""
    if _CONFIG in sys.modules:
        _enter(sys.modules[_CONFIG])
    else:
        sys.meta_path.insert(0, _Waiting())


def _enter(config: ModuleType) -> None:
    name, ending = "gan_viz", ".ganviz"
    config.known_plugins[name] = config.PluginConfig(
        name=name, class_name="RecordingPlugin", module_name="gan_viz.imageio_plugin"
    )
    config.known_extensions[ending] = [
        config.FileExtension(name="gan_viz recording", extension=ending, priority=[name])
    ]


class _Waiting:
    """Finds nothing but the module it waits for, and that once."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module as usual; register once its code has run."""
        if name != _CONFIG:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_register(module: ModuleType) -> None:
                run(module)
                _enter(module)

            spec.loader.exec_module = run_and_register  # type: ignore[method-assign]
        return spec
