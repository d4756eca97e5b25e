# Every command a person needs, on a machine that has only python3 (3.11 or newer), pip and make.
.DEFAULT_GOAL := help
.PHONY: help install run test test-long test-browser verifier check assets clean

VENV    ?= .venv
WORKERS ?= logical
ARGS    ?=

# The sandbox talks to itself over loopback; a proxy from the environment must not carry that.
export NO_PROXY := 127.0.0.1,localhost$(NO_PROXY:%=,%)
export no_proxy := 127.0.0.1,localhost$(no_proxy:%=,%)
export PYTHON VENV

on = $(filter-out 0 no false off,$(1))
PACKAGES := bot scheduler handlers storage casework evidence sandbox
PYTEST   := $(VENV)/bin/python -m pytest -n $(WORKERS) --dist worksteal

help:
	@echo 'make run        install what is missing, play the demonstration, go on serving'
	@echo '                ONCE=1 stops after the story; PORT=8460 and DATA=folder may be given'
	@echo 'make test       every test that needs no browser and fits into ten minutes'
	@echo 'make test-long  the full counts: every byte, every fault, chaos (an hour)'
	@echo 'make test-browser  the pages in Chromium, if it is installed'
	@echo 'make verifier   dist/huizheng-verify.pyz: the verification alone, for a bare python3'
	@echo 'make check      lint, format, types, import contracts'
	@echo 'make assets     fetch the pinned htmx with npm, if npm is there (the console works without it)'
	@echo 'make install    only set up $(VENV); PYTHON=python3.12 chooses the interpreter'
	@echo 'make clean      remove $(VENV) and everything that tools left behind (your data stays)'

install:
	@sh .ci/install

run: install
	@[ -f bot/console/static/vendor/htmx.min.js ] || sh .ci/assets || true
	@$(VENV)/bin/huizheng sandbox $(if $(call on,$(ONCE)),--once) \
	  $(if $(PORT),--port '$(PORT)') $(if $(DATA),--data '$(DATA)')

test: install
	@$(PYTEST) -m 'not long and not browser' $(ARGS)

test-long: install
	@$(PYTEST) -m 'not browser' --timeout=3600 $(ARGS)

test-browser: install
	@sh .ci/browser $(ARGS)

verifier:
	@$(or $(PYTHON),python3) .ci/verifier.py dist/huizheng-verify.pyz
	@echo 'dist/huizheng-verify.pyz'

check: install
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy $(PACKAGES)
	@$(VENV)/bin/lint-imports --no-cache

assets:
	@sh .ci/assets

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf bot/console/static/vendor
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
