# Two commands: `make labs` runs every lab, `make test` checks everything the labs state.
# Every line that is run is printed, and works as it stands when typed by hand.

# The first Python that the labs' frameworks support and that can make environments.
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.13; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)
BIN = .venv/bin
AS_ROOT = $(shell [ "$$(id -u)" = 0 ] || echo sudo --non-interactive)

# Tests and labs run on the bundled data; what they make goes where nobody keeps anything.
export LABKIT_DATA ?= sample
WORK = LABKIT_WORK=$$(mktemp -d)
# As many processes as cores and one thread in each: more threads than cores are slower than one.
PYTEST = $(WORK) OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 \
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show what there is.
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: labs
labs: environment ## Run every lab on the bundled data; pages in build/.
	$(BIN)/labkit run

.PHONY: test
test: environment sandbox ## Lint, types, tests, pairs in step, and every stated fact.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/labkit data verify
	$(BIN)/labkit build --check
	$(PYTEST)
	$(PYTEST) --override-ini=testpaths=solutions --nbval-lax --nbval-cell-timeout=600 \
		--nbval-sanitize-with tests/nbval_sanitize.cfg solutions

.PHONY: build
build: environment ## Write both notebooks of every lab anew from solutions/*.py.
	$(BIN)/labkit build

.PHONY: bench
bench: environment ## Measure the methods against the forward passes they need.
	$(BIN)/labkit bench

.PHONY: format
format: environment ## Bring all code into the one format.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: lock
lock: environment ## Pin the newest versions that pyproject.toml allows.
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade \
		--generate-hashes --quiet --custom-compile-command "make lock" --output-file requirements.lock

# Without bubblewrap the tests of grading's sealed runs are skipped, and say so; labkit grade says what to do.
.PHONY: sandbox
sandbox: ## Install bubblewrap, in which grading runs students' code, where apt is at hand.
	@command -v bwrap >/dev/null || ! command -v apt-get >/dev/null || \
		{ $(AS_ROOT) apt-get update --quiet=2 && $(AS_ROOT) apt-get install --yes --quiet=2 bubblewrap; } || \
		echo "bubblewrap could not be installed; the tests that need it will be skipped." >&2

.PHONY: environment
environment: ## Build .venv, once per lock file.
	@cmp -s requirements.lock .venv/requirements.lock || $(MAKE) --no-print-directory fresh-environment

.PHONY: fresh-environment
fresh-environment:
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11 to 3.13 with venv was found. Install one (on Debian: apt-get install python3-venv)," \
			"or name one: make PYTHON=/path/to/python3.12" >&2; exit 2; fi
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	cp requirements.lock .venv/requirements.lock

.PHONY: clean
clean: ## Remove what was built; .venv and your own work stay.
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache
