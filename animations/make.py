"""Make the animations of this folder again, and the index that shows them.

From the repository's root: ``python animations/make.py``, or with the names of some of them.
The pictures of digits need the files of MNIST, which are downloaded where `GAN_VIZ_DATA` does not
name a folder of them.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).resolve().parent
MOST = 1_000_000
"""Bytes of an animation, or of a page."""
MOST_OF_DIGITS = 1_500_000
"""Bytes of an animation of digits: each picture of each frame is another one."""
POSTER = (480, 320)
"""Most width and height of a poster frame, in pixels."""
INTRODUCTION = """\
# Animations

The command below each clip makes it. Most commands take 10 to 20 seconds on two cores, the race and
the critic about a minute, the digits one to three minutes, and the last three about half an hour
each. `make gallery` makes this page and all clips again, except these three. Put the clips into
your slides as they are, or run a command with another `--out` (`.mp4`), `--size` or `--theme`. A
click on a picture plays its clip.
"""
PAGES = """\
Some clips come with a page, made with `--out NAME.html`: download it, and explore it in a browser.
"""


@dataclass(frozen=True)
class Piece:
    """An animation.

    Attributes
    ----------
    name : str
        Of the file, without its extension.
    title : str
    command : str
        What makes it, and perhaps others, after ``python -m``; with its seed.
    see : str
        What there is to see in it.
    shown : float
        Which frame is the poster: from 0 for the first to 1 for the last.
    explored : bool
        Whether there is a page of the same recordings, too, to be explored.
    slow : bool
        Whether it takes long and is made only where its name is given.
    """

    name: str
    title: str
    command: str
    see: str
    shown: float = 1.0
    explored: bool = False
    slow: bool = False

    @property
    def page(self) -> Path:
        """The file of the page."""
        return FOLDER / f"{self.name}.html"

    def write_page(self, recorded: Path) -> None:
        """Make the page of a recording, or of a folder of them."""
        several = recorded.is_dir()
        runs = sorted(recorded.iterdir()) if several else [recorded]
        names = [str(path) for path in runs if path.suffix == ".ganviz"]
        words = ["compare" if several else "render", *names, "--out", str(self.page)]
        command = [sys.executable, "-m", "gan_viz", *words, "--max-size", str(MOST), "--quiet"]
        subprocess.run(command, check=True)

    @property
    def animation(self) -> Path:
        """The file."""
        return FOLDER / f"{self.name}.gif"

    @property
    def poster(self) -> Path:
        """The file of the poster frame."""
        return FOLDER / "posters" / f"{self.name}.png"

    def draw_poster(self) -> None:
        """Take the poster frame from the animation."""
        self.poster.parent.mkdir(exist_ok=True)
        with Image.open(self.animation) as animation:
            animation.seek(round(self.shown * (getattr(animation, "n_frames", 1) - 1)))
            frame = animation.convert("RGB")
        frame.thumbnail(POSTER, Image.Resampling.LANCZOS)
        frame.quantize(64).save(self.poster, optimize=True)

    def entry(self) -> str:
        """Its part of the index."""
        file, poster = self.animation.name, self.poster.relative_to(FOLDER).as_posix()
        size = f"{self.animation.stat().st_size / 1e6:.2f} MB"
        usual = [] if "gan_viz landscape" in self.command else ["seed 0"]
        seeds = re.findall(r"--(seeds? \S+)", self.command) or usual
        seed = "".join(f"{one.replace(',', ', ')}, " for one in seeds)
        return (
            f"## {self.title}\n\n"
            f"[![{self.title}]({poster})]({file})\n\n"
            f"{self.see}\n\n"
            f"```console\n$ python -m {self.command}\n```\n\n"
            f"[{file}]({file}), {seed}{size}{self._page_entry()}\n"
        )

    def _page_entry(self) -> str:
        """The link to the page, with what makes it from a recording kept by ``--record``."""
        if not self.explored or not self.page.exists():
            return ""
        size = f"{self.page.stat().st_size / 1e6:.2f} MB"
        return f"; to explore: [{self.page.name}]({self.page.name}), {size}"


def toy(name: str, words: str, *, look: str = "--size 640x360") -> str:
    """A command of the toy."""
    return f"gan_viz.toy1d {words} {look} --max-size 1MB --out animations/{name}.gif"


def digits(name: str, words: str, *, pace: str = "sqrt", fps: int = 6) -> str:
    """A command of MNIST."""
    look = f"--panels grid --size 480x390 --pace {pace} --fps {fps} --duration 6 --colors 16"
    return f"gan_viz.mnist {words} --seed 0 {look} --out animations/{name}.gif"


PIECES = (
    Piece(
        "first",
        "The first command",
        "gan_viz.toy1d --out animations/first.gif",
        "G starts off the data and travels onto it, pushed by D. At first D is a slope from fake "
        "to real; in the end it is flat at 1/2.",
        0.3,
    ),
    Piece(
        "classic",
        "Two modes",
        toy("classic", "--data bimodal --seed 5"),
        "G has to divide its samples between two modes. It covers both after a second; ripples "
        "remain, and the picture says how large they are.",
        0.3,
        explored=True,
    ),
    Piece(
        "dstar",
        "The optimal discriminator",
        toy("dstar", "--data gaussian --seed 0 --show dstar"),
        "D beside the optimal D for this G, p_data / (p_data + p_g); the gap between them is "
        "what D still has to learn.",
        0.2,
    ),
    Piece(
        "smooth",
        "Two modes, smooth",
        toy("smooth", "--data bimodal --seed 5 --density kde"),
        "The same training, with p_g estimated by kernels from G's samples: sharp features look "
        "soft.",
        0.3,
    ),
    Piece(
        "japanese",
        "In another language",
        toy(
            "japanese",
            "--data trimodal --seed 0 --language ja --font IPAexGothic "
            '--title "GANはどう学ぶか" --subtitle "三つの山をもつ分布"',
        ),
        "Titles in any script that a font has, here IPAexGothic (Debian: "
        "fonts-ipaexfont-gothic). The words in a picture are English, German, French, Spanish or "
        "Japanese.",
        0.5,
    ),
    Piece(
        "figure1",
        "Figure 1, animated",
        toy("figure1", "--data gaussian --seed 0 --steps 400 --arrows map --panels density"),
        "After Figure 1 of Goodfellow et al. (2014): evenly spaced z at the bottom, with arrows "
        "up to x = G(z). Where arrows converge, p_g is dense.",
        0.15,
    ),
    Piece(
        "gradient",
        "How G is pushed",
        toy("gradient", "--data bimodal --seed 5 --arrows gradient --panels density"),
        "The same with an arrow on each sample, in the direction in which G's loss pushes it: up "
        "the slope of D.",
        0.15,
    ),
    Piece(
        "phases",
        "Two turns",
        toy("phases", "--data gaussian --seed 0 --phases", look="--size 640x360"),
        "D and G take turns, slowly: D fits the gap between the densities, then G climbs D.",
        0.2,
    ),
    Piece(
        "diffusion",
        "Without a game: a diffusion model",
        toy("diffusion", "--model diffusion --data bimodal --seed 0"),
        "The same data and latents, but no D: one network learns the score of the noised data. "
        "The exact score and the exact paths of the samples from noise to data are grey.",
        0.5,
    ),
    Piece(
        "flow",
        "From noise to data",
        toy("flow", "--model flow --data bimodal --seed 0 --reverse"),
        "A trained flow draws its samples: they drift from N(0, 1) to the data along the learnt "
        "field. The exact paths are grey.",
        0.5,
    ),
    Piece(
        "vanishing",
        "Minimax against non-saturating, with a strong D",
        toy(
            "vanishing",
            '--data "norm(4, 0.5)" --race minimax,non-saturating --seed 0 --steps 1500 '
            "--stabilizers none --hidden 16,16 --d-steps 10 --d-lr 0.005",
        ),
        "The same start and data for both, and a D that soon tells real from generated. Where D "
        "is sure, log(1 - D) is flat: the minimax G gets no gradient and stays. The "
        "non-saturating G moves.",
    ),
    Piece(
        "collapse",
        "Mode collapse on three modes",
        toy(
            "collapse",
            "--data trimodal --seed 0 --steps 3000 --stabilizers none --hidden 16,16 "
            "--g-lr 0.005 --d-lr 0.001",
        ),
        "G learns faster than D. It puts all its samples on one mode; by the time D has learnt "
        "that they are fake, G has moved to another.",
        0.7,
    ),
    Piece(
        "race",
        "A race of objectives",
        toy(
            "race",
            "--race non-saturating,minimax,lsgan,wgan-gp --seeds 0,1,2 --data bimodal "
            "--stabilizers standardize,two-rates,ema --hidden 16,16 --steps 3000",
            look="--size 960x900 --duration 6",
        ),
        "Four objectives (rows) from three starts (columns), with three of the six stabilizers, on "
        "one clock. Each cell says how its run ended, and how far from the data.",
        explored=True,
    ),
    Piece(
        "models",
        "Who drops modes: bare GANs, a diffusion model and a flow",
        toy(
            "models",
            '--data "0.5*norm(-8, 1) + 0.5*norm(8, 1)" --stabilizers none --hidden 32,32 '
            "--race non-saturating,lsgan,wgan-gp,diffusion,flow --seeds 0,1,2 --steps 2000 "
            '--title "Modes far apart"',
            look="--size 800x840 --duration 5 --fps 8",
        ),
        "Two modes 16 deviations apart, and no stabilizers. The least-squares GAN loses a mode "
        "from each of three starts, the non-saturating one from one; WGAN-GP reaches both, nearly "
        "as points. The diffusion model and the flow fit both early, but a sample takes 36 passes.",
    ),
    Piece(
        "critic",
        "The critic of WGAN-GP",
        toy("critic", "--objective wgan-gp --data bimodal --seed 1 --d-steps 3 --steps 2500"),
        "A critic has no probability, only a scale of its own. It rises from where p_g is too "
        "high to where p_g is too low, and G climbs it. Its loss tends to 0.",
        0.3,
    ),
    Piece(
        "landscape",
        "Can G leave a collapse?",
        "gan_viz landscape --size 640x360 --out animations/landscape.gif",
        "The data is two points, G makes two, and D is the best there is. One of G's is on the "
        "data; where is the other drawn? If D judges each kind by itself, back into the collapse. "
        "If it compares pairs, on to the other point: there is no barrier.",
        0.1,
    ),
    Piece(
        "iris",
        "Real data",
        toy("iris", "--data examples/iris.csv --column petal_length --seed 0"),
        "The petals of 150 irises (Fisher 1936): one species has short petals, two have long "
        "ones. In the end G crowds onto single petals: they are so few that D memorizes them.",
    ),
    Piece(
        "mlp",
        "MNIST: a first attempt collapses",
        digits("mlp", "--model mlp --steps 3000", pace="linear"),
        "A fully connected GAN with none of the usual remedies: all samples become the same.",
    ),
    Piece(
        "improved",
        "MNIST: with some care",
        digits("improved", "--walk animations/walk.gif"),
        "The same with LeakyReLU, batch normalization and a wider G, whose moving average is "
        "drawn.",
        explored=True,
    ),
    Piece(
        "walk",
        "A walk through the latents",
        digits("improved", "--walk animations/walk.gif"),
        "z moves from point to point and back to the first; the digits of the G above turn into "
        "one another. `--neighbours` measures whether a G has memorized its training pictures.",
        0.2,
    ),
    Piece(
        "cgan",
        "MNIST: told which digit",
        digits(
            "cgan",
            "--model cgan --steps 12000 --batch 64 --d-steps 1 --g-lr 0.0005 --d-lr 0.001 "
            "--r1 50 --ema 0.998",
        ),
        "A conditional GAN: each column asks for one digit. First there are strokes, then "
        "digits, and only then, for most columns, the digits asked for. Their edges stay rough, "
        "for G has no convolutions: no pixel knows its neighbours.",
        slow=True,
    ),
    Piece(
        "dcgan",
        "MNIST: convolutions",
        digits("dcgan", "--model dcgan --steps 2400"),
        "A DCGAN in its first 2,400 steps, two epochs: strokes from the beginning, then digits.",
        slow=True,
    ),
    Piece(
        "wgan-gp",
        "MNIST: a critic with a gradient penalty",
        digits("wgan-gp", "--model wgan-gp --steps 12000"),
        "WGAN-GP without convolutions: it takes long, and nothing collapses on the way. In the end "
        "most samples are digits, of all ten kinds.",
        slow=True,
    ),
)


def make(pieces: Iterable[Piece]) -> None:
    """Run the commands of some pieces, each once, and draw their posters."""
    started = time.perf_counter()
    wanted = list(pieces)
    for command in dict.fromkeys(piece.command for piece in wanted):
        before = time.perf_counter()
        words = shlex.split(command)
        explored = [one for one in wanted if one.command == command and one.explored]
        with tempfile.TemporaryDirectory() as place:
            recorded = Path(place, "runs" if "--race" in words else "run.ganviz")
            kept = ["--record", str(recorded)] if explored else []
            words = [sys.executable, "-m", *words, *kept, "--quiet"]
            subprocess.run(words, cwd=FOLDER.parent, check=True)
            for piece in explored:
                piece.write_page(recorded)
        print(f"{time.perf_counter() - before:6.1f} s  {command}", flush=True)
    for piece in wanted:
        most = MOST_OF_DIGITS if "gan_viz.mnist" in piece.command else MOST
        for file, allowed in [(piece.animation, most), *[(piece.page, MOST)] * piece.explored]:
            size = file.stat().st_size
            if size > allowed:
                raise SystemExit(f"{file}: {size:,} bytes, expected {allowed:,} at most")
        piece.draw_poster()
    print(f"{time.perf_counter() - started:6.1f} s  in all")


def main(names: Collection[str]) -> None:
    """Make all animations, or those named, and the index."""
    known = {piece.name for piece in PIECES}
    if not known.issuperset(names):
        raise SystemExit(f"expected names among {', '.join(sorted(known))}")
    make(piece for piece in PIECES if piece.name in names or not (names or piece.slow))
    entries = [piece.entry() for piece in PIECES if piece.poster.exists()]
    pages = [PAGES] if any(piece.page.exists() for piece in PIECES) else []
    index = "\n".join([INTRODUCTION, *pages, *entries])
    (FOLDER / "README.md").write_text(index, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
