# What a newcomer runs: `make demo`, then `make test`. Everything else serves those who build.

# Debian 12's python3 is 3.11; any Python from 3.11 to 3.14 will do.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo serve test check fix generate lock bench accuracy image clean

help: ## Shows this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/run ## Sends four payloads through a real service, and shows what becomes of each
	@$(BIN)/privacy-service demo

serve: $(VENV)/run ## Keeps a service running on this machine, and says how to call it
	@$(BIN)/privacy-service serve --demo

test: $(VENV)/dev ## Runs every test
	@tools/prepare-node
	@tools/prepare-envoy
	@tools/prepare-softhsm
	@tools/run-tests

check: $(VENV)/dev ## Format, lint, types, import rules, protos, drift of generated files
	@tools/check

fix: $(VENV)/dev ## Formats, and mends what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

generate: $(VENV)/dev ## Writes generated code and documents again
	tools/generate.sh
	$(BIN)/python -m tools.documents

bench: $(VENV)/dev ## Measures, side by side in one run
	$(BIN)/python -m bench

accuracy: $(VENV)/dev ## Measures detection and writes docs/accuracy.md and docs/encodings.md (SETS=FOLDER: more sets)
	$(BIN)/python -m bench.accuracy $(if $(SETS),--folder $(SETS))

image: ## Builds the container image (needs docker, podman or buildah)
	tools/image

lock: ## Resolves the dependencies again, with hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q \
	  pyproject.toml --extra postgres --extra hsm --extra vault --extra aws --extra objectstore --extra timestamps --group build --group test --group gen --group lint --group bench -o requirements/dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q \
	  pyproject.toml --extra postgres --group build -c requirements/dev.lock -o requirements/run.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q \
	  pyproject.toml --extra postgres --extra hsm --extra vault --extra aws --extra objectstore --extra timestamps --group build -c requirements/dev.lock -o requirements/image.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q \
	  --group balancer -o requirements/balancer.lock

clean: ## Removes what was built
	rm -rf $(VENV) build dist var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
	  { echo 'Python 3.11 to 3.14 is needed: make PYTHON=/path/to/python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'Python lacks venv: apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Every wheel is checked against the hash in the lock, the language model's too.
# Byte code is written here: where Python is told not to, every start would compile it again.
$(VENV)/run: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q privacy_service retention buf
	@touch $@

$(VENV)/dev: requirements/dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q privacy_service retention buf
	@touch $@ $(VENV)/run
