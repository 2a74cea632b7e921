"""How good the pictures of all models are, after a short training on the CPU.

``python benchmarks/quality.py`` prints the table; ``--write`` also puts it into RESULTS.md. Each
model is trained for so many seconds of a processor (``--seconds``) on MNIST and on Fashion-MNIST,
and G, or its moving average where one is drawn, is measured twice, half way and at the end, on
1,000 pictures in the features of the classifier of the data; see `gan_viz.analysis.quality`. The
floor is what test pictures get in G's place. ``--models`` and ``--datasets`` choose some, and
``--keep FILE`` keeps what was measured in a JSON file, to go on from there.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from results import table, write

from gan_viz.analysis.quality import Quality, classifier_score, copied, nearest
from gan_viz.api.classifiers import classifier_for
from gan_viz.api.images import build_images
from gan_viz.api.quality import held_out, made_pictures
from gan_viz.datasets import ImageSet, load
from gan_viz.hooks.quality import seen_by
from gan_viz.registry import MODELS
from gan_viz.training.classifying import accuracy

SAMPLES = 1000
SHOWN = ("frechet", "precision", "recall", "density", "coverage", "classifier_score")
Row = dict[str, Any]


class Judge:
    """Measures pictures of one data set."""

    def __init__(self, data: ImageSet) -> None:
        self.data, self.test = data, held_out(data)
        self._judge = classifier_for(data)
        self.accuracy = accuracy(self._judge, self.test.images, self.test.labels)
        chosen = np.linspace(0, len(data) - 1, SAMPLES).astype(int)
        self._measure = Quality(seen_by(self._judge, data.images[chosen])[0])
        self._near = nearest(self.test.images[:SAMPLES], data.images)[0]

    def of(self, pictures: NDArray[np.uint8]) -> Row:
        features, chances = seen_by(self._judge, pictures)
        figures = {**self._measure.of(features), "classifier_score": classifier_score(chances)}
        row: Row = {name: list(figures[name]) for name in SHOWN}
        row["copied"] = copied(nearest(pictures, self.data.images)[0], self._near)
        return row

    def floor(self) -> Row:
        row = self.of(self.test.images[-SAMPLES:])
        return {**row, "model": f"test pictures (classifier: {self.accuracy:.1%})", "steps": 0}


def measured(model: str, judge: Judge, seconds: float) -> Iterator[Row]:
    """Train a model, and measure it half way and at the end."""
    run = build_images(model, judge.data, steps=10**6)
    shape, classes = run.model.latent_shape, run.model.classes
    latents = run.latent.sample(SAMPLES, np.random.default_rng(0))
    spent, before, parts = 0.0, time.process_time(), [0.5 * seconds, seconds]
    for steps, _ in run.training:
        now = time.process_time()
        spent, before = spent + now - before, now
        if spent >= parts[0]:
            del parts[0]
            made = made_pictures(run.training.game.g_ema, latents, shape, classes)
            yield {**judge.of(made), "model": model, "steps": steps}
            if not parts:
                return
            before = time.process_time()


def cells(dataset: str, row: Row) -> list[str]:
    figures = [f"{row[name][0]:.3g} ± {row[name][1]:.2g}" for name in SHOWN]
    return [dataset, row["model"], f"{row['steps']:,}", *figures, f"{row['copied']:.1%}"]


def rows(kept: Mapping[str, Mapping[str, list[Row]]]) -> list[list[str]]:
    return [
        cells(dataset, row)
        for dataset, models in kept.items()
        for all_ in models.values()
        for row in all_
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--datasets", default="mnist,fashion-mnist")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    kept = json.loads(asked.keep.read_text()) if asked.keep and asked.keep.exists() else {}
    for dataset in asked.datasets.split(","):
        known = kept.setdefault(dataset, {})
        missing = [one for one in ("floor", *asked.models.split(",")) if one and one not in known]
        judge = Judge(load(dataset)) if missing else None
        for model in missing:
            assert judge is not None
            floor = model == "floor"
            known[model] = [judge.floor()] if floor else [*measured(model, judge, asked.seconds)]
            if asked.keep:
                asked.keep.write_text(json.dumps(kept))
    head = ["data", "model", "steps", "Fréchet", "precision", "recall", "density", "coverage"]
    text = table([*head, "classifier's score", "nearer than 99 % of test"], rows(kept))
    print(text)
    if asked.write:
        write({"The quality of pictures": f"Each after {asked.seconds:g} s of one core.\n\n{text}"})


if __name__ == "__main__":
    main()
