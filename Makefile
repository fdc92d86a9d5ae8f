PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# One thread that does not spin: several torch processes share the cores while the tests run.
test bench catalogue checkpoints openings deep: export OMP_NUM_THREADS := 1
test bench catalogue checkpoints openings deep: export OMP_WAIT_POLICY := PASSIVE

.PHONY: run test lint bench catalogue checkpoints openings deep

run: .venv/installed  ## open the course
	@$(BIN)/seqtui

test: lint  ## everything that CI runs
	$(BIN)/python -m pytest -n 2

lint: .venv/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed-dev  ## the figures of the README, each beside its peer
	$(BIN)/python -m benchmarks

catalogue: .venv/installed  ## write seqtui/catalogue.json from the models, tasks and checkpoints that there are
	$(BIN)/python -m seqtui.training.catalogue_writer

checkpoints: .venv/installed  ## train every shipped network again, and make the lessons' opening traces
	$(BIN)/python -m seqtui.training.make_checkpoints
	$(MAKE) openings

openings: .venv/installed  ## trace what the lessons begin with, so that they step before torch is awake
	$(BIN)/python -m seqtui.course.scenes | $(BIN)/python -m seqtui.training.make_openings

deep: .venv/installed-dev  ## the tests with a hundred times as many generated examples
	$(BIN)/python -m pytest -n 2 tests/unit --hypothesis-profile deep

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable .
	@touch $@

.venv/installed-dev: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable '.[dev]'
	@touch $@ .venv/installed
