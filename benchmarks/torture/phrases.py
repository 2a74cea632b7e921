"""Words that a user types: expressions for data, options of commands."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from scipy import stats
from scipy.stats._distr_params import distcont

__all__ = ["expression", "options", "toy_options"]

Chance = random.Random

PARAMETERS = dict(distcont)
"""Shapes of each distribution for which SciPy tests it."""


def expression(chance: Chance, names: Sequence[str]) -> str:
    """Write an expression for data, mostly a sensible one."""
    return _sensible(chance) if chance.random() < 0.75 else _odd(chance, names)


def _sensible(chance: Chance) -> str:
    count = chance.choice([1, 1, 1, 1, 1, 1, 2, 3, 8])
    shares = [chance.randrange(1, 9) for _ in range(count)]
    terms = []
    for share in shares:
        name = chance.choice(list(PARAMETERS))
        place, size = chance.uniform(-5, 5), 10 ** chance.uniform(-2, 2)
        words = [*map(repr, PARAMETERS[name]), f"{place:.3g}", f"{size:.3g}"]
        if chance.random() < 0.3:
            words[-2:] = [f"scale={words[-1]}", f"loc={words[-2]}"]
        weight = f"{share}/{sum(shares)}*" if count > 1 else ""
        terms.append(f"{weight}{name}({', '.join(words)})")
    return " + ".join(terms)


def _odd(chance: Chance, names: Sequence[str]) -> str:
    """Write an expression that may be nonsense."""

    def number() -> str:
        return chance.choice(
            ["0", "1", "-1", "0.5", "3", "1e-9", "1e300", "1e5", "9" * 50, "1/0", "nan"]
        )

    sensible, count = chance.random() < 0.5, chance.choice([1, 1, 1, 2, 3, 64])
    terms = []
    for _ in range(count):
        name = chance.choice(names)
        shapes = getattr(stats, name, None)
        wanted = getattr(shapes, "numargs", 2) if sensible else chance.randrange(5)
        few = ["0.5", "1.5", "2", "3", "10"]
        parameters = ", ".join(chance.choice(few) if sensible else number() for _ in range(wanted))
        odd = chance.choice(["", "", "0.5*", "1/3*", "-1*", "1/64*"])
        weight = f"1/{count}*" if sensible and count > 1 else "" if sensible else odd
        terms.append(f"{weight}{name}({parameters})")
    text = " + ".join(terms)
    if chance.random() < 0.1:
        place = chance.randrange(len(text))
        text = text[:place] + chance.choice("()*+-/\0\n\x1b٣'\"[_") + text[place:]
    return text


RENDER: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "--size": (("320x180", "480x270", "200x300"), ("0x0", "17x9000", "x", "99999x99999")),
    "--fps": (("5", "20", "50", "12.5"), ("0", "-1", "1000", "nan", "inf", "1e-9")),
    "--duration": (("0.2", "0.5", "1"), ("0", "-1", "nan", "1e9")),
    "--hold": (("0", "0.1", "1"), ("-1", "1e9", "nan")),
    "--pace": (("sqrt", "recorded", "linear", "log", "change"), ("x", "step")),
    "--pause": (("1", "0,2:0.5", "3:0"), ("x", "1:-1", "1:1e9", "-1", "99", "1:nan", "")),
    "--slow": (("0-2:3", "1-3", "0-3:1.5"), ("3-1", "x", "0-2:0", "0-2:1e9", "0-2:-1", "0-0")),
    "--theme": (("dark", "light", "classic"), ("x", "")),
    "--panels": (
        ("density", "losses", "grid", "density(kde), losses", "outputs", "scores", "scalars",
         "coverage", "metrics", "density(bins=20, density=histogram)"),
        ("x", "density(", "", "losses,losses", "density(xlim=1)", "density(" * 99),
    ),
    "--scalars": (("d_loss", "g_loss,d_loss", "d_real"), ("x", "", ",")),
    "--density": (("kde", "exact", "histogram"), ("x", "")),
    "--arrows": (("map", "gradient"), ("x", "z")),
    "--show": (("dstar",), ("x",)),
    "--labels": (("words", "symbols", "both"), ("x",)),
    "--language": (("en", "de", "es", "fr", "ja"), ("x", "EN")),
    "--label": (("data=height, in cm", "generated=*G*_low_", "data=身長"), ("x", "data", "x=1", "=")),
    "--title": (("a title", "身長", "$x$ _y_", "t" * 300, ""), ("\x1b[2J", "\udcff")),
    "--caption": (("below", "*" * 9), ("\x9b",)),
    "--at": (("0", "1,2", "3"), ("-1", "x", "9" * 30, ",")),
    "--columns": (("1", "3"), ("0", "-1", "1000000")),
    "--colors": (("32", "data=#1a3cff", "generated=orange"), ("1", "data=x", "x=red", "9" * 30)),
    "--max-colors": (("16", "64", "256"), ("1", "0", "257", "x")),
    "--max-size": (("2MB", "60kB"), ("1", "0", "x", "-1kB")),
    "--lossy": (("1", "8", "64"), ("0", "-1", "999", "x")),
    "--loop": (("0", "3"), ("-1", "70000", "x")),
    "--scale": (("1", "0.8", "2"), ("0", "0.1", "50", "nan")),
    "--jobs": (("1", "2"), ("0", "-1")),
    "--font": (("DejaVu Serif",), ("x", "/etc/passwd", "")),
}  # fmt: skip
"""Values of options that can be used, for some of the recordings and outputs, and some that cannot."""
OUTS = (
    ("a.gif", "a.gif", "a.png", "a.svg", "f/", "a.webp", "a.apng", "a.pdf", "a.mp4", "a.webm", "a.csv"),
    ("a.jpg", ".", "", "/", "no/a.gif", "x" * 250 + ".gif", "run.ganviz"),
)  # fmt: skip
FLAGS = ("--poster", "--opaque", "--boomerang", "--transparent")
TOY: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "--data": (
        ("gaussian", "bimodal", "norm(4, 0.5)", "0.3*norm(-2, 0.5) + 0.7*t(3)", "uniform"),
        ("norm(", "x", "", "."),
    ),
    "--objective": (("lsgan", "hinge", "wgan-gp", "wgan", "minimax"), ("x", "")),
    "--stabilizers": (("none", "all", "ema", "two-rates,ema"), ("x", "none,ema")),
    "--latent": (("normal", "uniform"), ("x",)),
    "--latent-dim": (("1", "2", "7"), ("0", "-1", "9" * 9, "1.5")),
    "--batch": (("1", "16", "64"), ("0", "-1", "9" * 12)),
    "--d-steps": (("1", "3"), ("0", "-1")),
    "--g-lr": (("0.001", "0", "10"), ("-1", "nan", "inf", "x")),
    "--betas": (("0,0.9", "0.5,0.999"), ("1,1", "x", "0.5", "-1,0")),
    "--hidden": (("8", "16,16"), ("0", "-1", "x", "9" * 9)),
    "--start": (("-3", "0", "2.5"), ("nan", "1e9", "x")),
    "--r1": (("0.1", "0"), ("-1", "nan")),
    "--seed": (("0", "7"), ("-1", "x", "9" * 40)),
    "--every": (("1", "2", "99"), ("0", "-1")),
    "--race": (("lsgan,hinge",), ("x", "lsgan,lsgan", "")),
    "--seeds": (("0-1",), ("1-0", "x")),
    "--optimizer": (("adam", "sgd"), ("x",)),
    "--g-activation": (("relu", "sigmoid"), ("x",)),
}  # fmt: skip


def options(chance: Chance) -> list[str]:
    """Choose options of ``gan-viz render``, one in ten of which cannot be used."""
    words = _chosen(RENDER, chance, chance.choice([1, 2, 4]))
    words += ["--out", _one(OUTS, chance)]
    return words + [chance.choice(FLAGS)] * (chance.random() < 0.2)


def toy_options(chance: Chance) -> list[str]:
    """Choose options of the toy's command."""
    return _chosen(TOY, chance, chance.choice([1, 2, 4]))


def _chosen(
    table: Mapping[str, tuple[Sequence[str], Sequence[str]]], chance: Chance, number: int
) -> list[str]:
    return [
        word
        for name in chance.sample(list(table), number)
        for word in (name, _one(table[name], chance))
    ]


def _one(values: tuple[Sequence[str], Sequence[str]], chance: Chance) -> str:
    return chance.choice(values[chance.random() < 0.1])
