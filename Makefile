# Everything a contributor or CI runs. Each target makes what it needs, in virtualenvs of its own, and repeats are quick.

PYTHON ?= python3
# Another Python gets a virtualenv of its own, beside that of the usual one.
VENV ?= $(if $(filter python3,$(PYTHON)),.venv,.venv-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
# The virtualenv's node, npm and console scripts come first for whatever is run below.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PAGE := viewer_server/progress_hub/page/index.html
# Folders are among them: removing a file changes nothing else.
PAGE_SOURCES := $(shell find viewer_ui -mindepth 1 -name node_modules -prune -o -print)
NODE_MODULES := viewer_ui/node_modules/.package-lock.json
# More than two processors' worth: many tests wait for a clock of seconds that is part of what is promised.
PYTEST := $(BIN)/python -m pytest -n 5
MINUTES ?= 10

.DEFAULT_GOAL := help
.PHONY: help demo test test-python lint format page bench bench-smoke bench-recognise bench-page faults screenshots clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

demo: $(VENV)/.demo ## run examples/train.py and watch it in a browser
	scripts/demo

test: $(VENV)/.dev $(PAGE) $(NODE_MODULES) ## every test, those of the page in a real Chromium included
	scripts/need_programs
	scripts/need_chromium
	cd viewer_ui && npm test
	$(PYTEST)

test-python: $(VENV)/.dev $(PAGE) ## the tests without a browser's; PYTHON=python3.10 picks another Python
	scripts/need_programs
	$(PYTEST) -m "not browser"

lint: $(VENV)/.dev $(NODE_MODULES) ## format, lint and types, of Python and of the page
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	cd viewer_ui && npm run check && npm run lint

format: $(VENV)/.dev $(NODE_MODULES) ## put Python and the page into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd viewer_ui && npm run format

page: $(PAGE) ## build the page into the hub's package

bench: $(VENV)/.dev $(PAGE) ## measure everything beside its peers and write docs/performance.md; ONLY="ending reports" asks those
	$(BIN)/python -m bench $(ONLY)

bench-smoke: $(VENV)/.dev $(PAGE) ## the same in a minute, without thresholds: does every script still work
	$(BIN)/python -m bench --small

bench-recognise: $(VENV)/.dev $(PAGE) ## replay recordings of real programs: is their progress recognised; RECORDINGS=… has more
	$(BIN)/python -m bench.recognise

bench-page: $(VENV)/.dev $(PAGE) ## ten million lines, and a burst of a million while somebody looks, in a real Chromium
	scripts/need_chromium
	$(BIN)/python -m bench.page

faults: $(VENV)/.dev $(PAGE) $(NODE_MODULES) ## make trouble and print what became of the bytes; MINUTES=10, SEED=… repeats it, E2E=1 encrypts
	$(if $(E2E),$(PYTEST) -k e2e tests/end_to_end tests/runner tests/faults)
	PYTHONPATH=scripts $(BIN)/python -m tests.faults --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(foreach each,$(ONLY),--only $(each)) $(if $(E2E),--e2e)

screenshots: $(VENV)/.dev $(PAGE) ## make docs/images/ anew from a real run
	scripts/need_fonts
	$(BIN)/python scripts/screenshots.py "$$(scripts/need_chromium)"

clean: ## remove everything that was built or installed here
	rm -rf .venv .venv-* build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf viewer_ui/node_modules viewer_server/progress_hub/page
	find . -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	scripts/make_venv "$(PYTHON)" "$(VENV)"

# An editable install builds the page too, so the demo needs nothing further.
$(VENV)/.demo: $(BIN)/python setup.cfg pyproject.toml $(PAGE_SOURCES)
	$(BIN)/python -m pip install --quiet --editable '.[demo]'
	touch $@

$(VENV)/.dev: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	$(BIN)/python scripts/node.py $(BIN)
	touch $@

$(PAGE): $(PAGE_SOURCES) | $(VENV)/.dev
	$(BIN)/python scripts/build_page.py

$(NODE_MODULES): viewer_ui/package-lock.json | $(VENV)/.dev
	$(BIN)/python scripts/build_page.py --install
