"""Recordings with something wrong."""

from __future__ import annotations

import atexit
import json
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gan_viz.recording import Writer

__all__ = ["mutate", "write_bases"]

Chance = random.Random

NUMBERS: Sequence[Any] = (
    *(0, -1, 1, 2**31, 2**53, 10**400, -(10**400), 1.5, 1e308, -1e308, 1e-320),
    *(float("nan"), float("inf"), -float("inf"), None, True, "1", [], {}),
)
TEXTS = (
    *(
        "",
        "x",
        "x" * 5000,
        "\x1b[31m",
        "\u202egnp",
        "\ud800",
        "$\\frac",
        "a\nb",
        "身長",
        "%s{}",
        "\0",
    ),
    *("normal", "critic", "logit", "density", "grid", "norm(0, 1)", "t(3)", "gamma(-1)"),
)
SHAPES: Sequence[Any] = (
    [],
    [0],
    [1],
    [2, 3],
    [4, 4, 4],
    [2**20],
    [2**24],
    [2**29],
    [-1],
    ["a"],
    7,
    None,
    [1] * 20,
)
DTYPES = ("bool", "uint8", "int64", "float16", "float64", "object", "complex64", "", None)


def write_bases(folder: Path) -> list[Path]:
    """Put three whole recordings there: of numbers, of pictures, and of nearly nothing."""
    return [Path(shutil.copy(path, folder)) for path in _bases()]


@cache
def _bases() -> list[Path]:
    folder = Path(tempfile.mkdtemp(prefix="torture-bases-"))
    atexit.register(_remove, folder, os.getpid())
    rng = np.random.default_rng(0)
    z, x = np.linspace(-2, 2, 64)[:, None], np.linspace(-3, 3, 50)
    target = {"kind": "expression", "expression": "norm(0, 1)", "label": "norm(0, 1)"}
    header = {"target": target, "latent": {"kind": "normal", "dim": 1}, "kind": "toy1d"}
    header |= {"objective": {"name": "minimax"}, "title": "a run", "seed": 1}
    with Writer(folder / "numbers.ganviz", header) as writer:
        writer.add_constant("latents", z)
        writer.add_constant("x", x)
        writer.add_channel("generator", (64,), "float32")
        writer.add_channel("discriminator", (50,), "float64", output="logit")
        for step in range(4):
            arrays = {"generator": z[:, 0] * (1 + step / 4), "discriminator": x / (1 + step)}
            writer.write_frame(step, arrays)
        losses = {"d_loss": rng.normal(size=9), "g_loss": rng.normal(size=9)}
        writer.write_scalars(range(9), losses)
    pictures = rng.integers(0, 255, (12, 5, 5), dtype=np.uint8)
    about = {
        "classes": ["a", "b", "c"],
        "steps_per_epoch": 2,
        "latent": {"kind": "normal", "dim": 8},
    }
    with Writer(folder / "pictures.ganviz", about) as writer:
        writer.add_constant("real_samples", pictures[::-1])
        writer.add_constant("real_labels", np.arange(12) % 3)
        writer.add_constant("sample_labels", np.arange(12) % 3)
        writer.add_channel("samples", pictures.shape, "uint8", columns=3)
        writer.add_channel("class_counts", (3,), "int32")
        for name in ("scores_real", "scores_fake"):
            writer.add_channel(name, (20,), "float32", output="logit")
        for step in range(4):
            scores = {name: rng.normal(size=20) for name in ("scores_real", "scores_fake")}
            counts = np.array([1, step, 4], np.int32)
            writer.write_frame(step, {"samples": pictures, "class_counts": counts, **scores})
        writer.write_scalars(range(9), {"d_real": rng.random(9), "d_fake": rng.random(9)})
    with Writer(folder / "little.ganviz") as writer:
        writer.write_scalars(range(3), {"d_loss": [1, 2, 3], "g_loss": [3, 2, 1]})
        writer.write_frame(0, {})
    return [folder / f"{name}.ganviz" for name in ("numbers", "pictures", "little")]


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # and no fork of it
        shutil.rmtree(folder)


def mutate(path: Path, chance: Chance) -> None:
    """Change a recording as damage or malice would."""
    if chance.random() < 0.35:
        path.write_bytes(_damaged(path.read_bytes(), chance))
    else:
        for _ in range(chance.choice([1, 1, 2, 5])):
            _changed(path, chance)
    if chance.random() < 0.1:
        suffix = chance.choice(["-wal", "-shm", "-journal"])
        path.with_name(path.name + suffix).write_bytes(
            chance.randbytes(chance.choice([0, 9, 5000]))
        )


def _damaged(content: bytes, chance: Chance) -> bytes:
    kind, pages = chance.randrange(4), len(content) // 4096
    if kind == 0:
        return content[: chance.randrange(len(content))]
    if kind == 1:
        return content + chance.randbytes(chance.choice([1, 4096]))
    if kind == 2:
        source, target = (4096 * chance.randrange(pages) for _ in range(2))
        return content[:target] + content[source : source + 4096] + content[target + 4096 :]
    damaged = bytearray(content)
    for _ in range(chance.choice([1, 1, 3, 20])):
        place = 4096 * chance.randrange(pages) + chance.choice([120, 4096]) - 1
        damaged[place - chance.randrange(119)] = chance.randrange(256)
    return bytes(damaged)


def _changed(path: Path, chance: Chance) -> None:
    """Change what a recording says, in ways that SQLite allows."""
    number = chance.choice([0.0, -0.0, 1e308, -1e308, 1e39, 5e-324, float("inf"), None, "x", b"x"])
    some = "rowid IN (SELECT rowid FROM {} ORDER BY random() LIMIT 1)"
    changes: Sequence[tuple[str, Callable[[], tuple[Any, ...]]]] = (
        ("INSERT OR REPLACE INTO header VALUES (?, ?)", lambda: _entry(chance)),
        ("DELETE FROM header WHERE key = ?", lambda: (_key(chance),)),
        (f"UPDATE channel SET shape = ? WHERE {some.format('channel')}", lambda: (_shape(chance),)),
        ("UPDATE constant SET shape = ? WHERE name = ?", lambda: (_shape(chance), _name(chance))),
        ("UPDATE constant SET dtype = ? WHERE name = ?", lambda: (_dtype(chance), _name(chance))),
        (f"UPDATE channel SET dtype = ? WHERE {some.format('channel')}", lambda: (_dtype(chance),)),
        (f"UPDATE channel SET attributes = ? WHERE {some.format('channel')}", lambda: (_json(chance),)),
        (f"UPDATE OR REPLACE channel SET name = ? WHERE {some.format('channel')}", lambda: (_name(chance),)),
        ("UPDATE OR REPLACE constant SET name = ? WHERE name = ?", lambda: (_name(chance), _name(chance))),
        ("UPDATE scalar SET value = ? WHERE step % 3 = 0", lambda: (number,)),
        ("UPDATE scalar SET value = ?", lambda: (number,)),
        ("UPDATE OR REPLACE scalar SET step = ? WHERE step = 5", lambda: (chance.choice([-1, 2**63 - 1, 7]),)),
        (f"DELETE FROM array WHERE {some.format('array')}", tuple),
        ("DELETE FROM frame WHERE step = ?", lambda: (chance.randrange(4),)),
        ("INSERT OR IGNORE INTO frame VALUES (?)", lambda: (chance.choice([2**63 - 1, 2**40, -5]),)),
        ("UPDATE array SET data = ? || data WHERE step = 1", lambda: (b"\0" * chance.randrange(3),)),
        ("UPDATE array SET data = replace(data, x'00', x'ff')", tuple),
        ("UPDATE array SET data = zeroblob(length(data))", tuple),
        ("DELETE FROM constant WHERE name = ?", lambda: (_name(chance),)),
    )  # fmt: skip
    statement, parameters = chance.choice(changes)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        try:
            database.execute(statement, parameters())
        except (sqlite3.Error, OverflowError):  # a bystander may have been damaged before
            return


def _key(chance: Chance) -> str:
    return chance.choice(["target", "latent", "objective", "title", "classes", "look", "clock",
                          "kind", "turns", "steps_per_epoch", "statistic", "seed", "complete",
                          "settings", "created", "resumed_at"])  # fmt: skip


def _value(chance: Chance, depth: int = 0) -> Any:
    if depth < 3 and chance.random() < 0.4:
        keys = ("kind", "expression", "label", "name", "output", "panels", "density", "xlim", "dim",
                "values", "equilibrium", "d_loss", "g_loss", "bins", "x", "pdf", "cdf")  # fmt: skip
        if chance.random() < 0.5:
            return {key: _value(chance, depth + 1) for key in chance.sample(keys, 4)}
        return [_value(chance, depth + 1) for _ in range(chance.choice([1, 2, 3, 30]))]
    return chance.choice(NUMBERS if chance.random() < 0.5 else TEXTS)


def _json(chance: Chance) -> str:
    deep = "[" * 5000 + "]" * 5000
    return chance.choice(
        [json.dumps(_value(chance)), json.dumps({"output": _value(chance)}), deep, "{", ""]
    )


def _entry(chance: Chance) -> tuple[str, str]:
    return _key(chance), json.dumps(_value(chance))


def _shape(chance: Chance) -> str:
    return json.dumps(chance.choice(SHAPES))


def _dtype(chance: Chance) -> str | None:
    return chance.choice(DTYPES)


def _name(chance: Chance) -> str:
    return chance.choice(["x", "latents", "generator", "discriminator", "samples", "real_samples",
                          "real_labels", "sample_labels", "class_counts", "scores_real", "walk",
                          "gradient_latents", "sample_gradient", "\x1b", "n" * 300])  # fmt: skip
