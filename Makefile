# make mnist    train a network on MNIST and draw how it went
# make test     build everything and run the tests
# make experiments   run all experiments of examples/, and build the page that shows them
# make bench    time it side by side with the peers that are installed, and write docs/benchmarks.md
# make parity   compare it with PyTorch name by name, and write docs/parity.md (PyTorch is installed for that alone)
# make lint     formatting and static checks, as CI runs them
# make clean    forget the build and the virtual environment
#
# Each sets itself up, in a virtual environment of its own (.venv). Options of the program: make mnist ARGS="--epochs 2"

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# PyTorch, its smallest build, has an environment of its own. One that is there: make parity PARITY_PYTHON=python
# The version is fixed because its databases of samples are no public interface.
PARITY_VENV := .venv-parity
PARITY_PYTHON ?= $(PARITY_VENV)/bin/python
PARITY_PIP = $(PARITY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check
TORCH ?= torch==2.13.0
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# Stamps: the environment of this Python; what the build needs; the extension; the library with its extras.
MADE := $(VENV)/made-by-$(subst /,-,$(PYTHON))
TOOLS := $(VENV)/tools
BUILT := $(VENV)/built
READY := $(VENV)/ready

.PHONY: mnist experiments test lint clean bench parity

mnist: $(READY) $(BUILT)
	$(BIN)/python examples/mnist.py $(ARGS)

experiments: $(READY) $(BUILT)
	$(BIN)/python -m examples.gallery $(ARGS)

test: $(READY) $(BUILT)
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/lint
	$(BIN)/pre-commit run --all-files

clean:
	rm -rf $(VENV) $(PARITY_VENV) build dist minigrad.egg-info minigrad/_native*.so

$(MADE):
	@command -v "$(PYTHON)" >/dev/null || { echo "minigrad needs Python 3.10 or newer, and there is no $(PYTHON): install it (Debian: apt install python3 python3-venv), or say which to use with make PYTHON=..."; exit 1; } >&2
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "minigrad needs Python 3.10 or newer, and $(PYTHON) is $$("$(PYTHON)" -V 2>&1): say which to use with make PYTHON=..."; exit 1; } >&2
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { echo "minigrad is set up in a virtual environment, and $(PYTHON) has no venv module: install it (Debian: apt install python3-venv)"; exit 1; } >&2
	@echo "Setting up $(VENV): build, library, plots and tests (once; about a minute)"
	@rm -rf $(VENV)
	@"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(TOOLS): $(MADE)
	@$(PIP) "setuptools>=77" "Cython>=3.0" "numpy>=2.2.5"
	@touch $@

# Built by setup.py itself and not only by pip, which would bury what it says about the compiler.
$(BUILT): $(TOOLS) setup.py minigrad/_native.pyx $(wildcard minigrad/doors/*.pxi csrc/*)
	@$(BIN)/python setup.py --quiet build_ext --inplace
	@touch $@

# Compiled to bytecode here: a Python that may not write it would compile at every import.
$(READY): $(TOOLS) pyproject.toml | $(BUILT)
	@$(PIP) --no-build-isolation --editable ".[examples,data,test]"
	@$(BIN)/python -m compileall -q minigrad
	@touch $@

$(VENV)/lint: $(MADE) .pre-commit-config.yaml
	@$(PIP) pre-commit
	@touch $@

# The peers are not installed (benchmarks/README.md): those that are there take part.
$(VENV)/bench: $(READY)
	@$(PIP) --no-build-isolation --editable ".[bench]"
	@touch $@

bench: $(VENV)/bench $(BUILT)
	$(BIN)/python benchmarks/run.py --out docs $(ARGS)

# Of one version, pip prefers the build for CPUs, which TORCH_INDEX has, to the one with CUDA.
$(PARITY_VENV)/ready: $(MADE)
	@echo "Setting up $(PARITY_VENV): $(TORCH) (once; some minutes)"
	@rm -rf $(PARITY_VENV)
	@"$(PYTHON)" -m venv $(PARITY_VENV)
	@$(PARITY_PIP) --no-deps --extra-index-url $(TORCH_INDEX) "$(TORCH)"
	@$(PARITY_PIP) "$(TORCH)" "numpy>=2.2.5" safetensors expecttest
	@touch $@

parity: $(BUILT) $(if $(filter $(PARITY_VENV)/%,$(PARITY_PYTHON)),$(PARITY_VENV)/ready)
	$(PARITY_PYTHON) -m tools.parity --write $(ARGS)
