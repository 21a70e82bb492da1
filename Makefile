# Two commands: `make run` starts the studio, `make test` checks everything. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run engine doctor test test-all lint format types clean

export PYTHONDONTWRITEBYTECODE :=

# A new pyproject.toml or constraints.txt makes a new stamp, so what is installed is what they say.
SUM := $(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)
USE := .venv/.use-$(SUM)
DEV := .venv/.dev-$(SUM)
ENGINE := .venv/.engine-$(SUM)
MODEL := inference/pocket/checkpoint
BIN := .venv/bin

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(USE) ## start the studio; Ctrl-C stops it
	@exec $(BIN)/protodex run

engine: $(ENGINE) ## serve a model on http://127.0.0.1:8002/v1: the small bundled one, or MODEL=folder
	@exec $(BIN)/python -m inference serve --model $(MODEL)

doctor: $(USE) ## say what was found on this machine, and what to do about what is missing
	@exec $(BIN)/protodex doctor

test: $(DEV) lint types ## lint, types, unit, integration and browser tests
	$(BIN)/protodex prepare
	$(BIN)/pytest $(AGAIN) -n2 -m "$(QUICK) and not browser"
	$(BIN)/pytest $(AGAIN) -n2 --dist loadfile -m "$(QUICK) and browser" $$(grep -rl 'mark\.browser' tests --include='test_*.py' | sort)

QUICK := not slow and not gpu and not docker
# Real servers and browsers on a busy machine: what fails is tried once more, and what passed only then is named.
AGAIN := --reruns 1 -rR

test-all: test ## the same and the long campaigns
	$(BIN)/pytest $(AGAIN) -n2 -m "slow and not gpu and not docker"

lint: $(DEV) ## check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(DEV) ## format, and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(DEV) ## check types
	$(BIN)/mypy -n2

clean: ## remove what was installed and cached; your projects in data/ stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache build dist

$(USE):
	@sh install.sh . "$@"

$(DEV):
	@sh install.sh '.[dev,postgres,engine]' "$@"
	@touch $(USE) $(ENGINE)

$(ENGINE):
	@sh install.sh '.[engine]' "$@"
	@touch $(USE)
