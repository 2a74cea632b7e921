"""The training loop: a game between G and D, played step by step."""

from gan_viz.training.games import Game, start_game
from gan_viz.training.loop import Step, Training
from gan_viz.training.settings import Settings

__all__ = ["Game", "Settings", "Step", "Training", "start_game"]
