# The one door to this project. Each target sets up what it needs; `make` alone lists them.

PYTHON ?= python3
VENV ?= .venv
# Where torch's CPU build is taken from when the configured package index has none.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

BIN := $(VENV)/bin
INSTALL = $(PYTHON) -I compose/install.py --venv $(VENV) --torch-index $(TORCH_INDEX)
# The scripted engine needs no vLLM. For the others: CUDA where a GPU answers, else the CPU build.
engine_of = $(if $(filter scripted,$(1)),none,auto)
ENGINE = $(call engine_of,$(RIVULET_ENGINE))
# The Node that compose/node.py finds, in the web client's folder.
NPM = $(BIN)/python -m compose.npm

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up down worker consumer demo test test-docker test-gpu lint format bench bench-relay bench-history bench-usage bench-replay bench-agreement bench-faults bench-web screenshots \
	asyncapi web-types web-dev setup setup-base setup-engine setup-web setup-browser clean

help: ## list the targets
	@echo "usage: make TARGET [RIVULET_PORT=8001 ...]    (settings: README.md)"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: setup ## start the whole stack here and keep it running until Ctrl-C
	@$(BIN)/python -m compose.web_client
	@exec $(BIN)/python -m compose up

down: setup-base ## stop the stack of this data dir from another terminal
	@exec $(BIN)/python -m compose down

# One more worker runs on the engine of the running stack unless this shell says otherwise; without
# a stack, which it says, nothing has to be installed.
STACK_FILE = $(or $(RIVULET_DATA_DIR),.rivulet)/stack.env
STACK_ENGINE = $(shell sed -n s/^RIVULET_ENGINE=//p $(STACK_FILE) 2>/dev/null)
WORKER_ENGINE = $(if $(filter undefined,$(origin RIVULET_ENGINE)),$(STACK_ENGINE),$(RIVULET_ENGINE))
worker: ENGINE = $(if $(wildcard $(STACK_FILE)),$(call engine_of,$(WORKER_ENGINE)),none)
worker: setup ## run one more worker for the running stack of this data dir
	@exec $(BIN)/python -m compose worker

consumer: setup-base ## run one more process of the consumers, or of one: CONSUMER=usage
	@exec $(BIN)/python -m compose consumer $(CONSUMER)

demo: setup-engine ## kill a worker in mid-sentence and watch the answer go on
	@exec $(BIN)/python -m compose demo

test: setup-engine lint setup-browser ## run the linters and every test that needs no Docker and no GPU
	@$(NPM) test
	@$(BIN)/python -m pytest

test-docker: setup-base ## run the tests that need a Docker engine
	@$(BIN)/python -m pytest -m docker

test-gpu: setup-engine ## run the tests that need an NVIDIA GPU
	@$(BIN)/python -m pytest -m gpu

lint: setup-base setup-web ## check style, types and the imports between packages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(NPM) run types:check
	@$(NPM) run typecheck
	@$(NPM) run lint

format: setup-base setup-web ## rewrite the code in the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(NPM) run format

bench: setup-engine ## measure Rivulet against vLLM's own server
	@$(BIN)/python -m tests.bench $(BENCH)

bench-relay: setup-base ## measure what gateway and broker carry, without a model
	@$(BIN)/python -m tests.bench.relay $(BENCH)

bench-history: setup-base ## measure lists, search and the lag of the history at 100,000 messages
	@$(BIN)/python -m tests.bench.history

bench-usage: setup-base ## measure the lag of the consumers at 100 replies/s, and reads of usage
	@$(BIN)/python -m tests.bench.usage

bench-replay: setup-base ## measure how fast the log is folded again, rebuilt and archived
	@$(BIN)/python -m tests.bench.replay

bench-agreement: setup-base ## kill every consumer under a mixed load, and compare live, log and archive
	@$(BIN)/python -m tests.bench.agreement

bench-web: setup-base setup-browser ## measure the web client's size, a long reply and a long conversation
	@$(BIN)/python -m tests.bench.web

screenshots: setup-base setup-browser ## take the pictures of docs/images
	@$(BIN)/python -m tests.bench.web.screenshots

bench-faults: setup-engine ## break running stacks on purpose and check what readers saw
	@$(BIN)/python -m tests.bench.faults $(FAULTS) $(if $(COUNT),--count $(COUNT)) \
		$(if $(RATE),--rate $(RATE)) $(if $(WORKERS),--workers $(WORKERS)) $(if $(SEED),--seed $(SEED))

asyncapi: setup-base ## write docs/asyncapi.json, what the log carries
	@$(BIN)/python -m analytics asyncapi > docs/asyncapi.json.new
	@mv docs/asyncapi.json.new docs/asyncapi.json
	@echo "docs/asyncapi.json is written"

web-types: setup-base setup-web ## write the web client's types from the Python ones
	@$(NPM) run types

web-dev: setup-base setup-web ## show the web client's sources against the stack at $RIVULET_URL
	@$(NPM) run dev

setup: ## install what `up` needs, and nothing else
	@$(INSTALL) --engine $(ENGINE)

setup-base:
	@$(INSTALL) --engine none

setup-engine:
	@$(INSTALL) --engine auto

setup-web:
	@$(BIN)/python -m compose.web_client --only-packages

setup-browser:
	@$(BIN)/python -m compose.web_client
	@$(BIN)/python -m compose.chromium

clean: ## remove the virtual environment and caches; data dirs stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
	rm -rf clients/web/node_modules clients/web/dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
