# Everything sets itself up: Python 3.11 or later (and make), and a package registry that pip can reach, are enough.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
TIER ?= 50k
AREA ?= search
ENGINE ?= both
FOLDER ?= fixtures/small
# Labelled sets from outside the project, measured where they are laid beside it.
OUTSIDE ?= ../shared/data

.PHONY: help demo test lint types tests figures screens evaluate rivals bench bench-link kills soak lock deploy deploy-check audit small clean

help:            ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

# In words that any Python understands, an old one too.
OLD := Python 3.11 or later is needed and $(PYTHON) is %d.%d; name another: make $(or $(MAKECMDGOALS),demo) PYTHON=python3.11
NEW_ENOUGH := import sys; sys.version_info < (3, 11) and sys.exit("$(OLD)" % sys.version_info[:2])

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c '$(NEW_ENOUGH)'
	@echo "Making .venv: pip fetches packages that fill some 800 MB, which can take a minute or more."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(INSTALLED) ## fresh machine -> working search: environment, invented sources, build, three example searches
	$(BIN)/discoverer demo

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/mypy

tests: $(INSTALLED)
	$(BIN)/pytest -n 2

test: lint types tests ## fresh machine -> every check: lint, types, tests

figures: $(INSTALLED) ## the figures of one area: make figures AREA=search|matching|linking|scale|freshness|screen|access
	$(BIN)/python -m tests.figures.$(AREA) $(OUTSIDE)

screens: $(INSTALLED) ## write docs/screens/*.png anew, from a browser over the small set
	DISCOVERER_SCREENS=yes $(BIN)/pytest -q tests/browser/test_screens.py

evaluate: $(INSTALLED) ## how well a labelled folder is answered: make evaluate FOLDER=fixtures/small
	$(BIN)/discoverer evaluate $(FOLDER)

rivals: $(INSTALLED) ## other search tools on the same data: make rivals SETS=generated MOST=200 KEEP=yes
	$(BIN)/python -m tests.rivals $(OUTSIDE) $(if $(MOST),--most $(MOST)) $(if $(SETS),--sets $(SETS)) $(if $(KEEP),--keep)

bench: $(INSTALLED) ## build rate, memory, search latency and rivals: make bench TIER=2k|25k|50k|1m|10m ENGINE=both AGAIN=yes KEEP=yes
	$(BIN)/python -m tests.figures.bench $(TIER) --engine $(ENGINE) $(if $(AGAIN),--again) $(if $(KEEP),--keep)

bench-link: $(INSTALLED) ## link N invented heavy-tailed mentions: make bench-link N=1m
	$(BIN)/python -m tests.figures.bench_link $(or $(N),1m)

kills: $(INSTALLED) ## kill build, hold, publish, sync, rollback, prune and looks at file operations and N random times: make kills N=50
	DISCOVERER_RANDOM_KILLS=$(or $(N),50) $(BIN)/pytest -q tests/test_kills.py tests/test_kills_publishing.py tests/test_kills_fresh.py tests/test_audit_kills.py

soak: $(INSTALLED) ## search, sync, build, kill and lose a source at once: make soak MINUTES=10 ENGINE=tantivy
	$(BIN)/python -m tests.figures.soak $(or $(MINUTES),10) $(if $(filter both,$(ENGINE)),whoosh,$(ENGINE))

lock:            ## write requirements/deploy.lock anew, with the oldest Python that is supported
	$(PYTHON) requirements/lock.py $(MORE)

HASHED := --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all:

deploy:          ## an installation: nothing but what requirements/deploy.lock holds, by its hashes; make deploy WHERE=.venv
	@$(PYTHON) -c '$(NEW_ENOUGH)'
	$(PYTHON) -m venv $(or $(WHERE),.venv)
	$(or $(WHERE),.venv)/bin/python -m pip install $(HASHED) --requirement requirements/deploy.lock
	$(or $(WHERE),.venv)/bin/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .

deploy-check:    ## make an installation in a folder that is thrown away, and try it
	rm -rf out/deploy
	$(MAKE) deploy WHERE=out/deploy
	out/deploy/bin/python -m pip check
	out/deploy/bin/discoverer --help > /dev/null
	rm -rf out/deploy

audit:           ## known weaknesses of what an installation runs on, from the advisories of PyPI or OSV (needs the internet)
	rm -rf out/advisories
	$(PYTHON) -m venv out/advisories
	out/advisories/bin/python -m pip install --quiet 'pip-audit>=2.9,<3'
	out/advisories/bin/pip-audit --require-hashes --disable-pip --requirement requirements/deploy.lock $(MORE)

small: $(INSTALLED) ## write the committed set of invented sources again
	$(BIN)/python -m fixtures.generate --like fixtures/small/plan.json --out fixtures/small

clean:           ## remove what make built: environment, indexes, measured sets
	rm -rf .venv .demo out fixtures/small/state
