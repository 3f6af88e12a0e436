# benchwire: every task a person or CI runs, one short command each.
# With only Python 3.11+ and make on the machine, each target makes what it needs in .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := requirements/dev.txt
# One more than there are processors: some tests wait for others.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

.DEFAULT_GOAL := help
.PHONY: help install lock generate changes released check-generated lint-specs lint format test test-long soak contract drift bench demo demo-gsm8k serve clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

$(READY): $(LOCK) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "benchwire needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(READY) ## make .venv with the locked versions and benchwire itself, editable

lock: ## resolve requirements/dev.txt anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --quiet -o $(LOCK)

generate: $(READY) ## write generated/ anew from the specs, and the sync clients from the async
	$(BIN)/python scripts/generate.py
	$(BIN)/python scripts/generate_sync.py

changes: $(READY) ## what changed for users since the last release (or OLD=… NEW=…), and the version it asks for
	$(BIN)/python -m scripts.spec_diff $(OLD) $(NEW)

released: $(READY) ## after publishing a version: take the present specs for what users have
	$(BIN)/python -m scripts.spec_diff --released

check-generated: $(READY) ## fail if generated code is not what its sources give
	$(BIN)/python scripts/check_generated.py

lint-specs: $(READY) ## validate the specs and hold them to our own rules
	$(BIN)/python -m scripts.spec_lint

lint: $(READY) ## ruff, strict mypy, lint-specs, check-generated
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=.:tests $(BIN)/mypy --explicit-package-bases scripts openapi/generator
	$(BIN)/python -m scripts.spec_lint
	$(BIN)/python scripts/check_generated.py

format: $(READY) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: $(READY) ## run every test
	$(BIN)/pytest -n $(WORKERS)

demo: $(READY) ## see the SDK work against the embedded server
	$(BIN)/python -m scripts.demo

demo-gsm8k: $(READY) ## compare real results of four models (needs BENCHWIRE_SHARED or ../shared)
	PYTHONPATH=tests $(BIN)/python -m scripts.demo_gsm8k

serve: $(READY) ## run the embedded server until Ctrl-C
	$(BIN)/benchwire local serve

test-long: $(READY) ## the tests that take too long for every day
	$(BIN)/pytest -n $(WORKERS) -m long

soak: $(READY) ## a million simulated submissions, clients killed in the middle of a run, overruns of deadlines
	$(BIN)/python -m scripts.simulation
	PYTHONPATH=tests $(BIN)/python -m faults.measure

contract: $(READY) ## check the embedded server against the specs; API=v2 BASE_URL=…: a live one, by reads alone
	$(BIN)/python -m scripts.contract $(if $(API),--api $(API)) $(if $(BASE_URL),--base-url "$(BASE_URL)") \
	  $(if $(RATE),--rate $(RATE)) $(if $(MAX_REQUESTS),--max-requests $(MAX_REQUESTS)) \
	  $(if $(ALLOW_SPEND),--allow-spend $(ALLOW_SPEND)) $(if $(SEEDED),--seeded) $(if $(K),-k "$(K)")

drift: $(READY) ## where a server differs from the specs; API=, BASE_URL=, HAR=, BASELINE=, JSON=
	$(BIN)/python -m scripts.drift $(if $(API),--api $(API)) $(if $(BASE_URL),--base-url $(BASE_URL)) \
	  $(if $(HAR),--har $(HAR)) $(if $(BASELINE),--baseline $(BASELINE)) $(if $(JSON),--json $(JSON))

bench: $(READY) ## decode speed and memory, as ratios within one run
	$(BIN)/python -m scripts.bench

clean: ## remove what the targets made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis contract-report
