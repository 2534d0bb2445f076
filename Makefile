# Every door of the house. `make` alone lists them.

.DEFAULT_GOAL := doors
.PHONY: doors setup assets demo up test load volume browser verifiers check coverage bench lint types architecture format lock clean

PYTHON ?=
# Tests of one file stay in one process: they share what was set up for them. In the order of their
# names, since journeys, few tests a file and the longest, would come last otherwise, on one core.
EACH_CORE := -n auto --dist loadfile --no-loadscope-reorder
BIN := .venv/bin
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

doors: ## List these doors
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: .venv/.ready adapters/pages/assets/.ready ## Make .venv, install into it what requirements.lock names, and make the pages' assets

assets: adapters/pages/assets/.ready ## Fetch govuk-frontend with npm, and make the pages' assets from it

demo: setup ## Publish five years of three boroughs' invented returns and compare with the published figures (ONCE=1 YEAR=2023 PUBLISHED=FILE)
	@$(BIN)/bhr demo $(if $(ONCE),--once) $(if $(YEAR),--year "$(YEAR)") $(if $(PUBLISHED),--published "$(PUBLISHED)")

up: setup .up/passphrase ## Run the processes of docker-compose.yml against local servers (PROCESSES="serve project" runs some)
	@set -a; . ./Procfile.env; set +a; PATH="$(CURDIR)/$(BIN):$(CURDIR)/.venv/verifiers/bin:$$PATH"; export PATH; \
	adapters/command_line/prepare.sh .up/recovery.json.pub hub.example "$$UP_WITNESS" "$$UP_LITEWITNESSES" && \
	exec honcho -e Procfile.env start $(PROCESSES)

test: setup ## Run every test
	@$(BIN)/python -m pytest --quiet $(EACH_CORE)

browser: setup ## Read every page in Chromium at desk, phone and print size, with axe (apt install chromium)
	@$(BIN)/python -m pytest --quiet -m browser

verifiers: setup .venv/verifiers/.ready ## Put our logs before verifiers and witnesses that were not written here (needs Python 3.12, ssh-agent)
	@$(BIN)/python -m pytest --quiet -m verifiers

load: setup ## Publish by HTTP and Kafka into PostgreSQL while everything is killed in turn (MINUTES=30 for a long run; ONLY=test_load)
	@$(if $(MINUTES),BHR_TEST_MINUTES="$(MINUTES)") $(BIN)/python -m pytest --quiet -m load $(if $(ONLY),-k "$(ONLY)")

volume: setup ## Publish 100 000 events from three sources at once, and measure memory (EVENTS=40000 for fewer)
	@$(if $(EVENTS),BHR_TEST_EVENTS="$(EVENTS)") $(BIN)/python -m pytest --quiet -m volume

check: setup lint types architecture ## Run everything that must hold: lint, format, types, layers, tests
	@$(BIN)/python -m pytest --quiet $(EACH_CORE)

coverage: setup ## Run every test and say which lines none of them runs (half as long again as `make test`)
	@$(BIN)/python -m pytest --quiet $(EACH_CORE) --cov --cov-report=term

bench: setup ## Measure publishing, projecting and proving, each beside its floor (EVENTS=1000000 to verify a million)
	@$(BIN)/python -m tests.benchmarks $(if $(EVENTS),--events "$(EVENTS)")

lint: .venv/.ready ## Check every rule and the format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: .venv/.ready ## Check the types, strictly
	@$(BIN)/mypy

architecture: .venv/.ready ## Check the layers, the cycles and who may know a concrete adapter
	@$(BIN)/lint-imports --no-cache

format: .venv/.ready ## Put every file into its format
	@$(BIN)/ruff format .

lock: .venv/.ready ## Write the locks anew from pyproject.toml (UPGRADE=1 takes the newest versions; needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv, which resolves for every Python at once: pip install uv" >&2; exit 1; }
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(if $(UPGRADE),--upgrade) \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--group dev --output-file requirements.lock pyproject.toml
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--group image --constraints requirements.lock --output-file runtime.lock pyproject.toml
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(if $(UPGRADE),--upgrade) \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--group node --output-file adapters/pages/node.lock
	@for group in go verifiers; do \
		uv pip compile --quiet --universal --python-version 3.12 --generate-hashes $(if $(UPGRADE),--upgrade) \
			--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
			--group "$$group" --output-file "tests/verifiers/$$group.lock" || exit 1; \
	done

# For a trial on this machine: passphrases that nobody knows, and a recovery key that lies beside.
.up/passphrase:
	@umask 077; mkdir -p .up; for each in recovery-passphrase passphrase; do \
		$(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(24))' >.up/$$each; \
	done
	@test -e .up/recovery.json || BHR_PASSPHRASE_FILE=.up/recovery-passphrase $(BIN)/bhr keys recovery .up/recovery.json

clean: ## Remove .venv, the caches and whatever a build left behind
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	rm -rf adapters/pages/assets adapters/pages/assets.new adapters/pages/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Any Python from 3.11 on will do; a .venv left by an older or vanished one is made anew. The system's
# own comes first: distributions compile theirs guided by a profile and pyenv, unasked, does not, which
# makes everything here a fifth slower. One without venv is taken only where there is no other.
# (The warning silenced is that a folder wins over a package of its name: here they are the same.)
.venv/.ready: requirements.lock pyproject.toml
	@python=; for able in 'import ensurepip, venv; $(NEW_ENOUGH)' '$(NEW_ENOUGH)'; do \
		for candidate in $(if $(PYTHON),"$(PYTHON)",/usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11); do \
			if "$$candidate" -c "$$able" >/dev/null 2>&1; then python=$$candidate; break 2; fi; \
		done; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer is needed, and none was found (tried: $(or $(PYTHON),python3 and python3.11 to python3.14)). Name one: make setup PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		echo "This Python cannot make an environment: its venv module is missing (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import pip; $(NEW_ENOUGH)' >/dev/null 2>&1; then \
		echo "Making .venv with $$("$$python" --version) ..."; "$$python" -m venv --clear .venv || exit 1; \
	fi
	@echo "Installing what requirements.lock names into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch .venv/.ready

# What was not written here stands apart: it asks for a newer Python, and for Go.
.venv/verifiers/.ready: .venv/.ready tests/verifiers/install tests/verifiers/go.lock tests/verifiers/go.programs tests/verifiers/go.sums tests/verifiers/verifiers.lock $(wildcard tests/verifiers/tlogscan/*)
	@tests/verifiers/install
	@touch $@

# The machine's npm; where there is none, the one that PyPI has as a package.
adapters/pages/assets/.ready: .venv/.ready adapters/pages/package-lock.json adapters/pages/building.py $(wildcard adapters/pages/static/*)
	@if ! npm --version >/dev/null 2>&1; then \
		echo "Installing npm into .venv: this machine has none ..."; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement adapters/pages/node.lock || exit 1; \
	fi
	@echo "Making the pages' assets ..."
	@PATH="$$PATH:$$PWD/$(BIN)" $(BIN)/python -m adapters.pages.building
	@touch $@
