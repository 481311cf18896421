# Targets only call tools. VENV may point to another environment.
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3
READY := $(VENV)/.ready
# Node's JSON-LD library, where there is an npm to fetch it.
NODE_READY := $(if $(shell command -v npm 2>/dev/null),tests/ontology/jsonld/node_modules/.package-lock.json)

.PHONY: serve build test long bench ontology format clean

serve: $(READY)  ## set up, build the graph, serve it on http://127.0.0.1:8000
	$(BIN)/neakg build
	$(BIN)/neakg serve

build: $(READY)  ## set up and build the graph into ./build
	$(BIN)/neakg build

test: $(READY)  ## format check, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

long: $(READY) .venv-sssom/.ready $(NODE_READY)  ## kill tests, abuse, other engines, browser
	$(BIN)/python -m pytest -m long --timeout=1200

bench: $(READY)  ## side-by-side measurements
	$(BIN)/python -m benchmarks

ontology: $(READY)  ## write the files of ontology/ that are made from others
	$(BIN)/python -m kg.vocabulary

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache

tests/ontology/jsonld/node_modules/.package-lock.json: tests/ontology/jsonld/package-lock.json
	cd tests/ontology/jsonld && npm ci --no-audit --no-fund --silent

# The validator of the alignments brings much with it that nothing else needs.
.venv-sssom/.ready: constraints-sssom.txt
	$(PYTHON) -m venv .venv-sssom
	.venv-sssom/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	.venv-sssom/bin/python -m pip install --quiet --constraint constraints-sssom.txt sssom
	touch $@

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	touch $(READY)
