# `make` lists the targets. Set PYTHON to use another interpreter than python3.
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; (3, 11) <= v < (3, 14) or sys.exit("Python 3.11 to 3.13 is needed, $(PYTHON) is %d.%d: set PYTHON" % v[:2])'
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
	$(BIN)/pytest --numprocesses 2 --dist worksteal

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
matrix: .venv/.installed ## Generate every combination of answers and check its files
	$(BIN)/python -m tools.matrix

.PHONY: lint
lint: .venv/.installed ## Check the style of the template's own code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: format
format: .venv/.installed ## Format the template's own code
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

.PHONY: lock
lock: .venv/.installed ## Renew the locked packages of the template and of every service
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-annotate --no-strip-extras --python-version 3.11 --group dev --output-file requirements.txt pyproject.toml
	$(BIN)/python -m tools.lock
