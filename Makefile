# The front door of the project; `make` alone lists the targets.
PYTHON ?= $(shell command -v python3.11 || uv python find --no-python-downloads 3.11 2>/dev/null || command -v python3)
BIN := .venv/bin
DEMO := $(BIN)/python -m social_crm.local.demo

# Hashes and no addresses: docs/decisions/0009.
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-header

# A library of the embedded Postgres remarks on every machine without a desktop session.
export PYTHONWARNINGS := ignore:XDG_RUNTIME_DIR

# If the shell names no locale, or one that the machine lacks, as over ssh: paths with umlauts are UTF-8.
ifneq ($(shell locale charmap 2>/dev/null),UTF-8)
export LC_ALL := C.UTF-8
endif

# The shell's proxy is for sources; what this machine serves to itself bypasses it.
export no_proxy := $(if $(no_proxy),$(no_proxy),$(NO_PROXY)),127.0.0.1,localhost
export NO_PROXY := $(no_proxy)

# Without a writable home, as in many containers, uv's cache goes next to what it installs.
ifeq ($(shell test -w "$${XDG_CACHE_HOME:-$$HOME}" && echo yes),)
export UV_CACHE_DIR ?= $(CURDIR)/.venv/uv-cache
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo bi down sql metric summary label test lint lint-text lint-sql check bench lock generate doctor

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/installed ## install everything into .venv (nothing to do if the lock has not changed)

# Checked first, not by the last of some hundred packages.
define IS_3_11
import sys
if sys.version_info[:2] != (3, 11):
    sys.exit(f"Python 3.11 is needed, {sys.executable} is {sys.version.split()[0]}: install 3.11 beside it"
             " (`uv python install 3.11` needs no root), or name one: make PYTHON=/path/to/python3.11 ...; remove a .venv"
             " of another version")
endef
export IS_3_11
export NO_PYTHON := Python 3.11 is needed and none is in PATH: install it (`uv python install 3.11` needs no root), or name \
one: make PYTHON=/path/to/python3.11 ...

# Compiled while installing: otherwise every process pays seconds for Great Expectations alone.
.venv/installed: requirements.lock
	@if test -x $(BIN)/python; then $(BIN)/python -c "$$IS_3_11"; \
	elif test -z "$(PYTHON)"; then echo "$$NO_PYTHON" >&2; exit 1; \
	else "$(PYTHON)" -c "$$IS_3_11" && "$(PYTHON)" -m venv .venv; fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[0-9.]*' requirements.lock)"
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Superset cannot share Airflow's environment: it needs SQLAlchemy below 2.
.venv-bi/installed: bi/requirements.lock .venv/installed
	@test -x .venv-bi/bin/python || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-bi
	$(BIN)/uv pip sync --quiet --python .venv-bi/bin/python --require-hashes --compile-bytecode bi/requirements.lock
	@touch $@

demo: setup .venv-bi/installed ## run the bundled company's fourteen days through the real DAGs, and show what came of it
	@$(DEMO) up

bi: setup .venv-bi/installed ## install and serve the dashboards of an existing demo
	@$(DEMO) bi

down: ## stop every process of the demo and delete what it wrote
	@test ! -x $(BIN)/python || $(DEMO) down

sql: ## open psql as bi_reader, or print one answer as CSV: make sql Q="select …"
	@$(DEMO) sql $(if $(value Q),"$$QUERY")

metric: ## answer metrics by name as CSV: make metric M=sla_attainment BY=market__region
	@found="$$($(DEMO) env)" || exit 1; eval "$$found"; \
	$(BIN)/python -m social_crm.dashboards.metric_query "$(or $(M),--help)" $(if $(BY),--by "$(BY)") $(if $(value WHERE),--where "$$WHERE")

summary: ## print the demo's summary again
	@$(DEMO) summary

doctor: setup ## check that every configured source accepts its credentials, and say what to fix
	@$(BIN)/python -m social_crm.orchestration.doctor

# The lists of sources first: what follows is read from the dbt project that holds them.
generate: setup ## update all generated files: README's table of sources, examples, dbt's lists, bi/, glossary, catalogue
	@$(BIN)/python -m social_crm.documentation.sources
	@$(BIN)/python -m social_crm.dashboards
	@$(BIN)/python -m social_crm.documentation.glossary

# A warehouse that the environment names takes precedence over the demo's.
label: setup ## take what people decided of utterances: make label FILE=labels.csv BY=login
	@if [ -z "$$WAREHOUSE_TRANSFORMER_URL" ]; then found="$$($(DEMO) env)" || exit 1; eval "$$found"; fi; \
	$(BIN)/python -m social_crm.labels add "$(FILE)" --by "$(BY)"

# tests/conftest.py orders the files; pytest-xdist would begin with those of many tests and end with the longest. Three at
# once, for two cores stand idle while a browser or Airflow waits for something.
test: setup ## run all tests
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --durations=25

lint: setup ## ruff, mypy, sqlfluff, yamllint
	@$(MAKE) --no-print-directory --jobs 2 lint-text lint-sql

lint-text:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/yamllint --strict .

lint-sql:
	@$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

check: lint test ## what a change must pass, offline

bench: setup ## measure speed and memory (minutes); figures and reading in docs/performance.md
	@for benchmark in benchmarks/[a-z]*.py; do $(BIN)/python "$$benchmark" || exit 1; done

lock: ## update the lock files after a change to pyproject.toml
	$(LOCK) --extra dev --output-file requirements.lock pyproject.toml
	$(LOCK) --extra production --constraint requirements.lock --output-file requirements-production.lock pyproject.toml
	$(LOCK) --output-file bi/requirements.lock bi/requirements.in

# As typed: make would expand the dollars of a query.
export QUERY = $(value Q)
export WHERE
