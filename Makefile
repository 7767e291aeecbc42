.DEFAULT_GOAL := help
.PHONY: help env test test-slow lint types demo
DEMO := runs/demo

help:  ## show this help
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

env: .venv/.installed  ## make .venv with kgpeft in it; again only if pyproject.toml changed
.venv/.installed: pyproject.toml
	python3 -m venv .venv
	.venv/bin/python -m pip install --quiet -e '.[dev]'
	touch $@

test: env  ## run the fast tests
	.venv/bin/python -m pytest -m "not slow"

test-slow: env  ## run the slow tests
	.venv/bin/python -m pytest -m slow

lint: env  ## check the style
	.venv/bin/ruff check

types: env  ## check the types
	.venv/bin/mypy

demo: env  ## from an ontology to answers, with what it says and what it declines
	.venv/bin/kgpeft run pipelines/demo.yaml --out $(DEMO)
	.venv/bin/kgpeft ask $(DEMO) "How hard is topaz?" "What is galena an ore of?" \
	  "What is the crystal system of lead glance?" "What is commonly found with malachite?" \
	  "What is the chemical formula of malachite?" "What is the crystal system of vibranium?"
