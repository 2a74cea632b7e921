"""From frames to files: one module a family of formats, `base` is the contract."""
