# The whole manual: make up, make test, make lint, make bench, make chaos, make fuzz, make ledger. Needs Python 3.11+ and make, nothing else;
# uses uv where it is installed, because it is faster.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := $(VENV)/.peers
ARGS ?=
# Tests at once: one a core, but two to four, since all of them share some servers.
JOBS ?= $(shell $(PYTHON) -c 'import os; print(max(2, min(os.cpu_count() or 2, 4)))')
# Kept bytecode, whatever the environment says: up and test start many processes, each of all our modules.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup up chromium test lint format bench chaos fuzz ledger lock clean
setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "posegen needs Python 3.11 or newer, this is " + sys.version)'
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --editable .; \
	else \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $@

up: setup
	@$(BIN)/posegen up $(ARGS)

test: setup chromium
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

# The API by its own document, on the whole product: twenty minutes, or what ARGS say (of `schemathesis run`).
fuzz: setup
	$(BIN)/python -m tests.fuzz $(ARGS)

# The money alone, for longer than a test may take: a hundred thousand steps against a model, and a storm.
ledger: setup
	$(BIN)/python -m pytest --hypothesis-profile=endless --timeout=10800 --log-cli-level=WARNING \
	  tests/integration/test_ledger_model.py tests/integration/test_ledger_storm.py $(ARGS)

# The browser of the tests. Debian's own, where it is missing and can be had.
CHROMIUM := chromium chromium-browser google-chrome google-chrome-stable
chromium:
	@for name in $(CHROMIUM); do command -v $$name >/dev/null 2>&1 && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "installing chromium for the browser tests" && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
	  echo "The browser tests need Chromium on the PATH (one of: $(CHROMIUM)). Install it, or run make as root on Debian." >&2; exit 1; \
	fi

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(PEERS)
	$(BIN)/python -m bench $(ARGS)

# Everything is killed while customers order: ARGS='--seed 7 --minutes 10' repeats a run.
chaos: setup
	@$(BIN)/python -m tests.chaos.runner $(ARGS)

# What is only measured against. Built with what is installed, so nothing comes without a hash.
$(PEERS): $(STAMP) bench/peers.lock
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --python $(BIN)/python --no-build-isolation --require-hashes -r bench/peers.lock; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --require-hashes -r bench/peers.lock; \
	fi
	@touch $@

lock:
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url --quiet -o requirements.lock
	uv pip compile --group peers -c requirements.lock --universal --generate-hashes --no-emit-index-url --quiet -o bench/peers.lock

clean:
	rm -rf $(VENV) .posegen .mypy_cache .ruff_cache .pytest_cache build *.egg-info
