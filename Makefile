# Observatoire des quartiers prioritaires de Marseille. Deux commandes suffisent :
#   make livre    puis    make test
# pip et uv se règlent par leur environnement ; PYTHON=python3.12 choisit un autre Python.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installe
TOOLS := .venv-outils
UV = $(shell uv --version 2>/dev/null)
INSTALL = $(if $(UV),uv pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet)
STEPS := verifier edition construire fichiers controle
CURRENT := $(BIN)/python -m qpvlib.edition.kept _build/cle

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help livre verifier edition construire fichiers controle test navigateur labo lint fuzz mutants securite bench verrou propre

help: ## affiche cette aide
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

livre: $(INSTALLED) ## produit le livre : _build/html/index.html (TOUT=1 : même si rien n'a changé)
	@{ test -z "$(TOUT)" && $(CURRENT); } || \
	  { $(MAKE) --no-print-directory $(STEPS) && $(CURRENT) noter; }

verifier: $(INSTALLED) ## vérifie la cohérence de data/
	@$(BIN)/qpv verifier

edition: $(INSTALLED) ## exécute les carnets de tous les territoires
	@$(BIN)/qpv edition $(if $(TOUT),--tout)

# Sphinx ne refait que ce qui a changé ; d'un autre sommaire, tout : une page retirée ne survit pas.
construire: $(INSTALLED) ## compile le livre à partir des carnets exécutés
	@{ test -z "$(TOUT)" && cmp -s _toc.yml _build/_toc.yml; } || rm -rf _build
	@$(BIN)/jupyter-book build . -W --keep-going --quiet
	@cp _toc.yml _build/_toc.yml

fichiers: $(INSTALLED) ## écrit tableaux, contours, PDF et pages faciles à lire à côté du livre
	@$(BIN)/qpv fichiers

controle: $(INSTALLED) ## contrôle le livre construit, page par page
	@$(BIN)/qpv controle

test: $(INSTALLED) ## lance tous les tests
	@$(BIN)/pytest

navigateur: $(INSTALLED) ## regarde le livre construit dans Chromium, et mesure ses pages
	@$(BIN)/pytest -n0 tests/browser
	@expand -t 56,70,84,94,102,116 _build/mesures.tsv

labo: $(INSTALLED)-labo ## ouvre les carnets dans JupyterLab
	@$(BIN)/jupyter lab notebooks

lint: $(INSTALLED) ## contrôle le style du code et ses types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

fuzz: $(INSTALLED) ## donne à l'import des fichiers abîmés ou faux, et compte ce qui passe
	@$(BIN)/python tests/fuzz/campaign.py

mutants: $(TOOLS)/.installe ## mesure ce que les tests laissent passer, module par module (long)
	@$(BIN)/python bench/mutants.py $(TOOLS)/bin/python

securite: $(TOOLS)/.installe ## vulnérabilités connues, code, licences
	@$(BIN)/python bench/securite.py $(TOOLS)/bin

bench: $(INSTALLED) ## mesure la durée d'une édition
	@$(BIN)/python bench/edition.py

verrou: ## recalcule les deux verrous d'après pyproject.toml (demande uv)
	@compile="uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --quiet \
	  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links"; \
	$$compile --output-file requirements.lock && \
	$$compile --extra labo --constraint requirements.lock --output-file requirements-labo.lock

propre: ## efface ce qui a été produit, sauf l'environnement et les fichiers déposés
	@rm -rf _build book/portraits book/secteurs book/suivi book/evaluation book/orientations book/indicateurs book/*.ipynb book/*.csv index.ipynb comparer.ipynb comparer.csv

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 ou plus récent est nécessaire : make PYTHON=python3.12 ..."; exit 1; }
	@echo "Installation dans .venv (une fois)..."
	@rm -rf .venv
	@if [ "$(UV)" ]; then uv venv --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv; \
	else $(PYTHON) -m venv .venv; fi
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(INSTALLED)-labo: $(INSTALLED) requirements-labo.lock
	@$(INSTALL) --require-hashes --requirement requirements-labo.lock
	@touch $@

# Ces outils ne servent ni au livre ni aux tests : ils ont leur environnement, hors du verrou.
$(TOOLS)/.installe: $(INSTALLED)
	@rm -rf $(TOOLS)
	@$(BIN)/python -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet mutmut==3.8.1 bandit==1.9.4 pip-audit==2.10.1
	@touch $@
