"""Names to things, imported late.

A registry maps a name to ``"module:attribute"``; nothing is imported until the name is asked for.
One new file plus one line here, or a call of `Registry.register`, adds an objective, a hook, a
panel or an encoder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from gan_viz.errors import MissingExtraError, UnknownNameError


def import_extra(library: str, what: str, extra: str) -> Any:
    """Import a library that `what` needs; MissingExtraError names the extra that installs it."""
    try:
        return import_module(library)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise MissingExtraError(what, library, extra) from None


class Registry(Mapping[str, Any]):
    """A mapping from names to lazily imported attributes.

    `kind` says what the names stand for, in the singular, for errors; the `entries` are
    ``"module:attribute"``, and `extras` give the (library, extra) of those whose backend is no core
    dependency. ``registry[name]`` raises UnknownNameError, listing the known names and the nearest,
    or MissingExtraError, naming the ``pip install`` that cures it.
    """

    def __init__(
        self,
        kind: str,
        entries: dict[str, str],
        extras: dict[str, tuple[str, str]] | None = None,
    ) -> None:
        self.kind = kind
        self._entries: dict[str, Any] = dict(entries)
        self._extras = dict(extras or {})

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise UnknownNameError(self.kind, name, self._entries)
        entry = self._entries[name]
        if not isinstance(entry, str):
            return entry
        module, _, attribute = entry.partition(":")
        try:
            return getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            if name in self._extras and error.name == self._extras[name][0]:
                library, extra = self._extras[name]
                raise MissingExtraError(f"{self.kind} {name!r}", library, extra) from None
            raise

    def register(self, name: str, entry: Any) -> None:
        """Add an entry, or replace one.

        It is ``"module:attribute"``, imported when it is first asked for, or the very object.

        Examples
        --------
        >>> registry = Registry("sum", {})
        >>> registry.register("product", "math:prod")
        >>> registry["product"]([2, 3]), list(registry)
        (6, ['product'])
        """
        self._entries[name] = entry

    @property
    def attributes(self) -> dict[str, str]:
        """Names of the entries by those of their attributes: ``{"GradientsHook": "gradients"}``."""
        return {
            entry.partition(":")[2]: name
            for name, entry in self._entries.items()
            if isinstance(entry, str)
        }

    def exported(self, package: str, attribute: str) -> Any:
        """Import an attribute by its own name, as the ``__getattr__`` of a package (PEP 562)."""
        names = self.attributes
        if attribute in names:
            return self[names[attribute]]
        near = get_close_matches(attribute, names, n=1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        raise AttributeError(f"module {package!r} has no attribute {attribute!r}{hint}")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


ACTIVATIONS = Registry(
    "activation",
    {
        "elu": "torch.nn:ELU",
        "leaky_relu": "gan_viz.models.mlp:leaky_relu",
        "relu": "torch.nn:ReLU",
        "silu": "torch.nn:SiLU",
        "softplus": "torch.nn:Softplus",
        "tanh": "torch.nn:Tanh",
    },
)

OPTIMIZERS = ("adam", "rmsprop", "sgd")
"""What `gan_viz.training.optimizers.make_optimizer` makes."""

DATASETS = Registry(
    "data set",
    {
        "digits": "gan_viz.datasets.digits:digits",
        "fashion-mnist": "gan_viz.datasets.mnist:fashion_mnist",
        "mnist": "gan_viz.datasets.mnist:mnist",
    },
    {"digits": ("sklearn", "digits")},
)

MODELS = Registry(
    "model",
    {
        "cgan": "gan_viz.models.cgan:CGAN",
        "dcgan": "gan_viz.models.dcgan:DCGAN",
        "dcgan-7x7": "gan_viz.models.dcgan:DCGAN_7X7",
        "mlp": "gan_viz.models.image_mlp:MLP",
        "mlp-improved": "gan_viz.models.image_mlp:MLP_IMPROVED",
        "wgan": "gan_viz.models.image_mlp:WGAN",
        "wgan-conv": "gan_viz.models.dcgan:WGAN_CONV",
        "wgan-gp": "gan_viz.models.image_mlp:WGAN_GP",
        "wgan-gp-conv": "gan_viz.models.dcgan:WGAN_GP_CONV",
    },
)

CLASSICS = Registry(
    "preset",
    {
        "aylien": "gan_viz.api.presets:AYLIEN",
        "jang": "gan_viz.api.presets:JANG",
        "kremerj": "gan_viz.api.presets:KREMERJ",
        "radford": "gan_viz.api.presets:RADFORD",
    },
)

ADAPTERS = Registry(
    "adapter",
    {
        "ignite": "gan_viz.adapters.ignite:attach",
        "lightning": "gan_viz.adapters.lightning:GanVizCallback",
    },
)

OBJECTIVES = Registry(
    "objective",
    {
        "hinge": "gan_viz.objectives.hinge:Hinge",
        "instance-noise": "gan_viz.objectives.instance_noise:InstanceNoise",
        "lsgan": "gan_viz.objectives.lsgan:LeastSquares",
        "minimax": "gan_viz.objectives.minimax:Minimax",
        "non-saturating": "gan_viz.objectives.non_saturating:NonSaturating",
        "pacgan": "gan_viz.objectives.pacgan:PacGAN",
        "relativistic": "gan_viz.objectives.relativistic:Relativistic",
        "unrolled": "gan_viz.objectives.unrolled:Unrolled",
        "wgan": "gan_viz.objectives.wgan:ClippedWasserstein",
        "wgan-gp": "gan_viz.objectives.wgan_gp:PenalizedWasserstein",
    },
)

PROCESSES = Registry(
    "toy model",
    {
        "diffusion": "gan_viz.training.transport:Diffusion",
        "flow": "gan_viz.training.transport:Flow",
    },
)
"""Models of the toy that play no game."""

HOOKS = Registry(
    "hook",
    {
        "coverage": "gan_viz.hooks.coverage:CoverageHook",
        "distribution": "gan_viz.hooks.distribution:DistributionHook",
        "gradients": "gan_viz.hooks.gradients:GradientsHook",
        "health": "gan_viz.hooks.health:HealthHook",
        "jacobian": "gan_viz.hooks.jacobian:JacobianHook",
        "points": "gan_viz.hooks.points:PointsHook",
        "quality": "gan_viz.hooks.quality:QualityHook",
        "samples": "gan_viz.hooks.samples:SamplesHook",
        "scalars": "gan_viz.hooks.scalars:ScalarsHook",
        "scores": "gan_viz.hooks.scores:ScoresHook",
        "signals": "gan_viz.hooks.signals:SignalsHook",
        "statistic": "gan_viz.hooks.statistic:StatisticHook",
        "walk": "gan_viz.hooks.walk:WalkHook",
    },
)

PANELS = Registry(
    "panel",
    {
        "coverage": "gan_viz.panels.coverage:CoveragePanel",
        "density": "gan_viz.panels.density:DensityPanel",
        "dirac": "gan_viz.panels.dirac:DiracPanel",
        "grid": "gan_viz.panels.grid:GridPanel",
        "landscape": "gan_viz.panels.landscape:LandscapePanel",
        "losses": "gan_viz.panels.losses:LossesPanel",
        "metrics": "gan_viz.panels.metrics:MetricsPanel",
        "outputs": "gan_viz.panels.outputs:OutputsPanel",
        "plane": "gan_viz.panels.plane:PlanePanel",
        "points": "gan_viz.panels.points:PointsPanel",
        "process": "gan_viz.panels.process:ProcessPanel",
        "quality": "gan_viz.panels.quality:QualityPanel",
        "scalars": "gan_viz.panels.scalars:ScalarsPanel",
        "score": "gan_viz.panels.score:ScorePanel",
        "scores": "gan_viz.panels.scores:ScoresPanel",
        "signals": "gan_viz.panels.signals:SignalsPanel",
        "spectrum": "gan_viz.panels.spectrum:SpectrumPanel",
        "walk": "gan_viz.panels.walk:WalkPanel",
    },
)

PANEL_ALIASES = {
    "density-histogram": "density(histogram)",
    "density-kde": "density(kde)",
    "density-plain": "density(rug=no)",
    "figure1": "density(arrows=map)",
    "figure1-gradient": "density(arrows=gradient)",
}
"""Short names of panels with parameters."""

ENCODERS = Registry(
    "output format",
    {
        ".gif": "gan_viz.encoders.gif:GifEncoder",
        ".mp4": "gan_viz.encoders.video:Mp4Encoder",
        ".png": "gan_viz.encoders.still:PngEncoder",
        ".webm": "gan_viz.encoders.video:WebmEncoder",
        ".webp": "gan_viz.encoders.webp:WebpEncoder",
        ".apng": "gan_viz.encoders.apng:ApngEncoder",
    },
)

DOCUMENTS = Registry(
    "document",
    {
        ".html": "gan_viz.api.pages:Page",
        ".md": "gan_viz.slides.marp:Marp",
        ".pptx": "gan_viz.slides.powerpoint:PowerPoint",
        ".reveal.html": "gan_viz.slides.reveal:Reveal",
    },
    {".pptx": ("pptx", "slides")},
)
"""Files that are made of recordings, not of frames; see `gan_viz.api.documents.Document`."""

DISPLAYS = Registry(
    "display",
    {"recording": "gan_viz.api.notebooks:bundle_of_recording"},
)
"""What shows things in a notebook: the door knows it by this name alone."""

EXPORTS = Registry(
    "export",
    {
        "csv": "gan_viz.exports.tables:CsvExporter",
        "npz": "gan_viz.exports.arrays:NpzExporter",
        "parquet": "gan_viz.exports.tables:ParquetExporter",
        "pgfplots": "gan_viz.exports.pgfplots:PgfplotsExporter",
        "tensorboard": "gan_viz.exports.tensorboard:TensorBoardExporter",
        "wandb": "gan_viz.exports.wandb:WandbExporter",
    },
    {"tensorboard": ("tensorboard", "tensorboard"), "wandb": ("wandb", "wandb")},
)
