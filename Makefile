# Needs Debian 12 or later with python3 (3.11 or later) and make; everything else is installed on first use.
# Debian's packages are installed by root, or through sudo; Python's go into .venv.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
CATALOGUES := $(wildcard registry/translations/*/LC_MESSAGES/messages.po)
TESTS ?= tests

.PHONY: setup run test check check-all programs lint bench lock translations clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml $(CATALOGUES)
	bash .ci/system-packages run
	bash .ci/environment $(PYTHON)
	touch $@

run: setup
	$(BIN)/registry init
	$(BIN)/registry demo --if-empty
	exec $(BIN)/registry serve

# A file is run by one process: what its tests share is built once. Long files come early in the alphabet. There are more
# processes than cores by one half, since a third of their time they wait for databases, browsers and disks.
test: setup
	bash .ci/system-packages test
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(TESTS)

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/ty check
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python .ci/check-catalogues

check: lint test

# LibreOffice, whose files the tests read where it is installed.
programs:
	bash .ci/system-packages programs

# The gate with the golden state, papers, pages and walks in all languages, every fault on every form and 5 000 hostile
# requests to each database, then the checks that take long, one line each.
check-all: export TEST_GOLDEN := all
check-all: export TEST_FORMS := all
check-all: export TEST_LANGUAGES := all
check-all: export TEST_WALKS := all
check-all: export TEST_REQUESTS := 5000
check-all: export TEST_DAMAGE := all
check-all: export TEST_THOROUGH := all
check-all: programs check
	bash .ci/fresh

# The numbers of the README, measured on this machine.
bench: setup
	@for script in tests/benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# Collect the program's texts into the catalogues and compile what is translated.
translations: setup
	$(BIN)/python .ci/check-catalogues --update
	$(BIN)/pybabel compile --directory registry/translations --statistics

# Resolve pyproject.toml anew and pin what comes out.
lock:
	bash .ci/lock $(PYTHON)

clean:
	rm -rf .ci/*.log .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
