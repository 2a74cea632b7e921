"""The non-saturating game in which D judges several samples at once."""

from __future__ import annotations

from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.objectives.base import NonSaturatingLogistic


class PacGAN(NonSaturatingLogistic):
    """PacGAN of Lin et al. (2018), section 3: D judges packs of samples of one kind.

    ``L_D = -E[log σ(D(x_1, ..., x_m))] - E[log(1 - σ(D(G(z_1), ..., G(z_m))))]`` and
    ``L_G = -E[log σ(D(G(z_1), ..., G(z_m)))]``. The product of m densities that lack a mode is
    farther from that of the data than one density is, so that D sees a collapse sooner (section 4).

    Parameters
    ----------
    pack : int
        The paper's m, 2 to 4 there.

    Raises
    ------
    UsageError
        A pack has less than two samples.
    """

    name = "pacgan"

    @checked
    def __init__(self, pack: int = 2) -> None:
        if pack < 2:
            raise UsageError(f"pack {pack}: expected at least 2 samples, like 2")
        self.pack = pack
        x, made = (", ".join([one] * pack) for one in ("x", "G(z)"))
        self.formula = f"L_D = -E[log D({x})] - E[log(1 - D({made}))],  L_G = -E[log D({made})]"
