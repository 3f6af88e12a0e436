# benchwire: one short command for each task of a developer or of CI.
# Requires Python 3.11+ and make; each target first creates .venv if necessary.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
LOCK := requirements/dev.txt
TABLE := wrapper/benchwire/cli/commands.json
PYTHONS ?= 3.11 3.12 3.13 3.14
# One more than the number of processors: some tests mostly wait.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

# An option with the value of a variable exactly as it was given, if there is one: spaces, quotes and
# dollar signs have no meaning for make or the shell.
quoted = '$(subst ','\'',$(value $(1)))'
option = $(if $(value $(2)),$(1)=$(call quoted,$(2)))

.DEFAULT_GOAL := help
.PHONY: help install check lock generate changes released check-generated lint-specs lint format test test-long test-pythons soak contract contract-peers drift bench dist docs demo demo-gsm8k serve clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

$(READY): $(LOCK) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "benchwire needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(READY) ## create .venv with the locked versions and benchwire itself, editable

lock: ## update requirements/dev.txt from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --quiet -o $(LOCK)

generate: $(READY) ## generate code from the specs, and the sync clients from the async
	$(BIN)/python -m scripts.generate
	$(BIN)/python -m benchwire.cli.reference page > docs/cli.md.new && mv docs/cli.md.new docs/cli.md
	$(BIN)/python -m benchwire.cli.reference table > $(TABLE).new && mv $(TABLE).new $(TABLE)

changes: $(READY) ## report what changed for users since the last release (or OLD=… NEW=…), and the version it requires
	$(BIN)/python -m scripts.spec_diff $(if $(value OLD),$(call quoted,OLD)) $(if $(value NEW),$(call quoted,NEW))

released: $(READY) ## record the specs as released, after publishing a version
	$(BIN)/python -m scripts.spec_diff --released

check-generated: $(READY) ## fail if generated code differs from what its sources generate
	$(BIN)/python -m scripts.generate --check

lint-specs: $(READY) ## check the specs against OpenAPI and our own rules
	$(BIN)/python -m scripts.spec_lint

lint: $(READY) ## ruff, strict mypy (as on macOS and Windows, too), lint-specs, check-generated
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	for system in darwin win32; do \
	  $(BIN)/mypy --platform $$system --cache-dir .mypy_cache/$$system || exit 1; \
	done
	MYPYPATH=.:tests $(BIN)/mypy --explicit-package-bases scripts openapi/generator
	$(BIN)/python -m scripts.spec_lint
	$(BIN)/python -m scripts.generate --check

check: lint ## lint, and the tests of what has changed since main (or BASE=HEAD~3), in a minute
	$(BIN)/python -m scripts.check $(call option,--base,BASE)

format: $(READY) ## format and fix with ruff
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: $(READY) ## run the tests, except those marked long; TESTS=tests/unit: some of them
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(TESTS)

demo: $(READY) ## demonstrate the SDK against the embedded server
	$(BIN)/python -m scripts.demo

demo-gsm8k: $(READY) ## compare real results of four models (needs BENCHWIRE_SHARED or ../shared)
	PYTHONPATH=tests $(BIN)/python -m realdata.demo_gsm8k

serve: $(READY) ## run the embedded server until Ctrl-C
	$(BIN)/benchwire local serve

test-long: $(READY) ## run the tests marked long; TESTS= as well
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m long $(TESTS)

# One after the other, each in an environment of its own, with the same lock file.
test-pythons: ## run the tests with each Python of PYTHONS; a missing one fails
	for python in $(PYTHONS); do \
	  $(MAKE) VENV=.venv-$$python PYTHON=python$$python test || exit 1; \
	done

soak: $(READY) ## simulate a million submissions, kill clients during a run, measure deadline overruns
	$(BIN)/python -m scripts.simulation
	PYTHONPATH=tests $(BIN)/python -m faults.measure

contract: $(READY) ## check the embedded server against the specs; API=v2 BASE_URL=…: a live one, read-only
	$(BIN)/python -m scripts.contract $(call option,--api,API) $(call option,--base-url,BASE_URL) \
	  $(call option,--rate,RATE) $(call option,--max-requests,MAX_REQUESTS) \
	  $(call option,--allow-spend,ALLOW_SPEND) $(if $(SEEDED),--seeded) $(call option,-k,K)

contract-peers: $(READY) ## check specs, SDK and embedded server with Prism, Spectral and other generators (needs Node.js)
	$(BIN)/pytest -m peers tests/peers

drift: $(READY) ## report where a server differs from the specs; API=, BASE_URL=, HAR=, BASELINE=, JSON=
	$(BIN)/python -m scripts.drift $(call option,--api,API) $(call option,--base-url,BASE_URL) \
	  $(call option,--har,HAR) $(call option,--baseline,BASELINE) $(call option,--json,JSON)

bench: $(READY) ## benchmark decoding, reading, imports and the embedded server, as ratios within one run
	$(BIN)/python -m scripts.bench

# Twice, because what is signed and published must be what anyone can build from the same commit. From a copy of it:
# the folder may have other files, such as keys, which git leaves out for reasons that the build does not know.
dist: $(READY) ## build wheel and sdist of the commit into dist/, twice with equal bytes, and check them; TAG=v1.2.3: of that version
	rm -rf build/again build/commit dist
	mkdir -p build/commit
	git archive HEAD | tar -xf - -C build/commit
	cd build/commit && "$(abspath $(BIN))/hatchling" build -d ../again && "$(abspath $(BIN))/hatchling" build -d ../../dist
	diff -r build/again dist
	$(BIN)/twine check --strict dist/*
	$(if $(value TAG),tag=$(call quoted,TAG) && if [ ! -f "dist/benchwire-$${tag#v}.tar.gz" ]; then \
	  echo "dist: the version of the commit is another than $$tag" >&2; exit 1; \
	fi && ! grep benchwire.example build/commit/pyproject.toml)

docs: $(READY) ## build the documentation site into build/site
	$(BIN)/python -m scripts.docs_site

clean: ## remove what the targets created
	rm -rf $(VENV) .venv-* build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis contract-report
