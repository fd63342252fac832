# Two commands do all set-up: `make run` and `make test`. Both need only Python, its venv module and make.

NEEDED := 3.11
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
PYTHON ?= $(shell for p in $(CANDIDATES); do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test test-postgres soak format lock clean docs

run: .venv/.run
	@CRM=$(BIN)/crm sh docs/tour.sh

test: .venv/.dev .clients/.ready .clients/.node
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 3

# Everything that uses a database once more, on a PostgreSQL server that the tests start and end themselves.
test-postgres: .venv/.dev
	CRM_TEST_DATABASE=postgresql $(BIN)/pytest -n auto --timeout=300

soak: .venv/.dev
	CRM_SOAK=1 $(BIN)/pytest -m soak --timeout=3600
	CRM_SOAK=1 CRM_TEST_DATABASE=postgresql $(BIN)/pytest -m soak --timeout=3600

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The locks carry hashes and name no index; uv writes them (pipx install uv). What people get is what was tested.
lock:
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml --group build -c requirements-dev.lock -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --group pyproject.toml:clients -o requirements-clients.lock
	cd tests/clients && npm install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved

clean:
	rm -rf .venv .clients .run dist build

.venv/.python:
	@test -n "$(PYTHON)" || { \
	  echo "This needs Python $(NEEDED) or newer; python3 here is $$(python3 --version 2>&1)." >&2; \
	  echo "Install one, then: make run PYTHON=/path/to/python$(NEEDED)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "This needs Python $(NEEDED) or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { \
	  echo "Python's venv module is missing; on Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@touch $@

.venv/.run: .venv/.python requirements.lock pyproject.toml
	@test -e .venv/.dev -a .venv/.dev -nt requirements.lock || { \
	  echo "Installing into .venv ..."; \
	  $(BIN)/pip install -q --require-hashes -r requirements.lock && \
	  $(BIN)/pip install -q --no-deps --no-build-isolation -e .; }
	@touch $@

.venv/.dev: .venv/.python requirements-dev.lock pyproject.toml
	@echo "Installing into .venv ..."
	@$(BIN)/pip install -q --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# Programs that read calendars, for the tests: they must not decide which versions of anything we are tested with.
.clients/.ready: .venv/.python requirements-clients.lock
	@echo "Installing calendar programs into .clients ..."
	@$(BIN)/python -m venv --clear .clients
	@.clients/bin/pip install -q --require-hashes -r requirements-clients.lock
	@touch $@

# Those of them that are written in JavaScript; without node, which is the system's, the tests of them are skipped.
.clients/.node: .clients/.ready tests/clients/package.json tests/clients/package-lock.json
	@if command -v npm >/dev/null; then \
	  echo "Installing calendar programs in JavaScript into .clients/node ..."; \
	  mkdir -p .clients/node && cp tests/clients/package.json tests/clients/package-lock.json .clients/node && \
	  (cd .clients/node && npm ci --ignore-scripts --no-audit --no-fund --silent) && touch $@; \
	else echo "node and npm are not installed: what reads calendars with ical.js is not tested." >&2; fi

docs: .venv/.dev
	$(BIN)/python docs/reference.py
	$(BIN)/python docs/completion.py
	$(BIN)/python docs/picture.py
