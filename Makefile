# One-word doors. Each sets up what it needs in .venv and is safe to repeat.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
# Unpinned, torch brings gigabytes of GPU libraries that nothing here uses.
TORCH := torch==2.13.0
COMFY := build/comfy-cli

.PHONY: serve test lint bench campaign requirements clean

## serve: open the example workflow in the genuine ComfyUI frontend
serve: $(VENV)/.ready-serve
	$(VENV)/bin/datasete serve --open $(ARGS)

## test: lint, then every test
# In a browser test an event loop runs already, and asynchronous tests need to start one: not in one process.
test: lint
	$(PY) -m pytest -n auto --dist loadgroup --ignore tests/browser $(ARGS)
	$(PY) -m pytest -n 2 --dist loadfile tests/browser $(ARGS)

## campaign: the fault tests with the full figures of docs/reliability.md; takes hours
campaign: $(VENV)/.ready-test
	CI=true DATASETE_CAMPAIGN=true $(PY) -m pytest -n auto --ignore tests/browser -rP \
		tests/bus tests/faults tests/stores tests/pools tests/profiles tests/batch tests/plugins $(ARGS)

## lint: the checks that need no run
lint: $(VENV)/.ready-test $(COMFY)/.ready node_modules/.package-lock.json
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) tests/validate.py $(COMFY)/bin/comfy
	npm run --silent lint

## bench: every benchmark, each printing target, figure and verdict
bench: $(VENV)/.ready-test
	@status=0; for file in benchmarks/bench_*.py; do $(PY) $$file || status=1; done; exit $$status

## requirements: regenerate requirements.txt and the generated parts of the docs
requirements: $(VENV)/.ready-test
	$(PY) tests/generated.py

clean:
	rm -rf $(VENV) $(COMFY) node_modules

$(PY):
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready-serve: pyproject.toml | $(PY)
	$(PIP) $(TORCH)
	$(PIP) -e '.[workbench]'
	@touch $@

$(VENV)/.ready-test: pyproject.toml tests/setup.sh $(VENV)/.ready-serve
	$(PIP) -e '.[test,lint]'
	sh tests/setup.sh
	-$(PY) tests/kit/photographs.py
	$(PIP) --no-deps --upgrade --target build/frontend-1.49.6 comfyui-frontend-package==1.49.6
	@touch $@

# An environment of its own: 57 packages, telemetry and a video encoder among them, which nothing else here needs.
$(COMFY)/.ready:
	$(PYTHON) -m venv $(COMFY)
	$(COMFY)/bin/python -m pip install --quiet --disable-pip-version-check 'comfy-cli>=1.20'
	@touch $@

node_modules/.package-lock.json: package-lock.json
	npm ci --silent --no-audit --no-fund
	@touch $@
