# Everything lives in .venv/; a stamp file there is as old as the requirements it was made from.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: app test quick lint format screenshots embedded clean

app: $(VENV)/.app
	$(PY) app.py $(ARGS)

test: lint $(VENV)/.browser
	$(PY) -m pytest

quick: lint
	$(PY) -m pytest tests/unit

lint: $(VENV)/.test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(VENV)/.test
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

screenshots: $(VENV)/.browser
	$(PY) -m tests.browser.screenshots --output assets

embedded: $(VENV)/.app
	$(PY) -m train.embedded

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "HERA needs Python 3.11 or newer; none was found." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.app: requirements.txt | $(VENV)/bin/python
	$(PY) -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.test: tests/requirements.txt $(VENV)/.app
	$(PY) -m pip install --quiet -r tests/requirements.txt
	@touch $@

$(VENV)/.browser: tests/browser/install.sh $(VENV)/.test
	sh tests/browser/install.sh $(PY)
	@touch $@
