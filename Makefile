# make mnist    train a network on MNIST and draw how it went
# make test     build everything and run the tests
# make lint     formatting and static checks, as CI runs them
# make clean    forget the build and the virtual environment
#
# Each sets itself up, in a virtual environment of its own (.venv). Options of the program: make mnist ARGS="--epochs 2"

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py minigrad/_native.pyx $(wildcard csrc/*)

.PHONY: mnist test lint clean

mnist: $(VENV)/ready
	$(BIN)/python examples/mnist.py $(ARGS)

test: $(VENV)/ready
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/lint-ready
	$(BIN)/pre-commit run --all-files

clean:
	rm -rf $(VENV) build dist minigrad.egg-info minigrad/_native.c minigrad/_native*.so

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "minigrad needs Python 3.10 or newer: install python3 (Debian: apt install python3), or say which with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "minigrad needs Python 3.10 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1): say which to use with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "minigrad is set up in a virtual environment, and $(PYTHON) has no venv module: install it (Debian: apt install python3-venv)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/ready: $(VENV)/bin/python $(SOURCES)
	@compiler=$$(set -- $${CC:-cc}; echo $$1); command -v $$compiler >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null || { echo "minigrad compiles its kernels, and there is no C compiler: install gcc or clang (Debian: apt install gcc)"; exit 1; }
	@echo "Setting up $(VENV): build, library, plots and tests (once; about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "setuptools>=77" "Cython>=3.0" numpy
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --editable ".[examples,data,test]"
	@touch $@

$(VENV)/lint-ready: $(VENV)/bin/python .pre-commit-config.yaml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check pre-commit ruff clang-format
	@touch $@
