# Every target sets up what it needs: a virtual environment in .venv, with constraints.txt.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check bench gallery clean

demo: $(READY)  ## set up, then the main job: anim.gif
	$(BIN)/python -m gan_viz.toy1d --out anim.gif

test: $(READY)  ## set up, then all tests and doctests
	$(BIN)/pytest -q -n auto --dist worksteal

check: $(READY)  ## style, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## all benchmarks; tables go to benchmarks/RESULTS.md
	$(BIN)/python benchmarks/toy.py --write
	$(BIN)/python benchmarks/render.py --write
	$(BIN)/python benchmarks/command.py --write
	$(BIN)/python benchmarks/race.py --write
	$(BIN)/python benchmarks/train.py --write
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt tensorboard
	$(BIN)/python benchmarks/hooks.py --write

gallery: $(READY)  ## every animation of animations/ again, and their index
	$(BIN)/python animations/make.py

clean:
	rm -rf $(VENV) build dist *.egg-info

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt torch
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
