# Two commands for people: `make demo` and `make test`. Both build their own environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test test-browser check format unit package clean

demo: $(INSTALLED)
	@$(BIN)/insights-mcp demo

test: check unit package

# The view in a browser: needs Node 20 or newer with npm, and Chromium (CHROMIUM=/usr/bin/chromium unless told).
test-browser: $(INSTALLED)
	cd tests/browser && npm ci --no-fund --no-audit && PYTHON=$(CURDIR)/$(BIN)/python npm test

check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

unit: $(INSTALLED)
	$(BIN)/pytest -n 2 --dist loadfile

package: $(INSTALLED)
	$(BIN)/python tests/smoke_wheel.py

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "insights-mcp needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@echo "Building the environment in $(VENV) (once; the engine is a 180 MB download)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --editable '.[all]' --group dev
	@touch $(INSTALLED)

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
