# One command each; nothing is expected of the machine but Python 3.11 to 3.13 and make. Everything stays in the checkout:
# .venv (tools), .cache (downloads), .run (data of local servers), reports (results).
.DEFAULT_GOAL := help
.PHONY: help setup demo down test check lint types sql unit bench format clean
MAKEFLAGS += --no-print-directory
PYTHON ?=
export PYTHON
python := .venv/bin/python
# More workers only where there are cores for them: two servers run beside the tests.
workers ?= 2
# For instance: make test tests=tests/unit
tests ?= tests

help: ## What can be done here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## Make .venv and install the pinned requirements (again only when they changed)
	@.ci/setup

demo: setup ## Simulated logs in a real Elasticsearch, analysed by Airflow: from nothing to incidents found
	@$(python) -m ailog.local.demo

down: setup ## Stop what a demo left running, also after a crash
	@$(python) -m ailog.local.demo --down

test: check ## Lint, types, SQL, then all tests against a real PostgreSQL and Elasticsearch (ES_VERSION=9.5.3 for version 9)
	@echo "test: pytest, $(workers) workers; the reason of every skip is listed at the end"
	@$(python) -m pytest -q -n $(workers) --dist loadgroup $(tests)

check: lint types sql ## Lint, types and SQL alone

lint: setup
	@echo "test: ruff check, ruff format"
	@$(python) -m ruff check --quiet .
	@$(python) -m ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }

types: setup
	@echo "test: mypy (strict)"
	@$(python) -m mypy --no-error-summary

sql: setup
	@echo "test: sqlfluff"
	@PYTHONWARNINGS=ignore $(python) -m sqlfluff lint sql --processes 2 --disable-progress-bar

unit: setup ## The quick tests, without servers
	@$(python) -m pytest -q tests/unit

bench: setup ## Measure throughput, memory and latencies on this machine
	@$(python) -m tests.bench

format: setup ## Put code and imports in order
	@$(python) -m ruff check --quiet --fix . ; $(python) -m ruff format --quiet .

clean: ## Stop local servers; remove .venv, .run and caches (downloads in .cache stay; reports too)
	@if [ -x $(python) ] && [ -d .run ]; then $(python) -m ailog.local.demo --down; fi
	@rm -rf .venv .run .mypy_cache .pytest_cache .ruff_cache .hypothesis include/*.egg-info
	@find dags include plugins tests -type d -name __pycache__ -prune -exec rm -rf {} +
