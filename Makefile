# Every target sets up what it needs: a virtual environment in .venv, with constraints.txt.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
QUIET := -q --disable-pip-version-check

.PHONY: demo test test-browser web check docs dist bench torture gallery clean

demo: $(READY)  ## set up, then the main job: anim.gif
	$(BIN)/python -m gan_viz.toy1d --out anim.gif

test: $(READY)  ## set up, then all tests and doctests
	$(BIN)/pytest -q -n auto --dist worksteal --ignore tests/browser

test-browser: $(READY) web  ## the page in Chromium, if that is installed
	$(BIN)/pytest -q -n 2 tests/browser

web:  ## the sources of the page, if npm is installed
	if command -v npm > /dev/null; then cd web && npm ci --silent && npm run check && npm test; fi

check: $(READY)  ## style, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY)  ## the documentation site, in docs/_build/html; a dead link is an error
	rm -rf docs/generated
	$(BIN)/sphinx-build -q -j auto -b html -W --keep-going docs docs/_build/html

dist: $(READY)  ## sdist and wheel in dist/: contents checked, installed into a bare environment, tried
	rm -rf dist $(VENV)-bare
	mkdir -p dist/source  # of a copy: what installs the project beside this writes into its folder
	cp -r gan_viz pyproject.toml setup.cfg README.md LICENSE dist/source
	$(BIN)/python -m build --no-isolation --outdir dist dist/source
	$(PYTHON) .ci/check_dist.py dist
	$(PYTHON) -m venv $(VENV)-bare
	$(VENV)-bare/bin/pip install $(QUIET) -c constraints.txt torch
	$(VENV)-bare/bin/pip install $(QUIET) -c constraints.txt dist/*.whl
	cd dist && ../$(VENV)-bare/bin/python -m gan_viz.toy1d --steps 50 --out anim.gif
	cd dist && ../$(VENV)-bare/bin/gan-viz --help > /dev/null
	rm -rf $(VENV)-bare dist/source dist/anim.gif

bench: $(READY)  ## all benchmarks; tables go to benchmarks/RESULTS.md
	$(BIN)/python benchmarks/toy.py --write
	$(BIN)/python benchmarks/render.py --write
	$(BIN)/python benchmarks/motion.py --write
	$(BIN)/python benchmarks/command.py --write
	$(BIN)/python benchmarks/race.py --write
	$(BIN)/python benchmarks/sweep.py --write
	$(BIN)/python benchmarks/models.py --write
	$(BIN)/python benchmarks/verdicts.py --write
	$(BIN)/python benchmarks/replay.py --write
	$(BIN)/python benchmarks/watching.py --write
	$(BIN)/python benchmarks/train.py --write
	$(BIN)/pip install $(QUIET) -c constraints.txt tensorboard
	$(BIN)/python benchmarks/hooks.py --write

torture: $(READY)  ## attacks, about 5,000 of them for each unit of TORTURE; seeds and failures are printed
	$(BIN)/python benchmarks/torture

gallery: $(READY)  ## every animation of animations/ again, and their index
	$(BIN)/python animations/make.py

clean:
	rm -rf $(VENV) $(VENV)-bare build dist *.egg-info docs/_build docs/_generated docs/generated

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install $(QUIET) -c constraints.txt torch
	$(BIN)/pip install $(QUIET) -c constraints.txt -e '.[dev]'
	touch $@
