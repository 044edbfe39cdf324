# The front door. `make demo` and `make test` install what they need; nothing needs root or keys.
# The system's Python where it is new enough: one that was built on the spot is mostly built without optimizations, and
# needs a tenth more time for a page. `make PYTHON=python3.12` takes another.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sqlite3, ssl, sys; sys.exit(sys.version_info < (3, 11))' \
  2>/dev/null && echo /usr/bin/python3 || echo python3)
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: help install demo test test-slow soak lint types ci wheel lock clean

help:
	@echo "make demo       run the whole job on the bundled sample web"
	@echo "make test       run the tests"
	@echo "make test-slow  run the tests of faults, which take some minutes"
	@echo "make soak       run the tests of faults in their long form: an hour or two"
	@echo "make ci         lint, types, tests, then the built wheel in an environment of its own"
	@echo "make install    create $(VENV) only"
	@echo "make lock       pin the newest versions in requirements.lock (needs uv)"

install: $(VENV)/installed

# uv where it is present, else venv + pip; both read the same lock file.
$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Fengxiang needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV) && \
	  uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

demo: install
	@$(BIN)/fengxiang demo

test: install
	@$(BIN)/python -m pytest -m "not slow"

# Kills, hung and dead servers, browsers and disks: the faults that take real time. Many wait, so more than the cores.
test-slow: install
	@$(BIN)/python -m pytest -m slow -n 4

# The long form of tests/faults: the counts that docs/guarantees.md names. An hour or two; CONTRIBUTING.md has the times.
soak: install
	@SOAK=1 $(BIN)/python -m pytest tests/faults

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: install
	@$(BIN)/mypy

# The wheel must work away from the checkout: package data, entry point, migrations, sample web.
wheel: install
	@rm -rf dist build/wheel-env && $(BIN)/python -m build --quiet --no-isolation --wheel && \
	$(PYTHON) -m venv build/wheel-env && \
	build/wheel-env/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock && \
	build/wheel-env/bin/python -m pip install --quiet --disable-pip-version-check --no-deps dist/*.whl && \
	wheel="$$PWD/build/wheel-env/bin/fengxiang" && away=$$(mktemp -d) && cd "$$away" && \
	"$$wheel" --version && "$$wheel" demo && rm -rf "$$away"

ci: lint types test test-slow wheel

lock:
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra demo --extra mqtt --extra postgres --group dev \
	  --upgrade -o requirements.lock pyproject.toml

clean:
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
