"""The public surface and the registries."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

import gan_viz
from gan_viz import registry
from gan_viz.errors import GanVizError, MissingExtraError, UnknownNameError, UsageError
from gan_viz.registry import Registry

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(gan_viz.__path__, "gan_viz.")
    if not module.name.endswith("__main__")
)


def test_public_names_are_sorted_and_exist() -> None:
    assert gan_viz.__all__ == sorted(gan_viz.__all__)
    assert set(gan_viz._HOMES) < set(gan_viz.__all__)
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
    for package in (gan_viz, gan_viz.api):
        modules = {name for name in package.__all__ if inspect.ismodule(getattr(package, name))}
        assert modules <= {"api"}


def test_the_api_is_sorted_and_lazy() -> None:
    assert sorted(gan_viz.api.__all__) == sorted(gan_viz.api._HOMES)
    assert dir(gan_viz.api) == sorted(gan_viz.api.__all__)
    with pytest.raises(AttributeError, match="no attribute 'rendr'"):
        gan_viz.api.rendr  # noqa: B018


def test_the_version_is_that_of_the_project() -> None:
    text = (Path(gan_viz.__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert gan_viz.__version__ == tomllib.loads(text)["project"]["version"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gan_viz.train(step=10), r"train\(\) has no option 'step': did you mean 'steps'\?"),
        (
            lambda: gan_viz.race(sedes=[0]),
            r"race\(\) has no option 'sedes': did you mean 'seeds'",
        ),
        (lambda: gan_viz.train_images(epoch=1), r"has no option 'epoch': did you mean 'epochs'\?"),
        (lambda: gan_viz.train_classic("jang", bach=3), r"'bach': did you mean 'batch'\?"),
        (
            lambda: gan_viz.render("a.ganviz", "a.gif", thme="dark"),
            r"'thme': did you mean 'theme'\?",
        ),
        (
            lambda: gan_viz.compare(["a.ganviz"], "a.gif", thme="dark"),
            r"'thme': did you mean 'theme'\?",
        ),
    ],
)
def test_misspelt_keywords_name_the_nearest(call: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        call()


def test_registries_find_everything_and_name_what_is_unknown() -> None:
    registries = [found for found in vars(registry).values() if isinstance(found, Registry)]
    assert len(registries) >= 6
    for known in registries:
        assert len(known) == len(list(known)) > 0
        for name in known:
            assert name in known
            assert known[name] is not None
    with pytest.raises(UnknownNameError, match="Known: hinge, instance-noise, lsgan, minimax"):
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

    found = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    drawn = [kind for kind in found if issubclass(kind, GanVizError)]
    assert len(drawn) >= 6
    for kind in drawn:
        assert kind.__name__ in (errors.__doc__ or "")


def test_the_package_is_marked_as_typed() -> None:
    assert (Path(gan_viz.__file__).parent / "py.typed").exists()
