# One place for every routine. `make run` and `make test` need only Debian, Python 3.11, git and make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
UV := var/uv/bin/uv
UV_VERSION := 0.13.9
HOST ?= 127.0.0.1
PORT ?= 8000
TESTS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup run demo test browser check docs format shots bundle clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: .venv/.synced ## install everything into .venv, exactly as locked

.venv/.synced: uv.lock pyproject.toml $(UV)
	$(UV) sync --frozen --quiet --python var/uv/bin/python
	@touch $@

$(UV):
	scripts/make_venv var/uv
	var/uv/bin/pip install --quiet uv==$(UV_VERSION)

run: setup ## start the platform with demo data on http://127.0.0.1:8000/
	$(BIN)/gongqing up --host $(HOST) --port $(PORT) --demo small

demo: setup ## load the demo data into the database of this checkout
	$(BIN)/gongqing demo small

browser:
	scripts/install_browser

test: setup browser ## run every test, browser journeys included; TESTS=path runs a part
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadgroup $(TESTS)

check: setup ## style, types, import contract, generated documents, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	scripts/check_generated
	DATABASE_URL=postgresql:///none $(BIN)/python -W ignore -m gongqing.config.cli makemigrations --check --dry-run

docs: setup ## write the generated documents again
	$(BIN)/gongqing states docs/states
	$(BIN)/gongqing openapi docs/openapi.json

format: setup ## put the code into its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

shots: setup browser ## take the README's screenshots from a running demo
	$(BIN)/python -m tests.shots docs/shots

bundle: setup ## pack everything for a machine without a network into dist/
	scripts/make_bundle

clean: ## remove what was built; the data under var/ stays
	rm -rf .venv var/uv var/test .mypy_cache .ruff_cache .hypothesis .pytest_cache test-results
