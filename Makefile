# `make` lists the targets. Set PYTHON to use another interpreter than the one that is found.
.DEFAULT_GOAL := help

BIN := .venv/bin
# The chassis is plain Python; all other code of a service is checked after it is generated.
CHASSIS := "<<cookiecutter.project_slug>>/src/chassis"

# The tests run on these Pythons; if none is found, a newer one is taken. The interpreter has to run: a shim of pyenv
# that is not selected does not.
PYTHONS := 3.14 3.13 3.12 3.11
PYTHON ?= $(shell for python in python3 $(PYTHONS:%=python%); do \
	$$python -c 'import ensurepip, sys; sys.exit("%d.%d" % sys.version_info[:2] not in "$(PYTHONS)")' 2> /dev/null \
	&& echo $$python && exit; done; echo python3)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The environment is created again when the locked packages change, and if it is broken: its Python is gone, or the
# directory has moved, because its scripts name their directory.
$(shell test -x $(BIN)/python && grep -sqF -e "$(CURDIR)/$(BIN)/python" -e "$(realpath $(BIN))/python" $(BIN)/cookiecutter || rm -f .venv/.installed)
.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("Python 3.11 or newer is needed, $(PYTHON) is %d.%d: set PYTHON" % v[:2])'
	@$(PYTHON) -c 'import ensurepip' 2> /dev/null || { echo "$(PYTHON) cannot make an environment: install its ensurepip (Debian: python3-venv), or set PYTHON" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = "%d.%d" % sys.version_info[:2]; v in "$(PYTHONS)" or print("Python " + v + " is newer than those that the tests run on ($(PYTHONS))")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.txt
	@touch $@

.PHONY: demo
demo: .venv/.installed ## Generate the default service into demo/ and serve it
	@rm -rf demo
	$(BIN)/cookiecutter --no-input --default-config --output-dir demo .
	$(MAKE) --directory demo/color-palette run

.PHONY: test
test: .venv/.installed ## Run the template's own tests
	$(BIN)/pytest --numprocesses 2 --dist worksteal --durations 15

.PHONY: test-all
test-all: .venv/.installed ## Run them with more services and more answers
	TEST_ALL=1 $(BIN)/pytest --numprocesses 2 --dist worksteal

.PHONY: test-image
test-image: .venv/.installed ## Build images and start them, on a Docker engine of the tests' own
	$(BIN)/pytest tests/engine -rP

bench/.venv/.installed: .venv/.installed bench/requirements.txt
	$(PYTHON) -m venv --clear bench/.venv
	bench/.venv/bin/python -m pip install --quiet --requirement bench/requirements.txt
	@touch $@

.PHONY: bench
bench: bench/.venv/.installed ## Compare the default service with others that do the same
	$(BIN)/python -m bench $(BENCH)

.PHONY: matrix
matrix: .venv/.installed ## Prove that no combination of answers has a fault
	$(BIN)/python -m tools.matrix

.PHONY: matrix-all
matrix-all: .venv/.installed ## The same, and generate services in which any three answers meet
	$(BIN)/python -m tools.matrix --whole

.PHONY: pythons
pythons: .venv/.installed ## Say what the newest Python would break in the services, without that Python
	$(BIN)/python -m tools.pythons

.PHONY: first-resource
first-resource: .venv/.installed ## Write the first resource from the templates of `make resource`
	$(BIN)/python -m tools.first_resource

.PHONY: house
house: .venv/.installed ## Draw the rooms of a service, and what imports what
	$(BIN)/python -m tools.house

.PHONY: lint
lint: .venv/.installed ## Check the style of the template's own code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ruff check --config pyproject.toml --extend-select S $(CHASSIS)
	$(BIN)/ruff format --config pyproject.toml --check $(CHASSIS)

.PHONY: format
format: .venv/.installed ## Format the template's own code
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

.PHONY: lock
lock: .venv/.installed ## Renew the locked packages of the template and of every service, and list what is newer
	$(BIN)/python -m tools.lock

# A pipeline of GitHub shows what is in the file that this variable names.
.PHONY: drift
drift: .venv/.installed ## Find out, on a copy, what the newest versions of the packages break
	$(BIN)/python -m tools.drift --output-file "$(or $(GITHUB_STEP_SUMMARY),drift.md)"
