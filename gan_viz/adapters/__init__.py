"""Training frameworks: their events turned into steps of a recorder, one file a framework."""
