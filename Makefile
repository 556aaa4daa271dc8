# `make app` opens the workbench, `make lab` the notebooks, `make test` runs the tests; all make the environment first when it is missing or out of date.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UV := VIRTUAL_ENV=.venv $(BIN)/uv
PYTEST := $(BIN)/python -m pytest -q
# Where this is set, every page, worker and test compiles all of PyTorch's Python sources again: 10 to 20 s each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: app lab check lint unit test test-browser test-processes test-long test-every-recipe mutants lock clean

.venv/.ready: requirements.lock pyproject.toml Makefile
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install -q --disable-pip-version-check uv
	$(UV) pip sync -q --no-python-downloads requirements.lock
	$(UV) pip install -q --no-deps -e .
	touch $@

app: .venv/.ready
	$(BIN)/python app.py

lab: .venv/.ready
	$(BIN)/jupyter lab --LabApp.news_url= --LabApp.extension_manager=readonly notebooks

# Style and types on one core, unit tests on the other.
check: .venv/.ready
	@$(MAKE) --no-print-directory -j2 --output-sync=target lint unit

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright
	$(BIN)/python tests/names.py
	$(BIN)/python tests/sizes.py

unit: .venv/.ready
	$(PYTEST) -m "not browser and not process and not thorough and not long and not gpu" tests

# Tests in a browser mostly wait: the others run beside them.
test: check
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-browser test-processes

test-browser: .venv/.ready
	$(PYTEST) -m "browser and not long" tests

test-processes: .venv/.ready
	$(PYTEST) -m "(process or thorough) and not browser and not long and not gpu" tests

test-long: .venv/.ready
	$(PYTEST) --timeout 1200 -m "long and not gpu" tests

# Trains, evaluates and explains every preset on a drawn miniature of its data set: hours; it goes on where it ended.
test-every-recipe: .venv/.ready
	$(BIN)/python benchmarks/every_recipe.py

# Breaks each file of losses and networks once and lists what no test noticed: an hour.
mutants: .venv/.ready
	$(BIN)/python tests/mutants.py

lock: .venv/.ready
	$(UV) pip compile -q --upgrade --extra dev --python-version 3.11 --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' pyproject.toml -o requirements.lock
	sed -i 's#($(CURDIR)/#(#' requirements.lock

clean:
	rm -rf .venv
