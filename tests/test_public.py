"""The public surface and the registries."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

import gan_viz
from gan_viz import registry
from gan_viz.errors import GanVizError, MissingExtraError, UnknownNameError
from gan_viz.registry import Registry

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(gan_viz.__path__, "gan_viz.")
    if not module.name.endswith("__main__")
)


def test_public_names_are_sorted_and_exist() -> None:
    assert gan_viz.__all__ == sorted(gan_viz.__all__)
    assert set(gan_viz._HOMES) == set(gan_viz.__all__)
    for name in gan_viz.__all__:
        assert getattr(gan_viz, name) is not None
    assert dir(gan_viz) == gan_viz.__all__
    with pytest.raises(AttributeError, match="no attribute 'rendr'"):
        gan_viz.rendr  # noqa: B018


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_offers(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    for public in getattr(module, "__all__", []):
        assert getattr(module, public) is not None, public


def test_public_functions_keep_their_names_when_rooms_are_loaded() -> None:
    for name in MODULES:
        importlib.import_module(name)
    assert callable(gan_viz.render)
    assert callable(gan_viz.train)


def test_registries_find_everything_and_name_what_is_unknown() -> None:
    registries = [found for found in vars(registry).values() if isinstance(found, Registry)]
    assert len(registries) >= 6
    for known in registries:
        assert len(known) == len(list(known)) > 0
        for name in known:
            assert name in known
            assert known[name] is not None
    with pytest.raises(UnknownNameError, match="Known: hinge, lsgan, minimax, non-saturating"):
        registry.OBJECTIVES["hinge-ish"]


def test_a_missing_extra_names_its_cure() -> None:
    entries = Registry(
        "format",
        {"x": "no_such_library.y:Z", "broken": "no_such_library:Z"},
        {"x": ("no_such_library", "slides")},
    )
    with pytest.raises(MissingExtraError, match=r"pip install 'gan-viz\[slides\]'"):
        entries["x"]
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        entries["broken"]


def test_errors_are_drawn_in_the_docstring() -> None:
    from gan_viz import errors

    for name in errors.__all__:
        assert issubclass(getattr(errors, name), GanVizError)
        assert name in (errors.__doc__ or "")


def test_the_package_is_marked_as_typed() -> None:
    assert (Path(gan_viz.__file__).parent / "py.typed").exists()
