"""What all rooms' tests share."""

from __future__ import annotations

import os

# Small products gain nothing from threads, and a test run has other processes beside it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from hypothesis import settings

# Each run tries others; what one finds is kept and tried first.
settings.register_profile("default", deadline=None, max_examples=30, print_blob=True)
settings.load_profile("default")
