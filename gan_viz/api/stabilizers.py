"""What makes the toy learn reliably; each part can be left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from gan_viz.errors import UnknownNameError
from gan_viz.texts import words

if TYPE_CHECKING:
    from gan_viz.training import Settings

BARE: Mapping[str, Any] = {
    "g_lr": 1e-3,
    "d_lr": 1e-3,
    "betas": (0.9, 0.999),
    "ema": 0.0,
    "decay": False,
    "noise": 0.0,
}
"""The bare game: Adam as PyTorch has it, and G drawn as it is."""

STABILIZERS: Mapping[str, Mapping[str, Any]] = {
    "standardize": {},
    "resolution": {},
    "two-rates": {"g_lr": 3e-3, "d_lr": 5e-3, "betas": (0.0, 0.9)},
    "noise": {"noise": 2.0},
    "ema": {"ema": 0.995},
    "decay": {"decay": True},
}
"""Name to the settings that differ from `BARE`. Two set none: ``standardize``, which is about the
data, and ``resolution``, about the first weights of D; that one is for standardized data alone. See
`gan_viz.training.perceptrons.Perceptron.see_finely`.

Two rates after Heusel et al. (2017), betas as Miyato et al. (2018) use them, noise on what D sees
after Sønderby et al. (2017) and Arjovsky & Bottou (2017), averaging after Yazıcı et al. (2019)."""

_OPTIMIZERS: Mapping[str, str] = {
    "adam": "Adam ({0:g}, {1:g})",
    "rmsprop": "RMSprop",
    "sgd": "SGD with momentum {0:g}",
}


def stabilizer_names(stabilizers: Collection[str] | str) -> list[str]:
    """Check names in `STABILIZERS`; ``"average"``, the old name of ``"ema"``, is still taken.

    Text is ``"all"``, ``"none"``, or names with commas between them. Raises UnknownNameError if
    there is no stabilizer of that name.

    Examples
    --------
    >>> stabilizer_names("two-rates,ema"), stabilizer_names("none")
    (['two-rates', 'ema'], [])
    """
    if isinstance(stabilizers, str):
        whole: dict[str, list[str]] = {"all": [*STABILIZERS], "none": []}
        text = stabilizers.strip()
        stabilizers = whole[text] if text in whole else words(text)
    names = ["ema" if name == "average" else name for name in stabilizers]
    for name in names:
        if name not in STABILIZERS:
            raise UnknownNameError("stabilizer", name, STABILIZERS)
    return names


def optimization(stabilizers: Collection[str]) -> dict[str, Any]:
    """Settings of the optimization with some stabilizers on: fields of `gan_viz.training.Settings`.

    Examples
    --------
    >>> optimization(["decay"])["decay"], optimization([])["g_lr"]
    (True, 0.001)
    """
    settings = dict(BARE)
    for name in stabilizer_names(stabilizers):
        settings |= STABILIZERS[name]
    return settings


def describe(stabilizers: Collection[str], how: Settings) -> dict[str, str]:
    """Name to explanation of the stabilizers that are on, in the settings that run.

    Settings given beside those asked for may have turned some off, or others on.
    """
    standardized = "standardize" in stabilizers
    fine = standardized and "resolution" in stabilizers
    on = {
        "standardize": "data standardized" if standardized else "",
        "resolution": "D starts with steps of all widths" if fine else "",
        "two-rates": _rates(how) if "two-rates" in stabilizers and how.g_lr != how.d_lr else "",
        "noise": f"noise on what D sees, {how.noise:g} at first" if how.noise else "",
        "ema": f"moving average of G drawn ({how.ema:g} a step)" if how.ema else "",
        "decay": "rates fall to 0" if how.decay else "",
    }
    return {name: text for name, text in on.items() if text}


def told(stabilizers: Collection[str], how: Settings) -> str:
    """One line on the stabilizers and the optimizer that run.

    Examples
    --------
    >>> from gan_viz.training import Settings
    >>> told([], Settings(optimizer="sgd", g_lr=0.01))
    'stabilizers: none, the bare game; SGD with momentum 0.9, rate 0.01 for G and 0.001 for D'
    """
    on = describe(stabilizers, how)
    on.pop("two-rates", None)
    return f"stabilizers: {'; '.join([*on.values()] or ['none, the bare game'])}; {_rates(how)}"


def _rates(how: Settings) -> str:
    name = _OPTIMIZERS[how.optimizer].format(*how.betas)
    return f"{name}, rate {how.g_lr:g} for G and {how.d_lr:g} for D"
