"""What went wrong in a training, or well: figures of its health, rules on them, verdicts."""

from gan_viz.diagnostics.diagnosis import Diagnosis, diagnose, verdicts
from gan_viz.diagnostics.figures import HealthFigures
from gan_viz.diagnostics.rules import judge, series_names
from gan_viz.diagnostics.status import ending, statuses, turns
from gan_viz.diagnostics.wording import Verdict

__all__ = [
    "Diagnosis",
    "HealthFigures",
    "Verdict",
    "diagnose",
    "ending",
    "judge",
    "series_names",
    "statuses",
    "turns",
    "verdicts",
]
