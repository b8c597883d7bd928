# The two commands to know: make run, make test. All: make help
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PORT ?= 8000
# Processes of the test suite; with two, two cores are busy while servers answer.
WORKERS ?= 2
export PORT

# The first Python 3.11 or 3.12 that really runs.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))
PYTHON ?= $(shell for p in python3 python3.12 python3.11; do \
	if $$p -c '$(FITS)' >/dev/null 2>&1; then echo $$p; break; fi; done)
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
APT_LISTS := apt-get update -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=20
APT := DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends
UV_VERSION := 0.13.9

.PHONY: help setup setup-dev browser run test test-fast days coverage lint format bench demo stop lock messages

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: setup ## everything on PORT (8000): web, worker, beat, demo data; Ctrl-C stops it
	@$(PY) manage.py run

test: setup-dev browser ## the whole suite (DATABASE_URL and REDIS_URL: on those servers)
	@$(PY) manage.py compile_translations
	@$(PY) -m pytest -n $(WORKERS) $(ARGS)

test-fast: setup-dev ## the suite without browser and slow tests, for the time between
	@$(PY) manage.py compile_translations
	@$(PY) -m pytest -n $(WORKERS) -m "not browser and not slow" $(ARGS)

days: setup-dev browser ## live the day of each role in every size, language and theme: pictures in var/days
	@rm -rf var/days && mkdir -p var/days
	@$(PY) manage.py compile_translations
	@CRM_DAYS=$(CURDIR)/var/days $(PY) -m pytest -n $(WORKERS) tests/days/test_days.py $(ARGS); days=$$?; \
		$(PY) -m tests.days.index var/days && exit $$days

coverage: setup-dev browser ## the whole suite, and which lines and branches of the product it runs
	@$(PY) manage.py compile_translations
	@rm -rf var/coverage && mkdir -p var/coverage
	@$(PY) -m coverage run -m pytest -n $(WORKERS) $(ARGS); tests=$$?; \
		$(PY) -m coverage combine --quiet && $(PY) -m coverage html --quiet && \
		$(PY) -m coverage report && exit $$tests

# The suite drives a Chromium; without one those tests are skipped, and in CI they fail.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || \
		[ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1 || { \
		echo "Installing Chromium for the browser tests …"; \
		$(APT) chromium >/dev/null 2>&1 || { $(APT_LISTS) >/dev/null 2>&1; $(APT) chromium >/dev/null 2>&1; } || \
		echo "No Chromium could be installed: the browser tests are left out." >&2; }

lint: setup-dev ## style, types, floors, migrations, translations, production settings
	@PY=$(PY) sh scripts/lint

format: setup-dev ## let the tools rewrite what they can
	@$(VENV)/bin/ruff check --fix . && $(VENV)/bin/ruff format . && $(VENV)/bin/djlint --reformat --quiet templates && \
		$(VENV)/bin/djlint --reformat --quiet --profile jinja --exclude node_modules templates/jinja2
	@PATH="$$PATH:$(CURDIR)/$(VENV)/bin" node_modules/.bin/biome check --write

bench: setup-dev ## speed: prints the table, writes bench/results.json
	@$(PY) -m bench.run $(ARGS)

demo: setup ## load the demo firm again
	@$(PY) manage.py compile_translations
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py load_demo --scale small --reload

stop: ## end the embedded PostgreSQL and Redis
	@$(PY) manage.py embedded stop

messages: setup-dev ## collect the texts to translate into locale/ (needs gettext)
	@$(PY) manage.py makemessages --locale zh_Hans --no-wrap --no-obsolete \
		--add-location file --ignore 'node_modules/*' --ignore '.venv/*' --ignore 'var/*' \
		--ignore 'tests/*' --ignore 'bench/*'

lock: $(VENV)/made ## resolve the .in files anew
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@for name in requirements requirements-dev requirements-node; do \
		$(VENV)/bin/uv pip compile --quiet --upgrade --universal --generate-hashes \
			--python-version 3.11 --custom-compile-command 'make lock' \
			--no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt || exit 1; done
	@npm install --package-lock-only --ignore-scripts

setup: $(VENV)/installed node_modules/installed ## packages only
setup-dev: $(VENV)/installed-dev node_modules/installed-dev

$(VENV)/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "Python's venv module is missing: install the package python3-venv (as root: apt-get install python3-venv)." >&2; exit 1; }
	@$(PY) -m pip --version >/dev/null 2>&1 || { \
		echo "Making $(VENV) …"; $(PYTHON) -m venv --clear $(VENV); }
	@touch $@

$(VENV)/installed: requirements.txt $(VENV)/made
	@echo "Installing Python packages …"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@echo "Installing development packages …"
	@$(PIP) -r requirements-dev.txt
	@touch $@

# npm of the machine; where it is missing or fails, the one that PyPI carries.
NPM_CI = npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
define install_front_end
	@$(NPM_CI) $(1) 2>/dev/null || { \
		$(PIP) -r requirements-node.txt && \
		PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(NPM_CI) $(1); }
endef

# npm ci begins with an empty node_modules. Where the packages for tests and lint are installed, new
# ones are installed with them, so that `make run` takes nothing from a developer.
DEV_TOO := $(wildcard node_modules/installed-dev)
node_modules/installed: package-lock.json requirements-node.txt $(VENV)/made
	@echo "Installing front-end packages …"
	$(call install_front_end,$(if $(DEV_TOO),,--omit=dev))
	@touch $@ $(DEV_TOO)

node_modules/installed-dev: package-lock.json requirements-node.txt $(VENV)/made
	@echo "Installing front-end packages for development …"
	$(call install_front_end)
	@touch node_modules/installed $@
