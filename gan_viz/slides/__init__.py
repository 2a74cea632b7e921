"""Decks: a title, and a slide for each chapter of a training, or for each of several."""

from gan_viz.slides.base import Deck, DeckWriter, Slide
from gan_viz.slides.chapters import Chapter, chapters

__all__ = ["Chapter", "Deck", "DeckWriter", "Slide", "chapters"]
