# Triptych: `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
RUNNING := $(VENV)/.running
STAMP := $(VENV)/.installed
ASSETS := portal/assets/built/portal.css
# More workers than a small machine has processors: many tests wait for the programme clock. What runs together, and what begins first:
# tests/support/order.py.
WORKERS ?= 3
GENERATORS := $(patsubst tools/%.py,tools.%,$(wildcard tools/docs.py tools/errors.py tools/roles.py tools/clients.py tools/texts.py tools/keycloak.py tools/telemetry.py))
DEMO_INPUT := $(if $(INPUT),--input $(INPUT))
ON_BROKER := $(if $(BROKER),--broker $(BROKER)) $(if $(BROKERS),--brokers $(BROKERS))
JAVA := $(if $(filter kafka,$(BROKER)),java)
SHELL := /bin/bash
# Images of containers set it; then each of hundreds of processes compiles our code again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install running java browser promtool demo test test-unit test-desks servers check check-types check-rules check-containers sbom check-open-data format docs up down chaos bench audit lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# The packages and the files of the pages at the same time.
running:
	@$(MAKE) --no-print-directory --jobs 2 $(RUNNING) $(ASSETS)

install: $(STAMP) $(ASSETS) ## a virtual environment in .venv with everything at its locked version, and the files of the pages

# A bare Debian or Ubuntu has python3 without venv: root installs it from there, other users get an error message.
$(BIN)/python:
	@if ! $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -qy --no-install-recommends python3 python3-venv; fi
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Needed: Python 3.11 or newer with its venv module (make PYTHON=/path/to/python ...)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# What runs the platform, without what tests and checks need: half of the packages.
$(RUNNING): requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m tools.packages
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMP): requirements-schemas.txt $(RUNNING)
	$(PIP) install --no-compile --require-hashes -r requirements.txt
	$(PIP) install --require-hashes --no-deps --no-compile -r requirements-schemas.txt
	@touch $@

# The files that pages load, from npm packages: npm of the system, else of a Python package (portal/assets/build.sh).
$(ASSETS): $(addprefix portal/assets/,build.sh package-lock.json portal.scss portal.js autosave.js files.js live.js pick.js steps.js icon.svg) | $(BIN)/python
	portal/assets/build.sh $(abspath $(BIN))

# Apache Kafka needs Java, and Maven downloads it: root installs both from Debian. If they are missing, the commands that need them fail
# with the reason, and the tests on Apache Kafka are skipped.
java:
	@if ! { command -v java && command -v mvn; } >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -qy --no-install-recommends default-jre-headless maven || true; fi

# The tests of the pages drive Debian's Chromium: root installs it, without it they are skipped.
browser:
	@if ! command -v chromium-headless-shell >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -qy --no-install-recommends chromium-headless-shell || true; fi

# Prometheus' own check of the alerts: the program alone, out of Debian's package, which is not installed. Without it the test is skipped.
promtool:
	@if [ ! -x .promtool/promtool ] && ! command -v promtool >/dev/null && command -v apt-get >/dev/null; then \
		mkdir -p .promtool && cd .promtool && apt-get download -q prometheus >/dev/null 2>&1 && \
		dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x --strip-components=3 ./usr/bin/promtool && rm prometheus_*.deb || true; fi

demo: running $(JAVA) ## start the platform and play the demonstration on real input (BROKER=kafka, BROKERS=3; INPUT=file: another list; EXIT=1: then verify and stop)
ifdef EXIT
	@trap '$(BIN)/triptych down' EXIT; set -x; $(BIN)/triptych demo --exit $(DEMO_INPUT) $(ON_BROKER) && $(BIN)/triptych verify
else
	$(BIN)/triptych demo $(DEMO_INPUT) $(ON_BROKER)
endif

# While mypy has one processor, Debian's packages are fetched.
test: install ## make check, then every test but the journeys of the desks, on both brokers
	@$(MAKE) --no-print-directory --jobs 3 --output-sync=target check-types check-rules servers
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --ignore tests/desks

# One after the other: only one apt-get runs at a time.
servers: install
	@$(MAKE) --no-print-directory java && $(MAKE) --no-print-directory browser && $(MAKE) --no-print-directory promtool
	@$(BIN)/python -m deploy.embedded.kafka.install && $(BIN)/python -m deploy.embedded.kafka.classes || true

test-desks: install browser ## the journeys of the desks, in a browser (10 min)
	$(BIN)/python -m pytest -q tests/desks

test-unit: install ## the tests that need no server (about 40 s on two processors)
	$(BIN)/python -m pytest -q -n 2 --dist worksteal tests/unit tests/bank tests/contracts tests/architecture

# The one place where these tools check the tree. tests/architecture proves that they can fail, and has the rules that no tool has.
check: install ## style, format, types, import contracts, dead code, dependencies, generated documents
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target check-types check-rules

check-types:
	$(BIN)/mypy

check-rules:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/deptry .
	@set -e; for generator in $(GENERATORS); do (set -x; $(BIN)/python -m $$generator --check); done

format: install ## rewrite the code in the common style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: install ## write the generated documents
	@set -e; for generator in $(GENERATORS); do (set -x; $(BIN)/python -m $$generator); done

up: running $(JAVA) ## start the platform (BROKER=kafka: on Apache Kafka; BROKERS=3: on three)
	$(BIN)/triptych up $(ON_BROKER)

down: ## stop the platform; its data stays in var/
	@if [ -x $(BIN)/triptych ]; then $(MAKE) --no-print-directory running && $(BIN)/triptych down; fi

# 20 rounds take about half an hour on each broker. Faults and kinds of banks come from the seed: simulation/chaos.
ROUNDS ?= 20
SEED ?= 1
chaos: install java ## campaigns of faults on both brokers, one after the other, for a night (ROUNDS=20, SEED=1; reports in var/chaos)
	@status=0; for broker in tansu kafka; do (set -x; $(BIN)/triptych chaos --rounds $(ROUNDS) --seed $(SEED) --broker $$broker) || status=1; done; \
		exit $$status

bench: install java ## measure and write docs/benchmarks (ONLY="name ..."; FROM=name: that and later ones; QUICK=1: small, as a test)
	$(BIN)/python -m bench $(ONLY) $(if $(QUICK),--quick) $(if $(FROM),--from $(FROM))

check-containers: install browser java ## the installation of containers, tried from nothing with stand-in images (root, Debian 12; half an hour; REGION, ROWS)
	deploy/check/check.sh $(WORK)

sbom: ## what is in the image of containers, as CycloneDX, in build/sbom-image.json (IMAGE=triptych:0.1.0)
	@mkdir -p build
	docker run --rm --network none $(or $(IMAGE),triptych:0.1.0) cat /app/sbom.json > build/sbom-image.json

check-open-data: ## the standard's own checker on awards as open data (FILE=awards.json, as /api/applications/open-awards gives it; needs the internet)
	tools/check_open_data.sh "$(FILE)"

audit: install ## known vulnerabilities of the locked packages, and their list (SBOM) in build/sbom.json
	$(BIN)/python -m tools.audit --sbom build/sbom.json

lock: install ## resolve the dependencies again and write requirements.txt
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --upgrade --extra dev --generate-hashes --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.txt pyproject.toml

clean: down ## remove the environment, the platform's data and all caches
	rm -rf $(VENV) portal/assets/built portal/assets/node_modules .kafka .keycloak .promtool var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
