# Triptych: `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
STAMP := $(VENV)/.installed
# More than the processors of a small machine: many tests wait for the programme clock. The longest files come first in the order of names.
WORKERS ?= 3
DEMO_INPUT := $(if $(INPUT),--input $(INPUT))
ON_BROKER := $(if $(BROKER),--broker $(BROKER)) $(if $(BROKERS),--brokers $(BROKERS))
JAVA := $(if $(filter kafka,$(BROKER)),java)
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help install java demo test check format up down bench lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: $(STAMP) ## a virtual environment in .venv with everything at its locked version

# On a bare Debian or Ubuntu python3 comes without venv; root gets it from there, others are told.
$(BIN)/python:
	@if ! $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -qy --no-install-recommends python3 python3-venv; fi
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Needed: Python 3.11 or newer with its venv module (make PYTHON=/path/to/python ...)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): requirements.txt requirements-schemas.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --require-hashes --no-deps -r requirements-schemas.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# Apache Kafka wants Java, and Maven to fetch it; root gets both from Debian. Where they stay missing, whoever needs them says so.
java:
	@if ! { command -v java && command -v mvn; } >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -qy --no-install-recommends default-jre-headless maven || true; fi

demo: install $(JAVA) ## start the platform and play the real input (BROKER=kafka, BROKERS=3; INPUT=file: another list; EXIT=1: then verify and stop)
ifdef EXIT
	@trap '$(BIN)/triptych down' EXIT; set -x; $(BIN)/triptych demo --exit $(DEMO_INPUT) $(ON_BROKER) && $(BIN)/triptych verify
else
	$(BIN)/triptych demo $(DEMO_INPUT) $(ON_BROKER)
endif

test: install java ## every test, on both brokers
	@$(BIN)/python -m deploy.embedded.kafka.install || true
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: install ## style, types, import contracts, dead code, dependencies
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/deptry .
	$(BIN)/python -m pytest -q tests/architecture

format: install ## rewrite the code in the common style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

up: install $(JAVA) ## start the platform (BROKER=kafka: on Apache Kafka; BROKERS=3: on three)
	$(BIN)/triptych up $(ON_BROKER)

down: ## stop the platform; its data stays in var/
	@if [ -x $(BIN)/triptych ]; then $(BIN)/triptych down; fi

bench: install java ## measure and write docs/benchmarks (ONLY="name ..."; FROM=name: that and later ones; QUICK=1: small, to see that it works)
	$(BIN)/python -m bench $(ONLY) $(if $(QUICK),--quick) $(if $(FROM),--from $(FROM))

lock: install ## resolve the dependencies anew and write requirements.txt
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --upgrade --extra dev --generate-hashes --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.txt pyproject.toml

clean: down ## remove the environment, the platform's data and all caches
	rm -rf $(VENV) .kafka var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
