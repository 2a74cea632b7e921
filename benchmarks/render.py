"""How fast a recording becomes a file, against the usual way of saving an animation.

``python benchmarks/render.py`` draws recordings of 200 and 2,000 frames to the same picture (size,
dpi, curves, texts, frame rate) with gan_viz and with ``FuncAnimation.save``, each in a process of
its own, one thread of linear algebra each, timed from opening the recording to the closed file, and
prints frames/s, bytes, peak memory and ratios. ``FuncAnimation``, whose speed does not depend on
their number, draws 200: once the curves and axes alone, and once as much as our picture holds. Its
MP4 needs the binary of imageio-ffmpeg (``pip install imageio-ffmpeg``); without it that row is left
out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from results import INSTALLED, table, write

SHOWN = "density", "losses"
FRAMES = 200
MANY, IN_MEMORY = 2000, 400
FPS = 20
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **INSTALLED}


def record(path: str, frames: int) -> None:
    import gan_viz

    steps = 3000 // frames * (frames - 1) or frames - 1
    gan_viz.train("bimodal", path, steps=steps, every=max(1, 3000 // frames), seed=1)


def gan_viz_file(run: str, out: str, jobs: int) -> None:
    import gan_viz

    gan_viz.render(run, out, fps=FPS, hold=0, jobs=jobs, pace="recorded")


def only_encode(run: str, out: str) -> float:
    """Seconds for the MP4 when frames lie in memory already, 400 of which go round."""
    import gan_viz
    from gan_viz.api.drawing import Animation
    from gan_viz.api.look import Look
    from gan_viz.encoders.video import Mp4Encoder
    from gan_viz.registry import PANELS
    from gan_viz.rendering import Canvas, Renderer

    with gan_viz.Recording(run) as recording:
        panels = [PANELS[name]().bind(recording) for name in SHOWN]
        renderer = Renderer(recording, panels, Canvas())
        animation = Animation(renderer, Look(fps=FPS, hold=0, pace="recorded"))
        number = len(recording)
        frames = [renderer.frame(index) for index in range(min(number, IN_MEMORY))]
    started = time.perf_counter()
    with Mp4Encoder(Path(out), animation.clip_for(Mp4Encoder)) as encoder:
        for index in range(number):
            encoder.write(frames[index % len(frames)])
    return time.perf_counter() - started


def stages(run: str, out: str) -> dict[str, float]:
    """Milliseconds a frame of drawing alone, and of drawing and encoding in one process."""
    import gan_viz
    from gan_viz.api.drawing import Animation
    from gan_viz.api.look import Look
    from gan_viz.encoders.base import Encoder, NullEncoder
    from gan_viz.encoders.gif import GifEncoder
    from gan_viz.encoders.video import Mp4Encoder
    from gan_viz.registry import PANELS
    from gan_viz.rendering import Canvas, Renderer

    found = {}
    with gan_viz.Recording(run) as recording:
        started = time.perf_counter()
        panels = [PANELS[name]().bind(recording) for name in SHOWN]
        renderer = Renderer(recording, panels, Canvas())
        animation = Animation(renderer, Look(fps=FPS, hold=0, pace="recorded"))
        animation.clip_for(GifEncoder)  # its samples are kept
        found["set up, once"] = 1000 * (time.perf_counter() - started)
        kinds: dict[str, type[Encoder]] = {
            "draw": NullEncoder,
            "draw and GIF": GifEncoder,
            "draw and MP4": Mp4Encoder,
        }
        for name, kind in kinds.items():
            started = time.perf_counter()
            with kind(Path(out), animation.clip_for(kind)) as encoder:
                for frame in renderer.frames(range(FRAMES)):
                    encoder.write(frame)
            found[name] = 1000 * (time.perf_counter() - started) / FRAMES
    return found


def panels(path: str) -> dict[str, float]:
    """Milliseconds a frame of drawing one panel alone: densities, and 64 pictures enlarged."""
    import numpy as np

    import gan_viz
    from gan_viz.recording import Writer
    from gan_viz.registry import PANELS
    from gan_viz.rendering import Canvas, Renderer

    source = np.random.default_rng(0)
    header = {"target": gan_viz.target("bimodal").describe()}
    with Writer(path, header) as writer:
        writer.add_channel("generator", (1024,), "float32")
        writer.add_channel("discriminator", (512,), "float32", output="logit")
        writer.add_channel("samples", (64, 28, 28), "uint8", columns=8)
        writer.add_constant("x", np.linspace(-6, 6, 512))
        writer.add_constant("real_samples", source.integers(0, 256, (16, 28, 28), dtype=np.uint8))
        for step in range(FRAMES):
            outputs = np.sort(source.normal(0, 1 + step / FRAMES, 1024)).astype(np.float32)
            pictures = source.integers(0, 256, (64, 28, 28), dtype=np.uint8)
            logits = np.linspace(-3, 3, 512, dtype=np.float32)
            arrays: dict[str, Any] = {"generator": outputs, "discriminator": logits}
            arrays["samples"] = pictures
            writer.write_frame(step, arrays)
    with gan_viz.Recording(path) as recording:
        times: dict[str, list[float]] = {"density": [], "grid": []}
        drawers = {
            name: Renderer(recording, [PANELS[name]().bind(recording)], Canvas()) for name in times
        }
        for _ in range(5):
            for name, renderer in drawers.items():
                started = time.perf_counter()
                for _frame in renderer.frames(range(FRAMES)):
                    pass
                times[name].append(1000 * (time.perf_counter() - started) / FRAMES)
    return {f"the panel {name} alone": sorted(spent)[2] for name, spent in times.items()}


def usual_way(run: str, out: str, as_much: int = 0) -> None:
    """What one writes with matplotlib: artists made once, their data set for every frame.

    The curves, the axes and the title; or `as_much` as our picture holds by now: names at the
    curves, the area under p_g, samples below the axis, marks, and the distance to the data.
    """
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter

    import gan_viz
    from gan_viz.analysis import smooth
    from gan_viz.analysis.bandwidths import scott
    from gan_viz.analysis.density import kernel_density
    from gan_viz.distributions import from_description

    recording = gan_viz.Recording(run)
    target = from_description(recording.header["target"])
    x = np.linspace(*target.window, 601)
    grid = recording.constants["x"]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 5.4), dpi=100, width_ratios=[1.55, 1])
    left.fill_between(x, target.pdf(x), alpha=0.16)
    left.plot(x, target.pdf(x), ":", lw=3, label="p_data")
    (g_line,) = left.plot([], [], lw=3, label="G(z)")
    scale = left.twinx()
    (d_line,) = scale.plot([], [], "--", lw=3, color="tab:red", label="D(x)")
    scale.axhline(0.5, lw=1, color="0.7")
    left.set(xlim=(x[0], x[-1]), ylim=(0, 1), xlabel="x", ylabel="density")
    scale.set(ylim=(0, 1.06), ylabel="D(x)")
    left.legend(loc="upper left")
    losses = {}
    for name in ("d_loss", "g_loss"):
        steps, values = recording.scalars[name]
        (raw,) = right.plot(steps, values, lw=1, alpha=0.25)
        (line,) = right.plot([], [], lw=3, color=raw.get_color(), label=name)
        losses[name] = steps, smooth(values, 60), line
    cursor = right.axvline(0, color="0.5", lw=1)
    right.set(xlim=(0, recording.steps[-1]), ylim=(0.4, 1.6), xlabel="step", ylabel="loss")
    right.legend(loc="upper right")
    title = figure.suptitle("")
    if as_much:
        area = left.fill_between(x, 0 * x, alpha=0.2)
        real = target.ppf((np.arange(64) + 0.5) / 64)
        left.plot(real, np.full(64, -0.05), "|")
        (rug,) = left.plot([], [], "|")
        left.set_ylim(-0.1, 1)
        peak, status = left.text(0, 0.9, ""), left.text(0, 0.95, "")
        for name, at in (("generated by G", -2), ("real data", 2), ("D: how real it looks", 0)):
            left.text(at, 0.4, name)
        tips = [right.text(0, 0, name, backgroundcolor="w") for name in losses]
        (mark,) = right.plot([], [], "^")

    def draw_as_much(frame: int, density: Any) -> None:
        samples, step = recording.array("generator", frame), recording.steps[frame]
        area.set_data(x, 0 * x, density)
        rug.set_data(samples[::16], np.full(len(samples[::16]), -0.02))
        peak.set_text(f"peak {density.max():.1f}")
        peak.set_position((x[density.argmax()], 0.9))
        apart = np.abs(np.sort(samples) - target.ppf((np.arange(1024) + 0.5) / 1024)).mean()
        status.set_text(f"distance to the data {apart:.3f}")
        for tip, (steps, values, _line) in zip(tips, losses.values(), strict=True):
            tip.set_position((step, np.interp(step, steps, values)))
        mark.set_data([step // 2], [0.5])

    def draw(frame: int) -> list[Any]:
        samples = recording.array("generator", frame)
        density = kernel_density(samples, x, scott(samples))
        g_line.set_data(x, density)
        d_line.set_data(grid, 1 / (1 + np.exp(-recording.array("discriminator", frame))))
        step = recording.steps[frame]
        for steps, values, line in losses.values():
            line.set_data(steps[:step], values[:step])
        cursor.set_xdata([step, step])
        title.set_text(f"bimodal, step {step:,}")
        if as_much:
            draw_as_much(frame, density)
        return []

    animation = FuncAnimation(figure, draw, frames=FRAMES, blit=False)
    if out.endswith(".mp4"):
        import imageio_ffmpeg

        mpl.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
        animation.save(out, writer=FFMpegWriter(fps=FPS, codec="libx264"))
    else:
        animation.save(out, writer=PillowWriter(fps=FPS))


WAYS: dict[str, Callable[..., Any]] = {
    "record": record,
    "gan_viz": gan_viz_file,
    "only_encode": only_encode,
    "panels": panels,
    "stages": stages,
    "usual": usual_way,
}


def child(name: str, words: list[str]) -> None:
    """Run one way in this process; imports are paid before the clock starts, as for the others."""
    import matplotlib.animation
    import matplotlib.pyplot  # noqa: F401

    arguments = [int(word) if word.isdigit() else word for word in words]
    started = time.perf_counter()
    result = WAYS[name](*arguments)
    seconds = time.perf_counter() - started
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF,)]
    print(json.dumps({"seconds": seconds, "peak": max(peaks) / 1024, "result": result}))


def measure(name: str, *words: object, cores: int = 2) -> dict[str, Any]:
    """Run one way in a process of its own, on some cores."""
    pin = None
    if hasattr(os, "sched_setaffinity"):
        chosen = sorted(os.sched_getaffinity(0))[:cores]

        def pin() -> None:
            os.sched_setaffinity(0, chosen)

    done = subprocess.run(
        [sys.executable, __file__, "--child", name, *map(str, words)],
        env={**os.environ, **ENVIRONMENT},
        preexec_fn=pin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(folder: Path, rounds: int, many: int) -> str:
    run, long = folder / "run.ganviz", folder / "long.ganviz"
    measure("record", run, FRAMES)
    measure("record", long, many)
    plans: dict[str, tuple[str, list[object], int, int]] = {
        "FuncAnimation, PillowWriter": ("usual", [run, folder / "usual.gif"], 2, FRAMES),
        "FuncAnimation, PillowWriter, as much": ("usual", [run, folder / "much.gif", 1], 2, FRAMES),
        "gan_viz GIF, one core": ("gan_viz", [run, folder / "one.gif", 1], 1, FRAMES),
        "gan_viz GIF, two cores": ("gan_viz", [run, folder / "two.gif", 2], 2, FRAMES),
        f"gan_viz GIF of {many:,}, two cores": ("gan_viz", [long, folder / "l.gif", 2], 2, many),
        f"gan_viz GIF of {many:,}, three cores": ("gan_viz", [long, folder / "l.gif", 2], 3, many),
        "FuncAnimation, FFMpegWriter": ("usual", [run, folder / "usual.mp4"], 2, FRAMES),
        "gan_viz MP4, two cores": ("gan_viz", [run, folder / "two.mp4", 2], 2, FRAMES),
        "MP4 encoder, frames in memory": ("only_encode", [run, folder / "memory.mp4"], 2, FRAMES),
        f"gan_viz MP4 of {many:,}, two cores": ("gan_viz", [long, folder / "l.mp4", 2], 2, many),
        f"MP4 encoder, {many:,} in memory": ("only_encode", [long, folder / "m.mp4"], 2, many),
    }
    times: dict[str, list[float]] = {name: [] for name in plans}
    peaks: dict[str, float] = {}
    for _ in range(rounds):
        for name, (way, words, cores, _frames) in list(plans.items()):
            try:
                found = measure(way, *words, cores=cores)
            except subprocess.CalledProcessError:
                del plans[name], times[name]
                print(f"left out: {name}")
                continue
            times[name].append(found["result"] if way == "only_encode" else found["seconds"])
            peaks[name] = found["peak"]
    rows = []
    yardstick = 1.0
    for name, (_, words, _, frames) in plans.items():
        rate = frames / sorted(times[name])[len(times[name]) // 2]
        if name in ("FuncAnimation, PillowWriter", "FuncAnimation, FFMpegWriter"):
            yardstick = rate
        size = Path(str(words[1])).stat().st_size / frames / 1000
        rows.append(
            [name, f"{rate:.1f}", f"{rate / yardstick:.1f}", f"{size:.1f}", f"{peaks[name]:.0f}"]
        )
    head = ["960x540, 200 frames", "frames/s", "times the usual", "kB a frame", "peak MB"]
    return table(head, rows)


def where(folder: Path) -> str:
    found = measure("stages", folder / "run.ganviz", folder / "stage.out", cores=1)["result"]
    found |= measure("panels", folder / "panels.ganviz", cores=1)["result"]
    return table(
        ["where the time goes, one core", "ms"], [[k, f"{v:.2f}"] for k, v in found.items()]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=MANY, help="frames of the long recording")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child[0], arguments.child[1:])
        return
    with tempfile.TemporaryDirectory() as folder:
        sections = {
            "Rendering": compare(Path(folder), arguments.rounds, arguments.many),
            "Where rendering spends its time": where(Path(folder)),
        }
    for text in sections.values():
        print(f"\n{text}")
    if arguments.write:
        write(sections)


if __name__ == "__main__":
    main()
